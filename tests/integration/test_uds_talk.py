"""One adapter knows the libraries: what each of them raises becomes one of four ways in which a talk goes wrong."""

from __future__ import annotations

import contextlib
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest
from udsoncan.services.RequestDownload import RequestDownload

from campaign.station_drivers.doip import Line, Timing, Unit, fits
from campaign.station_drivers.presence import EVERY
from campaign.station_drivers.programming import _max_length
from campaign.station_drivers.reading import BUSY_TRIES, known
from campaign.station_drivers.talk import Garbled, LinkLost, Negative, NoAnswer, nrc_name
from campaign.station_drivers.wire import Wire
from tests.fakes.doip_gateway import (
    ALIVE_REQUEST,
    CLOSE,
    OTHER,
    TESTER,
    UNIT,
    Gateway,
    Script,
    gateway,
    message,
    refused,
    says,
    taken,
)

BRISK = Timing(silence=0.3, longest=2.0)


@contextlib.contextmanager
def talking(
    script: Script, timing: Timing = BRISK, routing: int | None = 0x10
) -> Iterator[tuple[Unit, Gateway, list[Any]]]:
    """A unit behind a gateway that follows the script, and the evidence."""
    kept: list[Any] = []
    with gateway(script, routing) as made:
        line = Line(
            lambda: Wire("127.0.0.1", made.port, TESTER, 0x1001),
            timing,
            lambda kind, **facts: kept.append(facts),
        )
        line.open()
        try:
            yield Unit(line, "bms", UNIT), made, kept
        finally:
            line.close()


def always(*answers: bytes) -> Script:
    return lambda unit, request: list(answers)


def test_an_answer_is_the_unit_s_own_words_and_is_kept() -> None:
    with talking(always(taken(), says("62F1893034353320"))) as (unit, made, kept):
        assert unit.read(0xF189) == b"0453 "
        assert made.asked == [(UNIT, "22f189")]
    assert kept[0]["ecu"] == "bms"
    assert (kept[0]["request"], kept[0]["response"]) == ("22f189", "62f1893034353320")
    assert kept[0]["ms"] >= 0


def test_a_negative_response_is_told_with_its_name() -> None:
    with talking(always(says("7F2233"))) as (unit, _, _), pytest.raises(Negative) as told:
        unit.read(0xF189)
    assert told.value.params() == {
        "ecu": "bms", "service": "0x22", "nrc": "0x33", "name": "securityAccessDenied",
    }  # fmt: skip


def test_a_code_that_no_standard_knows_has_a_name_too() -> None:
    assert nrc_name(0x72) == "generalProgrammingFailure"
    assert nrc_name(0xF5) == "unknown"


def test_silence_is_told_after_its_time_not_before() -> None:
    with talking(always(taken())) as (unit, _, kept):
        began = time.monotonic()
        with pytest.raises(NoAnswer):
            unit.read(0xF189)
        assert 0.25 <= time.monotonic() - began < 1.5
        assert kept[0]["response"] == ""


def test_pending_is_waited_for_beyond_the_silence() -> None:
    with talking(always(says("7F3178"), says("7F3178"), says("7101FF0000"))) as (unit, made, _):
        assert unit.routine(0xFF00, b"\x44") == b"\0"
        assert made.asked == [(UNIT, "3101ff0044")]


def test_an_answer_of_another_unit_is_not_this_unit_s() -> None:
    with talking(always(says("62F1893939", OTHER), says("62F1893131"))) as (unit, _, _):
        assert unit.read(0xF189) == b"11"


def test_an_answer_to_another_tester_is_nobody_s() -> None:
    with talking(always(says("62F1893939", tester=0x0E01), says("62F1893131"))) as (unit, _, _):
        assert unit.read(0xF189) == b"11"


def test_a_late_answer_to_an_earlier_question_is_dropped() -> None:
    """It came after its time, or while the next question was on its way."""
    with talking(always(says("62F18731"), says("5003003201F4"), says("62F18932"))) as (unit, _, _):
        assert unit.read(0xF189) == b"2"


@pytest.mark.parametrize(
    ("request_", "answer", "fitting"),
    [
        ("22F190", "62F1904C", True),
        ("22F190", "62F1874C", False),
        ("22F190", "7F2231", True),
        ("22F190", "7F3131", False),
        ("3101FF00", "7101FF0000", True),
        ("3101FF00", "7101020200", False),
        ("3601AA", "7601", True),
        ("3602AA", "7601", False),
        ("37", "77", True),
        ("34004400", "74200FFF", True),
        ("22F190", "", False),
    ],
)
def test_an_answer_repeats_what_it_answers(request_: str, answer: str, fitting: bool) -> None:
    assert fits(bytes.fromhex(request_), bytes.fromhex(answer)) is fitting


@pytest.mark.parametrize("code", [0x03, 0x06])
def test_a_unit_that_the_gateway_cannot_reach_does_not_answer(code: int) -> None:
    with talking(always(refused(code))) as (unit, _, _), pytest.raises(NoAnswer):
        unit.read(0xF189)


def test_a_gateway_that_passes_nothing_on_is_a_lost_link() -> None:
    with talking(always(refused(0x05))) as (unit, _, _), pytest.raises(LinkLost, match="0x05"):
        unit.read(0xF189)


@pytest.mark.parametrize(
    "end",
    [
        CLOSE,
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        message(0x0000, b"\x04"),
        struct.pack("!BBHL", 2, 0xFD, 0x8001, 2**31),
    ],
    ids=["closed", "no DoIP", "header refused", "too long"],
)
def test_a_connection_that_ends_or_speaks_something_else_is_lost(end: bytes) -> None:
    with talking(always(end)) as (unit, _, _), pytest.raises(LinkLost) as told:
        unit.read(0xF189)
    assert told.value.car_there


def test_after_the_link_was_closed_nothing_is_asked() -> None:
    with talking(always(says("62F18931"))) as (unit, _, _):
        pass
    with pytest.raises(LinkLost):
        unit.read(0xF189)


def test_messages_that_come_in_pieces_are_put_together() -> None:
    whole = taken() + says("62F18931")
    with talking(lambda *_: [whole[:3], whole[3:17], whole[17:]]) as (unit, _, _):
        assert unit.read(0xF189) == b"1"


def test_an_alive_check_is_answered_while_an_answer_is_waited_for() -> None:
    with talking(always(ALIVE_REQUEST, says("62F18931"))) as (unit, made, _):
        assert unit.read(0xF189) == b"1"
        assert made.wait_for(lambda: 0x0008 in made.kinds)


def test_what_is_no_sense_is_garbled() -> None:
    with talking(always(says("7480"))) as (unit, _, _):
        response = unit.ask(RequestDownload, data=bytes(10))
        with pytest.raises(Garbled):
            unit.understood(_max_length, response)


def test_a_refused_routing_is_told_with_the_car_there() -> None:
    with pytest.raises(LinkLost) as told, talking(always(), routing=0x06):
        pass
    assert told.value.car_there


def test_a_gateway_without_a_car_is_no_car() -> None:
    with pytest.raises(LinkLost) as told, talking(always(), routing=None):
        pass
    assert not told.value.car_there


def test_a_busy_unit_is_asked_again_as_long_as_it_only_reads() -> None:
    answers = iter(["7F2221", "7F2221", "62F18931"])
    with talking(lambda *_: [says(next(answers))]) as (unit, made, kept):
        assert known(unit, 0xF189) == b"1"
        assert len(made.asked) == len(kept) == 3


def test_a_busy_unit_is_not_asked_for_ever() -> None:
    with talking(always(says("7F2221"))) as (unit, made, _):
        assert known(unit, 0xF189) == b""
        assert len(made.asked) == BUSY_TRIES


def test_a_busy_unit_is_never_told_twice_to_write() -> None:
    with talking(always(says("7F3121"))) as (unit, made, _):
        with pytest.raises(Negative):
            unit.routine(0xFF00)
        assert len(made.asked) == 1


# ---------------------------------------------------------------- TransferData


def test_a_block_is_taken_when_its_counter_comes_back() -> None:
    with talking(always(taken(), says("7601"))) as (unit, made, kept):
        unit.transfer(1, b"\xaa\xbb")
        assert made.asked == [(UNIT, "3601aabb")]
    assert kept == []


def test_a_block_may_be_pending() -> None:
    with talking(always(says("7F3678"), says("7F3678"), says("7605"))) as (unit, made, _):
        unit.transfer(5, b"\xaa")
        assert len(made.asked) == 1


def test_a_refused_block_is_not_sent_again() -> None:
    with talking(always(says("7F3672"))) as (unit, made, _):
        with pytest.raises(Negative) as told:
            unit.transfer(1, b"\xaa")
        assert (told.value.service, told.value.nrc) == (0x36, 0x72)
        assert len(made.asked) == 1


def test_the_answer_to_another_block_is_none() -> None:
    with talking(always(says("7601"))) as (unit, made, _):
        with pytest.raises(NoAnswer):
            unit.transfer(2, b"\xaa")
        assert len(made.asked) == 1


def test_a_block_is_not_pending_for_ever() -> None:
    endless = [says("7F3678")] * 5
    with talking(always(*endless), Timing(0.1, 0.5)) as (unit, _, _):
        began = time.monotonic()
        with pytest.raises(NoAnswer):
            unit.transfer(1, b"\xaa")
        assert time.monotonic() - began < 3


# ---------------------------------------------------------------- sessions


def test_a_session_is_kept_up_until_the_unit_is_reset() -> None:
    def script(unit: int, request: bytes) -> list[bytes]:
        return {0x10: [says("5003003201F4")], 0x11: [says("5101")]}.get(request[0], [taken()])

    with talking(script) as (unit, made, kept):
        unit.session(3)
        assert made.wait_for(lambda: (UNIT, "3e80") in made.asked, EVERY + 2)
        unit.reset()
        count = len(made.asked)
        assert not made.wait_for(lambda: len(made.asked) > count, EVERY + 0.5)
    assert [fact["request"] for fact in kept] == ["1003", "1101"]
