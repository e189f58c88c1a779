"""One station's SSH connection: made when needed, kept, given up when it falls silent."""

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
from campaign.station.failures import FAILURES, HostKeyRefused, is_transient, named
from campaign.station.host_keys import KnownHosts
from campaign.station.watchdog import Watchdog

CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr", "aes128-ctr")
MACS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com")
KEX = ("mlkem768x25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256")
HOST_KEYS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256")

LARGEST_ANSWER = 1024 * 1024  # bytes; the agent's largest is a tenth of it
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
    silence: float = 10.0  # without a byte of the answer
    answer: float = 60.0  # the whole answer
    turn: float = 60.0  # until the link, or the door for new connections, is free


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back of a command. `exit_status` is -1 when the link broke."""

    out: bytes
    complaint: bytes
    exit_status: int


class Connection:
    """Serves one question at a time; safe to call from several threads. Raises StationErrors only."""

    def __init__(
        self,
        address: StationAddress,
        key_file: Path,
        known_hosts_file: Path,
        *,
        timeouts: Timeouts,
        watchdog: Watchdog,
        door: threading.Semaphore,
    ) -> None:
        self._address, self._station = address, address.name
        self._key_file, self._known_hosts_file = key_file, known_hosts_file
        self._timeouts, self._watchdog, self._door = timeouts, watchdog, door
        self._turn = threading.Lock()
        self._transport: paramiko.Transport | None = None

    def ask(self, command: str) -> Reply:
        """Run one command and take its whole output."""
        if not self._turn.acquire(timeout=self._timeouts.turn):
            raise StationUnreachable(self._station, "other questions occupy its link")
        try:
            channel = self._channel()
            try:
                return self._exchange(channel, command)
            except FAILURES as failure:
                self._drop()
                raise named(self._station, failure, asked=True) from failure
            finally:
                channel.close()
        finally:
            self._turn.release()

    def close(self) -> None:
        """Let the connection go; a question under way ends as a lost link."""
        self._drop()

    def _drop(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()

    def _channel(self) -> paramiko.Channel:
        """A fresh channel. A kept connection that proves dead is replaced: nothing was asked yet."""
        kept = self._transport
        if kept is not None and kept.is_active():
            try:
                return kept.open_session(timeout=self._timeouts.channel)
            except FAILURES:
                self._drop()
        try:
            self._transport = self._connect_patiently()
            return self._transport.open_session(timeout=self._timeouts.channel)
        except FAILURES as failure:
            self._drop()
            raise named(self._station, failure, asked=False) from failure
        except HostKeyRefused as refusal:
            raise named(self._station, refusal, asked=False) from refusal

    def _exchange(self, channel: paramiko.Channel, command: str) -> Reply:
        limits = self._timeouts
        with self._watchdog.watching(self._drop, silence=limits.silence, at_most=limits.answer) as heard:
            channel.settimeout(limits.silence)
            channel.exec_command(command)
            out = bytearray()
            while chunk := channel.recv(65536):
                heard()
                out += chunk
                if len(out) > LARGEST_ANSWER:
                    raise paramiko.SSHException("the answer does not end")
            return Reply(bytes(out), channel.recv_stderr(65536), channel.recv_exit_status())

    def _connect_patiently(self) -> paramiko.Transport:
        """Connect, trying again for a moment while the station has too many callers at its door."""
        give_up, pause = time.monotonic() + RETRY_FOR, FIRST_PAUSE
        while True:
            try:
                return self._connect()
            except FAILURES as failure:
                if not is_transient(failure) or time.monotonic() + pause > give_up:
                    raise
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads callers, guards nothing
            pause *= 2

    def _connect(self) -> paramiko.Transport:
        key = self._key()
        if not self._door.acquire(timeout=self._timeouts.turn):
            raise StationUnreachable(self._station, "too many connections are being made")
        try:
            sock = socket.create_connection(
                (self._address.host, self._address.port), timeout=self._timeouts.connect
            )
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport = paramiko.Transport(sock)
            try:
                self._sign_in(transport, key)
            except BaseException:
                transport.close()
                sock.close()
                raise
            return transport
        finally:
            self._door.release()

    def _sign_in(self, transport: paramiko.Transport, key: paramiko.PKey) -> None:
        known, host = KnownHosts(self._known_hosts_file), self._address.known_as
        transport.set_log_channel(_LOG)
        transport.banner_timeout = self._timeouts.connect
        transport.handshake_timeout = self._timeouts.connect
        transport.auth_timeout = self._timeouts.auth
        _modern(transport, known.kinds(host))
        transport.start_client(timeout=self._timeouts.connect)
        known.check(host, transport.get_remote_server_key())
        transport.auth_publickey(self._address.user, key)

    def _key(self) -> paramiko.PKey:
        try:
            return paramiko.PKey.from_path(self._key_file)
        except (OSError, ValueError, paramiko.SSHException) as error:
            told = f"our key file {self._key_file.name} cannot be used: {type(error).__name__}"
            raise StationAuthRefused(self._station, told) from error


def _modern(transport: paramiko.Transport, pinned_kinds: list[str]) -> None:
    """Offer only what is still trusted, the fastest first, and ask for a host key of a pinned type."""
    options = transport.get_security_options()
    options.ciphers = CIPHERS
    options.digests = MACS
    options.kex = tuple(name for name in KEX if name in options.kex)
    wanted = {"rsa-sha2-512", "rsa-sha2-256"} if "ssh-rsa" in pinned_kinds else set()
    wanted.update(pinned_kinds)
    options.key_types = tuple(name for name in HOST_KEYS if name in wanted) or HOST_KEYS
