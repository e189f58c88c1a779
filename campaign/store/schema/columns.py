"""Column types: times as aware UTC on both databases, enums by value, VINs in byte order."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

from campaign.domain.campaign import CampaignState
from campaign.domain.events import Kind, stamp
from campaign.domain.identity import Vin
from campaign.domain.package import PackageState
from campaign.domain.retry import Outcome
from campaign.domain.signoff import Decision, Touch
from campaign.domain.soc import Gauge
from campaign.domain.staging import StagingState
from campaign.domain.vehicle import OrderState, Status
from campaign.errors import BrokenRule


class Moment(TypeDecorator[datetime]):
    """An aware UTC time with microseconds: `timestamptz` on PostgreSQL, the text that is hashed on SQLite.

    The text has a fixed width, so that it sorts as time. A naive time raises BrokenRule.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, which knows no times."""
        on_sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(String(32) if on_sqlite else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise BrokenRule("a time without a zone reached the database")
        return stamp(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware UTC."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


def by_value(enum: type[StrEnum]) -> Enum:
    """A text column that holds the enum's values (SQLAlchemy would store the member names)."""
    return Enum(
        enum,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=False,
        length=32,
    )


Number = Integer()

Key = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database gives; SQLite numbers only INTEGER keys by itself."""


class VinText(TypeDecorator[Vin]):
    """A VIN, in byte order on both databases, so that lists by VIN agree."""

    impl = String(17)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """PostgreSQL sorts by the language of the server unless it is told not to."""
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(String(17, collation=collation))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Plain text: a driver is slow with a subclass of str."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Vin | None:  # noqa: ARG002
        """It was checked when it came in."""
        return None if value is None else Vin(value)


CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


_ENUMS: tuple[type[StrEnum], ...] = (
    CampaignState, Decision, Gauge, Kind, OrderState, Outcome, PackageState, StagingState, Status, Touch,
)  # fmt: skip


_TYPES: dict[Any, Any] = {datetime: Moment, str: Text, Vin: VinText}
_TYPES |= {enum: by_value(enum) for enum in _ENUMS}


class Tables(DeclarativeBase):
    """The schema. Models stay inside the store: repositories return frozen values."""

    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map = _TYPES
