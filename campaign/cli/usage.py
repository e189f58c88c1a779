"""A command that was typed wrongly: one line with the command, what is wrong, and where to read more."""

from __future__ import annotations

from typer.exceptions import TyperException

from campaign.cli.failures import USAGE, complain
from campaign.cli.language import lang, tr

# How the parser says it, and how we say it in Chinese; what follows the phrase stays.
PHRASES = {
    "No such command": "没有命令",
    "No such option:": "没有选项",
    "Missing option": "缺少选项",
    "Missing argument": "缺少参数",
    "Missing command.": "缺少命令。",
    "Invalid value for": "取值无效：",
    "Got unexpected extra arguments": "多余的参数",
    "Got unexpected extra argument": "多余的参数",
    "Choose from:": "可选：",
    "requires an argument.": "需要一个值。",
    "does not take a value.": "不带值。",
    "Did you mean": "是否想输入",
    "Possible options:": "可用选项：",
    "is not one of": "不在可选值之内：",
    "Input should be a valid integer, unable to parse string as an integer": "不是整数",
    "Input should be greater than or equal to": "应不小于",
    "Input should be less than or equal to": "应不大于",
}


def tell_usage(wrong: TyperException) -> int:
    """Say it on standard error; returns the exit code. A group without a command shows its help."""
    context = getattr(wrong, "ctx", None)
    if context is not None and wrong.format_message() == context.get_help():
        complain(context.get_help())
        return USAGE
    what = (
        " ".join(wrong.format_message().split())
        .replace("Value error, ", "")
        .replace("argument(s)", "arguments")
    )
    if lang() == "zh":
        for english, chinese in PHRASES.items():
            what = what.replace(english, chinese)
    complain(
        tr(
            "error: {path}: {what} See `{path} --help`.",
            "错误：{path}：{what} 参见 `{path} --help`。",
            path="campaign" if context is None else context.command_path,
            what=what if what.endswith((".", "?", ")", "。")) else f"{what}{tr('.', '。')}",
        )
    )
    return USAGE
