"""The form that a planner fills in, in the Prefect UI and elsewhere. Does not import Prefect."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from campaign.config import Settings
from campaign.definitions import campaign_codes
from campaign.errors import CampaignError


class Start(StrEnum):
    """When the first batch may start."""

    NOW = "now"
    LATER = "at a time"


def _choices(schema: dict[str, Any]) -> None:
    """Offer the campaigns that are defined on this machine."""
    try:
        codes = campaign_codes(Settings.load().configs)
    except CampaignError:
        return
    if codes:
        schema["enum"] = list(codes)
        schema["default"] = codes[0]


class LaunchCampaign(BaseModel):
    """Start an upgrade campaign for every car of its site that is at the source version."""

    model_config = ConfigDict(title="Launch a campaign · 启动升级活动", str_strip_whitespace=True)

    campaign: str = Field(
        title="Campaign · 升级活动",
        description="As defined under configs/campaigns. 在 configs/campaigns 中定义。",
        min_length=1,
        json_schema_extra=_choices,
    )
    planner: str = Field(
        title="Planner · 计划员",
        description="Your person id: you launch it, and the log says so. 您的人员编号，将写入日志。",
        min_length=1,
        max_length=40,
    )
    reason: str = Field(
        title="Reason · 原因",
        description="Why now; kept with the launch. 启动原因，随记录保存。",
        min_length=1,
        max_length=500,
    )
    start: Start = Field(
        Start.NOW,
        title="Start · 开始",
        description="At once, or at the time below. 立即开始，或按下面的时间。",
    )
    starts_at: AwareDatetime | None = Field(
        None,
        title="Start time · 开始时间",
        description="Only with “at a time”; campaign time with its zone. 仅在选择“at a time”时填写，含时区。",
    )

    @model_validator(mode="after")
    def _time_when_later(self) -> Self:
        if self.start is Start.LATER and self.starts_at is None:
            raise ValueError("give a start time, or choose to start now · 请填写开始时间，或选择立即开始")
        return self

    def moment(self) -> AwareDatetime | None:
        """When to start; None is now."""
        return self.starts_at if self.start is Start.LATER else None
