"""A seeded case: finished cars as they stand in a yard, and the lists that a planner and sales get."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import xlsxwriter

from campaign.domain.identity import SoftwareVersion, Vin, with_check_digit
from campaign.domain.rules import CampaignRules
from campaign.domain.site import SiteLayout
from campaign.domain.vehicle import OrderState
from campaign.planning.charging_time import charge_minutes

LOWEST_SOC, HIGHEST_SOC = 50, 350  # tenths of a percent at the start: 5 to 35 %
ORDERED = 0.7  # of the cars have a demand order with a date; the rest are explicitly without one
UNANSWERED = 0.01  # sales forgot to say anything about these
EARLIEST, LATEST = 0.05, 0.72  # promised dates, as parts of the shortest time that the work can take
URGENT = 0.2  # of the ordered cars
URGENT_WORD, NORMAL_WORD = "高", "普通"
FLASH_MIN = 45
TITLE = "ID.4 X 待升级车辆清单"

_VARIANTS = (
    ("6E4", "纯净智享版"),
    ("6E4", "智享长续航版"),
    ("6E5", "极智长续航版"),
    ("7E5", "劲能四驱版"),
)
_MARKETS = ("上海", "江苏", "浙江", "广东", "四川", "北京", "山东", "湖北")
_DEALERS = ("安亭中心", "虹桥店", "苏州园区店", "杭州滨江店", "深圳南山店", "成都高新店", "武汉光谷店")


@dataclass(frozen=True, slots=True)
class FleetCar:
    """One car of the case. `order_state` UNKNOWN: no list says anything about it."""

    vin: Vin
    variant: str
    soc: int  # tenths of a percent on the display
    slot: str
    order_state: OrderState
    order_no: str | None
    promised: date | None
    urgent: bool
    market: str
    dealer: str


def make_fleet(
    count: int, layout: SiteLayout, rules: CampaignRules, start: datetime, seed: int
) -> tuple[FleetCar, ...]:
    """`count` cars on slots of the site; the same arguments always give the same cars.

    Raises ValueError when the site has fewer slots.
    """
    draw = Random(f"fleet:{seed}:{count}")
    if count > len(layout.slots):
        raise ValueError(f"{count} cars do not fit on {len(layout.slots)} slots of site {layout.code}")
    slots = draw.sample(layout.slots, count)
    socs = [draw.randint(LOWEST_SOC, HIGHEST_SOC) for _ in range(count)]
    span = _shortest(socs, layout, rules)
    local = start.astimezone(ZoneInfo(layout.zone))
    serial = draw.randint(100_000, 300_000)
    cars = []
    for soc, slot in zip(socs, slots, strict=True):
        serial += draw.choice((1, 1, 1, 2, 3, 7))
        code, variant = draw.choice(_VARIANTS)
        vin = with_check_digit(f"LSVU{draw.choice('ABC')}{code}0P2{serial:06d}")
        state = _order_state(draw)
        known = state is OrderState.KNOWN
        promised = (local + draw.uniform(EARLIEST, LATEST) * span).date() if known else None
        cars.append(
            FleetCar(
                vin, variant, soc, slot, state, f"SO{serial + 4_500_000}" if known else None, promised,
                known and draw.random() < URGENT, draw.choice(_MARKETS), draw.choice(_DEALERS),
            )
        )  # fmt: skip
    return tuple(cars)


def _order_state(draw: Random) -> OrderState:
    luck = draw.random()
    if luck < UNANSWERED:
        return OrderState.UNKNOWN
    return OrderState.KNOWN if luck < UNANSWERED + ORDERED else OrderState.NONE


def _shortest(socs: list[int], layout: SiteLayout, rules: CampaignRules) -> timedelta:
    """What the work takes at least: charging on all points, or flashing on all stations."""
    charging = sum(charge_minutes(soc, rules.gate.min_tenths) for soc in socs) / len(layout.points)
    flashing = len(socs) * FLASH_MIN / len(layout.stations)
    return max(timedelta(minutes=max(charging, flashing)), timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Lists:
    """The files as they were handed in."""

    vehicles: Path
    orders: Path


def write_lists(cars: tuple[FleetCar, ...], source: SoftwareVersion, folder: Path) -> Lists:
    """The plant's workbook of cars, and the order list of sales as an old program exports it (GB18030).

    The same cars give the same bytes, so that a second import of a second writing is recognised.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lists = Lists(folder / "待升级车辆清单.xlsx", folder / "需求订单.csv")
    _write_vehicles(cars, source, lists.vehicles)
    _write_orders(cars, lists.orders)
    return lists


def _write_vehicles(cars: tuple[FleetCar, ...], source: SoftwareVersion, file: Path) -> None:
    with xlsxwriter.Workbook(str(file)) as book:
        book.set_properties({"title": TITLE, "created": datetime(2026, 1, 1)})  # noqa: DTZ001 - zip has no zone
        sheet = book.add_worksheet("车辆")
        sheet.write(0, 0, TITLE)
        sheet.write(1, 0, f"共 {len(cars)} 台")
        sheet.write_row(3, 0, ("序号", "车架号", "车型", "配置", "软件版本", "仪表电量(%)", "车位号"))
        for no, car in enumerate(cars, 1):
            row = (no, car.vin, "ID.4 X", car.variant, str(source), car.soc / 10, car.slot)
            sheet.write_row(3 + no, 0, row)


def _write_orders(cars: tuple[FleetCar, ...], file: Path) -> None:
    with file.open("w", encoding="gb18030", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(("订单号", "车架号", "承诺交付日期", "优先级", "区域", "经销商"))
        for car in cars:
            if car.order_state is not OrderState.UNKNOWN:
                promised = "" if car.promised is None else car.promised.strftime("%Y/%m/%d")
                word = URGENT_WORD if car.urgent else NORMAL_WORD
                rows.writerow((car.order_no or "无", car.vin, promised, word, car.market, car.dealer))
