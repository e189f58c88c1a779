"""Tables of a car's way: campaigns, batches, upgrades, charges, attempts, and the counters beside them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from campaign.domain.campaign import CampaignState
from campaign.domain.identity import Vin
from campaign.domain.retry import Outcome
from campaign.domain.soc import Gauge
from campaign.domain.vehicle import Status
from campaign.store.schema.columns import Key, Tables


def partial(name: str, *columns: str, where: str, unique: bool = False) -> SchemaItem:
    """An index over some rows only, on both databases."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


class Campaign(Tables):
    """A campaign; its rules are those of `campaign_revision` number `revision`."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    site: Mapped[str]
    state: Mapped[CampaignState]
    revision: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    ended: Mapped[int]
    failed: Mapped[int]
    acknowledged_ended: Mapped[int]
    acknowledged_failed: Mapped[int]


class Revision(Tables):
    """The rules as frozen at launch, and every recorded change of them."""

    __tablename__ = "campaign_revision"

    campaign_id: Mapped[int] = mapped_column(Key, ForeignKey("campaign.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rules: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
    why: Mapped[str]


class Batch(Tables):
    """A batch. `closed_at` is kept by the store when the counts say so: it bounds what is active."""

    __tablename__ = "batch"
    __table_args__ = (
        Index("ux_batch_no", "campaign_id", "no", unique=True),
        # The NULL column is part of the key: else SQLite takes the unique index, which holds every batch.
        partial(
            "ix_batch_to_open", "campaign_id", "opened_at", "planned_start", "no", where="opened_at IS NULL"
        ),
        partial("ix_batch_closed", "campaign_id", "closed_at", "no", where="closed_at IS NOT NULL"),
        partial(
            "ix_batch_active",
            "campaign_id",
            "closed_at",
            "no",
            where="opened_at IS NOT NULL AND closed_at IS NULL",
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(Key, ForeignKey("campaign.id"))
    no: Mapped[int]
    size: Mapped[int]
    planned_start: Mapped[datetime]
    planned_end: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class Upgrade(Tables):
    """One vehicle's way through one campaign.

    `batch_open` repeats that the batch was opened: the next cars to work on are found in one small index.
    `reached` has a bit per milestone that the car ever reached: the burn-up counts each once.
    """

    __tablename__ = "upgrade"
    __table_args__ = (
        partial("ux_upgrade_open", "vin", unique=True, where="status NOT IN ('released', 'withdrawn')"),
        Index("ix_upgrade_vin", "vin"),
        Index("ix_upgrade_batch", "batch_id"),
        Index("ix_upgrade_priority", "campaign_id", "priority"),
        Index("ix_upgrade_status", "campaign_id", "status", "priority"),
        partial(
            "ix_upgrade_next",
            "campaign_id",
            "status",
            "batch_open",  # in the key too: else SQLite takes ix_upgrade_status, which holds every car
            "priority",
            where="batch_open AND status IN ('queued', 'charged')",
        ),
        partial("ix_upgrade_uncertain", "vin", where="status = 'uncertain'"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(Key, ForeignKey("campaign.id"))
    vin: Mapped[Vin] = mapped_column(ForeignKey("vehicle.vin"))
    status: Mapped[Status]
    batch_id: Mapped[int] = mapped_column(Key, ForeignKey("batch.id"))
    batch_open: Mapped[bool]
    priority: Mapped[int]
    revision: Mapped[int]
    reached: Mapped[int]
    soc: Mapped[int | None]
    gauge: Mapped[Gauge | None]
    soc_at: Mapped[datetime | None]
    read_back: Mapped[str | None]
    attempts: Mapped[int]
    rig_errors: Mapped[int]
    changed_at: Mapped[datetime | None]
    changed_by: Mapped[str]


class Charge(Tables):
    """A charge point given to a car: given, running, ended."""

    __tablename__ = "charge"
    __table_args__ = (
        partial("ux_charge_point", "site", "point", unique=True, where="ended_at IS NULL"),
        partial("ux_charge_car", "car_id", unique=True, where="ended_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    car_id: Mapped[int] = mapped_column(Key, ForeignKey("upgrade.id"))
    site: Mapped[str]
    point: Mapped[str]
    given_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    start_soc: Mapped[int | None]
    expected_end: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_soc: Mapped[int | None]
    actor: Mapped[str]


class Attempt(Tables):
    """One try at flashing one car on one station."""

    __tablename__ = "attempt"
    __table_args__ = (
        Index("ux_attempt_job", "job_id", unique=True),
        partial("ux_attempt_station", "site", "station", unique=True, where="ended_at IS NULL"),
        partial("ux_attempt_car", "car_id", unique=True, where="ended_at IS NULL"),
        partial("ix_attempt_running", "campaign_id", where="ended_at IS NULL"),
        Index("ix_attempt_car", "car_id"),
        Index("ix_attempt_at_station", "site", "station", "id"),
        partial("ix_attempt_evidence_due", "campaign_id", "evidence_due", "id", where="evidence_due"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    job_id: Mapped[str]
    car_id: Mapped[int] = mapped_column(Key, ForeignKey("upgrade.id"))
    campaign_id: Mapped[int] = mapped_column(Key, ForeignKey("campaign.id"))
    site: Mapped[str]
    station: Mapped[str]
    opened_at: Mapped[datetime]
    soc: Mapped[int | None]
    started_at: Mapped[datetime | None]
    percent: Mapped[int]
    step: Mapped[str]
    journal_offset: Mapped[int] = mapped_column(Key)
    ended_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]
    read_back: Mapped[str | None]
    detail: Mapped[str]
    fault: Mapped[str]
    params: Mapped[str]
    evidence_due: Mapped[bool]


class CampaignCount(Tables):
    """Cars of a campaign by status."""

    __tablename__ = "campaign_count"

    campaign_id: Mapped[int] = mapped_column(Key, ForeignKey("campaign.id"), primary_key=True)
    status: Mapped[Status] = mapped_column(primary_key=True)
    n: Mapped[int]


class BatchCount(Tables):
    """Cars of a batch by status."""

    __tablename__ = "batch_count"

    batch_id: Mapped[int] = mapped_column(Key, ForeignKey("batch.id"), primary_key=True)
    status: Mapped[Status] = mapped_column(primary_key=True)
    n: Mapped[int]


class Burn(Tables):
    """How many cars first reached a status in an hour."""

    __tablename__ = "burn"

    campaign_id: Mapped[int] = mapped_column(Key, ForeignKey("campaign.id"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    status: Mapped[Status] = mapped_column(primary_key=True)
    n: Mapped[int]
