"""What is judged before a car is written: gauges to the tenth, fit, versions, 12 V; and how far a flash is."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from campaign.station_agent.driver import Aborted, Job
from campaign.station_agent.manifest import Block, EcuRow, FileRow, Manifest, State
from campaign.station_drivers.judging import (
    check_fits,
    check_gate,
    check_job,
    check_version,
    check_volts,
    to_flash,
)
from campaign.station_drivers.options import Volts
from campaign.station_drivers.programming import fingerprint
from campaign.station_drivers.progress import Progress
from campaign.station_drivers.reading import Sample, dtc_name
from campaign.station_drivers.soc import Formula, Gate, parse_gate, percent, raw_of, tenths
from tests.fakes.flashed_car import Told

DISPLAY = Formula("meb-display-1", Decimal("0.4425"), Decimal("-6.1947"))
BMS = Formula("meb-bms-1", Decimal("0.4"), Decimal(0))
FINE = Formula("fine", Decimal("0.01"), Decimal(0))
GATE = Gate("display", 270)
LIMITS = Volts(0x1001, 0xF442, Decimal("0.1"), Decimal("12.0"), Decimal("12.3"))

OLD, NEW = State("1EA1", "0452", "H1", "0A"), State("1EA1", "0453", "H1", "0A")
BLOCK = Block("b", "f" * 64, 0, 0)
MANIFEST = Manifest(
    "P", "VBV4.5.2C", "VBV4.5.3C", "A",
    (EcuRow("bms", 7, OLD, NEW, (BLOCK,)), EcuRow("motor", 8, OLD, NEW, (BLOCK,)), EcuRow("radio", 9, OLD, OLD)),
    (FileRow("b.bin", "f" * 64, 100),),
)  # fmt: skip


def car(bms: State = OLD, motor: State = OLD, radio: State = OLD) -> dict[str, State]:
    return {"bms": bms, "motor": motor, "radio": radio}


def sample(soc: int | None = 280, volts: str | None = "12.6") -> Sample:
    gauges = {} if soc is None else {"display": soc}
    return Sample(None if volts is None else Decimal(volts), 75, gauges, "display:fine")


def told(trouble: pytest.ExceptionInfo[Aborted]) -> tuple[str, dict[str, str]]:
    assert not trouble.value.written
    return trouble.value.code, trouble.value.params


# ---------------------------------------------------------------- SOC


@pytest.mark.parametrize(("raw", "shown"), [(75, 269), (76, 274), (77, 278), (240, 1000), (14, 0), (0, 0)])
def test_the_display_is_cut_off_to_tenths_within_its_scale(raw: int, shown: int) -> None:
    assert tenths(raw, DISPLAY) == shown


@pytest.mark.parametrize(("raw", "shown"), [(2699, 269), (2700, 270), (2709, 270), (2710, 271)])
def test_no_value_is_rounded_up_to_the_gate(raw: int, shown: int) -> None:
    assert tenths(raw, FINE) == shown


def test_the_two_gauges_differ_for_one_raw_value() -> None:
    assert (tenths(76, DISPLAY), tenths(76, BMS)) == (274, 304)


def test_a_hundredth_below_is_below_whatever_floats_make_of_it() -> None:
    assert tenths(3, Formula("x", Decimal("0.1"), Decimal(0))) == 3
    assert tenths(1, Formula("x", Decimal("26.999999999999999999"), Decimal(0))) == 269


def test_all_ones_are_no_value() -> None:
    assert raw_of(b"\xff") is None
    assert raw_of(b"\xff\xff") is None
    assert raw_of(b"") is None
    assert raw_of(b"\x01\x02") == 258


@pytest.mark.parametrize("soc", [270, 271, 1000])
def test_at_27_0_and_above_a_car_may_be_flashed(soc: int) -> None:
    check_gate(GATE, sample(soc))
    assert percent(soc) == f"{soc / 10:.1f}"


def test_a_car_at_26_9_is_refused() -> None:
    with pytest.raises(Aborted) as trouble:
        check_gate(GATE, sample(269))
    assert told(trouble) == ("soc_below", {"soc": "26.9", "gate": "27.0", "gauge": "display", "raw": "75"})


def test_a_gauge_without_a_value_means_wait() -> None:
    with pytest.raises(Aborted) as trouble:
        check_gate(GATE, sample(None))
    assert told(trouble) == ("soc_unreadable", {"gauge": "display"})


def test_a_gauge_without_a_formula_means_wait() -> None:
    with pytest.raises(Aborted) as trouble:
        check_gate(Gate("bms", 270), sample(500))
    assert told(trouble) == ("soc_unreadable", {"gauge": "bms"})


def test_a_gate_is_a_gauge_and_tenths() -> None:
    assert parse_gate("display:270") == GATE
    assert parse_gate("-") is None
    check_gate(None, sample(None))
    for bad in ("display", ":270", "display:27.0", "display:-1", ""):
        with pytest.raises(ValueError, match="no gate"):
            parse_gate(bad)


# ---------------------------------------------------------------- 12 V


def test_12_0_v_are_enough_and_11_9_are_not() -> None:
    check_volts(LIMITS, sample(volts="12.0"))
    with pytest.raises(Aborted) as trouble:
        check_volts(LIMITS, sample(volts="11.9"))
    assert told(trouble) == ("volts_below", {"volts": "11.9", "min": "12.0"})


def test_12_v_that_are_not_told_are_not_enough() -> None:
    with pytest.raises(Aborted) as trouble:
        check_volts(LIMITS, sample(volts=None))
    assert told(trouble) == ("volts_below", {"volts": "-", "min": "12.0"})
    check_volts(None, sample(volts=None))


# ---------------------------------------------------------------- fit and version


def test_a_car_at_the_source_the_target_or_in_between_may_be_flashed() -> None:
    erased = State("", "", "H1", "")
    for actual in (car(), car(NEW, NEW), car(NEW, OLD), car(erased, OLD), car(NEW, erased)):
        check_fits(MANIFEST, actual)
        check_version(MANIFEST, actual)
    assert [row.name for row in to_flash(MANIFEST, car(NEW, erased))] == ["motor"]


def test_only_what_is_behind_is_flashed_and_all_where_nothing_is() -> None:
    assert [row.name for row in to_flash(MANIFEST, car())] == ["bms", "motor"]
    assert [row.name for row in to_flash(MANIFEST, car(NEW, OLD))] == ["motor"]
    assert [row.name for row in to_flash(MANIFEST, car(NEW, NEW))] == ["bms", "motor"]


@pytest.mark.parametrize(
    ("actual", "ecu", "field", "seen"),
    [
        (car(OLD._replace(hardware="H2")), "bms", "hardware", "H2"),
        (car(motor=NEW._replace(part_number="1EA2")), "motor", "part_number", "1EA2"),
        (car(motor=OLD._replace(hardware="")), "motor", "hardware", "-"),
        (car(radio=OLD._replace(part_number="")), "radio", "part_number", "-"),
    ],
)
def test_another_part_is_no_car_for_this_package(
    actual: dict[str, State], ecu: str, field: str, seen: str
) -> None:
    with pytest.raises(Aborted) as trouble:
        check_fits(MANIFEST, actual)
    specified = "H1" if field == "hardware" else "1EA1"
    expected = {"ecu": ecu, "field": field, "specified": specified, "actual": seen}
    assert told(trouble) == ("package_unfit", expected)


@pytest.mark.parametrize(
    ("actual", "found"),
    [
        (car(OLD._replace(software="0451")), "bms 0451"),
        (car(radio=NEW), "radio 0453"),
        (car(radio=OLD._replace(software="")), "radio -"),
        (car(motor=OLD._replace(coding="0B")), "motor coding 0B"),
    ],
)
def test_a_unit_at_neither_version_is_not_flashed(actual: dict[str, State], found: str) -> None:
    with pytest.raises(Aborted) as trouble:
        check_version(MANIFEST, actual)
    assert told(trouble) == ("wrong_version", {"found": found, "source": "VBV4.5.2C"})


def test_what_is_not_specified_is_not_compared() -> None:
    row = MANIFEST.ecus[0]._replace(source=State(software="0452"), target=State(software="0453"))
    manifest = MANIFEST._replace(ecus=(row,))
    check_fits(manifest, {"bms": State("any", "0452", "any", "FF")})
    check_version(manifest, {"bms": State("any", "0452", "any", "FF")})


def test_a_package_for_another_upgrade_is_not_the_job_s() -> None:
    job = Job("ab" * 16, "V", "VBV4.5.2C", "VBV4.5.4C", "P")
    check_job(job._replace(target="VBV4.5.3C"), MANIFEST)
    with pytest.raises(Aborted) as trouble:
        check_job(job, MANIFEST)
    assert told(trouble)[1] == {
        "ecu": "P", "field": "target", "specified": "VBV4.5.4C", "actual": "VBV4.5.3C",
    }  # fmt: skip


def test_an_address_that_doip_does_not_know_is_refused_before_anything_is_asked() -> None:
    row = MANIFEST.ecus[0]._replace(address=0x17FC007B)
    with pytest.raises(Aborted) as trouble:
        check_job(Job("ab" * 16, "V", "VBV4.5.2C", "VBV4.5.3C", "P"), MANIFEST._replace(ecus=(row,)))
    assert told(trouble)[0] == "package_unfit"


# ---------------------------------------------------------------- words and progress


def test_trouble_codes_are_written_as_people_know_them() -> None:
    assert [dtc_name(code) for code in (0x0A0F00, 0xC10000, 0x4123FF, 0x9A0011)] == [
        "P0A0F00", "U010000", "C0123FF", "B1A0011",
    ]  # fmt: skip


def test_a_fingerprint_holds_the_day_and_the_job() -> None:
    day = datetime(2026, 1, 5, tzinfo=UTC)
    assert fingerprint("ab" * 16, day).hex() == "260105abababababab"
    other = fingerprint("job 7", day)
    assert len(other) == 9
    assert other != fingerprint("job 8", day)


def test_progress_by_bytes_is_told_at_most_every_two_percent() -> None:
    log = Told()
    progress = Progress(log)
    progress.at("identify", 0)
    progress.expect(100_000)
    progress.at("erase bms")
    for _ in range(1000):
        progress.sent(100, "bms")
    progress.at("verify bms")
    progress.at("verify bms")
    progress.at("identify", 3)
    percents = [percent for _, percent in log.steps]
    assert percents == sorted(percents)
    assert log.steps[:3] == [("identify", 0), ("erase bms", 10), ("transfer bms", 10)]
    assert log.steps[-2:] == [("verify bms", 90), ("identify", 90)]
    assert len([step for step, _ in log.steps if step == "transfer bms"]) == 41
