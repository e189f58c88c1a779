"""The demo in front of a viewer: a case in the middle of its campaign, going on with flows, stations and people."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from campaign.cli import demo_home
from campaign.cli.demo_home import Told
from campaign.cli.demo_stations import demo_stations
from campaign.cli.language import lang, tr
from campaign.cli.show import line, table
from campaign.cli.small_campaign import FLASH_S, SOME_FAULTS, cars_folder, cheap_hasher
from campaign.cli.steps import Steps
from campaign.cli.up import check_ports, start_all
from campaign.wording import roles_text

if TYPE_CHECKING:
    from campaign.bootstrap import Services
    from campaign.config import Settings
    from campaign.yard.fast_forward import Standing
    from campaign.yard.scene import Case

SPEED = 60.0
"""Campaign time against real time: a flash takes 45 s, six hours of charging six minutes."""
READ_POINTS_EVERY = timedelta(minutes=40)
"""Of campaign time: a viewer sees the cars get fuller."""
PASSWORDS = "people.json"


def run_live_demo(settings: Settings, wanted: Told, *, speed: float, to_the_end: bool) -> None:
    """Load the case into `settings.home` unless it is there, then go on until Ctrl-C. Raises Stop, SiteError."""
    check_ports(settings)
    case = demo_home.make_case(settings, wanted)
    fresh = demo_home.make_room(settings.home, wanted)
    over = until_told()
    with Steps() as steps:
        if not fresh:
            steps.say(tr("going on with the demo in {home}", "继续 {home} 中的演示", home=settings.home))
        elif load(settings, case, steps, over, to_the_end=to_the_end):
            demo_home.tell(settings.home, Told(wanted.vehicles, wanted.seed, wanted.code, ready=True))
        if not over.is_set():
            go_on(settings, case, steps, over, speed=speed)
    line(tr("stopped", "已停止"))


def until_told() -> Event:
    """Set by Ctrl-C or a polite kill; a second one does not wait for a clean end."""
    over = Event()

    def told(number: int, frame: FrameType | None) -> None:
        if over.is_set():
            signal.default_int_handler(number, frame)
        over.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told)
    return over


def load(settings: Settings, case: Case, steps: Steps, over: Event, *, to_the_end: bool) -> bool:
    """From the empty database to the middle (or the end) of the campaign, in virtual time. False: told to stop."""
    from campaign.bootstrap import build
    from campaign.cli.setting_up import configured_people
    from campaign.yard import scene
    from campaign.yard.at_once import AtOnce
    from campaign.yard.pace import Pace
    from campaign.yard.rehearsal import Rehearsal

    steps.begin(tr("Database, site, people", "数据库、场地、人员"))
    rehearsal = Rehearsal.of(case)
    with closing(
        build(
            settings,
            links=rehearsal.stations,
            clock=rehearsal.clock,
            hasher=cheap_hasher(),
            uploads=AtOnce(),
        )
    ) as services:
        people = configured_people(settings.configs)
        staff = scene.set_up(services, case, people, settings.secrets_dir / PASSWORDS)
        steps.begin(tr("Lists of {n} cars and their orders", "导入 {n} 台车辆清单与订单", n=len(case.cars)))
        scene.take_in(services, staff, case, settings.home / "lists")
        steps.begin(tr("Plan and launch {code}", "排程并启动 {code}", code=case.rules.code))
        scene.launch(services, staff, case)
        goal = len(case.cars) if to_the_end else -(-len(case.cars) // 2)
        steps.begin(tr("The first days, fast", "快进最初几天"), total=goal)
        rehearsal.play(
            services,
            rehearsal.crew(services, staff),
            lambda seen: over.is_set() or (not to_the_end and worth_watching(case, seen)),
            lambda seen: steps.move(min(seen.released, goal), moment_of(case, seen)),
        )
        steps.begin(tr("Virtual cars for the stations", "为工位准备虚拟车辆"))
        rehearsal.world.save(cars_folder(settings), rehearsal.clock.now())
        Pace(rehearsal.clock.now(), datetime.now(UTC), 1.0).write(settings.clock_file)
    return not over.is_set()


def worth_watching(case: Case, seen: Standing) -> bool:
    """Half of the cars have left, and QA just came: there is something to decide.

    Where the stations have less than a day's work left, the viewer does not wait for the morning.
    """
    from campaign.domain.vehicle import Status
    from campaign.yard.live import qa_just_came

    a_day = len(case.layout.stations) * 24 * 3600 // FLASH_S
    to_flash = sum(seen.counts.get(s, 0) for s in (Status.QUEUED, Status.CHARGING, Status.CHARGED))
    return seen.middle and (to_flash < a_day or qa_just_came(case.layout, seen.now))


def go_on(settings: Settings, case: Case, steps: Steps, over: Event, *, speed: float) -> None:
    """Stations, flows and board up, the crew at work, until told to stop."""
    from campaign.bootstrap import build

    steps.begin(tr("Stations behind an SSH server", "通过 SSH 连接的刷写工位"))
    stations = demo_stations(settings, case, FLASH_S / speed, SOME_FAULTS)
    with stations as served, closing(build(settings)) as services:
        set_pace(settings, services, case.rules.code, speed)
        steps.begin(tr("Prefect server, worker and board", "Prefect 服务器、工作进程与看板"))
        with start_all(settings, tell=steps.say):
            with steps.interlude():
                line()
                table_of_people(settings, services)
                line(where(settings, speed))
            work(settings, services, case, steps, over, served.keep)
            steps.begin(tr("Stopping", "正在停止"))


def set_pace(settings: Settings, services: Services, code: str, speed: float) -> None:
    """Campaign time goes on from the last thing that happened, however long nobody looked."""
    from campaign.yard.pace import Pace

    last = services.views.log(code, limit=1)
    at = max((event.fact.at for event in last), default=Pace.read(settings.clock_file).campaign)
    Pace(at + timedelta(seconds=1), datetime.now(UTC), speed).write(settings.clock_file)


def work(
    settings: Settings,
    services: Services,
    case: Case,
    steps: Steps,
    over: Event,
    keep_serving: Callable[[], None],
) -> None:
    """The crew in real time; after the last release the board stays up until told to stop."""
    from campaign.yard.crew import Crew, Habits
    from campaign.yard.live import work_until
    from campaign.yard.people import Staff, read_passwords
    from campaign.yard.world import World

    staff = Staff(services.people, read_passwords(settings.secrets_dir / PASSWORDS))
    world = World.load(cars_folder(settings), case.seed)
    habits = Habits(seed=case.seed, points_every=READ_POINTS_EVERY)
    crew = Crew(services, staff, world, layout=case.layout, code=case.rules.code, habits=habits)
    steps.begin(tr("Released", "已放行"), total=len(case.cars))

    def told(seen: Standing) -> None:
        keep_serving()
        steps.move(seen.released, moment_of(case, seen))

    work_until(services, crew, case.rules.code, over, on_progress=told)
    if not over.is_set():
        steps.say(tr("Every car has left; the board stays up", "全部车辆已处理完毕，看板继续运行"))
        over.wait()


def moment_of(case: Case, seen: Standing) -> str:
    """Campaign time at the site, and how many cars left."""
    local = seen.now.astimezone(ZoneInfo(case.layout.zone))
    return f"{local:%Y-%m-%d %H:%M}  {seen.released} / {seen.cars}"


def where(settings: Settings, speed: float) -> str:
    """The addresses, and how to stop."""
    return tr(
        "\n  Board        {board}\n  Prefect      {flows}\n"
        "  Time runs {speed:g} times as fast as real time. Ctrl-C stops everything.\n",
        "\n  看板          {board}\n  Prefect 流程  {flows}\n  时间以 {speed:g} 倍速运行，Ctrl-C 停止全部。\n",
        board=settings.web_url,
        flows=settings.prefect_url.removesuffix("/api"),
        speed=speed,
    )


def table_of_people(settings: Settings, services: Services) -> None:
    """The demo's sign-ins."""
    from campaign.yard.people import read_passwords

    passwords = read_passwords(settings.secrets_dir / PASSWORDS)
    columns = (tr("sign-in", "登录名"), tr("password", "密码"), tr("name", "姓名"), tr("roles", "角色"))
    rows = [
        (
            who.id,
            passwords[who.id],
            who.name_zh if lang() == "zh" else who.name,
            roles_text(sorted(who.roles), lang()),
        )
        for who in services.people.all()
        if who.id in passwords
    ]
    table(columns, rows)
