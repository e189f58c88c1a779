"""How long an import takes against merely reading the file with python-calamine, in the same run."""

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
from tests.bench.measured import Measured

NAME = "import.100k.ratio_to_calamine"
ROWS = 100_000
ROUNDS = 3
_HEADER = ("VIN", "Software version", "SOC", "Slot", "Model", "Variant", "Order no", "Promised date")


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


def read_and_judge(path: Path) -> int:
    """Ours, up to the judged rows. Returns how many may be taken in."""
    return len(read_vehicle_list(path).rows)


def run(import_file: Callable[[Path], int] = read_and_judge, rows: int = ROWS) -> Measured:
    """The benchmark: `import_file` takes the path and returns the number of cars that it took in.

    Both sides read the same file in turns; the ratio is that of the medians.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cars.xlsx"
        write_list(path, rows)
        ours, peer = [], []
        for _ in range(ROUNDS):
            peer.append(_seconds(read_only, path, rows))
            ours.append(_seconds(import_file, path, rows))
    took, read = statistics.median(ours), statistics.median(peer)
    return Measured.of(NAME, round(took / read, 2), "x", f"python-calamine only reads the file: {read:.2f} s")


def _seconds(read: Callable[[Path], int], path: Path, rows: int) -> float:
    start = time.perf_counter()
    count = read(path)
    spent = time.perf_counter() - start
    if count != rows:
        raise RuntimeError(f"{read.__name__} took in {count} of {rows} rows")
    return spent
