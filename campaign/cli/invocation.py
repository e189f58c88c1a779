"""One run of one command: who acts, on which installation; opened late and closed always.

`command` gives every command `--as` and `--debug` and turns every exception into lines and an exit code.
"""

from __future__ import annotations

import inspect
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import typer

from campaign.cli import failures
from campaign.cli.failures import REFUSED, USAGE, Stop
from campaign.cli.language import speak, tr
from campaign.cli.parameters import AsPerson, Debug
from campaign.domain.people import Actor, Right
from campaign.errors import CampaignError, Refused

if TYPE_CHECKING:
    from campaign.bootstrap import Services
    from campaign.config import Settings

Handler = Callable[..., None]

BROKEN_PIPE = 141


class Run:
    """The installation and the person behind one command. Everything is opened when it is first asked for."""

    def __init__(self, as_person: str | None = None, *, debug: bool = False, fresh: bool = False) -> None:
        self.as_person, self.debug, self._fresh = as_person, debug, fresh
        self._token: str | None = None

    @cached_property
    def settings(self) -> Settings:
        """From the environment. Raises BadInput."""
        from campaign.config import Settings

        return Settings.load()

    @cached_property
    def services(self) -> Services:
        """Wired over the database. Only first steps make a new one. Raises Stop, StoreError."""
        from campaign.bootstrap import build

        if not self._fresh and not _there(self.settings.database_url):
            raise Stop(
                tr(
                    "nothing is set up in {home}: start with `campaign init`, or name the folder in CAMPAIGN_HOME",
                    "{home} 尚未初始化：请先运行 `campaign init`，或用 CAMPAIGN_HOME 指定目录",
                    home=self.settings.home,
                )
            )
        return build(self.settings)

    @cached_property
    def actor(self) -> Actor:
        """Who acts, asked of the sessions now. Raises Stop when nobody signed in, Refused when it ended."""
        from campaign.cli.sessions import kept_token

        if self.as_person is not None:
            return self._for_once(self.as_person)
        token = kept_token(self.settings.home)
        if token is None:
            raise Stop(self._nobody(), REFUSED)
        try:
            actor = self.services.people.actor(token, device())
        except Refused as ended:
            raise Stop(self._ended(), REFUSED) from ended
        self._speak_as(actor.id)
        return actor

    def need(self, right: Right) -> Actor:
        """The actor, if they have the right: for what is read beside the use cases. Raises NotAllowed."""
        from campaign.services.access import need

        need(self.actor, right)
        return self.actor

    @cached_property
    def zone(self) -> ZoneInfo | None:
        """Of the site of the newest campaign, else of the one that is configured; None when that cannot be read."""
        from campaign.cli.setting_up import configured_sites

        with self.services.store.read() as uow:
            campaigns = uow.campaigns.all()
            layout = uow.sites.get(campaigns[0].rules.site) if campaigns else None
        if layout is None:
            with suppress(CampaignError):
                layout = configured_sites(self.settings.configs)[0]
        return None if layout is None else ZoneInfo(layout.zone)

    def zone_if_known(self) -> ZoneInfo | None:
        """The zone for a message about an error: whatever else is wrong must not hide it."""
        if "services" not in self.__dict__:
            return None
        with suppress(CampaignError):
            return self.zone
        return None

    def close(self) -> None:
        """End a sign-in for once and give connections back."""
        if "services" not in self.__dict__:
            return
        with suppress(CampaignError):
            if self._token is not None:
                self.services.people.sign_out(self._token)
        self.services.close()

    def _for_once(self, person: str) -> Actor:
        from campaign.cli.sessions import ask_password

        services = self.services
        signed = services.people.sign_in(person, ask_password(person), device())
        self._token = signed.token
        self._speak_as(person)
        return signed.actor

    def _speak_as(self, person_id: str) -> None:
        with self.services.store.read() as uow:
            person = uow.people.get(person_id)
        speak(person.language if person else None)

    def _nobody(self) -> str:
        if any(person.password_hash for person in self.services.people.all()):
            return tr(
                "nobody is signed in: `campaign sign-in PERSON`, or add --as PERSON",
                "尚未登录：请运行 `campaign sign-in 人员编号`，或加上 --as 人员编号",
            )
        return tr(
            "nobody can sign in here yet: start with `campaign init`",
            "尚无可登录人员：请先运行 `campaign init`",
        )

    def _ended(self) -> str:
        return tr(
            "your sign-in has ended: `campaign sign-in PERSON`",
            "登录已失效：请重新运行 `campaign sign-in 人员编号`",
        )


def _there(database_url: str) -> bool:
    from campaign.config import STORES

    if not database_url.startswith(STORES[0]):
        return True
    return Path(database_url.removeprefix(STORES[0]).partition("?")[0]).exists()


def device() -> str:
    """How the log names this machine."""
    return f"cli {socket.gethostname()}"


def interactive() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def command(app: typer.Typer, name: str, about: str, *, fresh: bool = False) -> Callable[[Handler], Handler]:
    """Register a handler `(run, **parameters)` as a command. `fresh` ones may make a new database."""

    def register(handler: Handler) -> Handler:
        own = list(inspect.signature(handler, eval_str=True).parameters.values())[1:]

        def called(ctx: typer.Context, **given: Any) -> None:
            before = ctx.find_root().obj or {}
            person = given.pop("as_person") or before.get("as_person")
            debug = given.pop("debug") or before.get("debug", False)
            _guarded(Run(person, debug=debug, fresh=fresh), handler, given)

        keyword = inspect.Parameter.KEYWORD_ONLY
        shown = [
            inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
            *(parameter.replace(kind=keyword) for parameter in own),
            inspect.Parameter("as_person", keyword, default=None, annotation=AsPerson),
            inspect.Parameter("debug", keyword, default=False, annotation=Debug),
        ]
        called.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
        called.__annotations__ = {parameter.name: parameter.annotation for parameter in shown}
        called.__name__ = handler.__name__
        app.command(name, help=about)(called)
        return handler

    return register


def _guarded(run: Run, handler: Handler, given: dict[str, Any]) -> None:
    try:
        handler(run, **given)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output left: nothing is wrong, and nothing more can be written there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise typer.Exit(BROKEN_PIPE) from None
    except (typer.Exit, typer.Abort, KeyboardInterrupt, EOFError):
        raise
    except Exception as error:  # noqa: BLE001 - the last resort: a person gets lines, the log the traceback
        code = failures.report(error, debug=run.debug, zone=run.zone_if_known())
        raise typer.Exit(code) from None
    finally:
        run.close()


def refused() -> typer.Exit:
    """To raise when the refusals are printed already."""
    return typer.Exit(REFUSED)


def confirm(question: str) -> bool:
    """Ask; without anybody to answer it is a wrong usage. Raises Stop."""
    if not interactive():
        raise Stop(
            tr(
                "nobody is there to confirm: add --yes, or --dry-run to only look",
                "没有人可以确认：请加上 --yes，或用 --dry-run 仅检查",
            ),
            USAGE,
        )
    return typer.confirm(question)
