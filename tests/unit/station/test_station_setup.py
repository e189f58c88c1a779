"""Setting stations up, and what the embedded server makes of the same authorized_keys."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from campaign.errors import BadFile, BadInput
from campaign.station.embedded_server import forced_commands
from campaign.station.provision import provision_stations, set_pace
from campaign.station.serving import read_addresses


def test_a_station_gets_a_home_and_a_key_of_its_own(tmp_path: Path) -> None:
    made = provision_stations(tmp_path / "home", ["FS-01", "FS-02"], python="/usr/bin/python3", seconds=3)
    assert made.key_of("FS-01").stat().st_mode & 0o777 == 0o600
    assert made.key_of("FS-01").read_bytes() != made.key_of("FS-02").read_bytes()
    assert json.loads((made.folder_of("FS-02") / "station.json").read_text())["name"] == "FS-02"
    assert json.loads(made.pace.read_text()) == {"seconds": 3}
    first, second = made.authorized_keys.read_text().splitlines()
    assert first.startswith('restrict,command="/usr/bin/python3 -I -S ')
    assert first.endswith(" FS-01")
    assert str(made.folder_of("FS-02")) in second


def test_setting_up_again_keeps_keys_and_journals(tmp_path: Path) -> None:
    made = provision_stations(tmp_path, ["S1"])
    journal = made.folder_of("S1") / "jobs" / "a.jsonl"
    journal.parent.mkdir()
    journal.write_text("{}\n")
    keys = made.key_of("S1").read_bytes(), made.host_key.read_bytes()
    provision_stations(tmp_path, ["S1", "S2"])
    assert (made.key_of("S1").read_bytes(), made.host_key.read_bytes()) == keys
    assert journal.read_text() == "{}\n"
    assert len(made.authorized_keys.read_text().splitlines()) == 2


@pytest.mark.parametrize("name", ["", "../S1", "S 1", "-rf", 'S"1', "站"])
def test_a_name_that_could_not_be_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput):
        provision_stations(tmp_path, [name])


def test_the_pace_may_change_at_any_time(tmp_path: Path) -> None:
    made = provision_stations(tmp_path, ["S1"])
    set_pace(made.home, 0.25)
    assert json.loads(made.pace.read_text()) == {"seconds": 0.25}


def test_the_embedded_server_reads_what_was_set_up(tmp_path: Path) -> None:
    made = provision_stations(tmp_path / 'a "quoted" \\ home', ["S1"], python="/opt/my python/bin/python3")
    ((kind, key), command) = next(iter(forced_commands(made.authorized_keys.read_text()).items()))
    assert f"{kind} {key} S1\n" == made.key_of("S1").with_name("S1.pub").read_text()
    assert command == [
        "/opt/my python/bin/python3",
        "-I",
        "-S",
        str(made.agent),
        "--home",
        str(made.folder_of("S1")),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "",
        '# restrict,command="x" ssh-ed25519 AAAA',
        "ssh-ed25519 AAAA S1",
        'command="sh" ssh-ed25519 AAAA S1',
        "restrict ssh-ed25519 AAAA S1",
        'restrict,command="sh",pty ssh-ed25519 AAAA S1',
        'restrict,pty,command="sh" ssh-ed25519 AAAA S1',
    ],
)
def test_a_key_without_exactly_one_forced_command_opens_nothing(line: str) -> None:
    assert forced_commands(line) == {}


def test_a_forced_command_is_words_never_a_shell_line() -> None:
    (command,) = forced_commands("restrict,command=\"/bin/a 'b c'; d\" ssh-ed25519 AAAA S1").values()
    assert command == shlex.split("/bin/a 'b c'; d") == ["/bin/a", "b c;", "d"]


def test_addresses_of_stations_that_never_ran_are_told_as_missing(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="start the stations first"):
        read_addresses(tmp_path)
