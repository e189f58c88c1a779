"""Staging: a station is given a car when it holds the whole package; uploads never hold up the reconciler."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from campaign.domain.events import SITE_CHAIN
from campaign.domain.staging import Staging, StagingState
from campaign.domain.vehicle import Status
from campaign.errors import StationIdentityRefused
from campaign.ports.station import JobVerdict
from campaign.services.staging import UPLOADS_AT_ONCE
from campaign.store import SqlStore
from tests.fakes.packages import ADMINISTRATOR, public_key
from tests.fakes.patience import eventually
from tests.fakes.plant import CODE, Plant, sqlite_plant, threaded_plant
from tests.fakes.station import FakeOutcome


def standings(plant: Plant) -> dict[str, Staging]:
    return {staging.station: staging for staging in plant.services.packages.stagings("vbv453c")}


def states(plant: Plant) -> dict[str, StagingState]:
    return {name: staging.state for name, staging in standings(plant).items()}


def holds(plant: Plant) -> list[tuple[str, str, str]]:
    with plant.services.store.read() as uow:
        return [(hold.scope, hold.target, hold.by) for hold in uow.holds.open()]


def blobs(plant: Plant) -> list[str]:
    package = plant.services.packages.get("vbv453c")
    return [*(row.sha256 for row in package.manifest.files), str(package.digest)]


def site_facts(plant: Plant, kind: str) -> list[str]:
    log = plant.services.views.log(SITE_CHAIN, limit=1000)
    return [event.fact.data["station"] for event in reversed(log) if event.fact.kind.value == kind]


@contextmanager
def statements(plant: Plant) -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    store, sent = plant.services.store, []
    assert isinstance(store, SqlStore)

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield sent
    event.remove(store.engine, "before_cursor_execute", note)


# -- in one thread: the rules ------------------------------------------------------------------------------


def test_every_station_gets_the_files_and_the_sheet_before_a_car(plant: Plant) -> None:
    plant.launch([300, 300])
    for station in ("S1", "S2"):
        assert list(plant.stations.files(station).whole) == blobs(plant)
    assert set(states(plant).values()) == {StagingState.STAGED}
    assert sorted(site_facts(plant, "package.staged")) == ["S1", "S2"]
    assert len(plant.stations.starts) == 2


def test_a_job_names_the_signed_sheet_and_the_gate(plant: Plant) -> None:
    plant.launch([300, 300])
    _, job = plant.stations.starts[0]
    assert job.digest == plant.services.packages.get("vbv453c").digest
    assert job.gate == "display:270"


def test_a_station_without_the_package_is_given_no_car(plant: Plant) -> None:
    plant.stations.files("S1").refuse = "disk"
    plant.launch([300, 300])
    assert [station for station, _ in plant.stations.starts] == ["S2"]
    assert standings(plant)["S1"].state is StagingState.FAILED
    assert "disk" in standings(plant)["S1"].detail


def test_a_full_disk_that_was_cleared_is_tried_again(plant: Plant) -> None:
    plant.stations.files("S1").refuse = "disk"
    plant.launch([300, 300])
    plant.stations.files("S1").refuse = ""
    plant.tick()
    assert states(plant)["S1"] is StagingState.FAILED  # it rests
    plant.advance(seconds=6)
    plant.tick()
    assert states(plant)["S1"] is StagingState.STAGED


def test_an_upload_goes_on_where_it_was_cut(plant: Plant) -> None:
    plant.stations.files("S1").cut_after = 2000
    plant.launch([300, 300])
    assert (states(plant)["S1"], states(plant)["S2"]) == (StagingState.WAITING, StagingState.STAGED)
    before = plant.stations.files("S1").have(blobs(plant)[0])
    assert (before.size, before.complete) == (2000, False)
    plant.advance(seconds=6)
    plant.tick()
    assert states(plant)["S1"] is StagingState.STAGED


def test_a_station_that_is_away_is_tried_again_ever_more_seldom(plant: Plant) -> None:
    plant.stations.take_down("S1")
    plant.launch([300, 300])
    tries = 0
    for seconds in (6, 6, 6):
        plant.advance(seconds=seconds)
        before = standings(plant)["S1"].at
        plant.tick()
        tries += standings(plant)["S1"].at != before
    assert tries == 2  # after 5 s, and after 10 s more
    plant.stations.bring_up("S1")
    plant.advance(minutes=6)
    plant.tick()
    assert states(plant)["S1"] is StagingState.STAGED


def test_a_station_whose_key_changed_needs_a_person(plant: Plant) -> None:
    plant.stations.take_down("S1", StationIdentityRefused("S1", "its host key changed"))
    plant.launch([300, 300])
    assert standings(plant)["S1"].state is StagingState.FAILED


def test_another_checksum_holds_the_package_once_and_everywhere(plant: Plant) -> None:
    for station in ("S1", "S2"):
        plant.stations.files(station).refuse = "checksum"
    plant.launch([300, 300])
    plant.tick(3)
    plant.advance(minutes=10)
    plant.tick(3)
    assert holds(plant) == [("package", "vbv453c", "orchestrator")]
    assert plant.stations.starts == []
    assert plant.facts().count("hold.set") == 1
    assert StagingState.FAILED in states(plant).values()


def test_a_lifted_hold_brings_the_package_again(plant: Plant) -> None:
    plant.stations.files("S1").refuse = "checksum"
    plant.launch([300, 300])
    plant.stations.files("S1").refuse = ""
    with plant.services.store.read() as uow:
        (hold,) = uow.holds.open()
    plant.services.quality.lift_hold(plant.actor("chen"), hold.id, "the cable was replaced")
    plant.advance(seconds=3)
    plant.tick()
    assert set(states(plant).values()) == {StagingState.STAGED}


def test_a_file_that_is_damaged_here_goes_nowhere(plant: Plant) -> None:
    plant.spoil(blobs(plant)[0])
    plant.launch([300, 300])
    plant.tick(2)
    assert holds(plant) == [("package", "vbv453c", "orchestrator")]
    assert all(plant.stations.files(station).uploads == 0 for station in ("S1", "S2"))
    assert plant.stations.starts == []


def test_a_key_that_is_revoked_stops_the_staging(plant: Plant) -> None:
    plant.stations.take_down("S1")
    plant.launch([100, 100])
    plant.services.packages.revoke_key(ADMINISTRATOR, public_key(), "stolen")
    with plant.services.store.read() as uow:
        (hold,) = uow.holds.open()
    plant.services.quality.lift_hold(plant.actor("chen"), hold.id, "we go on")
    plant.stations.bring_up("S1")
    plant.advance(minutes=1)
    plant.tick()
    assert holds(plant) == [("package", "vbv453c", "orchestrator")]
    assert "S1" not in site_facts(plant, "package.staged")


def test_a_station_that_lost_a_file_gets_it_again(plant: Plant) -> None:
    plant.launch([100, 100])
    del plant.stations.files("S2").whole[blobs(plant)[0]]
    plant.advance(minutes=11)
    plant.tick(2)
    assert site_facts(plant, "package.lost") == ["S2"]
    assert site_facts(plant, "package.staged") == ["S1", "S2", "S2"]
    assert blobs(plant)[0] in plant.stations.files("S2").whole


def test_a_station_that_misses_the_package_at_a_flash_gets_it_again(plant: Plant) -> None:
    plant.add_cars([300, 300])
    plant.outcome(1, FakeOutcome(JobVerdict.ERROR, "VBV4.5.2C", fault="package_missing", written=False))
    plant.services.planning.launch(plant.actor("wang"), plant.rules, reason="go")
    plant.tick()
    station = next(name for name, job in plant.stations.starts if job.vin == plant.car(1).vin)
    plant.stations.files(station).whole.clear()
    plant.outcome(1, FakeOutcome())
    plant.tick(2)
    assert site_facts(plant, "package.lost") == [station]
    assert blobs(plant)[-1] in plant.stations.files(station).whole


def test_a_quiet_look_costs_one_query(tmp_path: Path) -> None:
    with sqlite_plant(tmp_path) as plant:
        plant.launch([100, 100])
        plant.tick(2)
        with statements(plant) as sent:
            assert plant.services.staging.advance(CODE) == 0
        assert len([statement for statement in sent if statement.startswith("SELECT")]) == 1


def test_a_paused_campaign_brings_nothing(plant: Plant) -> None:
    plant.stations.take_down("S1")
    plant.launch([100, 100])
    plant.services.control.pause(plant.actor("wang"), CODE, "night")
    plant.stations.bring_up("S1")
    plant.advance(minutes=1)
    plant.tick()
    assert plant.stations.files("S1").uploads == 0


# -- in threads: nothing waits ------------------------------------------------------------------------------


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Plant]:
    """Ten stations whose uploads wait in the middle until `gate` is set, over SQLite."""
    with threaded_plant(tmp_path, [f"S{n}" for n in range(1, 11)]) as plant:
        yield plant
        for name in plant.stations.names:
            gate = plant.stations.files(name).gate
            if gate is not None:
                gate.set()


def gated(plant: Plant) -> threading.Event:
    gate = threading.Event()
    for name in plant.stations.names:
        plant.stations.files(name).gate = gate
    return gate


def test_at_most_four_uploads_run_at_once_and_the_reconciler_does_not_wait(busy: Plant) -> None:
    gate = gated(busy)
    busy.launch([300, 300])
    running = lambda: [n for n in busy.stations.names if busy.stations.files(n).uploads]  # noqa: E731
    eventually(lambda: len(running()) == UPLOADS_AT_ONCE)
    assert busy.tick().staging == 10
    assert list(states(busy).values()).count(StagingState.UPLOADING) == UPLOADS_AT_ONCE
    assert len(running()) == UPLOADS_AT_ONCE
    assert busy.stations.starts == []
    gate.set()
    eventually(lambda: busy.tick().staging == 0)
    assert set(states(busy).values()) == {StagingState.STAGED}
    eventually(lambda: busy.tick() and busy.car(1).status is Status.FLASHED)


def test_a_second_process_does_not_bring_the_same(tmp_path: Path) -> None:
    with threaded_plant(tmp_path, ["S1", "S2"]) as plant:
        gate = gated(plant)
        plant.launch([300, 300])
        eventually(lambda: all(plant.stations.files(name).uploads for name in plant.stations.names))
        other = plant.another_staging()
        try:
            other.advance(CODE)
            eventually(lambda: not other.under_way())
            assert [plant.stations.files(name).uploads for name in plant.stations.names] == [1, 1]
        finally:
            gate.set()
            other.close()


def test_closing_does_not_wait_for_a_long_upload(tmp_path: Path) -> None:
    with threaded_plant(tmp_path, ["S1"]) as plant:
        gate = gated(plant)
        plant.launch([300, 300])
        eventually(lambda: plant.stations.files("S1").uploads == 1)
        plant.services.staging.stop()
        gate.set()
    assert plant.stations.closed
