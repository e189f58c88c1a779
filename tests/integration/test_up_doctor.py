"""`campaign doctor`: each part graded, with what to do where something is to be done."""

import json
import socket
from dataclasses import replace
from datetime import timedelta

import pytest

from campaign.cli import checkup_machine as machine
from campaign.cli import checkup_systems as systems
from campaign.cli.app import app
from campaign.cli.doctor import everything, exit_code
from campaign.cli.finding import Finding, Grade
from campaign.config import Settings
from campaign.errors import StationUnreachable
from campaign.ports.station import StationIdentity
from tests.fakes.plant import LAYOUT, sqlite_plant
from tests.fakes.prefect_server import fake_prefect
from tests.servers.process import free_port


@pytest.fixture
def settings(tmp_path):
    url = f"http://127.0.0.1:{free_port()}/api"
    return Settings.load(home=tmp_path, prefect_url=url, prefect_port=free_port(), web_port=free_port())


@pytest.fixture
def plant(tmp_path):
    with sqlite_plant(tmp_path) as made:
        yield made


def finding(grade: str, part: str = "x") -> Finding:
    return Finding(part, Grade(grade), "")


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([], 0),
        ([finding("ok"), finding("note")], 0),
        ([finding("bad", "configs")], 2),
        ([finding("bad", "configs"), finding("bad", "worker")], 3),
        ([finding("ok"), finding("bad", "worker")], 3),
    ],
)
def test_the_exit_code_tells_definitions_from_systems(findings, code):
    assert exit_code(findings) == code


def test_a_fresh_machine_is_told_to_begin(settings):
    found = {f.part: f for f in everything(settings)}
    assert (found["database"].grade, found["database"].todo) == (Grade.NOTE, "start with `campaign init`")
    assert (found["prefect server"].grade, found["prefect server"].todo) == (
        Grade.BAD, "start it with `campaign up`",
    )  # fmt: skip
    assert {found[part].grade for part in ("python", "prefect", "sqlalchemy", "home", "configs")} == {
        Grade.OK
    }
    assert not (settings.home / "campaign.db").exists()


def test_every_finding_that_is_bad_says_what_to_do(settings):
    assert all(f.todo for f in everything(settings) if f.grade is Grade.BAD)


def test_a_folder_that_is_not_there_yet_is_not_made(tmp_path):
    assert machine.home(tmp_path / "a" / "b").grade is Grade.OK
    assert list(tmp_path.iterdir()) == []


def test_a_port_is_free_or_ours_or_taken_by_somebody(settings):
    with socket.create_server(("127.0.0.1", settings.web_port)):
        ours, taken = machine.ports(settings, prefect_runs=True)
    assert (ours.grade, taken.grade) == (Grade.OK, Grade.BAD)
    assert taken.todo == "stop it, or set CAMPAIGN_WEB_PORT"
    assert {f.grade for f in machine.ports(settings, prefect_runs=False)} == {Grade.OK}


def prefect_grades(settings: Settings, url: str) -> dict[str, Grade]:
    told = Settings.load(**settings.model_dump() | {"prefect_url": url})
    return {f.part: f.grade for f in systems.prefect(told)}


def test_prefect_needs_its_deployments_and_a_worker(settings):
    ok, bad = Grade.OK, Grade.BAD
    with fake_prefect() as server:
        assert prefect_grades(settings, server.url) == {"prefect server": ok, "flows": ok, "worker": ok}
        server.workers = []
        server.deployments.pop("run-batch/run-batch")
        assert prefect_grades(settings, server.url) == {"prefect server": ok, "flows": bad, "worker": bad}


def test_a_database_of_a_newer_program_is_told(settings, plant):
    import sqlite3

    plant.services.store.close()
    with sqlite3.connect(settings.home / "campaign.db") as raw:
        raw.execute("update alembic_version set version_num = '9999'")
    raw.close()
    [found] = systems.database(settings)
    assert (found.grade, "newer than this program" in found.found) == (Grade.BAD, True)


class Said:
    """Stations that answer as told."""

    def __init__(self, answer: StationIdentity | StationUnreachable) -> None:
        self.answer = answer

    def identify(self, station: str) -> StationIdentity:
        if isinstance(self.answer, StationUnreachable):
            raise self.answer
        return self.answer


def test_a_station_is_graded_by_what_it_says(plant):
    wall = plant.clock.wall()
    well = StationIdentity("S1", "1.0", wall, 10**10)
    graded = []
    for said in (
        well,
        replace(well, clock=wall + systems.MOST_SKEW + timedelta(seconds=1)),
        replace(well, disk_free_bytes=machine.NO_DISK - 1),
        replace(well, blocked_by="f" * 32),
        StationUnreachable("S1", "connection refused"),
    ):
        services = replace(plant.services, links=Said(said))
        graded.append(systems.station(services, "S1").grade)
    assert graded == [Grade.OK, Grade.NOTE, Grade.BAD, Grade.BAD, Grade.BAD]


def test_every_station_of_a_campaign_is_asked(plant):
    [nobody] = systems.stations(plant.services)
    assert nobody.grade is Grade.NOTE
    plant.launch([100, 100])
    assert len(list(systems.stations(plant.services))) == len(LAYOUT.stations)


def test_a_clock_behind_the_last_record_is_bad(plant):
    plant.launch([100, 100])
    assert systems.clock(plant.services).grade is Grade.OK
    late = replace(plant.services, clock=type(plant.clock)(plant.clock.now() - timedelta(hours=1)))
    assert systems.clock(late).grade is Grade.BAD


def test_the_command_prints_json_and_exits_with_3_while_nothing_runs(settings, monkeypatch, capsys):
    monkeypatch.setenv("CAMPAIGN_HOME", str(settings.home))
    monkeypatch.setenv("CAMPAIGN_PREFECT_URL", settings.prefect_url)
    with pytest.raises(SystemExit) as ended:
        app(["doctor", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert ended.value.code == 3
    assert {"part", "grade", "found", "todo"} == set(told[0])
