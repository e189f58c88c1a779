"""Signing in and out on this machine: the session's secret in `<home>/session`, readable by its owner only."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer

from campaign.cli.failures import Stop
from campaign.cli.invocation import Run, command, device, interactive
from campaign.cli.language import lang, session_file, tr
from campaign.cli.parameters import argument
from campaign.cli.show import line, moment
from campaign.wording import roles_text

PASSWORD = "CAMPAIGN_PASSWORD"  # noqa: S105 - the name of the variable
NEW_PASSWORD = "CAMPAIGN_NEW_PASSWORD"  # noqa: S105 - as above


def kept_token(home: Path) -> str | None:
    """The secret of the session that was opened here, or None."""
    try:
        kept = json.loads(session_file(home).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    token = kept.get("token") if isinstance(kept, dict) else None
    return token if isinstance(token, str) and token else None


def _keep(home: Path, token: str, language: str) -> None:
    target = session_file(home)
    fresh = target.with_suffix(".new")
    with suppress(FileNotFoundError):
        fresh.unlink()
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"token": token, "language": language}, file)
    fresh.replace(target)


def ask_password(person: str) -> str:
    """From CAMPAIGN_PASSWORD, else from the terminal. Raises Stop where there is neither."""
    given = os.environ.get(PASSWORD)
    if given:
        return given
    if not interactive():
        raise Stop(
            tr(
                "the password of {person} is needed: set {variable}, or type it in a terminal",
                "需要 {person} 的密码：请设置 {variable}，或在终端中输入",
                person=person,
                variable=PASSWORD,
            )
        )
    return getpass(tr("Password of {person}: ", "{person} 的密码：", person=person))


def ask_new_password(person: str) -> str:
    """From CAMPAIGN_NEW_PASSWORD, else twice from the terminal. Raises Stop."""
    given = os.environ.get(NEW_PASSWORD)
    if given:
        return given
    if not interactive():
        raise Stop(
            tr(
                "the new password of {person} is needed: add --generate, or set {variable}",
                "需要 {person} 的新密码：请加上 --generate，或设置 {variable}",
                person=person,
                variable=NEW_PASSWORD,
            )
        )
    first = getpass(tr("New password of {person}: ", "{person} 的新密码：", person=person))
    if first != getpass(tr("Once more: ", "再输一次：")):
        raise Stop(tr("the two are not the same: nothing was changed", "两次输入不一致：未作任何更改"))
    return first


def _sign_in(run: Run, person: Annotated[str, argument("PERSON", "Person id.", "人员编号。")]) -> None:
    people = run.services.people
    before = kept_token(run.settings.home)
    signed = people.sign_in(person, ask_password(person), device())
    if before is not None:
        people.sign_out(before)
    known = {who.id: who for who in people.all()}[signed.actor.id]
    _keep(run.settings.home, signed.token, known.language)
    line(
        tr(
            "Signed in as {name} ({roles}) until {until}.",
            "已登录：{name}（{roles}），有效期至 {until}。",
            name=known.name_zh if lang() == "zh" else known.name,
            roles=roles_text(sorted(known.roles), lang()),
            until=moment(signed.expires_at, run.zone),
        )
    )


def _sign_out(run: Run) -> None:
    token = kept_token(run.settings.home)
    if token is None:
        line(tr("Nobody was signed in.", "没有人登录。"))
        return
    run.services.people.sign_out(token)
    session_file(run.settings.home).unlink(missing_ok=True)
    line(tr("Signed out.", "已退出登录。"))


def register(app: typer.Typer) -> None:
    """`campaign sign-in`, `campaign sign-out`."""
    command(app, "sign-in", tr("Sign in on this machine for 12 hours.", "在本机登录 12 小时。"))(_sign_in)
    command(app, "sign-out", tr("End your sign-in on this machine.", "退出本机登录。"))(_sign_out)
