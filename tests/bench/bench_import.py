"""How long a whole import takes against merely reading the file with python-calamine, in turns, in the same run.

Ours reads and judges every row, checks it against the fleet and writes it to a fresh SQLite store with its record and
its event, through `services.intake.import_vehicles`, as `campaign import vehicles` does.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

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
ROUNDS = 5
_SIZE = Size(slots=100, points=1, stations=1)
_HEADER = ("VIN", "Software version", "SOC", "Slot", "Model", "Variant", "Order no", "Promised date")


def run(rows: int = ROWS) -> Measured:
    """The ratio of the medians."""
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
            tell(f"round {number + 1}: {peer[-1]:.2f} s to read, {ours[-1]:.2f} s to import")
    few, many = statistics.median(peer), statistics.median(ours)
    return Measured.of(
        NAME,
        many / few,
        "x",
        f"python-calamine reads the same {rows} rows of xlsx in {few:.2f} s; the whole import took {many:.2f} s",
    )


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


def _seconds(work: Callable[[], int], rows: int) -> float:
    began = time.perf_counter()
    count = work()
    spent = time.perf_counter() - began
    if count != rows:
        raise RuntimeError(f"{count} of {rows} rows came through")
    return spent
