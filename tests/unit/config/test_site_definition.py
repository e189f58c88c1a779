"""A site's file: what it becomes, and what is said of each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign.definitions import load_site
from campaign.domain.site import Charging
from tests.unit.config.spoiling import edit, line_of, told


@pytest.fixture
def site(configs: Path) -> Path:
    return configs / "sites" / "anting.yaml"


def test_the_shipped_site_has_the_places_of_the_real_case(site: Path) -> None:
    layout = load_site(site).layout()
    counts = (len(layout.slots), len(layout.circuits), len(layout.points), len(layout.stations))
    assert counts == (5_000, 6, 60, 6)
    assert (layout.slots[0], layout.slots[249], layout.slots[250]) == ("A-001", "A-250", "B-001")
    assert len(set(layout.slots)) == 5_000
    assert (layout.zone, layout.inspectors) == ("Asia/Shanghai", 4)
    assert [shift.code for shift in layout.shifts if shift.qa] == ["day"]


def test_every_point_hangs_on_the_circuit_that_lists_it(site: Path) -> None:
    layout = load_site(site).layout()
    assert {p.circuit for p in layout.points if p.name in ("CP-01", "CP-10")} == {"C1"}
    assert {p.circuit for p in layout.points if p.name in ("CP-11", "CP-20")} == {"C2"}
    assert {p.circuit for p in layout.points} == {c.name for c in layout.circuits}


def test_points_may_be_listed_one_by_one_and_in_ranges(site: Path) -> None:
    edit(site, ("points: CP-51..CP-60", "points: [CP-51, CP-53..CP-55, X1]"))
    names = [p.name for p in load_site(site).layout().points if p.circuit == "C6"]
    assert names == ["CP-51", "CP-53", "CP-54", "CP-55", "X1"]


def test_a_station_may_say_where_it_listens(site: Path) -> None:
    edit(site, ("  - {name: ST-6}", "  - {name: ST-6, host: 10.0.0.6, port: 2222, user: bench}"))
    stations = load_site(site).layout().stations
    assert (stations[5].host, stations[5].port, stations[5].user) == ("10.0.0.6", 2222, "bench")
    assert (stations[0].host, stations[0].port, stations[0].user) == (None, 22, "campaign")


@pytest.mark.parametrize(
    ("old", "new", "field", "what"),
    [
        ("code: anting", "code: Anting", "code", "'Anting' is not spelled as a name here - lower-case"),
        ("code: anting", "code:", "code", "has no value - write one, or remove the line"),
        ("time_zone:", "timezone:", "timezone", "is not a known field - did you mean time_zone?"),
        (
            "Asia/Shanghai",
            "Asia/Anting",
            "time_zone",
            "'Asia/Anting' is not a known time zone - write an IANA",
        ),
        ("zh: 安亭停车场", "cn: 安亭", "names.cn", "is not a known field - known: en, zh"),
        ("{row: V, count: 250}", "{row: U, count: 9}", "slots[19].row", "the row U stands 2 times - keep it"),
        ("{row: V, count: 250}", "{row: V, count: 0}", "slots[19].count", "0 is too small - write 1 or more"),
        (
            "{row: V, count: 250}",
            "{row: V, count: 2.5}",
            "slots[19].count",
            "2.5 is not a whole number - write",
        ),
        (
            "{row: V, count: 250}",
            '{row: V, count: "9"}',
            "slots[19].count",
            '"9" is not a whole number - write',
        ),
        ("{row: V, count: 250}", "V", "slots[19]", '"V" is not a group of fields - write `name: value`'),
        (
            "{name: C6, limit_kw: 22",
            "{name: C6, limit_kw: -1",
            "circuits[5].limit_kw",
            "-1 is too small - write",
        ),
        (
            "{name: C6, limit_kw: 22",
            "{name: C6, limit_kw: 2",
            "circuits[5].point_kw",
            "a point may draw 2.2 kW",
        ),
        ("{name: C6,", "{name: C5,", "circuits[5].name", "the circuit C5 stands 2 times - keep it once"),
        (
            "CP-51..CP-60",
            "CP-50..CP-60",
            "circuits[5].points",
            "the charge point CP-50 stands 2 times - keep",
        ),
        (
            "CP-51..CP-60",
            "CP-60..CP-51",
            "circuits[5].points",
            "'CP-60..CP-51' runs backwards - write CP-51..",
        ),
        (
            "CP-51..CP-60",
            "CP-51..CQ-60",
            "circuits[5].points",
            "'CP-51..CQ-60' changes its name on the way - ",
        ),
        ("CP-51..CP-60", "CP-51..", "circuits[5].points", "'CP-51..' has an end without a number - write it"),
        (
            "CP-51..CP-60",
            "CP-1..CP-999999",
            "circuits[5].points",
            "names 999,999 things - write at most 100,000",
        ),
        ("CP-51..CP-60", "[1, 2]", "circuits[5].points", "is not a range or a list of names - write CP-01"),
        ("CP-51..CP-60", "[]", "circuits[5].points", "is empty - list at least one"),
        (
            "{name: ST-6}",
            "{name: ST-5}",
            "stations[5].name",
            "the station ST-5 stands 2 times - keep it once",
        ),
        (
            "{name: ST-6}",
            "{name: ST-6, prot: 22}",
            "stations[5].prot",
            "is not a known field - did you mean port?",
        ),
        ("{name: ST-6}", "{name: ST-6, port: 0}", "stations[5].port", "0 is too small - write 1 or more"),
        ("{name: ST-6}", "{host: h}", "stations[5].name", "is missing - add it"),
        (
            "start: 20:00",
            "start: 19:59",
            "shifts[1]",
            "overlaps the shift day (08:00 to 20:00) - let one start",
        ),
        ("start: 20:00", "start: 24:00", "shifts[1].start", "'24:00' is not a time of day - write hours"),
        ("start: 20:00", "start: 20", "shifts[1].start", "20 is not a time of day - write hours and minutes"),
        ("code: night", "code: day", "shifts[1].code", "the shift day stands 2 times - keep it once"),
        ("qa: true", "qa: yes", "shifts[0].qa", '"yes" is not true or false - write true or false'),
        ("qa: true", "qa: false", "shifts", "no shift has QA, so that no batch could be signed - write"),
        ("inspectors: 4", "inspectors: 0", "inspectors", "0 is too small - write 1 or more"),
        ("inspectors: 4", "inspectors: four", "inspectors", '"four" is not a whole number - write digits'),
    ],
)
def test_each_mistake_is_named_by_file_line_and_field(
    site: Path, *, old: str, new: str, field: str, what: str
) -> None:
    # a list stands where its name does, an entry where its first field does
    at = line_of(site, {"shifts": "shifts:", "shifts[1]": "code: night"}.get(field, old))
    edit(site, (old, new))
    lines = told(load_site, site)
    assert any(line.startswith(f"anting.yaml:{at}: {field}: ") and what in line for line in lines), lines


def test_a_missing_field_is_named_at_the_thing_that_lacks_it(site: Path) -> None:
    edit(site, ("inspectors: 4\n", ""))
    assert told(load_site, site) == [
        f"anting.yaml:{line_of(site, 'code: anting')}: inspectors: is missing - add it"
    ]


def test_one_reading_tells_every_mistake_in_the_order_of_the_file(site: Path) -> None:
    edit(
        site,
        ("code: anting", "code: Anting"),
        ("{row: V, count: 250}", "{row: A, count: 250}"),
        ("inspectors: 4", "inspectors: none"),
        ("CP-51..CP-60", "CP-05..CP-60"),
    )
    lines = told(load_site, site)
    fields = [line.split(": ")[1] for line in lines]
    assert fields[:2] == ["code", "slots[19].row"]
    assert fields[-1] == "inspectors"
    assert fields.count("circuits[5].points") == 46
    numbers = [int(line.split(":")[1]) for line in lines]
    assert numbers == sorted(numbers)


def test_two_stations_cannot_listen_at_one_address(site: Path) -> None:
    edit(
        site,
        ("{name: ST-5}", "{name: ST-5, host: h, port: 2201}"),
        ("{name: ST-6}", "{name: ST-6, host: h, port: 2201}"),
    )
    at = line_of(site, "name: ST-6, host")
    assert told(load_site, site) == [
        f"anting.yaml:{at}: stations[5]: the address h:2201 stands 2 times - keep it once"
    ]


def test_equal_start_and_end_is_a_shift_of_24_hours(site: Path) -> None:
    text = site.read_text(encoding="utf-8")
    before, after = text.split("shifts:\n")
    shift = "shifts:\n  - {code: all, names: {en: All day, zh: 全天}, start: 08:00, end: 08:00, qa: true}\n"
    site.write_text(before + shift + "inspectors" + after.split("\ninspectors")[1], encoding="utf-8")
    (only,) = load_site(site).layout().shifts
    assert only.over_midnight
    assert only.qa


def with_charging(site: Path, rest: str) -> Path:
    """The shipped site with the line on charging that it holds as a comment, and more fields in it."""
    return edit(site, ("# charging: {", "charging: {"), (", celsius: 15}", f", celsius: 15{rest}}}"))


def test_the_shipped_site_charges_as_the_real_case_did(site: Path) -> None:
    assert load_site(site).layout().charging is None


def test_a_site_may_say_what_decides_how_long_charging_takes(site: Path) -> None:
    charging = load_site(with_charging(site, "")).layout().charging
    assert charging == Charging(77, 11, 0.88, 10, 15)
    assert charging.celsius_in(1) == charging.celsius_in(7) == 15


def test_the_air_may_differ_by_month(site: Path) -> None:
    months = "-8, -5, 3, 9, 15, 21, 26, 26, 20, 13, 5, -4"
    charging = load_site(with_charging(site, f", celsius_by_month: [{months}]")).layout().charging
    assert (charging.celsius_in(1), charging.celsius_in(7), charging.celsius_in(12)) == (-8, 26, -4)


def test_a_site_says_only_what_it_must(site: Path) -> None:
    edit(site, ("inspectors: 4", "inspectors: 4\ncharging: {battery_kwh: 52, onboard_kw: 7.4}"))
    assert load_site(site).layout().charging == Charging(52, 7.4)


@pytest.mark.parametrize(
    ("old", "new", "field", "what"),
    [
        ("battery_kwh: 77", "battery_kwh: 0", "battery_kwh", "0 is too small - write more than 0"),
        ("battery_kwh: 77, ", "", "battery_kwh", "is missing - add it"),
        ("onboard_kw: 11", "onboard_kw: 2000", "onboard_kw", "2000 is too large - write 1000"),
        ("efficiency: 0.88", "efficiency: 88", "efficiency", "88 is too large - write 1"),
        ("efficiency: 0.88", "eficiency: 0.88", "eficiency", "did you mean efficiency?"),
        ("connect_min: 10", "connect_min: 2.5", "connect_min", "2.5 is not a whole number"),
        ("celsius: 15", "celsius: 288", "celsius", "288 is too large - write 60"),
        ("celsius: 15", "celsius_by_month: [1, 2]", "celsius_by_month", "has 2 values - write twelve"),
    ],
)
def test_each_mistake_about_charging_is_named(
    site: Path, *, old: str, new: str, field: str, what: str
) -> None:
    edit(with_charging(site, ""), (old, new))
    (line,) = told(load_site, site)
    assert f"charging.{field}: " in line
    assert what in line


def test_points_that_could_not_charge_in_the_coldest_month_are_named(site: Path) -> None:
    months = ", ".join(["20"] * 11 + ["-12"])
    edit(
        with_charging(site, f", celsius_by_month: [{months}]"),
        ("C6, limit_kw: 22, point_kw: 2.2", "C6, limit_kw: 9, point_kw: 2.2"),
    )
    (line,) = told(load_site, site)
    assert "charging: points of C6: of 900 W nothing is left for the battery at -12 degrees" in line
    assert "let fewer points share the circuit" in line
