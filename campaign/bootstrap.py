"""The only wiring: settings in, frozen services out. Entry points reach the world through here and nowhere else."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher

from campaign.config import Settings
from campaign.files.signing import verify
from campaign.files.vault import FolderVault
from campaign.ports.clock import Clock, SystemClock
from campaign.ports.files import FileVault
from campaign.ports.station import StationLink
from campaign.ports.station_setup import StationSetup
from campaign.ports.store import Store
from campaign.ports.views import Views
from campaign.services.audit import Audit
from campaign.services.board import Boards
from campaign.services.charging import Charging
from campaign.services.control import Control
from campaign.services.evidence import Evidences, Journals
from campaign.services.flashing import Flashing
from campaign.services.forecasting import Forecasting
from campaign.services.intake import Intake
from campaign.services.marks import Marks
from campaign.services.packages import Packages
from campaign.services.people import People
from campaign.services.planning import Planning
from campaign.services.quality import Quality
from campaign.services.reconcile import Reconcile
from campaign.services.release import Release
from campaign.services.replanning import Replanning
from campaign.services.resolving import Resolving
from campaign.services.sites import Sites
from campaign.services.staging import Staging
from campaign.services.stations import Stations
from campaign.station.found import FoundStations
from campaign.station.setup import SshStationSetup
from campaign.store import open_store
from campaign.store.queries import SqlViews
from campaign.yard.pace import PacedClock


@dataclass(frozen=True, slots=True)
class Services:
    """Every use case, wired. Close it to give back connections; running flashes are not touched."""

    clock: Clock
    store: Store
    views: Views
    links: StationLink
    people: People
    sites: Sites
    stations: Stations
    packages: Packages
    staging: Staging
    intake: Intake
    planning: Planning
    replanning: Replanning
    forecasting: Forecasting
    control: Control
    marks: Marks
    charging: Charging
    flashing: Flashing
    evidence: Evidences
    resolving: Resolving
    quality: Quality
    release: Release
    reconcile: Reconcile
    boards: Boards
    audit: Audit

    def close(self) -> None:
        """Close links and database. An upload that is cut goes on another time."""
        self.staging.stop()
        self.flashing.close()
        self.staging.close()
        self.store.close()


def build(
    settings: Settings,
    *,
    links: StationLink | None = None,
    clock: Clock | None = None,
    hasher: PasswordHasher | None = None,
    uploads: Executor | None = None,
) -> Services:
    """Open the database (made or upgraded when needed) and wire everything. Raises StoreError, BadInput.

    `uploads` runs the uploads to stations: their own threads, unless time is virtual.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    store = open_store(settings.database_url)
    return wire(
        store,
        SqlViews(store),
        clock or clock_of(settings.clock_file),
        links or FoundStations(settings.stations_home),
        hasher,
        vault=FolderVault(settings.files_vault),
        uploads=uploads,
        setup=SshStationSetup(settings.stations_home),
    )


def clock_of(file: Path) -> Clock:
    """The demo's pace where there is one, else real time."""
    return PacedClock(file) if file.exists() else SystemClock()


def wire(
    store: Store,
    views: Views,
    clock: Clock,
    links: StationLink,
    hasher: PasswordHasher | None = None,
    *,
    vault: FileVault,
    uploads: Executor | None = None,
    setup: StationSetup | None = None,
) -> Services:
    """The services over any implementation of the ports. Without `setup` no stations are set up from here."""
    people = People(store, clock, hasher)
    charging = Charging(store, clock)
    staging = Staging(store, clock, links, vault, verify, uploads)
    flashing = Flashing(store, clock, links, staging, Journals(links, vault, clock))
    release = Release(store, clock)
    return Services(
        clock=clock,
        store=store,
        views=views,
        links=links,
        people=people,
        sites=Sites(store, clock),
        stations=Stations(store, clock, links, setup),
        packages=Packages(store, clock, vault, verify),
        staging=staging,
        intake=Intake(store, clock),
        planning=Planning(store, clock),
        replanning=Replanning(store, clock, flashing.away),
        forecasting=Forecasting(store, views, clock, flashing.away),
        control=Control(store, clock),
        marks=Marks(store, views, clock, on_claim=flashing.follow),
        charging=charging,
        flashing=flashing,
        evidence=Evidences(store, vault),
        resolving=Resolving(store, clock, links),
        quality=Quality(store, views, clock, people),
        release=release,
        reconcile=Reconcile(store, clock, charging, flashing, release, staging),
        boards=Boards(store, views, clock),
        audit=Audit(store),
    )
