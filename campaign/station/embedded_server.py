"""An SSH server in Python for machines without OpenSSH's server: the demo's stations, on loopback only.

It honours the same authorized_keys as sshd would, and nothing but its forced commands: no shell, no terminal,
no forwarding, no other user. Run as `python -m campaign.station.embedded_server --home DIR --port N`; it ends
when its standard input closes, so that it does not outlive who started it.
"""

from __future__ import annotations

import argparse
import contextlib
import getpass
import os
import re
import shlex
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    MSG_CHANNEL_REQUEST,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)

_LINE = re.compile(r'restrict,command="((?:[^"\\]|\\.)*)" (\S+) (\S+)(?: .*)?')


def forced_commands(authorized_keys: str) -> dict[tuple[str, str], list[str]]:
    """(key type, base64 key) -> argument vector. A line without `restrict` and a command opens nothing."""
    commands = {}
    for line in authorized_keys.splitlines():
        if match := _LINE.fullmatch(line.strip()):
            command = re.sub(r"\\(.)", r"\1", match[1])
            commands[match[2], match[3]] = shlex.split(command)
    return commands


class _Door(paramiko.ServerInterface):
    """Who may come in, and what they may ask."""

    def __init__(self, home: Path) -> None:
        self._authorized_keys = home / "authorized_keys"
        self._user = getpass.getuser()
        self._command: list[str] | None = None
        self._asked: dict[int, str] = {}

    def get_allowed_auths(self, _username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        commands = forced_commands(self._authorized_keys.read_text(encoding="utf-8"))
        self._command = commands.get((key.get_name(), key.get_base64()))
        return AUTH_SUCCESSFUL if username == self._user and self._command else AUTH_FAILED

    def check_channel_request(self, kind: str, _chanid: int) -> int:
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        try:
            self._asked[channel.get_id()] = command.decode()
        except UnicodeDecodeError:
            return False
        return True

    def answered(self, channel: paramiko.Channel) -> None:
        """The client knows that its request was taken: now its command may speak."""
        asked = self._asked.pop(channel.get_id(), None)
        if asked is not None and self._command:
            threading.Thread(target=_run, args=(channel, self._command, asked), daemon=True).start()


class _ServingTransport(paramiko.Transport):
    """Starts a command only after the reply to its request went out. Else its output could overtake that,
    and the client would see a channel that closes before it opened."""

    def __init__(self, caller: socket.socket) -> None:
        super().__init__(caller)
        handlers: dict[int, Any] = self._channel_handler_table  # type: ignore[has-type]
        self._channel_handler_table = {**handlers, MSG_CHANNEL_REQUEST: _reply_then_run}


def _reply_then_run(channel: paramiko.Channel, message: paramiko.Message) -> None:
    paramiko.Channel._handle_request(channel, message)  # type: ignore[attr-defined]
    door = channel.get_transport().server_object
    if isinstance(door, _Door):
        door.answered(channel)


def _run(channel: paramiko.Channel, command: Sequence[str], asked: str) -> None:
    """Run the key's command, without a shell; what was asked is only a variable of its environment."""
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "SSH_ORIGINAL_COMMAND": asked}
    pipe = subprocess.PIPE
    try:
        with subprocess.Popen(
            command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        ) as process:
            threading.Thread(target=_feed, args=(channel, process), daemon=True).start()
            complaints = threading.Thread(
                target=_drain, args=(process.stderr, channel.sendall_stderr), daemon=True
            )
            complaints.start()
            _drain(process.stdout, channel.sendall)
            complaints.join()
        channel.send_exit_status(process.returncode if process.returncode >= 0 else 255)
    except (OSError, ValueError, EOFError, paramiko.SSHException) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)  # noqa: T201 - the server's log
    finally:
        channel.close()


def _feed(channel: paramiko.Channel, process: subprocess.Popen[bytes]) -> None:
    """What the caller sends goes to the command; its end is the command's end of input."""
    if process.stdin is None:
        return
    with contextlib.suppress(OSError, ValueError), process.stdin as sink:
        while data := channel.recv(65536):
            sink.write(data)
            sink.flush()


def _drain(source: IO[bytes] | None, sink: Callable[[bytes], object]) -> None:
    """What the command says goes to the caller at once. A caller who left is no reason to stop the command."""
    while source is not None and (data := os.read(source.fileno(), 65536)):
        with contextlib.suppress(OSError):
            sink(data)


def serve(home: Path, host: str, port: int) -> None:
    """Serve until the process ends. Prints `listening` when callers may come."""
    host_key = paramiko.Ed25519Key.from_private_key_file(str(home / "host_key"))
    with socket.create_server((host, port), backlog=100) as listener:
        print("listening", flush=True)  # noqa: T201 - the starter waits for it
        while True:
            caller, _ = listener.accept()
            caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport = _ServingTransport(caller)
            transport.add_server_key(host_key)
            transport.start_server(event=threading.Event(), server=_Door(home))


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the arguments, serve, and end with whoever holds the other end of standard input."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    chosen = parser.parse_args(arguments)
    threading.Thread(target=serve, args=(chosen.home, chosen.host, chosen.port), daemon=True).start()
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
