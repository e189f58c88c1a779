"""The made-up fleet reads like a real one, and its lists go through the product's own readers."""

import csv
from collections import Counter

import pytest

from campaign.domain.identity import Vin, check_digit
from campaign.domain.vehicle import OrderState
from campaign.files.order_list import read_order_list
from campaign.files.vehicle_list import read_vehicle_list
from campaign.yard.fleet import HIGHEST_SOC, LOWEST_SOC, make_fleet, write_lists
from tests.fakes.small_yard import case_of


def test_every_vin_is_right_and_occurs_once():
    cars = case_of(2_300).cars
    assert len({car.vin for car in cars}) == 2_300
    for car in cars:
        assert Vin.parse(car.vin, strict=True) == car.vin
        assert car.vin.maker == "LSV"
        assert car.vin[8] == check_digit(car.vin)


def test_socs_slots_and_orders_are_spread_as_in_the_real_case():
    case = case_of(2_300)
    assert {car.slot for car in case.cars} <= set(case.layout.slots)
    assert len({car.slot for car in case.cars}) == 2_300
    socs = [car.soc for car in case.cars]
    assert min(socs) >= LOWEST_SOC
    assert max(socs) <= HIGHEST_SOC
    assert 0.68 < sum(soc < 270 for soc in socs) / len(socs) < 0.78
    states = Counter(car.order_state for car in case.cars)
    assert 0.66 < states[OrderState.KNOWN] / 2_300 < 0.74
    assert 5 < states[OrderState.UNKNOWN] < 50
    assert all((car.promised is not None) == (car.order_state is OrderState.KNOWN) for car in case.cars)


def test_the_same_seed_gives_the_same_cars_and_another_one_others():
    assert case_of(40).cars == case_of(40).cars
    assert case_of(40, seed=2).cars != case_of(40).cars


def test_more_cars_than_slots_are_refused():
    case = case_of(1)
    with pytest.raises(ValueError, match="do not fit"):
        make_fleet(5_001, case.layout, case.rules, case.start, 1)


def test_the_lists_are_accepted_row_by_row(tmp_path):
    case = case_of(60)
    lists = write_lists(case.cars, case.rules.source, tmp_path)
    cars, orders = read_vehicle_list(lists.vehicles), read_order_list(lists.orders)
    assert (len(cars.rows), len(cars.rejected), cars.issues) == (60, 0, [])
    assert [row.vin for row in cars.rows] == [car.vin for car in case.cars]
    assert [row.soc for row in cars.rows] == [car.soc for car in case.cars]
    said = {row.vin: (row.state, row.order_no, row.promised) for row in orders.rows}
    for car in case.cars:
        if car.order_state is not OrderState.UNKNOWN:
            assert said[car.vin] == (car.order_state, car.order_no, car.promised)
        else:
            assert car.vin not in said


def test_the_same_case_writes_the_same_bytes(tmp_path):
    case = case_of(20)
    first = write_lists(case.cars, case.rules.source, tmp_path / "a")
    second = write_lists(case.cars, case.rules.source, tmp_path / "b")
    assert first.vehicles.read_bytes() == second.vehicles.read_bytes()
    assert first.orders.read_bytes() == second.orders.read_bytes()


def test_the_order_list_is_an_old_programs_csv(tmp_path):
    case = case_of(20)
    lists = write_lists(case.cars, case.rules.source, tmp_path)
    with pytest.raises(UnicodeDecodeError):
        lists.orders.read_text(encoding="utf-8")
    with lists.orders.open(encoding="gb18030", newline="") as file:
        assert next(csv.reader(file))[0] == "订单号"
