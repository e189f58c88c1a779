"""An OpenSSH server of our own: own host key, own configuration, a free loopback port, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.needs import need_program
from tests.servers.process import ServerFailed, die_with_us, free_port, stop_process, wait_until_ready

PACKAGE = "openssh-server"
HOST = "127.0.0.1"


@dataclass(slots=True)
class SshServer:
    """A running sshd. It lets in the current user, with the keys that `authorise` was given."""

    folder: Path
    port: int
    user: str
    process: subprocess.Popen[bytes]

    host: str = HOST

    def authorise(self, public_key: str, *options: str) -> None:
        """Let a key in. `public_key` is an OpenSSH line ("ssh-ed25519 AAAA..."); options such as
        `restrict` and `command="..."` go before it, as in authorized_keys."""
        line = " ".join(part for part in (",".join(options), public_key.strip()) if part)
        with (self.folder / "authorized_keys").open("a") as keys:
            keys.write(line + "\n")

    def forget_keys(self) -> None:
        """Let nobody in any more."""
        (self.folder / "authorized_keys").write_text("")

    def host_key_line(self) -> str:
        """The line for a known_hosts file: off port 22 the host is written as [host]:port."""
        kind, key, *_ = (self.folder / "host_key.pub").read_text().split()
        return f"[{self.host}]:{self.port} {kind} {key}"

    def log(self) -> str:
        """What the server said so far."""
        return (self.folder / "sshd.log").read_text(errors="replace")

    def stop(self) -> None:
        """Stop listening and remove the files. Open sessions end when their client closes."""
        stop_process(self.process, signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)


def start_sshd(extra_config: Sequence[str] = ()) -> SshServer:
    """Start a server. `extra_config` lines come first: in sshd_config the first word on a subject wins."""
    sshd = need_program("OpenSSH's server", PACKAGE, "sshd")
    keygen = need_program("ssh-keygen", "openssh-client", "ssh-keygen")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where root's sshd locks its children in
    folder = Path(tempfile.mkdtemp(prefix="campaign-sshd-"))
    try:
        make_key(keygen, folder / "host_key")
        (folder / "authorized_keys").touch(mode=0o600)
        for _ in range(2):
            try:
                return _start_server(sshd, folder, extra_config)
            except ServerFailed as failed:
                if "Address already in use" not in str(failed):
                    raise
        return _start_server(sshd, folder, extra_config)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def running_sshd(extra_config: Sequence[str] = ()) -> Iterator[SshServer]:
    """`start_sshd`, stopped at the end."""
    server = start_sshd(extra_config)
    try:
        yield server
    finally:
        server.stop()


def make_key(keygen: Path, path: Path) -> None:
    """Make an Ed25519 key pair without a passphrase: `path` and `path`.pub."""
    command = [str(keygen), "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path)]
    subprocess.run(command, check=True, capture_output=True)


def _start_server(sshd: Path, folder: Path, extra_config: Sequence[str]) -> SshServer:
    port = free_port()
    config = folder / "sshd_config"
    config.write_text("\n".join([*extra_config, *_configuration(folder, port)]) + "\n")
    log = folder / "sshd.log"
    command = [*die_with_us("TERM"), str(sshd), "-D", "-e", "-f", str(config)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        wait_until_ready(process, lambda: _greets(port), log)
    except BaseException:
        stop_process(process, signal.SIGTERM)
        raise
    return SshServer(folder, port, pwd.getpwuid(os.geteuid()).pw_name, process)


def _configuration(folder: Path, port: int) -> list[str]:
    return [
        f"Port {port}",
        f"ListenAddress {HOST}",
        f"HostKey {folder / 'host_key'}",
        f"PidFile {folder / 'sshd.pid'}",
        f"AuthorizedKeysFile {folder / 'authorized_keys'}",
        "AuthenticationMethods publickey",
        "PubkeyAuthentication yes",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin prohibit-password",
        "UsePAM no",
        "StrictModes no",  # the temporary folder may be writable by a group
        "PrintMotd no",
        "LogLevel VERBOSE",
    ]


def _greets(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection:
            return connection.recv(8).startswith(b"SSH-2.0")
    except OSError:
        return False
