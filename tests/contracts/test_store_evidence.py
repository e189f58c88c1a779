"""What is kept of attempts: added once, found again as it was, and due until it is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaign.domain.evidence import read_evidence
from campaign.domain.retry import Outcome
from campaign.ports.records import Attempt, KeptEvidence
from campaign.ports.store import Store
from tests.contracts.store_world import CODE, NOW, SITE, car_of, later, launch, vin
from tests.fakes.journal import whole_journal

PARAMS = (("ecu", "BMS"), ("nrc", "0x72"), ("name", "generalProgrammingFailure"))


def ended(store: Store, number: int = 1, *, due: bool = True, **more: object) -> Attempt:
    """An attempt that ended, as it is stored."""
    with store.write(CODE) as uow:
        attempt = uow.attempts.open(car_of(store, vin(number)), SITE, f"S{number}", f"J{number}", NOW)
        uow.attempts.end(attempt, Outcome.FAIL, None, "", NOW, evidence_due=due, **more)
        uow.commit()
    with store.read() as uow:
        found = uow.attempts.get(f"J{number}")
    assert found is not None
    return found


def kept(attempt: Attempt, journal: str = "ab" * 32) -> KeptEvidence:
    """Something to keep."""
    evidence = read_evidence(whole_journal())
    people = ("system", "wang")
    return KeptEvidence(attempt.id, journal, 4096, False, later(minutes=1), people, -1200, evidence)


def due(store: Store) -> list[str]:
    with store.read() as uow:
        return [attempt.job_id for attempt in uow.evidence.due(CODE, 10)]


def test_an_attempt_keeps_why_it_ended(store: Store) -> None:
    launch(store)
    attempt = ended(store, fault="programming_failed", params=PARAMS, due=False)
    assert (attempt.fault, attempt.params, attempt.evidence_due) == ("programming_failed", PARAMS, False)
    with store.read() as uow:
        assert uow.attempts.of_car(car_of(store, vin(1))) == [attempt]


@pytest.mark.parametrize(("counted", "numbers"), [(True, (1, 1)), (False, (0, 0))])
def test_only_what_counts_is_counted(store: Store, counted: bool, numbers: tuple[int, int]) -> None:
    launch(store)
    ended(store, counted=counted)
    with store.read() as uow:
        campaign = uow.campaigns.get(CODE)
    assert campaign is not None
    assert (campaign.ended, campaign.failed) == numbers


def test_a_journal_is_due_until_it_is_kept(store: Store) -> None:
    launch(store)
    first, second = ended(store, 1), ended(store, 2)
    ended(store, 3, due=False)
    assert due(store) == ["J1", "J2"]
    with store.read() as uow:
        assert [a.id for a in uow.evidence.due(CODE, 1)] == [first.id]
    with store.write(CODE) as uow:
        assert uow.evidence.add(kept(first))
        uow.evidence.give_up(second)
        uow.commit()
    assert due(store) == []


def test_what_was_kept_is_found_as_it_was(store: Store) -> None:
    launch(store)
    attempt = ended(store)
    with store.write(CODE) as uow:
        uow.evidence.add(kept(attempt))
        uow.commit()
    with store.read() as uow:
        assert uow.evidence.of([attempt.id, attempt.id + 1]) == {attempt.id: kept(attempt)}
        assert uow.evidence.of([]) == {}


def test_the_same_journal_is_kept_once_and_a_longer_one_beside_it(store: Store) -> None:
    launch(store)
    attempt = ended(store)
    longer = replace(kept(attempt, "cd" * 32), size=5000, skew_ms=None, cut=True)
    with store.write(CODE) as uow:
        assert uow.evidence.add(kept(attempt))
        uow.evidence.want(attempt)
        uow.commit()
    assert due(store) == ["J1"]
    with store.write(CODE) as uow:
        assert not uow.evidence.add(kept(attempt))
        assert uow.evidence.add(longer)
        uow.commit()
    assert due(store) == []
    with store.read() as uow:
        assert uow.evidence.of([attempt.id]) == {attempt.id: longer}


def test_what_was_not_committed_is_not_kept(store: Store) -> None:
    launch(store)
    attempt = ended(store)
    with store.write(CODE) as uow:
        uow.evidence.add(kept(attempt))
    assert due(store) == ["J1"]
    with store.read() as uow:
        assert uow.evidence.of([attempt.id]) == {}
