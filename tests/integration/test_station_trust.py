"""Who is talked to, who may talk, and what a station's key opens: its verbs, and nothing else."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaign.errors import (
    StationAuthRefused,
    StationIdentityRefused,
    StationUnreachable,
)
from campaign.station.address import StationAddress
from campaign.station.dialling import CIPHERS, Timeouts
from campaign.station.link import SshStations
from campaign.station.local_sshd import find_sshd
from campaign.station.provision import provision_stations
from campaign.station.serving import ServerKind
from campaign.station_agent import verbs
from tests.fakes.station_rig import RealRig
from tests.servers.needs import missing


@pytest.fixture(scope="module", params=[pytest.param("sshd", marks=pytest.mark.ssh), "embedded"])
def rig(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRig]:
    if request.param == "sshd" and find_sshd() is None:
        missing("OpenSSH's server", "openssh-server")
    made = RealRig(tmp_path_factory.mktemp(request.param), ServerKind(request.param))
    yield made
    made.close()


@pytest.fixture
def raw(rig: RealRig) -> Iterator[paramiko.Transport]:
    """A client signed in with the key of S1 that asks what our link never would."""
    transport = paramiko.Transport((rig.served.addresses["S1"].host, rig.served.port))
    transport.connect(
        username=rig.served.addresses["S1"].user, pkey=paramiko.PKey.from_path(rig.made.key_of("S1"))
    )
    yield transport
    transport.close()


def asking(address: StationAddress, known_hosts: Path, **timeouts: float) -> None:
    link = SshStations({"S1": address}, None, known_hosts, timeouts=Timeouts(**timeouts))
    try:
        link.identify("S1")
    finally:
        link.close()


# -- whom we talk to --------------------------------------------------------------------------------


def test_a_station_with_an_unknown_host_key_is_not_talked_to(rig: RealRig, tmp_path: Path) -> None:
    with pytest.raises(StationIdentityRefused, match="unknown"):
        asking(rig.served.addresses["S1"], tmp_path / "known_hosts")


def test_a_station_whose_host_key_changed_is_not_talked_to(rig: RealRig, tmp_path: Path) -> None:
    other = provision_stations(tmp_path, ["S1"]).host_key.with_name("host_key.pub").read_text()
    (tmp_path / "known_hosts").write_text(f"{rig.served.addresses['S1'].known_as} {other}")
    with pytest.raises(StationIdentityRefused, match="changed"):
        asking(rig.served.addresses["S1"], tmp_path / "known_hosts")


def test_a_station_with_a_revoked_host_key_is_not_talked_to(rig: RealRig, tmp_path: Path) -> None:
    pinned = rig.served.known_hosts.read_text()
    (tmp_path / "known_hosts").write_text(f"{pinned}@revoked {pinned}")
    with pytest.raises(StationIdentityRefused, match="revoked"):
        asking(rig.served.addresses["S1"], tmp_path / "known_hosts")


def test_a_station_that_calls_itself_otherwise_is_not_believed(rig: RealRig) -> None:
    crossed = replace(rig.served.addresses["S2"], name="S1")
    with pytest.raises(StationIdentityRefused, match="S2"):
        asking(crossed, rig.served.known_hosts)


def test_the_fastest_modern_cipher_is_used(rig: RealRig) -> None:
    rig.link.identify("S1")
    transport = rig.link._connections["S1"]._transport
    assert transport is not None
    assert transport.remote_cipher == transport.local_cipher == CIPHERS[0]


# -- whom the station lets in -----------------------------------------------------------------------


def test_a_key_that_the_station_does_not_know_is_an_auth_refusal(rig: RealRig, tmp_path: Path) -> None:
    stranger = provision_stations(tmp_path, ["S1"]).key_of("S1")
    with pytest.raises(StationAuthRefused):
        asking(replace(rig.served.addresses["S1"], key_file=stranger), rig.served.known_hosts)


def test_another_user_is_an_auth_refusal(rig: RealRig) -> None:
    with pytest.raises(StationAuthRefused):
        asking(replace(rig.served.addresses["S1"], user="nobody-here"), rig.served.known_hosts)


@pytest.mark.parametrize("content", [None, "not a key"])
def test_a_key_file_that_cannot_be_used_is_an_auth_refusal(
    rig: RealRig, tmp_path: Path, content: str | None
) -> None:
    key_file = tmp_path / "key"
    if content is not None:
        key_file.write_text(content)
    with pytest.raises(StationAuthRefused, match="key file"):
        asking(replace(rig.served.addresses["S1"], key_file=key_file), rig.served.known_hosts)


# -- who does not answer ----------------------------------------------------------------------------


def test_a_closed_port_is_unreachable(rig: RealRig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(StationUnreachable):
        asking(replace(rig.served.addresses["S1"], port=port), rig.served.known_hosts)


def test_a_port_that_says_nothing_is_unreachable_in_bounded_time(rig: RealRig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = replace(rig.served.addresses["S1"], port=mute.getsockname()[1])
        with pytest.raises(StationUnreachable):
            asking(address, rig.served.known_hosts, connect=0.5)


def test_a_caller_that_is_turned_away_at_the_door_tries_again(rig: RealRig, tmp_path: Path) -> None:
    door = socket.create_server(("127.0.0.1", 0))
    port = door.getsockname()[1]
    turned_away: list[str] = []

    def stand_at_the_door() -> None:
        for _ in range(2):
            caller, where = door.accept()
            turned_away.append(str(where))
            caller.close()
        caller, _ = door.accept()
        with caller, socket.create_connection(("127.0.0.1", rig.served.port)) as station:
            back = threading.Thread(target=_pass_on, args=(station, caller))
            back.start()
            _pass_on(caller, station)
            back.join()

    doorman = threading.Thread(target=stand_at_the_door)
    doorman.start()
    address = replace(rig.served.addresses["S1"], port=port)
    host_key = (rig.made.home / "host_key.pub").read_text()
    (tmp_path / "known_hosts").write_text(f"{address.known_as} {host_key}")
    asking(address, tmp_path / "known_hosts")
    doorman.join(10)
    door.close()
    assert len(turned_away) == 2


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    # A link that closes with unread bytes resets the connection: for the doorman an end like any other.
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


# -- what a key opens -------------------------------------------------------------------------------


def said(channel: paramiko.Channel) -> dict[str, object]:
    out = b""
    while chunk := channel.recv(65536):
        out += chunk
    answer: dict[str, object] = json.loads(out)
    return answer


@pytest.mark.parametrize(
    "command",
    [
        "sh",
        "identify; touch {mark}",
        "$(touch {mark})",
        "identify\ntouch {mark}",
        "`touch {mark}`",
        "touch {mark}",
    ],
)
def test_no_other_command_runs(raw: paramiko.Transport, tmp_path: Path, command: str) -> None:
    mark = tmp_path / "mark"
    channel = raw.open_session(timeout=10)
    channel.settimeout(20)
    channel.exec_command(command.format(mark=mark))
    assert said(channel)["code"] == "usage"
    assert channel.recv_exit_status() == 2
    assert not mark.exists()


PIECES = st.sampled_from(
    [
        "identify", "session", "put", "tail", "start", ";", "&&", "|", "||", "&", "\n", "$(", ")", "`", "'", '"', "\\",
        "<", ">", "#", "{", "}", "~", "*", " ", "\t", "--home", "-c", "sh", "touch MARK", "$IFS", "../", "\u202e",
    ]
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, min_size=1, max_size=8).map("".join))
def test_nothing_that_is_no_verb_runs(raw: paramiko.Transport, tmp_path: Path, text: str) -> None:
    mark = tmp_path / "mark"
    asked = text.replace("MARK", str(mark))
    channel = raw.open_session(timeout=10)
    channel.settimeout(20)
    channel.exec_command(asked.encode())
    channel.shutdown_write()
    out = b"".join(iter(lambda: channel.recv(65536), b""))
    try:
        verbs.parse(asked)
    except verbs.Misuse:
        assert json.loads(out)["code"] == "usage"
    assert not mark.exists()


def test_no_shell_opens(raw: paramiko.Transport) -> None:
    channel = raw.open_session(timeout=10)
    channel.settimeout(20)
    try:
        channel.invoke_shell()
    except paramiko.SSHException:
        return  # the embedded server refuses; sshd runs the agent, which answers that there is no shell
    assert said(channel)["code"] == "usage"


def test_no_terminal_opens(raw: paramiko.Transport) -> None:
    with pytest.raises(paramiko.SSHException):
        raw.open_session(timeout=10).get_pty()


def test_no_file_transfer_opens(raw: paramiko.Transport) -> None:
    with pytest.raises((paramiko.SSHException, EOFError)):
        paramiko.SFTPClient.from_transport(raw)


def test_no_port_is_forwarded(rig: RealRig, raw: paramiko.Transport) -> None:
    with pytest.raises(paramiko.ChannelException):
        raw.open_channel("direct-tcpip", ("127.0.0.1", rig.served.port), ("127.0.0.1", 1), timeout=10)
    with pytest.raises(paramiko.SSHException):
        raw.request_port_forward("127.0.0.1", 0)


def test_the_key_of_one_station_opens_no_other(rig: RealRig, raw: paramiko.Transport) -> None:
    channel = raw.open_session(timeout=10)
    channel.settimeout(20)
    channel.exec_command("identify")
    assert said(channel)["station"] == "S1"
