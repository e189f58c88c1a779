"""People, their roles and what each role may do (domain.md, "Who uses it")."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A job in the plant. One person may have several."""

    PLANNER = "planner"
    TECHNICIAN = "technician"
    LEAD = "lead"  # shift lead and night watch
    QA = "qa"
    PRODUCT = "product"
    SALES = "sales"
    RESIDENT = "resident"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Right(StrEnum):
    """One thing that a use case asks for."""

    VIEW = "view"
    IMPORT = "import"
    RUN = "run"  # plan, launch, pause, resume, stop, withdraw
    MARK = "mark"  # charging, charged, flashed, failed, SOC, retry
    HOLD = "hold"
    SIGN = "sign"
    RESOLVE = "resolve"  # an uncertain car, by a fresh read-back
    ORDERS = "orders"
    PEOPLE = "people"
    STATIONS = "stations"
    AUDIT = "audit"
    PUBLISH = "publish"  # draft, release and end packages


_FLOOR = frozenset({Right.VIEW, Right.MARK})

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.PLANNER: frozenset({Right.VIEW, Right.IMPORT, Right.RUN, Right.ORDERS}),
    Role.TECHNICIAN: _FLOOR,
    Role.LEAD: _FLOOR | {Right.HOLD, Right.RESOLVE},
    Role.QA: frozenset({Right.VIEW, Right.SIGN, Right.HOLD, Right.RESOLVE}),
    Role.PRODUCT: frozenset({Right.VIEW, Right.PUBLISH}),
    Role.SALES: frozenset({Right.VIEW, Right.ORDERS}),
    Role.RESIDENT: frozenset({Right.VIEW, Right.HOLD}),
    Role.MANAGER: frozenset({Right.VIEW}),
    Role.AUDITOR: frozenset({Right.VIEW, Right.AUDIT}),
    Role.ADMIN: frozenset({Right.VIEW, Right.AUDIT, Right.PEOPLE, Right.STATIONS}),
}

SYSTEM_ID = "orchestrator"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it, from which device. `shared` accounts cannot sign; the system itself is `SYSTEM`."""

    id: str
    name: str
    roles: frozenset[Role]
    device: str = ""
    shared: bool = False

    def may(self, right: Right) -> bool:
        """Whether any role of this person carries the right."""
        return any(right in RIGHTS[role] for role in self.roles)

    @property
    def is_system(self) -> bool:
        """The reconciler acts under this name; it never touches a car as a person does."""
        return self.id == SYSTEM_ID


SYSTEM = Actor(SYSTEM_ID, "orchestrator", frozenset(), "server")


def roles_with(right: Right) -> tuple[Role, ...]:
    """Who can do it, for a refusal that says who can lift it (rule 12)."""
    return tuple(role for role in Role if right in RIGHTS[role])
