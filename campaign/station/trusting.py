"""Host keys by hand: what a server shows without a sign-in, and the pin that says it is the right one."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import paramiko

from campaign.errors import StationUnreachable
from campaign.ports.station_setup import HostKey, Pinned, ShownKey
from campaign.station.address import StationAddress
from campaign.station.book import replace_whole
from campaign.station.dialling import Timeouts, greeted
from campaign.station.failures import FAILURES, HostKeyRefused, named
from campaign.station.host_keys import KnownHosts


def show_key(address: StationAddress, known_hosts: Path, timeouts: Timeouts | None = None) -> ShownKey:
    """The key that the server at `address` shows. Nothing is signed in to. Raises StationUnreachable."""
    pinned, revoked = pins(address, known_hosts)
    transport = greet(address, [key.kind for key in pinned], timeouts or Timeouts())
    try:
        shown = _host_key(transport.get_remote_server_key())
    finally:
        transport.close()
    return ShownKey(shown, _stands(shown, pinned, revoked), pinned)


def greet(address: StationAddress, wanted: list[str], timeouts: Timeouts) -> paramiko.Transport:
    """A connection whose host key is not judged yet; a key of a `wanted` kind is asked for first."""
    try:
        return greeted(address, wanted, timeouts, any_kind=True)
    except FAILURES as failure:
        raise named(address.name, failure, asked=False) from failure


def trusted(
    address: StationAddress, known_hosts: Path, timeouts: Timeouts | None = None
) -> paramiko.Transport:
    """A connection to the pinned host, not signed in yet. Raises StationIdentityRefused, StationUnreachable."""
    known = KnownHosts(known_hosts)
    transport = greet(address, known.kinds(address.known_as), timeouts or Timeouts())
    try:
        known.check(address.known_as, transport.get_remote_server_key())
    except HostKeyRefused as refused:
        transport.close()
        raise named(address.name, refused, asked=False) from refused
    return transport


def pins(address: StationAddress, known_hosts: Path) -> tuple[tuple[HostKey, ...], frozenset[str]]:
    """The keys that are pinned for the address, and the texts of those that were given up."""
    rows = [_words(line) for line in _lines(known_hosts)]
    ours = [row for row in rows if row is not None and _names(row[1], address.known_as, revoked=bool(row[0]))]
    revoked = frozenset(text for marker, _, _, text in ours if marker)
    keys = (HostKey(kind, text, fingerprint(text)) for marker, _, kind, text in ours if not marker)
    return tuple(key for key in keys if key.text not in revoked), revoked


def pin(address: StationAddress, key: HostKey, known_hosts: Path) -> tuple[HostKey, ...]:
    """Pin the key for the address; what was pinned before becomes `@revoked`. Returns those. Other lines stay."""
    before, revoked = pins(address, known_hosts)
    if key.text in revoked:
        raise StationUnreachable(address.name, "its key was revoked and cannot be trusted again")
    host, kept = address.known_as, []
    for line in _lines(known_hosts):
        row = _words(line)
        if row is None or row[0] or not _names(row[1], host, revoked=False):
            kept.append(line)
            continue
        others = [name for name in row[1].split(",") if not _names(name, host, revoked=False)]
        if others:  # one line may speak of several hosts: they keep theirs
            kept.append(f"{','.join(others)} {' '.join(line.split()[1:])}")
        if row[3] != key.text:
            kept.append(f"@revoked {host} {row[2]} {row[3]}")
    kept.append(f"{host} {key.kind} {key.text}")
    text = "".join(f"{line}\n" for line in kept)
    replace_whole(known_hosts, text.encode("utf-8", "surrogateescape"), 0o644)
    return tuple(old for old in before if old.text != key.text)


def fingerprint(text: str) -> str:
    """`SHA256:...` of a key in base64, as ssh-keygen -l shows it."""
    digest = hashlib.sha256(base64.b64decode(text)).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def _host_key(key: paramiko.PKey) -> HostKey:
    text = key.get_base64()
    return HostKey(key.get_name(), text, fingerprint(text))


def _stands(shown: HostKey, pinned: tuple[HostKey, ...], revoked: frozenset[str]) -> Pinned:
    if shown.text in revoked:
        return Pinned.REVOKED
    if not pinned:
        return Pinned.NEW
    return Pinned.SAME if any(key.text == shown.text for key in pinned) else Pinned.OTHER


def _lines(known_hosts: Path) -> list[str]:
    if not known_hosts.exists():
        return []
    return known_hosts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()


def _words(line: str) -> tuple[str, str, str, str] | None:
    """(marker, hosts, kind, key) of a line that pins or revokes a key."""
    words = line.split()
    marker = words.pop(0) if words and words[0].startswith("@") else ""
    if len(words) < 3 or words[0].startswith("#") or marker not in ("", "@revoked"):
        return None
    try:
        base64.b64decode(words[2], validate=True)
    except ValueError:
        return None
    return marker, words[0], words[1], words[2]


def _names(hosts: str, host: str, *, revoked: bool) -> bool:
    return any(
        name == host
        or (revoked and name == "*")
        or (name.startswith("|1|") and paramiko.HostKeys.hash_host(host, name) == name)
        for name in hosts.split(",")
    )
