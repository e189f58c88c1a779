"""Snapshots and plans as JSON (docs/planning.md describes and shows the form)."""

from campaign.planning.document.plans import plan_to
from campaign.planning.document.reading import snapshot_from
from campaign.planning.document.writing import snapshot_to

__all__ = ["plan_to", "snapshot_from", "snapshot_to"]
