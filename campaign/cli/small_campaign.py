"""A small campaign from import to the last release: real Prefect flow runs, real SSH stations, real sign-offs.

The demo's `--headless` and the tests that break things on the way run this very code.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from campaign.cli.demo_home import CHEAP_KIB, Told, first_campaign, make_case, make_room
from campaign.cli.demo_stations import demo_stations
from campaign.cli.up import Running, start_all
from campaign.errors import FlowsUnreachable, SiteError

if TYPE_CHECKING:
    from campaign.bootstrap import Services
    from campaign.config import Settings
    from campaign.station.serving import ServedStations
    from campaign.yard.given import Given
    from campaign.yard.people import Staff
    from campaign.yard.proof import Proof
    from campaign.yard.scene import Case
    from flows.forms import LaunchCampaign
    from flows.rest import Run

SPEED = 1500.0
"""Campaign time against real time: a flash of 45 minutes takes 1.8 s."""
FLASH_S = 45 * 60
LAUNCHED_WITHIN_S = 180.0
NO_FAULTS: Mapping[str, float] = {}
SOME_FAULTS: Mapping[str, float] = {"fail_rate": 0.01, "error_rate": 0.01, "silent_rate": 0.01}
"""Parts of the flashes in which the car refuses, the station fails, or the car falls silent."""

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. `within_s` is real time for the work itself, from the launch on."""

    vehicles: int = 120
    seed: int = 1
    speed: float = SPEED
    faults: Mapping[str, float] = field(default_factory=lambda: SOME_FAULTS)
    within_s: float = 900.0


@dataclass(frozen=True, slots=True)
class Summary:
    """How it ended. `audit` is "ok" when the chain is whole and no rule was broken, else what was found first."""

    vehicles: int
    released: int
    attempts: int
    events: int
    audit: str
    seconds: float

    @property
    def good(self) -> bool:
        """Every car was released under the rules."""
        return self.audit == "ok" and self.released == self.vehicles

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Stage:
    """The small campaign while it runs: what a test that breaks things may break."""

    settings: Settings
    services: Services
    served: ServedStations
    running: Running
    code: str


def run_small_campaign(
    settings: Settings,
    plan: Plan,
    *,
    say: Say = print,
    on_stage: Callable[[Stage], object] = lambda _: None,
    lend: Callable[[Services], Given] = lambda services: services,
) -> Summary:
    """Run it in `settings.home`, which is emptied first. `lend`: what the crew is given to act with.

    Raises SiteError when it does not come to its end in time.
    """
    from campaign.bootstrap import build
    from campaign.yard.pace import Pace
    from campaign.yard.world import World

    began = time.monotonic()
    told = Told(plan.vehicles, plan.seed, first_campaign(settings))
    case = make_case(settings, told)
    make_room(settings.home, told)
    Pace(case.start, datetime.now(UTC), 1.0).write(settings.clock_file)
    services = build(settings, hasher=cheap_hasher())
    try:
        staff = _load(services, settings, case, say)
        with demo_stations(settings, case, FLASH_S / plan.speed, plan.faults) as stations:
            served = stations.served
            say(f"{len(served.addresses)} stations answer over SSH ({served.kind.value})")
            with start_all(settings, tell=say, web=False) as running:
                on_stage(Stage(settings, services, served, running, told.code))
                launch_by_flow(settings, staff, case, say)
                Pace(services.clock.now(), datetime.now(UTC), plan.speed).write(settings.clock_file)
                world = World.load(cars_folder(settings), plan.seed)
                _work(lend(services), staff, world, case, settings, plan, say)
        proof = _proved(services, told.code, say)
    finally:
        services.close()
    audit = "ok" if not proof.violations else str(proof.violations[0])
    seconds = round(time.monotonic() - began, 1)
    return Summary(plan.vehicles, proof.released, proof.attempts, proof.events, audit, seconds)


def cheap_hasher() -> Any:
    """Argon2id at its smallest recommended cost, so that a demo does not spend its time on made-up passwords."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=CHEAP_KIB, parallelism=1)


def cars_folder(settings: Settings) -> Path:
    """Where the virtual cars are files."""
    return settings.stations_home / "cars"


def launch_by_flow(settings: Settings, staff: Staff, case: Case, say: Say) -> None:
    """Ask Prefect for the launch as a planner does, and wait until it was done. Raises SiteError.

    A server that is busy or away for a moment is asked again, and a run that crashed is followed by another one.
    """
    from campaign.domain.people import Role
    from campaign.yard.scene import LAUNCH_REASON
    from flows.rest import StateType
    from flows.starting import checked

    planner = staff.with_role(Role.PLANNER)[0]
    form = checked({"campaign": case.rules.code, "planner": planner, "reason": LAUNCH_REASON})
    deadline = time.monotonic() + LAUNCHED_WITHIN_S
    while True:
        try:
            ended = _launch_run(settings, form)
        except FlowsUnreachable as away:
            if time.monotonic() > deadline:
                raise
            say(f"asking again: {away}")
            time.sleep(1.0)
            continue
        if ended.state is StateType.COMPLETED:
            say(f"launched by flow run {ended.name}: {ended.message}")
            return
        if ended.state is not StateType.CRASHED or time.monotonic() > deadline:
            raise SiteError(f"the launch ended as {ended.state_name}: {ended.message} - {ended.page}")


def _launch_run(settings: Settings, form: LaunchCampaign) -> Run:
    """The newest run of the launch, asked for unless one is there that did not crash; waits for its end."""
    from flows.rest import PrefectApi, StateType
    from flows.starting import LAUNCH, request_launch, wait_for

    there = PrefectApi(settings.prefect_url).runs(deployment=LAUNCH, tags=[form.campaign], newest=1)
    alive = [run for run in there if run.state is not StateType.CRASHED]
    run = alive[0] if alive else request_launch(settings, form)
    return wait_for(settings, run, within_s=LAUNCHED_WITHIN_S)


def _load(services: Services, settings: Settings, case: Case, say: Say) -> Staff:
    from campaign.cli.setting_up import configured_people
    from campaign.yard import scene

    people = configured_people(settings.configs)
    staff = scene.set_up(services, case, people, settings.secrets_dir / "people.json")
    cars, orders = scene.take_in(services, staff, case, settings.home / "lists")
    scene.new_world(case).save(cars_folder(settings), case.start)
    say(f"imported {cars} cars and {orders} orders; {len(people)} people, site {case.layout.code}")
    return staff


def _work(
    given: Given,
    staff: Staff,
    world: Any,
    case: Case,
    settings: Settings,
    plan: Plan,
    say: Say,
) -> None:
    """The crew works until the campaign is complete. Raises SiteError when time is up."""
    from campaign.yard.crew import Crew, Habits
    from campaign.yard.live import Skipping, work_until

    crew = Crew(given, staff, world, layout=case.layout, code=case.rules.code, habits=Habits(seed=plan.seed))
    over = Event()
    deadline = time.monotonic() + plan.within_s

    def told(seen: Any) -> None:
        counts = ", ".join(f"{n} {status.value}" for status, n in sorted(seen.counts.items()) if n)
        say(f"{seen.now:%m-%d %H:%M} released {seen.released} of {seen.cars} ({counts})")
        if time.monotonic() > deadline:
            over.set()

    skipping = Skipping(settings.clock_file, case.layout)
    seen = work_until(given, crew, case.rules.code, over, on_progress=told, skipping=skipping)
    if seen is None or not seen.complete:
        counts = {} if seen is None else {status.value: n for status, n in seen.counts.items()}
        raise SiteError(f"the campaign was not complete after {plan.within_s:.0f} s: {counts}")


def _proved(services: Services, code: str, say: Say) -> Proof:
    from campaign.yard.proof import prove_campaign

    proof = prove_campaign(services.store, services.views, code)
    for violation in proof.violations[:20]:
        say(str(violation))
    return proof
