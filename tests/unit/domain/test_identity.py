"""A VIN and a software version are read as people write them, and never guessed."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaign.domain.identity import (
    VIN_CHARACTERS,
    VIN_LENGTH,
    SoftwareVersion,
    Vin,
    VinFault,
    check_digit,
    look_alikes,
    needs_check_digit,
    normal_vin_text,
    read_vin,
    with_check_digit,
)
from campaign.errors import BadInput

CAR = "LSVUB60E5N2000000"
GERMAN = "WVWZZZ1KZAW000001"  # European makers put a filler where others put the check digit

vins = st.text(VIN_CHARACTERS, min_size=VIN_LENGTH, max_size=VIN_LENGTH).map(with_check_digit)
chinese = vins.map(lambda vin: with_check_digit("L" + vin[1:-1] + "A"))
anything = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.binary(), st.text())


@pytest.mark.parametrize("known", ["1M8GDM9AXKP042788", "1HGCM82633A004352", "5GZCZ43D13S812715"])
def test_published_vins_have_the_check_digit_that_we_compute(known: str) -> None:
    assert check_digit(known) == known[8]


def test_the_check_digit_does_not_depend_on_the_one_that_stands_there() -> None:
    assert check_digit("1M8GDM9A1KP042788") == "X"
    assert with_check_digit("1M8GDM9A1KP042788") == "1M8GDM9AXKP042788"


def test_a_clean_vin_is_taken_as_it_is() -> None:
    reading = read_vin(CAR)
    assert (reading.vin, reading.repairs, reading.problem, reading.warning) == (CAR, (), None, None)
    assert isinstance(reading.vin, Vin)


@pytest.mark.parametrize(
    ("raw", "repair"),
    [
        ("ＬＳＶＵＢ６０Ｅ５Ｎ２００００００", "width"),
        ("\ufeffLSVUB60E5N2000000", "invisible"),
        ("LSVUB60E\u200b5N2000000\u200d", "invisible"),
        (CAR.lower(), "case"),
        (" LSV UB60E5 N2000000\t", "blanks"),
        ("LSV-UB60E5-N2000000", "joiners"),
        ("LSV–UB60E5−N2000000", "joiners"),
        ("'LSVUB60E5N2000000", "joiners"),
        ("*LSVUB60E5N2000000*", "stars"),
        ("VIN:LSVUB60E5N2000000", "label"),
        ("vin：lsvub60e5n2000000", "label"),
        ("VIN No. LSVUB60E5N2000000", "label"),
        ("车架号：LSVUB60E5N2000000", "label"),
        ("ILSVUB60E5N2000000", "import mark"),
    ],
)
def test_what_people_and_scanners_add_is_taken_off_and_named(raw: str, repair: str) -> None:
    reading = read_vin(raw)
    assert reading.vin == CAR
    assert repair in reading.repairs
    assert reading.raw == raw


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (None, VinFault.EMPTY),
        ("", VinFault.EMPTY),
        (" \u200b ", VinFault.EMPTY),
        (CAR[:16], VinFault.LENGTH),
        (CAR + "1", VinFault.LENGTH),
        (CAR.replace("6", "I"), VinFault.FORBIDDEN),
        (CAR.replace("6", "O"), VinFault.FORBIDDEN),
        (CAR.replace("6", "Q"), VinFault.FORBIDDEN),
        (CAR.replace("6", "Ö"), VinFault.CHARACTERS),
        (CAR.replace("6", "#"), VinFault.CHARACTERS),
        ("1" * 17, VinFault.REPEATED),
        ("0" * 17, VinFault.REPEATED),
        ("LSVUB60E6N2000000", VinFault.CHECK_DIGIT),
        ("12345678901234567", VinFault.NUMBER),
        (12345678901234567, VinFault.NUMBER),
        (1.2345678901234568e16, VinFault.NUMBER),
        ("1.23457E+16", VinFault.NUMBER),
        (True, VinFault.NUMBER),
        (b"LSVUB60E5N2000000", VinFault.CHARACTERS),
    ],
)
def test_what_is_no_vin_is_refused_with_its_reason(raw: object, fault: VinFault) -> None:
    reading = read_vin(raw)
    assert reading.vin is None
    assert reading.problem is not None
    assert reading.problem.fault is fault


def test_seventeen_ones_have_a_right_check_digit_and_are_still_no_vin() -> None:
    assert check_digit("1" * 17) == "1"
    assert read_vin("1" * 17).vin is None


def test_a_letter_o_suggests_the_zero_only_if_the_check_digit_agrees() -> None:
    right, wrong = read_vin(CAR.replace("0", "O")), read_vin("LSVUB6OE6N2000000")
    assert right.problem is not None
    assert wrong.problem is not None
    assert (right.problem.suggestion, wrong.problem.suggestion) == (CAR, None)


@pytest.mark.parametrize("maker", ["LSV", "HES", "1HG", "2T1", "3VW", "4US", "5YJ", "7SA"])
def test_a_wrong_check_digit_refuses_chinese_and_north_american_cars(maker: str) -> None:
    right = with_check_digit(maker + CAR[3:])
    wrong = right[:8] + ("1" if right[8] == "0" else "0") + right[9:]
    assert read_vin(right).vin == right
    assert read_vin(wrong).vin is None


@pytest.mark.parametrize("maker", ["WVW", "JTD", "KMH", "VF1", "SAL", "7A3", "9BW", "6T1"])
def test_a_wrong_check_digit_is_a_warning_for_other_makers(maker: str) -> None:
    right = with_check_digit(maker + CAR[3:])
    wrong = right[:8] + ("1" if right[8] == "0" else "0") + right[9:]
    reading = read_vin(wrong)
    assert reading.vin == wrong
    assert reading.warning is not None
    assert reading.warning.fault is VinFault.CHECK_DIGIT
    assert reading.warning.detail == right[8]
    assert not needs_check_digit(wrong)


def test_strictness_may_be_given() -> None:
    assert read_vin(GERMAN, strict=True).vin is None
    assert read_vin("LSVUB60E6N2000000", strict=False).vin == "LSVUB60E6N2000000"


def test_parse_says_what_and_what_to_do() -> None:
    assert Vin.parse(" lsvub60e5n2000000 ") == CAR
    with pytest.raises(BadInput) as refused:
        Vin.parse(CAR.replace("0", "O"))
    assert "did you mean LSVUB60E5N2000000?" in refused.value.todo
    with pytest.raises(BadInput, match="not 17 characters"):
        Vin.parse("LSV")


def test_a_vin_names_its_maker_and_serial() -> None:
    vin = Vin(CAR)
    assert (vin.maker, vin.serial) == ("LSV", "000000")


@given(chinese)
def test_every_right_vin_is_read_whatever_is_put_around_it(vin: Vin) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in vin)
    for raw in (
        vin,
        vin.lower(),
        f"*{vin}*",
        f" vin：{vin} ",
        wide,
        f"{vin[:3]}-{vin[3:9]} {vin[9:]}",
        f"\ufeff{vin}",
    ):
        assert read_vin(raw).vin == vin
        assert normal_vin_text(raw) == vin


@given(anything)
@example("ß" * 17)
@example("\ud800" * 17)
@example(10**5000)
@example("٠" * 17)
def test_reading_a_vin_never_fails_and_never_gives_half_an_answer(raw: object) -> None:
    reading = read_vin(raw)
    assert (reading.vin is None) == (reading.problem is not None)
    if reading.vin is not None:
        assert len(reading.vin) == VIN_LENGTH
        assert set(reading.vin) <= set(VIN_CHARACTERS)


@given(chinese, st.integers(0, 16), st.sampled_from(VIN_CHARACTERS))
def test_one_wrong_character_is_refused_or_has_the_same_value(vin: Vin, at: int, other: str) -> None:
    changed = vin[:at] + other + vin[at + 1 :]
    if read_vin(changed, strict=True).vin is not None:
        assert check_digit(changed) == vin[8]


@given(chinese)
def test_reading_twice_changes_nothing(vin: Vin) -> None:
    assert read_vin(str(read_vin(vin).vin)).repairs == ()


def test_a_clean_vin_takes_some_microseconds() -> None:
    best = min(_seconds_for_reads(2000) for _ in range(5))
    assert best / 2000 < 20e-6  # about 2 on a quiet machine


def _seconds_for_reads(count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        read_vin(CAR)
    return time.perf_counter() - start


@pytest.mark.parametrize(
    "typed",
    [
        "LSVU860E5N2000000",  # 8 for B
        "LSVUB6DE5N2000000",  # D for 0
        "LSVUBG0E5N2000000",  # G for 6
        "L5VUB60E5N2000000",  # 5 for S
        "LSVUB60E5N2000007",  # any other character
        "SLVUB60E5N2000000",  # neighbours swapped
        "LSVUB60E2N5000000",  # two swapped
        "LSVUB60E5N200000",  # one missing
        "LSVUB60E5N22000000",  # one too many
    ],
)
def test_a_mistyped_vin_finds_its_car(typed: str) -> None:
    fleet = {CAR, "LSVUB60E7N2111111"}
    assert look_alikes(typed, fleet) == (CAR,)


def test_confused_characters_come_before_other_neighbours() -> None:
    confused, other = "LSVU860E5N2000000", "LSVUX60E5N2000000"
    assert look_alikes(CAR, {other, confused}) == (confused, other)


def test_a_vin_is_not_its_own_look_alike_and_strangers_have_none() -> None:
    assert look_alikes(CAR, {CAR}) == ()
    assert look_alikes("", {CAR}) == ()
    assert look_alikes("WVWZZZ1KZAW000001", {CAR}) == ()


def test_looking_for_look_alikes_asks_the_fleet_and_does_not_walk_it() -> None:
    class Fleet:
        asked = 0

        def __contains__(self, vin: object) -> bool:
            self.asked += 1
            return False

    fleet = Fleet()
    assert look_alikes(CAR, fleet) == ()
    assert 0 < fleet.asked < 1500


def test_no_more_look_alikes_than_asked_for() -> None:
    fleet = {CAR[:-1] + c for c in VIN_CHARACTERS}
    assert len(look_alikes(CAR, fleet, most=3)) == 3


@pytest.mark.parametrize(
    "written",
    [
        "VBV4.5.3C",
        "4.5.3c",
        "VBV4.5.3 C",
        "vbv 4.5.3c",
        "ＶＢＶ４．５．３Ｃ",
        "V4.5.3C",
        "VBV-4.5.3-C",
        "\ufeffVBV4.5.3C\u200b",
    ],
)
def test_a_version_is_the_same_however_it_is_written(written: str) -> None:
    assert str(SoftwareVersion.parse(written)) == "VBV4.5.3C"


def test_a_version_without_its_letter_is_another_version() -> None:
    assert SoftwareVersion.parse("4.5.3") != SoftwareVersion.parse("4.5.3C")
    assert str(SoftwareVersion.parse("4.5.3")) == "VBV4.5.3"


def test_versions_are_compared_as_numbers() -> None:
    written = ["4.5.10A", "4.5.2C", "4.5.3", "4.5.3C", "4.10.1A"]
    assert [str(v) for v in sorted(map(SoftwareVersion.parse, written))] == [
        "VBV4.5.2C",
        "VBV4.5.3",
        "VBV4.5.3C",
        "VBV4.5.10A",
        "VBV4.10.1A",
    ]


def test_an_alias_is_found_however_it_is_written() -> None:
    aliases = {"New Release": "4.5.3C", "old": "VBV4.5.2C"}
    assert str(SoftwareVersion.parse(" new release", aliases)) == "VBV4.5.3C"
    assert str(SoftwareVersion.parse("ＯＬＤ", aliases)) == "VBV4.5.2C"


@pytest.mark.parametrize(
    "written", ["", "C", "4", "VBV", "4.5.3CC.1", "4..5", "4.5.", "-4.5", "new", "4,5,3", "2021-01-07"]
)
def test_what_is_no_version_says_how_to_write_one(written: str) -> None:
    with pytest.raises(BadInput) as refused:
        SoftwareVersion.parse(written)
    assert "VBV4.5.3C" in refused.value.todo


versions = st.builds(
    SoftwareVersion,
    st.sampled_from(["VBV", "VB", "ICAS"]),
    st.lists(st.integers(0, 99_999), min_size=2, max_size=5).map(tuple),
    st.sampled_from(["", "A", "C", "RC1"]),
)


@given(versions)
def test_a_version_reads_back_what_it_wrote(version: SoftwareVersion) -> None:
    assert SoftwareVersion.parse(str(version)) == version
    assert SoftwareVersion.parse(str(version).lower()) == version


@given(st.text())
def test_any_text_is_a_version_or_bad_input(text: str) -> None:
    try:
        version = SoftwareVersion.parse(text)
    except BadInput:
        return
    assert SoftwareVersion.parse(str(version)) == version
