"""What a person's text names: a car by its VIN or the end of it, a batch, a campaign."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from campaign.cli.failures import USAGE, Stop
from campaign.cli.language import lang, tr

if TYPE_CHECKING:
    from campaign.cli.invocation import Run
    from campaign.domain.campaign import Campaign
    from campaign.domain.identity import Vin
    from campaign.services.marks import NextAction

_BATCH = re.compile(r"^(?:(?P<code>.+)/)?[Bb]?(?P<no>[0-9]{1,5})$")


def car_named(run: Run, text: str) -> NextAction:
    """The one car of the fleet that a text means, with what is next. Raises Stop: unreadable, unknown, several."""
    from campaign.wording import say

    found = run.services.marks.next_action(text)
    if found.vin is None:
        raise Stop("; ".join(say(reason, lang(), run.zone) for reason in found.reasons), USAGE)
    return found


def known(found: NextAction) -> Vin:
    """The VIN of what `car_named` gave."""
    if found.vin is None:
        raise Stop("; ".join(str(reason) for reason in found.reasons))
    return found.vin


def vin_named(run: Run, text: str) -> Vin:
    """As `car_named`, the VIN alone."""
    return known(car_named(run, text))


def campaign_named(run: Run, code: str | None) -> Campaign:
    """The campaign with this code, else the newest that is at work, else the newest. Raises Stop."""
    from campaign.domain.campaign import CampaignState

    campaigns = run.services.views.campaigns()
    if code is not None:
        for campaign in campaigns:
            if campaign.code == code:
                return campaign
        known = ", ".join(campaign.code for campaign in campaigns) or tr("none yet", "尚无")
        raise Stop(
            tr("there is no campaign {code}: {known}", "没有活动 {code}：{known}", code=code, known=known)
        )
    at_work = [c for c in campaigns if c.state in (CampaignState.RUNNING, CampaignState.PAUSED)]
    if not campaigns:
        raise Stop(
            tr(
                "no campaign was launched yet: `campaign launch CODE --reason ...`",
                "尚未启动任何活动：请运行 `campaign launch 代码 --reason 原因`",
            )
        )
    return (at_work or campaigns)[0]


def batch_named(run: Run, text: str) -> tuple[str, int]:
    """(campaign, number) of `VBV453C-2026/B007`, `B007` or `7`. Raises Stop."""
    found = _BATCH.match(text.strip())
    if found is None:
        raise Stop(
            tr(
                "“{text}” names no batch: write its number, as B007, or with its campaign, as CODE/B007",
                "“{text}”不是批次：请写编号如 B007，或带活动代码如 CODE/B007",
                text=text[:40],
            )
        )
    return campaign_named(run, found["code"]).code, int(found["no"])
