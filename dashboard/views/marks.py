"""The technician's page: scan a car, see the one next thing, do it.

A form keeps scans apart (a bare input joins fast ones). Each hand-in carries an id that is the same for a
double click or a rerun and new after every answer, so that a replay is recognised. An offline pad can
hand in the same marks later, with its own ids.
"""

from __future__ import annotations

import secrets

import streamlit as st

from campaign.domain.marks import Mark, MarkKind
from campaign.domain.rules import GateRule
from campaign.domain.soc import Gauge, parse_soc
from campaign.domain.vehicle import Status
from campaign.services.marks import MarkResult, NextAction
from campaign.wording import fault_text, mark_word
from dashboard import data
from dashboard.guard import guarded, panel, safely, show_note
from dashboard.visit import Visit, here, now
from dashboard.voice import Voice
from dashboard.widgets import floor
from dashboard.wiring import services

FOUND, RESULT, BULK, SALT, SOC_FAULT = (
    "marks_found",
    "marks_result",
    "marks_bulk",
    "marks_salt",
    "marks_soc_fault",
)
TURN, BULK_ID = "marks_turn", "marks_bulk_id"
MOST = 500
OTHERS = (MarkKind.SOC, MarkKind.CHARGED, MarkKind.FLASHED, MarkKind.FAILED)
NEEDS_SOC = frozenset({MarkKind.CHARGED, MarkKind.SOC})
NEEDS_WHY = frozenset({MarkKind.FAILED, MarkKind.RETRY})


def show() -> None:
    """The page."""
    visit = here()
    st.session_state.setdefault(SALT, secrets.token_hex(8))
    with st.container(key="floor"):
        _scan(visit)
        show_note()
        _last_answer(visit)
        if st.session_state.get(FOUND):
            with guarded():
                _car(visit, st.session_state[FOUND])
        _bulk(visit)


def _scan(visit: Visit) -> None:
    with st.form("scan", clear_on_submit=True, border=False):
        st.text_input(
            visit.t("marks.scan"),
            key="scan-text",
            placeholder=visit.t("marks.scan_hint"),
            max_chars=60,
            autocomplete="off",
        )
        st.form_submit_button(
            visit.t("marks.find"), type="primary", width="stretch", on_click=_found, key="find"
        )


@safely
def _found() -> None:
    text = str(st.session_state.get("scan-text") or "").strip()
    if text:
        _look_at(text)


def _look_at(text: str) -> None:
    st.session_state[FOUND] = text
    st.session_state.pop(RESULT, None)
    st.session_state.pop(SOC_FAULT, None)


def _last_answer(visit: Visit) -> None:
    result: MarkResult | None = st.session_state.get(RESULT)
    if result is not None:
        st.html(floor.answer(result, _voice(visit)))
    fault = st.session_state.get(SOC_FAULT)
    if fault is not None:
        st.html(panel("warn", fault_text(fault, visit.lang)))


def _car(visit: Visit, text: str) -> None:
    seen = services().marks.next_action(text)
    if seen.vin is None:
        _unclear(visit, seen)
        return
    with st.container(border=True, key="car-card"):
        st.html(floor.plate(seen, visit.voice))
        st.html(floor.next_step(seen, visit.voice))
        rule = _gate_rule(seen)
        if (
            seen.car is not None
            and rule is not None
            and seen.car.status not in (Status.RELEASED, Status.WITHDRAWN)
        ):
            st.html(floor.gate_scale(seen.car, rule, now(), visit.voice))
        if seen.kind is not None and (seen.kind is not MarkKind.CHARGING or seen.point):
            _action(visit, seen, seen.kind)
        if seen.reasons:
            told = [_voice(visit).say(reason) for reason in seen.reasons]
            st.html(panel("warn" if seen.kind is None else "info", "", *told))
        if seen.car is not None:
            _others(visit, seen)


def _unclear(visit: Visit, seen: NextAction) -> None:
    if not seen.candidates:
        st.html(panel("warn", "", *[visit.voice.say(reason) for reason in seen.reasons]))
        return
    st.html(panel("info", visit.t("marks.several")))
    for vin in seen.candidates:
        st.button(
            f"{vin[:11]} **{vin[11:]}**", key=f"pick-{vin}", on_click=_look_at, args=(vin,), width="stretch"
        )


def _action(visit: Visit, seen: NextAction, kind: MarkKind, prefix: str = "do") -> None:
    """What the kind of mark asks for, and one big button."""
    if kind in NEEDS_SOC:
        st.number_input(
            visit.t("marks.soc"),
            min_value=0.0,
            max_value=100.0,
            value=None,
            step=0.1,
            format="%.1f",
            placeholder=visit.t("marks.soc_hint"),
            key=f"{prefix}-soc-{seen.vin}",
        )
    if kind in NEEDS_WHY:
        label = visit.t("marks.why_retry" if kind is MarkKind.RETRY else "marks.why")
        st.text_area(label, key=f"{prefix}-why-{seen.vin}", max_chars=500, height=96)
    st.button(
        visit.t(f"marks.do_{kind.value}"),
        key=f"{prefix}-{kind.value}",
        type="primary" if prefix == "do" else "secondary",
        width="stretch",
        on_click=_hand_in,
        args=(kind, str(seen.vin), client_id(str(seen.vin), kind), prefix, seen.point),
    )


def client_id(vin: str, kind: MarkKind) -> str:
    """The same for every click on what is on screen now; a new one after each answer, also after a refusal."""
    return f"{st.session_state[SALT]}:{st.session_state.get(TURN, 0)}:{vin}:{kind.value}"


@safely
def _hand_in(kind: MarkKind, vin: str, ident: str, prefix: str, point: str | None) -> None:
    visit = here()
    soc = None
    st.session_state.pop(SOC_FAULT, None)
    if kind in NEEDS_SOC:
        reading = parse_soc(st.session_state.get(f"{prefix}-soc-{vin}"))
        fault = reading.problem or reading.question
        if fault is not None:
            st.session_state[SOC_FAULT] = fault
            st.session_state.pop(RESULT, None)
            return
        soc = reading.tenths
    why = str(st.session_state.get(f"{prefix}-why-{vin}") or "")
    other_point = str(st.session_state.get(f"point-{vin}") or "").strip().upper()
    mark = Mark(
        kind,
        vin,
        soc,
        _gauge(vin),
        other_point or point if kind is MarkKind.CHARGING else None,
        why,
        ident,
        None,
    )
    st.session_state[RESULT] = services().marks.mark(visit.actor, [mark])[0]
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
    data.forget()


def _others(visit: Visit, seen: NextAction) -> None:
    with st.expander(visit.t("marks.other")):
        if seen.kind is MarkKind.CHARGING:
            st.text_input(
                visit.t("marks.point"), key=f"point-{seen.vin}", placeholder=seen.point or "", max_chars=20
            )
        kinds = [kind for kind in OTHERS if kind is not seen.kind]
        chosen = st.segmented_control(
            visit.t("marks.bulk_kind"),
            kinds,
            format_func=lambda kind: mark_word(kind, visit.lang),
            key=f"other-{seen.vin}",
            width="stretch",
        )
        if chosen is not None:
            _action(visit, seen, chosen, prefix="other")


def _bulk(visit: Visit) -> None:
    t = visit.t
    with st.expander(t("marks.bulk")), guarded():
        with st.form("bulk", border=False):
            st.text_area(t("marks.bulk_vins"), key="bulk-vins", placeholder=t("marks.bulk_hint"), height=150)
            st.segmented_control(
                t("marks.bulk_kind"),
                [MarkKind.CHARGING, MarkKind.CHARGED, MarkKind.SOC, MarkKind.FLASHED],
                default=MarkKind.CHARGED,
                required=True,
                format_func=lambda kind: mark_word(kind, visit.lang),
                key="bulk-kind",
            )
            st.number_input(
                t("marks.bulk_soc"),
                min_value=0.0,
                max_value=100.0,
                value=None,
                step=0.1,
                format="%.1f",
                key="bulk-soc",
            )
            ident = st.session_state.setdefault(BULK_ID, secrets.token_hex(6))
            st.form_submit_button(
                t("marks.bulk_go"), width="stretch", on_click=_hand_in_many, args=(ident,), key="bulk-go"
            )
        results = st.session_state.get(BULK)
        if results:
            st.html(floor.bulk_answers(results, _voice(visit)))


@safely
def _hand_in_many(ident: str) -> None:
    visit = here()
    st.session_state.pop(BULK, None)
    lines = [
        line.strip() for line in str(st.session_state.get("bulk-vins") or "").replace(",", "\n").splitlines()
    ]
    vins = [line for line in lines if line]
    if not vins or len(vins) > MOST:
        told = visit.t("marks.bulk_too_many", n=len(vins)) if vins else visit.t("marks.bulk_empty")
        st.session_state["note"] = panel("warn", told)
        return
    kind: MarkKind = st.session_state["bulk-kind"]
    typed = parse_soc(st.session_state.get("bulk-soc"))
    soc = typed.tenths if kind in NEEDS_SOC else None
    marks = [Mark(kind, vin, soc, _gauge(vin), client_id=f"{ident}:{n}") for n, vin in enumerate(vins)]
    st.session_state[BULK] = services().marks.mark(visit.actor, marks)
    st.session_state.pop(BULK_ID, None)
    data.forget()


def _gate_rule(seen: NextAction) -> GateRule | None:
    if seen.car is None:
        return None
    code = seen.car.campaign
    return next((campaign.rules.gate for campaign in data.campaigns() if campaign.code == code), None)


def _gauge(_vin: str) -> Gauge:
    """The gauge that the running campaign's gate names: what the technician is asked to read."""
    found = data.campaigns()
    return found[0].rules.gate.gauge if found else Gauge.DISPLAY


def _voice(visit: Visit) -> Voice:
    found = data.campaigns()
    return visit.voice.at(data.zone_of(found[0] if found else None))


if __name__ == "__main__":
    with guarded():
        show()
