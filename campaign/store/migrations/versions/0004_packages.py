"""Packages, trusted keys and stagings; what is released never changes, by the database itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from campaign.store.migrations.columns import CODE, KEY, MOMENT, TEXT, maybe, must, only

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SAME = ("name", "source", "target", "instruction", "text", "drafted_by", "drafted_at")
SIGNED = ("digest", "key", "signature", "released_by", "released_at")
ENDED = ("obsolete_by", "obsolete_at")
TRUSTED = ("key", "name", "trusted_by", "trusted_at")
PACKAGE = "a package can only be released, and a released one only become obsolete"
KEPT = "a package that was released is kept"
RELEASED_ONE = "EXISTS (SELECT 1 FROM package WHERE name = NEW.name AND state <> 'draft')"
KNOWN_KEY = "EXISTS (SELECT 1 FROM trusted_key WHERE key = NEW.key)"
TRUST = "a trusted key can only be revoked, and is kept"


def upgrade() -> None:
    """Tables, then the triggers in the words of each database."""
    op.create_table(
        "package",
        must("name", TEXT),
        must("state", CODE),
        must("source", TEXT),
        must("target", TEXT),
        must("instruction", TEXT),
        must("text", TEXT),
        must("drafted_by", TEXT),
        must("drafted_at", MOMENT),
        maybe("digest", TEXT),
        maybe("key", TEXT),
        maybe("signature", TEXT),
        maybe("released_by", TEXT),
        maybe("released_at", MOMENT),
        maybe("obsolete_by", TEXT),
        maybe("obsolete_at", MOMENT),
        must("obsolete_why", TEXT),
        sa.PrimaryKeyConstraint("name", name="pk_package"),
    )
    op.create_index("ux_package_digest", "package", ["digest"], unique=True, **only("digest IS NOT NULL"))
    op.create_table(
        "trusted_key",
        must("key", TEXT),
        must("name", TEXT),
        must("trusted_by", TEXT),
        must("trusted_at", MOMENT),
        maybe("revoked_by", TEXT),
        maybe("revoked_at", MOMENT),
        must("revoke_why", TEXT),
        sa.PrimaryKeyConstraint("key", name="pk_trusted_key"),
    )
    op.create_table(
        "staging",
        must("site", TEXT),
        must("digest", TEXT),
        must("station", TEXT),
        must("state", CODE),
        must("bytes", KEY),
        must("total", KEY),
        must("detail", TEXT),
        must("at", MOMENT),
        sa.PrimaryKeyConstraint("site", "digest", "station", name="pk_staging"),
    )
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgres():
        op.execute(statement)


def _all_of(columns: tuple[str, ...], what: str) -> str:
    return " AND ".join(what.format(c=column) for column in columns)


def _allowed(same: str) -> str:
    """When an UPDATE of a package is one of its two moves."""
    released = (
        f"OLD.state = 'draft' AND NEW.state = 'released' AND {_all_of(SIGNED, 'NEW.{c} IS NOT NULL')}"
        f" AND {_all_of(ENDED, 'NEW.{c} IS NULL')}"
    )
    ended = (
        f"OLD.state = 'released' AND NEW.state = 'obsolete' AND {_all_of(SIGNED, same)}"
        f" AND {_all_of(ENDED, 'NEW.{c} IS NOT NULL')}"
    )
    return f"{_all_of(SAME, same)} AND (({released}) OR ({ended}))"


def _revoked(same: str) -> str:
    return f"{_all_of(TRUSTED, same)} AND OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL"


def _sqlite() -> list[str]:
    """INSERT OR REPLACE deletes without a DELETE trigger: a trigger before INSERT refuses it."""
    same = "OLD.{c} IS NEW.{c}"
    package, kept, trust = (f"BEGIN SELECT RAISE(ABORT, '{why}'); END" for why in (PACKAGE, KEPT, TRUST))
    return [
        "CREATE TRIGGER package_begins_as_draft BEFORE INSERT ON package"
        f" WHEN NEW.state <> 'draft' OR {RELEASED_ONE} {package}",
        f"CREATE TRIGGER package_only_moves BEFORE UPDATE ON package WHEN NOT ({_allowed(same)}) {package}",
        f"CREATE TRIGGER package_kept BEFORE DELETE ON package WHEN OLD.state <> 'draft' {kept}",
        f"CREATE TRIGGER trusted_key_once BEFORE INSERT ON trusted_key WHEN {KNOWN_KEY} {trust}",
        f"CREATE TRIGGER trusted_key_only_revoked BEFORE UPDATE ON trusted_key WHEN NOT ({_revoked(same)})"
        f" {trust}",
        f"CREATE TRIGGER trusted_key_kept BEFORE DELETE ON trusted_key {trust}",
    ]


def _postgres() -> list[str]:
    same = "OLD.{c} IS NOT DISTINCT FROM NEW.{c}"
    package, kept, trust = (f"EXECUTE FUNCTION campaign_refuse('{why}')" for why in (PACKAGE, KEPT, TRUST))
    return [
        "CREATE TRIGGER package_begins_as_draft BEFORE INSERT ON package FOR EACH ROW"
        f" WHEN (NEW.state <> 'draft') {package}",
        "CREATE TRIGGER package_only_moves BEFORE UPDATE ON package FOR EACH ROW"
        f" WHEN (NOT ({_allowed(same)})) {package}",
        "CREATE TRIGGER package_kept BEFORE DELETE ON package FOR EACH ROW"
        f" WHEN (OLD.state <> 'draft') {kept}",
        f"CREATE TRIGGER package_no_truncate BEFORE TRUNCATE ON package FOR EACH STATEMENT {kept}",
        "CREATE TRIGGER trusted_key_only_revoked BEFORE UPDATE ON trusted_key FOR EACH ROW"
        f" WHEN (NOT ({_revoked(same)})) {trust}",
        f"CREATE TRIGGER trusted_key_kept BEFORE DELETE ON trusted_key FOR EACH ROW {trust}",
        f"CREATE TRIGGER trusted_key_no_truncate BEFORE TRUNCATE ON trusted_key FOR EACH STATEMENT {trust}",
    ]
