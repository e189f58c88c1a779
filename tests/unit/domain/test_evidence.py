"""A journal is read as evidence: everything that it tells, and nothing that it does not."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import hypothesis.strategies as st
from hypothesis import example, given

from campaign.domain.evidence import MOST_SAMPLES, Change, Differing, EcuDtcs, Evidence, read_evidence
from tests.fakes.journal import JOB, whole_journal

records = st.sampled_from(["start", "progress", "fact", "end", "read_back", "cleared", "novel", 7])
kinds = st.sampled_from(
    ["tools", "package", "identification", "dtcs", "sample", "block", "comparison", "uds", "line", "x", None]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    ["at", "step", "percent", "when", "ecus", "rows", "versions", "driver", "volts", "soc_raw", "soc_display",
     "bytes", "seconds", "matched", "verdict", "code", "params", "written", "read_back", "digest", "name"]
)  # fmt: skip
strange = st.builds(
    lambda record, kind, more: json.dumps({"record": record, "kind": kind, **more}),
    records,
    kinds,
    st.dictionaries(names, anything, max_size=5),
)


@given(st.lists(strange | st.text(max_size=60), max_size=12))
@example(["[" * 100_000])
@example(['{"record": "start", "at": "0001-01-01T00:00:00+23:59"}'])
def test_no_journal_is_too_strange_to_be_read(lines: list[str]) -> None:
    told = read_evidence(lines)
    assert Evidence.from_json(told.to_json()) == told


def test_a_whole_journal_is_told_whole() -> None:
    told = read_evidence(whole_journal())
    assert (told.job, told.package, told.digest, told.agent, told.driver) == (
        JOB, "vbv453c", "ab" * 32, "0.9", "uds",
    )  # fmt: skip
    assert told.started_at == datetime(2026, 11, 5, 8, 0, tzinfo=UTC)
    assert told.seconds == 600
    assert dict(told.versions) == {"udsoncan": "1.26.1", "doipclient": "1.2.2"}
    assert (told.verdict, told.code, told.written, told.read_back) == ("pass", "", True, "VBV4.5.3C")
    assert (told.matched, told.differences) == (23, (Differing("BMS", "coding", "00FF", "00FE"),))
    assert told.dtcs_before == (EcuDtcs("GW", ("P0A0F00:2F",)),)
    assert [(b.ecu, b.block, b.size, b.seconds) for b in told.blocks] == [("BMS", "app", 4096, 2.5)]
    assert (told.exchanges, told.tool_lines, told.unread) == (2, 1, 2)


def test_a_step_lasts_until_the_next_one_and_the_last_one_until_the_end() -> None:
    steps = read_evidence(whole_journal()).steps
    assert [(s.step, s.began, s.seconds) for s in steps] == [
        ("identify", 10, 50), ("transfer", 60, 480), ("read_back", 540, 60),
    ]  # fmt: skip


def test_what_changed_stands_beside_what_was() -> None:
    changes = read_evidence(whole_journal()).changes()
    assert Change("BMS", "software", "0452", "0453") in changes
    assert Change("BMS", "part_number", "1EA915", "1EA915") in changes


def test_samples_are_placed_since_the_start_and_keep_their_gauge() -> None:
    samples = read_evidence(whole_journal()).samples
    assert [(s.at, s.volts, s.soc_display) for s in samples] == [(60, 12.9, 301), (300, None, 300)]


def test_a_journal_that_was_cut_has_no_end_and_no_verdict() -> None:
    told = read_evidence(whole_journal()[:6])
    assert (told.verdict, told.ended_at, told.seconds) == ("", None, None)
    assert told.written


def test_only_the_first_end_counts() -> None:
    late = json.dumps({"record": "end", "verdict": "fail", "code": "silent"})
    assert read_evidence([*whole_journal(), late]).verdict == "pass"


def test_many_samples_are_thinned_evenly_and_counted() -> None:
    lines = [whole_journal()[0]]
    for second in range(3000):
        at = f"2026-11-05T08:{second // 60:02d}:{second % 60:02d}+00:00"
        lines.append(json.dumps({"record": "fact", "kind": "sample", "at": at, "volts": 12 + second / 3000}))
    told = read_evidence(lines)
    assert (told.sampled, len(told.samples)) == (3000, MOST_SAMPLES)
    assert (told.samples[0].at, told.samples[-1].at) == (0, 2999)
