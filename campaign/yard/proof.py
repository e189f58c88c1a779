"""An independent check of a finished campaign: walks its event log and proves the rules car by car.

It shares no code with the use cases: it believes only what the log says, in its order. Rules are numbered as in the
product's list of twelve.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from campaign.domain.events import Event
from campaign.domain.rules import CampaignRules
from campaign.domain.vehicle import OrderState, Status
from campaign.errors import NotFound
from campaign.ports.store import Store
from campaign.ports.views import Views
from campaign.yard.walk import Violation, Walk

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Proof:
    """What the walk found. `whole` is the proof of the twelve rules over every car."""

    violations: tuple[Violation, ...]
    cars: int
    released: int
    attempts: int
    events: int

    @property
    def whole(self) -> bool:
        """Every car was released, and no rule was broken on the way."""
        return not self.violations and self.released == self.cars


def prove(events: Iterable[Event], rules: CampaignRules) -> Proof:
    """Walk a campaign's events, oldest first. Pure."""
    walk = Walk(rules)
    count = 0
    for event in events:
        count += 1
        walk.take(event.seq, event.fact)
    walk.finish(count)
    released = sum(car.status is Status.RELEASED for car in walk.cars.values())
    return Proof(tuple(walk.found), len(walk.cars), released, walk.attempts, count)


def prove_campaign(store: Store, views: Views, code: str) -> Proof:
    """The same over a store: the log, the chain of digests (rule 7), and the orders of what left (rule 2).

    Raises NotFound.
    """
    with store.read() as uow:
        campaign = uow.campaigns.get(code)
        if campaign is None:
            raise NotFound(f"there is no campaign {code} here")
        batches = uow.batches.all(code)
        cars = [car for batch in batches for car in uow.cars.in_batch(batch.id)]
    proof = prove(log_of(views, code), campaign.rules)
    found = [Violation(7, broken.seq, "", f"chain {broken.chain}: {broken.why}") for broken in store.verify()]
    found += [
        Violation(2, 0, car.vin, "released without a word about its order")
        for car in cars
        if car.status is Status.RELEASED and car.order_state is OrderState.UNKNOWN
    ]
    if len(cars) != proof.cars:
        found.append(Violation(7, 0, "", f"the log tells of {proof.cars} cars, the store of {len(cars)}"))
    return Proof((*proof.violations, *found), len(cars), proof.released, proof.attempts, proof.events)


def log_of(views: Views, chain: str) -> Iterator[Event]:
    """A whole chain, oldest first."""
    pages: list[list[Event]] = []
    before: int | None = None
    while page := views.log(chain, before=before, limit=PAGE):
        pages.append(page)
        before = page[-1].seq
    for page in reversed(pages):
        yield from reversed(page)
