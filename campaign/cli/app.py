"""The command `campaign`: groups of commands, and what happens when one is typed wrongly.

Exit codes: 0 done, 1 refused by a rule, 2 wrong usage or input, 3 a system could not be reached; 70 is our own fault,
130 an interruption.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command

from campaign import __version__
from campaign.cli import (
    audit,
    batches,
    campaigns,
    cars,
    control,
    holds,
    imports,
    marks,
    orders,
    packages,
    planning_forecast,
    planning_live,
    planning_whatif,
    points,
    sessions,
    setting_up,
    stations,
    status,
)
from campaign.cli.failures import INTERRUPTED, complain, report
from campaign.cli.language import speak, tr
from campaign.cli.parameters import AsPerson, Debug, option
from campaign.cli.usage import tell_usage

BESIDE = {
    "up": (
        "Start everything for this site and watch it until Ctrl-C.",
        "启动本场地的全部服务，直到 Ctrl-C。",
    ),
    "doctor": (
        "Check this installation, and say what to do.",
        "检查本安装，并给出处理建议。",
    ),
    "demo": ("The seeded case: a yard at work before your eyes.", "演示：预置的场地作业。"),
}
"""Commands whose modules are loaded when they run: `--help` shall not wait for a supervisor or a simulated world."""


class Commands(TyperGroup):
    """The root: whatever goes wrong before or beside a command becomes one line and an exit code."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run, and exit with the code."""
        extra["windows_expand_args"] = windows_expand_args
        speak(None)
        given = list(sys.argv[1:] if args is None else args)
        code = self._run(given, prog_name or "campaign", complete_var, extra)
        if not standalone_mode:
            return code
        sys.exit(code)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Load a command of `BESIDE` in the place of its entry in the list."""
        if args and args[0] in BESIDE and args[0] in self.commands:
            alone = typer.Typer(add_completion=False, rich_markup_mode=None)
            import_module(f"campaign.cli.{args[0]}").register(alone)
            self.commands[args[0]] = get_command(alone)
        return super().resolve_command(ctx, args)

    def _run(self, args: list[str], name: str, complete_var: str | None, extra: dict[str, Any]) -> int:
        try:
            _readable(args)
            code = super().main(args, name, complete_var, standalone_mode=False, **extra)
        except TyperException as wrong:
            return tell_usage(wrong)
        except typer.Abort:
            complain(tr("stopped", "已停止"))
            return INTERRUPTED
        except Exception as error:  # noqa: BLE001 - the last resort: a person gets a line, the log the traceback
            return report(error, debug="--debug" in args)
        if code == INTERRUPTED:
            complain(tr("stopped", "已停止"))
        return code if isinstance(code, int) else 0


def _readable(args: Sequence[str]) -> None:
    """Bytes that are no text would fail later, somewhere deep."""
    for arg in args:
        if "\0" in arg or any("\ud800" <= sign <= "\udfff" for sign in arg):
            shown = ascii(arg)[1:41]
            raise TyperException(tr("“{arg}” is not text in UTF-8", "“{arg}”不是 UTF-8 文本", arg=shown))


def _version(wanted: bool) -> None:
    if wanted:
        print(f"campaign {__version__}")
        raise typer.Exit()


app = typer.Typer(
    cls=Commands,
    name="campaign",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
    help=tr(
        "Upgrades the software of a yard full of finished cars. Exit codes: 0 done, 1 refused by a rule, "
        "2 wrong usage or input, 3 a system could not be reached.",
        "为整场的成品车升级软件。退出码：0 完成，1 被规则拒绝，2 用法或输入有误，3 系统无法连接。",
    ),
)


@app.callback()
def root(
    ctx: typer.Context,
    as_person: AsPerson = None,
    debug: Debug = False,
    version: Annotated[
        bool, option("--version", "The version.", "版本。", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """What stands before the command goes for it."""
    del version
    ctx.obj = {"as_person": as_person, "debug": debug}


for _module in (
    setting_up, sessions, imports, orders, campaigns, planning_live, planning_whatif, planning_forecast, control,
    status, marks, batches, holds, cars, audit, packages, stations, points,
):  # fmt: skip
    _module.register(app)
for _name, _about in BESIDE.items():
    if find_spec(f"campaign.cli.{_name}") is not None:
        app.command(_name, help=tr(*_about))(lambda: None)


def main() -> None:
    """The entry point."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    app()
