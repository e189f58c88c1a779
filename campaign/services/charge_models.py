"""How long cars charge at a site: its model by configuration, and each point's pace by what was read there lately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaign.domain.site import Point, SiteLayout
from campaign.planning.charge_slopes import ChargeSeen, PointPace, SitePaces, site_paces
from campaign.planning.charging_time import ChargeModel, charge_minutes
from campaign.ports.store import UnitOfWork

EACH = 12
"""Charges per point that are looked back on: about five days of one that is always in use."""
KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ChargeModels:
    """The site's nominal model, and by point its own model and its observed pace."""

    nominal: ChargeModel
    models: Mapping[str, ChargeModel]
    paces: SitePaces

    def minutes(self, soc_tenths: int, target_tenths: int, point: str | None = None) -> int:
        """Whole minutes to the target: at a point as it was observed, else nominal."""
        if point is None or point not in self.models:
            return charge_minutes(soc_tenths, target_tenths, self.nominal)
        return charge_minutes(soc_tenths, target_tenths, self.models[point], self.paces.points[point].pace)

    def pace(self, point: str) -> int:
        """Thousandths of the nominal minutes that the point takes: by its power, and as it was observed."""
        if point not in self.models:
            return self.paces.level
        slower = self.models[point].per_percent / self.nominal.per_percent
        return max(1, round(slower * self.observed(point).pace))

    def observed(self, point: str) -> PointPace:
        """What was seen of a point of the layout, against its own model."""
        return self.paces.points[point]


def charge_models(uow: UnitOfWork, layout: SiteLayout, now: datetime) -> ChargeModels:
    """The models of a site by its last charges, in one bounded read. Raises BadInput where no power is left."""
    at = _Site(layout)
    models = {point.name: at.model(point, now) for point in layout.points}
    slowness = sorted(models.values(), key=lambda model: model.per_percent)
    nominal = slowness[(len(slowness) - 1) // 2] if slowness else ChargeModel()
    return ChargeModels(nominal, models, site_paces(at.seen(uow), list(models)))


class KeptChargeModels:
    """The models of a site, read again when they are an hour old or the site has changed.

    For hand-ins: many of them a minute would read the same charges, and what has just ended can wait.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[object, datetime, ChargeModels]] = {}

    def of(self, uow: UnitOfWork, layout: SiteLayout, now: datetime) -> ChargeModels:
        """As `charge_models`."""
        rests_on = (layout.points, layout.circuits, layout.charging)
        before, at, models = self._kept.get(layout.code, (None, now, None))
        if models is None or before != rests_on or not timedelta() <= now - at < KEPT:
            models = charge_models(uow, layout, now)
            self._kept[layout.code] = (rests_on, now, models)
        return models


@dataclass(slots=True)
class _Site:
    """A layout, and the models of its points by month: the air differs, equal points share one."""

    layout: SiteLayout
    made: dict[tuple[float, float, int], ChargeModel] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)

    def model(self, point: Point, at: datetime) -> ChargeModel:
        """The model of a point at a time."""
        charging = self.layout.charging
        if charging is None:
            return ChargeModel()
        if point.circuit not in self.shares:
            self.shares[point.circuit] = self.layout.share_kw(point.circuit)
        share, month = self.shares[point.circuit], at.astimezone(ZoneInfo(self.layout.zone)).month
        key = (point.kw, share, month)
        if key not in self.made:
            self.made[key] = ChargeModel.of(charging, point.kw, share, charging.celsius_in(month))
        return self.made[key]

    def seen(self, uow: UnitOfWork) -> list[ChargeSeen]:
        """The last charges at points of the layout, against the model of their time."""
        points = {point.name: point for point in self.layout.points}
        return [
            ChargeSeen(
                charge.point,
                charge.start_soc,
                charge.end_soc,
                int((charge.ended_at - charge.started_at).total_seconds()) // 60,
                self.model(points[charge.point], charge.started_at),
            )
            for charge in uow.charges.recent(self.layout.code, EACH * len(points))
            if charge.point in points
        ]
