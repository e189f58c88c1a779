"""The tables and their indexes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from campaign.store.schema.columns import Moment, VinText

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

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


def upgrade() -> None:
    """Everything."""
    _fleet()
    _plans()
    _work()
    _records()


def _fleet() -> None:
    """Layouts, people, lists and cars."""
    op.create_table(
        "site",
        must("code", TEXT),
        must("layout", TEXT),
        must("applied_at", MOMENT),
        sa.PrimaryKeyConstraint("code", name="pk_site"),
    )
    op.create_table(
        "person",
        must("id", TEXT),
        must("name", TEXT),
        must("name_zh", TEXT),
        must("roles", TEXT),
        must("language", TEXT),
        must("shared", sa.Boolean()),
        must("active", sa.Boolean()),
        maybe("password_hash", TEXT),
        must("failed_tries", INT),
        maybe("locked_until", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_table(
        "sign_in",
        must("sid_hash", TEXT),
        must("person", TEXT),
        must("device", TEXT),
        must("opened_at", MOMENT),
        must("expires_at", MOMENT),
        maybe("revoked_at", MOMENT),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_sign_in_person"),
        sa.PrimaryKeyConstraint("sid_hash", name="pk_sign_in"),
    )
    op.create_index("ix_sign_in_person", "sign_in", ["person"])
    op.create_table(
        "import",
        must("id", KEY),
        must("kind", TEXT),
        must("file_name", TEXT),
        must("sha256", TEXT),
        must("at", MOMENT),
        must("actor", TEXT),
        must("rows", INT),
        maybe("undone_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_import"),
    )
    op.create_index("ix_import_hash", "import", ["kind", "sha256"])
    op.create_table(
        "vehicle",
        must("vin", VIN),
        must("site", TEXT),
        must("version", TEXT),
        must("model", TEXT),
        must("variant", TEXT),
        maybe("slot", TEXT),
        maybe("soc", INT),
        must("gauge", CODE),
        maybe("soc_at", MOMENT),
        must("order_state", CODE),
        maybe("order_no", TEXT),
        maybe("promised", sa.Date()),
        must("weight", INT),
        maybe("import_id", KEY),
        sa.ForeignKeyConstraint(["import_id"], ["import.id"], name="fk_vehicle_import_id"),
        sa.PrimaryKeyConstraint("vin", name="pk_vehicle"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_vehicle_import", "vehicle", ["import_id"])
    op.create_index("ix_vehicle_version", "vehicle", ["site", "version"])
    op.create_index("ux_vehicle_slot", "vehicle", ["site", "slot"], unique=True, **only("slot IS NOT NULL"))
    op.create_table(
        "prior_order",
        must("import_id", KEY),
        must("vin", VIN),
        must("state", CODE),
        maybe("order_no", TEXT),
        maybe("promised", sa.Date()),
        must("weight", INT),
        sa.ForeignKeyConstraint(["import_id"], ["import.id"], name="fk_prior_order_import_id"),
        sa.PrimaryKeyConstraint("import_id", "vin", name="pk_prior_order"),
    )


def _plans() -> None:
    """Campaigns and batches."""
    op.create_table(
        "campaign",
        must("id", KEY),
        must("code", TEXT),
        must("site", TEXT),
        must("state", CODE),
        must("revision", INT),
        must("created_at", MOMENT),
        must("created_by", TEXT),
        must("ended", INT),
        must("failed", INT),
        must("acknowledged_ended", INT),
        must("acknowledged_failed", INT),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
        sa.UniqueConstraint("code", name="uq_campaign_code"),
    )
    op.create_table(
        "campaign_revision",
        must("campaign_id", KEY),
        must("no", INT, autoincrement=False),
        must("rules", TEXT),
        must("at", MOMENT),
        must("actor", TEXT),
        must("why", TEXT),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_campaign_revision_campaign_id"),
        sa.PrimaryKeyConstraint("campaign_id", "no", name="pk_campaign_revision"),
    )
    op.create_table(
        "batch",
        must("id", KEY),
        must("campaign_id", KEY),
        must("no", INT),
        must("size", INT),
        must("planned_start", MOMENT),
        must("planned_end", MOMENT),
        maybe("opened_at", MOMENT),
        maybe("closed_at", MOMENT),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_batch_campaign_id"),
        sa.PrimaryKeyConstraint("id", name="pk_batch"),
    )
    op.create_index(
        "ix_batch_active",
        "batch",
        ["campaign_id", "closed_at", "no"],
        **only("opened_at IS NOT NULL AND closed_at IS NULL"),
    )
    op.create_index(
        "ix_batch_closed", "batch", ["campaign_id", "closed_at", "no"], **only("closed_at IS NOT NULL")
    )
    op.create_index(
        "ix_batch_to_open", "batch", ["campaign_id", "opened_at", "no"], **only("opened_at IS NULL")
    )
    op.create_index("ux_batch_no", "batch", ["campaign_id", "no"], unique=True)
    op.create_table(
        "campaign_count",
        must("campaign_id", KEY),
        must("status", CODE),
        must("n", INT),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_campaign_count_campaign_id"),
        sa.PrimaryKeyConstraint("campaign_id", "status", name="pk_campaign_count"),
    )
    op.create_table(
        "batch_count",
        must("batch_id", KEY),
        must("status", CODE),
        must("n", INT),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_batch_count_batch_id"),
        sa.PrimaryKeyConstraint("batch_id", "status", name="pk_batch_count"),
    )
    op.create_table(
        "burn",
        must("campaign_id", KEY),
        must("hour", MOMENT),
        must("status", CODE),
        must("n", INT),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_burn_campaign_id"),
        sa.PrimaryKeyConstraint("campaign_id", "hour", "status", name="pk_burn"),
    )


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
