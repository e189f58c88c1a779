"""How each field of a list is read: raw cells in, domain values out, faults noted in the block."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from campaign.domain.identity import SoftwareVersion, Vin, VinReading, normal_version_text
from campaign.domain.soc import Gauge, SocFault, parse_soc
from campaign.domain.vehicle import OrderState
from campaign.errors import BadInput
from campaign.files.blocks import Block
from campaign.files.cells import Cell, clean_text, is_cell_error
from campaign.files.columns import Field
from campaign.files.dates import DateColumn, DateOrder
from campaign.files.verdicts import CellFault, Fault, Verdict
from campaign.files.vin_column import read_vin_column

_GAUGES: Mapping[str, Gauge] = {
    **dict.fromkeys(
        ("display", "dash", "dashboard", "cluster", "仪表", "显示", "仪表盘", "表显"), Gauge.DISPLAY
    ),
    **dict.fromkeys(("bms", "battery", "电池", "电池管理系统"), Gauge.BMS),
}
_NO_ORDER = frozenset({"无", "无订单", "没有", "none", "no order", "no", "nil", "库存", "stock"})
_ORDER_OPEN = frozenset({"", "-", "--", "/", "n/a", "na", "tbd", "待定", "未定", "?"})
_SAYS_NO_NUMBER = _NO_ORDER | _ORDER_OPEN
_URGENCY: Mapping[str, int] = {
    **dict.fromkeys(("urgent", "top", "vip", "加急", "紧急", "特急", "p0", "p1", "1", "a"), 5),
    **dict.fromkeys(("high", "高", "优先", "p2", "2", "b"), 3),
    **dict.fromkeys(
        ("", "normal", "medium", "中", "普通", "正常", "一般", "p3", "3", "c", "low", "低", "p4", "4", "5"), 1
    ),
}
MOST_WEIGHT = 100


def read_vins(block: Block, strict: bool | None, *, needed: bool) -> list[Vin | None]:
    """The VINs; a repair is a remark, a problem refuses the row, and so does an empty cell if `needed`."""
    if Field.VIN not in block.columns:
        return [None] * len(block)
    vins, readings = read_vin_column(block.columns[Field.VIN], strict)
    for index, reading in readings.items():
        if needed or clean_text(block.columns[Field.VIN][index]):
            _note_vin(block, index, reading)
    return vins


def _note_vin(block: Block, index: int, reading: VinReading) -> None:
    raw = block.columns[Field.VIN][index]
    problem = reading.problem or reading.warning
    if is_cell_error(raw):
        block.fault(index, Field.VIN, CellFault(Verdict.REJECT, Fault.CELL_ERROR))
    elif problem:
        severity = Verdict.REJECT if reading.problem else Verdict.WARN
        suggestion = problem.suggestion or ""
        block.fault(
            index, Field.VIN, CellFault(severity, problem.fault, {"detail": problem.detail}, suggestion)
        )
    if reading.repairs and reading.vin:
        facts = {"vin": reading.vin, "repairs": reading.repairs}
        block.fault(index, Field.VIN, CellFault(Verdict.ACCEPT, Fault.VIN_REPAIRED, facts))


def read_versions(block: Block, aliases: Mapping[str, str]) -> list[SoftwareVersion | None]:
    """The versions; an empty cell is a warning, a number or an unknown text refuses."""
    known = {normal_version_text(alias) for alias in aliases}

    def read(raw: Cell) -> SoftwareVersion | CellFault:
        text = clean_text(raw)
        if not text:
            return CellFault(Verdict.WARN, Fault.VERSION_EMPTY)
        if is_cell_error(raw):
            return CellFault(Verdict.REJECT, Fault.CELL_ERROR)
        if not isinstance(raw, str) and normal_version_text(text) not in known:
            return CellFault(Verdict.REJECT, Fault.VERSION_NUMBER)
        try:
            return SoftwareVersion.parse(text, aliases)
        except BadInput:
            return CellFault(Verdict.REJECT, Fault.VERSION_UNREADABLE)

    return block.read(Field.VERSION, read)


def read_socs(block: Block, *, fractions: bool) -> list[int | None]:
    """The SOC in tenths; percent formats are heeded. An empty cell is None: it means wait (rule 1)."""
    flags = block.percent_flags(Field.SOC)
    if flags is None:
        return block.read(Field.SOC, lambda raw: _soc(raw, percent=False, fractions=fractions))
    keys = list(zip(block.columns[Field.SOC], flags, strict=True))
    return block.read_keys(Field.SOC, keys, lambda key: _soc(key[0], percent=key[1], fractions=fractions))


def _soc(raw: Cell, *, percent: bool, fractions: bool) -> int | CellFault | None:
    if is_cell_error(raw):
        return CellFault(Verdict.REJECT, Fault.CELL_ERROR)
    number = isinstance(raw, int | float) and not isinstance(raw, bool)
    reading = parse_soc(raw, percent_formatted=percent and number)
    if fractions and not percent and (share := _share(raw)) is not None:
        reading = parse_soc(share, percent_formatted=True)
    if reading.problem is SocFault.EMPTY or reading.tenths is not None:
        return reading.tenths
    share = _share(raw) if reading.question else None
    suggestion = f"{share * 100:g}%" if share is not None else ""
    return CellFault(Verdict.REJECT, reading.problem or SocFault.FRACTION, {}, suggestion)


def _share(raw: Cell) -> float | None:
    """The cell as a share of one, if it can be meant as one."""
    try:
        share = float(clean_text(raw).replace(",", "."))
    except ValueError:
        return None
    return share if 0 <= share <= 1 else None


def read_gauges(block: Block, default: Gauge) -> list[Gauge]:
    """The gauge of each row: its own cell, else what the SOC column's name says, else `default`."""
    fallback = block.header.gauge or default

    def read(raw: Cell) -> Gauge | CellFault:
        text = clean_text(raw).lower()
        gauge = _GAUGES.get(text.removesuffix(" soc")) if text else fallback
        return gauge or CellFault(Verdict.REJECT, Fault.GAUGE_UNKNOWN)

    return [gauge or fallback for gauge in block.read(Field.GAUGE, read)]


def read_promised(block: Block, order: DateOrder | None) -> list[date | None]:
    """The promised dates; day or month first is decided for the whole column."""
    if Field.PROMISED not in block.columns:
        return [None] * len(block)
    column = DateColumn(block.columns[Field.PROMISED], order, date1904=block.sheet.date1904)
    return block.read(Field.PROMISED, column.read)


def read_weights(block: Block) -> list[int]:
    """How much being late hurts, 1 (normal) to 100: a weight, or a priority word or rank (1 the highest)."""
    wanted = Field.WEIGHT if Field.WEIGHT in block.columns else Field.PRIORITY
    reader = _weight if wanted is Field.WEIGHT else _urgency
    return [weight or 1 for weight in block.read(wanted, reader)]


def _weight(raw: Cell) -> int | CellFault:
    text = clean_text(raw) or "1"
    if text.isdecimal() and 1 <= int(text[:9]) <= MOST_WEIGHT:
        return int(text)
    return CellFault(Verdict.REJECT, Fault.PRIORITY_UNREADABLE)


def _urgency(raw: Cell) -> int | CellFault:
    weight = _URGENCY.get(clean_text(raw).lower())
    return weight or CellFault(Verdict.REJECT, Fault.PRIORITY_UNREADABLE)


def read_orders(block: Block) -> tuple[list[str | None], list[OrderState]]:
    """Order numbers, and whether the order is known, explicitly none, or not said (rule 2)."""
    texts = block.texts(Field.ORDER)
    numbers: list[str | None] = list(texts)
    if _SAYS_NO_NUMBER.isdisjoint(map(str.lower, texts)):
        return numbers, [OrderState.KNOWN] * len(texts)
    states = [_order_state(text.lower()) for text in texts]
    numbers = [text if state is OrderState.KNOWN else None for text, state in zip(texts, states, strict=True)]
    return numbers, states


def _order_state(text: str) -> OrderState:
    if text in _ORDER_OPEN:
        return OrderState.UNKNOWN
    return OrderState.NONE if text in _NO_ORDER else OrderState.KNOWN
