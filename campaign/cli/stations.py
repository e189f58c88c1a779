"""`campaign station list|ping|drain|resume`: who is there, who answers, who starts nothing new."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from campaign.cli.failures import REFUSED, UNREACHABLE, Stop
from campaign.cli.invocation import Run, command
from campaign.cli.language import tr
from campaign.cli.parameters import AsJson, Why, argument
from campaign.cli.show import as_json, line, table
from campaign.domain.people import Right

if TYPE_CHECKING:
    from campaign.services.station_list import StationSeen
    from campaign.services.stations import Pinged

MANY = 8  # stations from which on the progress of a ping is shown
SKEWED_S = 5.0

Name = Annotated[str, argument("NAME", "The station's name in the site layout.", "场地布局中的工位名称。")]


def sites_of(run: Run) -> list[str]:
    """The sites of this installation: those of its campaigns and those that are configured."""
    from contextlib import suppress

    from campaign.cli.setting_up import configured_sites
    from campaign.errors import CampaignError

    codes = [campaign.rules.site for campaign in run.services.views.campaigns()]
    with suppress(CampaignError):
        codes += [layout.code for layout in configured_sites(run.settings.configs)]
    return list(dict.fromkeys(codes))


def skew_text(seconds: float) -> str:
    """How far a station's clock is ahead, with advice where that matters."""
    if abs(seconds) < SKEWED_S:
        return f"{seconds:+.1f} s"
    return tr("{s} s, set it right (NTP)", "{s} 秒，请校时（NTP）", s=f"{seconds:+.1f}")


def _list(run: Run, json: AsJson = False) -> None:
    seen = run.services.stations.all(run.actor, sites_of(run))
    if json:
        as_json([_station_json(one) for one in seen])
        return
    columns = (
        tr("station", "工位"), tr("address", "地址"), tr("host key", "主机密钥"), tr("packages", "软件包"),
        tr("state", "状态"),
        tr("details", "详情"),
    )  # fmt: skip
    table(
        columns,
        [
            (s.name, _address(s), s.key and s.key.fingerprint, _packages(s), _state(s), _details(s))
            for s in seen
        ],
    )


def _station_json(seen: StationSeen) -> dict[str, Any]:
    return {
        "station": seen.name,
        "host": seen.host,
        "port": seen.port,
        "user": seen.user,
        "installed": seen.installed,
        "host_key": seen.key.fingerprint if seen.key else None,
        "state": seen.standing.value,
        "vin": seen.attempt.vin if seen.attempt else seen.blocked_by,
        "percent": seen.attempt.percent if seen.attempt else None,
        "step": seen.attempt.step if seen.attempt else None,
        "holds": [{"id": hold.id, "by": hold.by, "why": hold.why} for hold in seen.holds],
        "drained": seen.drained,
        "packages": [{"package": name, "percent": there} for name, there in seen.staged],
    }


def _address(seen: StationSeen) -> str:
    return f"{seen.user}@{seen.host}:{seen.port}" if seen.host else ""


def _packages(seen: StationSeen) -> str:
    return ", ".join(name if there == 100 else f"{name} {there} %" for name, there in seen.staged)


def _state(seen: StationSeen) -> str:
    return tr(*_STANDINGS[seen.standing.value])


_STANDINGS = {
    "free": ("free", "空闲"),
    "flashing": ("flashing", "刷写中"),
    "blocked": ("blocked", "已阻塞"),
    "drained": ("drained", "停止接新"),
    "held": ("held", "已冻结"),
    "not_installed": ("not installed", "未安装"),
}


def _details(seen: StationSeen) -> str:
    told = []
    if seen.attempt is not None:
        told.append(f"{seen.attempt.vin} {seen.attempt.percent} %")
    if seen.blocked_by is not None:
        told.append(tr("{vin}: outcome unknown", "{vin}：结果未知", vin=seen.blocked_by))
    told += [f"{hold.by}: {hold.why}" for hold in seen.holds]
    return "; ".join(told)


def _ping(
    run: Run,
    names: Annotated[
        list[str] | None, argument("[NAME...]", "Stations; else every one.", "工位；默认全部。")
    ] = None,
    json: AsJson = False,
) -> None:
    stations, actor = run.services.stations, run.need(Right.VIEW)
    asked = names or [seen.name for seen in stations.all(actor, sites_of(run)) if seen.installed or seen.host]
    if not asked:
        raise Stop(tr("no station has an address yet: `campaign station install`",
                      "尚无任何工位有地址：请先运行 `campaign station install`"))  # fmt: skip
    progress = _Progress(len(asked))
    answers = stations.ping(actor, list(dict.fromkeys(asked)), progress.one_more)
    progress.end()
    if json:
        as_json([_ping_json(answer) for answer in answers])
    else:
        _ping_table(answers)
    if any(answer.error is not None for answer in answers):
        raise typer.Exit(UNREACHABLE)


class _Progress:
    """A count that is rewritten in place, where somebody looks and there is something to wait for."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0
        self._shown = total >= MANY and sys.stderr.isatty()

    def one_more(self, _: Pinged) -> None:
        """One answer more."""
        self._done += 1
        if self._shown:
            print(f"\r{self._done}/{self._total}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Give the line free."""
        if self._shown:
            print("\r" + " " * 20 + "\r", end="", file=sys.stderr, flush=True)


def _ping_json(answer: Pinged) -> dict[str, Any]:
    identity = answer.identity
    return {
        "station": answer.name,
        "answers": identity is not None,
        "round_trip_ms": answer.round_trip_ms,
        "agent": identity and identity.agent,
        "driver": identity and identity.driver,
        "clock_skew_s": answer.skew_s,
        "disk_free_bytes": identity and identity.disk_free_bytes,
        "busy_with": identity and identity.busy_with,
        "blocked_by": identity and identity.blocked_by,
        "error": str(answer.error) if answer.error is not None else None,
    }


def _ping_table(answers: list[Pinged]) -> None:
    columns = (
        tr("station", "工位"), "ms", tr("agent", "代理"), tr("driver", "驱动"), tr("clock", "时钟"),
        tr("free disk", "可用磁盘"), tr("state", "状态"),
    )  # fmt: skip
    rows = []
    for answer in answers:
        identity = answer.identity
        if identity is None:
            rows.append((answer.name, "", "", "", "", "", answer.error.what if answer.error else ""))
            continue
        free = f"{identity.disk_free_bytes / 1e9:.1f} GB"
        skew = skew_text(answer.skew_s or 0.0)
        rows.append((answer.name, f"{answer.round_trip_ms:g}", identity.agent, identity.driver or "", skew, free,
                     _busy(identity)))  # fmt: skip
    table(columns, rows, right=(1,))


def _busy(identity: Any) -> str:
    if identity.busy_with:
        return tr("flashing, job {job}", "刷写中，任务 {job}", job=identity.busy_with)
    if identity.blocked_by:
        return tr("blocked by job {job}", "被任务 {job} 阻塞", job=identity.blocked_by)
    return tr("free", "空闲")


def _drain(run: Run, name: Name, reason: Why) -> None:
    hold = run.services.stations.drain(run.actor, name, reason, sites_of(run))
    line(
        tr(
            "{name} starts nothing new (hold {id}: {why}). What it flashes now ends as usual. Again: `campaign station "
            "resume {name} --reason ...`",
            "{name} 不再接新任务（冻结 {id}：{why}）。正在进行的刷写照常完成。恢复：`campaign station resume {name} "
            "--reason 原因`",
            name=name,
            id=hold.id,
            why=hold.why,
        )
    )


def _resume(run: Run, name: Name, reason: Why) -> None:
    lifted, others = run.services.stations.resume(run.actor, name, reason)
    if lifted:
        line(tr("{name} may start again.", "{name} 可以接新任务。", name=name))
    elif not others:
        line(tr("{name} was not drained: nothing to do.", "{name} 未停止接新，无需操作。", name=name))
    for hold in others:
        line(
            tr(
                "Still on hold ({id}) by {by}: {why}. To lift it: `campaign hold lift {id} --reason ...`",
                "仍被 {by} 冻结（{id}）：{why}。解除：`campaign hold lift {id} --reason 原因`",
                id=hold.id,
                by=hold.by,
                why=hold.why,
            )
        )
    if others and not lifted:
        raise typer.Exit(REFUSED)


def register(app: typer.Typer) -> None:
    """`campaign station trust|install|ping|list|drain|resume`."""
    from campaign.cli import station_setup

    station = typer.Typer(help=tr("Flash stations.", "刷写工位。"), no_args_is_help=True)
    station_setup.register(station)
    command(station, "ping", tr("Ask stations whether they answer.", "检查工位是否应答。"))(_ping)
    command(station, "list", tr("Every station, as known here.", "所有工位。"))(_list)
    command(station, "drain", tr("Start nothing new there; what runs goes on.", "停止接新，当前刷写继续。"))(
        _drain
    )
    command(station, "resume", tr("Start there again.", "恢复接新。"))(_resume)
    app.add_typer(station, name="station")
