"""How long a whole import takes against merely reading the file with python-calamine, in turns, in the same run.

Ours reads and judges every row, checks it against the fleet and writes it to a fresh SQLite store with its record and
its event, through `services.intake.import_vehicles`, as `campaign import vehicles` does.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import xlsxwriter
from python_calamine import CalamineWorkbook

from campaign.domain.identity import with_check_digit
from campaign.files.vehicle_list import read_vehicle_list
from campaign.ports.clock import SystemClock
from campaign.services.intake import Listed
from tests.bench.measured import Measured, tell
from tests.bench.plant import Plant, Size, plant
from tests.fakes.station import FakeStations

NAME = "import.100k.ratio_to_calamine"
ROWS = 100_000
ROUNDS = 7
_SIZE = Size(slots=100, points=1, stations=1)
_HEADER = ("VIN", "Software version", "SOC", "Slot", "Model", "Variant", "Order no", "Promised date")


def run(rows: int = ROWS) -> Measured:
    """The ratio of the medians of CPU time: both sides are one thread, and a busy machine does not count."""
    with tempfile.TemporaryDirectory(prefix="bench-import-") as folder:
        file = Path(folder) / "cars.xlsx"
        write_list(file, rows)
        tell(f"{rows} rows, {file.stat().st_size / 2**20:.1f} MB of xlsx")
        read_only(file)  # the file is in the system's cache for both
        peer, ours = [], []
        for number in range(ROUNDS):
            peer.append(_seconds(lambda: read_only(file), rows))
            with plant(Path(folder) / f"home-{number}", _SIZE, FakeStations(), SystemClock()) as made:
                ours.append(_seconds(lambda made=made: import_whole(made, file), rows))
            tell(f"round {number + 1}: {peer[-1].cpu_s:.2f} s to read, {ours[-1].cpu_s:.2f} s to import")
    (read_cpu, read_s), (import_cpu, import_s) = _medians(peer), _medians(ours)
    figures = (
        f"python-calamine reads the same {rows} rows of xlsx in {read_cpu:.2f} s of CPU ({read_s:.2f} s on the clock); "
        f"the whole import took {import_cpu:.2f} s ({import_s:.2f} s)"
    )
    return Measured.of(NAME, import_cpu / read_cpu, "x", figures)


def write_list(path: Path, rows: int = ROWS) -> None:
    """A list of `rows` cars in eight columns, as a plant would send it."""
    luck = random.Random(1)
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Cars")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, _HEADER)
    for row in range(1, rows + 1):
        sheet.write_string(row, 0, with_check_digit(f"LSVUB60E0N2{row:06d}"))
        sheet.write_string(row, 1, "VBV4.5.2C")
        sheet.write_number(row, 2, luck.randrange(50, 350) / 10)
        sheet.write_string(row, 3, f"A-{row // 100:04d}-{row % 100:02d}")
        sheet.write_string(row, 4, "ID.4 X")
        sheet.write_string(row, 5, luck.choice(("PURE+", "PRO", "PRIME")))
        sheet.write_string(row, 6, f"SO{row:07d}")
        sheet.write_datetime(row, 7, date(2023, 1, 1) + timedelta(days=row % 60), day)
    book.close()


def read_only(path: Path) -> int:
    """The peer: python-calamine reads the file. Returns the number of rows."""
    return len(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()) - 1


def import_whole(made: Plant, path: Path) -> int:
    """Ours, from the file to the committed rows. Returns how many cars were taken in."""
    read = read_vehicle_list(path)
    listed = Listed(read.file_name, read.sha256, read.rows)
    done = made.services.intake.import_vehicles(made.actors["anna"], listed, made.layout.code)
    return 0 if done.repeated else len(done.checked.new)


class _Spent(NamedTuple):
    cpu_s: float
    clock_s: float


def _seconds(work: Callable[[], int], rows: int) -> _Spent:
    began, clock = time.process_time(), time.perf_counter()
    count = work()
    spent = _Spent(time.process_time() - began, time.perf_counter() - clock)
    if count != rows:
        raise RuntimeError(f"{count} of {rows} rows came through")
    return spent


def _medians(rounds: Sequence[_Spent]) -> _Spent:
    return _Spent(*(statistics.median(column) for column in zip(*rounds, strict=True)))
