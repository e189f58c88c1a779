"""The administrator's stations at the command line, against a real SSH server: trust, install, ping, drain."""

from __future__ import annotations

import base64
import json
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import paramiko
import pytest

from campaign.domain.events import SITE_CHAIN, Kind
from campaign.errors import StationUnreachable
from campaign.ports.station import FlashJob, JobState, StartAnswer
from campaign.station.found import FoundStations
from campaign.station.trusting import fingerprint
from campaign.station_agent.cars import update_car
from campaign.station_agent.pack import pack
from campaign.station_drivers.pack import pack_drivers
from tests.fakes.command_line import Desk, Printed, desk_in
from tests.fakes.packages import public_key
from tests.fakes.patience import eventually
from tests.fakes.plant import CODE, vin_no
from tests.servers.needs import need_program
from tests.servers.ssh_server import SshServer, make_key, start_sshd

pytestmark = pytest.mark.ssh
FOREIGN = (
    b'# the plant\'s own keys\r\n\nssh-rsa AAAAB3Nz other@plant\ncommand="x" ssh-ed25519 AAAA campaign-S1\n'
)


@dataclass
class Yard:
    """A desk, a server, and the administrator's own key that the server lets in."""

    desk: Desk
    sshd: SshServer
    folder: Path

    @property
    def key(self) -> Path:
        return self.folder / "admin"

    @property
    def there(self) -> Path:
        """The folder of station S1 on its machine."""
        return self.folder / "bench" / "S1"

    @property
    def authorized(self) -> Path:
        return self.sshd.folder / "authorized_keys"

    @property
    def stations(self) -> Path:
        return self.desk.home / "stations"

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.sshd.host_key_line().split()[2])

    def run(self, *args: str, by: str = "root", **env: str) -> Printed:
        return self.desk.run("station", *args, by=by, **env)

    def trust(self, *args: str, name: str = "S1", **env: str) -> Printed:
        return self.run("trust", name, "--host", self.sshd.host, "--port", str(self.sshd.port), *args, **env)

    def install(
        self, *args: str, name: str = "S1", key: bool = True, by: str = "root", **env: str
    ) -> Printed:
        where = ("--host", self.sshd.host, "--port", str(self.sshd.port), "--login", self.sshd.user)
        folders = ("--home", str(self.there.with_name(name)), "--authorized-keys", str(self.authorized))
        mine = ("--key", str(self.key)) if key else ()
        how = ("--python", sys.executable)
        return self.run("install", name, *where, *folders, *mine, *how, *args, by=by, **env)

    def facts(self, kind: Kind) -> list[dict[str, object]]:
        log = self.desk.plant.services.views.log(SITE_CHAIN)
        return [dict(event.fact.data) for event in log if event.fact.kind is kind]


@pytest.fixture
def yard(tmp_path: Path, sshd: SshServer) -> Iterator[Yard]:
    home = tmp_path / "home"
    home.mkdir()
    with desk_in(home) as desk:
        desk.plant.launch([300])
        made = Yard(desk, sshd, tmp_path)
        make_key(need_program("ssh-keygen", "openssh-client", "ssh-keygen"), made.key)
        sshd.authorise(made.key.with_suffix(".pub").read_text())
        yield made


@pytest.fixture
def trusted(yard: Yard) -> Yard:
    assert yard.trust("--fingerprint", yard.fingerprint).code == 0
    return yard


# -- trust ------------------------------------------------------------------------------------------------------------


def test_the_right_fingerprint_is_pinned_and_told(yard: Yard) -> None:
    told = yard.trust("--fingerprint", yard.fingerprint)
    assert (told.code, yard.fingerprint in told.out) == (0, True)
    assert (yard.stations / "known_hosts").read_text().strip() == yard.sshd.host_key_line()
    (fact,) = yard.facts(Kind.STATION_TRUSTED)
    assert (fact["station"], fact["fingerprint"], fact["revoked"]) == ("S1", yard.fingerprint, [])


def test_the_same_key_again_changes_nothing(trusted: Yard) -> None:
    told = trusted.trust()
    assert (told.code, "nothing to do" in told.out) == (0, True)
    assert len(trusted.facts(Kind.STATION_TRUSTED)) == 1


def test_another_fingerprint_is_refused(yard: Yard) -> None:
    told = yard.trust("--fingerprint", "SHA256:" + "A" * 43)
    assert (told.code, "somebody may stand between" in told.err) == (1, True)
    assert not (yard.stations / "known_hosts").exists()


def test_without_somebody_to_compare_nothing_is_trusted(yard: Yard) -> None:
    told = yard.trust()
    assert (told.code, "--fingerprint" in told.err) == (2, True)
    assert yard.trust("--yes").code == 0


def other_key(yard: Yard) -> str:
    """A key that is not the server's, pinned for it and for a neighbour."""
    make_key(need_program("ssh-keygen", "openssh-client", "ssh-keygen"), yard.folder / "other")
    kind, text, *_ = (yard.folder / "other.pub").read_text().split()
    yard.stations.mkdir(exist_ok=True)
    line = f"[{yard.sshd.host}]:{yard.sshd.port},neighbour {kind} {text} plant\n"
    (yard.stations / "known_hosts").write_text("# ours\n" + line)
    return text


def test_a_changed_host_key_is_refused_until_it_is_replaced_and_the_old_one_is_revoked(yard: Yard) -> None:
    text = other_key(yard)
    told = yard.trust("--fingerprint", yard.fingerprint)
    assert (told.code, fingerprint(text) in told.err, "--replace" in told.err) == (1, True, True)
    assert yard.trust("--fingerprint", yard.fingerprint, "--replace").code == 0
    host = f"[{yard.sshd.host}]:{yard.sshd.port}"
    assert (yard.stations / "known_hosts").read_text().splitlines() == [
        "# ours",
        f"neighbour ssh-ed25519 {text} plant",
        f"@revoked {host} ssh-ed25519 {text}",
        yard.sshd.host_key_line(),
    ]
    assert yard.facts(Kind.STATION_TRUSTED)[0]["revoked"] == [fingerprint(text)]


def test_a_revoked_key_is_never_trusted_again(yard: Yard) -> None:
    yard.stations.mkdir(exist_ok=True)
    (yard.stations / "known_hosts").write_text(f"@revoked {yard.sshd.host_key_line()}\n")
    told = yard.trust("--fingerprint", yard.fingerprint, "--replace")
    assert (told.code, "revoked" in told.err) == (1, True)


def test_who_does_not_look_after_stations_may_not_trust(yard: Yard) -> None:
    where = ("--host", yard.sshd.host, "--port", str(yard.sshd.port), "--yes")
    told = yard.run("trust", "S1", *where, by="sun")
    assert (told.code, "administrator" in told.err) == (1, True)


def test_a_station_without_an_address_says_what_is_missing(yard: Yard) -> None:
    told = yard.run("trust", "S1", "--yes")
    assert (told.code, "--host" in told.err) == (2, True)


def test_a_server_that_does_not_answer_is_a_system_that_is_not_reached(yard: Yard) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = yard.run("trust", "S1", "--host", "127.0.0.1", "--port", str(port), "--yes")
    assert (told.code, "station S1" in told.err) == (3, True)


# -- install ----------------------------------------------------------------------------------------------------------


def test_an_installed_station_answers_through_its_own_key(trusted: Yard) -> None:
    told = trusted.install("--driver", "simulated")
    assert told.code == 0, told.err
    assert ("Clock: " in told.out, "Free disk: " in told.out) == (True, True)
    assert stat.S_IMODE(trusted.there.stat().st_mode) == 0o700
    assert (trusted.there / "agent.pyz").read_bytes() == pack()
    assert json.loads((trusted.there / "station.json").read_text())["name"] == "S1"
    own = trusted.stations / "keys" / "S1"
    assert stat.S_IMODE(own.stat().st_mode) == 0o600
    pinged = trusted.run("ping", "S1", "--json").json
    assert (pinged[0]["answers"], pinged[0]["busy_with"], abs(pinged[0]["clock_skew_s"]) < 5) == (
        True,
        None,
        True,
    )
    assert pinged[0]["round_trip_ms"] > 0
    (fact,) = trusted.facts(Kind.STATION_INSTALLED)
    assert (fact["station"], fact["driver"], fact["home"]) == ("S1", "simulated", str(trusted.there))
    assert "PRIVATE" not in json.dumps(fact)


def test_an_installed_station_takes_the_packages_that_the_site_takes(trusted: Yard) -> None:
    assert trusted.install("--driver", "simulated").code == 0
    assert (trusted.there / "trusted_keys").read_text() == f"{public_key()}\n"
    revoked = trusted.desk.run("package", "revoke", public_key(), "--reason", "lost", by="root")
    assert (revoked.code, "station install" in revoked.out) == (0, True)
    assert trusted.install().code == 0
    assert (trusted.there / "trusted_keys").read_text() == ""


def test_the_installed_line_is_one_and_other_lines_stay_byte_for_byte(trusted: Yard) -> None:
    admin = trusted.authorized.read_bytes()
    trusted.authorized.write_bytes(FOREIGN + admin.rstrip(b"\n"))
    trusted.authorized.chmod(0o640)
    for _ in range(2):
        assert trusted.install("--driver", "simulated").code == 0
        text = trusted.authorized.read_bytes()
        assert text.startswith(FOREIGN + admin)
        (line,) = text[len(FOREIGN + admin) :].splitlines()
        command = f"{sys.executable} -I -S {trusted.there}/agent.pyz --home {trusted.there}"
        own = (trusted.stations / "keys" / "S1.pub").read_text().split()
        assert line.decode() == f'restrict,command="{command}" {own[0]} {own[1]} campaign-S1'
        assert stat.S_IMODE(trusted.authorized.stat().st_mode) == 0o640


def test_installing_again_with_a_new_key_replaces_the_old_line_in_its_place(trusted: Yard) -> None:
    assert trusted.install("--driver", "simulated").code == 0
    before = trusted.authorized.read_bytes()
    trusted.authorized.write_bytes(before + b"# after\n")
    for file in (trusted.stations / "keys").iterdir():
        file.unlink()
    assert trusted.install().code == 0
    after = trusted.authorized.read_bytes().splitlines()
    assert len(after) == len(before.splitlines()) + 1
    assert after[-1] == b"# after"
    assert after[-2] != before.splitlines()[-1]
    assert trusted.run("ping", "S1").code == 0


def test_the_second_time_nothing_is_changed_and_the_driver_stays(trusted: Yard) -> None:
    assert trusted.install("--driver", "simulated").code == 0
    files = [trusted.there / "agent.pyz", trusted.there / "station.json", trusted.authorized]
    before = [(file.stat().st_ino, file.read_bytes()) for file in files]
    told = trusted.install()
    assert told.code == 0
    assert [(file.stat().st_ino, file.read_bytes()) for file in files] == before
    assert [line for line in told.out.splitlines() if line.endswith("- done")] == told.out.splitlines()[:1]


def test_the_key_may_be_confirmed_in_the_same_command(yard: Yard) -> None:
    told = yard.install("--driver", "simulated")
    assert (told.code, "--fingerprint" in told.err) == (2, True)
    assert yard.install("--driver", "simulated", "--fingerprint", yard.fingerprint).code == 0


def test_a_changed_host_key_lets_nothing_be_installed(yard: Yard) -> None:
    other_key(yard)
    told = yard.install("--driver", "simulated", "--yes")
    assert (told.code, "--replace" in told.err) == (1, True)
    assert not yard.there.exists()


def test_the_installed_key_opens_nothing_but_the_agent(trusted: Yard, tmp_path: Path) -> None:
    assert trusted.install("--driver", "simulated").code == 0
    transport = paramiko.Transport((trusted.sshd.host, trusted.sshd.port))
    try:
        transport.connect(
            username=trusted.sshd.user, pkey=paramiko.PKey.from_path(trusted.stations / "keys" / "S1")
        )
        channel = transport.open_session(timeout=10)
        channel.settimeout(20)
        channel.exec_command(f"touch {tmp_path}/mark")
        assert json.loads(channel.makefile().read())["code"] == "usage"
        assert not (tmp_path / "mark").exists()
        with pytest.raises((paramiko.SSHException, EOFError)):
            paramiko.SFTPClient.from_transport(transport)
        with pytest.raises(paramiko.SSHException):
            transport.open_session(timeout=10).get_pty()
        with pytest.raises(paramiko.ChannelException):
            transport.open_channel(
                "direct-tcpip", ("127.0.0.1", trusted.sshd.port), ("127.0.0.1", 1), timeout=10
            )
    finally:
        transport.close()


def test_installing_again_keeps_a_running_flash(trusted: Yard) -> None:
    slow = trusted.folder / "slow.json"
    pace, cars = trusted.folder / "pace.json", trusted.folder / "cars"
    cars.mkdir()
    update_car(cars, vin_no(1), version="VBV4.5.2C", soc_display=300, soc_bms=330)
    pace.write_text('{"seconds": 600}')
    slow.write_text(json.dumps({"cars": str(cars), "pace": str(pace)}))
    assert trusted.install("--driver", "simulated", "--options", str(slow)).code == 0
    link = FoundStations(trusted.stations)
    job = FlashJob("a" * 32, vin_no(1), "VBV4.5.2C", "VBV4.5.3C", "pkg")
    try:
        assert link.start("S1", job) is StartAnswer.STARTED
        slow.write_text(json.dumps({"cars": str(cars), "pace": str(pace), "seed": 7}))
        agent = trusted.there / "agent.pyz"
        agent.write_bytes(agent.read_bytes() + b"\0")  # as if an older agent had been there
        told = trusted.install("--driver", "simulated", "--options", str(slow))
        assert (told.code, "it goes on" in told.out) == (0, True)
        assert agent.read_bytes() == pack()
        assert link.report("S1", job.job_id).state is JobState.RUNNING
        assert trusted.run("ping", "S1", "--json").json[0]["busy_with"] == job.job_id
        pace.write_text('{"seconds": 0}')
        eventually(lambda: link.report("S1", job.job_id).state is JobState.ENDED)
        assert link.report("S1", job.job_id).verdict == "pass"
    finally:
        link.close()


def test_a_running_orchestrator_takes_up_a_new_station_by_itself(trusted: Yard) -> None:
    assert trusted.install("--driver", "simulated").code == 0
    link = FoundStations(trusted.stations)
    try:
        assert link.identify("S1").station == "S1"
        with pytest.raises(StationUnreachable):
            link.identify("S2")
        assert trusted.install("--driver", "simulated", name="S2").code == 0
        assert link.identify("S2").station == "S2"
    finally:
        link.close()


def test_a_second_station_does_not_disturb_the_first(trusted: Yard) -> None:
    assert trusted.install("--driver", "simulated").code == 0
    assert trusted.install("--driver", "simulated", name="S2").code == 0
    told = trusted.run("ping")
    assert told.code == 0
    assert [row.split()[0] for row in told.out.splitlines()[1:]] == ["S1", "S2"]
    assert {row["name"] for row in json.loads((trusted.stations / "stations.json").read_text())} == {
        "S1",
        "S2",
    }


def test_the_home_of_another_station_is_not_taken(trusted: Yard) -> None:
    assert trusted.install("--driver", "simulated").code == 0
    told = trusted.install("--driver", "simulated", "--home", str(trusted.there), name="S2")
    assert (told.code, "is the home of S1" in told.err) == (3, True)
    assert not trusted.authorized.read_text().count("campaign-S2")


def test_a_folder_with_other_things_is_not_taken(trusted: Yard) -> None:
    trusted.there.mkdir(parents=True)
    (trusted.there / "diary").write_text("mine")
    told = trusted.install("--driver", "simulated")
    assert (told.code, "holds other things" in told.err) == (3, True)
    assert [file.name for file in trusted.there.iterdir()] == ["diary"]


def test_a_failure_in_the_middle_says_what_is_done_and_what_to_do(trusted: Yard) -> None:
    told = trusted.install("--driver", "simulated", "--authorized-keys", "/proc/none/authorized_keys")
    assert told.code == 3
    assert "The agent" in told.out
    assert "run the same command again" in told.err
    assert "authorized: /proc/none" in told.err
    assert not (trusted.stations / "stations.json").exists()
    assert trusted.facts(Kind.STATION_INSTALLED) == []
    assert trusted.install("--driver", "simulated").code == 0


def test_a_driver_must_be_named_the_first_time(trusted: Yard) -> None:
    told = trusted.install()
    assert (told.code, "--driver" in told.err) == (3, True)
    assert not (trusted.there / "agent.pyz").exists()


@pytest.mark.parametrize(
    ("driver", "options", "told"),
    [
        ("magic", None, "no driver"),
        ("command", {}, "options of command"),
        ("command", {"flash": ["t"], "read_back": ["t", "{job}"]}, "read_back"),
        ("command", "[]", "one JSON object"),
        ("command", "{", "not JSON"),
    ],
)
def test_options_that_the_driver_does_not_take_are_told_before_anybody_signs_in(
    trusted: Yard, driver: str, options: object, told: str
) -> None:
    args = ["--driver", driver]
    if options is not None:
        file = trusted.folder / "options.json"
        file.write_text(options if isinstance(options, str) else json.dumps(options))
        args += ["--options", str(file)]
    printed = trusted.install(*args)
    assert (printed.code, told in printed.err) == (2, True)
    assert not trusted.there.exists()


def test_a_python_that_is_missing_or_too_old_is_told(trusted: Yard) -> None:
    told = trusted.install("--driver", "simulated", "--python", "/nowhere/python3")
    assert (told.code, "name one with --python" in told.err) == (3, True)
    old = trusted.folder / "python3"
    old.write_text('#!/bin/sh\ncat >/dev/null\necho welcome\necho \'{"python": [3, 8], "path": "/x"}\'\n')
    old.chmod(0o755)
    told = trusted.install("--driver", "simulated", "--python", str(old))
    assert (told.code, "Python 3.8; the agent needs 3.9" in told.err) == (3, True)


def test_a_key_that_the_server_does_not_know_is_told(trusted: Yard) -> None:
    trusted.sshd.forget_keys()
    told = trusted.install("--driver", "simulated")
    assert (told.code, "the key of" in told.err, "not accepted" in told.err) == (3, True, True)


def test_a_key_file_with_a_passphrase_asks_for_it(trusted: Yard) -> None:
    keygen = need_program("ssh-keygen", "openssh-client", "ssh-keygen")
    subprocess.run([str(keygen), "-q", "-p", "-N", "open sesame", "-f", str(trusted.key)], check=True)
    assert trusted.install("--driver", "simulated", CAMPAIGN_STATION_PASSWORD="open sesame").code == 0
    told = trusted.install(CAMPAIGN_STATION_PASSWORD="wrong")
    assert (told.code, "cannot be used" in told.err) == (3, True)
    assert "wrong" not in told.text


def test_who_does_not_look_after_stations_installs_nothing(trusted: Yard) -> None:
    told = trusted.install("--driver", "simulated", by="sun")
    assert (told.code, "administrator" in told.err) == (1, True)
    assert not trusted.there.exists()


UDS = {
    "host": "127.0.0.1",
    "gateway": "0x1010",
    "vin_ecu": "0x1001",
    "security": {"level": 17, "algorithm": "xor", "secret": "A5A5"},
}


def test_a_station_that_flashes_over_uds_gets_its_libraries(trusted: Yard) -> None:
    file = trusted.folder / "uds.json"
    file.write_text(json.dumps(UDS))
    told = trusted.install("--driver", "uds", "--options", str(file))
    assert told.code == 0, told.err
    assert (trusted.there / "drivers.pyz").read_bytes() == pack_drivers()
    assert trusted.run("ping", "S1").code == 0
    again = trusted.install()
    assert (again.code, (trusted.there / "drivers.pyz").exists()) == (0, True)


# -- a password -------------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_told_and_never_shown(yard: Yard) -> None:
    lets_in = ("PasswordAuthentication yes", "AuthenticationMethods any", "PermitRootLogin yes")
    server = start_sshd(lets_in)
    try:
        guarded = Yard(yard.desk, server, yard.folder)
        secret = "no such password 8f2"
        told = guarded.install(
            "--driver", "simulated", "--yes", key=False, CAMPAIGN_STATION_PASSWORD=secret, SSH_AUTH_SOCK=""
        )
        assert (told.code, "the password of" in told.err) == (3, True)
        assert secret not in told.text + guarded.sshd.log()
    finally:
        server.stop()


def test_without_key_or_password_it_is_told_which_variable_helps(trusted: Yard) -> None:
    told = trusted.install("--driver", "simulated", key=False, SSH_AUTH_SOCK="")
    assert (told.code, "CAMPAIGN_STATION_PASSWORD" in told.err) == (2, True)


def test_the_right_password_is_enough(yard: Yard) -> None:
    with PasswordServer("let me in") as server:
        where = ("--host", "127.0.0.1", "--port", str(server.port), "--login", yard.sshd.user)
        folders = ("--home", str(yard.there), "--authorized-keys", str(yard.folder / "keys"))
        env = {"CAMPAIGN_STATION_PASSWORD": "let me in", "SSH_AUTH_SOCK": ""}
        told = yard.run(
            "install",
            "S1",
            *where,
            *folders,
            "--python",
            sys.executable,
            "--driver",
            "simulated",
            "--yes",
            **env,
        )
        assert "Our key lets us in" in told.out, told.err
        assert (yard.there / "agent.pyz").read_bytes() == pack()


class PasswordServer(paramiko.ServerInterface):
    """An SSH server that knows one password and runs every command; our sshd cannot be given one."""

    def __init__(self, password: str) -> None:
        self._password = password
        self._key = paramiko.RSAKey.generate(2048)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self._commands: dict[int, str] = {}
        self._transports: list[paramiko.Transport] = []

    def __enter__(self) -> PasswordServer:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._door.close()
        for transport in self._transports:
            transport.close()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._door.accept()
            except OSError:
                return
            transport = paramiko.Transport(caller)
            self._transports.append(transport)
            transport.add_server_key(self._key)
            threading.Thread(target=self._talk, args=(transport,), daemon=True).start()

    def _talk(self, transport: paramiko.Transport) -> None:
        try:
            transport.start_server(server=self)
        except (paramiko.SSHException, EOFError):
            return
        while transport.is_active():
            channel = transport.accept(1)
            if channel is not None:
                threading.Thread(target=self._run, args=(channel,), daemon=True).start()

    def _run(self, channel: paramiko.Channel) -> None:
        eventually(lambda: channel.chanid in self._commands)
        given = channel.makefile("rb").read()
        done = subprocess.run(
            self._commands.pop(channel.chanid), shell=True, input=given, capture_output=True, check=False
        )
        channel.sendall(done.stdout)
        channel.sendall_stderr(done.stderr)
        channel.send_exit_status(done.returncode)
        channel.close()

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL if password == self._password else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        self._commands[channel.chanid] = command.decode()
        return True


# -- ping, list, drain ------------------------------------------------------------------------------------------------


def test_a_station_that_does_not_answer_makes_the_ping_fail_and_the_others_are_shown(trusted: Yard) -> None:
    assert trusted.install("--driver", "simulated").code == 0
    told = trusted.run("ping", "S1", "S9", "--json", by="sun")
    assert told.code == 3
    assert [(row["station"], row["answers"]) for row in told.json] == [("S1", True), ("S9", False)]
    assert "no address" in told.json[1]["error"]


def test_a_ping_before_any_station_is_installed_says_what_to_do(yard: Yard) -> None:
    told = yard.run("ping")
    assert (told.code, "campaign station install" in told.err) == (2, True)


def test_the_list_shows_address_key_and_state(trusted: Yard) -> None:
    assert trusted.install("--driver", "simulated").code == 0
    told = trusted.run("list", by="xu")
    rows = {row.split()[0]: row for row in told.out.splitlines()[1:]}
    assert trusted.fingerprint in rows["S1"]
    assert f"{trusted.sshd.user}@{trusted.sshd.host}:{trusted.sshd.port}" in rows["S1"]
    assert "not installed" in rows["S2"]
    first = trusted.run("list", "--json", by="xu").json[0]
    assert (first["station"], first["installed"], first["host_key"]) == ("S1", True, trusted.fingerprint)


def test_a_drained_station_gets_no_car_and_its_flash_goes_on(yard: Yard) -> None:
    ((vin, station),) = flashing(yard)
    told = yard.run("drain", station, "--reason", "new cable")
    assert told.code == 0
    assert flashing(yard) == [(vin, station)]
    (row,) = [row for row in yard.run("list", "--json").json if row["station"] == station]
    assert (row["state"], row["vin"], row["drained"]) == ("flashing", vin, True)
    (fact,) = yard.facts(Kind.STATION_DRAINED)
    assert fact["station"] == station


def flashing(yard: Yard) -> list[tuple[str, str]]:
    with yard.desk.plant.services.store.read() as uow:
        return [(attempt.vin, attempt.station) for attempt in uow.attempts.running(CODE)]


def test_drain_and_resume_are_the_administrator_s_and_ask_for_a_reason(yard: Yard) -> None:
    assert yard.run("drain", "S1", "--reason", "x", by="sun").code == 1
    assert yard.run("drain", "S1").code == 2
    assert yard.run("drain", "S1", "--reason", " ").code == 1
    assert yard.run("drain", "S9", "--reason", "x").code == 2


def test_draining_twice_is_one_hold_and_resume_lifts_it(yard: Yard) -> None:
    for why in ("new cable", "again"):
        told = yard.run("drain", "S2", "--reason", why)
        assert (told.code, "new cable" in told.out) == (0, True)
    (hold,) = yard.desk.run("hold", "list", "--json", by="sun").json
    assert (hold["scope"], hold["target"], hold["by"]) == ("station", "S2", "root")
    assert yard.run("resume", "S2", "--reason", "cable is in").code == 0
    assert yard.desk.run("hold", "list", "--json", by="sun").out.strip() == "[]"
    again = yard.run("resume", "S2", "--reason", "sure")
    assert (again.code, "nothing to do" in again.out) == (0, True)
    assert [fact["station"] for fact in yard.facts(Kind.STATION_RESUMED)] == ["S2"]


def test_a_hold_of_quality_is_not_lifted_by_the_administrator(yard: Yard) -> None:
    assert yard.desk.run("hold", "set", "station", "S2", "--reason", "odd readings", by="chen").code == 0
    told = yard.run("resume", "S2", "--reason", "mine")
    assert (told.code, "chen" in told.out, "hold lift" in told.out) == (1, True, True)
    assert len(yard.desk.run("hold", "list", "--json", by="sun").json) == 1


def test_the_fingerprint_is_the_one_that_openssh_shows(yard: Yard) -> None:
    keygen = need_program("ssh-keygen", "openssh-client", "ssh-keygen")
    shown = subprocess.run(
        [str(keygen), "-lf", str(yard.sshd.folder / "host_key.pub")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert yard.fingerprint == shown.stdout.split()[1]
    assert base64.b64decode(yard.sshd.host_key_line().split()[2])
