"""How a page speaks to one viewer: language, time zone of the site, names of people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from campaign.domain.reasons import Reason
from campaign.wording import say
from dashboard.i18n import Speaker, speaker
from dashboard.showing import whole

UTC = ZoneInfo("UTC")
PEOPLE = frozenset({"by", "person"})  # parameters of reasons that are person ids


def as_it_is(text: str) -> str:
    """A person whose name is not known goes by their id."""
    return text


@dataclass(frozen=True, slots=True)
class Voice:
    """Texts, words and sentences for one viewer. `name` turns a person's id into a name."""

    lang: str
    t: Speaker
    zone: ZoneInfo = UTC
    name: Callable[[str], str] = as_it_is

    def say(self, reason: Reason) -> str:
        """A reason as a sentence, people by name, times in the site's zone."""
        named = tuple((key, self.name(value) if key in PEOPLE else value) for key, value in reason.params)
        return say(replace(reason, params=named), self.lang, self.zone)

    def cars(self, n: int) -> str:
        """`1 car`, `1,200 cars`."""
        return self.t("frame.one_car" if n == 1 else "frame.many_cars", n=whole(n))

    def at(self, zone: ZoneInfo) -> Voice:
        """The same voice at a site."""
        return replace(self, zone=zone)


def voice(lang: str) -> Voice:
    """A voice without a site or names: for somebody who is not signed in."""
    return Voice(lang, speaker(lang))
