"""Runs on the station itself: its text is sent to the station's Python (3.9 or newer, standard library only).

Says one JSON line per step, `{"step", "what", "changed"}`, and at the end `{"done": {...}}` or `{"failed", "why"}`.
Every file is replaced as a whole by a rename, and only where it differs: what runs is not touched, and the same
order given twice changes nothing.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import pwd
import shlex
import sys
from pathlib import Path
from typing import Any


class Failed(Exception):
    """A step that could not be done, and why."""

    def __init__(self, step: str, why: str) -> None:
        self.step = step
        super().__init__(why)


def main(order: dict[str, Any]) -> None:
    """Do all that the order says, telling each step."""
    try:
        _say({"done": _set_up(order)})
    except Failed as failed:
        _say({"failed": failed.step, "why": str(failed)})


def _set_up(order: dict[str, Any]) -> dict[str, Any]:
    os.umask(0o077)
    user = _become(order["user"])
    home = _home(order, user)
    running = _flash_runs(home)
    station = _station(order, home)
    _check_python(station["driver"], order["needs"])
    for name in ("drivers", "agent") if station["driver"] == "uds" else ("agent",):
        _file(name, home / f"{name}.pyz", base64.b64decode(order[name]))
    _file("station", home / "station.json", json.dumps(station, indent=1, sort_keys=True).encode() + b"\n")
    if order["trusted_keys"] is not None:
        text = "".join(f"{key}\n" for key in order["trusted_keys"])
        _file("trusted", home / "trusted_keys", text.encode("ascii"))
    _let_in(order, home, user)
    told = {"home": str(home), "python": sys.executable, "user": user.pw_name}
    return {**told, "driver": station["driver"], "flash_running": running}


def _become(name: str) -> pwd.struct_passwd:
    """The user that the agent runs as; root becomes that user for everything that follows."""
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        raise Failed("home", f"there is no user {name} on this machine") from None
    if os.geteuid() == user.pw_uid:
        return user
    if os.geteuid() != 0:
        mine = pwd.getpwuid(os.geteuid()).pw_name
        raise Failed("home", f"{mine} may not set up the files of {name}: sign in as {name} or as root")
    os.initgroups(name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    return user


def _home(order: dict[str, Any], user: pwd.struct_passwd) -> Path:
    home = Path(user.pw_dir, order["home"] or f"campaign/{order['name']}")
    try:
        made = not home.is_dir()
        ours = any((home / name).exists() for name in ("station.json", "agent.pyz", "jobs"))
        if not made and not ours and any(home.iterdir()):
            raise Failed("home", f"{home} holds other things: name an empty folder, or one that is not there")
        for folder in (home, home / "jobs", home / "blobs"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        home.chmod(0o700)
    except OSError as error:
        raise Failed("home", f"{home}: {error.strerror}") from error
    _say({"step": "home", "what": str(home), "changed": made})
    return home


def _flash_runs(home: Path) -> bool:
    try:
        with (home / "station.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _station(order: dict[str, Any], home: Path) -> dict[str, Any]:
    """What station.json shall say. What the order leaves open stays as it is there."""
    file = home / "station.json"
    try:
        known = json.loads(file.read_bytes())
        before = str(known["name"])
    except FileNotFoundError:
        known, before = {}, order["name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Failed("station", f"{file} cannot be read: {type(error).__name__}") from error
    if before != order["name"]:
        raise Failed("station", f"{home} is the home of {before}: every station needs its own")
    driver = order["driver"] or known.get("driver")
    if driver is None:
        raise Failed("station", "nobody said which driver it has: --driver simulated, command or uds")
    options = order["driver_options"] if order["driver"] else known.get("driver_options", {})
    if driver == "simulated" and "cars" not in options:
        (home / "cars").mkdir(exist_ok=True)
        options = {**options, "cars": str(home / "cars")}
    return {"name": order["name"], "driver": driver, "driver_options": options}


def _check_python(driver: str, needs: dict[str, list[int]]) -> None:
    least = needs.get(driver, [])
    if list(sys.version_info[:2]) < least:
        wanted, mine = ".".join(map(str, least)), ".".join(map(str, sys.version_info[:2]))
        told = f"{sys.executable} is Python {mine}; the driver {driver} needs {wanted} or newer"
        raise Failed("drivers", f"{told}: name one with --python")


def _let_in(order: dict[str, Any], home: Path, user: pwd.struct_passwd) -> None:
    """One line in authorized_keys for this station; every other line stays byte for byte, and so does the mode."""
    file = Path(user.pw_dir, order["authorized_keys"] or ".ssh/authorized_keys").resolve()
    command = shlex.join([sys.executable, "-I", "-S", str(home / "agent.pyz"), "--home", str(home)])
    quoted = command.replace("\\", "\\\\").replace('"', '\\"')
    line = f'restrict,command="{quoted}" {order["public_key"]} {order["comment"]}\n'.encode()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            before = file.read_bytes() if file.exists() else b""
            _file("authorized", file, with_line(before, line, order["comment"].encode()))
        finally:
            os.close(folder)
    except OSError as error:
        raise Failed("authorized", f"{file}: {error.strerror}") from error


def with_line(before: bytes, line: bytes, comment: bytes) -> bytes:
    """`before` with our `line` in the place of the one with the same comment, else at the end."""
    lines, placed = [], False
    for old in before.splitlines(keepends=True):
        ours = old.startswith(b'restrict,command="') and old.split()[-1:] == [comment]
        if not ours:
            lines.append(old)
        elif not placed:
            lines.append(line)
            placed = True
    if not placed:
        if lines and not lines[-1].endswith((b"\n", b"\r")):
            lines[-1] += b"\n"
        lines.append(line)
    return b"".join(lines)


def _file(step: str, file: Path, data: bytes) -> None:
    """Make the file so, in one step, with the mode that it has; 600 for a new one."""
    try:
        changed = not file.exists() or file.read_bytes() != data
        if changed:
            mode = file.stat().st_mode & 0o7777 if file.exists() else 0o600
            fresh = file.with_name(f".{file.name}.{os.getpid()}")
            with fresh.open("wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            fresh.chmod(mode)
            fresh.replace(file)
            _sync(file.parent)
    except OSError as error:
        raise Failed(step, f"{file}: {error.strerror}") from error
    _say({"step": step, "what": str(file), "changed": changed})


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
