"""The one truth: the only place that knows SQLAlchemy."""

from campaign.store.migrate import check_schema, create_or_upgrade
from campaign.store.store import SqlStore, open_store

__all__ = ["SqlStore", "check_schema", "create_or_upgrade", "open_store"]
