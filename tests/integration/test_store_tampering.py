"""The log is append-only by the database itself, and whoever gets past that is found (rule 7)."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from campaign.domain.events import SITE_CHAIN, Break, Kind
from campaign.errors import CampaignError
from campaign.store import SqlStore
from tests.contracts.store_world import CODE, NOW, TO_FLASHED, fact, later, launch, vin, walk

EVENTS = 6


@pytest.fixture
def told(sql_store: SqlStore) -> SqlStore:
    """A campaign's chain with six events, and another chain beside it."""
    launch(sql_store)
    for number in range(1, EVENTS):
        with sql_store.write(CODE) as uow:
            uow.log.append([fact(number, client_id=f"pad-7:{number}")])
            uow.commit()
    with sql_store.write(SITE_CHAIN) as uow:
        uow.log.append([fact(1, Kind.ORDER_SET), fact(2, Kind.ORDER_SET)])
        uow.commit()
    assert sql_store.verify() == []
    return sql_store


def run(store: SqlStore, *statements: str) -> None:
    """Raw SQL, as somebody with the file or the password would send it."""
    with store.engine.connect().execution_options(writing=True) as connection:
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()


def unlock(store: SqlStore) -> None:
    """Take away the triggers, as an administrator of the database can."""
    if store.engine.dialect.name == "sqlite":
        run(store, "DROP TRIGGER event_no_update", "DROP TRIGGER event_no_delete")
    else:
        run(store, "ALTER TABLE event DISABLE TRIGGER ALL")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET reason = 'nothing happened'",
        "UPDATE event SET seq = seq WHERE seq = 3",
        "DELETE FROM event WHERE seq = 6",
        "DELETE FROM event",
    ],
)
def test_an_event_cannot_be_changed_or_deleted(told: SqlStore, statement: str) -> None:
    with pytest.raises(CampaignError):
        run(told, statement)
    assert told.verify() == []
    assert told.token(CODE) == EVENTS


@pytest.mark.postgres
def test_the_log_cannot_be_truncated(told: SqlStore) -> None:
    if told.engine.dialect.name == "sqlite":
        with pytest.raises(
            CampaignError
        ):  # SQLite has no TRUNCATE; its DELETE without WHERE is the same thing
            run(told, "DELETE FROM event WHERE 1")
    else:
        with pytest.raises(CampaignError):
            run(told, "TRUNCATE event")
    assert told.verify() == []


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE event SET reason = 'fine' WHERE chain = 'C1' AND seq = 3", (3, "digest")),
        ("UPDATE event SET actor = 'other' WHERE chain = 'C1' AND seq = 1", (1, "digest")),
        ("UPDATE event SET data = '{}' WHERE chain = 'C1' AND seq = 4", (4, "digest")),
        ("UPDATE event SET kind = 'nonsense' WHERE chain = 'C1' AND seq = 4", (4, "digest")),
        ("UPDATE event SET claimed_at = NULL WHERE chain = 'C1' AND seq = 4", (4, "digest")),
        ("UPDATE event SET vin = NULL WHERE chain = 'C1' AND seq = 4", (4, "digest")),
        ("UPDATE event SET client_id = 'x' WHERE chain = 'C1' AND seq = 4", (4, "digest")),
        ("UPDATE event SET previous = digest WHERE chain = 'C1' AND seq = 5", (5, "previous")),
        ("UPDATE event SET digest = previous WHERE chain = 'C1' AND seq = 5", (5, "digest")),
        ("DELETE FROM event WHERE chain = 'C1' AND seq = 3", (3, "gap")),
        ("DELETE FROM event WHERE chain = 'C1' AND seq = 1", (1, "gap")),
        ("DELETE FROM event WHERE chain = 'C1' AND seq = 6", (6, "head")),
        ("DELETE FROM event WHERE chain = 'C1' AND seq > 2", (3, "head")),
        ("DELETE FROM event WHERE chain = 'C1'", (1, "head")),
        ("UPDATE event SET seq = -1 WHERE chain = 'C1' AND seq = 6", (1, "gap")),
    ],
)
def test_tampering_is_found_and_named(told: SqlStore, tampering: str, found: tuple[int, str]) -> None:
    unlock(told)
    run(told, tampering)
    assert told.verify() == [Break(CODE, *found)]
    assert told.verify(CODE) == [Break(CODE, *found)]
    assert told.verify(SITE_CHAIN) == []


def test_a_cut_end_with_its_head_moved_back_does_not_match_what_was_handed_out(told: SqlStore) -> None:
    """Whoever rewrites head and tail together makes a shorter whole chain; the token that pages saw betrays it."""
    token = told.token(CODE)
    unlock(told)
    run(
        told,
        "DELETE FROM event WHERE chain = 'C1' AND seq = 6",
        "UPDATE chain_head SET seq = 5, digest = (SELECT digest FROM event WHERE chain = 'C1' AND seq = 5)"
        " WHERE chain = 'C1'",
    )
    assert told.verify() == []
    assert told.token(CODE) < token


def test_a_removed_head_is_found(told: SqlStore) -> None:
    run(told, "DELETE FROM chain_head WHERE chain = 'C1'")
    assert told.verify() == [Break(CODE, EVENTS + 1, "head")]


def test_an_event_slipped_in_after_the_end_is_found(told: SqlStore) -> None:
    columns = "kind, actor, at, device, vin, batch_no, reason, data, claimed_at, previous, digest"
    run(
        told,
        f"INSERT INTO event (chain, seq, {columns}) SELECT chain, 7, {columns} FROM event"
        " WHERE chain = 'C1' AND seq = 6",
    )
    assert told.verify() == [Break(CODE, EVENTS + 1, "previous")]


def test_a_text_that_is_no_time_is_found_on_sqlite(told: SqlStore) -> None:
    if told.engine.dialect.name != "sqlite":
        with pytest.raises(CampaignError):  # PostgreSQL knows what a time is
            run(told, "UPDATE event SET at = 'yesterday'")
        return
    unlock(told)
    run(told, "UPDATE event SET at = 'yesterday' WHERE chain = 'C1' AND seq = 2")
    assert told.verify() == [Break(CODE, 2, "digest")]


def test_a_long_chain_is_verified_in_parts(sql_store: SqlStore) -> None:
    with sql_store.write(CODE) as uow:
        uow.log.append(fact(number % 50) for number in range(4500))
        uow.commit()
    assert sql_store.verify() == []
    unlock(sql_store)
    run(sql_store, "UPDATE event SET reason = '' WHERE chain = 'C1' AND seq = 4001")
    assert sql_store.verify() == [Break(CODE, 4001, "digest")]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE signoff SET person = 'other'",
        "UPDATE signoff SET reason = 'other', voided_at = at",
        "UPDATE signoff SET void_why = 'no time'",
        "DELETE FROM signoff",
    ],
)
def test_a_decision_cannot_be_rewritten(sql_store: SqlStore, statement: str) -> None:
    launch(sql_store)
    walk(sql_store, [vin(1), vin(2)], *TO_FLASHED)
    with sql_store.write(CODE) as uow:
        batch = uow.batches.by_no(CODE, 1)
        assert batch is not None
        signed = uow.sign_offs.add(batch, "approve", "qa1", NOW, "h", "", uow.cars.in_batch(batch.id))
        uow.commit()
    with pytest.raises(CampaignError):
        run(sql_store, statement)
    with sql_store.write(CODE) as uow:
        assert uow.sign_offs.of_batch(batch.id) == [signed]
        uow.sign_offs.void(batch.id, later(hours=1), "a late mark")
        uow.commit()
    with pytest.raises(CampaignError):
        run(sql_store, "UPDATE signoff SET voided_at = NULL")
