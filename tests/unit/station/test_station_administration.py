"""What setting a station up writes, here and there: one line among others, whole files, keys for their owner only."""

from __future__ import annotations

import ast
import getpass
import json
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import paramiko
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

import campaign.station_agent
from campaign.errors import BadFile, StationUnreachable
from campaign.ports.station_setup import HostKey
from campaign.station import remote_setup
from campaign.station.address import StationAddress
from campaign.station.book import StationBook
from campaign.station.installing import OLDEST_PYTHON
from campaign.station.remote_setup import with_line
from campaign.station.serving import read_addresses
from campaign.station.trusting import fingerprint, pin, pins
from campaign.station_agent.command import CommandDriver

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "administrator.md"
LINE = b'restrict,command="/p -I -S /h/agent.pyz --home /h" ssh-ed25519 AAAA campaign-S1\n'
S1 = StationAddress("S1", "bench-1", 22, "campaign")


# -- authorized_keys --------------------------------------------------------------------------------------------------

FOREIGN = st.lists(
    st.sampled_from(
        [
            b"# a note\n", b"\n", b"ssh-ed25519 BBBB somebody\r\n", b'restrict,command="x" ssh-rsa CC campaign-S11\n',
            b'restrict,command="x" ssh-rsa CC campaign-S1 \xff\n', b"ssh-ed25519 DDDD campaign-S1\n", b" \t\n",
        ]
    ),
    max_size=8,
)  # fmt: skip


@given(before=FOREIGN, after=FOREIGN, old=st.sampled_from([b"", LINE.replace(b"AAAA", b"ZZZZ")]))
def test_one_line_is_ours_and_all_others_stay_byte_for_byte(
    before: list[bytes], after: list[bytes], old: bytes
) -> None:
    text = b"".join([*before, old, *after])
    made = with_line(text, LINE, b"campaign-S1")
    expected = [*before, LINE, *after] if old else [*before, *after, LINE]
    assert made == b"".join(expected)
    assert with_line(made, LINE, b"campaign-S1") == made


def test_a_last_line_without_an_end_gets_one() -> None:
    assert with_line(b"ssh-rsa AA x", LINE, b"campaign-S1") == b"ssh-rsa AA x\n" + LINE


def test_two_old_lines_become_one() -> None:
    assert with_line(LINE + b"# x\n" + LINE, LINE, b"campaign-S1") == LINE + b"# x\n"


# -- what old bench PCs have ------------------------------------------------------------------------------------------


def sent_there() -> list[Path]:
    agent = Path(campaign.station_agent.__file__).parent
    return [*agent.glob("*.py"), Path(remote_setup.__file__)]


@pytest.mark.parametrize("source", sent_there(), ids=lambda file: file.name)
def test_what_is_sent_to_a_station_is_python_3_9(source: Path) -> None:
    tree = ast.parse(source.read_text(encoding="utf-8"), feature_version=OLDEST_PYTHON)
    names = {
        keyword.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for keyword in node.keywords
    }
    # Newer than 3.9: zip(strict=), dataclass(slots=, kw_only=), open_code's and walk's are not used.
    assert not names & {"strict", "slots", "kw_only"}


@pytest.mark.parametrize("source", sent_there(), ids=lambda file: file.name)
def test_what_is_sent_to_a_station_needs_the_standard_library_only(source: Path) -> None:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    froms = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    foreign = {name for name in froms | named if name.split(".")[0] not in sys.stdlib_module_names}
    assert not {name for name in foreign if not name.startswith("campaign.station_agent")} - {"campaign"}


# -- this side --------------------------------------------------------------------------------------------------------


def test_stations_that_are_put_at_the_same_time_are_all_there(tmp_path: Path) -> None:
    book = StationBook(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: book.put(StationAddress(f"S{n}", f"bench-{n}", 22, "campaign")), range(40)))
    assert set(read_addresses(tmp_path)) == {f"S{n}" for n in range(40)}


def test_a_station_is_replaced_in_its_place_and_others_keep_all_that_is_written_of_them(
    tmp_path: Path,
) -> None:
    other = {"name": "S2", "host": "b", "port": 22, "user": "u", "key_file": "/k", "note": "left of the door"}
    (tmp_path / "stations.json").write_text(json.dumps([{**other, "name": "S1"}, other]))
    assert StationBook(tmp_path).put(S1)
    assert not StationBook(tmp_path).put(S1)
    rows = json.loads((tmp_path / "stations.json").read_text())
    assert [row["name"] for row in rows] == ["S1", "S2"]
    assert rows[0]["host"] == "bench-1"
    assert rows[1] == other


@pytest.mark.parametrize("text", ["{", "{}", "[1]"])
def test_a_spoilt_list_of_stations_is_not_overwritten(tmp_path: Path, text: str) -> None:
    (tmp_path / "stations.json").write_text(text)
    with pytest.raises(BadFile):
        StationBook(tmp_path).put(S1)
    assert (tmp_path / "stations.json").read_text() == text


def test_our_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    book = StationBook(tmp_path)
    line, made = book.own_key("S1")
    assert (book.own_key("S1"), made) == ((line, False), True)
    assert stat.S_IMODE(book.key_of("S1").stat().st_mode) == 0o600
    assert f"ssh-ed25519 {paramiko.PKey.from_path(book.key_of('S1')).get_base64()}" == line


def test_a_key_file_that_is_no_key_is_told_and_left_alone(tmp_path: Path) -> None:
    book = StationBook(tmp_path)
    book.own_key("S2")
    book.key_of("S1").write_text("not a key")
    with pytest.raises(BadFile):
        book.own_key("S1")
    assert book.key_of("S1").read_text() == "not a key"


# -- known_hosts ------------------------------------------------------------------------------------------------------


def host_key() -> HostKey:
    public = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    kind, text = public.decode().split()
    return HostKey(kind, text, fingerprint(text))


def test_a_pinned_key_is_found_and_a_new_one_revokes_it(tmp_path: Path) -> None:
    file, old, new = tmp_path / "known_hosts", host_key(), host_key()
    assert pin(S1, old, file) == ()
    assert pins(S1, file) == ((old,), frozenset())
    assert pin(S1, new, file) == (old,)
    assert pins(S1, file) == ((new,), frozenset({old.text}))
    with pytest.raises(StationUnreachable, match="revoked"):
        pin(S1, old, file)


def test_a_hashed_host_is_recognised_and_revoked(tmp_path: Path) -> None:
    file, old, new = tmp_path / "known_hosts", host_key(), host_key()
    file.write_text(f"{paramiko.HostKeys.hash_host('bench-1')} {old.kind} {old.text}\n")
    assert pins(S1, file)[0] == (old,)
    assert pin(S1, new, file) == (old,)
    assert file.read_text() == f"@revoked bench-1 {old.kind} {old.text}\nbench-1 {new.kind} {new.text}\n"


def test_pinning_again_keeps_one_line_and_every_foreign_one(tmp_path: Path) -> None:
    file, key, foreign = tmp_path / "known_hosts", host_key(), b"# \xff note\n\nother ssh-rsa ####\n"
    file.write_bytes(foreign)
    for _ in range(2):
        pin(S1, key, file)
        assert file.read_bytes() == foreign + f"bench-1 {key.kind} {key.text}\n".encode()


# -- the guide --------------------------------------------------------------------------------------------------------


def test_the_tool_in_the_guide_is_one_that_the_driver_takes() -> None:
    (shown,) = re.findall(r"```json\n(.+?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert CommandDriver(json.loads(shown)) is not None


def said_there(order: dict[str, object], folder: Path) -> list[dict[str, object]]:
    """What the program tells when it is sent: read from standard input by a Python that knows nothing of ours."""
    program = Path(remote_setup.__file__).read_text(encoding="utf-8") + f"\n\nmain({order!r})\n"
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-"],
        input=program,
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_the_program_for_the_station_runs_alone(tmp_path: Path) -> None:
    order = {"user": "nobody-here-at-all", "name": "S1", "home": str(tmp_path / "home")}
    (told,) = said_there(order, tmp_path)
    assert told == {"failed": "home", "why": "there is no user nobody-here-at-all on this machine"}


def test_a_python_that_is_too_old_for_the_driver_is_told_before_any_file_is_written(tmp_path: Path) -> None:
    order = {"user": getpass.getuser(), "name": "S1", "home": str(tmp_path / "home"), "driver": "uds"}
    told = said_there({**order, "driver_options": {}, "needs": {"uds": [99, 0]}}, tmp_path)
    assert told[-1]["failed"] == "drivers"
    assert "the driver uds needs 99.0 or newer: name one with --python" in str(told[-1]["why"])
    assert not (tmp_path / "home" / "agent.pyz").exists()
