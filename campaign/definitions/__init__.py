"""Sites, campaigns and people as planners write them in YAML, every problem named by file, line and field."""

from campaign.definitions.campaign import CampaignDefinition
from campaign.definitions.folder import (
    campaign_codes,
    find_campaign,
    find_site,
    load_campaign,
    load_people,
    load_site,
)
from campaign.definitions.people import PeopleDefinition, PersonDefinition
from campaign.definitions.site import SiteDefinition

__all__ = [
    "CampaignDefinition",
    "PeopleDefinition",
    "PersonDefinition",
    "SiteDefinition",
    "campaign_codes",
    "find_campaign",
    "find_site",
    "load_campaign",
    "load_people",
    "load_site",
]
