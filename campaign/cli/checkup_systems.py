"""What `campaign doctor` looks at beside this machine: database, Prefect, clock, stations."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from campaign.cli.checkup_machine import NO_DISK
from campaign.cli.finding import Finding, Grade, ok
from campaign.cli.language import tr
from campaign.config import STORES, Settings
from campaign.errors import CallerError, CampaignError, FlowsUnreachable, StationError

if TYPE_CHECKING:
    from campaign.bootstrap import Services
    from flows.rest import PrefectApi

DEPLOYMENTS = ("launch-campaign", "advance-campaign", "run-batch", "watch", "forecast", "daily-report")
MOST_SKEW = timedelta(minutes=5)
BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock of a machine that runs this program can be before it was written."""


def database(settings: Settings) -> Generator[Finding, None, Services | None]:
    """The database and its schema; returns the services over it, or None. Makes and upgrades nothing."""
    from campaign.bootstrap import build
    from campaign.store import open_store

    file = Path(settings.database_url.removeprefix(STORES[0]).partition("?")[0])
    if settings.database_url.startswith(STORES[0]) and not file.exists():
        todo = tr("start with `campaign init`", "请先运行 `campaign init`")
        yield Finding("database", Grade.NOTE, tr("not made yet", "尚未创建"), todo)
        return None
    try:
        open_store(settings.database_url, upgrade=False).close()
        services = build(settings)
        people = sum(1 for person in services.people.all() if person.password_hash)
    except CampaignError as broken:
        todo = tr(
            "see the message; the server must run and be reachable", "请按提示处理；数据库须在运行且可连接"
        )
        yield Finding("database", Grade.BAD, str(broken), todo)
        return None
    kind = settings.database_url.partition("+")[0]
    found = tr("{kind}, {n} people can sign in", "{kind}，{n} 人可登录", kind=kind, n=people)
    todo = "" if people else tr("start with `campaign init`", "请先运行 `campaign init`")
    yield Finding("database", Grade.OK if people else Grade.NOTE, found, todo)
    return services


def prefect(settings: Settings) -> Generator[Finding, None, bool]:
    """The Prefect server, its deployments and its worker; returns whether the server answers."""
    from flows.rest import PrefectApi

    api = PrefectApi(settings.prefect_url, timeout_s=5)
    start = tr("start it with `campaign up`", "请用 `campaign up` 启动")
    if not api.healthy():
        found = tr("does not answer at {url}", "{url} 无应答", url=settings.prefect_url)
        yield Finding("prefect server", Grade.BAD, found, start)
        return False
    try:
        yield ok("prefect server", f"{api.version()} {settings.prefect_url}")
        missing = [name for name in DEPLOYMENTS if not _deployed(api, name)]
        found = tr("missing: {names}", "缺少：{names}", names=", ".join(missing))
        yield Finding("flows", Grade.BAD, found, start) if missing else ok("flows", ", ".join(DEPLOYMENTS))
        online = api.workers_online(settings.work_pool)
        nobody = Finding("worker", Grade.BAD, tr("none is online", "没有在线的工作进程"), start)
        yield ok("worker", ", ".join(online)) if online else nobody
    except (FlowsUnreachable, CallerError) as broken:
        yield Finding("prefect server", Grade.BAD, str(broken), start)
    return True


def clock(services: Services) -> Finding:
    """The server's clock rules (rule 9): it must not be behind what was written already."""
    from campaign.domain.events import SITE_CHAIN

    wall, now = services.clock.wall(), services.clock.now()
    newest = services.views.log(SITE_CHAIN, limit=1)
    for campaign in services.views.campaigns()[:5]:
        newest += services.views.log(campaign.code, limit=1)
    last = max((event.fact.at for event in newest), default=BUILT)
    found = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    todo = tr("set this machine's clock (NTP)", "请校准本机时钟（NTP）")
    if wall < BUILT:
        return Finding("clock", Grade.BAD, found, todo)
    if last > now + MOST_SKEW:
        behind = tr("{now} is before the last record, {last}", "{now} 早于最后一条记录 {last}", now=found,
                    last=f"{last:%Y-%m-%d %H:%M} UTC")  # fmt: skip
        return Finding("clock", Grade.BAD, behind, todo)
    return ok("clock", found)


def stations(services: Services) -> Iterator[Finding]:
    """Every station of every site that has a campaign: answers, its clock, its disk, what blocks it."""
    sites = sorted({campaign.rules.site for campaign in services.views.campaigns()})
    names = [place.name for site in sites for place in services.sites.get(site).stations]
    if not names:
        yield Finding("stations", Grade.NOTE, tr("no campaign uses any yet", "尚无活动使用工位"))
    for name in names:
        yield station(services, name)


def station(services: Services, name: str) -> Finding:
    """One station."""
    part = tr("station {name}", "工位 {name}", name=name)
    try:
        said = services.links.identify(name)
    except StationError as silent:
        todo = tr("check its power, network and SSH server", "请检查其电源、网络和 SSH 服务")
        return Finding(part, Grade.BAD, silent.what, todo)
    skew = abs(said.clock - services.clock.wall())
    free = said.disk_free_bytes
    found = tr(
        "agent {agent}, {free:.1f} GB free",
        "代理 {agent}，剩余 {free:.1f} GB",
        agent=said.agent,
        free=free / 1e9,
    )
    if said.blocked_by:
        todo = tr("settle it: take a fresh read-back", "请处理：重新回读")
        return Finding(
            part, Grade.BAD, tr("blocked by job {job}", "被作业 {job} 占用", job=said.blocked_by), todo
        )
    if skew > MOST_SKEW:
        minutes = int(skew.total_seconds() // 60)
        todo = tr("set its clock: {n} min off", "请校准时钟：偏差 {n} 分钟", n=minutes)
        return Finding(part, Grade.NOTE, found, todo)
    if free < NO_DISK:
        return Finding(part, Grade.BAD, found, tr("make room on its disk", "请清理其磁盘空间"))
    return ok(part, found)


def _deployed(api: PrefectApi, name: str) -> bool:
    try:
        return bool(api.deployment(f"{name}/{name}"))
    except CallerError:
        return False
