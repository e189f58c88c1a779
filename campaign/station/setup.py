"""Setting stations up over SSH: `ports.station_setup.StationSetup` in one installation's folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from campaign.errors import BadInput
from campaign.ports.station import StationIdentity
from campaign.ports.station_setup import (
    HostKey,
    Installed,
    InstalledPlace,
    InstallOrder,
    Login,
    ShownKey,
    StepDone,
)
from campaign.station import installing, trusting
from campaign.station.address import StationAddress
from campaign.station.book import StationBook
from campaign.station.link import SshStations

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,252}")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9._-]{0,31}")


class SshStationSetup:
    """Stations of the installation whose stations live in `home`."""

    def __init__(self, home: Path) -> None:
        self._book = StationBook(home)

    def places(self) -> Mapping[str, InstalledPlace]:
        """Every installed station by name."""
        return {
            name: InstalledPlace(name, at.host, at.port, at.user)
            for name, at in self._book.addresses().items()
        }

    def shown_key(self, station: str, host: str, port: int) -> ShownKey:
        """The key that the server shows, without signing in."""
        return trusting.show_key(_address(station, host, port), self._book.known_hosts)

    def pinned(self, host: str, port: int) -> tuple[HostKey, ...]:
        """The keys pinned for an address."""
        return trusting.pins(StationAddress("", host, port, ""), self._book.known_hosts)[0]

    def pin(self, host: str, port: int, key: HostKey) -> tuple[HostKey, ...]:
        """Pin the key; what was pinned before is revoked."""
        with self._book.writing():
            return trusting.pin(StationAddress("", host, port, ""), key, self._book.known_hosts)

    def check(self, order: InstallOrder) -> None:
        """Raises BadInput for names that no machine has, and for options that the driver does not take."""
        _address(order.name, order.host, order.port)
        if not _USER.fullmatch(order.user):
            raise BadInput(f"{order.user!r} is no user name", where="user")
        for where, text in (("home", order.home), ("python", order.python), ("keys", order.authorized_keys)):
            if not text.isprintable():
                raise BadInput(f"{text!r} is no path", where=where)
        installing.check_order(order)

    def install(self, order: InstallOrder, login: Login, told: Callable[[StepDone], object]) -> Installed:
        """Bring the agent there and let our own key in."""
        return installing.install(self._book, order, login, told)

    def try_out(self, order: InstallOrder) -> StationIdentity:
        """Ask the station through our own key."""
        address = StationAddress(
            order.name, order.host, order.port, order.user, self._book.key_of(order.name)
        )
        link = SshStations({order.name: address}, None, self._book.known_hosts)
        try:
            return link.identify(order.name)
        finally:
            link.close()

    def publish(self, order: InstallOrder) -> bool:
        """Let the links of this installation know the station."""
        return self._book.put(
            StationAddress(order.name, order.host, order.port, order.user, self._book.key_of(order.name))
        )


def _address(station: str, host: str, port: int) -> StationAddress:
    if not _NAME.fullmatch(station):
        raise BadInput(f"{station!r} is no station name", where="station", todo="letters, digits, . _ -")
    if not _HOST.fullmatch(host):
        raise BadInput(f"{host!r} is no address", where=f"host of {station}", todo="a name or an IP address")
    if not 1 <= port <= 65_535:
        raise BadInput(f"{port} is no port", where=f"port of {station}", todo="1 to 65535")
    return StationAddress(station, host, port, "")
