"""Plans and forecasts as they are kept; batches that wait are found by their planned start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from campaign.store.migrations.columns import INT, KEY, MOMENT, TEXT, maybe, must, only

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables, and an index in another order."""
    op.create_table(
        "kept_plan",
        must("id", KEY),
        must("campaign_id", KEY),
        must("made_at", MOMENT),
        must("actor", TEXT),
        must("cause", TEXT),
        must("why", TEXT),
        must("rule", TEXT),
        must("took_ms", INT),
        must("ends_at", MOMENT),
        maybe("gate_at", MOMENT),
        must("bound_ends_at", MOMENT),
        must("binding", TEXT),
        must("cars", INT),
        must("tardiness_min", KEY),
        must("moved_count", INT),
        must("late_count", INT),
        must("left_out", INT),
        must("moved", TEXT),
        must("seen", TEXT),
        maybe("newest", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_kept_plan"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_kept_plan_campaign_id"),
    )
    op.create_index("ix_kept_plan_campaign", "kept_plan", ["campaign_id", "id"])
    op.create_table(
        "kept_forecast",
        must("id", KEY),
        must("campaign_id", KEY),
        must("at", MOMENT),
        must("cars", INT),
        must("done", INT),
        must("p50", MOMENT),
        must("p80", MOMENT),
        must("p95", MOMENT),
        must("replications", INT),
        must("curves", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_kept_forecast"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_kept_forecast_campaign_id"),
    )
    op.create_index("ix_kept_forecast_campaign", "kept_forecast", ["campaign_id", "id"])
    _batches_by_planned_start()


def _batches_by_planned_start() -> None:
    """A re-plan may bring a later batch forward; of two that start together the lower number goes first."""
    op.drop_index("ix_batch_to_open", "batch")
    columns = ["campaign_id", "opened_at", "planned_start", "no"]
    op.create_index("ix_batch_to_open", "batch", columns, **only("opened_at IS NULL"))
