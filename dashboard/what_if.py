"""What if: a form of wishes, and two outlooks side by side. Nothing is saved; the same engine plans both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from campaign.definitions import campaign_codes, find_campaign
from campaign.services.outlook import Comparison
from campaign.services.what_if import WhatIf
from dashboard import data, plan_data
from dashboard.guard import guarded, panel
from dashboard.i18n import Speaker
from dashboard.visit import Visit
from dashboard.voice import Voice
from dashboard.widgets import compare
from dashboard.wiring import services, wired

WISH = "what_if"
MOST_MACHINES, MOST_CARS, MOST_DAYS = 500, 20_000, 60
NUMBERS = (
    ("points", -MOST_MACHINES, MOST_MACHINES),
    ("stations", -MOST_MACHINES, MOST_MACHINES),
    ("inspectors", -MOST_MACHINES, MOST_MACHINES),
    ("cars", 0, MOST_CARS),
)


def of_campaign(visit: Visit, code: str, v: Voice) -> None:
    """The panel over a campaign that runs."""
    plan = plan_data.kept_plan(code)
    made_at = plan.made_at if plan else None
    _panel(code, v, lambda wish: plan_data.compared(visit.actor, code, made_at, wish))


def before_launch(visit: Visit, *, first: bool) -> None:
    """The panel over definitions that are not launched; nothing where there is none."""
    launched = {campaign.code for campaign in data.campaigns()}
    codes = [code for code in campaign_codes(wired().settings.configs) if code not in launched]
    if not codes:
        return
    shown = st.expander(
        f"{visit.t('plan.whatif')} {visit.t('plan.whatif_before')}",
        expanded=first,
        key="before-launch",
        on_change="rerun",
        icon=":material/compare_arrows:",
    )
    if not shown.open:
        return
    with shown, guarded():
        code = st.selectbox(visit.t("plan.whatif_which"), codes, key="what-if-code")
        rules = find_campaign(wired().settings.configs, code).rules()
        layout = data.layout(rules.site)
        v = visit.voice.at(ZoneInfo(layout.zone if layout else "UTC"))
        _panel(code, v, lambda wish: services().planning.what_if(visit.actor, rules, wish))


def _panel(code: str, v: Voice, compared: Callable[[WhatIf], Comparison]) -> None:
    st.html(f'<div class="quiet">{v.t("plan.whatif_note")}</div>')
    with st.form(f"what-if-{code}", border=False):
        _inputs(code, v.t)
        st.form_submit_button(
            v.t("plan.whatif_go"), type="primary", key=f"compare-{code}", on_click=_wished, args=(code,)
        )
    wish = st.session_state.get(f"{WISH}-{code}")
    if wish is None:
        return
    if isinstance(wish, str):
        st.html(panel("warn", v.t(wish)))
        return
    with guarded():
        with st.spinner(v.t("plan.whatif_trying")):
            found = compared(wish)
        _shown(found, code, v)


def _inputs(code: str, t: Speaker) -> None:
    """Eight wishes in a grid that has two columns on a phone."""
    with st.grid(4, min_column_width=145, vertical_alignment="bottom"):
        for name, least, most in NUMBERS:
            st.number_input(
                t(f"plan.whatif_{name}"),
                min_value=least,
                max_value=most,
                value=0,
                step=1,
                key=f"{name}-{code}",
            )
        st.date_input(t("plan.whatif_closed"), value=None, key=f"closed-{code}", format="YYYY-MM-DD")
        st.number_input(
            t("plan.whatif_days"), min_value=1, max_value=MOST_DAYS, value=1, step=1, key=f"days-{code}"
        )
        st.time_input(t("plan.whatif_qa_from"), value=None, key=f"qa_from-{code}")
        st.time_input(t("plan.whatif_qa_to"), value=None, key=f"qa_to-{code}")


def _wished(code: str) -> None:
    """Callback: what the form holds becomes the wish, or the key of what is wrong with it."""
    held = st.session_state
    begin: time | None = held.get(f"qa_from-{code}")
    end: time | None = held.get(f"qa_to-{code}")
    if (begin is None) != (end is None):
        held[f"{WISH}-{code}"] = "plan.whatif_qa_both"
        return
    points, stations, inspectors, cars = (int(held.get(f"{name}-{code}") or 0) for name, _, _ in NUMBERS)
    closed = closed_days(held.get(f"closed-{code}"), int(held.get(f"days-{code}") or 1))
    held[f"{WISH}-{code}"] = WhatIf(points, stations, inspectors, cars, closed, begin, end)


def closed_days(first: date | None, days: int) -> tuple[date, ...]:
    """The days on which nobody works."""
    return () if first is None else tuple(first + timedelta(days=n) for n in range(days))


def _shown(found: Comparison, code: str, v: Voice) -> None:
    st.html(compare.side_by_side(found, v))
    with st.container(border=True, key="curves"):
        st.html(compare.curves_legend(v))
        st.echarts_chart(
            compare.curves(found, v), height=300, key=f"curves-{code}-{v.lang}", alt=v.t("plan.curve_alt")
        )
