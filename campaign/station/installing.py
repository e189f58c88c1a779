"""Brings the agent to a station over an administrator's own sign-in, with nothing there but SSH and a Python.

What is done there is a program of ours (`remote_setup`) that the station's Python reads from its standard input: no
shell sees more than that Python's path, and no file transfer is needed. Our own private key stays on this machine.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from campaign.errors import BadInput, StationAuthRefused, StationLinkLost, StationRejected
from campaign.ports.station_setup import Installed, InstallOrder, Login, Step, StepDone
from campaign.station import remote_setup
from campaign.station.address import StationAddress
from campaign.station.book import StationBook
from campaign.station.failures import FAILURES, named
from campaign.station.trusting import trusted
from campaign.station_agent.drivers import DRIVERS, make_driver
from campaign.station_agent.pack import pack

OLDEST_PYTHON = (3, 9)
DRIVERS_NEED = {"uds": (3, 11)}
"""Drivers that want a newer Python than the agent itself."""
MOST_AGENT_KEYS = 4  # a server ends the connection after six tries
PATIENCE = 60.0  # seconds without a word of the station
_PROBE = """import json, sys
print(json.dumps({"python": list(sys.version_info[:2]), "path": sys.executable}))
"""
_KEYS: tuple[tuple[type, type[paramiko.PKey]], ...] = (
    (ed25519.Ed25519PrivateKey, paramiko.Ed25519Key),
    (ec.EllipticCurvePrivateKey, paramiko.ECDSAKey),
    (rsa.RSAPrivateKey, paramiko.RSAKey),
)
_NO_PROGRAM = frozenset({126, 127})

Told = Callable[[StepDone], object]


def check_order(order: InstallOrder) -> None:
    """Raises BadInput for a driver or options that the station would refuse later."""
    if order.driver is None:
        return
    if order.driver not in DRIVERS:
        known = ", ".join(DRIVERS)
        raise BadInput(f"{order.driver!r} is no driver", where="driver", todo=f"one of {known}")
    options = dict(order.driver_options)
    if order.driver == "simulated":
        options.setdefault("cars", "cars")
    try:
        make_driver(order.driver, options)
    except (ValueError, KeyError, TypeError, ImportError) as error:
        told = f"missing: {error}" if isinstance(error, KeyError) else str(error)
        raise BadInput(
            told, where=f"options of {order.driver}", todo="see the guide, section Stations"
        ) from error


def install(book: StationBook, order: InstallOrder, login: Login, told: Told) -> Installed:
    """Set the station up as ordered, telling each step. Raises StationErrors; what was told before is done."""
    address = StationAddress(order.name, order.host, order.port, order.user)
    transport = trusted(address, book.known_hosts)
    try:
        _sign_in(transport, order.name, login)
        told(StepDone(Step.SIGNED_IN, f"{login.user}@{address.known_as}"))
        python = _find_python(transport, order)
        told(StepDone(Step.PYTHON, python, changed=False))
        public, made = book.own_key(order.name)
        told(StepDone(Step.OWN_KEY, str(book.key_of(order.name)), changed=made))
        agent = pack()
        done = _set_up(transport, order, python, _words(order, public, agent), told)
    finally:
        transport.close()
    sha256 = hashlib.sha256(agent).hexdigest()
    return Installed(
        done["home"], done["python"], done["user"], done["driver"], sha256, bool(done["flash_running"])
    )


def _words(order: InstallOrder, public: str, agent: bytes) -> dict[str, Any]:
    """The order as the program on the station reads it."""
    drivers = b""
    if order.driver in ("uds", None):  # None: only the station knows whether its driver needs them
        drivers = _pack_drivers()
    return {
        "name": order.name,
        "user": order.user,
        "home": order.home,
        "authorized_keys": order.authorized_keys,
        "agent": base64.b64encode(agent).decode("ascii"),
        "drivers": base64.b64encode(drivers).decode("ascii"),
        "needs": DRIVERS_NEED,
        "driver": order.driver,
        "driver_options": dict(order.driver_options),
        "trusted_keys": None if order.trusted_keys is None else list(order.trusted_keys),
        "public_key": public,
        "comment": f"campaign-{order.name}",
    }


def _pack_drivers() -> bytes:
    from campaign.station_drivers.pack import pack_drivers  # noqa: PLC0415 - its libraries are slow to load

    return pack_drivers()


def _sign_in(transport: paramiko.Transport, station: str, login: Login) -> None:
    """With the key file; else with a key of the SSH agent, else with the password. Raises StationAuthRefused."""
    try:
        if login.key_file is not None:
            transport.auth_publickey(login.user, _load_key(station, login))
        elif not _agent_key_fits(transport, login.user):
            transport.auth_password(login.user, login.secret("password"))
    except paramiko.BadAuthenticationType as refused:
        ways = ", ".join(refused.allowed_types)
        raise StationAuthRefused(station, f"it lets nobody in that way, only by: {ways}") from refused
    except paramiko.AuthenticationException as refused:
        what = "the key" if login.key_file is not None else "the password"
        raise StationAuthRefused(station, f"{what} of {login.user} is not accepted") from refused
    except FAILURES as failure:
        raise named(station, failure, asked=False) from failure


def _load_key(station: str, login: Login) -> paramiko.PKey:
    """The administrator's own key, asked for its passphrase where it has one. Raises StationAuthRefused."""
    file = Path(str(login.key_file)).expanduser()
    try:
        data = file.read_bytes()
        try:
            key = _parse_key(data, None)
        except TypeError:  # cryptography's word for: it is encrypted
            key = _parse_key(data, login.secret("passphrase").encode())
        plain = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode("ascii")
        for kind, ours in _KEYS:
            if isinstance(key, kind):
                return ours.from_private_key(io.StringIO(plain))
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm, paramiko.SSHException) as error:
        told = f"the key file {file} cannot be used: {type(error).__name__}"
        raise StationAuthRefused(station, told) from error
    raise StationAuthRefused(station, f"the key file {file} is of a kind that is not used any more")


def _parse_key(data: bytes, secret: bytes | None) -> Any:
    try:
        return load_ssh_private_key(data, secret)
    except ValueError:
        return load_pem_private_key(data, secret)


def _agent_key_fits(transport: paramiko.Transport, user: str) -> bool:
    for key in paramiko.Agent().get_keys()[:MOST_AGENT_KEYS]:
        try:
            transport.auth_publickey(user, key)
        except paramiko.BadAuthenticationType:
            return False
        except paramiko.AuthenticationException:
            continue
        return True
    return False


def _find_python(transport: paramiko.Transport, order: InstallOrder) -> str:
    """The absolute path of the station's Python. Raises StationRejected: there is none, or it is too old."""
    wanted = order.python or "python3"
    said, complaint, status = _run(transport, order.name, f"{shlex.quote(wanted)} -E -S -", _PROBE)
    found = next((told for told in said if "python" in told), None)
    if found is None:
        why = "is not there" if status in _NO_PROGRAM else f"does not run: {complaint[:200]}"
        raise StationRejected(order.name, f"{wanted} {why}; name one with --python", "no_python")
    version = tuple(found["python"])
    if version < OLDEST_PYTHON:
        told = f"{wanted} is Python {version[0]}.{version[1]}; the agent needs 3.9 or newer: name one with --python"
        raise StationRejected(order.name, told, "old_python")
    return str(found["path"] or wanted)


def _set_up(
    transport: paramiko.Transport, order: InstallOrder, python: str, words: dict[str, Any], told: Told
) -> dict[str, Any]:
    program = Path(remote_setup.__file__).read_text(encoding="utf-8")
    program += f"\n\nmain(json.loads({json.dumps(words)!r}))\n"
    command = f"{shlex.quote(python)} -I -S -"
    said, complaint, status = _run(transport, order.name, command, program, lambda line: _tell(line, told))
    for line in said:
        if "failed" in line:
            raise StationRejected(order.name, f"{line['failed']}: {line['why']}", f"install_{line['failed']}")
        if "done" in line:
            done: dict[str, Any] = line["done"]
            return done
    what = f"the installation broke off (exit status {status}) {complaint[-300:]}"
    raise StationLinkLost(order.name, what.rstrip())


def _tell(line: dict[str, Any], told: Told) -> None:
    if "step" in line:
        told(StepDone(Step(line["step"]), str(line["what"]), bool(line["changed"])))


def _run(
    transport: paramiko.Transport,
    station: str,
    command: str,
    program: str,
    heard: Callable[[dict[str, Any]], object] = lambda _: None,
) -> tuple[list[dict[str, Any]], str, int]:
    """Let the station's Python read a program. Returns its lines of JSON, its complaint and its exit status.

    Other lines are skipped: a login shell may greet its user.
    """
    said = []
    try:
        channel = transport.open_session(timeout=PATIENCE)
        try:
            channel.settimeout(PATIENCE)
            channel.exec_command(command)
            _send(channel, program.encode("utf-8"))
            for line in _lines(channel):
                said.append(line)
                heard(line)
            complaint = channel.recv_stderr(65536).decode("utf-8", "replace").strip()
            return said, complaint, channel.recv_exit_status()
        finally:
            channel.close()
    except FAILURES as failure:
        raise named(station, failure, asked=True) from failure


def _send(channel: paramiko.Channel, data: bytes) -> None:
    try:
        channel.sendall(data)
        channel.shutdown_write()
    except OSError:  # it ended before it had read all: what it said tells why
        if not channel.recv_ready() and not channel.exit_status_ready():
            raise


def _lines(channel: paramiko.Channel) -> Iterator[dict[str, Any]]:
    rest = b""
    while chunk := channel.recv(65536):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            try:
                told = json.loads(line)
            except ValueError:
                continue
            if isinstance(told, dict):
                yield told
