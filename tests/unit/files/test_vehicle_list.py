"""A list of cars: every row is accepted, warned about or rejected, with its place, reason and what to do."""

from __future__ import annotations

import gc
from datetime import date

import pytest

from campaign.domain.soc import Gauge
from campaign.domain.vehicle import OrderState
from campaign.files.dates import DateOrder
from campaign.files.row_list import ReadOptions
from campaign.files.vehicle_list import VehicleList, read_vehicle_data
from tests.unit.files.sent_lists import HEADER, V1, V2, V3, V4, VINS, car, cars_csv, codes, sheet_of, vins_of

GERMAN = "WVWZZZ1KZAW000001"


def read(*cars: dict[str, object], **options: object) -> VehicleList:
    """Cars through a text list."""
    return read_vehicle_data("cars.csv", cars_csv(cars), ReadOptions(**options))  # type: ignore[arg-type]


def test_a_clean_list_is_accepted_without_a_word() -> None:
    listing = read(*map(car, range(20)))
    assert vins_of(listing) == list(VINS[:20])
    assert (listing.accepted, listing.warned, listing.rejected, listing.issues) == (20, 0, [], [])
    assert listing.notes == ()


def test_everything_that_a_row_says_is_read() -> None:
    said = car(
        0, Variant="PRO", Order_no="SO1", Promised_date="2021/1/7", Gauge="BMS", SOC="27,5%".replace(",", ".")
    )
    (row,) = read(said).rows
    assert str(row.version) == "VBV4.5.2C"
    assert (row.soc, row.gauge, row.model, row.variant, row.slot) == (275, Gauge.BMS, "ID.4 X", "PRO", "A-0")
    assert (row.order_no, row.order_state, row.promised) == ("SO1", OrderState.KNOWN, date(2021, 1, 7))
    assert (row.sheet, row.row) == ("", 2)


def test_the_same_car_twice_with_the_same_data_counts_once() -> None:
    listing = read(car(0), car(1), car(0), car(0, VIN=V1.lower()))
    assert vins_of(listing) == [V1, V2]
    assert (listing.total, listing.repeated, len(listing.rejected)) == (4, 2, 0)
    assert ("A4", "warn", "duplicate_same") in codes(listing)
    assert ("A5", "warn", "duplicate_same") in codes(listing)
    assert "2 rows repeat another row and count once" in [str(note) for note in listing.notes]
    assert listing.warned == 0  # nothing is wrong with the row that counts


def test_the_same_car_twice_with_other_data_refuses_both_and_shows_both() -> None:
    listing = read(car(0), car(1), car(0, SOC=21))
    assert vins_of(listing) == [V2]
    assert [row.row for row in listing.rejected] == [2, 4]
    first, second = listing.issues
    assert (first.reason_code, second.reason_code) == ("duplicate_different", "duplicate_different")
    for shown in (f"2 ({V1}, VBV4.5.2C, 20, A-0, ID.4 X)", f"4 ({V1}, VBV4.5.2C, 21, A-0, ID.4 X)"):
        assert shown in first.message()
        assert shown in second.message("zh")


def test_a_repeated_car_whose_other_row_cannot_be_read_is_not_taken_in_either() -> None:
    listing = read(car(0), car(0, SOC=101))
    assert vins_of(listing) == []
    assert len(listing.rejected) == 2


def test_duplicates_are_found_across_sheets() -> None:
    import xlsxwriter

    from tests.unit.files.sent_lists import workbook

    def fill(book: xlsxwriter.Workbook) -> None:
        for name, soc in (("North", 20), ("South", 21)):
            sheet = book.add_worksheet(name)
            sheet.write_row("A1", HEADER)
            sheet.write_row("A2", (V1, "VBV4.5.2C", soc))

    listing = read_vehicle_data("cars.xlsx", workbook(fill))
    assert [(issue.place, issue.reason_code) for issue in listing.issues] == [
        ("North!A2", "duplicate_different"),
        ("South!A2", "duplicate_different"),
    ]
    assert "North!2 (" in listing.issues[0].message()


def test_two_cars_on_one_slot_are_both_refused() -> None:
    listing = read(car(0, Slot="A 1"), car(1, Slot="Ａ\u3000１"), car(2))
    assert vins_of(listing) == [V3]
    assert codes(listing) == [("D2", "reject", "slot_twice"), ("D3", "reject", "slot_twice")]


def test_many_cars_without_a_slot_are_no_conflict() -> None:
    assert len(read(car(0, Slot=""), car(1, Slot=""), car(2, Slot=" ")).rows) == 3


def test_a_repaired_vin_is_accepted_with_a_remark() -> None:
    listing = read(car(0, VIN=f" vin：*{V1.lower()}*"))
    (issue,) = listing.issues
    assert vins_of(listing) == [V1]
    assert (str(issue.severity), issue.reason_code, issue.raw) == (
        "accept",
        "vin_repaired",
        f" vin：*{V1.lower()}*",
    )
    assert V1 in issue.message()
    assert "全角字符" in issue.message("zh")
    assert (listing.accepted, listing.warned) == (1, 0)


def test_a_wrong_check_digit_warns_or_refuses_by_maker_or_as_asked() -> None:
    assert codes(read(car(0, VIN=GERMAN))) == [("A2", "warn", "vin_check_digit")]
    assert codes(read(car(0, VIN=V1[:-1] + "9"))) == [("A2", "reject", "vin_check_digit")]
    assert codes(read(car(0, VIN=GERMAN), strict=True)) == [("A2", "reject", "vin_check_digit")]
    assert read(car(0, VIN=GERMAN)).warned == 1


@pytest.mark.parametrize(
    ("vin", "code"),
    [
        ("", "vin_empty"),
        (V1[:-1], "vin_length"),
        (V1.replace("0", "O"), "vin_forbidden_letter"),
        ("1" * 17, "vin_repeated"),
        ("1.23457E+16", "vin_number"),
        ("合计", "vin_length"),
    ],
)
def test_a_row_without_a_vin_is_rejected_and_kept(vin: str, code: str) -> None:
    listing = read(car(0, VIN=vin), car(1))
    assert vins_of(listing) == [V2]
    assert codes(listing) == [("A2", "reject", code)]
    assert listing.rejected[0].cells == (vin, "VBV4.5.2C", "20", "A-0", "ID.4 X")


def test_a_version_is_read_as_people_write_it_and_by_alias() -> None:
    written = ["4.5.2c", "VBV4.5.2 C", "ＶＢＶ4.5.2C", "old one"]
    listing = read(
        *(car(n, Software_version=text) for n, text in enumerate(written)), aliases={"OLD ONE": "4.5.2C"}
    )
    assert [str(row.version) for row in listing.rows] == ["VBV4.5.2C"] * 4


def test_a_missing_version_warns_and_an_unreadable_one_refuses() -> None:
    listing = read(car(0, Software_version=""), car(1, Software_version="newest"))
    assert codes(listing) == [("B2", "warn", "version_empty"), ("B3", "reject", "version_unreadable")]
    assert (vins_of(listing), listing.rows[0].version, listing.warned) == ([V1], None, 1)


def test_a_list_without_a_version_column_says_so_once() -> None:
    listing = read_vehicle_data("cars.csv", f"VIN\r\n{V1}\r\n{V2}\r\n".encode())
    assert (len(listing.rows), listing.issues) == (2, [])
    assert [note.code for note in listing.notes] == ["note_no_version"]


@pytest.mark.parametrize(
    ("soc", "code"),
    [
        ("101", "soc_out_of_range"),
        ("-3", "soc_out_of_range"),
        ("full", "soc_not_a_number"),
        ("0.5", "soc_fraction"),
    ],
)
def test_an_unclear_soc_refuses_the_row_and_an_empty_one_does_not(soc: str, code: str) -> None:
    listing = read(car(0, SOC=soc), car(1, SOC=""))
    assert codes(listing) == [("C2", "reject", code)]
    assert [(row.vin, row.soc) for row in listing.rows] == [(V2, None)]


def test_the_question_about_shares_can_be_answered() -> None:
    listing = read(
        car(0, SOC="0.27"), car(1, SOC="0.5"), car(2, SOC="1"), car(3, SOC="30%"), soc_fractions=True
    )
    assert [row.soc for row in listing.rows] == [270, 500, 1000, 300]
    assert (
        read(car(0, SOC="0.27")).issues[0].advice()
        == "did you mean 27%? write it with a percent sign, like 50%"
    )


@pytest.mark.parametrize(
    ("name", "gauge"),
    [("SOC", Gauge.DISPLAY), ("SOC (BMS)", Gauge.BMS), ("BMS电量", Gauge.BMS), ("仪表电量", Gauge.DISPLAY)],
)
def test_the_column_name_may_name_the_gauge(name: str, gauge: Gauge) -> None:
    (row,) = read_vehicle_data("cars.csv", f"VIN,{name}\r\n{V1},27\r\n".encode()).rows
    assert (row.soc, row.gauge) == (270, gauge)


def test_the_gauge_is_given_if_nobody_says_it_and_refused_if_unknown() -> None:
    assert read(car(0), gauge=Gauge.BMS).rows[0].gauge is Gauge.BMS
    listing = read(car(0, Gauge="仪表"), car(1, Gauge="BMS"), car(2, Gauge=""), car(3, Gauge="fuel"))
    assert [row.gauge for row in listing.rows] == [Gauge.DISPLAY, Gauge.BMS, Gauge.DISPLAY]
    assert codes(listing) == [("F5", "reject", "gauge_unknown")]


def test_an_ambiguous_date_refuses_its_row_until_the_order_is_given() -> None:
    cars = [car(0, Due="7/1/2021"), car(1, Due="")]
    assert codes(read(*cars)) == [("F2", "reject", "date_ambiguous")]
    assert "--date-order" in read(*cars).issues[0].advice()
    assert [row.promised for row in read(*cars, date_order=DateOrder.DMY).rows] == [date(2021, 1, 7), None]


@pytest.mark.parametrize(
    ("written", "number", "state"),
    [
        ("SO1", "SO1", OrderState.KNOWN),
        ("", None, OrderState.UNKNOWN),
        ("-", None, OrderState.UNKNOWN),
        ("待定", None, OrderState.UNKNOWN),
        ("无", None, OrderState.NONE),
        ("None", None, OrderState.NONE),
    ],
)
def test_an_order_is_known_open_or_explicitly_none(
    written: str, number: str | None, state: OrderState
) -> None:
    (row,) = read(car(0, Order=written)).rows
    assert (row.order_no, row.order_state) == (number, state)


def test_numbers_where_texts_belong_are_texts() -> None:
    header = ("VIN", "Slot", "Order", "Model")
    (row,) = read_vehicle_data("cars.xlsx", sheet_of([header, (V1, 12, 4711, 4.5)])).rows
    assert (row.slot, row.order_no, row.model) == ("12", "4711", "4.5")


def test_every_reason_of_a_row_is_named_at_once() -> None:
    listing = read(car(0, VIN=V1[:-1], SOC=101, Software_version="x", Due="soon"))
    assert {issue.reason_code for issue in listing.issues} == {
        "vin_length",
        "soc_out_of_range",
        "version_unreadable",
        "date_unreadable",
    }
    assert len(listing.rejected) == 1


def test_unused_columns_are_named() -> None:
    listing = read(car(0, Remark="scratch", 备注="划痕"))
    assert "columns not used: Remark, 备注" in str(listing.notes[0])


@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(enabled: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        read(car(0))
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was else gc.disable)()


def test_three_thousand_pasted_rows_are_judged_at_once() -> None:
    from campaign.domain.identity import with_check_digit

    vins = [with_check_digit(f"LSVUB60E0N2{serial:06d}") for serial in range(3000)]
    text = "\n".join(["VIN\tSOC", *(f"{vin}\t27%" for vin in vins), f"{V4}\t28%"])
    listing = read_vehicle_data("pasted", text.encode())
    assert (len(listing.rows), len(listing.rejected)) == (2999, 2)
