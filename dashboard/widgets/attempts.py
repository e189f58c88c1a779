"""Tries at flashing one car: verdict and fault first, then what is kept of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from campaign.domain.evidence import Change, Differing, EcuDtcs, Evidence
from campaign.domain.vehicle import Status
from campaign.ports.records import Attempt, KeptEvidence
from campaign.services.evidence import AttemptFile
from campaign.wording import fault_say, fault_title, field_word, flash_step_word, outcome_word
from dashboard.markup import Html, Part, div, span, tag
from dashboard.showing import lasting, moment, short_moment, soc
from dashboard.theme import OUTCOME_SIGNS, STATUS_SIGNS
from dashboard.voice import Voice
from dashboard.widgets.curves import curves
from dashboard.widgets.rows import facts, table
from dashboard.widgets.signs import badge

STEP_FILLS = ("#0072B2", "#56B4E9", "#009E73", "#E69F00", "#CC79A7", "#9AA4B2")
SPECIFIED = ("part_number", "software", "hardware", "coding")  # what a package says of a unit
KIB = 1024


def attempt(file: AttemptFile, v: Voice, *, opened: bool) -> Html:
    """One try. What is kept of it is folded away unless `opened`."""
    kept = file.kept
    return div(
        _head(file.attempt, v),
        _fault(file.attempt, v),
        None if kept is None else _folded(file.attempt, kept, v, opened=opened),
        None if kept is not None else _nothing_kept(file.attempt, v),
        cls="card attempt",
        data_job=file.attempt.job_id,
    )


def _head(tried: Attempt, v: Voice) -> Html:
    if tried.outcome is None:
        sign = badge(STATUS_SIGNS[Status.FLASHING], v.t("attempts.running"))
        where = f"{tried.percent} % {flash_step_word(tried.step, v.lang)}".rstrip()
    else:
        sign = badge(OUTCOME_SIGNS[tried.outcome], outcome_word(tried.outcome, v.lang))
        where = fault_title(tried.fault, v.lang) if tried.fault else ""
    until = f" → {short_moment(tried.ended_at, v.zone)}" if tried.ended_at is not None else ""
    told = (tried.station, f"{moment(tried.opened_at, v.zone)}{until}")
    return div(
        div(sign, span(where, cls="attempt-fault") if where else None, cls="attempt-verdict"),
        div([span(part) for part in told], cls="attempt-place quiet"),
        cls="card-head",
    )


def _fault(tried: Attempt, v: Voice) -> Html | None:
    if not tried.fault:
        return None
    return tag("p", fault_say(tried.fault, tried.params, v.lang), cls="attempt-told")


def _nothing_kept(tried: Attempt, v: Voice) -> Html | None:
    if tried.outcome is None:
        return None
    return div(v.t("attempts.due" if tried.evidence_due else "attempts.no_journal"), cls="quiet")


def _folded(tried: Attempt, kept: KeptEvidence, v: Voice, *, opened: bool) -> Html:
    told = kept.evidence
    inner: list[Html | None] = [
        _about(tried, kept, v),
        _steps(told, v),
        _versions(told, v),
        _dtcs(told.dtcs_before, told.dtcs_after, v),
        curves(told, v),
        _blocks(told, v),
        div(v.t("attempts.cut"), cls="quiet") if kept.cut else None,
        div(v.t("attempts.raw_seal", seal=kept.journal), cls="seal attempt-seal"),
    ]
    return tag("details", tag("summary", v.t("attempts.more")), inner, open="open" if opened else None)


def _about(tried: Attempt, kept: KeptEvidence, v: Voice) -> Html:
    told = kept.evidence
    seconds = told.seconds
    pairs: list[tuple[str, Part]] = [
        (v.t("attempts.lasted"), "—" if seconds is None else lasting(timedelta(seconds=seconds), v.t)),
        (v.t("attempts.soc"), soc(tried.soc)),
        (v.t("attempts.package"), [told.package or "—", _seal(told.digest)]),
        (v.t("attempts.driver"), [told.driver or "—", _quiet(told.agent)]),
        (v.t("attempts.people"), ", ".join(v.name(person) for person in kept.people)),
        (v.t("attempts.skew"), _skew(kept.skew_ms, v)),
    ]
    if told.versions:
        tools = [div(f"{name} {version}") for name, version in told.versions]
        pairs.append((v.t("attempts.tools"), div(tools, cls="attempt-tools")))
    return facts(pairs)


def _seal(digest: str) -> Html | None:
    return div(digest[:12], cls="seal", title=digest) if digest else None


def _quiet(text: str) -> Html | None:
    return div(text, cls="quiet") if text else None


def _skew(skew_ms: int | None, v: Voice) -> str:
    if skew_ms is None:
        return "—"
    if abs(skew_ms) < 1000:
        return v.t("attempts.skew_none")
    key = "attempts.skew_ahead" if skew_ms > 0 else "attempts.skew_behind"
    return v.t(key, s=f"{abs(skew_ms) / 1000:,.0f}")


def _steps(told: Evidence, v: Voice) -> Html | None:
    """One bar, as wide as the steps lasted, and each with its time in words."""
    timed = [step for step in told.steps if step.seconds]
    if not timed:
        return None
    parts, words = [], []
    for n, step in enumerate(timed):
        fill = f"--fill:{STEP_FILLS[n % len(STEP_FILLS)]}"
        took = timedelta(seconds=step.seconds or 0)
        name = v.t("attempts.took", step=flash_step_word(step.step, v.lang), lasting=lasting(took, v.t))
        parts.append(span(cls="bar-part", style=f"{fill};flex-grow:{step.seconds:g}", title=name))
        words.append(span(span(cls="key", style=fill), name, cls="badge"))
    return div(
        div(v.t("attempts.steps"), cls="card-title small"),
        div(parts, cls="bar"),
        div(words, cls="legend attempt-steps"),
    )


def _versions(told: Evidence, v: Voice) -> Html | None:
    """What changed, what differs from the specification, and the software of every unit."""
    differing = {(row.ecu, row.field): row for row in told.differences}
    changes = told.changes()
    named = {(change.ecu, change.field) for change in changes}
    changes += [Change(r.ecu, r.field, "", r.actual) for key, r in differing.items() if key not in named]
    shown = [
        c for c in changes if c.before != c.after or c.field == "software" or (c.ecu, c.field) in differing
    ]
    if not shown:
        return None
    heads = [v.t(f"attempts.{key}") for key in ("unit", "field", "before_after", "specified")]
    compared = told.matched is not None
    rows = [
        _version(change, differing.get((change.ecu, change.field)), v, compared=compared) for change in shown
    ]
    count = v.t("attempts.matched", n=told.matched, differing=len(differing))
    title = div(v.t("attempts.versions"), cls="card-title small")
    return div(title, div(count, cls="quiet") if compared else None, table(heads, rows, "versions"))


def _version(change: Change, differs: Differing | None, v: Voice, *, compared: bool) -> list[Part]:
    before, after = change.before or "—", change.after or "—"
    went: Part = after if before == after else [f"{before} → ", tag("b", after)]
    if differs is not None:
        went = [f"{before} → " if before != after else None, tag("mark", f"✕ {after}")]
        specified = differs.specified
    else:
        specified = v.t("attempts.as_specified") if compared and change.field in SPECIFIED else "—"
    return [change.ecu, field_word(change.field, v.lang), went, specified]


def _dtcs(before: Sequence[EcuDtcs], after: Sequence[EcuDtcs], v: Voice) -> Html | None:
    if not before and not after:
        return None
    counts = [sum(len(ecu.codes) for ecu in told) for told in (before, after)]
    chips = [span(f"{ecu.ecu} {code}", cls="chip") for ecu in after for code in ecu.codes[:8]]
    return div(
        div(v.t("attempts.dtcs"), cls="card-title small"),
        div(v.t("attempts.dtcs_count", before=counts[0], after=counts[1])),
        div(chips, cls="chips") if chips else None,
    )


def _blocks(told: Evidence, v: Voice) -> Html | None:
    if not told.blocks:
        return None
    seconds = sum(block.seconds or 0 for block in told.blocks)
    return div(
        div(v.t("attempts.blocks"), cls="card-title small"),
        v.t(
            "attempts.blocks_told",
            n=len(told.blocks),
            size=size_word(sum(block.size for block in told.blocks)),
            lasting=lasting(timedelta(seconds=seconds), v.t),
        ),
    )


def size_word(size: int) -> str:
    """`812 B`, `14.2 KiB`, `3.1 MiB`."""
    if size < KIB:
        return f"{size} B"
    return f"{size / KIB:,.1f} KiB" if size < KIB * KIB else f"{size / KIB / KIB:,.1f} MiB"
