"""Making a connection to one station: patient at a crowded door, strict about who answers, modern in what it speaks."""

from __future__ import annotations

import logging
import random
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import paramiko

from campaign.errors import StationAuthRefused, StationUnreachable
from campaign.station.address import StationAddress
from campaign.station.failures import FAILURES, is_transient
from campaign.station.host_keys import KnownHosts

CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr", "aes128-ctr")
MACS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com")
KEX = ("mlkem768x25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256")
HOST_KEYS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256")

RETRY_FOR = 4.0  # seconds in which a connection that was turned away is tried again
FIRST_PAUSE = 0.1  # seconds, doubled each time

# Every failure reaches the caller with a name; paramiko would print it a second time, with a traceback.
_LOG = "campaign.station.paramiko"
logging.getLogger(_LOG).setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long each part of a question may take, in seconds."""

    connect: float = 5.0  # TCP, then the banner, then the key exchange: each
    auth: float = 10.0
    channel: float = 5.0  # opening one
    silence: float = 7.0  # without a byte of the answer; a station that works sends a beat every 2 s
    answer: float = 60.0  # the whole answer
    upload: float = 30.0  # in which not one block of a file could be sent
    turn: float = 60.0  # until the link, or the door for new connections, is free


@dataclass(frozen=True, slots=True)
class Dialler:
    """Makes connections to one station. `door` lets only so many be made at once in this process."""

    address: StationAddress
    key_file: Path
    known_hosts_file: Path
    timeouts: Timeouts
    door: threading.Semaphore

    def connect(self) -> paramiko.Transport:
        """A signed-in connection to the pinned host, tried again while the station has too many callers at its door.

        Raises what paramiko raises, HostKeyRefused, and StationErrors for what is wrong on our side.
        """
        give_up, pause = time.monotonic() + RETRY_FOR, FIRST_PAUSE
        key = self._key()
        while True:
            try:
                return self._connect(key)
            except FAILURES as failure:
                if not is_transient(failure) or time.monotonic() + pause > give_up:
                    raise
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads callers, guards nothing
            pause *= 2

    def _connect(self, key: paramiko.PKey) -> paramiko.Transport:
        if not self.door.acquire(timeout=self.timeouts.turn):
            raise StationUnreachable(self.address.name, "too many connections are being made")
        try:
            known, host = KnownHosts(self.known_hosts_file), self.address.known_as
            transport = greeted(self.address, known.kinds(host), self.timeouts)
            try:
                known.check(host, transport.get_remote_server_key())
                transport.auth_publickey(self.address.user, key)
            except BaseException:
                transport.close()
                raise
            return transport
        finally:
            self.door.release()

    def _key(self) -> paramiko.PKey:
        try:
            return paramiko.PKey.from_path(self.key_file)
        except (OSError, ValueError, paramiko.SSHException) as error:
            told = f"our key file {self.key_file.name} cannot be used: {type(error).__name__}"
            raise StationAuthRefused(self.address.name, told) from error


def greeted(
    address: StationAddress, kinds: list[str], timeouts: Timeouts, *, any_kind: bool = False
) -> paramiko.Transport:
    """A connection after its key exchange: nobody judged the host's key yet, and nobody signed in.

    A host key of one of `kinds` is asked for; `any_kind`: of those first, then of any other.
    Raises what paramiko and sockets raise (`failures.FAILURES`).
    """
    sock = socket.create_connection((address.host, address.port), timeout=timeouts.connect)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    transport = paramiko.Transport(sock)
    try:
        transport.set_log_channel(_LOG)
        transport.banner_timeout = timeouts.connect
        transport.handshake_timeout = timeouts.connect
        transport.auth_timeout = timeouts.auth
        speak_modern(transport, kinds, any_kind=any_kind)
        transport.start_client(timeout=timeouts.connect)
    except BaseException:
        transport.close()
        sock.close()
        raise
    return transport


def speak_modern(transport: paramiko.Transport, pinned_kinds: list[str], *, any_kind: bool) -> None:
    """Offer only what is still trusted, the fastest first, and ask for a host key of a pinned type.

    `any_kind`: of a pinned type first; else a server with several keys would seem to have changed its own.
    """
    options = transport.get_security_options()
    options.ciphers = CIPHERS
    options.digests = MACS
    options.kex = tuple(name for name in KEX if name in options.kex)
    wanted = {"rsa-sha2-512", "rsa-sha2-256"} if "ssh-rsa" in pinned_kinds else set()
    wanted.update(pinned_kinds)
    pinned = tuple(name for name in HOST_KEYS if name in wanted)
    others = tuple(name for name in HOST_KEYS if name not in wanted)
    options.key_types = pinned + others if any_kind or not pinned else pinned
