"""The site as the store keeps it: its cars with their lists and orders, its people, its layouts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from campaign.domain.identity import Vin
from campaign.domain.site import SiteLayout
from campaign.ports.records import ImportRecord, ListedVehicle, OrderFact, Person, SignIn, Vehicle


class Fleet(Protocol):
    """The cars of the site and the lists that they came in."""

    def known(self, vins: Iterable[Vin]) -> dict[Vin, Vehicle]:
        """Those of `vins` that are in the fleet."""

    def vins(self, site: str) -> set[Vin]:
        """Every VIN of the site, for look-alikes."""

    def add(self, vehicles: Sequence[Vehicle]) -> None:
        """Insert in bulk (100,000 in about a second). Unknown VINs only."""

    def take_in(self, rows: Sequence[ListedVehicle], site: str, import_id: int) -> None:
        """Insert the cars of a list, in bulk (100,000 in half a second). Unknown VINs only.

        Their SOC has no time: a list does not say when it was read, so that no gate may trust it.
        """

    def slots_taken(self, site: str, slots: Iterable[str]) -> dict[str, Vin]:
        """Which of `slots` hold a car."""

    def set_orders(self, orders: Sequence[OrderFact]) -> None:
        """Set what sales says, in bulk."""

    def orders_of_import(self, import_id: int) -> list[OrderFact]:
        """What the orders were before that import, to undo it."""

    def remember_orders(self, import_id: int, before: Sequence[OrderFact]) -> None:
        """Keep the orders that an import is about to change."""

    def eligible(self, site: str, version: str) -> list[Vehicle]:
        """Cars at `version` without an open upgrade, by VIN."""

    def remove_import(self, import_id: int) -> int:
        """Take out the cars of an import; returns how many. Raises Conflict when one was worked on."""

    def worked_on(self, import_id: int) -> Vin | None:
        """One car of the import that is in any campaign, or None."""

    def add_import(
        self, kind: str, file_name: str, sha256: str, at: datetime, by: str, rows: int
    ) -> ImportRecord:
        """Record a list."""

    def import_by_hash(self, kind: str, sha256: str) -> ImportRecord | None:
        """The same file, taken in before and not undone."""

    def import_by_id(self, import_id: int) -> ImportRecord | None:
        """A list by its number."""

    def undo_import(self, import_id: int, at: datetime) -> None:
        """Mark it undone."""


class People(Protocol):
    """People and their sign-ins."""

    def get(self, person_id: str) -> Person | None:
        """By id."""

    def all(self) -> list[Person]:
        """By id."""

    def put(self, person: Person) -> None:
        """Insert or change, the password hash and the counters of wrong tries included."""

    def add_sign_in(self, sign_in: SignIn) -> None:
        """A new session."""

    def sign_in(self, sid_hash: str) -> SignIn | None:
        """By the hash of its secret."""

    def revoke(self, sid_hash: str, at: datetime) -> None:
        """End a session."""


class Sites(Protocol):
    """Layouts as applied from the configuration."""

    def get(self, code: str) -> SiteLayout | None:
        """By code."""

    def put(self, layout: SiteLayout, at: datetime) -> bool:
        """Store; returns whether anything changed."""
