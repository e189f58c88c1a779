"""Tables of the site: layout, people and their sign-ins, lists taken in, cars, and what sales said before."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from campaign.domain.identity import Vin
from campaign.domain.soc import Gauge
from campaign.domain.vehicle import OrderState
from campaign.store.schema.columns import Key, Tables


class Site(Tables):
    """A layout as applied from the configuration."""

    __tablename__ = "site"

    code: Mapped[str] = mapped_column(primary_key=True)
    layout: Mapped[str]
    applied_at: Mapped[datetime]


class Person(Tables):
    """Somebody who signs in. `roles` is a comma-separated list of role values."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    roles: Mapped[str]
    language: Mapped[str]
    shared: Mapped[bool]
    active: Mapped[bool]
    password_hash: Mapped[str | None]
    failed_tries: Mapped[int]
    locked_until: Mapped[datetime | None]


class SignIn(Tables):
    """A session; only the hash of its secret."""

    __tablename__ = "sign_in"

    sid_hash: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    device: Mapped[str]
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Import(Tables):
    """A list that was taken in."""

    __tablename__ = "import"
    __table_args__ = (Index("ix_import_hash", "kind", "sha256"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
    rows: Mapped[int]
    undone_at: Mapped[datetime | None]


class Vehicle(Tables):
    """A car of the fleet. The order is the car's, not its upgrade's: sales know no campaigns."""

    __tablename__ = "vehicle"
    __table_args__ = (
        Index(
            "ux_vehicle_slot",
            "site",
            "slot",
            unique=True,
            sqlite_where=text("slot IS NOT NULL"),
            postgresql_where=text("slot IS NOT NULL"),
        ),
        Index("ix_vehicle_version", "site", "version"),
        Index("ix_vehicle_import", "import_id"),
        {"sqlite_with_rowid": False},
    )

    vin: Mapped[Vin] = mapped_column(primary_key=True)
    site: Mapped[str]
    version: Mapped[str]
    model: Mapped[str]
    variant: Mapped[str]
    slot: Mapped[str | None]
    soc: Mapped[int | None]
    gauge: Mapped[Gauge]
    soc_at: Mapped[datetime | None]
    order_state: Mapped[OrderState]
    order_no: Mapped[str | None]
    promised: Mapped[date | None]
    weight: Mapped[int]
    import_id: Mapped[int | None] = mapped_column(Key, ForeignKey("import.id"))


class PriorOrder(Tables):
    """What an order was before an import changed it: the way back."""

    __tablename__ = "prior_order"

    import_id: Mapped[int] = mapped_column(Key, ForeignKey("import.id"), primary_key=True)
    vin: Mapped[Vin] = mapped_column(primary_key=True)
    state: Mapped[OrderState]
    order_no: Mapped[str | None]
    promised: Mapped[date | None]
    weight: Mapped[int]
