"""The tables. Read as `t`: `from campaign.store import schema as t`."""

from campaign.store.schema.columns import Moment, Number, Tables
from campaign.store.schema.evidence import Evidence
from campaign.store.schema.fleet import Import, Person, PriorOrder, SignIn, Site, Vehicle
from campaign.store.schema.packages import Package, Staging, TrustedKey
from campaign.store.schema.plans import Forecast, Plan
from campaign.store.schema.record import ChainHead, Event, Hold, Lease, SignOff, SignOffCar, Touch
from campaign.store.schema.way import (
    Attempt,
    Batch,
    BatchCount,
    Burn,
    Campaign,
    CampaignCount,
    Charge,
    Revision,
    Upgrade,
)

__all__ = [
    "Attempt",
    "Batch",
    "BatchCount",
    "Burn",
    "Campaign",
    "CampaignCount",
    "ChainHead",
    "Charge",
    "Event",
    "Evidence",
    "Forecast",
    "Hold",
    "Import",
    "Lease",
    "Moment",
    "Number",
    "Package",
    "Person",
    "Plan",
    "PriorOrder",
    "Revision",
    "SignIn",
    "SignOff",
    "SignOffCar",
    "Site",
    "Staging",
    "Tables",
    "Touch",
    "TrustedKey",
    "Upgrade",
    "Vehicle",
]
