"""Rules that the database itself holds (rule 7): an append-only log, decisions that are only ever voided."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEPT = ("id", "batch_id", "decision", "person", "at", "seen_hash", "reason", "cars")
VOIDED = "OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL"
LOG = "the event log is append-only"
SIGNED = "a sign-off can only be voided"


def upgrade() -> None:
    """Triggers in the words of each database."""
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgres():
        op.execute(statement)


def _sqlite() -> list[str]:
    same = " AND ".join(f"OLD.{column} IS NEW.{column}" for column in KEPT)
    log, signed = (f"BEGIN SELECT RAISE(ABORT, '{why}'); END" for why in (LOG, SIGNED))
    return [
        f"CREATE TRIGGER event_no_update BEFORE UPDATE ON event {log}",
        f"CREATE TRIGGER event_no_delete BEFORE DELETE ON event {log}",
        f"CREATE TRIGGER signoff_only_void BEFORE UPDATE ON signoff WHEN NOT ({VOIDED} AND {same}) {signed}",
        f"CREATE TRIGGER signoff_no_delete BEFORE DELETE ON signoff {signed}",
    ]


def _postgres() -> list[str]:
    same = " AND ".join(f"OLD.{column} IS NOT DISTINCT FROM NEW.{column}" for column in KEPT)
    log, signed = (f"EXECUTE FUNCTION campaign_refuse('{why}')" for why in (LOG, SIGNED))
    return [
        "CREATE FUNCTION campaign_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$",
        f"CREATE TRIGGER event_no_change BEFORE UPDATE OR DELETE ON event FOR EACH ROW {log}",
        f"CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event FOR EACH STATEMENT {log}",
        "CREATE TRIGGER signoff_only_void BEFORE UPDATE ON signoff FOR EACH ROW"
        f" WHEN (NOT ({VOIDED} AND {same})) {signed}",
        f"CREATE TRIGGER signoff_no_delete BEFORE DELETE ON signoff FOR EACH ROW {signed}",
        f"CREATE TRIGGER signoff_no_truncate BEFORE TRUNCATE ON signoff FOR EACH STATEMENT {signed}",
    ]
