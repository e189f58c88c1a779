"""Lists as workbooks: what the values alone do not show, and what a workbook can hide or break."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from campaign.files.vehicle_list import VehicleList, read_vehicle_data, read_vehicle_list
from campaign.files.verdicts import UnreadableList
from tests.unit.files.sent_lists import (
    HEADER,
    V1,
    V2,
    V3,
    V4,
    by_program,
    car,
    cars_csv,
    codes,
    sheet_of,
    vins_of,
    workbook,
)

OLD = Path(__file__).parent / "data" / "cars.xls"


def read(data: bytes, name: str = "cars.xlsx") -> VehicleList:
    """A workbook's cars."""
    return read_vehicle_data(name, data)


def refused(data: bytes) -> str:
    """The code of the refusal."""
    with pytest.raises(UnreadableList) as refusal:
        read(data)
    return refusal.value.code


def test_a_workbook_gives_typed_cells_and_their_places() -> None:
    listing = read(sheet_of([HEADER, (V1, "VBV4.5.2C", 27.04, "A-1", "ID.4 X")]))
    (row,) = listing.rows
    assert (row.vin, str(row.version), row.soc, row.slot, row.sheet, row.row) == (
        V1,
        "VBV4.5.2C",
        270,
        "A-1",
        "Cars",
        2,
    )
    assert listing.issues == []


@pytest.mark.parametrize("name", ["cars.xls", "cars.csv", "cars", "cars.pdf"])
def test_a_renamed_workbook_is_still_a_workbook(name: str) -> None:
    assert vins_of(read(sheet_of([HEADER, (V1,)]), name)) == [V1]


def test_a_text_named_xlsx_is_still_a_text() -> None:
    assert vins_of(read(cars_csv([car(0)]))) == [V1]


def test_an_old_xls_is_read_and_its_blind_spots_are_told() -> None:
    listing = read_vehicle_list(OLD)
    assert [(row.soc, str(row.version)) for row in listing.rows] == [
        (275, "VBV4.5.2C"),
        (None, "VBV4.5.2C"),
        (None, "VBV4.5.2C"),
    ]
    assert "note_old_xls" in [note.code for note in listing.notes]


def test_a_web_page_named_xls_is_read() -> None:
    cars = f"<tr><th>VIN<th>SOC</tr><tr><td>{V1}</td><td>27%</td></tr>"
    page = f"<html><table><tr><td colspan=2>清单</td></tr>{cars}</table>"
    listing = read(page.encode("gb18030"), "cars.xls")
    assert [(row.vin, row.soc, row.row) for row in listing.rows] == [(V1, 270, 3)]


def test_spans_of_a_web_page_fill_downwards_only() -> None:
    page = f"<table><tr><th>VIN<th>Model<tr><td>{V1}<td rowspan=2>ID.4 X<tr><td>{V2}<tr><td>{V3}<td></table>"
    assert [row.model for row in read(page.encode()).rows] == ["ID.4 X", "ID.4 X", ""]


def test_a_list_may_start_anywhere_on_the_sheet() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Cars")
        sheet.write("C5", "Shipping list")
        sheet.write_row("C7", HEADER)
        sheet.write_row("C8", (V1, "VBV4.5.2C", 101))

    assert codes(read(workbook(fill))) == [("Cars!E8", "reject", "soc_out_of_range")]


def test_a_merged_cell_fills_its_range_and_nothing_else() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Cars")
        sheet.write_row("A1", HEADER)
        for line, vin in enumerate((V1, V2, V3), 2):
            sheet.write(f"A{line}", vin)
        sheet.merge_range("E2:E3", "ID.4 X")

    listing = read(workbook(fill))
    assert [row.model for row in listing.rows] == ["ID.4 X", "ID.4 X", ""]
    assert "1 merged ranges filled" in str(listing.notes[0])


def test_a_merged_title_is_no_header() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Cars")
        sheet.merge_range("A1:E1", "VIN list of today")
        sheet.write_row("A2", HEADER)
        sheet.write_row("A3", (V1,))

    assert vins_of(read(workbook(fill))) == [V1]


def test_hidden_rows_are_read_and_counted() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Cars")
        sheet.write_row("A1", HEADER)
        sheet.write_row("A2", (V1,))
        sheet.write_row("A3", (V2,))
        sheet.set_row(2, None, None, {"hidden": True})

    listing = read(workbook(fill))
    assert vins_of(listing) == [V1, V2]
    assert "sheet Cars: 1 hidden rows were read too" in [str(note) for note in listing.notes]


def test_every_visible_sheet_with_a_header_is_read_and_the_others_are_named() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        for name, vin in (("North & South", V1), ("West", V2)):
            sheet = book.add_worksheet(name)
            sheet.write_row("A1", HEADER)
            sheet.write_row("A2", (vin, "VBV4.5.2C", 101 if vin == V2 else 20))
        book.add_worksheet("Notes").write("A1", "call Li")
        hidden = book.add_worksheet("Old")
        hidden.write_row("A1", HEADER)
        hidden.hide()

    listing = read(workbook(fill))
    assert [(row.vin, row.sheet) for row in listing.rows] == [(V1, "North & South")]
    assert codes(listing) == [("West!C2", "reject", "soc_out_of_range")]
    said = [str(note) for note in listing.notes]
    assert "hidden sheet Old was not read" in said
    assert "sheet Notes was not read: no row names the columns" in said


def percent_book(book: xlsxwriter.Workbook) -> None:
    """0.27 as a percentage, 0.27 as a number, 0.275 in a format of one's own, and a literal percent sign."""
    sheet = book.add_worksheet("Cars")
    sheet.write_row("A1", HEADER)
    formats: list[Any] = [
        {"num_format": "0%"},
        None,
        {"num_format": "0.0%;[Red]-0.0%"},
        {"num_format": '0.00" %"'},
    ]
    for line, (vin, given) in enumerate(zip((V1, V2, V3, V4), formats, strict=True), 1):
        sheet.write_row(line, 0, (vin, "VBV4.5.2C"))
        sheet.write_number(line, 2, 0.275 if line == 3 else 0.27, book.add_format(given) if given else None)


def test_a_percent_format_makes_27_of_0_27_and_a_bare_share_is_asked() -> None:
    listing = read(workbook(percent_book))
    assert [(row.vin, row.soc) for row in listing.rows] == [(V1, 270), (V3, 275)]
    assert codes(listing) == [("Cars!C3", "reject", "soc_fraction"), ("Cars!C5", "reject", "soc_fraction")]
    assert [issue.suggestion for issue in listing.issues] == ["27%", "27%"]


def test_seventeen_digits_as_a_number_are_refused() -> None:
    listing = read(sheet_of([HEADER, (12345678901234567, "VBV4.5.2C")]))
    assert codes(listing) == [("Cars!A2", "reject", "vin_number")]


def test_a_version_that_became_a_number_or_date_is_refused() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Cars")
        sheet.write_row("A1", HEADER)
        sheet.write_row("A2", (V1, 4.5))

    assert codes(read(workbook(fill))) == [("Cars!B2", "reject", "version_number")]


def test_formulas_without_a_saved_value_are_refused_with_their_place() -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["VIN", "SOC", "Remark"])
        sheet.append([V1, "=13+14", "=1+1"])
        sheet.append([V2, "=13+15", ""])

    with pytest.raises(
        UnreadableList, match=r"2 formulas without a saved value, the first in Sheet!B2"
    ) as refusal:
        read(by_program(fill))
    assert "save values" in refusal.value.todo


def test_a_formula_in_a_column_that_is_not_used_does_not_matter() -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["VIN", "Remark"])
        sheet.append([V1, "=1+1"])

    assert vins_of(read(by_program(fill))) == [V1]


def test_a_formula_with_a_saved_value_is_its_value() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Cars")
        sheet.write_row("A1", HEADER)
        sheet.write_formula("A2", '="LSV"&"..."', None, str(V1))
        sheet.write_formula("C2", "=13+14", None, 27)

    assert [(row.vin, row.soc) for row in read(workbook(fill)).rows] == [(V1, 270)]


def test_a_cell_that_shows_an_error_is_refused_and_not_empty() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Cars")
        sheet.write_row("A1", HEADER)
        sheet.write_row("A2", (V1, "VBV4.5.2C"))
        sheet.write_formula("C2", "=1/0", None, "#DIV/0!")
        sheet.write_formula("A3", "=NA()", None, "#N/A")

    listing = read(workbook(fill))
    assert ("Cars!C2", "reject", "cell_error") in codes(listing)
    assert ("Cars!A3", "reject", "cell_error") in codes(listing)
    assert listing.issues[0].raw == "#DIV/0!"


def test_true_is_not_the_number_one() -> None:
    listing = read(sheet_of([HEADER, (V1, "VBV4.5.2C", 1), (V2, "VBV4.5.2C", True)]))
    assert [(row.vin, row.soc) for row in listing.rows] == [(V1, 10)]
    assert codes(listing) == [("Cars!C3", "reject", "soc_not_a_number")]


def packed(parts: dict[str, bytes]) -> bytes:
    """A zip of these parts."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


def repacked(data: bytes, change: Any) -> bytes:
    """A workbook with its parts changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return packed({name: change(name, archive.read(name)) for name in archive.namelist()})


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = packed({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": b" " * 150_000_000})
    assert len(bomb) < 300_000
    assert refused(bomb) == "zip_bomb"


def test_a_zip_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(sheet_of([HEADER, *((vin,) for vin in (V1, V2, V3))]))
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(b"xl/worksheets/sheet1.xml"))
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")  # the size that the directory claims
    assert refused(bytes(data)) == "zip_broken"


def test_a_stray_cell_far_out_is_refused_and_does_not_eat_the_memory() -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["VIN"])
        sheet.append([V1])
        sheet["XFD1048576"] = "x"

    assert refused(by_program(fill)) == "sheet_too_wide"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04 not a zip", "zip_broken"),
        (packed({"readme.txt": b"hello"}), "not_a_workbook"),
        (packed({"xl/workbook.xml": b"<workbook", "xl/_rels/workbook.xml.rels": b""}), "zip_broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2048, "zip_broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
    ],
)
def test_a_broken_or_locked_workbook_is_refused(data: bytes, code: str) -> None:
    assert refused(data) == code


def test_every_cut_and_every_flipped_byte_is_a_list_or_refused() -> None:
    data = sheet_of([HEADER, (V1, "VBV4.5.2C", 20)])
    broken = [data[:cut] for cut in range(0, len(data), 97)]
    broken += [data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :] for at in range(0, len(data), 61)]
    answers = set()
    for each in broken:
        try:
            answers.add(type(read(each)).__name__)
        except UnreadableList as refusal:
            answers.add(refusal.code)
    assert "zip_broken" in answers


def test_a_workbook_with_prefixed_names_is_scanned_alike() -> None:
    def prefix(name: str, content: bytes) -> bytes:
        if not name.startswith("xl/worksheets/sheet"):
            return content
        for tag in (b"worksheet", b"sheetData", b"row", b"c", b"v", b"f"):
            for end in (b" ", b">", b"/"):
                content = content.replace(b"<" + tag + end, b"<x:" + tag + end)
            content = content.replace(b"</" + tag + b">", b"</x:" + tag + b">")
        return content.replace(b"xmlns=", b"xmlns:x=", 1)

    def fill(sheet: Any) -> None:
        sheet.append(["VIN", "SOC"])
        sheet.append([V1, "=13+14"])

    assert refused(repacked(by_program(fill), prefix)) == "formulas"


def test_a_workbook_that_counts_days_from_1904() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Cars")
        sheet.write_row("A1", ("VIN", "Due"))
        sheet.write_row("A2", (V1, 42741))

    def since_1904(name: str, content: bytes) -> bytes:
        return (
            content.replace(b"<workbookPr", b'<workbookPr date1904="1"')
            if name == "xl/workbook.xml"
            else content
        )

    (row,) = read(repacked(workbook(fill), since_1904)).rows
    assert row.promised is not None
    assert row.promised.isoformat() == "2021-01-07"
