"""Rows of lists: a line of cells that becomes a small card on a phone, and a table for dense things."""

from __future__ import annotations

from collections.abc import Sequence

from campaign.ports.views import CarRow
from dashboard.markup import Html, Part, div, span, tag
from dashboard.showing import short_moment, soc
from dashboard.voice import Voice
from dashboard.widgets.signs import status_badge


def vin_text(vin: str) -> Html:
    """A VIN with its last six characters strong."""
    return span(span(vin[:11], cls="vin-front"), tag("b", vin[11:]), cls="vin-text", title=vin)


def table(heads: Sequence[str], rows: Sequence[Sequence[Part]], cls: str = "") -> Html:
    """A table in its own scroller; on a phone each row becomes a card with the heads as labels."""
    head = tag("tr", [tag("th", name, scope="col") for name in heads])
    body = [tag("tr", [_cell(name, cell) for name, cell in zip(heads, row, strict=True)]) for row in rows]
    return div(tag("table", tag("thead", head), tag("tbody", body)), cls=f"table {cls}".strip())


def _cell(head: str, inner: Part) -> Html:
    return tag("td", div(inner), data_label=head)


def car_line(row: CarRow, v: Voice) -> Html:
    """One car of the list."""
    quiet = [
        v.t("marks.batch", no=row.batch_no),
        soc(row.soc) if row.soc is not None else None,
        row.slot,
        row.order_no,
        short_moment(row.changed_at, v.zone) if row.changed_at else None,
    ]
    return div(
        vin_text(row.vin),
        status_badge(row.status, v),
        div([span(fact or "") for fact in quiet], cls="line-facts columns"),
        span("›", cls="line-go"),
        cls="line",
        data_vin=row.vin,
    )


def facts(pairs: Sequence[tuple[str, Part]]) -> Html:
    """Names and values in a grid."""
    told = [div(span(name, cls="quiet"), div(value, cls="fact-value"), cls="fact") for name, value in pairs]
    return div(told, cls="facts")
