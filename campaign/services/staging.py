"""Every station holds the package before it is given a car: uploads beside the reconciler, a few at once.

`advance` never waits: it looks what is lacking and hands the uploads to its own threads. What a station or our own
vault says against a file stops the package everywhere, once. A station that is away is tried again, ever more seldom.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from campaign.domain.campaign import Campaign, CampaignState
from campaign.domain.events import SITE_CHAIN, Kind
from campaign.domain.package import Package, TrustedKey, trust_reasons
from campaign.domain.staging import Staging as Standing
from campaign.domain.staging import StagingState
from campaign.errors import (
    CampaignError,
    StationAuthRefused,
    StationError,
    StationIdentityRefused,
    StationLinkLost,
    StationRejected,
)
from campaign.ports.clock import Clock
from campaign.ports.files import FileVault, Verify
from campaign.ports.station import StationLink
from campaign.ports.store import Store, UnitOfWork
from campaign.services.bringing import Blob, Bringing, Load
from campaign.services.package_holds import hold_package, is_held
from campaign.services.rests import Rests

UPLOADS_AT_ONCE = 4
FIRST_REST_S = 5.0  # how long a station that did not answer is left alone; doubled each time
LONGEST_REST_S = 300.0
RECHECK = timedelta(minutes=10)  # how often stations that hold it are asked whether they still do
HELD_LOOK = timedelta(seconds=2)  # a hold is lifted in another chain than the one that wakes us
LEASE_S = 60.0
AGAINST_THE_PACKAGE = frozenset({"checksum", "package_damaged", "package_untrusted"})
BY_HAND = frozenset({"disk", "usage", "config", "no_agent", "broken"})
"""Refusals that somebody has to mend at the station; it is tried again all the same."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Look:
    """What the last look saw: nothing is to be done until `due`, unless the site's chain moves."""

    token: int
    due: datetime
    lacking: int


class Staging:
    """Use case of the reconciler. `uploads` runs the uploads; its own threads where none is given."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        links: StationLink,
        vault: FileVault,
        verify: Verify,
        uploads: Executor | None = None,
    ) -> None:
        self._store, self._clock, self._verify = store, clock, verify
        self._pool = uploads or ThreadPoolExecutor(UPLOADS_AT_ONCE, thread_name_prefix="staging")
        self._bringing = Bringing(store, clock, links, vault)
        self._holder = secrets.token_hex(8)
        self._guard, self._reading = Lock(), Lock()
        self._looks: dict[str, _Look] = {}
        self._under_way: set[tuple[str, str]] = set()  # site, station
        self._rests = Rests(clock, FIRST_REST_S, LONGEST_REST_S)  # by site, station and digest
        self._recheck_at: dict[str, datetime] = {}
        self._whole: set[str] = set()  # digests whose files were read through in this process
        self._closing = False

    def stop(self) -> None:
        """Begin nothing more. The uploads that run end with their links."""
        self._closing = True

    def close(self) -> None:
        """Wait for the uploads to end; close the links first."""
        self.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    # -- what the reconciler and dispatch ask ------------------------------------------------------------------

    def advance(self, code: str) -> int:
        """See to it that every station of a running campaign's site gets the package; how many lack it still.

        Non-blocking and idempotent. While nothing is to be done it costs one look at the site's change token.
        """
        token, wall = self._store.token(SITE_CHAIN), self._clock.wall()
        with self._guard:
            last = self._looks.get(code)
        if last is not None and last.token == token and wall < last.due:
            return last.lacking
        with self._guard:
            self._looks.pop(code, None)
        return self._look(code, token, wall)

    def ready(self, uow: UnitOfWork, site: str, digest: str) -> set[str]:
        """The stations that hold the whole package."""
        return uow.stagings.ready(site, digest)

    def under_way(self) -> int:
        """How many stations this process works on now, or will as soon as a thread is free."""
        with self._guard:
            return len(self._under_way)

    def heard(self, code: str, station: str, fault: str, detail: str) -> None:
        """A station said something of the package at a flash: what is missing is brought again, damage stops it."""
        with self._store.read() as uow:
            load = self._load(uow, uow.campaigns.get(code))
        if load is None:
            return
        if fault in AGAINST_THE_PACKAGE:
            self._stop_package(load, station, f"{fault}: {detail}")
        else:
            self._bringing.write(load, station, StagingState.WAITING, detail=detail, tell=Kind.PACKAGE_LOST)
        self._forget(load)

    # -- one look ----------------------------------------------------------------------------------------------

    def _look(self, code: str, token: int, wall: datetime) -> int:
        with self._store.read() as uow:
            campaign = uow.campaigns.get(code)
            if campaign is None or campaign.state is not CampaignState.RUNNING:
                return 0
            package, layout = uow.packages.get(campaign.rules.package), uow.sites.get(campaign.rules.site)
            load = self._load(uow, campaign)
            if package is None or load is None or layout is None:
                return 0
            keys, held = uow.packages.keys(), is_held(uow, package.name)
            known = {staging.station: staging for staging in uow.stagings.of(load.site, load.digest)}
        names = [station.name for station in layout.stations]
        lacking = [name for name in names if not _staged(known.get(name))]
        if not held and not self._may_be_used(load, package, keys):
            held = True
        if held:
            self._remember(code, _Look(token, wall + HELD_LOOK, len(lacking)))
            return len(lacking)
        due = wall + RECHECK if not lacking else self._next_try(load, lacking, wall)
        self._remember(code, _Look(token, min(due, self._recheck_at.get(code, wall)), len(lacking)))
        self._announce(load, [name for name in lacking if name not in known])
        self._begin(load, lacking, self._bring_alone)
        self._recheck(load, [name for name in names if name not in lacking], wall)
        return len(lacking)

    def _load(self, uow: UnitOfWork, campaign: Campaign | None) -> Load | None:
        package = None if campaign is None else uow.packages.get(campaign.rules.package)
        if campaign is None or package is None:
            return None
        return Load.of(campaign.code, campaign.rules.site, package)

    def _may_be_used(self, load: Load, package: Package, keys: Sequence[TrustedKey]) -> bool:
        """The signature again, and the trust of this moment; without them the package is held."""
        signed = package.signed
        if signed is None or not self._verify(signed):
            why = f"the signature on {package.name} is wrong · 软件包 {package.name} 的签名无效"
        elif trust_reasons(keys, signed.key):
            why = f"the key {signed.key} is not trusted · 密钥 {signed.key} 不受信任"
        else:
            return True
        hold_package(self._store, load.code, load.package, why, self._clock.now())
        return False

    def _announce(self, load: Load, stations: Sequence[str]) -> None:
        """What nobody began yet is shown as waiting."""
        for station in stations:
            self._bringing.write(load, station, StagingState.WAITING)

    def _begin(self, load: Load, stations: Iterable[str], task: Callable[[Load, str], None]) -> None:
        for station in stations:
            with self._guard:
                place = (load.site, station)
                if self._closing or place in self._under_way or self._rests.now(_at(load, station)):
                    continue
                self._under_way.add(place)
            self._pool.submit(self._alone, load, station, task)

    def _recheck(self, load: Load, staged: Sequence[str], wall: datetime) -> None:
        if self._recheck_at.get(load.code, wall) <= wall:
            self._recheck_at[load.code] = wall + RECHECK
            self._begin(load, staged, self._check)

    def _next_try(self, load: Load, lacking: Sequence[str], wall: datetime) -> datetime:
        """When the first resting station may be asked again; an upload that ends makes the next look due itself."""
        rests = [self._rests.until(_at(load, name)) for name in lacking]
        return min((until for until in rests if until is not None), default=wall + RECHECK)

    # -- in a thread: one station ------------------------------------------------------------------------------

    def _alone(self, load: Load, station: str, task: Callable[[Load, str], None]) -> None:
        """One task for one station; whatever goes wrong is written down or logged, and it is tried again."""
        try:
            if not self._closing:
                task(load, station)
        except StationError as error:
            self._failed(load, station, error)
        except CampaignError as error:
            log.warning("staging of %s at %s is tried again: %s", load.package, station, error)
            self._rests.begin(_at(load, station))
        except Exception:
            log.exception("staging of %s at %s", load.package, station)
            self._rests.begin(_at(load, station))
        finally:
            with self._guard:
                self._under_way.discard((load.site, station))
            self._forget(load)

    def _bring_alone(self, load: Load, station: str) -> None:
        """No other process brings something to the same station meanwhile."""
        lease = f"staging {load.site}/{station}"
        if not self._beat(lease):
            return
        try:
            self._bring(load, station)
        finally:
            self._store.drop_lease(lease, self._holder)

    def _bring(self, load: Load, station: str) -> None:
        if not self._still_wanted(load):
            return
        damaged = self._damaged(load)
        if damaged is not None:
            what = f"{damaged.name} is damaged in the vault of the server · 服务器文件库中的 {damaged.name} 已损坏"
            self._stop_package(load, station, what)
            return
        self._bringing.bring(load, station, lambda: self._beat(f"staging {load.site}/{station}"))
        self._rests.end(_at(load, station))

    def _check(self, load: Load, station: str) -> None:
        """Ask a station that was said to hold the package; what is gone is brought again."""
        try:
            lost = self._bringing.lacks(load, station)
        except StationError as away:
            log.info("%s cannot be asked now: %s", station, away)
            return
        if lost is not None:
            detail = f"{lost.name} is gone"
            self._bringing.write(load, station, StagingState.WAITING, detail=detail, tell=Kind.PACKAGE_LOST)

    def _still_wanted(self, load: Load) -> bool:
        with self._store.read() as uow:
            campaign = uow.campaigns.get(load.code)
            running = campaign is not None and campaign.state is CampaignState.RUNNING
            return running and not is_held(uow, load.package)

    def _damaged(self, load: Load) -> Blob | None:
        """Our own files, read through once per process: a station would only find it after the upload."""
        with self._reading:
            if load.digest in self._whole:
                return None
            damaged = self._bringing.damaged(load)
            if damaged is None:
                self._whole.add(load.digest)
            return damaged

    def _failed(self, load: Load, station: str, error: StationError) -> None:
        """Write down why; it is tried again after a rest, or when the hold on the package was lifted."""
        try:
            code = error.code if isinstance(error, StationRejected) else ""
            if code in AGAINST_THE_PACKAGE:
                self._stop_package(load, station, f"station {station}: {error.what} · 工位 {station} 拒收")
                return
            by_hand = code in BY_HAND or isinstance(error, StationIdentityRefused | StationAuthRefused)
            state = StagingState.FAILED if by_hand else StagingState.WAITING
            self._bringing.write(load, station, state, detail=error.what)
        except CampaignError as later:
            log.warning("staging of %s at %s: %s", load.package, station, later)
        self._rests.begin(_at(load, station), anew=isinstance(error, StationLinkLost))

    def _stop_package(self, load: Load, station: str, why: str) -> None:
        with self._reading:
            self._whole.discard(load.digest)
        hold_package(self._store, load.code, load.package, why, self._clock.now())
        self._bringing.write(load, station, StagingState.FAILED, detail=why)

    def _beat(self, lease: str) -> bool:
        return self._store.take_lease(lease, self._holder, self._clock.wall(), LEASE_S)

    def _remember(self, code: str, look: _Look) -> None:
        with self._guard:
            self._looks[code] = look

    def _forget(self, load: Load) -> None:
        with self._guard:
            self._looks.pop(load.code, None)


def _staged(staging: Standing | None) -> bool:
    return staging is not None and staging.state is StagingState.STAGED


def _at(load: Load, station: str) -> tuple[str, str, str]:
    return load.site, station, load.digest
