"""The work list of a shift as sheets: grouped, ordered, told in both languages, and safe."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaign.domain.identity import Vin
from campaign.services.work_lists import WorkLine, WorkList
from dashboard.voice import voice
from dashboard.widgets import sheet
from tests.fakes.plant import CODE, vin_no

BEGINS = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # 20:00 at the site
EN, ZH = (voice(lang).at(ZoneInfo("Asia/Shanghai")) for lang in ("en", "zh"))


def at(hours: float) -> datetime:
    return BEGINS + timedelta(hours=hours)


def line(n: int, what: str, machine: str, begin: float, **more) -> WorkLine:
    usual = {
        "vin": vin_no(n), "slot": f"A-{n:03d}", "what": what, "machine": machine, "start": at(begin),
        "end": at(begin + 1.5), "priority": n, "soc": 123, "batch_no": 4, "state": "queued",
    }  # fmt: skip
    return WorkLine(**usual | more)


WORK = WorkList(
    campaign=CODE,
    shift="night",
    day=date(2026, 3, 2),
    begins=BEGINS,
    ends=at(12),
    lines=(
        line(3, "flash", "S1", 3),
        line(1, "charge", "CP-02", 2),
        line(2, "charge", "CP-01", 2),
        line(4, "charge", "CP-01", 0.5, state="charging", soc=None, slot=None),
    ),
)  # fmt: skip


def sheets(work: WorkList = WORK, v=EN) -> str:
    return str(sheet.sheets(work, "Anting", "Night", v, at(-1)))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_each_kind_of_work_has_its_own_sheet_in_the_order_of_the_shift() -> None:
    assert re.findall(r'data-stage="(\w+)"', sheets()) == ["charge", "flash"]


def test_lines_stand_by_start_then_place() -> None:
    shown = re.findall(r'data-vin="(\w+)"', sheets())
    assert shown == [vin_no(n) for n in (4, 2, 1, 3)]


def test_every_sheet_s_head_says_site_shift_day_hours_and_plan() -> None:
    heads = re.findall(r"<thead>(.*?)</thead>", sheets())
    assert len(heads) == 2
    for head in heads:
        told = words(head)
        assert "Anting · Night · 2026-03-02" in told
        assert "20:00 to 08:00" in told
        assert "from the plan of 2026-03-02 19:00" in told
    assert "charging · 3 lines" in words(heads[0])


def test_a_line_has_a_box_place_car_slot_batch_charge_and_state() -> None:
    row = words(re.findall(r"<tr data-vin.*?</tr>", sheets())[1])
    assert row == f"22:00 –23:30 CP-01 {vin_no(2)[:11]} {vin_no(2)[11:]} A-002 B004 12.3 % ○ queued"
    assert sheets().count('class="box"') == 4


def test_what_is_not_known_is_a_dash() -> None:
    row = words(re.findall(r"<tr data-vin.*?</tr>", sheets())[0])
    assert row.endswith("— B004 — ◔ charging")


@pytest.mark.parametrize(("v", "told"), [(EN, "Time, name, note"), (ZH, "时间、姓名、备注")])
def test_the_sheets_speak_both_languages(v, told: str) -> None:
    assert told in words(sheets(v=v))


def test_what_is_written_in_a_car_s_data_is_never_markup() -> None:
    bad = line(1, "charge", "CP-02", 2, slot="<b>A</b>", vin=Vin("<i>x"))
    assert not re.search(r"<b>A|<i>x", sheets(replace(WORK, lines=(bad,))))
