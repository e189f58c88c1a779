"""One package to one station: blob by blob, from where the last try ended, the signed sheet last.

The sheet comes last, so that a station that has it has all of it. Progress is written down seldom: it is telemetry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaign.domain.events import SITE_CHAIN, Fact, Kind
from campaign.domain.package import Package
from campaign.domain.people import SYSTEM
from campaign.domain.staging import Staging, StagingState
from campaign.errors import StationLinkLost
from campaign.ports.clock import Clock
from campaign.ports.files import FileVault
from campaign.ports.station import StationLink, Upload
from campaign.ports.store import Store

WRITE_EVERY = timedelta(seconds=1)  # at most, while it moves on
WRITE_ANYWAY = timedelta(seconds=10)  # also when it hardly moves
STEP_PERCENT = 5


@dataclass(frozen=True, slots=True)
class Blob:
    """A file by its content; `name` for people. `size` in bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Load:
    """What the stations of a site have to hold for a campaign's package."""

    code: str
    site: str
    package: str
    digest: str
    blobs: tuple[Blob, ...]

    @classmethod
    def of(cls, code: str, site: str, package: Package) -> Load | None:
        """The files of a released package, then its sheet; None for a draft."""
        signed = package.signed
        if signed is None or package.digest is None:
            return None
        files = [Blob(row.name, row.sha256, row.size) for row in package.manifest.files]
        sheet = Blob("signed sheet", package.digest, len(signed.to_text().encode()))
        return cls(code, site, package.name, package.digest, (*files, sheet))

    @property
    def total(self) -> int:
        """Bytes of all of it."""
        return sum(blob.size for blob in self.blobs)


class Bringing:
    """Brings loads to stations, and writes down how far they came. Calls block: it is used from threads."""

    def __init__(self, store: Store, clock: Clock, links: StationLink, vault: FileVault) -> None:
        self._store, self._clock, self._links, self._vault = store, clock, links, vault

    def bring(self, load: Load, station: str, beat: Callable[[], object]) -> None:
        """Until the station confirmed every blob; `beat` is called now and then meanwhile.

        Raises StationError; what came so far stays there.
        """
        progress = _Progress(self, load, station, beat)
        for blob in load.blobs:
            held = self._links.have(station, blob.sha256)
            if not held.complete:
                progress.told(held.size)
                upload = Upload(blob.sha256, blob.size, self._vault.path(blob.sha256))
                self._links.put(station, upload, progress.told)
                if not self._links.have(station, blob.sha256).complete:
                    raise StationLinkLost(station, f"{blob.name} is not whole there yet")
            progress.done(blob.size)
        self.write(load, station, StagingState.STAGED, load.total, tell=Kind.PACKAGE_STAGED)

    def lacks(self, load: Load, station: str) -> Blob | None:
        """The first blob that a station lacks, which was said to hold all of them. Raises StationError."""
        for blob in load.blobs:
            if not self._links.have(station, blob.sha256).complete:
                return blob
        return None

    def damaged(self, load: Load) -> Blob | None:
        """The first file that is not in our own vault as it was put there. Reads every byte."""
        return next((blob for blob in load.blobs if not self._vault.whole(blob.sha256)), None)

    def write(
        self,
        load: Load,
        station: str,
        state: StagingState,
        sent: int = 0,
        detail: str = "",
        *,
        tell: Kind | None = None,
    ) -> None:
        """Write down where it stands; with a fact on the site's chain where something was reached or lost."""
        now = self._clock.now()
        staging = Staging(load.site, station, load.digest, load.total, state, now, sent, detail)
        with self._store.write(SITE_CHAIN) as uow:
            uow.stagings.put(staging)
            if tell is not None:
                data = {
                    "package": load.package,
                    "digest": load.digest,
                    "site": load.site,
                    "station": station,
                }
                uow.log.append([Fact(tell, SYSTEM.id, now, SYSTEM.device, reason=detail, data=data)])
            uow.commit()

    def wall(self) -> datetime:
        """Real time."""
        return self._clock.wall()


class _Progress:
    """Bytes over there, of all blobs together."""

    def __init__(self, bringing: Bringing, load: Load, station: str, beat: Callable[[], object]) -> None:
        self._bringing, self._load, self._station, self._beat = bringing, load, station, beat
        self._before = 0  # of the blobs that are complete
        self._written = -1
        self._written_at = bringing.wall()

    def told(self, size: int) -> None:
        """So many bytes of the present blob are over there."""
        sent = min(self._load.total, self._before + size)
        since = self._bringing.wall() - self._written_at
        percent = (sent - self._written) * 100 // max(1, self._load.total)
        moved = percent >= STEP_PERCENT and since >= WRITE_EVERY
        if self._written < 0 or moved or since >= WRITE_ANYWAY:
            self._bringing.write(self._load, self._station, StagingState.UPLOADING, sent)
            self._written, self._written_at = sent, self._bringing.wall()
            self._beat()

    def done(self, size: int) -> None:
        """The present blob is complete."""
        self._before += size
