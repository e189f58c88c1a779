"""`make bench`: which benchmarks run, the table, the file, and what a wrong name gets."""

import json

import pytest

from tests.bench.__main__ import main
from tests.bench.catalogue import MODULES, in_one_run
from tests.bench.harness import Failed, chosen, run_apart, table, write_json
from tests.bench.measured import GOALS, Goal, Measured, percentile

IMPORT = "import.100k.ratio_to_calamine"
DRIVE = "control.cars_per_cpu_s.ratio_to_naive_prefect"


def measured(name: str = IMPORT, value: float = 2.5) -> Measured:
    return Measured.of(name, value, "x", "python-calamine reads the file in 1.10 s")


def test_every_benchmark_has_a_goal_and_a_module():
    assert list(MODULES) == list(GOALS)


def test_without_a_choice_all_run_in_their_order():
    assert chosen(None, ["a", "b"]) == ["a", "b"]


def test_a_choice_keeps_the_order_of_the_list_and_forgives_blanks():
    assert chosen("c, a", ["a", "b", "c"]) == ["a", "c"]


def test_the_words_that_names_begin_with_choose_all_of_them():
    known = ["plan.a", "plan.b.c", "plans", "replan.a"]
    assert chosen("plan", known) == ["plan.a", "plan.b.c"]
    assert chosen("plan.b,replan.a", known) == ["plan.b.c", "replan.a"]


def test_figures_of_one_module_are_measured_in_one_run():
    names = ["advance.1m_over_2300", "plan.100k.cpu_s", "plan.100k.rss_mb", "plan.hfs.gap_percent"]
    assert in_one_run(names) == [[names[0]], names[1:3], [names[3]]]


def test_the_modules_of_the_list_stand_together():
    assert len(in_one_run(list(MODULES))) == len(set(MODULES.values()))


def test_a_goal_that_the_run_itself_gave_is_judged_too():
    ours = Goal(round(24835.4), at_least=True)
    beaten = Measured.of("plan.2300.60pts.over.tardiness_hours.fifo", 200_256, "h", "ours", ours)
    better = Measured.of("plan.2300.60pts.over.tardiness_hours.fifo", 24_000, "h", "ours", ours)
    assert (beaten.goal, beaten.met, better.met) == ("at least 24835", True, False)


@pytest.mark.parametrize("only", ["nope", f"{IMPORT},nope", "", ","])
def test_an_unknown_name_gives_one_clear_line_and_exit_2(only, capsys):
    assert main(["--only", only]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert IMPORT in said.err


@pytest.mark.parametrize(("value", "met"), [(2.99, True), (3.0, True), (3.01, False)])
def test_a_goal_of_at_most_is_met_up_to_its_limit(value, met):
    assert Goal(3).met(value) is met


@pytest.mark.parametrize(("value", "met"), [(9.99, False), (10.0, True), (10.01, True)])
def test_a_goal_of_at_least_is_met_from_its_limit_on(value, met):
    assert Goal(10, at_least=True).met(value) is met


@pytest.mark.parametrize(
    ("value", "met"), [(0.74, False), (0.75, True), (0.8, True), (0.85, True), (0.86, False)]
)
def test_a_goal_between_two_limits_is_missed_on_either_side(value, met):
    goal = Goal.between(0.75, 0.85)
    assert goal.met(value) is met
    assert Goal.from_text(str(goal)) == goal


def test_the_95th_percentile_is_a_value_that_was_measured():
    assert percentile([float(n) for n in range(1, 101)], 0.95) == 95
    assert percentile([3.0, 1.0, 2.0], 0.95) == 3.0
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0


def test_the_file_is_a_list_of_name_value_unit_goal_and_peer(tmp_path):
    file = tmp_path / "build" / "bench.json"
    write_json([measured(), measured(DRIVE, 14.8)], file)
    rows = json.loads(file.read_text(encoding="utf-8"))
    assert [sorted(row) for row in rows] == [["goal", "name", "peer", "unit", "value"]] * 2
    assert (rows[0]["name"], rows[0]["value"], rows[0]["goal"]) == (IMPORT, 2.5, "at most 3")
    assert rows[1]["goal"] == "at least 10"


def test_the_table_shows_each_value_its_goal_and_its_peer():
    lines = table([measured(), measured(DRIVE, 9.0), Failed("advance.1m_over_2300", "no disk")]).splitlines()
    assert [IMPORT in line for line in lines].index(True) == 2
    assert "2.5 x" in lines[2]
    assert "met" in lines[2]
    assert "missed" in lines[3]
    assert lines[4].endswith("no disk")
    assert max(map(len, lines)) <= 160


def test_a_benchmark_that_hangs_is_given_up():
    gone = run_apart([IMPORT], longest_s=0.01)
    assert gone == [Failed(IMPORT, "not done after 0.01 s")]
