"""The list of cars, with filter, search and page in the address; and one car's whole story."""

from __future__ import annotations

import streamlit as st

from campaign.domain.campaign import Campaign
from campaign.domain.identity import Vin
from campaign.domain.people import Right
from campaign.domain.vehicle import Status
from campaign.ports.records import Attempt, KeptEvidence
from campaign.wording import order_word, status_word
from dashboard import data
from dashboard.choosing import campaign_in_view, in_address, to_address
from dashboard.guard import guarded, panel, safely, say_done, show_note
from dashboard.markup import div, tag
from dashboard.showing import moment, soc, whole
from dashboard.theme import STATUS_SIGNS
from dashboard.visit import Visit, here
from dashboard.voice import Voice
from dashboard.widgets import attempts, rows
from dashboard.widgets.pressing import pressed_line
from dashboard.widgets.signs import status_badge
from dashboard.widgets.story import timeline
from dashboard.wiring import services, wired

PER_PAGE = 25
VIN, STATUS = "vin", "status"


def show() -> None:
    """The page."""
    visit = here()
    show_note()
    chosen = st.query_params.get(VIN)
    with guarded():
        if chosen:
            _one(visit, Vin(chosen[:17].upper()))
        else:
            _list(visit)


def _list(visit: Visit) -> None:
    campaign = campaign_in_view(visit)
    if campaign is None:
        st.html(panel("info", visit.t("frame.no_campaign"), visit.t("frame.no_campaign_todo")))
        return
    text, status = _filters(visit, campaign)
    page = _page_asked()
    found, count = services().views.cars(
        campaign.code, status=status, text=text.strip(), offset=PER_PAGE * (page - 1), limit=PER_PAGE
    )
    st.html(div(visit.voice.cars(count), cls="quiet"))
    if not found:
        st.html(panel("info", visit.t("cars.none"), visit.t("cars.none_todo")))
    v = visit.voice.at(data.zone_of(campaign))
    for row in found:
        pressed_line(row.vin, row.vin, rows.car_line(row, v), _open, row.vin)
    if count > PER_PAGE:
        st.pagination(-(-count // PER_PAGE), key="page", max_visible_pages=5, bind="query-params")


def _page_asked() -> int:
    asked = st.query_params.get("page", "1")
    return max(1, int(asked)) if asked.isdigit() else 1


def _filters(visit: Visit, campaign: Campaign) -> tuple[str, Status | None]:
    counts = data.board(campaign.code).data.counts
    text = st.text_input(
        visit.t("cars.search"),
        key="search",
        placeholder=visit.t("cars.search_hint"),
        bind="query-params",
        max_chars=40,
        on_change=_first_page,
        autocomplete="off",
    )
    codes = [status.value for status in Status if counts.get(status)]
    chosen = st.pills(
        visit.t("cars.status"),
        codes,
        default=in_address(STATUS, codes),
        format_func=lambda code: _pill(Status(code), counts[Status(code)], visit.lang),
        key="status_choice",
        label_visibility="collapsed",
        on_change=_choose_status,
    )
    return text or "", Status(chosen) if chosen else None


def _pill(status: Status, count: int, lang: str) -> str:
    return f"{STATUS_SIGNS[status].glyph} {status_word(status, lang)} {whole(count)}"


def _choose_status() -> None:
    to_address(STATUS, "status_choice")
    _first_page()


def _first_page() -> None:
    st.query_params.pop("page", None)
    st.session_state.pop("page", None)


def _open(vin: str) -> None:
    st.query_params[VIN] = vin


def _close() -> None:
    st.query_params.pop(VIN, None)


def _one(visit: Visit, vin: Vin) -> None:
    t = visit.t
    seen = services().marks.next_action(vin)
    with st.container(horizontal=True, vertical_alignment="center", key="car-head"):
        st.button(t("cars.back"), key="back", on_click=_close, icon=":material/arrow_back:")
        badge = status_badge(seen.car.status, visit.voice) if seen.car else None
        st.html(div(tag("h1", rows.vin_text(vin)), badge, cls="headline-name headline"))
    if seen.vehicle is None:
        st.html(panel("warn", t("cars.unknown"), *[visit.voice.say(reason) for reason in seen.reasons]))
        return
    campaigns = data.campaigns()
    v = visit.voice.at(data.zone_of(campaigns[0] if campaigns else None))
    car, vehicle = seen.car, seen.vehicle
    reading = car.soc.tenths if car and car.soc else vehicle.soc
    st.html(
        rows.facts(
            [
                (t("cars.batch"), f"B{car.batch_no:03d}" if car else "—"),
                (t("cars.soc"), soc(reading)),
                (t("cars.version"), (car.read_back if car else None) or "—"),
                (t("cars.slot"), vehicle.slot or "—"),
                (t("cars.order"), vehicle.order_no or order_word(vehicle.order_state, visit.lang)),
                (t("cars.promised"), vehicle.promised.isoformat() if vehicle.promised else "—"),
                (t("cars.attempts"), car.attempts if car else 0),
                (t("cars.changed"), moment(car.changed_at if car else None, v.zone)),
            ]
        )
    )
    if seen.reasons:
        st.html(panel("info", "", *[v.say(reason) for reason in seen.reasons]))
    if car is not None and car.status is Status.UNCERTAIN and visit.actor.may(Right.RESOLVE):
        _settling(visit, vin)
    _attempts(visit, vin, v)
    st.html(tag("h2", t("cars.story"), cls="page-title"))
    events = services().views.story(vin)
    if not events:
        st.html(panel("info", t("cars.story_none")))
    st.html(timeline(events, v))


def _attempts(visit: Visit, vin: Vin, v: Voice) -> None:
    """Every try with what is kept of it; the raw journal is read only when somebody wants it."""
    st.html(tag("h2", v.t("attempts.title"), cls="page-title"))
    files = services().evidence.of_car(visit.actor, vin)
    if not files:
        st.html(panel("info", v.t("attempts.none")))
    for n, file in enumerate(files):
        with st.container(key=f"attempt-{file.attempt.id}"):
            st.html(attempts.attempt(file, v, opened=n == 0))
            if file.kept is not None:
                _journal(visit, file.attempt, file.kept)


def _journal(visit: Visit, tried: Attempt, kept: KeptEvidence) -> None:
    if not services().evidence.has_raw(kept):
        st.html(panel("warn", visit.t("attempts.raw_gone")))
        return
    door = wired()
    token, device = door.token() or "", door.device()
    st.download_button(
        visit.t("attempts.raw", size=attempts.size_word(kept.size)),
        lambda: _raw(token, device, kept),
        file_name=f"{tried.vin}-{tried.job_id}.jsonl",
        mime="application/x-ndjson",
        key=f"raw-{tried.id}",
        icon=":material/download:",
        on_click="ignore",
    )


def _raw(token: str, device: str, kept: KeptEvidence) -> bytes:
    """Run when the button is pressed, outside of any page: the session is asked for again."""
    actor = services().people.actor(token, device)
    return b"".join(services().evidence.raw(actor, kept))


def _settling(visit: Visit, vin: Vin) -> None:
    """Rule 3: only a person, with a fresh read-back of the car, ends the quarantine."""
    with st.form("settle", border=True):
        st.write(visit.t("cars.settle_what"))
        st.text_input(visit.t("frame.reason"), key="settle-why", max_chars=500)
        st.form_submit_button(visit.t("cars.settle"), type="primary", on_click=_settle, args=(vin,))


@safely
def _settle(vin: Vin) -> None:
    visit = here()
    car = services().resolving.resolve(visit.actor, vin, str(st.session_state.get("settle-why") or ""))
    data.forget()
    say_done(visit.t("cars.settled", status=status_word(car.status, visit.lang)))


if __name__ == "__main__":
    with guarded():
        show()
