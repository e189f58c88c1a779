"""Why attempts ended, and what is kept of them; the database itself refuses to change what is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from campaign.store.migrations.columns import KEY, MOMENT, TEXT, maybe, must, only

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEPT = "evidence is kept as it is"


def upgrade() -> None:
    """Columns of the attempt, the table, then the triggers in the words of each database."""
    op.add_column("attempt", must("fault", TEXT, server_default=sa.text("''")))
    op.add_column("attempt", must("params", TEXT, server_default=sa.text("'[]'")))
    op.add_column("attempt", must("evidence_due", sa.Boolean(), server_default=sa.false()))
    op.create_index(
        "ix_attempt_evidence_due", "attempt", ["campaign_id", "evidence_due", "id"], **only("evidence_due")
    )
    op.create_index("ix_attempt_at_station", "attempt", ["site", "station", "id"])
    op.create_table(
        "evidence",
        must("id", KEY),
        must("attempt_id", KEY),
        must("journal", TEXT),
        must("size", KEY),
        must("cut", sa.Boolean()),
        must("at", MOMENT),
        must("people", TEXT),
        maybe("skew_ms", KEY),
        must("summary", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name="fk_evidence_attempt_id"),
    )
    op.create_index("ux_evidence_journal", "evidence", ["attempt_id", "journal"], unique=True)
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgres():
        op.execute(statement)


def _sqlite() -> list[str]:
    """INSERT OR REPLACE deletes without a DELETE trigger: a trigger before INSERT refuses it."""
    kept = f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
    return [
        "CREATE TRIGGER evidence_once BEFORE INSERT ON evidence WHEN EXISTS (SELECT 1 FROM evidence"  # noqa: S608
        f" WHERE id = NEW.id OR (attempt_id = NEW.attempt_id AND journal = NEW.journal)) {kept}",
        f"CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence {kept}",
        f"CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence {kept}",
    ]


def _postgres() -> list[str]:
    kept = f"EXECUTE FUNCTION campaign_refuse('{KEPT}')"
    return [
        f"CREATE TRIGGER evidence_no_change BEFORE UPDATE OR DELETE ON evidence FOR EACH ROW {kept}",
        f"CREATE TRIGGER evidence_no_truncate BEFORE TRUNCATE ON evidence FOR EACH STATEMENT {kept}",
    ]
