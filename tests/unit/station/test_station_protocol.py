"""The agent's language, both halves: texts out, values and refusals in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.domain.identity import Vin
from campaign.errors import (
    StationBusy,
    StationError,
    StationIdentityRefused,
    StationLinkLost,
    StationRejected,
)
from campaign.ports.station import FlashJob, Held, JobState, JobVerdict, ReadBack, StartAnswer, Upload
from campaign.station import protocol
from campaign.station_agent import verbs

VIN, JOB = Vin("LSVAA4182E2184847"), "0123456789abcdef" * 2
SHA = "0123456789abcdef" * 4


def answer(*, exit_status: int = 0, complaint: bytes = b"", **fields: object) -> protocol.Answer:
    line = json.dumps({"ok": True, "station": "S1", **fields}).encode() + b"\n"
    return protocol.read_answer("S1", line, complaint, exit_status)


def refusal(code: str, what: str = "no", job: str = "") -> StationError:
    line = json.dumps({"ok": False, "code": code, "what": what, "job": job}).encode()
    with pytest.raises(StationError) as refused:
        protocol.read_answer("S1", line, b"", 1)
    return refused.value


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (protocol.identify_command(), "identify"),
        (
            protocol.start_command("S1", FlashJob(JOB, VIN, "VBV4.5.2C", "VBV4.5.3C", "pkg-1")),
            f"start {JOB} {VIN} VBV4.5.2C VBV4.5.3C pkg-1 - -",
        ),
        (
            protocol.start_command(
                "S1", FlashJob(JOB, VIN, "VBV4.5.2C", "VBV4.5.3C", "pkg-1", SHA, "display:270")
            ),
            f"start {JOB} {VIN} VBV4.5.2C VBV4.5.3C pkg-1 {SHA} display:270",
        ),
        (protocol.have_command("S1", SHA), f"have {SHA}"),
        (
            protocol.put_command("S1", Upload(SHA, 1024, Path("app.bin")), 512),
            f"put {SHA} 1024 512",
        ),
        (protocol.report_command("S1", JOB, 0), f"tail {JOB} 0"),
        (protocol.report_command("S1", JOB, 1617), f"tail {JOB} 1617"),
        (protocol.read_back_command("S1", VIN), f"readback {VIN}"),
        (protocol.clear_command("S1", JOB), f"clear {JOB}"),
    ],
)
def test_a_question_is_a_verb_that_the_agent_understands(command: str, text: str) -> None:
    assert command == text
    assert verbs.parse(command) == text.split(" ")


@pytest.mark.parametrize("word", ["", "a b", "a;b", "$(id)", "-rf", "../x", "p" * 200, "包"])
def test_a_word_that_needs_quotes_is_never_sent(word: str) -> None:
    with pytest.raises(StationRejected) as refused:
        protocol.start_command("S1", FlashJob(JOB, VIN, "VBV4.5.2C", "VBV4.5.3C", word))
    assert refused.value.code == "usage"


@given(st.text())
def test_no_word_smuggles_a_second_one(word: str) -> None:
    try:
        command = protocol.clear_command("S1", word)
    except StationRejected:
        return
    assert command.split() == ["clear", word]


@pytest.mark.parametrize("exit_status", [-1, 0, 1, 255])
def test_no_answer_means_link_lost_never_a_failed_flash(exit_status: int) -> None:
    with pytest.raises(StationLinkLost):
        protocol.read_answer("S1", b"", b"", exit_status)


@pytest.mark.parametrize("out", [b"hello\n", b'{"ok": true, "stat', b"[1]\n", b"null\n", b"\xff\xfe\n"])
def test_half_an_answer_means_link_lost(out: bytes) -> None:
    with pytest.raises(StationLinkLost):
        protocol.read_answer("S1", out, b"", -1)


@pytest.mark.parametrize("exit_status", [126, 127])
def test_a_station_without_the_agent_says_so(exit_status: int) -> None:
    with pytest.raises(StationRejected, match="python3: not found") as refused:
        protocol.read_answer("S1", b"", b"bash: /opt/python3: not found\n", exit_status)
    assert refused.value.code == "no_agent"


def test_an_answer_of_another_station_is_refused() -> None:
    with pytest.raises(StationIdentityRefused, match="S2"):
        protocol.read_answer("S1", b'{"ok": true, "station": "S2"}\n', b"", 0)


def test_noise_before_the_answer_does_not_hide_it() -> None:
    out = b'Welcome to station S1\n{"ok": true, "station": "S1", "answer": "started"}\n'
    assert protocol.read_answer("S1", out, b"", 0)["answer"] == "started"


def test_busy_names_the_job() -> None:
    error = refusal("busy", "works on another job", JOB)
    assert isinstance(error, StationBusy)
    assert error.job_id == JOB


@pytest.mark.parametrize(
    "code", ["other_car", "other_job", "blocked", "no_job", "running", "usage", "config", "x"]
)
def test_every_other_no_is_a_rejection_with_its_code(code: str) -> None:
    error = refusal(code, "because")
    assert isinstance(error, StationRejected)
    assert (error.code, error.what, error.station) == (code, "because", "S1")


def test_an_identity_is_read() -> None:
    told = answer(agent="1", clock="2026-01-05T14:00:00+08:00", disk_free=5, busy_with=None, blocked_by=JOB)
    identity = protocol.read_identity("S1", told)
    assert identity.clock == datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
    assert (identity.station, identity.disk_free_bytes) == ("S1", 5)
    assert (identity.busy_with, identity.blocked_by) == (None, JOB)


@pytest.mark.parametrize("word", ["started", "already"])
def test_both_start_answers_are_read(word: str) -> None:
    assert protocol.read_start("S1", answer(answer=word)) is StartAnswer(word)


def test_a_report_is_read() -> None:
    told = answer(
        job=JOB,
        state="ended",
        step="read_back",
        percent=100,
        verdict="pass",
        detail="",
        read_back={"vin": VIN, "version": "VBV4.5.3C", "soc_display": 274, "soc_bms": None},
        started_at="2026-01-05T06:00:00.123+00:00",
        ended_at=None,
        offset=99,
        lines=["{}"],
    )
    report = protocol.read_report("S1", told)
    assert (report.state, report.verdict, report.percent) == (JobState.ENDED, JobVerdict.PASS, 100)
    assert report.read_back == ReadBack(VIN, "VBV4.5.3C", 274, None)
    assert report.started_at == datetime(2026, 1, 5, 6, 0, 0, 123000, tzinfo=UTC)
    assert (report.ended_at, report.offset, report.lines) == (None, 99, ("{}",))


def test_a_job_that_the_station_never_heard_of_is_none() -> None:
    told = answer(job=JOB, state="none", step="", percent=0, verdict=None, read_back=None, offset=0, lines=[])
    assert protocol.read_report("S1", told).state is JobState.NONE


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"job": JOB, "state": "exploded", "offset": 0, "lines": []},
        {"job": JOB, "state": "ended", "verdict": "splendid", "offset": 0, "lines": []},
        {"job": JOB, "state": "ended", "offset": "x", "lines": []},
        {"job": JOB, "state": "ended", "offset": 0, "lines": None},
        {"job": JOB, "state": "ended", "offset": 0, "lines": [], "read_back": {"vin": VIN}},
        {"job": JOB, "state": "ended", "offset": 0, "lines": [], "started_at": "yesterday"},
    ],
)
def test_a_report_that_is_not_understood_is_link_lost(fields: dict[str, Any]) -> None:
    with pytest.raises(StationLinkLost, match="not understood"):
        protocol.read_report("S1", answer(**fields))


@given(
    st.dictionaries(
        st.sampled_from(["job", "state", "offset", "lines", "read_back", "clock"]), st.text() | st.none()
    )
)
def test_no_answer_breaks_the_reader(fields: dict[str, Any]) -> None:
    told = answer(**fields)
    for read in (protocol.read_report, protocol.read_identity, protocol.read_read_back, protocol.read_start):
        with pytest.raises(StationLinkLost):
            read("S1", told)


def test_a_station_tells_how_much_of_a_file_it_holds() -> None:
    assert protocol.read_held("S1", {"size": 512, "complete": False}) == Held(512, complete=False)
    assert protocol.read_held("S1", {"size": 1024, "complete": True}) == Held(1024, complete=True)


def test_an_upload_that_broke_off_is_a_lost_link() -> None:
    with pytest.raises(StationLinkLost, match="512 bytes"):
        protocol.read_put("S1", {"size": 512, "complete": False})


def test_a_report_carries_the_fault_with_its_parameters() -> None:
    told = {
        "job": JOB,
        "state": "ended",
        "verdict": "aborted",
        "code": "soc_below",
        "params": {"soc": "26.9", "gate": "27.0"},
        "written": False,
        "offset": 0,
        "lines": [],
    }
    report = protocol.read_report("S1", told)
    assert (report.fault, report.written) == ("soc_below", False)
    assert report.params == (("soc", "26.9"), ("gate", "27.0"))
