"""What went wrong, as lines for a person, and the exit code: 1 a rule, 2 the input, 3 a system, 70 ourselves."""

from __future__ import annotations

import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from campaign.cli.language import lang, tr
from campaign.cli.show import harmless
from campaign.errors import BrokenRule, CallerError, CampaignError, Refused

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

REFUSED, USAGE, UNREACHABLE, BUG, INTERRUPTED = 1, 2, 3, 70, 130


class Stop(CampaignError):
    """The command ends here with one line that is ready to be read."""

    def __init__(self, text: str, exit_code: int = USAGE) -> None:
        super().__init__(text)
        self.exit_code = exit_code


def complain(text: str) -> None:
    """A line on standard error."""
    print(harmless(text), file=sys.stderr)


def report(error: BaseException, *, debug: bool = False, zone: ZoneInfo | None = None) -> int:
    """Tell of an exception in as few lines as it has reasons; returns the exit code."""
    if debug:
        traceback.print_exception(error)
    if isinstance(error, Refused):
        return _refused(error, zone)
    if isinstance(error, CampaignError) and not isinstance(error, BrokenRule):
        complain(_prefix(error) + _text(error))
        return error.exit_code
    return _bug(error)


def _refused(error: Refused, zone: ZoneInfo | None) -> int:
    from campaign.wording import say

    for reason in error.reasons:
        complain(tr("refused: ", "被拒绝：") + say(reason, lang(), zone))
    return error.exit_code


def _prefix(error: CampaignError) -> str:
    if isinstance(error, Stop | CallerError):
        return tr("error: ", "错误：")
    return tr("not reached: ", "无法连接：")


def _text(error: CampaignError) -> str:
    from campaign.files.verdicts import UnreadableList

    return error.text(lang()) if isinstance(error, UnreadableList) else str(error)


def _bug(error: BaseException) -> int:
    """Our fault: the details go to a file, the person gets one line."""
    home = Path(os.environ.get("CAMPAIGN_HOME") or "var").expanduser()
    file = home / "logs" / "cli.log"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8", errors="replace") as log:
            log.write(f"{datetime.now(UTC).isoformat()} {' '.join(sys.argv[:3])}\n")
            traceback.print_exception(error, file=log)
        where = str(file.absolute())
    except OSError:
        where = "--debug"
    what = type(error).__name__
    complain(
        tr(
            "failed: an error of the program itself ({what}); nothing that you did. Details: {where}",
            "失败：程序自身错误（{what}），与您的操作无关。详情：{where}",
            what=what,
            where=where,
        )
    )
    return BUG
