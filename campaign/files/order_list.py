"""Lists of orders in: which car is promised to whom and when."""

from __future__ import annotations

from datetime import date
from itertools import repeat
from pathlib import Path
from typing import NamedTuple, TypeAlias

from campaign.domain.identity import Vin
from campaign.domain.vehicle import OrderState
from campaign.files.blocks import Block, blocks_of
from campaign.files.collector import collector_paused
from campaign.files.columns import Field
from campaign.files.fields import read_orders, read_promised, read_vins, read_weights
from campaign.files.opening import fingerprint, open_table, read_bytes
from campaign.files.row_list import ReadOptions, RowList, Sorting
from campaign.files.verdicts import CellFault, Fault, Verdict

_WANTED = frozenset(
    {Field.VIN, Field.ORDER, Field.PROMISED, Field.PRIORITY, Field.WEIGHT, Field.MARKET, Field.CUSTOMER}
)


class OrderRow(NamedTuple):
    """One order for one car. `order_no` is None where sales says that there is none (`state` NONE, rule 2).

    `vin` is None for an order that is not bound to a car yet. `weight`: 1 is normal, higher goes first.
    """

    order_no: str | None
    state: OrderState
    vin: Vin | None
    promised: date | None
    weight: int
    market: str
    customer: str
    sheet: str
    row: int

    @property
    def data(self) -> tuple[object, ...]:
        """Everything but the place."""
        return self[:-2]


OrderList: TypeAlias = RowList[OrderRow]


def read_order_list(path: Path | str, options: ReadOptions | None = None) -> OrderList:
    """Read and judge a list of orders. Raises UnreadableList (a BadFile) if it is no list at all."""
    path = Path(path)
    return read_order_data(path.name, read_bytes(path), options)


def read_order_data(name: str, data: bytes, options: ReadOptions | None = None) -> OrderList:
    """As `read_order_list`, for an uploaded or pasted content; `name` is only shown."""
    options = options or ReadOptions()
    with collector_paused():
        blocks, notes = blocks_of(open_table(name, data), Field.ORDER, _WANTED)
        sorting = Sorting(blocks, [_rows(block, options) for block in blocks])
        sorting.repeated_or_refused(
            [row.vin or (row.order_no and f"({row.order_no})") for row in sorting.rows], Field.VIN
        )
        return sorting.finish(name, fingerprint(data), notes)


def _rows(block: Block, options: ReadOptions) -> list[OrderRow]:
    numbers, states = read_orders(block)
    vins = read_vins(block, options.strict, needed=False)
    _note_gaps(block, states, vins)
    columns = (
        numbers,
        states,
        vins,
        read_promised(block, options.date_order),
        read_weights(block),
        block.texts(Field.MARKET),
        block.texts(Field.CUSTOMER),
        repeat(block.sheet.name, len(block)),
        block.numbers,
    )
    return list(map(OrderRow._make, zip(*columns, strict=True)))


def _note_gaps(block: Block, states: list[OrderState], vins: list[Vin | None]) -> None:
    """A row says order and car; without an order it is refused, without a car it waits for one."""
    for index, (state, vin) in enumerate(zip(states, vins, strict=True)):
        if state is OrderState.UNKNOWN or (
            state is OrderState.NONE and vin is None and index not in block.issues
        ):
            block.fault(index, Field.ORDER, CellFault(Verdict.REJECT, Fault.ORDER_MISSING))
        elif vin is None and index not in block.issues:
            block.fault(index, Field.VIN, CellFault(Verdict.WARN, Fault.ORDER_WITHOUT_VIN))
