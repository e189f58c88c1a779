"""A campaign's file: the rules that it becomes, and what is said of each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign.definitions import load_campaign
from campaign.domain.identity import SoftwareVersion
from campaign.domain.rules import BatchRule, FailureThreshold, GateRule
from campaign.domain.soc import Gauge
from tests.unit.config.spoiling import edit, line_of, told


@pytest.fixture
def seed(configs: Path) -> Path:
    return configs / "campaigns" / "vbv453c.yaml"


def test_the_shipped_campaign_has_the_rules_of_the_real_case(seed: Path) -> None:
    rules = load_campaign(seed).rules()
    assert (rules.code, rules.site) == ("VBV453C-2026", "anting")
    assert (str(rules.source), str(rules.target)) == ("VBV4.5.2C", "VBV4.5.3C")
    assert rules.gate == GateRule(min_tenths=270, gauge=Gauge.DISPLAY, max_age_s=24 * 3600)
    assert rules.charge_target_tenths == 285
    assert rules.batch == BatchRule(size=40, min=30, max=50, pilot=20)
    assert rules.thresholds == FailureThreshold(count=12, percent=5, min_attempts=40)
    assert (rules.max_attempts, rules.rig_retries, rules.signers) == (3, 1, 1)
    assert rules.names.zh == "交付前升级 VBV4.5.3C"


@pytest.mark.parametrize("soc", ["27", "27.0", '"27 %"', '"27％"', '"27,0"', "27.00"])
def test_the_gate_may_be_written_as_people_write_a_percentage(seed: Path, soc: str) -> None:
    edit(seed, ("soc: 27.0", f"soc: {soc}"))
    assert load_campaign(seed).rules().gate.min_tenths == 270


def test_a_version_may_be_written_by_its_alias(seed: Path) -> None:
    edit(seed, ("target: VBV4.5.3C", "target: vbv453c"), ("source: VBV4.5.2C", "source: 4.5.2 c"))
    rules = load_campaign(seed).rules()
    assert rules.target == SoftwareVersion("VBV", (4, 5, 3), "C")
    assert rules.source == SoftwareVersion("VBV", (4, 5, 2), "C")


def test_what_has_a_usual_value_may_be_left_out(seed: Path) -> None:
    text = seed.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith(("max_attempts", "rig_", "signers"))]
    seed.write_text("\n".join(kept).replace(", max_age_h: 24", ""), encoding="utf-8")
    rules = load_campaign(seed).rules()
    assert (rules.max_attempts, rules.rig_retries, rules.signers, rules.gate.max_age_s) == (3, 1, 1, 86_400)


BATCH = "batch: {min: 30, size: 40, max: 50, pilot: 20}"
THRESHOLDS = "thresholds: {count: 12, percent: 5, min_attempts: 40}"


@pytest.mark.parametrize(
    ("old", "new", "field", "what"),
    [
        ("code: VBV453C-2026", "code: vbv 453", "code", "'vbv 453' is not spelled as a name here - capitals"),
        (
            "site: anting",
            "site: antin",
            "site",
            "there is no site 'antin' under sites/ - did you mean anting?",
        ),
        ("site: anting", "site: foshan", "site", "there is no site 'foshan' under sites/ - known: anting"),
        (
            "  VBV452C: VBV4.5.2C",
            "  old: four",
            "aliases.old",
            "'four' is not a software version - write it like",
        ),
        (
            "source: VBV4.5.2C",
            "source: new",
            "source",
            "'new' is not a software version - write it like VBV4.5.3C",
        ),
        ("source: VBV4.5.2C", "source: 4.5", "source", "4.5 is a number to YAML - put the version in quotes"),
        (
            "target: VBV4.5.3C",
            "target: VBV4.5.2C",
            "target",
            "VBV4.5.2C is not newer than the source VBV4.5.2C",
        ),
        (
            "target: VBV4.5.3C",
            "target: VBV4.5.1D",
            "target",
            "VBV4.5.1D is not newer than the source VBV4.5.2C",
        ),
        (
            "target: VBV4.5.3C",
            "target: ICAS4.5.3C",
            "target",
            "are different lines of software - write a version",
        ),
        (
            "package: vbv-4.5.3c-r1",
            "package: a/../b",
            "package",
            "'a/../b' is not spelled as a name here - letters",
        ),
        ("soc: 27.0", "soc: 101", "gate.soc", "101 is outside 0 to 100 % - write it like 27.0"),
        ("soc: 27.0", "soc: -0.1", "gate.soc", "-0.1 is outside 0 to 100 %"),
        (
            "soc: 27.0",
            "soc: 27.04",
            "gate.soc",
            "27.04 is finer than a tenth of a percent - write one decimal",
        ),
        ("soc: 27.0", "soc: 0.27", "gate.soc", "0.27 may mean a fraction or a percentage - write 27.0"),
        ("soc: 27.0", "soc: full", "gate.soc", "'full' is not a percentage - write it like 27.0"),
        ("soc: 27.0", "soc: true", "gate.soc", "True is not a percentage - write it like 27.0"),
        (
            "gauge: display",
            "gauge: dispaly",
            "gate.gauge",
            "is not one of display, bms - did you mean display?",
        ),
        ("max_age_h: 24", "max_age_h: 0", "gate.max_age_h", "0 is too small - write more than 0"),
        ("max_age_h: 24", "max_age: 24", "gate.max_age", "is not a known field - did you mean max_age_h?"),
        ("charge_target: 28.5", "charge_target: 26.9", "charge_target", "26.9 % is below the gate of 27.0 %"),
        (
            BATCH,
            "batch: {min: 45, size: 40, max: 50, pilot: 20}",
            "batch",
            "size 40 is not between min 45 and max 50",
        ),
        (
            BATCH,
            "batch: {min: 30, size: 40, max: 39, pilot: 20}",
            "batch",
            "size 40 is not between min 30 and max 39",
        ),
        (
            BATCH,
            "batch: {min: 30, size: 40, max: 50, pilot: 51}",
            "batch",
            "pilot 51 is more than max 50 - write 50",
        ),
        (BATCH, "batch: {min: 30, size: 40, pilot: 20}", "batch.max", "is missing - add it"),
        (BATCH, "batch: 40", "batch", "40 is not a group of fields - write `name: value`"),
        (
            THRESHOLDS,
            "thresholds: {min_attempts: 40}",
            "thresholds",
            "neither count nor percent is given - write",
        ),
        (
            THRESHOLDS,
            "thresholds: {percent: 101}",
            "thresholds.percent",
            "101 is too large - write 100 or less",
        ),
        (THRESHOLDS, "thresholds: {count: -1}", "thresholds.count", "-1 is too small - write 0 or more"),
        ("max_attempts: 3", "max_attempts: 0", "max_attempts", "0 is too small - write 1 or more"),
        ("signers: 1", "signer: 1", "signer", "is not a known field - did you mean signers?"),
    ],
)
def test_each_mistake_is_named_by_file_line_and_field(
    seed: Path, *, old: str, new: str, field: str, what: str
) -> None:
    start = f"vbv453c.yaml:{line_of(seed, old)}: {field}: "
    edit(seed, (old, new))
    lines = told(load_campaign, seed)
    assert any(line.startswith(start) and what in line and " - " in line for line in lines), lines


def test_the_gate_may_be_zero_or_a_hundred(seed: Path) -> None:
    edit(seed, ("soc: 27.0", "soc: 100"), ("charge_target: 28.5", "charge_target: 100"))
    assert load_campaign(seed).rules().gate.min_tenths == 1000
    edit(seed, ("soc: 100", "soc: 0"))
    assert load_campaign(seed).rules().gate.min_tenths == 0


def test_charging_may_end_exactly_at_the_gate(seed: Path) -> None:
    edit(seed, ("charge_target: 28.5", "charge_target: 27"))
    assert load_campaign(seed).rules().charge_target_tenths == 270


def test_mistakes_of_one_field_and_between_fields_are_told_together(seed: Path) -> None:
    edit(
        seed,
        ("site: anting", "site: foshan"),
        ("target: VBV4.5.3C", "target: VBV4.5.1C"),
        ("charge_target: 28.5", "charge_target: 20"),
        ("signers: 1", "signers: 0"),
        ("rig_retries: 1 ", "rig_retry: 1 "),
    )
    fields = [line.split(": ")[1] for line in told(load_campaign, seed)]
    assert fields == ["site", "target", "charge_target", "rig_retry", "signers"]


def test_no_message_follows_only_from_another(seed: Path) -> None:
    edit(seed, ("source: VBV4.5.2C", "source: new"), ("soc: 27.0", "soc: full"))
    fields = [line.split(": ")[1] for line in told(load_campaign, seed)]
    assert fields == ["source", "gate.soc"]
