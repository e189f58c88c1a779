"""The journal of every attempt is kept with its end, or as soon as it can be had, and nothing waits for it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from campaign.domain.events import Kind
from campaign.domain.people import SYSTEM_ID
from campaign.domain.vehicle import Status
from campaign.errors import NotFound, SiteError
from campaign.ports.station import JobVerdict
from campaign.services import evidence as service
from tests.fakes.journal import whole_journal
from tests.fakes.plant import CODE, Plant, plant_over, vin_no
from tests.fakes.station import FakeOutcome
from tests.fakes.store import FakeStore
from tests.fakes.vault import FakeVault
from tests.fakes.views import FakeViews


class Vault(FakeVault):
    """A vault whose disk may be full."""

    full: SiteError | None = None

    def put(self, *args, **named):
        if self.full is not None:
            raise self.full
        return super().put(*args, **named)


@pytest.fixture
def vault() -> Vault:
    return Vault()


@pytest.fixture
def plant(vault: Vault) -> Iterator[Plant]:
    """Everything in memory: what SQL does with it, the store's contract says."""
    store = FakeStore()
    made = plant_over(store, FakeViews(store), vault=vault)
    yield made
    made.services.close()


def files(plant: Plant, n: int = 1):
    return plant.services.evidence.of_car(plant.actor("xu"), vin_no(n))


def ended(plant: Plant, n: int = 1):
    return [e.fact for e in plant.services.views.story(vin_no(n)) if e.fact.kind is Kind.ATTEMPT_ENDED]


def kinds(plant: Plant, n: int = 1) -> list[str]:
    return plant.facts(vin_no(n))


def test_a_flash_keeps_its_journal_with_its_end(plant) -> None:
    plant.launch([300, 300])
    plant.tick()
    (file,) = files(plant)
    assert file.kept is not None
    assert file.kept.evidence.job == file.attempt.job_id
    raw = b"".join(plant.services.evidence.raw(plant.actor("xu"), file.kept))
    assert [json.loads(line)["record"] for line in raw.splitlines()] == ["start", "end"]
    assert ended(plant)[0].data["journal"] == file.kept.journal
    assert (file.kept.size, file.kept.cut) == (len(raw), False)


def test_what_the_station_told_is_found_again(plant) -> None:
    plant.stations.journals[vin_no(1)] = whole_journal()[1:-1]
    plant.launch([300, 300])
    plant.tick()
    evidence = files(plant)[0].kept.evidence
    assert (evidence.driver, len(evidence.steps), evidence.package) == ("uds", 3, plant.rules.package)
    with plant.services.store.read() as uow:
        assert evidence.digest == uow.packages.get(plant.rules.package).digest


def test_who_worked_on_the_car_stands_beside_the_orchestrator(plant) -> None:
    plant.launch([200, 200])
    plant.charge(1, by="zhao")
    plant.advance(seconds=10)
    plant.tick(2)
    assert files(plant)[0].kept.people == (SYSTEM_ID, "zhao")


def test_a_lost_flash_keeps_its_journal_and_once_more_after_it_was_resolved(plant) -> None:
    plant.stations.held = True
    plant.launch([300, 300])
    attempt = files(plant)[0].attempt
    plant.stations.kill(attempt.job_id)
    plant.tick()
    first = files(plant)[0].kept
    assert (plant.car(1).status, first.evidence.verdict) == (Status.UNCERTAIN, "")
    plant.stations.put_car(vin_no(1), "VBV4.5.3C")
    plant.services.resolving.resolve(plant.actor("sun"), vin_no(1), "looked")
    plant.stations.say(attempt.job_id, json.dumps({"record": "cleared"}))
    plant.tick()
    assert files(plant)[0].kept.journal != first.journal
    assert kinds(plant).count(Kind.EVIDENCE_KEPT.value) == 1
    plant.tick(2)
    assert kinds(plant).count(Kind.EVIDENCE_KEPT.value) == 1


def cut_link(plant: Plant) -> None:
    """The station tells how the job ended; then, asked for its journal from the start, it does not answer."""
    for station in ("S1", "S2"):
        plant.stations.lose_journals(station, True)


def test_without_its_journal_an_attempt_is_settled_all_the_same(plant) -> None:
    cut_link(plant)
    plant.launch([300, 300])
    plant.tick()
    (file,) = files(plant)
    assert (plant.car(1).status, file.kept, file.attempt.evidence_due) == (Status.FLASHED, None, True)
    assert "journal" not in ended(plant)[0].data


def test_a_journal_that_came_later_is_told_of(plant) -> None:
    cut_link(plant)
    plant.launch([300, 300])
    plant.tick()
    for station in ("S1", "S2"):
        plant.stations.lose_journals(station, False)
    plant.tick()
    assert files(plant)[0].kept is None  # it was asked for in vain just now
    plant.advance(seconds=service.AGAIN_S)
    plant.tick()
    (file,) = files(plant)
    assert (file.kept is not None, file.attempt.evidence_due) == (True, False)
    (fact,) = [e.fact for e in plant.services.views.story(vin_no(1)) if e.fact.kind is Kind.EVIDENCE_KEPT]
    assert fact.data["journal"] == file.kept.journal


def test_a_stopped_campaign_is_looked_at_until_its_journals_are_there(plant) -> None:
    cut_link(plant)
    plant.launch([300, 300])
    plant.services.control.stop(plant.actor("wang"), CODE, "typhoon")
    plant.tick()
    assert plant.services.reconcile.active_codes() == [CODE]
    for station in ("S1", "S2"):
        plant.stations.lose_journals(station, False)
    plant.advance(seconds=service.AGAIN_S)
    plant.tick()
    assert plant.services.reconcile.active_codes() == []


def test_a_journal_that_the_station_has_no_more_is_given_up_and_told_of(plant) -> None:
    cut_link(plant)
    plant.launch([300, 300])
    plant.tick()
    for station in ("S1", "S2"):
        plant.stations.lose_journals(station, False)
        plant.stations.forget_jobs(station)
    plant.advance(seconds=service.AGAIN_S)
    plant.tick()
    (file,) = files(plant)
    assert (file.kept, file.attempt.evidence_due) == (None, False)
    assert Kind.EVIDENCE_LOST.value in kinds(plant)


def test_a_full_disk_of_our_own_holds_up_no_flash(plant, vault) -> None:
    vault.full = SiteError("the files folder cannot be used: No space left on device")
    plant.launch([300, 300])
    plant.tick()
    assert (plant.car(1).status, files(plant)[0].kept) == (Status.FLASHED, None)
    vault.full = None
    plant.advance(seconds=service.AGAIN_S)
    plant.tick()
    assert files(plant)[0].kept is not None


def test_a_journal_without_end_is_cut_and_says_so(plant) -> None:
    line = json.dumps({"record": "fact", "kind": "line", "text": "x" * 60_000})
    plant.stations.journals[vin_no(1)] = [line] * 200
    plant.launch([300, 300])
    plant.tick()
    kept = files(plant)[0].kept
    assert kept.cut
    assert service.MOST_BYTES <= kept.size < service.MOST_BYTES + 100_000


def test_a_long_journal_comes_in_parts_and_whole(plant) -> None:
    lines = [json.dumps({"record": "fact", "kind": "line", "text": f"{n} " + "x" * 900}) for n in range(500)]
    plant.stations.journals[vin_no(1)] = lines
    plant.launch([300, 300])
    plant.tick()
    kept = files(plant)[0].kept
    raw = b"".join(plant.services.evidence.raw(plant.actor("xu"), kept)).decode()
    assert [line for line in raw.splitlines() if '"line"' in line] == lines
    assert kept.evidence.tool_lines == len(lines)


def test_a_journal_that_was_damaged_in_the_vault_is_not_handed_out(plant, vault) -> None:
    plant.launch([300, 300])
    plant.tick()
    kept = files(plant)[0].kept
    vault.spoil(kept.journal)
    with pytest.raises(NotFound):
        plant.services.evidence.raw(plant.actor("xu"), kept)


def test_what_was_never_started_has_no_journal_to_wait_for(plant) -> None:
    plant.stations.connect_car("S1", vin_no(99))
    plant.launch([300, 300])
    plant.tick(4)
    refused = [f for n in (1, 2) for f in files(plant, n) if f.attempt.outcome.value == "never_started"]
    assert refused
    assert {(f.kept, f.attempt.evidence_due) for f in refused} == {(None, False)}


def test_attempts_come_newest_first(plant) -> None:
    plant.add_cars([300, 300])
    plant.outcome(1, FakeOutcome(JobVerdict.ERROR, "VBV4.5.2C"))
    plant.services.planning.launch(plant.actor("wang"), plant.rules, reason="go")
    plant.tick(5)
    numbers = [file.attempt.id for file in files(plant)]
    assert (len(numbers), numbers) == (2, sorted(numbers, reverse=True))
