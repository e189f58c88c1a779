"""SIGKILL at random moments of a small campaign: nothing is lost, nothing is doubled, every car leaves.

Real processes: Prefect server, worker, flow runs, stations behind SSH. The worker, the server, both, flow runs and
all of them at once are killed while 120 cars go from import to release; then the traces are read. `KILLS_SEED=8`
in the environment draws other moments; `pytest -s` shows every kill and how long it took to come back.
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from campaign.cli.process_table import with_variable
from campaign.cli.small_campaign import Plan, Summary, run_small_campaign
from campaign.cli.up import MARK
from campaign.config import SHIPPED_CONFIGS, Settings
from campaign.definitions import find_site
from campaign.store import open_store
from campaign.store.queries import SqlViews
from campaign.yard.proof import prove_campaign
from tests.acceptance.handing_in import Hands, WrittenMarks, book_of
from tests.acceptance.killer import DECK, Killer, Strike, Target
from tests.acceptance.traces import journals, recount, rows, steps, versions
from tests.servers.process import free_port

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("KILLS_SEED", "7"))
CARS = 120
CODE = "VBV453C-2026"
TARGET = "VBV4.5.3C"
AT_LEAST = 20
SPEED = 450.0
FAULTS = {"fail_rate": 0.01, "silent_rate": 0.01}
WITHIN_S = 1_200.0
NIGHT = "    start: 20:00\n    end: 08:00\n"
SUCCESS, QUESTIONED = {"flash_passed", "resolve_passed"}, {"reject", "report_fault"}


@dataclass(frozen=True)
class Story:
    """A campaign that was shot at, and is over."""

    settings: Settings
    summary: Summary
    killer: Killer
    marks: WrittenMarks
    book: Path

    @property
    def database(self) -> Path:
        """The truth."""
        return self.settings.home / "campaign.db"

    @property
    def strikes(self) -> list[Strike]:
        """Every kill."""
        return self.killer.strikes


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kills")
    settings = Settings.load(
        home=folder / "home", configs=round_the_clock(folder / "configs"), prefect_port=free_port()
    )
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {text}", flush=True)

    staged: list[Killer] = []
    hands: list[WrittenMarks] = []

    def lend(services):
        hands.append(WrittenMarks(services, folder / "crew.jsonl"))
        staged[0].start(hands[0].doubt)
        return Hands(services, hands[0])

    plan = Plan(CARS, SEED, SPEED, FAULTS, WITHIN_S)
    try:
        summary = run_small_campaign(
            settings, plan, say=say, on_stage=lambda stage: staged.append(Killer(stage, SEED, say)), lend=lend
        )
    finally:
        for killer in staged:
            killer.stop()
            for strike in killer.strikes:
                say(str(strike))
    say(f"{summary.to_json()}; {told(staged[0].strikes)}")
    return Story(settings, summary, staged[0], hands[0], folder / "crew.jsonl")


def round_the_clock(configs: Path) -> Path:
    """The shipped site, with QA in every shift: no night is waited for."""
    shutil.copytree(SHIPPED_CONFIGS, configs)
    site = configs / "sites" / "anting.yaml"
    text = site.read_text("utf-8")
    site.write_text(text.replace(NIGHT, NIGHT + "    qa: true\n"), "utf-8")
    assert find_site(configs, "anting").shifts[-1].qa
    return configs


def told(strikes: list[Strike]) -> str:
    """The seconds without a reconciler, in one line."""
    dead = [s.tick_s for s in strikes if s.tick_s is not None and s.target in (Target.POWER, Target.RUN)]
    if not dead:
        return "no reconciler was killed"
    return f"a killed reconciler was back after {statistics.median(dead):.0f} s (median), {max(dead):.0f} s (worst)"


def test_worker_and_server_were_killed_at_least_20_times_over_the_whole_campaign(story):
    assert sum(strike.counts for strike in story.strikes) >= AT_LEAST
    assert Counter(strike.target for strike in story.strikes) == Counter(DECK)
    shares = [strike.share for strike in story.strikes]
    assert min(shares) < 0.2
    assert max(shares) > 0.5


def test_after_every_kill_a_reconciler_went_on(story):
    assert [str(strike) for strike in story.strikes if strike.tick_s is None] == []


def test_every_car_was_released_under_the_twelve_rules(story):
    assert (story.summary.vehicles, story.summary.released, story.summary.audit) == (CARS, CARS, "ok")
    assert rows(story.database, "SELECT status, count(*) FROM upgrade GROUP BY 1") == [("released", CARS)]
    assert versions(story.settings.stations_home / "cars") == {TARGET: CARS}


def test_the_audit_chain_is_whole_and_a_walk_over_it_finds_no_broken_rule(story):
    store = open_store(story.settings.database_url)
    try:
        proof = prove_campaign(store, SqlViews(store), CODE)
        assert store.verify() == []
    finally:
        store.close()
    assert proof.violations == ()
    assert proof.whole


def test_no_car_was_flashed_again_after_a_success_that_nobody_questioned(story):
    taken = steps(story.database)
    assert len(taken) == CARS
    for vin, way in taken.items():
        succeeded = False
        for step in way:
            assert not (succeeded and step == "start_flash"), f"{vin}: {way}"
            succeeded = step in SUCCESS or (succeeded and step not in QUESTIONED)
        good, questioned = (sum(step in kind for step in way) for kind in (SUCCESS, QUESTIONED))
        assert succeeded, vin
        assert 1 <= good <= 1 + questioned, f"{vin}: {way}"


def test_each_job_was_started_once_on_one_station_and_every_attempt_has_its_journal(story):
    written = journals(story.settings.stations_home / "stations")
    assert Counter(journal.starts for journal in written) == {1: len(written)}
    on_stations = sorted((journal.job, journal.station, journal.vin) for journal in written)
    tried = "SELECT job_id, station, vin FROM attempt JOIN upgrade ON upgrade.id = car_id"
    begun = rows(story.database, f"{tried} WHERE outcome != 'never_started' ORDER BY 1")
    assert on_stations == begun
    assert len({job for job, _, _ in on_stations}) == len(on_stations)
    assert rows(story.database, "SELECT count(*) FROM attempt WHERE ended_at IS NULL") == [(0,)]


def test_an_attempt_passed_if_and_only_if_its_journal_says_so_with_the_target_read_back(story):
    written = journals(story.settings.stations_home / "stations")
    good = sorted(j.job for j in written if j.verdict == "pass" and j.version == TARGET)
    passed = rows(story.database, "SELECT job_id FROM attempt WHERE outcome = 'pass' ORDER BY 1")
    assert [(job,) for job in good] == passed


def test_no_mark_was_lost_and_none_was_taken_twice(story):
    book = book_of(story.book)
    logged = Counter(
        client
        for (client,) in rows(story.database, "SELECT client_id FROM event WHERE client_id IS NOT NULL")
    )
    # a car that its list calls full is handed in once, any other one twice or more
    assert len(book["sent"]) > CARS
    assert len(book["repeated"]) > 0
    assert set(book["answered"]) == set(book["sent"])
    assert logged == Counter(book["sent"])
    assert story.marks.strangers == []


def test_the_kept_counters_equal_a_recount(story):
    for what, (kept, counted) in recount(story.database).items():
        assert kept == counted, what


def test_nothing_of_it_runs_on(story):
    assert with_variable(MARK, str(story.settings.home)) == []
