"""`campaign points`: what is expected of each charge point, and which are slow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from campaign.domain.site import Charging
from campaign.domain.vehicle import Status
from tests.fakes.command_line import Desk, desk_in
from tests.fakes.plant import LAYOUT

SLOW = "CP-02"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Six cars below the gate; four have a charge point."""
    with desk_in(tmp_path) as desk:
        desk.plant.launch([175] * 6)
        yield desk


def charge_slowly(desk: Desk, times: int) -> None:
    """One car after the other, whichever waits, at the slow point."""
    plant = desk.plant
    for _ in range(times):
        plant.tick()
        waiting = [car for car in plant.cars() if car.status is Status.QUEUED and car.point == SLOW]
        number = int(waiting[0].vin[9:])
        plant.mark("charging", number, 175, point=SLOW)
        plant.clock.move(hours=9)
        plant.mark("charged", number, 285)
    desk.follow_clock()


def rows(out: str) -> dict[str, str]:
    """Each line of the table without its widths, by point."""
    return {line.split()[0]: " ".join(line.split()) for line in out.splitlines() if line.startswith("CP-")}


def test_without_charges_every_point_is_as_the_model_says(desk: Desk) -> None:
    told = desk.run("points", by="sun")
    assert (told.code, told.out.splitlines()[0]) == (
        0,
        "Anting: ten points of SOC take 5:28 h by the model; the points as a whole: 0 %",
    )
    assert rows(told.out)["CP-01"] == "CP-01 C1 2.2 5:28 h 0 % 0 0 -"
    assert len(rows(told.out)) == 4


def test_a_slow_point_is_marked_and_the_others_are_not(desk: Desk) -> None:
    charge_slowly(desk, 3)
    told = desk.run("points", "anting", by="sun").out
    assert rows(told)[SLOW] == "CP-02 C1 2.2 6:38 h +21 % 3 0 slow: look at it"
    assert rows(told)["CP-01"].endswith(" 0 0 -")
    assert "偏慢：请检查" in desk.run("points", by="sun", CAMPAIGN_LANGUAGE="zh").out


def test_programs_get_the_same_as_json(desk: Desk) -> None:
    charge_slowly(desk, 1)
    told = desk.run("points", "--json", by="sun").json
    assert (told["site"], told["minutes"], told["level"]) == ("anting", 328, 1000)
    assert told["points"][1] == {
        "point": SLOW, "circuit": "C1", "kw": 2.2, "minutes": 360, "pace": 1100, "observed": 1100, "charges": 1,
        "left_out": 0, "slow": False,
    }  # fmt: skip


def test_a_site_that_is_not_here_is_named(desk: Desk) -> None:
    told = desk.run("points", "elsewhere", by="sun")
    assert (told.code, "site elsewhere is not set up here" in told.text) == (2, True)


def test_what_decides_about_charging_is_shown_with_the_site_and_changes_the_times(desk: Desk) -> None:
    assert "kWh" not in desk.run("site", "show", "anting", by="sun").out
    layout = replace(LAYOUT, charging=Charging(battery_kwh=77, onboard_kw=11, celsius=-5))
    desk.plant.services.sites.apply(desk.plant.actor("root"), layout)
    shown = " ".join(desk.run("site", "show", "anting", by="sun").out.split())
    assert "charging 77 kWh 11 kW, 0.88, 10 min, -5 °C" in shown
    # 2.2 kW * 0.88 - 0.65 kW = 1.286 kW for 7.7 kWh: 359.3 minutes, and 10 to connect
    assert "ten points of SOC take 6:10 h" in desk.run("points", by="sun").out
