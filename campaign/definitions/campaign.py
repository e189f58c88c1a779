"""A campaign in YAML: versions, gate, batches, thresholds; as rules when it is launched."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo, field_validator, model_validator

from campaign.definitions.checking import Findings, Strict, Wrong, nearest
from campaign.definitions.fields import CampaignCode, SocTenths, TwoNames, spelled
from campaign.domain.identity import SoftwareVersion
from campaign.domain.rules import BatchRule, CampaignRules, FailureThreshold, GateRule
from campaign.domain.soc import Gauge, format_soc
from campaign.errors import BadInput

PackageName = Annotated[
    str,
    Field(max_length=80),
    AfterValidator(
        spelled("[A-Za-z0-9][A-Za-z0-9._-]*", "letters, digits, point, - and _, such as vbv-4.5.3c-r1")
    ),
]


def _version(raw: object, info: ValidationInfo) -> SoftwareVersion:
    if not isinstance(raw, str):
        raise Wrong(f"{raw!r} is a number to YAML", 'put the version in quotes, such as "4.5.3C"')
    try:
        return SoftwareVersion.parse(raw, info.data.get("aliases"))
    except BadInput as wrong:
        raise Wrong(f"{raw[:40]!r} is {wrong.what}", wrong.todo) from wrong


Version = Annotated[SoftwareVersion, PlainValidator(_version)]


class GateDefinition(Strict):
    """Rule 1: at least `soc` percent on `gauge`, by a reading at most `max_age_h` hours old."""

    soc: SocTenths
    gauge: Gauge
    max_age_h: Annotated[float, Field(gt=0, le=24 * 365)] = 24


class BatchDefinition(Strict):
    """Cars per batch; `pilot` is the size of the first one."""

    min: Annotated[int, Field(ge=1, le=1_000)]
    max: Annotated[int, Field(ge=1, le=1_000)]
    size: Annotated[int, Field(ge=1, le=1_000)]
    pilot: Annotated[int, Field(ge=1, le=1_000)]

    @model_validator(mode="after")
    def _in_order(self) -> BatchDefinition:
        if not self.min <= self.size <= self.max:
            what = f"size {self.size} is not between min {self.min} and max {self.max}"
            raise Wrong(what, "write min, size and max in rising order")
        if self.pilot > self.max:
            raise Wrong(f"pilot {self.pilot} is more than max {self.max}", f"write {self.max} or less")
        return self


class ThresholdDefinition(Strict):
    """Rule 10: new flashes stop above `count` failures, or above `percent` once `min_attempts` have ended."""

    count: Annotated[int, Field(ge=0)] | None = None
    percent: Annotated[int, Field(ge=0, le=100)] | None = None
    min_attempts: Annotated[int, Field(ge=1)] = 20

    @model_validator(mode="after")
    def _stops_somewhere(self) -> ThresholdDefinition:
        if self.count is None and self.percent is None:
            raise Wrong("neither count nor percent is given", "write at least one of them")
        return self


class CampaignDefinition(Strict):
    """A file under `configs/campaigns/`. `aliases` maps spellings to versions, in lists and read-backs."""

    code: CampaignCode
    names: TwoNames
    site: str
    aliases: Annotated[dict[str, str], Field(default_factory=dict)]
    source: Version
    target: Version
    package: PackageName
    gate: GateDefinition
    charge_target: SocTenths
    batch: BatchDefinition
    thresholds: ThresholdDefinition
    max_attempts: Annotated[int, Field(ge=1, le=100)] = 3
    rig_retries: Annotated[int, Field(ge=0, le=10)] = 1
    signers: Annotated[int, Field(ge=1, le=5)] = 1

    @field_validator("site")
    @classmethod
    def _site_exists(cls, site: str, info: ValidationInfo) -> str:
        sites = Findings.of(info).sites
        if site not in sites:
            raise Wrong(f"there is no site {site!r} under sites/", nearest(site, sites))
        return site

    @field_validator("aliases")
    @classmethod
    def _aliases_mean_versions(cls, aliases: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        for written, meant in aliases.items():
            try:
                SoftwareVersion.parse(meant)
            except BadInput as wrong:
                Findings.of(info).add(("aliases", written), f"{meant[:40]!r} is {wrong.what}", wrong.todo)
        return aliases

    @field_validator("target")
    @classmethod
    def _newer_than_source(cls, target: SoftwareVersion, info: ValidationInfo) -> SoftwareVersion:
        source = info.data.get("source")
        if source is not None and source.prefix != target.prefix:
            what = f"{target} and the source {source} are different lines of software"
            raise Wrong(what, f"write a version that starts with {source.prefix}")
        if source is not None and target <= source:
            raise Wrong(f"{target} is not newer than the source {source}", "swap or correct the two")
        return target

    @field_validator("charge_target")
    @classmethod
    def _charges_over_the_gate(cls, tenths: int, info: ValidationInfo) -> int:
        gate = info.data.get("gate")
        if gate is not None and tenths < gate.soc:
            what = f"{format_soc(tenths)} is below the gate of {format_soc(gate.soc)}"
            raise Wrong(what, "write the gate's value or a little more")
        return tenths

    def rules(self) -> CampaignRules:
        """What launching freezes."""
        return CampaignRules(
            code=self.code,
            site=self.site,
            source=self.source,
            target=self.target,
            package=self.package,
            gate=GateRule(self.gate.soc, self.gate.gauge, round(self.gate.max_age_h * 3600)),
            charge_target_tenths=self.charge_target,
            batch=BatchRule(self.batch.size, self.batch.min, self.batch.max, self.batch.pilot),
            thresholds=FailureThreshold(
                self.thresholds.count, self.thresholds.percent, self.thresholds.min_attempts
            ),
            max_attempts=self.max_attempts,
            rig_retries=self.rig_retries,
            signers=self.signers,
            names=self.names.names(),
            aliases=tuple(sorted(self.aliases.items())),
        )

    def rules_json(self) -> str:
        """The rules as canonical JSON: the text of a revision."""
        return self.rules().to_json()
