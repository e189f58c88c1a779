"""One station's SSH connection: made when needed, kept, given up when it falls silent.

Questions go through one agent process that lives as long as the link (the verb `session`); files go through channels
of their own beside it. Every verb of the agent may be asked twice: a question into a kept link that proves dead is
asked once more over a new one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

import paramiko

from campaign.errors import StationUnreachable
from campaign.station.dialling import Dialler
from campaign.station.failures import FAILURES, HostKeyRefused, named
from campaign.station.watchdog import Watchdog

SESSION = "session"
BEAT = b'{"beat"'
PACKET_HEAD = 64  # bytes of a packet that paramiko keeps for itself
LARGEST_ANSWER = 1024 * 1024  # bytes; the agent's largest is a tenth of it


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back of a command. `exit_status` is -1 when the link broke."""

    out: bytes
    complaint: bytes = b""
    exit_status: int = 0


class Connection:
    """Serves one question at a time, and uploads beside it; safe to call from several threads.

    Raises StationErrors only.
    """

    def __init__(self, dialler: Dialler, watchdog: Watchdog) -> None:
        self._dialler, self._watchdog = dialler, watchdog
        self._station, self._timeouts = dialler.address.name, dialler.timeouts
        self._turn, self._linking = threading.Lock(), threading.Lock()
        self._transport: paramiko.Transport | None = None
        self._session: paramiko.Channel | None = None

    def connect(self) -> None:
        """Make the link now, so that the first question does not wait for it."""
        self._linked()

    def ask(self, command: str) -> Reply:
        """Send one verb and take its answer."""
        if not self._turn.acquire(timeout=self._timeouts.turn):
            raise StationUnreachable(self._station, "other questions occupy its link")
        try:
            kept, self._session = self._session, None
            if kept is not None:
                try:
                    return self._exchange(kept, command)
                except (*FAILURES, _Ended):
                    _close(kept)
            return self._ask_anew(command)
        finally:
            self._turn.release()

    def upload(self, command: str, source: BinaryIO, told: Callable[[int], object]) -> Reply:
        """Run `command`, which reads all of `source`; `told` hears the bytes sent so far."""
        channel = self._channel()
        limits = self._timeouts
        try:
            with self._watchdog.watching(self._drop, silence=limits.upload, at_most=float("inf")) as heard:
                channel.settimeout(limits.upload)
                channel.exec_command(command)
                try:
                    _pour(source, channel, lambda sent: (heard(), told(sent)))
                except OSError:  # it says no before all has come: its answer tells why
                    if not channel.recv_ready():
                        raise
                return _rest(channel)
        except FAILURES as failure:
            raise named(self._station, failure, asked=True) from failure
        finally:
            _close(channel)

    def close(self) -> None:
        """Let the connection go; a question under way ends as a lost link."""
        self._drop()

    def _ask_anew(self, command: str) -> Reply:
        channel = self._channel()
        try:
            channel.settimeout(self._timeouts.silence)
            channel.exec_command(SESSION)
            return self._exchange(channel, command)
        except _Ended as ended:
            _close(channel)
            return ended.reply
        except FAILURES as failure:
            self._drop()
            raise named(self._station, failure, asked=True) from failure

    def _exchange(self, channel: paramiko.Channel, command: str) -> Reply:
        """One line out, one line in; beats only show that somebody is there. Keeps the session for the next one."""
        limits = self._timeouts
        with self._watchdog.watching(self._drop, silence=limits.silence, at_most=limits.answer) as heard:
            channel.settimeout(limits.silence)
            channel.sendall(command.encode() + b"\n")
            answer = bytearray()
            while not answer.endswith(b"\n"):
                chunk = channel.recv(65536)
                if not chunk:
                    raise _Ended(Reply(b"", channel.recv_stderr(65536), channel.recv_exit_status()))
                heard()
                answer += chunk
                while answer.startswith(BEAT) and b"\n" in answer:
                    del answer[: answer.index(b"\n") + 1]
                if len(answer) > LARGEST_ANSWER:
                    raise paramiko.SSHException("the answer does not end")
        self._session = channel
        return Reply(bytes(answer))

    def _channel(self) -> paramiko.Channel:
        """A fresh channel. A kept connection that proves dead is replaced: nothing was asked yet."""
        try:
            return self._linked().open_session(timeout=self._timeouts.channel)
        except FAILURES:
            self._drop()
        try:
            return self._linked().open_session(timeout=self._timeouts.channel)
        except FAILURES as failure:
            self._drop()
            raise named(self._station, failure, asked=False) from failure

    def _linked(self) -> paramiko.Transport:
        with self._linking:
            if self._transport is None or not self._transport.is_active():
                try:
                    self._transport = self._dialler.connect()
                except (*FAILURES, HostKeyRefused) as failure:
                    raise named(self._station, failure, asked=False) from failure
            return self._transport

    def _drop(self) -> None:
        transport, self._transport = self._transport, None
        self._session = None
        if transport is not None:
            transport.close()


class _Ended(Exception):
    """The agent's session is over; `reply` is what it left."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        super().__init__("the session ended")


def _close(channel: paramiko.Channel) -> None:
    """paramiko says goodbye over the link, which may be gone."""
    with suppress(*FAILURES):
        channel.close()


def _pour(source: BinaryIO, channel: paramiko.Channel, sent: Callable[[int], object]) -> None:
    """In pieces that are one packet each: paramiko copies what is left of a larger piece after every packet."""
    packet = channel.out_max_packet_size - PACKET_HEAD
    total = 0
    while chunk := source.read(packet):
        channel.sendall(chunk)
        total += len(chunk)
        sent(total)
    channel.shutdown_write()


def _rest(channel: paramiko.Channel) -> Reply:
    out = bytearray()
    while len(out) < LARGEST_ANSWER and (chunk := channel.recv(65536)):
        out += chunk
    return Reply(bytes(out), channel.recv_stderr(65536), channel.recv_exit_status())
