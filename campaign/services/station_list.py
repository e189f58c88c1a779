"""Every station of a site as this installation knows it, in one look. Whether it answers is another question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from campaign.domain.gates import Hold
from campaign.domain.identity import Vin
from campaign.domain.package import PackageState
from campaign.domain.people import Right
from campaign.domain.site import StationPlace
from campaign.ports.records import Attempt
from campaign.ports.station_setup import HostKey, InstalledPlace
from campaign.ports.store import UnitOfWork

Pins = Callable[[str, int], tuple[HostKey, ...]]
Staged = tuple[tuple[str, int], ...]


class Standing(StrEnum):
    """How a station stands in what this installation knows; whether it answers is only `ping`'s matter."""

    FREE = "free"
    FLASHING = "flashing"
    BLOCKED = "blocked"  # by a car whose outcome is unknown
    DRAINED = "drained"
    HELD = "held"
    NOT_INSTALLED = "not_installed"


@dataclass(frozen=True, slots=True)
class StationSeen:
    """A station as known here. `attempt` is what it works on; `blocked_by` a car whose outcome is unknown."""

    name: str
    host: str | None
    port: int
    user: str
    installed: bool
    key: HostKey | None
    attempt: Attempt | None
    blocked_by: Vin | None
    holds: tuple[Hold, ...]
    drained: bool
    staged: tuple[tuple[str, int], ...] = ()  # released packages there, with the percent that has arrived

    @property
    def standing(self) -> Standing:
        """The one word: what it works on comes before what stops its next start."""
        if self.attempt is not None:
            return Standing.FLASHING
        if self.blocked_by is not None:
            return Standing.BLOCKED
        if self.holds:
            return Standing.DRAINED if self.drained else Standing.HELD
        return Standing.FREE if self.installed else Standing.NOT_INSTALLED


def seen_stations(
    uow: UnitOfWork, sites: Sequence[str], installed: Mapping[str, InstalledPlace], pins: Pins
) -> list[StationSeen]:
    """The stations of the sites' layouts, then those that are only installed. `pins` gives the keys of an address."""
    there = {name: StationPlace(name, at.host, at.port, at.user) for name, at in installed.items()}
    campaigns = [campaign.code for campaign in uow.campaigns.all()]
    running = {a.station: a for code in campaigns for a in uow.attempts.running(code)}
    blocked = {name: vin for code in sites for name, vin in uow.attempts.busy_stations(code).items()}
    holds = [hold for hold in uow.holds.open() if hold.scope == "station"]
    able, staged = keepers(uow, holds), _staged(uow, sites)
    seen = []
    for name, place in {**layout_places(uow, sites), **there}.items():
        pinned = pins(place.host, place.port) if place.host else ()
        ours = tuple(hold for hold in holds if hold.target == name)
        attempt = running.get(name)
        drained = any(hold.by in able for hold in ours)
        where = (place.host, place.port, place.user, name in installed, pinned[0] if pinned else None)
        stuck = None if attempt else blocked.get(name)
        seen.append(StationSeen(name, *where, attempt, stuck, ours, drained, staged.get(name, ())))
    return seen


def layout_places(uow: UnitOfWork, sites: Iterable[str]) -> dict[str, StationPlace]:
    """The stations of the applied layouts, by name."""
    layouts = (uow.sites.get(code) for code in sites)
    return {place.name: place for layout in layouts if layout is not None for place in layout.stations}


def holds_on(uow: UnitOfWork, station: str) -> list[Hold]:
    """Open holds on a station."""
    return [hold for hold in uow.holds.open() if (hold.scope, hold.target) == ("station", station)]


def keepers(uow: UnitOfWork, holds: Iterable[Hold]) -> frozenset[str]:
    """Those who set one of the holds and look after stations: what they set is a drain."""
    people = (uow.people.get(by) for by in {hold.by for hold in holds})
    return frozenset(who.id for who in people if who is not None and who.actor("").may(Right.STATIONS))


def _staged(uow: UnitOfWork, sites: Iterable[str]) -> dict[str, Staged]:
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for package in uow.packages.all():
        if package.state is PackageState.RELEASED and package.digest is not None:
            for code in sites:
                for staging in uow.stagings.of(code, package.digest):
                    found[staging.station].append((package.name, staging.percent))
    return {station: tuple(packages) for station, packages in found.items()}
