"""What use cases ask of a station that is being set up. The real one is `campaign.station.setup`, over SSH."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from campaign.ports.station import StationIdentity


@dataclass(frozen=True, slots=True)
class HostKey:
    """A server's key: `kind` as `ssh-ed25519`, its base64 text, and `SHA256:...` as people compare it."""

    kind: str
    text: str
    fingerprint: str


class Pinned(StrEnum):
    """How a key that a server shows stands to what is pinned for it."""

    NEW = "new"  # nothing is pinned yet
    SAME = "same"
    OTHER = "other"  # another key is pinned
    REVOKED = "revoked"  # this very key was given up


@dataclass(frozen=True, slots=True)
class ShownKey:
    """The key that a server shows, and the ones pinned for its address."""

    key: HostKey
    stands: Pinned
    pinned: tuple[HostKey, ...] = ()


@dataclass(frozen=True, slots=True)
class InstalledPlace:
    """Where an installed station is reached: what the links go by."""

    name: str
    host: str
    port: int
    user: str


@dataclass(frozen=True, slots=True)
class InstallOrder:
    """How a station shall be. An empty text or None: as it is there, else the usual.

    `home` and `authorized_keys` are paths on the station; `trusted_keys` are Ed25519 public keys in hex.
    """

    name: str
    host: str
    port: int
    user: str
    home: str = ""
    python: str = ""
    authorized_keys: str = ""
    driver: str | None = None
    driver_options: Mapping[str, Any] = field(default_factory=dict)
    trusted_keys: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """How the administrator signs in there. `secret` is asked for "password" or "passphrase" when one is needed."""

    user: str
    key_file: str | None
    secret: Callable[[str], str]


class Step(StrEnum):
    """What is done one after the other. A step that is told is done."""

    SIGNED_IN = "signed_in"
    PYTHON = "python"
    OWN_KEY = "own_key"
    HOME = "home"
    AGENT = "agent"
    DRIVERS = "drivers"
    STATION = "station"
    TRUSTED = "trusted"
    AUTHORIZED = "authorized"
    ANSWERS = "answers"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step with what it made or found; `changed` False: it was so already."""

    step: Step
    what: str
    changed: bool = True


@dataclass(frozen=True, slots=True)
class Installed:
    """What stands on the station now, for the log."""

    home: str
    python: str
    user: str
    driver: str
    agent_sha256: str
    flash_running: bool


class StationSetup(Protocol):
    """Sets stations up and knows who was set up. Raises StationErrors, BadInput, BadFile."""

    def places(self) -> Mapping[str, InstalledPlace]:
        """Every installed station by name; none where nothing was installed yet."""

    def shown_key(self, station: str, host: str, port: int) -> ShownKey:
        """Ask the server for its key, without signing in."""

    def pinned(self, host: str, port: int) -> tuple[HostKey, ...]:
        """The keys pinned for an address."""

    def pin(self, host: str, port: int, key: HostKey) -> tuple[HostKey, ...]:
        """Pin the key; what was pinned before is revoked. Returns those."""

    def check(self, order: InstallOrder) -> None:
        """Raises BadInput for what can be known to be wrong before anybody signs in."""

    def install(self, order: InstallOrder, login: Login, told: Callable[[StepDone], object]) -> Installed:
        """Bring the agent there and let our own key in. Safe to repeat; a running flash is not touched."""

    def try_out(self, order: InstallOrder) -> StationIdentity:
        """Ask the station through our own key, whether it is published or not."""

    def publish(self, order: InstallOrder) -> bool:
        """Let the links of this installation know the station; returns whether that is new."""
