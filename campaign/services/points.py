"""Charge points: which are free, and what one hand-in takes and frees."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from operator import itemgetter

from campaign.domain.circuits import fed
from campaign.domain.people import Actor
from campaign.domain.vehicle import Car
from campaign.services.work import CampaignWork


def free_points(work: CampaignWork) -> list[str]:
    """Points of the site without an open charge or a hold, in order of the layout."""
    return _free(work, _in_use(work))


def points_to_give(work: CampaignWork) -> list[str]:
    """Free points that their circuits can feed beside those in use: what may be given to a car now."""
    in_use = _in_use(work)
    return fed(work.layout, in_use, _free(work, in_use))


def _in_use(work: CampaignWork) -> set[str]:
    return {charge.point for charge in work.uow.charges.open(work.rules.site)}


def _free(work: CampaignWork, in_use: set[str]) -> list[str]:
    taken = in_use | work.held("point").keys()
    return [point.name for point in work.layout.points if point.name not in taken]


class PointMoves:
    """Points taken and freed by one hand-in, written in its order, in as few statements as that allows."""

    def __init__(self) -> None:
        self._moves: list[tuple[bool, Car, str, int | None, datetime | None]] = []

    def start(self, car: Car, point: str, soc: int | None, end: datetime | None) -> None:
        """The car was connected; it should be full at `end`."""
        self._moves.append((True, car, point, soc, end))

    def end(self, car: Car, soc: int | None) -> None:
        """The car was unplugged."""
        self._moves.append((False, car, "", soc, None))

    def taker(self, point: str) -> str:
        """Who took the point in this hand-in, or empty."""
        return next((car.vin for _, car, taken, _, _ in self._moves if taken == point), "")

    def write(self, work: CampaignWork, actor: Actor) -> None:
        """Runs of the same kind go together."""
        for starting, moves in groupby(self._moves, key=itemgetter(0)):
            if starting:
                starts = [(car, point, soc, end) for _, car, point, soc, end in moves]
                work.uow.charges.start(starts, work.rules.site, work.now, actor.id)
            else:
                work.uow.charges.end([(car, soc) for _, car, _, soc, _ in moves], work.now)
