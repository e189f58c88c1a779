"""The reject file holds every refused row as it was sent, says why in two languages, and runs nothing."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from campaign.files.rejects import write_rejects
from campaign.files.vehicle_list import read_vehicle_data, read_vehicle_list
from tests.unit.files.sent_lists import HEADER, V1, V2, V3, car, cars_csv, vins_of, workbook


def written(tmp_path: Path, data: bytes) -> Any:
    """The reject file of a list, opened."""
    path = tmp_path / "rejects.xlsx"
    count = write_rejects(read_vehicle_data("cars", data), path)
    book = openpyxl.load_workbook(path)
    assert count == sum(sheet.max_row - 1 for sheet in book)
    return book


def test_reasons_stand_beside_the_cells_in_two_languages(tmp_path: Path) -> None:
    (sheet,) = written(tmp_path, cars_csv([car(0, SOC=101, Software_version="x"), car(1)]))
    header, row = sheet.iter_rows(values_only=True)
    assert header == (*HEADER, "Row / 行", "Reason", "What to do", "原因", "处理建议")
    assert row[:6] == (V1, "x", "101", "A-0", "ID.4 X", 2)
    assert row[6] == "B2 'x': not a software version\nC2 '101': an SOC is between 0 and 100 %"
    assert "VBV4.5.3C" in row[7]
    assert "电量应在 0 到 100 % 之间" in row[8]
    assert "请重新从车上读取" in row[9]


def test_what_would_run_in_a_spreadsheet_does_not(tmp_path: Path) -> None:
    evil = "=cmd|' /C calc'!A0"
    (sheet,) = written(tmp_path, cars_csv([car(0, SOC=101, Model=evil, Slot="+1", Remark="@x")]))
    row = next(sheet.iter_rows(min_row=2, values_only=True))
    assert (row[3], row[4], row[5]) == ("'+1", "'" + evil, "'@x")
    with zipfile.ZipFile(tmp_path / "rejects.xlsx") as archive:
        assert not re.search(rb"<f[ >]", archive.read("xl/worksheets/sheet1.xml"))


def test_a_corrected_reject_file_can_be_imported(tmp_path: Path) -> None:
    book = written(tmp_path, cars_csv([car(0, SOC=101), car(1), car(2, Software_version="?")]))
    sheet = book.active
    sheet["C2"], sheet["B3"] = 30, "4.5.2C"
    book.save(tmp_path / "corrected.xlsx")
    again = read_vehicle_list(tmp_path / "corrected.xlsx")
    assert vins_of(again) == [V1, V3]
    assert (again.rejected, again.rows[0].soc) == ([], 300)


def test_each_sheet_keeps_its_name_its_columns_and_its_cell_types(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        for name, vin in (("North", V1), ("South", V2)):
            sheet = book.add_worksheet(name)
            sheet.write_row("A1", ("VIN", "SOC", "Due", name))
            sheet.write_row("A2", (vin, 101, 44203, True))
            sheet.write_row("A3", (V3, "", "", ""))
            sheet.write_number("B3", 0.5, book.add_format({"num_format": "0%"}))

    book = written(tmp_path, workbook(fill))
    assert book.sheetnames == ["North", "South"]
    rows = list(book["South"].iter_rows(values_only=True))
    assert rows[0][:4] == ("VIN", "SOC", "Due", "South")
    assert rows[1][:4] == (V2, 101, 44203, True)


def test_a_percent_cell_is_given_back_as_it_was_shown(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Cars")
        sheet.write_row("A1", ("VIN", "SOC"))
        sheet.write("A2", V1[:-1])
        sheet.write_number("B2", 0.275, book.add_format({"num_format": "0.0%"}))

    (sheet,) = written(tmp_path, workbook(fill))
    assert sheet["B2"].value == "27.5%"


def test_a_list_without_rejects_makes_an_empty_file(tmp_path: Path) -> None:
    book = written(tmp_path, cars_csv([car(0)]))
    assert [sheet.max_row for sheet in book] == [1]
