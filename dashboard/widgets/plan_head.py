"""The head of the plan page: when it ends, how sure, how many late, what binds, why it was planned, what moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from campaign.domain.campaign import Campaign, CampaignState
from campaign.ports.plans import KeptForecast, KeptPlan, Moved
from campaign.wording import cause_say
from dashboard.guard import panel
from dashboard.markup import Html, Part, div, span, tag
from dashboard.showing import lasting, moment, short_moment, whole
from dashboard.voice import Voice
from dashboard.widgets.fan import others
from dashboard.widgets.loads import stage_name
from dashboard.widgets.rows import facts, table, vin_text

OLD = timedelta(hours=13)  # longer than a shift: a plan is made anew at every shift change at the latest
OVER = {CampaignState.COMPLETE: "over_todo", CampaignState.STOPPED: "stopped_todo"}


def headline(plan: KeptPlan, forecast: KeptForecast | None, now: datetime, v: Voice) -> Html:
    """Six facts, then who planned it and why, and what else the forecast says."""
    told: list[tuple[str, Part]] = [
        (v.t("plan.ends"), moment(plan.ends_at, v.zone)),
        (v.t("plan.p80"), moment(forecast.p80 if forecast else None, v.zone)),
        (v.t("plan.late"), _late(plan, v)),
        (v.t("plan.binding"), stage_name(plan.binding, v) if plan.binding else "—"),
        (v.t("plan.ratio"), ratio_words(plan)),
        (v.t("plan.gate"), short_moment(plan.gate_at, v.zone) if plan.gate_at else v.t("plan.gate_open")),
    ]
    return div(facts(told), _made(plan, v), _forecast(forecast, now, v), cls="plan-head")


def ratio(plan: KeptPlan) -> float | None:
    """How long the rest takes against the shortest that any plan could take; None where nothing is left."""
    shortest = plan.bound_ends_at - plan.made_at
    return (plan.ends_at - plan.made_at) / shortest if shortest > timedelta(0) else None


def ratio_words(plan: KeptPlan) -> str:
    """`1.003`, rounded up so that only a plan that is at the bound says 1.000."""
    found = ratio(plan)
    return "—" if found is None else f"{-(-found * 1000 // 1) / 1000:.3f}"


def standing(campaign: Campaign, plan: KeptPlan | None, now: datetime, v: Voice) -> Html | None:
    """A panel where the plan is not what somebody would take it for: none, over, or old."""
    if campaign.state in OVER:
        return panel("info", v.t("plan.over"), v.t(f"plan.{OVER[campaign.state]}"))
    if plan is None:
        return panel("info", v.t("plan.none"), v.t("plan.none_todo"))
    if now - plan.made_at > OLD:
        return panel("warn", v.t("plan.old", ago=lasting(now - plan.made_at, v.t)), v.t("plan.old_todo"))
    return None


def moved_list(plan: KeptPlan, v: Voice) -> Html:
    """Cars that changed their place, with why."""
    rows = [[vin_text(move.vin), place_words(move, v), cause_words(move.why, v)] for move in plan.moved]
    heads = [v.t("plan.car"), v.t("plan.moves"), v.t("plan.why")]
    more = None
    if plan.moved_count > len(plan.moved):
        more = div(v.t("plan.moved_first", shown=len(plan.moved)), cls="quiet")
    return div(table(heads, rows, cls="moved"), more)


def place_words(move: Moved, v: Voice) -> str:
    """`▲ 12 places earlier`."""
    key = "plan.earlier" if move.now < move.was else "plan.later"
    return v.t(key, n=whole(abs(move.now - move.was)))


def cause_words(why: str, v: Voice) -> str:
    """A cause and what it is about, in words."""
    return cause_say(why, v.lang)


def history(plans: Sequence[KeptPlan], v: Voice) -> Html:
    """Plans before this one: when, why, and when they would have ended."""
    heads = [v.t("plan.row_ends"), v.t("plan.late"), v.t("plan.why"), v.t("plan.moves")]
    rows = [
        [
            moment(plan.ends_at, v.zone),
            whole(plan.late_count),
            div(short_moment(plan.made_at, v.zone), " · ", why_words(plan, v)),
            v.cars(plan.moved_count),
        ]
        for plan in plans
    ]
    return table(heads, rows, cls="history")


def why_words(plan: KeptPlan, v: Voice) -> str:
    """Why it was made: the disturbance, or a person's own words."""
    return cause_words(f"{plan.cause} {plan.why}".strip(), v)


def _late(plan: KeptPlan, v: Voice) -> Html:
    count = span(v.cars(plan.late_count), cls="bad-number" if plan.late_count else "")
    if not plan.late_count:
        return count
    hours = span(v.t("plan.late_hours", hours=whole(-(-plan.tardiness_min // 60))), cls="quiet")
    return div(count, " ", hours)


def _forecast(forecast: KeptForecast | None, now: datetime, v: Voice) -> Html:
    if forecast is None:
        return div(v.t("plan.no_forecast"), cls="quiet")
    return div(others(forecast, now, v), cls="plan-made")


def _made(plan: KeptPlan, v: Voice) -> Html:
    made = v.t("plan.made", at=moment(plan.made_at, v.zone), who=v.name(plan.by), why=why_words(plan, v))
    left = v.t("plan.left_out", cars=v.cars(plan.left_out)) if plan.left_out else None
    return div(tag("span", made), span(left, cls="gap behind") if left else None, cls="plan-made quiet")
