"""A list against the fleet: strangers among orders, and look-alikes that no check digit sees."""

from __future__ import annotations

from campaign.files.fleet_match import MOST_SEARCHES, judge_against_fleet
from campaign.files.order_list import OrderList, read_order_data
from campaign.files.vehicle_list import VehicleList, read_vehicle_data
from tests.unit.files.sent_lists import V1, V2, V3, VINS, car, cars_csv, codes, csv_of, vins_of

FLEET = frozenset(VINS[:3])
LETTER, DIGIT = "WVWZZZ1KZBW000001", "WVWZZZ1KZ8W000001"  # a maker without check digits: B or 8?


def orders(*vins: str) -> OrderList:
    """An order for each VIN."""
    return read_order_data(
        "orders.csv", csv_of([("Order", "VIN"), *((f"SO{n}", vin) for n, vin in enumerate(vins))])
    )


def cars(*vins: str) -> VehicleList:
    """A list of cars."""
    return read_vehicle_data("cars.csv", cars_csv([car(n, VIN=vin) for n, vin in enumerate(vins)]))


def test_an_order_for_a_car_of_the_fleet_stays() -> None:
    listing = orders(V1, V2)
    assert judge_against_fleet(listing, FLEET, must_be_known=True) == listing


def test_an_order_for_a_stranger_is_rejected_with_its_cells_and_place() -> None:
    judged = judge_against_fleet(orders(V1, VINS[30], V2), FLEET, must_be_known=True)
    assert vins_of(judged) == [V1, V2]
    assert codes(judged) == [("B3", "reject", "vin_unknown")]
    assert [row.cells for row in judged.rejected] == [("SO1", VINS[30])]
    assert judged.total == len(judged.rows) + len(judged.rejected)


def test_an_order_without_a_car_is_no_stranger() -> None:
    assert len(judge_against_fleet(orders(""), FLEET, must_be_known=True).rows) == 1


def test_a_mistyped_vin_gets_the_fleets_car_as_suggestion() -> None:
    typed = V1[:3] + "V" + V1[4:]
    judged = judge_against_fleet(orders(typed, f" vin：{V2[:-1].lower()}"), FLEET, must_be_known=True)
    assert [issue.suggestion for issue in judged.issues] == [V1, V2]
    assert f"did you mean {V1}?" in judged.issues[0].advice()
    assert f"是否为 {V1}？" in judged.issues[0].advice("zh")


def test_a_stranger_that_looks_like_a_car_of_the_fleet_is_asked_about() -> None:
    judged = judge_against_fleet(orders(DIGIT), {LETTER}, must_be_known=True)
    (unknown,) = [issue for issue in judged.issues if issue.reason_code == "vin_unknown"]
    assert unknown.suggestion == LETTER


def test_a_new_car_that_reads_like_one_of_the_fleet_is_warned_about() -> None:
    judged = judge_against_fleet(cars(DIGIT, V3), {LETTER, V1}, must_be_known=False)
    assert vins_of(judged) == [DIGIT, V3]
    assert ("A2", "warn", "vin_near_twin") in codes(judged)
    assert LETTER in judged.issues[-1].message()


def test_twins_within_one_list_are_warned_about_once() -> None:
    judged = judge_against_fleet(cars(LETTER, DIGIT), frozenset(), must_be_known=False)
    assert [issue.row for issue in judged.issues if issue.reason_code == "vin_near_twin"] == [3]


def test_a_car_that_the_fleet_knows_and_serial_neighbours_are_no_twins() -> None:
    judged = judge_against_fleet(cars(*VINS), frozenset(VINS[:20]), must_be_known=False)
    assert judged.issues == []


def test_a_list_of_strangers_is_not_searched_for_ever() -> None:
    wrong = [f"LSVUB60E0N9{serial:06d}" for serial in range(MOST_SEARCHES + 5)]
    judged = judge_against_fleet(orders(*wrong), FLEET, must_be_known=True)
    assert judged.notes[-1].code == "note_look_alikes"
    assert judged.notes[-1].facts == {"count": MOST_SEARCHES}
