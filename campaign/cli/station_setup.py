"""`campaign station trust|install`: whose host key is right, and the agent brought there, step by step."""

from __future__ import annotations

import getpass
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from campaign.cli.failures import REFUSED, USAGE, Stop, complain
from campaign.cli.invocation import Run, command, confirm, interactive
from campaign.cli.language import tr
from campaign.cli.parameters import option
from campaign.cli.show import line
from campaign.cli.stations import Name, sites_of, skew_text
from campaign.domain.people import Right

if TYPE_CHECKING:
    from campaign.domain.people import Actor
    from campaign.domain.site import StationPlace
    from campaign.ports.station_setup import InstallOrder, Login, ShownKey, StepDone
    from campaign.services.stations import Pinged

SECRET = "CAMPAIGN_STATION_PASSWORD"  # noqa: S105 - the name of the variable

Host = Annotated[
    str | None, option("--host", "Its address; else as the layout says.", "地址；默认取自布局。")
]
Port = Annotated[
    int | None,
    option("--port", "Its SSH port; else as the layout says.", "SSH 端口；默认取自布局。", min=1, max=65535),
]
Fingerprint = Annotated[
    str | None,
    option("--fingerprint", "SHA256:... as read at the station itself.", "在工位本机读到的 SHA256:...。"),
]
Yes = Annotated[bool, option("--yes", "Trust what is shown, unasked.", "直接信任所示密钥，不再询问。")]


def _trust(
    run: Run,
    name: Name,
    *,
    host: Host = None,
    port: Port = None,
    fingerprint: Fingerprint = None,
    replace: Annotated[
        bool, option("--replace", "Give up the pinned key for the shown one.", "用所示密钥替换已固定的密钥。")
    ] = False,
    yes: Yes = False,
) -> None:
    actor = run.need(Right.STATIONS)
    place = _place(run, name, host, port)
    _trusted(run, actor, place, fingerprint, replace=replace, yes=yes)


def _trusted(
    run: Run, actor: Actor, place: StationPlace, wanted: str | None, *, replace: bool, yes: bool
) -> None:
    """Show the key, let a person compare it, and pin it. Raises Stop for one that is not to be trusted."""
    from campaign.ports.station_setup import Pinned

    host, stations = str(place.host), run.services.stations
    shown = stations.shown_key(actor, place.name, host, place.port)
    line(tr("{host}:{port} shows {kind} {print}", "{host}:{port} 出示 {kind} {print}",
            host=host, port=place.port, kind=shown.key.kind, print=shown.key.fingerprint))  # fmt: skip
    _refuse_unfit(shown, wanted, replace=replace)
    if shown.stands is Pinned.SAME:
        line(tr("It is the pinned key: nothing to do.", "与已固定的密钥一致，无需操作。"))
        return
    if wanted is None and not yes and not _compared():
        raise Stop(tr("not trusted: nothing was changed", "未信任：未作任何更改"), REFUSED)
    stations.trust(actor, place.name, host, place.port, shown, replace=replace)
    for old in shown.pinned:
        line(tr("Revoked: {print}", "已吊销：{print}", print=old.fingerprint))
    line(tr("Pinned for {name}.", "已为 {name} 固定。", name=place.name))


def _refuse_unfit(shown: ShownKey, wanted: str | None, *, replace: bool) -> None:
    from campaign.ports.station_setup import Pinned

    if wanted is not None and _bare(wanted) != _bare(shown.key.fingerprint):
        raise Stop(
            tr(
                "that is not {wanted}: somebody may stand between; nothing was changed",
                "与 {wanted} 不符：中间可能有人冒充；未作任何更改",
                wanted=wanted[:80],
            ),
            REFUSED,
        )
    if shown.stands is Pinned.REVOKED:
        raise Stop(
            tr(
                "this key was revoked and is not trusted again: give the station a new host key (ssh-keygen -A)",
                "该密钥已吊销，不再信任：请为工位生成新的主机密钥（ssh-keygen -A）",
            ),
            REFUSED,
        )
    if shown.stands is Pinned.OTHER and not replace:
        raise Stop(
            tr(
                "pinned is {old}: find out at the station why its key changed, then `campaign station trust "
                "NAME --replace`",
                "已固定的是 {old}：请先在工位查明密钥变更原因，再运行 `campaign station trust 名称 --replace`",
                old=", ".join(key.fingerprint for key in shown.pinned),
            ),
            REFUSED,
        )


def _bare(fingerprint: str) -> str:
    return fingerprint.strip().removeprefix("SHA256:").rstrip("=")


def _compared() -> bool:
    if not interactive():
        raise Stop(
            tr(
                "nobody is there to compare it: add --fingerprint SHA256:..., or --yes",
                "没有人可以核对：请加上 --fingerprint SHA256:... 或 --yes",
            ),
            USAGE,
        )
    line(tr("At the station: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
            "在工位上运行：ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"))  # fmt: skip
    return confirm(tr("Is it the same?", "是否一致？"))


def _install(
    run: Run,
    name: Name,
    login: Annotated[
        str, option("--login", "Your own user there.", "您在该机上的用户。", metavar="USER")
    ],
    *,
    host: Host = None,
    port: Port = None,
    user: Annotated[
        str | None,
        option("--user", "Whom the agent runs as; else as the layout says.", "代理的运行用户；默认取自布局。"),
    ] = None,
    key: Annotated[
        Path | None,
        option("--key", "Your own private key; else the SSH agent, else a password.",
               "您的私钥；默认用 SSH 代理，其次用密码。", metavar="FILE"),
    ] = None,
    home: Annotated[
        str, option("--home", "Its folder there; else ~/campaign/NAME.", "该机上的目录；默认 ~/campaign/名称。")
    ] = "",
    python: Annotated[
        str, option("--python", "Python 3.9 or newer there.", "该机上的 Python（3.9 或更新）。", metavar="PATH")
    ] = "",
    authorized_keys: Annotated[
        str,
        option("--authorized-keys", "Where its SSH server looks for keys; else ~/.ssh/authorized_keys.",
               "该机 SSH 服务读取公钥的文件；默认 ~/.ssh/authorized_keys。", metavar="FILE"),
    ] = "",
    driver: Annotated[
        str | None,
        option("--driver", "simulated, command or uds; else as it is there.", "simulated、command 或 uds；默认不变。"),
    ] = None,
    options: Annotated[
        Path | None,
        option("--options", "The driver's options, JSON.", "驱动选项（JSON 文件）。", metavar="FILE.json"),
    ] = None,
    fingerprint: Fingerprint = None,
    yes: Yes = False,
) -> None:  # fmt: skip
    from campaign.ports.station_setup import InstallOrder, Login, Pinned

    actor = run.need(Right.STATIONS)
    place = _place(run, name, host, port, user)
    order = InstallOrder(
        name, str(place.host), place.port, place.user or login, home, python, authorized_keys, driver,
        _options(driver, options), _trusted_package_keys(run),
    )  # fmt: skip
    stations = run.services.stations
    stations.check(actor, order)
    if stations.shown_key(actor, name, order.host, order.port).stands is not Pinned.SAME:
        _trusted(run, actor, place, fingerprint, replace=False, yes=yes)
    secret = Login(login, str(key) if key is not None else None, lambda what: _secret(login, what))
    _carry_out(run, actor, order, secret)


def _carry_out(run: Run, actor: Actor, order: InstallOrder, login: Login) -> None:
    done: list[StepDone] = []

    def told(step: StepDone) -> None:
        done.append(step)
        line(_step_text(step))

    try:
        installed, answer = run.services.stations.install(actor, order, login, told)
    except Exception:
        if done:
            complain(
                tr(
                    "What is listed above is done and stays. Mend what follows, then run the same command again: it "
                    "does only what is left, and a running flash is not touched.",
                    "以上步骤已完成并保留。请解决下列问题后重新运行同一命令：只会补做剩余步骤，不影响正在进行的刷写。",
                )
            )
        raise
    if installed.flash_running:
        line(tr("A flash was running there: it goes on.", "该工位正在刷写：不受影响，继续进行。"))
    _tell_answer(answer)


def _step_text(step: StepDone) -> str:
    en, zh = _STEPS[step.step.value]
    mark = tr("done", "完成") if step.changed else tr("as it was", "无变化")
    return f"{tr(en, zh)}: {step.what} - {mark}"


_STEPS = {
    "signed_in": ("Signed in", "已登录"),
    "python": ("Python there", "该机 Python"),
    "own_key": ("Our own key for it", "本机专用密钥"),
    "home": ("Its folder", "工位目录"),
    "agent": ("The agent", "代理程序"),
    "drivers": ("The flash drivers", "刷写驱动"),
    "station": ("Its name and driver", "名称与驱动"),
    "trusted": ("Keys that sign packages", "软件包签名公钥"),
    "authorized": ("Our key lets us in, for the agent only", "登录授权（仅限代理程序）"),
    "answers": ("It answers through our key, agent", "已通过专用密钥应答，代理版本"),
    "published": ("Known to this installation", "已登记到本系统"),
}


def _tell_answer(answer: Pinged) -> None:
    identity = answer.identity
    assert identity is not None  # noqa: S101 - an installed station has answered
    free = f"{identity.disk_free_bytes / 1e9:.1f} GB"
    line(tr("Clock: {skew}. Free disk: {free}.", "时钟：{skew}。可用磁盘：{free}。",
            skew=skew_text(answer.skew_s or 0.0), free=free))  # fmt: skip


def _options(driver: str | None, file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    if driver is None:
        raise Stop(tr("--options needs --driver", "--options 需要同时给出 --driver"))
    try:
        options = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Stop(tr("{file}: {why}", "{file}：{why}", file=file, why=error.strerror)) from error
    except ValueError as error:
        raise Stop(
            tr("{file} is not JSON: {why}", "{file} 不是 JSON：{why}", file=file, why=error)
        ) from error
    if not isinstance(options, dict):
        raise Stop(tr("{file}: should be one JSON object", "{file}：应为一个 JSON 对象", file=file))
    return options


def _trusted_package_keys(run: Run) -> list[str]:
    """Whose packages stations take now: also none, where every key was revoked."""
    with run.services.store.read() as uow:
        known = uow.packages.keys()
    return [key.key for key in known if key.in_force]


def _secret(login: str, what: str) -> str:
    given = os.environ.get(SECRET)
    if given:
        return given
    if not interactive():
        raise Stop(
            tr(
                "the {what} of {login} is needed: set {variable}, or name a key with --key",
                "需要 {login} 的密码：请设置 {variable}，或用 --key 指定私钥",
                what=what,
                login=login,
                variable=SECRET,
            )
        )
    return getpass.getpass(
        tr("{what} of {login}: ", "{login} 的密码（{what}）：", what=what.title(), login=login)
    )


def _place(run: Run, name: str, host: str | None, port: int | None, user: str | None = None) -> StationPlace:
    """Where the station is: what was typed, else what is known of it. Raises Stop without an address."""
    from campaign.domain.site import StationPlace

    known = run.services.stations.place(name, sites_of(run))
    place = known if known is not None and known.host else StationPlace(name, user="")
    found = StationPlace(name, host or place.host, port or place.port, user or place.user)
    if found.host is None:
        raise Stop(
            tr(
                "nobody said where {name} is: add --host, or write its host into the site file",
                "未知 {name} 的地址：请加上 --host，或在场地文件中填写",
                name=name,
            )
        )
    return found


def register(station: typer.Typer) -> None:
    """`campaign station trust|install`."""
    command(station, "trust", tr("Compare and pin its host key.", "核对并固定主机密钥。"))(_trust)
    command(station, "install", tr("Bring the agent there, over your own sign-in.", "用您的登录安装代理。"))(
        _install
    )
