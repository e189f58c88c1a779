"""Tables of what is kept as a record: holds, sign-offs, touches, the event log, and leases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaign.domain.events import Kind
from campaign.domain.identity import Vin
from campaign.domain.signoff import Decision
from campaign.domain.signoff import Touch as TouchKind
from campaign.store.schema.columns import Key, Tables
from campaign.store.schema.way import partial


class Hold(Tables):
    """Something that a person stopped; in force until `lifted_at`."""

    __tablename__ = "hold"
    __table_args__ = (partial("ix_hold_open", "lifted_at", "id", where="lifted_at IS NULL"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    scope: Mapped[str]
    target: Mapped[str]
    why: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None]
    lift_why: Mapped[str | None]


class SignOff(Tables):
    """A QA decision. A trigger lets nothing change but its voiding, once."""

    __tablename__ = "signoff"
    __table_args__ = (Index("ux_signoff_seen", "batch_id", "seen_hash", unique=True),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    batch_id: Mapped[int] = mapped_column(Key, ForeignKey("batch.id"))
    decision: Mapped[Decision]
    person: Mapped[str]
    at: Mapped[datetime]
    seen_hash: Mapped[str]
    reason: Mapped[str]
    cars: Mapped[int]
    voided_at: Mapped[datetime | None]
    void_why: Mapped[str]


class SignOffCar(Tables):
    """A car that a decision is about."""

    __tablename__ = "signoff_car"

    signoff_id: Mapped[int] = mapped_column(Key, ForeignKey("signoff.id"), primary_key=True)
    car_id: Mapped[int] = mapped_column(Key, ForeignKey("upgrade.id"), primary_key=True)


class Touch(Tables):
    """A person worked on a car (rule 5)."""

    __tablename__ = "touch"

    car_id: Mapped[int] = mapped_column(Key, ForeignKey("upgrade.id"), primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[TouchKind] = mapped_column(primary_key=True)


class Event(Tables):
    """One change, sealed in its chain (rule 7). Triggers refuse UPDATE and DELETE."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ux_event_seq", "chain", "seq", unique=True),
        partial("ux_event_client", "client_id", unique=True, where="client_id IS NOT NULL"),
        partial("ix_event_vin", "vin", where="vin IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    chain: Mapped[str]
    seq: Mapped[int] = mapped_column(Key)
    kind: Mapped[Kind]
    actor: Mapped[str]
    at: Mapped[datetime]
    device: Mapped[str]
    vin: Mapped[Vin | None]
    batch_no: Mapped[int | None]
    reason: Mapped[str]
    data: Mapped[str]
    client_id: Mapped[str | None]
    claimed_at: Mapped[datetime | None]
    previous: Mapped[str]
    digest: Mapped[str]


class ChainHead(Tables):
    """The last event of a chain: the writers' lock, the change token, and the witness of the chain's end."""

    __tablename__ = "chain_head"

    chain: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(Key)
    digest: Mapped[str]
    at: Mapped[datetime | None]


class Lease(Tables):
    """Who may run something alone, until when (real time)."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    expires_at: Mapped[datetime]
