"""A list of orders: which car is promised to whom, or explicitly to nobody (rule 2)."""

from __future__ import annotations

from datetime import date

import pytest

from campaign.domain.vehicle import OrderState
from campaign.files.order_list import OrderList, read_order_data
from campaign.files.verdicts import UnreadableList
from tests.unit.files.sent_lists import V1, V2, V3, codes, csv_of

HEADER = ("订单号", "VIN", "交付日期", "优先级", "市场", "客户")


def read(*rows: tuple[object, ...], header: tuple[str, ...] = HEADER) -> OrderList:
    """Orders through a text list."""
    return read_order_data(
        "orders.csv", csv_of([header, *((*row, *[""] * (len(header) - len(row))) for row in rows)])
    )


def test_an_order_says_car_date_weight_market_and_customer() -> None:
    (row,) = read(("SO1", V1, "2021年1月7日", "高", "华东", "李四")).rows
    assert (row.order_no, row.state, row.vin) == ("SO1", OrderState.KNOWN, V1)
    assert (row.promised, row.weight, row.market, row.customer) == (date(2021, 1, 7), 3, "华东", "李四")
    assert (row.sheet, row.row) == ("", 2)


def test_a_car_without_an_order_is_said_and_not_left_open() -> None:
    listing = read(("无", V1), ("", V2))
    assert [(row.vin, row.state, row.order_no) for row in listing.rows] == [(V1, OrderState.NONE, None)]
    assert codes(listing) == [("A3", "reject", "order_missing")]


def test_an_order_without_a_car_is_kept_and_warned_about() -> None:
    listing = read(("SO1", ""))
    assert [(row.order_no, row.vin) for row in listing.rows] == [("SO1", None)]
    assert codes(listing) == [("B2", "warn", "order_without_vin")]
    assert listing.warned == 1


def test_a_wrong_vin_is_one_reason_and_not_two() -> None:
    assert codes(read(("SO1", V1[:-1]))) == [("B2", "reject", "vin_length")]


def test_no_order_for_no_car_is_nothing() -> None:
    assert codes(read(("无", ""))) == [("A2", "reject", "order_missing")]


def test_one_order_may_hold_many_cars() -> None:
    assert len(read(("SO1", V1), ("SO1", V2), ("SO1", V3)).rows) == 3


def test_one_car_in_two_orders_refuses_both_and_twice_the_same_counts_once() -> None:
    assert codes(read(("SO1", V1), ("SO2", V1))) == [
        ("B2", "reject", "duplicate_different"),
        ("B3", "reject", "duplicate_different"),
    ]
    same = read(("SO1", V1), ("SO1", V1))
    assert (len(same.rows), same.repeated) == (1, 1)


def test_an_order_number_without_cars_twice_with_the_same_data_counts_once() -> None:
    assert read(("SO1", ""), ("SO1", "")).repeated == 1


@pytest.mark.parametrize(
    ("written", "weight"),
    [
        ("", 1),
        ("普通", 1),
        ("low", 1),
        ("中", 1),
        ("高", 3),
        ("High", 3),
        ("2", 3),
        ("加急", 5),
        ("P1", 5),
        ("1", 5),
        ("1.0", 0),
    ],
)
def test_a_priority_is_a_word_or_a_rank(written: str, weight: int) -> None:
    listing = read(("SO1", V1, "", written))
    assert [row.weight for row in listing.rows] == ([weight] if weight else [])


@pytest.mark.parametrize(
    ("written", "weight"),
    [("", 1), ("1", 1), ("7", 7), ("100", 100), ("101", 0), ("0", 0), ("-1", 0), ("x", 0)],
)
def test_a_weight_is_a_number_from_1_to_100(written: str, weight: int) -> None:
    listing = read(("SO1", V1, written), header=("Order", "VIN", "Weight"))
    assert [row.weight for row in listing.rows] == ([weight] if weight else [])
    assert weight or codes(listing) == [("C2", "reject", "priority_unreadable")]


def test_a_list_without_a_vin_column_binds_no_car() -> None:
    listing = read(("SO1",), header=("Order no", "Due"))
    assert codes(listing) == [("2", "warn", "order_without_vin")]


def test_a_list_without_an_order_column_is_no_order_list() -> None:
    with pytest.raises(UnreadableList, match="order number"):
        read_order_data("orders.csv", f"VIN\r\n{V1}\r\n".encode())
