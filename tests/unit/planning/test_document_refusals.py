"""What is wrong in a document is named by its place; nothing ends in a traceback, and what is read can be planned."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.errors import BadInput
from campaign.planning.check import check
from campaign.planning.document import snapshot_from, snapshot_to
from campaign.planning.planner import plan
from tests.unit.planning.document_cases import yard

RUNNING = {"id": "A", "durations": [0, 45, 10], "machine": "ST-1", "running_until": 9, "stage_done": 1}
TWO_DAYS = {"windows": {"daily": [[0, 60]], "mon": []}}


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ([], "snapshot"),
        ({"jobs": []}, "stages"),
        ({"stages": [1]}, "jobs"),
        (yard(machines=3), "machines"),
        (yard(stages=[True]), "stages[0]"),
        (yard(stages=[-1]), "stages[0]"),
        (yard(stages=[10**6]), "stages[0]"),
        (yard(stages=[60_000, 60_000]), "stages[1].machines"),
        (yard(stages=["flash"]), "stages[0]"),
        (yard(stages=[2, {"name": "stage-1", "machines": 1}], jobs=[]), "stages[1].name"),
        (yard(stages=[{"name": "x"}]), "stages[0].machines"),
        (yard(stages=[{"machines": ["a", {"name": "a"}]}]), "stages[0]"),
        (yard(stages=[{"machines": ["a", {"name": "b", "circuit": "C"}]}]), "stages[0].machines[1]"),
        (yard(stages=[{"machines": [{"name": "b", "pace": 0}]}]), "stages[0].machines[0].pace"),
        (yard(stages=[{"machines": [{"name": "b", "outages": [[5, 5]]}]}]), "stages[0].machines[0].outages[0]"),
        (yard(stages=[{"machines": [{"name": "b", "outages": [[5]]}]}]), "stages[0].machines[0].outages[0]"),
        (yard(stages=[{"machines": 1, "calendar": {"windows": {"someday": []}}}]), "stages[0].calendar.windows"),
        (yard(stages=[{"machines": 1, "calendar": TWO_DAYS}]), "stages[0].calendar.windows"),
        (yard(stages=[{"machines": 1, "calendar": {"windows": []}}]), "stages[0].calendar"),
        (yard(stages=[{"machines": 1, "calendar": {"windows": [["8", "20"]]}}]), "stages[0].calendar.windows[0]"),
        (yard(stages=[{"machines": 1, "calendar": {"spans": [[5, 2]]}}]), "stages[0].calendar"),
        (yard(stages=[{"machines": 1, "calendar": {"holidays": ["1/10"]}}]), "stages[0].calendar.holidays[0]"),
        (yard(stages=[{"machines": 1, "crew": {"people": 0, "attend": 5}}]), "stages[0].crew.people"),
        (yard(jobs=[[1, 2]]), "jobs[0]"),
        (yard(jobs=[{"id": "A"}]), "jobs[0].durations"),
        (yard(jobs=[{"durations": [1, 2, "3"]}]), "jobs[0].durations[2]"),
        (yard(jobs=[{"durations": [1, 2, 3.0]}]), "jobs[0].durations[2]"),
        (yard(jobs=[{"durations": [1, 2, 3], "id": ""}]), "jobs[0].id"),
        (yard(jobs=[{"durations": [1, 2, 3], "id": "\ud800"}]), "jobs[0].id"),
        (yard(jobs=[{"durations": [1, 2, 3], "release": -1}]), "jobs[0].release"),
        (yard(jobs=[{"durations": [1, 2, 3], "due": "soon"}]), "jobs[0].due"),
        (yard(jobs=[{"durations": [1, 2, 3], "due": "2126-01-01"}]), "jobs[0].due"),
        (yard(jobs=[{"durations": [1, 2, 3], "weight": True}]), "jobs[0].weight"),
        (yard(jobs=[{"durations": [1, 2, 3], "stage_done": 4}]), "jobs[0].stage_done"),
        (yard(jobs=[{"durations": [1, 2, 3], "pins": {"paint": "x"}}]), "jobs[0].pins"),
        (yard(jobs=[{"durations": [1, 2, 3], "pins": {"flash": "x"}}]), "jobs[0].pins.flash"),
        (yard(jobs=[{"durations": [1, 2, 3], "machine": "ST-1"}]), "jobs[0].running_until"),
        (yard(jobs=[{"durations": [1, 2, 3], "running_until": 5}]), "jobs[0].machine"),
        (yard(jobs=[RUNNING | {"release": 5}]), "jobs[0].release"),
        (yard(jobs=[RUNNING | {"stage_done": 3}]), "jobs[0].stage_done"),
        (yard(jobs=[RUNNING | {"pins": {"flash": "ST-2"}}]), "jobs[0].machine"),
        (yard(jobs=[RUNNING, RUNNING | {"id": "B"}]), "jobs[1].machine"),
        (yard(jobs=[{"id": "A", "durations": [1, 2, 3]}] * 2), "jobs[1]"),
        (yard(gates={"pilot": True}), "gates.pilot"),
        (yard(gates={"pilot": ["C"]}), "gates.pilot"),
        (yard(gates={"pilot": 1, "pilot_size": 1}), "gates.pilot_size"),
        (yard(gates={"pilot": 1}, batches={"formed": [["A"]]}), "gates.pilot"),
        (yard(gates={"pilot": 1, "stage": "paint"}), "gates.stage"),
        (yard(gates={"pilot": 1, "stage": 3}), "gates.stage"),
        (yard(batches={"smallest": 5, "largest": 4}), "batches"),
        (yard(batches={"formed": [["A"], ["A"]]}), "batches.formed"),
        (yard(batches={"formed": ["A"]}), "batches.formed[0]"),
        (yard(start="2026-13-01"), "start"),
        (yard(start="0001-01-01T00:00+08:00"), "start"),
        (yard(stages=[0, 1, 1]), "stages[0]"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_path_with_what_to_do(document, where):
    with pytest.raises(BadInput) as refused:
        snapshot_from(document)
    assert refused.value.where == where
    assert refused.value.todo


KNOWN = """
    start stages jobs gates batches name machines calendar circuits crew windows daily mon-fri holidays closed cycle
    phase spans free_from outages pace circuit draw_w limit_w base_w full_until people attend travel shifts id
    durations release due weight variant stage_done machine running_until pins pilot pilot_size stage
    sign_off_minutes smallest largest formed A flash
"""
NAMES = st.sampled_from(KNOWN.split())
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | NAMES
    | st.sampled_from(
        ["2026-01-05", "2026-01-05T08:00+08:00", "9999-12-31", "0001-01-01T00:00+23:59", "08:00"]
    )
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=25,
)


@given(JSON)
@settings(max_examples=120, deadline=None)
def test_no_json_value_ends_in_a_traceback(raw):
    judged(raw)


PATHS = [
    ("start",), ("stages",), ("stages", 0), ("stages", 0, "machines"), ("stages", 1, "machines", 0), ("jobs",),
    ("jobs", 0), ("jobs", 0, "durations"), ("jobs", 0, "due"), ("jobs", 0, "pins"), ("jobs", 0, "running_until"),
    ("stages", 0, "calendar"), ("stages", 0, "crew"), ("stages", 0, "circuits"), ("gates",), ("gates", "pilot"),
    ("gates", "stage"), ("batches",), ("batches", "formed"), ("jobs", 0, "stage_done"), ("jobs", 0, "machine"),
]  # fmt: skip


@given(st.sampled_from(PATHS), JSON)
@settings(max_examples=150, deadline=None)
def test_no_value_in_any_place_of_a_good_document_ends_in_a_traceback(path, raw):
    document = json.loads(json.dumps(yard(gates={}, batches={})))
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = raw
    snapshot = judged(document)
    if snapshot is not None:
        assert check(snapshot, plan(snapshot)) == []


def judged(raw):
    """A snapshot that can be written and read again, or a refusal that says where and what to do."""
    refused, snapshot = None, None
    try:
        snapshot = snapshot_from(raw)
    except BadInput as wrong:
        refused = wrong
    if snapshot is not None:
        assert snapshot_from(snapshot_to(snapshot)) == snapshot
    else:
        assert refused.where
        assert refused.todo
    return snapshot


def test_a_number_beyond_all_bounds_is_refused_as_any_other():
    with pytest.raises(BadInput, match="out of range"):
        snapshot_from(yard(jobs=[{"durations": [1, 2, 3], "release": 10**5000}]))
