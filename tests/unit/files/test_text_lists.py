"""Lists as text: any usual encoding and delimiter, titles above the header, pasted without one."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.errors import BadFile
from campaign.files.opening import MOST_BYTES
from campaign.files.vehicle_list import read_vehicle_data, read_vehicle_list
from campaign.files.verdicts import UnreadableList
from tests.unit.files.sent_lists import V1, V2, VINS, car, cars_csv, codes, csv_of, vins_of

CHINESE = [("车架号", "软件版本", "电量", "车位", "车型"), (V1, "VBV4.5.2C", "27%", "甲区-1", "纯电")]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("gb18030", ["read as GB18030"]),
        ("gbk", ["read as GB18030"]),
        ("utf-16", ["read as UTF-16"]),
        ("utf-32", ["read as UTF-32"]),
    ],
)
def test_chinese_text_in_every_usual_encoding(encoding: str, said: list[str]) -> None:
    listing = read_vehicle_data("cars.csv", csv_of(CHINESE, encoding=encoding))
    (row,) = listing.rows
    assert (row.vin, row.soc, row.slot, row.model) == (V1, 270, "甲区-1", "纯电")
    assert [str(note) for note in listing.notes] == said


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_byte_order_mark(codec: str) -> None:
    assert vins_of(read_vehicle_data("cars.csv", cars_csv([car(0)], encoding=codec))) == [V1]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    listing = read_vehicle_data("cars.csv", cars_csv([car(0), car(1)], delimiter))
    assert [(row.vin, row.soc, row.slot) for row in listing.rows] == [(V1, 200, "A-0"), (V2, 200, "A-1")]


def test_a_decimal_comma_between_semicolons_is_no_delimiter() -> None:
    listing = read_vehicle_data("cars.csv", cars_csv([car(0, SOC="27,5")], ";"))
    assert listing.rows[0].soc == 275


def test_a_value_with_an_unquoted_delimiter_shifts_its_row_and_is_refused() -> None:
    listing = read_vehicle_data("cars.csv", cars_csv([car(0, SOC="27,5"), car(1)]))
    assert vins_of(listing) == [V2]
    assert codes(listing) == [("F2", "reject", "row_shifted")]
    assert listing.rejected[0].cells == (V1, "VBV4.5.2C", "27", "5", "A-0", "ID.4 X")


def test_empty_cells_at_the_end_shift_nothing() -> None:
    listing = read_vehicle_data("cars.csv", f"VIN,SOC\r\n{V1},27,,,\r\n{V2},27\r\n".encode())
    assert (vins_of(listing), listing.issues) == ([V1, V2], [])


def test_the_line_that_names_the_separator_is_heeded_and_counted() -> None:
    listing = read_vehicle_data("cars.csv", b"sep=;\r\n" + cars_csv([car(0)], ";"))
    assert [(row.vin, row.row) for row in listing.rows] == [(V1, 3)]


def test_a_quoted_cell_may_hold_delimiters_and_line_ends() -> None:
    listing = read_vehicle_data("cars.csv", f'VIN,Model\r\n{V1},"ID.4, X\r\nlong"\r\n'.encode())
    assert [(row.vin, row.model) for row in listing.rows] == [(V1, "ID.4, X long")]


def test_titles_above_the_header_are_skipped_and_told() -> None:
    data = "发运清单 2023\r\n\r\n编制：张三\r\n".encode() + csv_of(CHINESE)
    listing = read_vehicle_data("cars.csv", data)
    assert [(row.vin, row.row) for row in listing.rows] == [(V1, 5)]
    assert [str(note) for note in listing.notes] == [
        "sheet cars.csv: header in row 4; 3 rows above it skipped"
    ]


def test_a_pasted_column_of_vins_needs_no_header() -> None:
    listing = read_vehicle_data("pasted", "\n".join(VINS[:30]).encode())
    assert vins_of(listing) == list(VINS[:30])
    assert "note_no_header" in [note.code for note in listing.notes]


def test_pasted_cells_without_header_say_that_only_the_vins_are_read() -> None:
    listing = read_vehicle_data("pasted", f"1\t{V1}\t27%\n2\t{V2}\t20%\n".encode())
    assert [(row.vin, row.soc) for row in listing.rows] == [(V1, None), (V2, None)]
    assert "column B holds the VINs" in str(listing.notes[0])


def test_empty_rows_and_repeated_headers_are_no_cars() -> None:
    header, one, two = csv_of([CHINESE[0]]), csv_of([CHINESE[1]]), csv_of([(V2, "VBV4.5.2C", "", "", "")])
    listing = read_vehicle_data("cars.csv", header + one + b",,,,\r\n\r\n" + header + two)
    assert [(row.vin, row.row) for row in listing.rows] == [(V1, 2), (V2, 6)]
    assert listing.total == 2
    assert "1 repeated header rows skipped" in str(listing.notes[0])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "file_empty"),
        (b"%PDF-1.7 ...", "not_a_workbook"),
        (b"\x89PNG\r\n\x1a\n", "not_a_workbook"),
        (b"SQLite format 3\0", "not_a_workbook"),
        (bytes(range(256)) * 8, "not_text"),
        (b"name,colour\r\na,red\r\n", "no_header"),
        (b"VIN,SOC\r\n", "no_rows"),
        (b"VIN,SOC,VIN\r\n1,2,3\r\n", "column_twice"),
        (b'VIN,SOC\r\n"' + b"x" * 200_000 + b'",2\r\n', "csv_broken"),
    ],
)
def test_what_is_no_list_is_refused_with_what_to_do(data: bytes, code: str) -> None:
    with pytest.raises(UnreadableList) as refused:
        read_vehicle_data("cars.csv", data)
    assert refused.value.code == code
    assert isinstance(refused.value, BadFile)
    assert refused.value.todo
    assert refused.value.where == "cars.csv"


def test_a_refusal_speaks_chinese_too() -> None:
    with pytest.raises(UnreadableList) as refused:
        read_vehicle_data("cars.pdf", b"%PDF-1.7")
    assert refused.value.text("zh") == "cars.pdf: 这是PDF文件，不是名单 - 请另存为 .xlsx 或 .csv"


def test_a_file_of_more_than_50_mb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(UnreadableList, match="50 MB") as refused:
        read_vehicle_list(path)
    assert refused.value.code == "file_too_large"
    with pytest.raises(UnreadableList, match="50 MB"):
        read_vehicle_data("huge.csv", path.read_bytes())


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableList, match="No such file"):
        read_vehicle_list(tmp_path / "cars.csv")


def test_the_same_bytes_have_the_same_fingerprint() -> None:
    one, same, other = (
        read_vehicle_data(n, cars_csv([car(c)])) for n, c in (("a.csv", 0), ("b.csv", 0), ("a.csv", 1))
    )
    assert one.sha256 == same.sha256 != other.sha256
    assert len(one.sha256) == 64


beginnings = (
    b"",
    b"VIN,SOC\r\n",
    "车架号;电量\r\n".encode("gb18030"),
    codecs.BOM_UTF16_LE,
    codecs.BOM_UTF8,
    b"<table>",
)


@given(st.sampled_from(beginnings), st.binary(max_size=300))
def test_any_bytes_are_a_list_or_refused(beginning: bytes, rest: bytes) -> None:
    try:
        listing = read_vehicle_data("cars.csv", beginning + rest)
    except UnreadableList:
        return
    assert listing.total == len(listing.rows) + len(listing.rejected) + listing.repeated


@given(st.lists(st.lists(st.text(max_size=20), min_size=5, max_size=5), max_size=6))
def test_whatever_stands_below_the_header_every_row_has_an_answer(rows: list[list[str]]) -> None:
    quoted = [['"' + cell.replace('"', '""').replace("\0", "") + '"' for cell in row] for row in rows]
    data = csv_of([("VIN", "SW", "SOC", "Slot", "Due"), (V1, "4.5.2C", "20", "-1-", "2021-01-07"), *quoted])
    listing = read_vehicle_data("cars.csv", data.replace(b"\xed\xa0\x80", b""))
    assert listing.total == len(listing.rows) + len(listing.rejected) + listing.repeated
    assert len({row.vin for row in listing.rows}) == len(listing.rows)
