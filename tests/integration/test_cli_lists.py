"""Lists at the command line: looked at first, taken in when wanted, undone; then planned and launched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.fakes.command_line import Desk, desk_in
from tests.fakes.plant import vin_no

CAMPAIGN = "VBV453C-2026"
GOOD = 12


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A plant without a car."""
    home = tmp_path / "home"
    home.mkdir()
    with desk_in(home) as desk:
        yield desk


@pytest.fixture
def cars(tmp_path: Path) -> Path:
    """Twelve good rows, one that contradicts itself, one impossible VIN, one repaired."""
    rows = [
        "VIN,Software,SOC,Slot",
        *(f"{vin_no(n)},VBV4.5.2C,{20 + n}%,A-{n:03d}" for n in range(1, GOOD + 1)),
    ]
    rows += [f"{vin_no(50)},VBV4.5.2C,20%,A-050", f"{vin_no(50)},VBV4.5.2C,30%,A-051"]
    rows += [f"{vin_no(51)[:-3]}OIQ,VBV4.5.2C,20%,A-052"]
    file = tmp_path / "cars.csv"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file


def take_in(desk: Desk, file: Path) -> None:
    assert desk.run("import", "vehicles", str(file), "--yes", by="wang").code == 0


def test_a_dry_run_judges_every_row_and_takes_in_nothing(desk: Desk, cars: Path) -> None:
    told = desk.run("import", "vehicles", str(cars), "--dry-run", by="wang")
    assert told.code == 0
    assert f"accept {GOOD}, warn 0, reject 3" in told.out
    assert "Nothing was taken in" in told.out
    assert desk.run("find", vin_no(1), by="wang").code == 2


def test_rejected_rows_lie_beside_the_list_with_their_reasons(desk: Desk, cars: Path) -> None:
    desk.run("import", "vehicles", str(cars), "--dry-run", by="wang")
    sheet = CalamineWorkbook.from_path(str(cars.with_name("cars-rejects.xlsx"))).get_sheet_by_index(0)
    rows = sheet.to_python()
    assert len(rows) == 4
    assert vin_no(50) in rows[1]
    assert any("other data" in str(cell) for cell in rows[1])


def test_without_anybody_to_ask_nothing_is_taken_in(desk: Desk, cars: Path) -> None:
    told = desk.run("import", "vehicles", str(cars), by="wang")
    assert (told.code, "--yes" in told.err) == (2, True)
    assert desk.run("find", vin_no(1), by="wang").code == 2


def test_the_same_file_twice_is_done_once(desk: Desk, cars: Path) -> None:
    take_in(desk, cars)
    again = desk.run("import", "vehicles", str(cars), "--yes", by="wang")
    assert (again.code, "taken in before, as import 1" in again.out) == (0, True)
    told = desk.run("import", "vehicles", str(cars), "--yes", "--json", by="wang").json
    assert (told["already_imported_as"], told["import"]) == (1, None)


def test_an_import_is_undone_with_a_reason(desk: Desk, cars: Path) -> None:
    take_in(desk, cars)
    assert desk.run("import", "undo", "1", "--reason", "wrong yard", by="wang").code == 0
    assert desk.run("find", vin_no(1), by="wang").code == 2
    again = desk.run("import", "undo", "1", "--reason", "again", by="wang")
    assert (again.code, "no import 1" in again.err) == (2, True)


def test_an_import_with_work_on_it_stays(desk: Desk, cars: Path) -> None:
    take_in(desk, cars)
    desk.run("launch", CAMPAIGN, "--direct", "--reason", "go", by="wang")
    told = desk.run("import", "undo", "1", "--reason", "wrong yard", by="wang")
    assert (told.code, told.err.startswith("refused: ")) == (1, True)


def test_what_contradicts_the_fleet_is_rejected_with_its_row(desk: Desk, cars: Path, tmp_path: Path) -> None:
    take_in(desk, cars)
    second = tmp_path / "second.csv"
    second.write_text(
        f"VIN,Software,Slot\n{vin_no(1)},VBV4.5.3C,A-001\n{vin_no(90)},VBV4.5.2C,A-003\n"
        f"{vin_no(2)},VBV4.5.2C,A-002\n{vin_no(91)},VBV4.5.2C,A-091\n"
    )
    told = desk.run("import", "vehicles", str(second), "--yes", "--json", by="wang")
    assert told.code == 0
    assert (told.json["rejected"], told.json["same"]) == (2, 1)
    assert {(row["row"], row["code"]) for row in told.json["rows"] if row["verdict"] == "reject"} == {
        (2, "vin_differs"),
        (3, "slot_taken"),
    }
    assert second.with_name("second-rejects.xlsx").exists()


def test_a_list_of_rejects_only_is_refused(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("VIN,Software\n11111111111111111,VBV4.5.2C\n")
    assert desk.run("import", "vehicles", str(file), "--yes", by="wang").code == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.csv", None),
        ("empty.csv", b""),
        ("photo.xlsx", b"\x89PNG\r\n\x1a\n"),
        ("broken.xlsx", b"PK\x03\x04oops"),
    ],
)
def test_what_is_no_list_is_said_with_its_name(
    name: str, content: bytes | None, desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    told = desk.run("import", "vehicles", str(file), by="wang")
    assert (told.code, len(told.err.splitlines())) == (2, 1)
    assert name in told.err
    assert "错误" in desk.run("import", "vehicles", str(file), by="wang", CAMPAIGN_LANGUAGE="zh").err


def test_orders_of_strangers_are_rejected_and_known_cars_get_theirs(
    desk: Desk, cars: Path, tmp_path: Path
) -> None:
    take_in(desk, cars)
    orders = tmp_path / "orders.csv"
    orders.write_text(f"VIN,Order no,Promised\n{vin_no(1)},PO-1,2026-03-09\n{vin_no(99)},PO-2,2026-03-09\n")
    told = desk.run("import", "orders", str(orders), "--yes", "--json", by="han")
    assert (told.code, told.json["accepted"], told.json["rejected"]) == (0, 1, 1)
    assert desk.run("story", vin_no(1), "--json", by="han").json["vehicle"]["order_no"] == "PO-1"


def test_the_floor_imports_nothing(desk: Desk, cars: Path) -> None:
    assert desk.run("import", "vehicles", str(cars), "--yes", by="li").code == 1
    assert not cars.with_name("cars-rejects.xlsx").exists()


def test_an_alias_that_is_half_written_is_wrong_usage(desk: Desk, cars: Path) -> None:
    told = desk.run("import", "vehicles", str(cars), "--alias", "452C", by="wang")
    assert (told.code, "--alias 452C=VBV4.5.2C" in told.err) == (2, True)


def test_plan_then_launch_then_not_again(desk: Desk, cars: Path) -> None:
    none = desk.run("plan", CAMPAIGN, by="wang")
    assert (none.code, "Import the list first" in none.err) == (1, True)
    take_in(desk, cars)
    plan = desk.run("plan", "--json", by="wang").json
    assert (plan["campaign"], plan["cars"]) == (CAMPAIGN, GOOD)
    assert desk.run("plan", by="wang").code == 0
    launched = desk.run("launch", CAMPAIGN, "--direct", "--reason", "go", "--starts-at", "23:30", by="wang")
    assert (launched.code, f"{CAMPAIGN}/B001" in launched.out) == (0, True)
    again = desk.run("launch", CAMPAIGN, "--direct", "--reason", "go", by="wang")
    assert (again.code, "launched already" in again.err) == (1, True)


def test_a_launch_needs_prefect_or_says_what_to_do(desk: Desk, cars: Path, free_port: int) -> None:
    take_in(desk, cars)
    told = desk.run("launch", "--reason", "go", by="wang", CAMPAIGN_PREFECT_PORT=str(free_port))
    assert (told.code, len(told.err.splitlines())) == (3, 1)
    assert "campaign up" in told.err
    assert "--direct" in told.err


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (("NOPE",), "NOPE"),
        (("--file", "no-such.yaml"), "no-such.yaml"),
        ((CAMPAIGN, "--starts-at", "whenever"), "--starts-at"),
    ],
)
def test_a_plan_of_nothing_names_what_is_wrong(args: tuple[str, ...], named: str, desk: Desk) -> None:
    told = desk.run("plan", *args, by="wang")
    assert (told.code, named in told.err) == (2, True)


def test_only_a_planner_launches(desk: Desk, cars: Path) -> None:
    take_in(desk, cars)
    assert desk.run("launch", CAMPAIGN, "--direct", "--reason", "go", by="li").code == 1


@pytest.fixture
def free_port() -> int:
    """A port on which nobody listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
