"""Any vendor's tool as a flash driver: its lines become steps, evidence and a verdict; the car has the last word."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from campaign.station_agent.command import CommandDriver
from campaign.station_agent.command_output import LAST_LINES, LONGEST_LINE, MOST_LINES
from campaign.station_agent.driver import Aborted, CarFailed, CarSilent, Job, RigFailed, Trouble
from campaign.station_agent.manifest import FileRow, Manifest
from campaign.station_agent.package import StagedPackage
from tests.fakes.vendor_tool import RULES, SOURCE, TARGET, VIN, HeardLog, options, script

GOOD = "car(version=None); say('erase 10%'); say('write 60%'); car(version='VBV4.5.3C'); say('done 100%')"
JOB = Job("a" * 32, VIN, SOURCE, TARGET, "pkg")


def flash(
    folder: Path,
    body: str = GOOD,
    *,
    job: Job = JOB,
    package: StagedPackage | None = None,
    **more: Any,
) -> tuple[Trouble | None, HeardLog]:
    """Flash in this process; what it raised and what was heard."""
    driver, log = CommandDriver(options(folder, body, **more)), HeardLog()
    driver.jobs = folder
    try:
        driver.flash(job, package, log)
    except Trouble as trouble:
        return trouble, log
    return None, log


def car_is(folder: Path, **facts: Any) -> None:
    (folder / "car.json").write_text(json.dumps({"vin": VIN, "version": SOURCE, "soc": "27.4", **facts}))


def read_back(folder: Path, **more: Any) -> dict[str, Any]:
    return CommandDriver(options(folder, **more)).read_back(VIN, None)


# -- a flash ----------------------------------------------------------------------------------------------------------


def test_a_good_flash_tells_its_steps_and_keeps_every_line(tmp_path: Path) -> None:
    trouble, log = flash(tmp_path)
    assert trouble is None
    assert log.steps == [("identify", 0), ("erase", 10), ("write", 60), ("done", 100)]
    assert log.lines == ["erase 10%", "write 60%", "done 100%"]
    assert (tmp_path / f"{JOB.job}.out").read_text().splitlines() == log.lines


def test_who_flashed_is_kept_with_the_tool_s_hash_and_its_words(tmp_path: Path) -> None:
    _, log = flash(tmp_path)
    tool = tmp_path / "flash"
    (tools,) = log.of("tools")
    assert tools["versions"] == {"flash": f"sha256:{hashlib.sha256(tool.read_bytes()).hexdigest()}"}
    assert tools["words"] == [str(tool)]


def test_percent_never_goes_back(tmp_path: Path) -> None:
    _, log = flash(tmp_path, "say('write 50%'); say('write 20%'); say('verify 900%'); say('x y%')")
    assert log.steps == [("identify", 0), ("write", 50), ("verify", 100)]


def test_a_progress_that_is_rewritten_in_place_is_read(tmp_path: Path) -> None:
    _, log = flash(tmp_path, r"say('write 1%\rwrite 2%\r', end=''); say('write 3%', end='')")
    assert [percent for _, percent in log.steps] == [0, 1, 2, 3]


def test_readings_during_the_flash_are_samples(tmp_path: Path) -> None:
    _, log = flash(tmp_path, "say('BATT 12.1 V SOC 26.96 / nix')")
    (sample,) = log.of("sample")
    assert (sample["volts"], sample["soc_display"], sample["soc_bms"], sample["soc_raw"]) == (
        12.1,
        269,
        None,
        None,
    )


def test_the_tool_gets_the_package_s_files_under_their_names(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    data = b"firmware"
    sha256 = hashlib.sha256(data).hexdigest()
    (tmp_path / "blobs" / sha256).write_bytes(data)
    manifest = Manifest("pkg", SOURCE, TARGET, "1", files=(FileRow("ecu-1.bin", sha256, len(data)),))
    package = StagedPackage("d" * 64, manifest, "k" * 64, tmp_path / "blobs")
    shown = "say(' '.join(sys.argv[1:])); say(open(sys.argv[1]).read()); say(os.getcwd()); say(str(os.listdir('.')))"
    options(tmp_path, shown)
    words = [str(tmp_path / "flash"), "{file:ecu-1.bin}", "{digest}", "{vin}-{target}"]
    trouble, log = flash(tmp_path, shown, package=package, flash=words, job=JOB._replace(digest="d" * 64))
    folder = tmp_path / f"{JOB.job}.work"
    assert trouble is None
    assert log.lines[0] == f"{folder}/ecu-1.bin {'d' * 64} {VIN}-{TARGET}"
    assert log.lines[1:] == ["firmware", str(folder), "['ecu-1.bin']"]


def test_a_file_that_the_package_does_not_have_ends_the_try_before_the_tool_runs(tmp_path: Path) -> None:
    trouble, log = flash(tmp_path, flash=["/bin/echo", "{file:ecu-1.bin}"])
    assert isinstance(trouble, RigFailed)
    assert (trouble.code, trouble.params, trouble.written) == (
        "package_missing",
        {"file": "ecu-1.bin"},
        False,
    )
    assert log.lines == []


def test_the_tool_sees_only_a_small_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "1")
    _, log = flash(tmp_path, "say(' '.join(sorted(os.environ)))", environment={"VENDOR": "x"})
    assert set(log.lines[0].split()) - {"LC_CTYPE"} == {"LANG", "PATH", "VENDOR"}


# -- verdicts ---------------------------------------------------------------------------------------------------------


def test_the_first_trouble_that_the_tool_tells_is_the_verdict(tmp_path: Path) -> None:
    trouble, _ = flash(tmp_path, "say('E-NRC BMS 72'); say('E-IF lost'); sys.exit(9)")
    assert isinstance(trouble, CarFailed)
    assert (trouble.code, trouble.params["ecu"], trouble.params["nrc"]) == ("refused", "BMS", "72")
    assert trouble.params["exit_status"] == "9"
    assert trouble.written


def test_a_tool_that_tells_a_trouble_and_ends_well_failed(tmp_path: Path) -> None:
    trouble, _ = flash(tmp_path, "say('E-IF cable out'); sys.exit(0)")
    assert isinstance(trouble, RigFailed)
    assert trouble.params["what"] == "cable out"


def test_an_exit_status_that_nobody_named_is_a_failure_with_the_last_line(tmp_path: Path) -> None:
    trouble, _ = flash(tmp_path, "say('write 10%'); say('core dumped'); sys.exit(7)")
    assert isinstance(trouble, CarFailed)
    told = {"tool": "flash", "exit_status": "7", "line": "core dumped"}
    assert trouble.code == "tool_failed"
    assert told.items() <= trouble.params.items()


@pytest.mark.parametrize(
    ("verdict", "kind", "written"),
    [
        ("fail", CarFailed, True),
        ("error", RigFailed, True),
        ("timeout", CarSilent, True),
        ("aborted", Aborted, False),
    ],
)
def test_an_exit_status_means_what_the_options_say(
    tmp_path: Path, verdict: str, kind: type[Trouble], written: bool
) -> None:
    trouble, _ = flash(tmp_path, "sys.exit(3)", exit={"3": {"verdict": verdict, "code": "no_car"}})
    assert isinstance(trouble, kind)
    assert (trouble.code, trouble.written) == ("no_car", written)


def test_an_error_before_anything_is_written_may_say_so(tmp_path: Path) -> None:
    trouble, _ = flash(tmp_path, "sys.exit(3)", exit={"3": {"verdict": "error", "written": False}})
    assert trouble is not None
    assert not trouble.written


def test_an_exit_status_may_also_be_a_success(tmp_path: Path) -> None:
    trouble, _ = flash(tmp_path, "sys.exit(100)", exit={"100": {"verdict": "pass"}})
    assert trouble is None


def test_a_tool_with_a_line_for_success_did_not_succeed_without_it(tmp_path: Path) -> None:
    rules = [*RULES, {"match": "^OK$", "verdict": "pass"}]
    trouble, _ = flash(tmp_path, "say('bye')", output=rules)
    assert trouble is not None
    assert (trouble.code, trouble.params["line"]) == ("tool_failed", "bye")
    assert flash(tmp_path, "say('OK')", output=rules, job=JOB._replace(job="b" * 32))[0] is None


def test_a_tool_that_is_killed_is_an_error_of_the_rig(tmp_path: Path) -> None:
    trouble, _ = flash(tmp_path, "os.kill(os.getpid(), 9)")
    assert isinstance(trouble, RigFailed)
    assert (trouble.code, trouble.params["exit_status"], trouble.written) == ("tool_failed", "-9", True)


def test_a_tool_that_is_not_there_is_told_before_anything_is_written(tmp_path: Path) -> None:
    for tool in ("/nowhere/flash", "no-such-tool"):
        trouble, _ = flash(tmp_path, flash=[tool])
        assert isinstance(trouble, RigFailed)
        assert (trouble.code, trouble.written) == ("tool_missing", False)


def test_a_tool_that_cannot_be_run_is_told(tmp_path: Path) -> None:
    broken = script(tmp_path / "broken", "#!/nowhere/interpreter\n")
    trouble, _ = flash(tmp_path, flash=[broken])
    assert trouble is not None
    assert (trouble.code, trouble.written) == ("tool_missing", False)


def test_a_tool_that_reports_another_car_while_it_flashes_is_a_failure(tmp_path: Path) -> None:
    trouble, _ = flash(tmp_path, "say('VIN LSVAA4182E2100000')")
    assert isinstance(trouble, CarFailed)
    assert (trouble.code, trouble.params["expected"]) == ("wrong_car", VIN)


# -- before the flash -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("car", "gate", "kind", "code"),
    [
        ({"vin": "LSVAA4182E2100000"}, "-", Aborted, "wrong_car"),
        ({"version": "VBV4.4.0A"}, "-", Aborted, "wrong_version"),
        ({"soc": "26.9"}, "display:270", Aborted, "soc_below"),
        ({"soc": "--"}, "display:270", Aborted, "soc_unreadable"),
        ({"soc": "99"}, "bms:306", Aborted, "soc_below"),
        ({"vin": None}, "-", RigFailed, "no_car"),
    ],
)
def test_nothing_is_written_to_a_car_that_is_not_fit(
    tmp_path: Path, car: dict[str, Any], gate: str, kind: type[Trouble], code: str
) -> None:
    car_is(tmp_path, **car)
    trouble, log = flash(tmp_path, job=JOB._replace(gate=gate))
    assert isinstance(trouble, kind)
    assert (trouble.code, trouble.written) == (code, False)
    assert log.lines == []


@pytest.mark.parametrize(
    ("car", "gate"),
    [
        ({"soc": "27.0"}, "display:270"),
        ({"version": None}, "-"),
        ({"version": TARGET}, "-"),
        ({"soc": "1"}, "-"),
    ],
)
def test_a_car_that_is_fit_is_flashed(tmp_path: Path, car: dict[str, Any], gate: str) -> None:
    car_is(tmp_path, **car)
    trouble, log = flash(tmp_path, job=JOB._replace(gate=gate))
    assert trouble is None
    (before,) = log.of("identification")
    assert (before["when"], before["vin"]) == ("before", VIN)


# -- what comes out ---------------------------------------------------------------------------------------------------


def test_bytes_that_are_no_text_are_kept_as_far_as_they_are(tmp_path: Path) -> None:
    _, log = flash(tmp_path, r"os.write(1, b'\xff\xfe ok \x80\nwrite 5%\n')")
    assert log.lines == ["\ufffd\ufffd ok \ufffd", "write 5%"]
    assert log.steps[-1] == ("write", 5)


def test_the_encoding_of_an_old_tool_is_read(tmp_path: Path) -> None:
    _, log = flash(tmp_path, "os.write(1, '写入 5%\\n'.encode('gb18030'))", encoding="gb18030")
    assert log.lines == ["写入 5%"]


def test_a_line_without_end_is_cut(tmp_path: Path) -> None:
    _, log = flash(tmp_path, "say('x' * 1_000_000); say('write 7%')")
    assert [len(line) for line in log.lines] == [LONGEST_LINE, 8]


def test_a_flood_of_lines_is_counted_and_its_end_is_kept(tmp_path: Path) -> None:
    more = MOST_LINES + 500
    _, log = flash(tmp_path, f"for n in range({more}): print(n)")
    assert log.lines[MOST_LINES - 1] == str(MOST_LINES - 1)
    assert log.lines[-LAST_LINES:] == [str(n) for n in range(more - LAST_LINES, more)]
    (told,) = [fact for fact in log.of("line") if "left_out" in fact]
    assert told["left_out"] == 500 - LAST_LINES


def test_lines_of_the_error_stream_are_lines(tmp_path: Path) -> None:
    _, log = flash(tmp_path, "os.write(2, b'E-NRC BMS 22\\n')")
    assert log.lines == ["E-NRC BMS 22"]


# -- the car's own words ----------------------------------------------------------------------------------------------


def test_the_car_is_read_back_with_tenths(tmp_path: Path) -> None:
    told = read_back(tmp_path)
    assert told == {"vin": VIN, "version": SOURCE, "soc_display": 274, "soc_bms": 305, "volts": 12.4}


def test_a_car_that_tells_no_vin_tells_no_version_either(tmp_path: Path) -> None:
    car_is(tmp_path, vin=None)
    told = read_back(tmp_path)
    assert (told["vin"], told["version"], told["soc_display"]) == (VIN, None, None)


def test_another_car_s_answer_is_not_taken(tmp_path: Path) -> None:
    car_is(tmp_path, vin="LSVAA4182E2100000")
    with pytest.raises(Aborted, match="LSVAA4182E2100000 is on the cable"):
        read_back(tmp_path)


def test_a_read_back_that_ends_badly_is_no_answer(tmp_path: Path) -> None:
    tool = script(tmp_path / "bad", f"#!/bin/sh\necho VIN {VIN}\necho SW {TARGET}\nexit 1\n")
    assert read_back(tmp_path, read_back=[tool])["version"] is None


def test_a_read_back_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    tool = script(tmp_path / "hang", '#!/bin/sh\nsleep 600 & echo $! > "$1"; wait\n')
    child = tmp_path / "child"
    with pytest.raises(CarSilent, match="did not answer within 1 s"):
        read_back(tmp_path, read_back=[tool, str(child)], read_back_seconds=1)
    state = Path(f"/proc/{child.read_text().strip()}/stat")
    assert not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z"
