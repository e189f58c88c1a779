"""The table of what is kept of attempts. Triggers refuse every change of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaign.store.schema.columns import Key, Tables


class Evidence(Tables):
    """One look at the journal of an attempt that had ended. `journal` is a sha256 of the vault."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ux_evidence_journal", "attempt_id", "journal", unique=True),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    attempt_id: Mapped[int] = mapped_column(Key, ForeignKey("attempt.id"))
    journal: Mapped[str]
    size: Mapped[int] = mapped_column(Key)
    cut: Mapped[bool]
    at: Mapped[datetime]
    people: Mapped[str]
    skew_ms: Mapped[int | None] = mapped_column(Key)
    summary: Mapped[str]
