"""Options and arguments with their help in both languages, and those that several commands share."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from campaign.cli.language import tr


def option(name: str, en: str, zh: str, **how: Any) -> Any:
    """`typer.Option` with its help."""
    return typer.Option(name, help=tr(en, zh), **how)


def argument(metavar: str, en: str, zh: str, **how: Any) -> Any:
    """`typer.Argument` with its help."""
    return typer.Argument(metavar=metavar, help=tr(en, zh), **how)


AsPerson = Annotated[
    str | None, option("--as", "Sign in for this command only.", "仅为本命令登录。", metavar="PERSON")
]
Debug = Annotated[bool, option("--debug", "Show where an error came from.", "显示错误的来源。")]
AsJson = Annotated[bool, option("--json", "Print JSON.", "输出 JSON。")]
Why = Annotated[str, option("--reason", "Why; kept in the log.", "原因，写入日志。")]
VinText = Annotated[str, argument("VIN", "Whole, or its end.", "完整或末几位。")]
VinTexts = Annotated[list[str], argument("VIN...", "Whole VINs, or their ends.", "完整车架号或末几位。")]
Code = Annotated[str, argument("CODE", "Campaign code.", "活动代码。")]
MaybeCode = Annotated[
    str | None,
    argument("CODE", "Campaign code; else the newest at work.", "活动代码；默认最新进行中的活动。"),
]
