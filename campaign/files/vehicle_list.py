"""Lists of cars in: which VIN, which version, how full, where parked, perhaps promised to whom."""

from __future__ import annotations

from datetime import date
from functools import partial
from itertools import repeat
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, TypeAlias, cast

from campaign.domain.identity import SoftwareVersion, Vin
from campaign.domain.soc import Gauge, Soc
from campaign.domain.vehicle import OrderState
from campaign.files.blocks import Block, blocks_of
from campaign.files.collector import collector_paused
from campaign.files.columns import Field
from campaign.files.fields import read_gauges, read_orders, read_promised, read_socs, read_versions, read_vins
from campaign.files.opening import fingerprint, open_table, read_bytes
from campaign.files.row_list import ReadOptions, RowList, Sorting
from campaign.files.verdicts import Fault, Note

_WANTED = frozenset(
    {
        Field.VIN,
        Field.VERSION,
        Field.SOC,
        Field.GAUGE,
        Field.MODEL,
        Field.VARIANT,
        Field.SLOT,
        Field.ORDER,
        Field.PROMISED,
    }
)


class VehicleRow(NamedTuple):
    """One car of a list. A named tuple, since a hundred thousand are made in the time of a blink.

    `version` is None if the cell is empty or there is no such column, `soc` (tenths of a percent) likewise.
    """

    vin: Vin
    version: SoftwareVersion | None
    soc: Soc | None
    gauge: Gauge
    model: str
    variant: str
    slot: str | None
    order_no: str | None
    order_state: OrderState
    promised: date | None
    sheet: str
    row: int

    @property
    def data(self) -> tuple[object, ...]:
        """Everything but the place."""
        return self[:-2]


VehicleList: TypeAlias = RowList[VehicleRow]


def read_vehicle_list(path: Path | str, options: ReadOptions | None = None) -> VehicleList:
    """Read and judge a list of cars. Raises UnreadableList (a BadFile) if it is no list at all."""
    path = Path(path)
    return read_vehicle_data(path.name, read_bytes(path), options)


def read_vehicle_data(name: str, data: bytes, options: ReadOptions | None = None) -> VehicleList:
    """As `read_vehicle_list`, for an uploaded or pasted content; `name` is only shown."""
    options = options or ReadOptions()
    with collector_paused():
        blocks, notes = blocks_of(open_table(name, data), Field.VIN, _WANTED)
        sorting = Sorting(blocks, [_rows(block, options) for block in blocks])
        vins = list(map(attrgetter("vin"), sorting.rows))
        sorting.repeated_or_refused(vins, Field.VIN)
        sorting.refuse_twice(list(map(attrgetter("slot"), sorting.rows)), vins, Field.SLOT, Fault.SLOT_TWICE)
        if not any(Field.VERSION in block.columns for block in blocks):
            notes.append(Note("note_no_version"))
        return sorting.finish(name, fingerprint(data), notes)


def _rows(block: Block, options: ReadOptions) -> list[VehicleRow]:
    """One row per data row. A row without a readable VIN is refused later: nobody sees its None."""
    orders, states = read_orders(block)
    columns = (
        cast("list[Vin]", read_vins(block, options.strict, needed=True)),
        read_versions(block, options.aliases),
        read_socs(block, fractions=options.soc_fractions),
        read_gauges(block, options.gauge),
        block.texts(Field.MODEL),
        block.texts(Field.VARIANT),
        [slot or None for slot in block.texts(Field.SLOT)],
        orders,
        states,
        read_promised(block, options.date_order),
        repeat(block.sheet.name, len(block)),
        block.numbers,
    )
    make = partial(tuple.__new__, VehicleRow)  # what VehicleRow._make does, without a call in Python per row
    return cast("list[VehicleRow]", list(map(make, zip(*columns, strict=True))))
