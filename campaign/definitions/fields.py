"""The kinds of values that definitions share: codes, names in two languages, SOC, versions, times of day."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from campaign.definitions.checking import Strict, Wrong
from campaign.domain.site import Names
from campaign.domain.soc import SocFault, parse_soc


def spelled(pattern: str, todo: str) -> Callable[[str], str]:
    """A check that a text matches `pattern` as a whole; `todo` shows what would."""
    whole = re.compile(pattern)

    def matched(text: str) -> str:
        if whole.fullmatch(text) is None:
            raise Wrong(f"{text[:60]!r} is not spelled as a name here", todo)
        return text

    return matched


SiteCode = Annotated[
    str, AfterValidator(spelled("[a-z][a-z0-9-]{1,39}", "lower-case letters, digits and -, such as anting"))
]
CampaignCode = Annotated[
    str,
    AfterValidator(
        spelled("[A-Z0-9][A-Z0-9._-]{1,39}", "capitals, digits, -, _ and point, such as VBV453C-2026")
    ),
]
PlaceName = Annotated[
    str, AfterValidator(spelled(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", "letters, digits, - and _, such as ST-1"))
]
PersonId = Annotated[
    str,
    AfterValidator(
        spelled("[a-z][a-z0-9.-]{1,39}", "lower-case letters, digits, point and -, such as liwei")
    ),
]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class TwoNames(Strict):
    """What pages call it: `names: {en: ..., zh: ...}`."""

    en: Text
    zh: Text

    def names(self) -> Names:
        """As the domain keeps it."""
        return Names(self.en, self.zh)


_FINER = re.compile(r"[.,][0-9][0-9]*[1-9]")
_SOC_TODO = {
    SocFault.EMPTY: ("has no value", "write a percentage such as 27.0"),
    SocFault.NOT_A_NUMBER: ("{raw!r} is not a percentage", "write it like 27.0"),
    SocFault.OUT_OF_RANGE: ("{raw!r} is outside 0 to 100 %", "write it like 27.0"),
    SocFault.FRACTION: ("{raw!r} may mean a fraction or a percentage", "write 27.0, or 0.5 % with its sign"),
}


def soc_tenths(raw: object) -> int:
    """A percentage in a definition as tenths. Finer than a tenth is refused; a reading would be cut."""
    reading = parse_soc(raw)
    fault = reading.problem or reading.question
    if reading.tenths is None:
        what, todo = _SOC_TODO[fault or SocFault.NOT_A_NUMBER]
        raise Wrong(what.format(raw=raw), todo)
    if _FINER.search(str(raw)):
        raise Wrong(f"{raw!r} is finer than a tenth of a percent", "write one decimal, such as 27.0")
    return reading.tenths


SocTenths = Annotated[int, BeforeValidator(soc_tenths)]

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def time_of_day(raw: object) -> time:
    """`08:00` to `23:59`, the site's local time."""
    found = _TIME.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        raise Wrong(f"{raw!r} is not a time of day", "write hours and minutes, such as 08:00")
    return time(int(found[1]), int(found[2]))


TimeOfDay = Annotated[time, BeforeValidator(time_of_day)]
