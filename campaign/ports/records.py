"""What the store keeps beside the domain's own values, as plain frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from campaign.domain.evidence_record import Evidence
from campaign.domain.identity import SoftwareVersion, Vin
from campaign.domain.people import Actor, Role
from campaign.domain.retry import Outcome
from campaign.domain.soc import Gauge
from campaign.domain.vehicle import Car, OrderState, Reading, Status, Step


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A car of the fleet, before and beside any campaign. `version` is canonical text; SOC in tenths."""

    vin: Vin
    site: str
    version: str
    model: str = ""
    variant: str = ""
    slot: str | None = None
    soc: int | None = None
    gauge: Gauge = Gauge.DISPLAY
    soc_at: datetime | None = None
    order_state: OrderState = OrderState.UNKNOWN
    order_no: str | None = None
    promised: date | None = None
    weight: int = 1
    import_id: int | None = None


class ListedVehicle(Protocol):
    """What a list says of a car; `version` and `soc` (tenths) are None where it does not say."""

    @property
    def vin(self) -> Vin: ...
    @property
    def version(self) -> SoftwareVersion | None: ...
    @property
    def soc(self) -> int | None: ...
    @property
    def gauge(self) -> Gauge: ...
    @property
    def model(self) -> str: ...
    @property
    def variant(self) -> str: ...
    @property
    def slot(self) -> str | None: ...
    @property
    def order_no(self) -> str | None: ...
    @property
    def order_state(self) -> OrderState: ...
    @property
    def promised(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class OrderFact:
    """What sales says about one VIN."""

    vin: Vin
    state: OrderState
    order_no: str | None = None
    promised: date | None = None
    weight: int = 1


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """A list that was taken in. `kind` is vehicles or orders; `sha256` of the file makes a second time a no-op."""

    id: int
    kind: str
    file_name: str
    sha256: str
    at: datetime
    by: str
    rows: int
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A car's place in a plan: `priority` 0 goes first; `batch_no` 1 is the pilot."""

    vin: Vin
    batch_no: int
    priority: int


@dataclass(frozen=True, slots=True)
class PlannedBatch:
    """A batch as planned, before it has an id."""

    no: int
    size: int
    planned_start: datetime
    planned_end: datetime


@dataclass(frozen=True, slots=True)
class CarChange:
    """One step of one car as loaded. The store repeats the guard: status and revision must still be those of `car`.

    None for `soc` or `read_back` keeps what is there; `forget_read_back` clears it (a flash is about to write).
    """

    car: Car
    step: Step
    to: Status
    by: str
    at: datetime
    soc: Reading | None = None
    read_back: str | None = None
    forget_read_back: bool = False
    attempts: int = 0  # how many to add
    rig_errors: int = 0


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge point given to a car. `started_at` None: given, not connected yet. Open until `ended_at`."""

    id: int
    car_id: int
    campaign: str
    vin: Vin
    site: str
    point: str
    given_at: datetime
    started_at: datetime | None = None
    start_soc: int | None = None
    expected_end: datetime | None = None
    ended_at: datetime | None = None
    end_soc: int | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class EndedCharge:
    """A charge that has ended with a SOC reading at both ends (tenths): what its pace is seen from."""

    point: str
    started_at: datetime
    ended_at: datetime
    start_soc: int
    end_soc: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at flashing one car on one station. Open until `ended_at`; the station confirms `started_at`."""

    id: int
    job_id: str
    car_id: int
    campaign: str
    vin: Vin
    site: str
    station: str
    opened_at: datetime
    soc: int | None = None  # the reading that opened the gate
    started_at: datetime | None = None
    percent: int = 0
    step: str = ""
    offset: int = 0
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    read_back: str | None = None
    detail: str = ""
    fault: str = ""  # why it did not pass, a code of `domain.flash_faults`
    params: tuple[tuple[str, str], ...] = ()
    evidence_due: bool = False  # it ended, and its journal was not fetched yet


@dataclass(frozen=True, slots=True)
class KeptEvidence:
    """What is kept of an attempt, never changed again; a later look at its journal is another one, with a later `at`.

    `journal` is the sha256 of the raw journal in the vault, `size` its bytes, `cut` when it was longer than is kept.
    `people` are the orchestrator and who had worked on the car by then. `skew_ms` is how far the station's clock was
    ahead of the server's; None where it could not be asked.
    """

    attempt_id: int
    journal: str
    size: int
    cut: bool
    at: datetime
    people: tuple[str, ...]
    skew_ms: int | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in. `password_hash` is argon2id; a person without one cannot sign in."""

    id: str
    name: str
    name_zh: str
    roles: frozenset[Role]
    language: str = "en"
    shared: bool = False
    active: bool = True
    password_hash: str | None = field(default=None, repr=False)
    failed_tries: int = 0
    locked_until: datetime | None = None

    def actor(self, device: str) -> Actor:
        """This person acting from a device."""
        return Actor(self.id, self.name, self.roles, device, self.shared)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A session: only the sha256 of its secret is kept."""

    sid_hash: str
    person: str
    device: str
    opened_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """An event with its client id as it was recorded before: how a duplicate is recognised (rule 8)."""

    client_id: str
    kind: str
    vin: str | None
    actor: str
    at: datetime
    data: Mapping[str, object]
