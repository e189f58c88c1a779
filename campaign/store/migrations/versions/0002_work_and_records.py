"""Tables of the work on cars and of its records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from campaign.store.migrations.columns import CODE, INT, KEY, MOMENT, TEXT, VIN, maybe, must, only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What work writes."""
    _work()
    _records()


def _work() -> None:
    """Upgrades, charges and attempts."""
    op.create_table(
        "upgrade",
        must("id", KEY),
        must("campaign_id", KEY),
        must("vin", VIN),
        must("status", CODE),
        must("batch_id", KEY),
        must("batch_open", sa.Boolean()),
        must("priority", INT),
        must("revision", INT),
        must("reached", INT),
        maybe("soc", INT),
        maybe("gauge", CODE),
        maybe("soc_at", MOMENT),
        maybe("read_back", TEXT),
        must("attempts", INT),
        must("rig_errors", INT),
        maybe("changed_at", MOMENT),
        must("changed_by", TEXT),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_upgrade_batch_id"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_upgrade_campaign_id"),
        sa.ForeignKeyConstraint(["vin"], ["vehicle.vin"], name="fk_upgrade_vin"),
        sa.PrimaryKeyConstraint("id", name="pk_upgrade"),
    )
    op.create_index("ix_upgrade_batch", "upgrade", ["batch_id"])
    op.create_index(
        "ix_upgrade_next",
        "upgrade",
        ["campaign_id", "status", "batch_open", "priority"],
        **only("batch_open AND status IN ('queued', 'charged')"),
    )
    op.create_index("ix_upgrade_priority", "upgrade", ["campaign_id", "priority"])
    op.create_index("ix_upgrade_status", "upgrade", ["campaign_id", "status", "priority"])
    op.create_index("ix_upgrade_uncertain", "upgrade", ["vin"], **only("status = 'uncertain'"))
    op.create_index("ix_upgrade_vin", "upgrade", ["vin"])
    op.create_index(
        "ux_upgrade_open", "upgrade", ["vin"], unique=True, **only("status NOT IN ('released', 'withdrawn')")
    )
    op.create_table(
        "charge",
        must("id", KEY),
        must("car_id", KEY),
        must("site", TEXT),
        must("point", TEXT),
        must("given_at", MOMENT),
        maybe("started_at", MOMENT),
        maybe("start_soc", INT),
        maybe("expected_end", MOMENT),
        maybe("ended_at", MOMENT),
        maybe("end_soc", INT),
        must("actor", TEXT),
        sa.ForeignKeyConstraint(["car_id"], ["upgrade.id"], name="fk_charge_car_id"),
        sa.PrimaryKeyConstraint("id", name="pk_charge"),
    )
    op.create_index("ux_charge_car", "charge", ["car_id"], unique=True, **only("ended_at IS NULL"))
    op.create_index("ux_charge_point", "charge", ["site", "point"], unique=True, **only("ended_at IS NULL"))
    op.create_table(
        "attempt",
        must("id", KEY),
        must("job_id", TEXT),
        must("car_id", KEY),
        must("campaign_id", KEY),
        must("site", TEXT),
        must("station", TEXT),
        must("opened_at", MOMENT),
        maybe("soc", INT),
        maybe("started_at", MOMENT),
        must("percent", INT),
        must("step", TEXT),
        must("journal_offset", KEY),
        maybe("ended_at", MOMENT),
        maybe("outcome", CODE),
        maybe("read_back", TEXT),
        must("detail", TEXT),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_attempt_campaign_id"),
        sa.ForeignKeyConstraint(["car_id"], ["upgrade.id"], name="fk_attempt_car_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("ix_attempt_car", "attempt", ["car_id"])
    op.create_index("ix_attempt_running", "attempt", ["campaign_id"], **only("ended_at IS NULL"))
    op.create_index("ux_attempt_car", "attempt", ["car_id"], unique=True, **only("ended_at IS NULL"))
    op.create_index("ux_attempt_job", "attempt", ["job_id"], unique=True)
    op.create_index(
        "ux_attempt_station", "attempt", ["site", "station"], unique=True, **only("ended_at IS NULL")
    )


def _records() -> None:
    """Holds, decisions, the log and leases."""
    op.create_table(
        "hold",
        must("id", KEY),
        must("scope", TEXT),
        must("target", TEXT),
        must("why", TEXT),
        must("actor", TEXT),
        must("at", MOMENT),
        maybe("lifted_at", MOMENT),
        maybe("lifted_by", TEXT),
        maybe("lift_why", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_hold"),
    )
    op.create_index("ix_hold_open", "hold", ["lifted_at", "id"], **only("lifted_at IS NULL"))
    op.create_table(
        "signoff",
        must("id", KEY),
        must("batch_id", KEY),
        must("decision", CODE),
        must("person", TEXT),
        must("at", MOMENT),
        must("seen_hash", TEXT),
        must("reason", TEXT),
        must("cars", INT),
        maybe("voided_at", MOMENT),
        must("void_why", TEXT),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_signoff_batch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_signoff"),
    )
    op.create_index("ux_signoff_seen", "signoff", ["batch_id", "seen_hash"], unique=True)
    op.create_table(
        "signoff_car",
        must("signoff_id", KEY),
        must("car_id", KEY),
        sa.ForeignKeyConstraint(["car_id"], ["upgrade.id"], name="fk_signoff_car_car_id"),
        sa.ForeignKeyConstraint(["signoff_id"], ["signoff.id"], name="fk_signoff_car_signoff_id"),
        sa.PrimaryKeyConstraint("signoff_id", "car_id", name="pk_signoff_car"),
    )
    op.create_table(
        "touch",
        must("car_id", KEY),
        must("person", TEXT),
        must("kind", CODE),
        sa.ForeignKeyConstraint(["car_id"], ["upgrade.id"], name="fk_touch_car_id"),
        sa.PrimaryKeyConstraint("car_id", "person", "kind", name="pk_touch"),
    )
    op.create_table(
        "event",
        must("id", KEY),
        must("chain", TEXT),
        must("seq", KEY),
        must("kind", CODE),
        must("actor", TEXT),
        must("at", MOMENT),
        must("device", TEXT),
        maybe("vin", VIN),
        maybe("batch_no", INT),
        must("reason", TEXT),
        must("data", TEXT),
        maybe("client_id", TEXT),
        maybe("claimed_at", MOMENT),
        must("previous", TEXT),
        must("digest", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
    )
    op.create_index("ix_event_vin", "event", ["vin"], **only("vin IS NOT NULL"))
    op.create_index("ux_event_client", "event", ["client_id"], unique=True, **only("client_id IS NOT NULL"))
    op.create_index("ux_event_seq", "event", ["chain", "seq"], unique=True)
    op.create_table(
        "chain_head",
        must("chain", TEXT),
        must("seq", KEY),
        must("digest", TEXT),
        maybe("at", MOMENT),
        sa.PrimaryKeyConstraint("chain", name="pk_chain_head"),
    )
    op.create_table(
        "lease",
        must("name", TEXT),
        must("holder", TEXT),
        must("expires_at", MOMENT),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )
