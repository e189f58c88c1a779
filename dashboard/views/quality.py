"""QA's page: the queue, a batch's evidence with exceptions on top, approve or reject with the password again."""

from __future__ import annotations

import streamlit as st

from campaign.domain.batch import Batch, BatchStatus
from campaign.domain.campaign import Campaign
from campaign.domain.identity import Vin
from campaign.domain.signoff import Decision
from campaign.domain.vehicle import Status
from campaign.errors import CampaignError
from campaign.services.quality import BatchReview
from campaign.wording import decision_word
from dashboard import data
from dashboard.choosing import campaign_in_view
from dashboard.guard import guarded, panel, panel_for, reasons_panel, say_done, show_note
from dashboard.markup import div, tag
from dashboard.visit import Visit, here
from dashboard.widgets import evidence
from dashboard.widgets.pressing import pressed_line
from dashboard.widgets.signs import batch_badge
from dashboard.wiring import services

BATCH, ASKING, SEEN = "batch", "quality_asking", "quality_seen"
EVERY_S = 5


def show() -> None:
    """The page."""
    visit = here()
    show_note()
    campaign = campaign_in_view(visit)
    if campaign is None:
        st.html(panel("info", visit.t("frame.no_campaign"), visit.t("frame.no_campaign_todo")))
        return
    chosen = st.query_params.get(BATCH, "")
    if chosen.isdigit():
        with guarded():
            _batch(visit, campaign, int(chosen))
    else:
        _queue(visit, campaign)


def _queue(visit: Visit, campaign: Campaign) -> None:
    ready = services().quality.queue(campaign.code)
    st.html(tag("h2", visit.t("quality.queue"), cls="page-title"))
    if not ready:
        st.html(panel("info", visit.t("quality.queue_none"), visit.t("quality.queue_none_todo")))
    _lines(visit, campaign, ready)
    board = data.board(campaign.code)
    others = [
        b
        for b in board.data.batches
        if b.no not in {r.no for r in ready} and b.status is not BatchStatus.PLANNED
    ]
    if others:
        with st.expander(visit.t("quality.others")):
            _lines(visit, campaign, others)
    _watch(campaign.code, tuple(batch.no for batch in ready))


def _lines(visit: Visit, campaign: Campaign, batches: list[Batch]) -> None:
    v = visit.voice.at(data.zone_of(campaign))
    for batch in batches:
        line = evidence.queue_line(batch, v)
        pressed_line(f"batch-{batch.no}", batch.name, line, _open, batch.no)


@st.fragment(run_every=EVERY_S)
def _watch(code: str, shown: tuple[int, ...]) -> None:
    """A new batch appears by itself."""
    with guarded():
        if tuple(batch.no for batch in services().quality.queue(code)) != shown:
            st.rerun(scope="app")


def _open(no: int) -> None:
    st.query_params[BATCH] = str(no)


def _close() -> None:
    st.query_params.pop(BATCH, None)
    st.session_state.pop(ASKING, None)


def _batch(visit: Visit, campaign: Campaign, no: int) -> None:
    v = visit.voice.at(data.zone_of(campaign))
    t = v.t
    review = services().quality.evidence(visit.actor, campaign.code, no)
    batch = review.evidence.batch
    with st.container(horizontal=True, vertical_alignment="center", key="batch-head"):
        st.button(t("quality.back"), key="back", on_click=_close, icon=":material/arrow_back:")
        st.html(div(tag("h1", batch.name), batch_badge(batch.status, v), cls="headline-name headline"))
    stop = evidence.barred(review, v)
    if stop:
        st.html(stop)
    else:
        _decisions(visit, campaign, review)
    target = str(campaign.rules.target)
    st.html(evidence.exceptions(review, target, v))
    signed = evidence.sign_offs(review.evidence.sign_offs, v)
    if signed:
        st.html(signed)
    st.html(evidence.evidence_table(review, v))


def _decisions(visit: Visit, campaign: Campaign, review: BatchReview) -> None:
    """The two buttons; the dialog is opened here, in the page's own run, from what was asked."""
    t, no = visit.t, review.evidence.batch.no
    waiting = [car for car in review.evidence.cars if car.status is Status.FLASHED]
    if not waiting:
        return
    with st.container(horizontal=True, key="decide"):
        st.button(
            t("quality.approve"),
            key="approve",
            type="primary",
            icon=":material/check:",
            on_click=_ask,
            args=(Decision.APPROVE, no, review.seen_hash),
        )
        st.button(
            t("quality.reject"),
            key="reject",
            icon=":material/close:",
            on_click=_ask,
            args=(Decision.REJECT, no, review.seen_hash),
        )
    if review.verdict.missing:
        st.html(reasons_panel(t("quality.missing"), review.verdict.missing[:5], visit.voice))
    asking = st.session_state.get(ASKING)
    if asking and asking[1] == no:
        decision: Decision = asking[0]
        heading = t(f"quality.{decision.value}_title", name=review.evidence.batch.name)
        vins = [car.vin for car in waiting]
        st.dialog(heading, width="medium", on_dismiss=_forget)(_sign)(decision, campaign.code, no, vins)


def _ask(decision: Decision, no: int, seen_hash: str) -> None:
    st.session_state[ASKING] = (decision, no)
    st.session_state[SEEN] = seen_hash


def _forget() -> None:
    st.session_state.pop(ASKING, None)


def _sign(decision: Decision, code: str, no: int, waiting: list[Vin]) -> None:
    """The dialog: which cars, why, the password again."""
    visit = here()
    t = visit.t
    whole = st.segmented_control(
        t("quality.scope"),
        [True, False],
        default=True,
        required=True,
        format_func=lambda all_of_them: t("quality.whole") if all_of_them else t("quality.single"),
        key="sign-scope",
    )
    vins: list[Vin] | None = None
    if not whole:
        vins = st.multiselect(t("quality.which"), waiting, key="sign-vins", placeholder=t("quality.which"))
    st.write(
        t(
            f"quality.{decision.value}_what",
            cars=visit.voice.cars(len(waiting) if vins is None else len(vins)),
        )
    )
    label = "quality.reason_needed" if decision is Decision.REJECT else "quality.reason_optional"
    reason = st.text_area(t(label), key="sign-reason", max_chars=500, height=96)
    password = st.text_input(t("quality.password"), type="password", key="sign-password", autocomplete="off")
    if st.button(t("quality.sign"), key="sign", type="primary", width="stretch"):
        try:
            _decide(visit, decision, code, no, password, reason, vins)
        except CampaignError as refused:
            st.html(panel_for(refused, visit.voice))
            return
        _forget()
        st.rerun()


def _decide(
    visit: Visit, decision: Decision, code: str, no: int, password: str, reason: str, vins: list[Vin] | None
) -> None:
    quality = services().quality
    act = quality.approve if decision is Decision.APPROVE else quality.reject
    seen = st.session_state.get(SEEN)
    signed = act(visit.actor, code, no, password=password, seen_hash=seen, vins=vins, reason=reason)
    data.forget()
    told = decision_word(signed.decision, visit.lang)
    say_done(visit.t("quality.signed", name=f"B{no:03d}", decision=told, cars=visit.voice.cars(signed.cars)))


if __name__ == "__main__":
    with guarded():
        show()
