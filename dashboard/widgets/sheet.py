"""The work list of a shift as sheets of paper: a table for each kind of work, its head on every page, boxes to tick."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from campaign.domain.vehicle import Status
from campaign.services.work_lists import WorkLine, WorkList
from campaign.wording import status_word
from dashboard.markup import Html, Part, div, span, tag
from dashboard.showing import moment, soc
from dashboard.theme import STATUS_SIGNS
from dashboard.voice import Voice
from dashboard.widgets.loads import stage_name

COLUMNS = ("time", "where", "car", "slot", "batch", "soc", "state", "note")


def sheets(work: WorkList, site: str, shift: str, v: Voice, made_at: datetime | None = None) -> Html:
    """One table per stage in the order of the work, each beginning on a page of its own. Times are the site's."""
    head = v.t("worklist.head", site=site, shift=shift, day=work.day.isoformat())
    begin, end = (f"{at.astimezone(v.zone):%H:%M}" for at in (work.begins, work.ends))
    hours = v.t("worklist.hours", begin=begin, end=end)
    made = v.t("worklist.made", at=moment(made_at, v.zone)) if made_at else ""
    tables = [_sheet(stage, lines, (head, hours, made), v) for stage, lines in by_stage(work.lines)]
    return div(tables, cls="sheets")


def by_stage(lines: Sequence[WorkLine]) -> list[tuple[str, list[WorkLine]]]:
    """Stages in the order in which the shift meets them first; lines by start, then place."""
    ordered = sorted(lines, key=lambda line: (line.start, line.machine, line.vin))
    stages: dict[str, list[WorkLine]] = {}
    for line in ordered:
        stages.setdefault(line.what, []).append(line)
    return list(stages.items())


def _sheet(stage: str, lines: Sequence[WorkLine], heads: tuple[str, str, str], v: Voice) -> Html:
    head, hours, made = heads
    what = f"{stage_name(stage, v)} · {v.t('worklist.lines', n=len(lines))}"
    top = div(
        span(head, cls="sheet-title"),
        span(what, cls="sheet-what"),
        span(hours),
        span(made, cls="sheet-made"),
        cls="sheet-head",
    )
    columns = [tag("th", v.t("worklist.done"), scope="col")]
    columns += [tag("th", v.t(f"worklist.{name}"), scope="col", cls=name) for name in COLUMNS]
    # A head of a table is printed again on each page: whoever holds page 7 knows of which shift it is.
    body = tag("tbody", [_line(line, v) for line in lines])
    titled = tag("tr", tag("th", top, colspan=len(columns), cls="sheet-top"))
    return tag("table", tag("thead", titled, tag("tr", columns)), body, cls="sheet", data_stage=stage)


def _line(line: WorkLine, v: Voice) -> Html:
    begin, end = (f"{at.astimezone(v.zone):%H:%M}" for at in (line.start, line.end))
    cells: dict[str, Part] = {
        "time": (tag("b", begin), "–", end),
        "where": tag("b", line.machine),
        "car": (span(line.vin[:11], cls="vin-front"), tag("b", line.vin[11:])),
        "slot": line.slot or "—",
        "batch": f"B{line.batch_no:03d}",
        "soc": soc(line.soc),
        "state": _state(line, v),
        "note": "",
    }
    box = tag("td", span(cls="box"), cls="tick")
    return tag("tr", box, [tag("td", cells[name], cls=name) for name in COLUMNS], data_vin=line.vin)


def _state(line: WorkLine, v: Voice) -> str:
    status = Status(line.state)
    return f"{STATUS_SIGNS[status].glyph} {status_word(status, v.lang)}"
