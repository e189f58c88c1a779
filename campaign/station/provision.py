"""Sets stations up on this machine, for the demo and the tests: the agent, one home and one key per station.

<home>/agent.pyz            the agent; drivers.pyz beside it where a station speaks UDS
<home>/stations/<name>/     the station's own folder, with station.json
<home>/cars/                the virtual cars, <VIN>.json
<home>/pace.json            {"seconds": one flash takes}, may change at any time
<home>/keys/<name>          the client key that opens this station and nothing else
<home>/host_key             of the SSH server
<home>/authorized_keys      restrict,command="..." per key
<home>/known_hosts, stations.json    written when the server is up: they tell its port
"""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from campaign.errors import BadInput
from campaign.station_agent.cars import write_bytes_whole, write_whole
from campaign.station_agent.drivers import PACK
from campaign.station_agent.pack import pack
from campaign.station_drivers.pack import pack_drivers

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class DriverChoice:
    """The flash driver of a station (`station_agent.drivers.DRIVERS`) and its options."""

    name: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What was set up, by path."""

    home: Path
    names: tuple[str, ...]
    cars: Path

    @property
    def agent(self) -> Path:
        """The agent's one file."""
        return self.home / "agent.pyz"

    @property
    def pace(self) -> Path:
        """The file that sets how long a flash takes."""
        return self.home / "pace.json"

    @property
    def host_key(self) -> Path:
        """The SSH server's private key."""
        return self.home / "host_key"

    @property
    def authorized_keys(self) -> Path:
        """Who may ask what."""
        return self.home / "authorized_keys"

    @property
    def known_hosts(self) -> Path:
        """The pinned host key, once the server is up."""
        return self.home / "known_hosts"

    def key_of(self, name: str) -> Path:
        """The private key that opens one station."""
        return self.home / "keys" / name

    def folder_of(self, name: str) -> Path:
        """One station's own folder."""
        return self.home / "stations" / name


def provision_stations(
    home: Path,
    names: Iterable[str],
    *,
    python: str = sys.executable,
    cars_dir: Path | None = None,
    seconds: float = 20.0,
    driver_options: Mapping[str, Any] | None = None,
    drivers: Mapping[str, DriverChoice] | None = None,
    trusted_keys: Iterable[str] = (),
) -> Provisioned:
    """Set up or refresh stations with virtual cars. Keys, journals and cars that are there stay.

    `seconds` is one flash; `driver_options` go to the simulated driver (`fail_rate`, `seed`, ...), which every
    station has that `drivers` does not name. `trusted_keys` (hex) sign the packages that the stations take. Raises
    BadInput for a name that could not be a folder.
    """
    home = home.absolute()
    cars = (cars_dir or home / "cars").absolute()
    made = Provisioned(home, tuple(names), cars)
    for name in made.names:
        if not _NAME.fullmatch(name):
            raise BadInput(f"{name!r} is no station name", where="stations", todo="letters, digits, . _ -")
    for folder in (home, home / "keys", cars):
        folder.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    write_bytes_whole(made.agent, pack())
    chosen = drivers or {}
    if any(choice.name == "uds" for choice in chosen.values()):
        write_bytes_whole(made.agent.with_name(PACK), pack_drivers())
    set_pace(made.home, seconds)
    _key(made.host_key, "host")
    options = {"cars": str(cars), "pace": str(made.pace), "seconds": seconds, **(driver_options or {})}
    usual, trusted = DriverChoice("simulated", options), "".join(f"{key}\n" for key in trusted_keys)
    lines = [_install(made, name, python, chosen.get(name, usual), trusted) for name in made.names]
    write_whole(made.authorized_keys, "".join(lines))
    return made


def set_pace(home: Path, seconds: float) -> None:
    """From now on, in running flashes too, a whole flash takes this many seconds."""
    write_whole(home / "pace.json", json.dumps({"seconds": seconds}))


def _install(made: Provisioned, name: str, python: str, driver: DriverChoice, trusted: str) -> str:
    """One station's folder and key. Returns its line in authorized_keys."""
    folder = made.folder_of(name)
    folder.mkdir(parents=True, exist_ok=True)
    station = {"name": name, "driver": driver.name, "driver_options": dict(driver.options)}
    write_whole(folder / "station.json", json.dumps(station, indent=1))
    write_whole(folder / "trusted_keys", trusted)
    public = _key(made.key_of(name), name)
    command = shlex.join([python, "-I", "-S", str(made.agent), "--home", str(folder)])
    quoted = command.replace("\\", "\\\\").replace('"', '\\"')
    return f'restrict,command="{quoted}" {public}\n'


def _key(file: Path, comment: str) -> str:
    """Make an Ed25519 key pair unless it is there. Returns the public line."""
    public = file.with_name(f"{file.name}.pub")
    if not (file.exists() and public.exists()):
        key = Ed25519PrivateKey.generate()
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption(),
        )
        file.touch(mode=0o600)
        file.write_bytes(secret)
        line = key.public_key().public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
        public.write_text(f"{line.decode()} {comment}\n", encoding="ascii")
    return public.read_text(encoding="ascii").strip()
