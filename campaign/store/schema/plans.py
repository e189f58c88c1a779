"""Tables of plans and forecasts. Rows are history; `newest` holds what only the newest plan of a campaign keeps."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaign.store.schema.columns import Key, Tables


class Plan(Tables):
    """A plan as it was made. `moved` and `newest` are compact JSON (`campaign.store.plan_texts`)."""

    __tablename__ = "kept_plan"
    __table_args__ = (Index("ix_kept_plan_campaign", "campaign_id", "id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(Key, ForeignKey("campaign.id"))
    made_at: Mapped[datetime]
    actor: Mapped[str]
    cause: Mapped[str]
    why: Mapped[str]
    rule: Mapped[str]
    took_ms: Mapped[int]
    ends_at: Mapped[datetime]
    gate_at: Mapped[datetime | None]
    bound_ends_at: Mapped[datetime]
    binding: Mapped[str]
    cars: Mapped[int]
    tardiness_min: Mapped[int] = mapped_column(Key)
    moved_count: Mapped[int]
    late_count: Mapped[int]
    left_out: Mapped[int]
    moved: Mapped[str]
    seen: Mapped[str]
    newest: Mapped[str | None]


class Forecast(Tables):
    """A forecast. `curves` is compact JSON with the fan and the promises."""

    __tablename__ = "kept_forecast"
    __table_args__ = (Index("ix_kept_forecast_campaign", "campaign_id", "id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(Key, ForeignKey("campaign.id"))
    at: Mapped[datetime]
    cars: Mapped[int]
    done: Mapped[int]
    p50: Mapped[datetime]
    p80: Mapped[datetime]
    p95: Mapped[datetime]
    replications: Mapped[int]
    curves: Mapped[str]
