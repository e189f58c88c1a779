"""How fast each charge point really is, from charges that have ended: robust, and slow to believe.

A SOC reading is good to about a point, so that a charge of ten points tells the pace to about a tenth, a short one
nothing. Cars differ too. Therefore the median of a point's charges counts, weighted by what they gained, and it is
drawn towards the site's level as long as there are few of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from campaign.domain.soc import FULL
from campaign.planning.charging_time import ChargeModel
from campaign.planning.resources import NOMINAL

LEAST, MOST = 500, 2000
"""No pace is believed beyond these, in thousandths."""
SHORT, LONG = 20, 100
"""Gains in tenths: below the first a charge tells nothing, from the second on it counts as one whole charge."""
LINEAR_TO = FULL - 10
"""A car that ends here was full before, nobody knows since when."""
WILDEST = 4
"""More than so many times faster or slower than the model: a reading of another car, or a cable that was out."""
APART = 2
"""More than so many times off the median of its point: something else happened to that charge."""
DOUBT = 4
"""So many whole charges say as much as the site's level does."""
SLOW = 1150
"""A point that takes so much longer than the site's level is worth a look, in thousandths."""
SURE = 3
"""Charges that it takes to call a point slow."""


@dataclass(frozen=True, slots=True)
class ChargeSeen:
    """A charge that has ended: SOC in tenths at both ends, the minutes between, the model of its point then."""

    point: str
    start_soc: int
    end_soc: int
    minutes: int
    model: ChargeModel

    @property
    def gained(self) -> int:
        """Tenths of a percent."""
        return self.end_soc - self.start_soc

    @property
    def pace(self) -> int | None:
        """Against the model, in thousandths; None where it tells nothing or cannot be."""
        if self.gained < SHORT or self.end_soc >= LINEAR_TO:
            return None
        pace = self.model.pace_of(self.gained, self.minutes)
        return pace if NOMINAL <= pace * WILDEST <= NOMINAL * WILDEST**2 else None

    @property
    def weight(self) -> int:
        """The error of a slope falls with the gain, its variance with the square."""
        return min(self.gained, LONG) ** 2


@dataclass(frozen=True, slots=True)
class PointPace:
    """The pace of a point in thousandths of the model's minutes, from `seen` charges; others were left out."""

    pace: int = NOMINAL
    seen: int = 0
    left_out: int = 0
    slow: bool = False


@dataclass(frozen=True, slots=True)
class SitePaces:
    """Every point's pace, and the site's level: what is expected of a point that nothing is known of."""

    level: int
    points: Mapping[str, PointPace]


def site_paces(charges: Iterable[ChargeSeen], points: Sequence[str]) -> SitePaces:
    """What the charges tell of `points`; those at other points are passed over."""
    by_point: dict[str, list[ChargeSeen]] = defaultdict(list)
    for charge in charges:
        by_point[charge.point].append(charge)
    told = {point: _told(by_point.get(point, [])) for point in points}
    level = _level([one.drawn_to(NOMINAL) for one in told.values()])
    return SitePaces(level, {point: one.judged(level) for point, one in told.items()})


@dataclass(frozen=True, slots=True)
class _Told:
    """What a point's charges say by themselves: their median and how much it weighs."""

    median: int
    weight: int
    seen: int
    left_out: int

    def drawn_to(self, level: int) -> int:
        doubt = DOUBT * LONG**2
        pace = round((self.weight * self.median + doubt * level) / (self.weight + doubt))
        return min(max(pace, LEAST), MOST)

    def judged(self, level: int) -> PointPace:
        pace = self.drawn_to(level)
        slow = self.seen >= SURE and pace * NOMINAL >= level * SLOW
        return PointPace(pace, self.seen, self.left_out, slow)


def _told(charges: Sequence[ChargeSeen]) -> _Told:
    paced = [(pace, charge.weight) for charge in charges if (pace := charge.pace) is not None]
    if not paced:
        return _Told(NOMINAL, 0, 0, len(charges))
    middle = _median(paced)
    near = [(pace, w) for pace, w in paced if middle <= pace * APART and pace <= middle * APART]
    return _Told(_median(near), sum(w for _, w in near), len(near), len(charges) - len(near))


def _level(votes: Sequence[int]) -> int:
    """The median of the points, each with one vote, and one for the model.

    So one bad point among few does not move the others, and a site that is slow as a whole moves them all.
    """
    return _median([(vote, 1) for vote in (*votes, NOMINAL)])


def _median(weighed: Sequence[tuple[int, int]]) -> int:
    """The median of (value, weight): half of the weight lies on each side.

    Where two are in the middle, the one nearer to the model: of two charges none is known to be the outlier.
    """
    ordered = sorted(weighed)
    whole, passed = sum(weight for _, weight in ordered), 0
    middle = []
    for value, weight in ordered:
        passed += weight
        if 2 * passed >= whole:
            middle.append(value)
        if 2 * passed > whole:
            break
    return min(middle, key=lambda value: abs(value - NOMINAL))
