"""What is kept of an attempt is refused every change by the database itself."""

from __future__ import annotations

import pytest

from campaign.errors import CampaignError
from campaign.store import SqlStore
from tests.contracts.store_world import CODE, launch
from tests.contracts.test_store_evidence import ended, kept
from tests.integration.test_store_tampering import run

COLUMNS = "attempt_id, journal, size, cut, at, people, skew_ms, summary"
CHANGES = [
    "UPDATE evidence SET summary = '{}'",
    "UPDATE evidence SET size = size",
    "UPDATE evidence SET journal = 'other' WHERE attempt_id = 1",
    "DELETE FROM evidence",
    "DELETE FROM evidence WHERE id = 1",
]
REPLACED = f"INSERT OR REPLACE INTO evidence ({COLUMNS}) SELECT {COLUMNS} FROM evidence"
BY_ID = f"INSERT OR REPLACE INTO evidence (id, {COLUMNS}) SELECT id, {COLUMNS} FROM evidence"


@pytest.fixture
def keeping(sql_store: SqlStore) -> SqlStore:
    """One attempt with its evidence."""
    launch(sql_store)
    attempt = ended(sql_store)
    with sql_store.write(CODE) as uow:
        uow.evidence.add(kept(attempt))
        uow.commit()
    return sql_store


def unchanged(store: SqlStore) -> bool:
    with store.read() as uow:
        attempt = uow.attempts.get("J1")
        assert attempt is not None
        return uow.evidence.of([attempt.id]) == {attempt.id: kept(attempt)}


@pytest.mark.parametrize("statement", CHANGES)
def test_evidence_cannot_be_changed_or_deleted(keeping: SqlStore, statement: str) -> None:
    with pytest.raises(CampaignError):
        run(keeping, statement)
    assert unchanged(keeping)


def test_evidence_cannot_be_written_over_or_emptied(keeping: SqlStore) -> None:
    on_sqlite = keeping.engine.dialect.name == "sqlite"
    for statement in (REPLACED, BY_ID) if on_sqlite else ("TRUNCATE evidence", "TRUNCATE attempt CASCADE"):
        with pytest.raises(CampaignError):
            run(keeping, statement)
    assert unchanged(keeping)
