"""What one transaction does to the cars of one campaign: judged on loaded values, collected, written in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from campaign.domain.campaign import Campaign, threshold_reason
from campaign.domain.events import Fact, Kind
from campaign.domain.gates import Around, Hold
from campaign.domain.identity import Vin
from campaign.domain.people import Actor
from campaign.domain.signoff import Touch, Touched
from campaign.domain.site import SiteLayout
from campaign.domain.vehicle import Car, Reading, Status, Step, after
from campaign.errors import BrokenRule, NotFound
from campaign.ports.records import CarChange
from campaign.ports.store import Store, UnitOfWork


class CampaignWork:
    """One unit of work on one campaign. `step` and `read_soc` return the car as it will be; `flush` writes."""

    def __init__(self, uow: UnitOfWork, campaign: Campaign, now: datetime) -> None:
        self.uow, self.campaign, self.now = uow, campaign, now
        self.rules = campaign.rules
        self._changes: list[CarChange] = []
        self._readings: list[tuple[Car, Reading]] = []
        self._facts: list[Fact] = []
        self._touches: list[Touched] = []
        self._touched: dict[Vin, Car] = {}
        self._holds: dict[tuple[str, str], list[Hold]] | None = None
        self._layout: SiteLayout | None = None

    @property
    def around(self) -> Around:
        """The campaign's switches, as loaded."""
        return Around(self.campaign.state, self.campaign.pilot_approved, threshold_reason(self.campaign))

    @property
    def layout(self) -> SiteLayout:
        """The campaign's site, loaded once. Raises NotFound."""
        if self._layout is None:
            self._layout = self.uow.sites.get(self.rules.site)
        if self._layout is None:
            raise NotFound(f"site {self.rules.site} is not set up here")
        return self._layout

    def holds_on(self, car: Car, station: str | None = None) -> list[Hold]:
        """Every open hold that stops this car (or the station, where one is named)."""
        holds = self._open_holds()
        if not holds:
            return []
        keys = [
            ("car", car.vin), ("batch", f"{car.campaign}/B{car.batch_no:03d}"), ("campaign", car.campaign),
            ("package", self.rules.package), ("station", station or ""),
        ]  # fmt: skip
        return [hold for key in keys for hold in holds.get(key, [])]

    def held(self, scope: str) -> dict[str, Hold]:
        """What of a kind is on hold, by name, with the first hold on it."""
        return {target: holds[0] for (kind, target), holds in self._open_holds().items() if kind == scope}

    def _open_holds(self) -> dict[tuple[str, str], list[Hold]]:
        if self._holds is None:
            self._holds = defaultdict(list)
            for hold in self.uow.holds.open():
                self._holds[hold.scope, hold.target].append(hold)
        return self._holds

    def step(
        self,
        car: Car,
        step: Step,
        actor: Actor,
        *,
        reason: str = "",
        soc: Reading | None = None,
        read_back: str | None = None,
        forget_read_back: bool = False,
        attempts: int = 0,
        rig_errors: int = 0,
        client_id: str | None = None,
        claimed_at: datetime | None = None,
        data: dict[str, Any] | None = None,
    ) -> Car:
        """Take one step from the table, with its event. The rule was asked before; a way that is not there is a bug."""
        to = after(car.status, step)
        if to is None:
            raise BrokenRule(f"{car.vin}: no way {step.value} from {car.status.value}")
        self._changes.append(
            CarChange(
                car, step, to, actor.id, self.now, soc, read_back, forget_read_back, attempts, rig_errors
            )
        )
        told = {"step": step.value, "from": car.status.value, "to": to.value, **(data or {})}
        if soc is not None:
            told |= {"soc": soc.tenths, "gauge": soc.gauge.value}
        if read_back is not None:
            told["read_back"] = read_back
        self.fact(Kind.CAR, actor, car, reason=reason, data=told, client_id=client_id, claimed_at=claimed_at)
        return replace(
            car,
            status=to,
            revision=car.revision + 1,
            soc=soc or car.soc,
            read_back=None if forget_read_back else read_back or car.read_back,
            attempts=car.attempts + attempts,
            rig_errors=car.rig_errors + rig_errors,
            changed_at=self.now,
            changed_by=actor.id,
        )

    def read_soc(
        self,
        car: Car,
        reading: Reading,
        actor: Actor,
        *,
        client_id: str | None = None,
        claimed_at: datetime | None = None,
    ) -> Car:
        """Keep a reading without a step."""
        self._readings.append((car, reading))
        data = {"soc": reading.tenths, "gauge": reading.gauge.value}
        self.fact(Kind.SOC_READ, actor, car, data=data, client_id=client_id, claimed_at=claimed_at)
        return replace(car, soc=reading)

    def fact(
        self,
        kind: Kind,
        actor: Actor,
        car: Car | None = None,
        *,
        reason: str = "",
        data: dict[str, Any] | None = None,
        client_id: str | None = None,
        claimed_at: datetime | None = None,
        batch_no: int | None = None,
    ) -> None:
        """Tell an event of this campaign."""
        self._facts.append(
            Fact(
                kind, actor.id, self.now, actor.device, car.vin if car else None,
                car.batch_no if car else batch_no, reason, data or {}, client_id, claimed_at,
            )
        )  # fmt: skip

    def touch(self, car: Car, actor: Actor, touch: Touch) -> None:
        """Remember who worked on it (rule 5)."""
        if not actor.is_system:
            self._touches.append(Touched(actor.id, car.vin, touch))
            self._touched[car.vin] = car

    def void_signatures(self, car: Car, actor: Actor, why: str) -> Car:
        """Rule 6: a signed car is about to change. Ends the batch's approvals; returns the car, unsigned."""
        for ended in self.uow.sign_offs.void(car.batch_id, self.now, why):
            data = {"sign_off": ended.id, "signer": ended.person, "hash": ended.seen_hash}
            self.fact(Kind.SIGNATURE_VOIDED, actor, reason=why, data=data, batch_no=car.batch_no)
        unsigned = car
        for other in self.uow.cars.in_batch(car.batch_id):
            if other.status is Status.APPROVED:
                after_void = self.step(other, Step.VOID, actor, reason=why)
                unsigned = after_void if other.vin == car.vin else unsigned
        self.flush()
        return unsigned

    def flush(self) -> None:
        """Write what was collected, in bulk. Called before commit, and where later reads must see it."""
        if self._changes:
            self.uow.cars.move(self._changes)
        if self._readings:
            self.uow.cars.read_soc(self._readings)
        if self._touches:
            self.uow.sign_offs.touch(self._touches, self._touched)
        if self._facts:
            self.uow.log.append(self._facts)
        self._changes, self._readings, self._touches, self._facts = [], [], [], []

    def commit(self) -> None:
        """Flush and commit."""
        self.flush()
        self.uow.commit()


@contextmanager
def campaign_work(store: Store, code: str, now: datetime) -> Iterator[CampaignWork]:
    """A writing unit on a campaign, its chain's head taken. Raises NotFound."""
    with store.write(code) as uow:
        campaign = uow.campaigns.get(code)
        if campaign is None:
            raise NotFound(f"there is no campaign {code} here")
        yield CampaignWork(uow, campaign, now)


def cars_named(uow: UnitOfWork, vins: Sequence[Vin], code: str) -> dict[Vin, Car]:
    """The cars of `vins` that are in the campaign."""
    return {vin: car for vin, car in uow.cars.latest(vins).items() if car.campaign == code}
