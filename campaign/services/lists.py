"""A list as the use cases see it: rows with their places, and what the fleet says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from campaign.domain.identity import Vin
from campaign.domain.reasons import Reason
from campaign.domain.vehicle import OrderState
from campaign.ports.records import ImportRecord, ListedVehicle


class ListKind(StrEnum):
    """What a list is about."""

    VEHICLES = "vehicles"
    ORDERS = "orders"


class ListedCar(ListedVehicle, Protocol):
    """One car of a list, with its place."""

    @property
    def sheet(self) -> str: ...
    @property
    def row(self) -> int: ...


class ListedOrder(Protocol):
    """One order of a list; `vin` is None while it is not bound to a car."""

    @property
    def vin(self) -> Vin | None: ...
    @property
    def order_no(self) -> str | None: ...
    @property
    def state(self) -> OrderState: ...
    @property
    def promised(self) -> date | None: ...
    @property
    def weight(self) -> int: ...
    @property
    def sheet(self) -> str: ...
    @property
    def row(self) -> int: ...


R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Listed(Generic[R]):
    """A list as it was read: `sha256` is of the file's bytes."""

    file_name: str
    sha256: str
    rows: Sequence[R]


@dataclass(frozen=True, slots=True)
class Finding:
    """What the fleet says against a row. `rejects`: it is not taken in; else it is taken in with a warning."""

    sheet: str
    row: int
    vin: Vin | None
    reason: Reason
    rejects: bool = True


@dataclass(frozen=True, slots=True)
class Checked(Generic[R]):
    """A dry run: `new` would be written, `same` rows are in the fleet already; `already` was this very file."""

    new: list[R]
    same: int
    findings: list[Finding]
    already: ImportRecord | None = None


@dataclass(frozen=True, slots=True)
class Imported(Generic[R]):
    """What an import did. `record` is the first one's when the same file had been taken in before."""

    record: ImportRecord
    checked: Checked[R]

    @property
    def repeated(self) -> bool:
        """The same file came before: nothing was done."""
        return self.checked.already is not None
