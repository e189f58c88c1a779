"""The audit log: any chain, newest first, and the proof that no row was changed."""

from __future__ import annotations

import streamlit as st

from campaign.domain.events import SITE_CHAIN
from campaign.domain.people import Right
from campaign.services.access import need
from dashboard import data
from dashboard.guard import guarded, panel, show_note
from dashboard.markup import tag
from dashboard.visit import Visit, here
from dashboard.widgets.story import log_table
from dashboard.wiring import services

PER_PAGE = 50
BEFORE = "journal_before"


def show() -> None:
    """The page."""
    visit = here()
    need(visit.actor, Right.AUDIT)
    show_note()
    st.html(tag("h2", visit.t("journal.title"), cls="page-title"))
    campaigns = data.campaigns()
    chains = [campaign.code for campaign in campaigns] + [SITE_CHAIN]
    with st.container(horizontal=True, vertical_alignment="bottom", key="journal-head"):
        chain = st.selectbox(
            visit.t("journal.chain"),
            chains,
            format_func=lambda name: visit.t("journal.site") if name == SITE_CHAIN else name,
            key="chain",
            on_change=_newest,
        )
        checked = st.button(visit.t("journal.verify"), key="verify", icon=":material/verified:")
    if checked:
        _verify(visit)
    before = st.session_state.get(BEFORE)
    events = services().views.log(chain, before=before, limit=PER_PAGE)
    if not events:
        st.html(panel("info", visit.t("journal.none")))
        return
    zone = data.zone_of(campaigns[0] if campaigns else None)
    st.html(log_table(events, visit.voice.at(zone)))
    with st.container(horizontal=True):
        if before:
            st.button(visit.t("journal.newest"), key="newest", on_click=_newest)
        if events[-1].seq > 1:
            st.button(visit.t("journal.older"), key="older", on_click=_older, args=(events[-1].seq,))


def _newest() -> None:
    st.session_state.pop(BEFORE, None)


def _older(seq: int) -> None:
    st.session_state[BEFORE] = seq


def _verify(visit: Visit) -> None:
    breaks = services().audit.verify(visit.actor)
    if not breaks:
        st.html(panel("good", visit.t("journal.whole")))
    for found in breaks:
        why = visit.t(f"journal.why_{found.why}")
        st.html(panel("bad", visit.t("journal.broken", chain=found.chain, seq=found.seq, why=why)))


if __name__ == "__main__":
    with guarded():
        show()
