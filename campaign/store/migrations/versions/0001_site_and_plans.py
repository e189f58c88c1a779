"""Tables of the site and of what is planned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from campaign.store.migrations.columns import CODE, INT, KEY, MOMENT, TEXT, VIN, maybe, must, only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Everything that stands before work begins."""
    _fleet()
    _plans()


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
