"""People: who may do what, and their passwords. For the administrator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from campaign.domain.people import Right, Role
from campaign.errors import CampaignError
from campaign.ports.records import Person
from campaign.services.access import need
from campaign.wording import role_word, roles_text
from dashboard.guard import guarded, panel, panel_for, say_done, show_note
from dashboard.markup import Html, div, span, tag
from dashboard.visit import Visit, everybody, here
from dashboard.widgets.pressing import pressed_line
from dashboard.wiring import services

CHANGING = "staff_changing"


def show() -> None:
    """The page."""
    visit = here()
    need(visit.actor, Right.PEOPLE)
    show_note()
    st.html(tag("h2", visit.t("staff.title"), cls="page-title"))
    people = services().people.all()
    for person in people:
        pressed_line(f"person-{person.id}", person.id, _line(visit, person), _change, person.id)
    chosen = next((person for person in people if person.id == st.session_state.get(CHANGING)), None)
    if chosen is not None:
        st.dialog(_name(visit, chosen), on_dismiss=_forget)(_dialog)(chosen)


def _name(visit: Visit, person: Person) -> str:
    return person.name_zh or person.name if visit.lang == "zh" else person.name


def _line(visit: Visit, person: Person) -> Html:
    notes = [
        visit.t("staff.you") if person.id == visit.actor.id else None,
        visit.t("staff.shared") if person.shared else None,
        None if person.active else visit.t("staff.inactive"),
        None if person.password_hash else visit.t("staff.no_password"),
    ]
    return div(
        span(tag("b", _name(visit, person)), " ", span(person.id, cls="quiet"), cls="vin-text"),
        span(roles_text(sorted(person.roles), visit.lang)),
        div([span(note) for note in notes if note], cls="line-facts"),
        span("›", cls="line-go"),
        cls="line",
        data_person=person.id,
    )


def _change(person_id: str) -> None:
    st.session_state[CHANGING] = person_id


def _forget() -> None:
    st.session_state.pop(CHANGING, None)


def _dialog(person: Person) -> None:
    visit = here()
    t = visit.t
    roles = st.multiselect(
        t("frame.roles"),
        list(Role),
        default=sorted(person.roles),
        format_func=lambda role: role_word(role, visit.lang),
        key=f"roles-{person.id}",
        placeholder=t("frame.roles"),
    )
    active = st.toggle(t("staff.is_active"), value=person.active, key=f"active-{person.id}")
    if st.button(t("staff.save_roles"), key="save-roles", width="stretch"):
        _done(visit, lambda: _save(visit, replace(person, roles=frozenset(roles), active=active)))
    st.divider()
    first = st.text_input(
        t("staff.new_password"), type="password", key=f"pw1-{person.id}", autocomplete="new-password"
    )
    again = st.text_input(
        t("staff.again"), type="password", key=f"pw2-{person.id}", autocomplete="new-password"
    )
    if st.button(t("staff.save_password"), key="save-password", width="stretch"):
        if first != again:
            st.html(panel("warn", t("staff.differ")))
            return
        _done(visit, lambda: services().people.set_password(visit.actor, person.id, first))


def _save(visit: Visit, person: Person) -> None:
    services().people.apply(visit.actor, [person])


def _done(visit: Visit, act: Callable[[], None]) -> None:
    try:
        act()
    except CampaignError as refused:
        st.html(panel_for(refused, visit.voice))
        return
    _forget()
    everybody.clear()
    say_done(visit.t("staff.saved"))
    st.rerun()


if __name__ == "__main__":
    with guarded():
        show()
