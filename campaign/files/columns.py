"""Which column is which: the names that people give to columns, and the row in which they stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from campaign.domain.soc import Gauge
from campaign.files.cells import Cell, clean_text, column_letter
from campaign.files.verdicts import UnreadableList

SEARCHED_ROWS = 60  # titles, addresses and logos rarely push a header further down


class Field(StrEnum):
    """What a column of a list can mean."""

    VIN = "VIN"
    VERSION = "software version"
    SOC = "SOC"
    GAUGE = "gauge"
    MODEL = "model"
    VARIANT = "variant"
    SLOT = "slot"
    ORDER = "order number"
    PROMISED = "promised date"
    PRIORITY = "priority"
    WEIGHT = "weight"
    MARKET = "market"
    CUSTOMER = "customer"


_NAMES: Mapping[Field, str] = {
    Field.VIN: (
        "vin vinno vinnumber vincode vehicleidentificationnumber vehicleidentificationno chassis chassisno"
        " chassisnumber fahrgestellnummer frameno framenumber"
        " 车架号 车架号码 车辆识别代号 车辆识别代码 车辆识别码 底盘号 底盘号码"
        " 大架号 vin码 vin号 车辆vin 车辆vin码 vin车架号 车架号vin"
    ),
    Field.VERSION: (
        "version versionno softwareversion swversion swver sw software softwarelevel currentversion"
        " currentsoftwareversion sourceversion 版本 版本号 软件版本 软件版本号 当前版本 当前软件版本 整车版本"
        " 整车软件版本 电器版本 电气版本 现版本 车机版本 softwarestand"
    ),
    Field.SOC: (
        "soc socpercent stateofcharge battery batterylevel batterysoc charge 电量 剩余电量 电池电量 当前电量"
        " 荷电状态 高压电池电量 电量百分比 soc值 电量soc ladezustand socdisplay displaysoc 仪表soc 仪表电量"
        " 显示电量 显示soc soc仪表 socbms bmssoc bms电量"
    ),
    Field.GAUGE: "gauge socgauge socsource 电量来源 读数来源 soc来源",
    Field.MODEL: "model modelname carmodel vehiclemodel modell 车型 车型名称 车系 型号 车辆型号",
    Field.VARIANT: "variant trim trimlevel equipment 配置 版型 款式 配置名称 车型配置",
    Field.SLOT: (
        "slot slotno parkingslot parkingspace parkingplace parking parkingno bay location position stellplatz"
        " 车位 车位号 停车位 停车位号 库位 库位号 停放位置 位置 停车位置"
    ),
    Field.ORDER: (
        "order orderno ordernumber orderid salesorder salesorderno demandorder demandorderno so sono"
        " auftrag auftragsnummer 订单 订单号 订单编号 订单号码 销售订单 销售订单号 需求订单 需求订单号"
    ),
    Field.PROMISED: (
        "promised promiseddate promise promisedate promiseddelivery promiseddeliverydate delivery"
        " deliverydate due duedate requesteddate liefertermin"
        " 交付日期 交期 承诺日期 承诺交期 承诺交付日期 交车日期 交货日期"
        " 计划交付日期 要求交付日期 交付时间"
    ),
    Field.PRIORITY: "priority prio urgency prioritaet 优先级 优先等级 紧急程度 优先",
    Field.WEIGHT: "weight 权重",
    Field.MARKET: "market country region destination markt 市场 国家 区域 目的地 地区",
    Field.CUSTOMER: "customer customername client dealer buyer kunde 客户 客户名称 客户姓名 经销商",
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names.split()}
_NOT_A_LETTER = re.compile(r"[\W_]+")
_PARTS = re.compile(r"[\r\n/|()\[\]【】<>:：;；,，、]+")


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns are: `row` counts from 0 within the sheet's rows, columns from 0 within a row."""

    row: int
    columns: Mapping[Field, int]
    ignored: tuple[str, ...] = ()
    gauge: Gauge | None = None  # if the SOC column's name says it
    named: bool = True  # False: there was no header; the column was found by its VINs


def field_of(name: Cell) -> Field | None:
    """What a column name means, also with units or in two languages. None: unknown, or two things at once."""
    whole = _key(name)
    if not whole or whole in _FIELD_OF:
        return _FIELD_OF.get(whole)
    parts = _PARTS.split(unicodedata.normalize("NFKC", str(name)))
    found = {_FIELD_OF[key] for part in parts if (key := _key(part)) in _FIELD_OF}
    return found.pop() if len(found) == 1 else None


def find_header(
    rows: Sequence[Sequence[Cell]], needed: Field, wanted: frozenset[Field], where: str
) -> Header | None:
    """The row among the first that names the most wanted columns, `needed` among them; None if there is none.

    Raises UnreadableList if two columns have the same meaning.
    """
    best: dict[int, Field] = {}
    at = -1
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        fields = {
            column: field for column, name in enumerate(row) if (field := field_of(name)) in wanted and field
        }
        if needed in fields.values() and len(set(fields.values())) > len(set(best.values())):
            best, at = fields, index
    if at < 0:
        return None
    columns = {field: column for column, field in reversed(best.items())}
    if len(columns) < len(best):
        _refuse_twins(best, where)
    ignored = tuple(
        clean_text(name) for column, name in enumerate(rows[at]) if column not in best and clean_text(name)
    )
    return Header(
        at, columns, ignored, _gauge(rows[at][columns[Field.SOC]]) if Field.SOC in columns else None
    )


def repeats_header(row: Sequence[Cell], header: Header) -> bool:
    """Whether a row below names the columns once more, as printed lists do on every page."""
    return all(
        field_of(row[column]) is field for field, column in header.columns.items() if column < len(row)
    )


def _refuse_twins(best: Mapping[int, Field], where: str) -> None:
    fields = list(best.values())
    twin = next(field for field in fields if fields.count(field) > 1)
    letters = ", ".join(column_letter(column) for column, field in best.items() if field is twin)
    raise UnreadableList("column_twice", where, columns=letters, field=twin.value)


def _gauge(name: Cell) -> Gauge | None:
    text = clean_text(name).lower()
    if "bms" in text:
        return Gauge.BMS
    return Gauge.DISPLAY if any(word in text for word in ("display", "仪表", "显示")) else None


def _key(name: Cell) -> str:
    return _NOT_A_LETTER.sub("", clean_text(name)).casefold() if isinstance(name, str) else ""
