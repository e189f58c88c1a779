"""How the migrations write columns; frozen with them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from campaign.store.schema.columns import Moment, VinText

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INT = sa.Integer()
TEXT = sa.Text()
CODE = sa.String(32)
MOMENT = Moment()
VIN = VinText()


def must(name: str, kind: Any, **more: Any) -> sa.Column[Any]:
    """A column that always has a value."""
    return sa.Column(name, kind, nullable=False, **more)


def maybe(name: str, kind: Any) -> sa.Column[Any]:
    """A column that may be empty."""
    return sa.Column(name, kind, nullable=True)


def only(where: str) -> dict[str, Any]:
    """An index over some rows only."""
    return {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)}
