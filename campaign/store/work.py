"""What the repositories of one unit of work share: its connection, its counters, the facts to seal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar, TypeVarTuple

from sqlalchemy import Connection, CursorResult, Row, Select, bindparam, select
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.dml import Insert

from campaign.domain.events import Fact
from campaign.domain.reasons import Code, because
from campaign.errors import BrokenRule, CampaignError, Conflict, NotFound
from campaign.store import schema as t
from campaign.store.counters import Counters

CHUNK = 500
"""How many values stand in one IN list."""

_CAMPAIGN_ID = select(t.Campaign.id).where(t.Campaign.code == bindparam("code"))

Ts = TypeVarTuple("Ts")
T = TypeVar("T")


class Work:
    """One transaction. Every statement of the repositories goes through it.

    `failed` is the last failure of a statement: what came before may be half done, so commit raises it again.
    """

    def __init__(self, connection: Connection, chain: str | None) -> None:
        self.connection = connection
        self.chain = chain
        self.counters = Counters()
        self.facts: list[Fact] = []
        self.over = False
        self.failed: CampaignError | None = None
        self._campaigns: dict[str, int] = {}

    def rows(self, statement: Select[*Ts], **values: object) -> Sequence[Row[*Ts]]:
        """Every row."""
        return self._look(statement, values).all()

    def first(self, statement: Select[*Ts], **values: object) -> Row[*Ts] | None:
        """The first row, or None."""
        return self._look(statement, values).first()

    def rows_in(
        self, statement: Select[*Ts], name: str, wanted: Iterable[object], **values: object
    ) -> list[Row[*Ts]]:
        """Every row for a list of any length, bound to the expanding parameter `name`."""
        found: list[Row[*Ts]] = []
        for part in chunks(wanted, CHUNK):
            found += self.rows(statement, **{name: part}, **values)
        return found

    def run(
        self, statement: Executable, values: Mapping[str, object] | Sequence[Mapping[str, object]] = ()
    ) -> int:
        """Execute for one set of values or for many; how many rows were changed."""
        with self.changing() as connection:
            return connection.execute(statement, values).rowcount if values else 0

    def insert(self, statement: Insert, values: Mapping[str, object]) -> int:
        """Insert one row; the number that the database gave it."""
        with self.changing() as connection:
            key = connection.execute(statement, values).inserted_primary_key
        if key is None:
            raise BrokenRule("a row was inserted without a key")
        return int(key[0])

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """The connection, for a change. A reading unit has none (BrokenRule)."""
        self._check()
        if self.chain is None:
            raise BrokenRule("a reading unit of work was asked to write")
        try:
            yield self.connection
        except CampaignError as failed:
            self.failed = failed
            raise

    @property
    def dialect(self) -> str:
        """Which database: sqlite or postgresql."""
        return self.connection.dialect.name

    def guarded(self, statement: Executable, values: Sequence[Mapping[str, object]], what: str) -> None:
        """As `run`, where every set of values must change its row. Raises Conflict."""
        if self.run(statement, values) != len(values):
            self.failed = Conflict([because(Code.CHANGED_SINCE, what=what)])
            raise self.failed

    def campaign_id(self, code: str) -> int:
        """The number behind a campaign's code. Raises NotFound."""
        if code not in self._campaigns:
            row = self.first(_CAMPAIGN_ID, code=code)
            if row is None:
                raise NotFound(f"there is no campaign {code} here")
            self._campaigns[code] = row[0]
        return self._campaigns[code]

    def flush_counters(self) -> None:
        """Before counters are read, and at commit."""
        if self.chain is not None:
            with self.changing() as connection:
                self.counters.flush(connection)

    def _look(self, statement: Executable, values: Any) -> CursorResult[Any]:
        self._check()
        try:
            return self.connection.execute(statement, values)
        except CampaignError as failed:
            self.failed = failed
            raise

    def _check(self) -> None:
        if self.over:
            raise BrokenRule("a unit of work was used after its end")


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most `size`."""
    iterator = iter(items)
    while part := list(islice(iterator, size)):
        yield part
