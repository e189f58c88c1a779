"""The administrator's stations: whose key is trusted, what is installed, who is drained, who answers.

A drained station finishes what it flashes and starts nothing new: that is a hold on it, set by somebody who looks
after stations and lifted by one. No transaction spans SSH.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from campaign.domain.events import SITE_CHAIN, Fact, Kind
from campaign.domain.gates import Hold
from campaign.domain.people import Actor, Right
from campaign.domain.site import StationPlace
from campaign.errors import BadInput, NotFound, StationError
from campaign.ports.clock import Clock
from campaign.ports.station import StationIdentity, StationLink
from campaign.ports.station_setup import (
    Installed,
    InstallOrder,
    Login,
    Pinned,
    ShownKey,
    StationSetup,
    Step,
    StepDone,
)
from campaign.ports.store import Store, UnitOfWork
from campaign.services.access import need, need_reason
from campaign.services.station_list import StationSeen, holds_on, keepers, layout_places, seen_stations

PINGS = 5
AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Pinged:
    """What a station answered, or why not. `skew_s`: how far its clock is ahead of ours, in seconds."""

    name: str
    identity: StationIdentity | None = None
    round_trip_ms: float | None = None
    skew_s: float | None = None
    error: StationError | None = None


class Stations:
    """Use cases around stations themselves. What people with other rights may see: `all` and `ping`."""

    def __init__(self, store: Store, clock: Clock, links: StationLink, setup: StationSetup | None) -> None:
        self._store, self._clock, self._links, self._by_hand = store, clock, links, setup

    @property
    def _setup(self) -> StationSetup:
        if self._by_hand is None:
            raise NotFound("stations are not set up from here")
        return self._by_hand

    # -- looking ----------------------------------------------------------------------------------------------------

    def all(self, actor: Actor, sites: Iterable[str]) -> list[StationSeen]:
        """Every station of the sites' layouts, then those that are only installed."""
        need(actor, Right.VIEW)
        installed = self._setup.places()
        with self._store.read() as uow:
            return seen_stations(uow, list(sites), installed, self._setup.pinned)

    def place(self, name: str, sites: Iterable[str]) -> StationPlace | None:
        """Where a station is: as installed, else as the layout says; None for an unknown one."""
        installed = self._setup.places().get(name)
        if installed is not None:
            return StationPlace(name, installed.host, installed.port, installed.user)
        with self._store.read() as uow:
            return layout_places(uow, sites).get(name)

    def ping(
        self, actor: Actor, names: Sequence[str], told: Callable[[Pinged], object] = lambda _: None
    ) -> list[Pinged]:
        """Ask all of them, side by side; `told` hears each answer as it comes. In the order of `names`."""
        need(actor, Right.VIEW)

        def one(name: str) -> Pinged:
            answer = self._ping(name)
            told(answer)
            return answer

        with ThreadPoolExecutor(min(AT_ONCE, max(1, len(names))), thread_name_prefix="ping") as pool:
            return list(pool.map(one, names))

    def _ping(self, name: str) -> Pinged:
        try:
            self._links.identify(name)  # makes the link: that is not part of a round trip
            rounds = [self._round(name) for _ in range(PINGS)]
        except StationError as error:
            return Pinged(name, error=error)
        _, ahead, identity = min(rounds, key=lambda one: one[0])  # the quickest one tells the clock best
        middle = statistics.median(took for took, _, _ in rounds)
        return Pinged(name, identity, round(middle * 1000, 1), round(ahead, 1))

    def _round(self, name: str) -> tuple[float, float, StationIdentity]:
        """Seconds, how far the station's clock is ahead by the middle of the question, and what it said."""
        before, began = self._clock.wall(), time.monotonic()
        identity = self._links.identify(name)
        took = time.monotonic() - began
        return took, skew(identity, before, took), identity

    # -- trust ------------------------------------------------------------------------------------------------------

    def shown_key(self, actor: Actor, name: str, host: str, port: int) -> ShownKey:
        """The key that the server there shows now, and how it stands to the pinned one."""
        need(actor, Right.STATIONS)
        return self._setup.shown_key(name, host, port)

    def trust(self, actor: Actor, name: str, host: str, port: int, shown: ShownKey, *, replace: bool) -> bool:
        """Pin the key that a person compared. Returns whether anything changed. Raises BadInput without `replace`."""
        need(actor, Right.STATIONS)
        if shown.stands is Pinned.SAME:
            return False
        if shown.stands is Pinned.REVOKED:
            raise BadInput("this host key was revoked", where=name, todo="give the station a new host key")
        if shown.stands is Pinned.OTHER and not replace:
            raise BadInput("another host key is pinned", where=name, todo="find out why, then use --replace")
        with self._store.write(SITE_CHAIN) as uow:
            old = self._setup.pin(host, port, shown.key)
            data = {"station": name, "host": host, "port": port, "kind": shown.key.kind}
            data |= {"fingerprint": shown.key.fingerprint, "revoked": [key.fingerprint for key in old]}
            self._tell(uow, Kind.STATION_TRUSTED, actor, data=data)
            uow.commit()
        return True

    # -- installing -------------------------------------------------------------------------------------------------

    def check(self, actor: Actor, order: InstallOrder) -> None:
        """Raises BadInput for what is wrong before anybody signs in."""
        need(actor, Right.STATIONS)
        self._setup.check(order)

    def install(
        self, actor: Actor, order: InstallOrder, login: Login, told: Callable[[StepDone], object]
    ) -> tuple[Installed, Pinged]:
        """Set a station up, write it down, ask it through our own key, and only then let the links know it.

        Where the order names no trusted keys, the station gets those that the site trusts now.
        """
        self.check(actor, order)
        order = self._with_keys(order)
        installed = self._setup.install(order, login, told)
        with self._store.write(SITE_CHAIN) as uow:
            data: dict[str, Any] = {
                "station": order.name,
                "host": order.host,
                "port": order.port,
                **asdict(installed),
            }
            if order.trusted_keys is not None:
                data["trusted_keys"] = list(order.trusted_keys)
            self._tell(uow, Kind.STATION_INSTALLED, actor, data=data)
            uow.commit()
        before, began = self._clock.wall(), time.monotonic()
        identity = self._setup.try_out(order)
        took = time.monotonic() - began
        told(StepDone(Step.ANSWERS, identity.agent, changed=False))
        told(StepDone(Step.PUBLISHED, order.name, changed=self._setup.publish(order)))
        return installed, Pinged(
            order.name, identity, round(took * 1000, 1), round(skew(identity, before, took), 1)
        )

    def _with_keys(self, order: InstallOrder) -> InstallOrder:
        """While nobody trusted a key here, what is on the station stays."""
        with self._store.read() as uow:
            keys = uow.packages.keys()
        if order.trusted_keys is not None or not keys:
            return order
        return replace(order, trusted_keys=[key.key for key in keys if key.in_force])

    # -- drain ------------------------------------------------------------------------------------------------------

    def drain(self, actor: Actor, name: str, why: str, sites: Iterable[str]) -> Hold:
        """No new start on this station; what runs there ends as it would have. Again: the same hold."""
        need(actor, Right.STATIONS)
        reason = need_reason(why)
        if self.place(name, sites) is None:
            raise NotFound(f"there is no station {name} here")
        with self._store.write(SITE_CHAIN) as uow:
            drained = _drains(uow, name)
            if drained:
                return drained[0]
            hold = uow.holds.add("station", name, reason, actor.id, self._clock.now())
            self._tell(
                uow, Kind.STATION_DRAINED, actor, reason=reason, data={"station": name, "hold": hold.id}
            )
            uow.commit()
        return hold

    def resume(self, actor: Actor, name: str, why: str) -> tuple[list[Hold], list[Hold]]:
        """Lift what was drained. Returns those holds, and others on it that this person may not lift."""
        need(actor, Right.STATIONS)
        reason = need_reason(why)
        with self._store.write(SITE_CHAIN) as uow:
            drained = _drains(uow, name)
            others = [hold for hold in holds_on(uow, name) if hold not in drained]
            for hold in drained:
                uow.holds.lift(hold, actor.id, reason, self._clock.now())
                data = {"station": name, "hold": hold.id}
                self._tell(uow, Kind.STATION_RESUMED, actor, reason=reason, data=data)
            if drained:
                uow.commit()
        return drained, others

    def _tell(
        self, uow: UnitOfWork, kind: Kind, actor: Actor, *, data: Mapping[str, Any], reason: str = ""
    ) -> None:
        uow.log.append([Fact(kind, actor.id, self._clock.now(), actor.device, reason=reason, data=data)])


def skew(identity: StationIdentity, asked_at: datetime, took: float) -> float:
    """How far the station's clock is ahead, in seconds: it looked at it about in the middle of the question."""
    return (identity.clock - asked_at).total_seconds() - took / 2


def _drains(uow: UnitOfWork, name: str) -> list[Hold]:
    """Holds that were set by somebody who looks after stations. Others are lifted by those who set such holds."""
    holds = holds_on(uow, name)
    able = keepers(uow, holds)
    return [hold for hold in holds if hold.by in able]
