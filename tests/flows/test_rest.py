"""The questions to a Prefect server: answers as values, trouble as errors with what to do."""

import pytest

from campaign.errors import BadInput, FlowsUnreachable, NotFound
from flows.rest import PAGE, PrefectApi, StateType


def test_a_server_that_is_not_there_is_told_with_what_to_do():
    with pytest.raises(
        FlowsUnreachable, match=r"127.0.0.1:9/api does not answer .* start it with `campaign up`"
    ):
        PrefectApi("http://127.0.0.1:9/api", timeout_s=1).version()
    assert PrefectApi("http://127.0.0.1:9/api", timeout_s=1).healthy() is False


def test_a_server_that_answers_but_is_not_ready_is_not_healthy(prefect):
    assert prefect.api.healthy()
    prefect.healthy = False
    assert not prefect.api.healthy()


@pytest.mark.parametrize("status", [500, 503])
def test_a_broken_server_counts_as_not_reached(prefect, status):
    prefect.broken = status
    with pytest.raises(FlowsUnreachable, match=f"answered {status}"):
        prefect.api.version()


def test_a_server_that_is_busy_for_a_moment_is_asked_again(prefect):
    prefect.busy = 2
    assert prefect.api.version() == "3.8.8"
    assert len(prefect.asked) == 3


def test_every_start_carries_a_key_so_that_a_repeated_question_makes_one_run(prefect):
    first, second = (prefect.api.start("watch/watch", {}) for _ in range(2))
    keys = [prefect.runs[run.id]["key"] for run in (first, second)]
    assert all(keys)
    assert keys[0] != keys[1]


def test_an_unknown_deployment_is_not_found_and_says_how_to_register(prefect):
    with pytest.raises(NotFound, match="`campaign up` registers the deployments"):
        prefect.api.deployment("other/other")


def test_parameters_that_do_not_fit_are_bad_input(prefect):
    with pytest.raises(BadInput, match="parameters do not fit"):
        prefect.api.start("watch/watch", {"refuse": True})


def test_a_run_is_told_with_the_page_where_a_person_sees_it(prefect):
    run = prefect.api.start("watch/watch", {}, name="look")
    assert (run.name, run.state, run.begun, run.ended) == ("look", StateType.SCHEDULED, False, False)
    assert run.page == f"{prefect.url.removesuffix('/api')}/runs/flow-run/{run.id}"
    prefect.set(run, StateType.COMPLETED, "Quiet", "0 alarms")
    seen = prefect.api.run(run.id)
    assert (seen.state_name, seen.message, seen.begun, seen.ended) == ("Quiet", "0 alarms", True, True)


def test_the_same_key_gives_the_same_run(prefect):
    first, second = (prefect.api.start("watch/watch", {}, key="k") for _ in range(2))
    assert first.id == second.id


def test_runs_come_newest_first_and_page_by_page(prefect):
    for _ in range(PAGE + 5):
        prefect.answer("POST", "/deployments/deployment-watch/create_flow_run",
                       {"parameters": {}, "state": {"state_details": {}}})  # fmt: skip
    ids = [run.id for run in prefect.api.runs(deployment="watch/watch")]
    assert (len(ids), ids) == (PAGE + 5, sorted(ids, reverse=True))
    assert [run.id for run in prefect.api.runs(newest=2)] == ids[:2]


def test_only_living_workers_count(prefect):
    assert prefect.api.workers_online("yard") == ["yard-1"]
