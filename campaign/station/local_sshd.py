"""A real OpenSSH server on loopback for this machine's stations: own key, own configuration, high port."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from pathlib import Path

_CONFIG = """ListenAddress {host}
Port {port}
HostKey {home}/host_key
AuthorizedKeysFile {home}/authorized_keys
AllowUsers {user}
PermitRootLogin forced-commands-only
AuthenticationMethods publickey
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PermitTTY no
PermitUserRC no
DisableForwarding yes
X11Forwarding no
PrintMotd no
UseDNS no
PidFile none
MaxStartups 100:30:200
MaxSessions 50
LogLevel INFO
SetEnv SHLVL=1
"""
# SHLVL: the user's bash reads ~/.bashrc for every command that sshd starts, unless it seems nested. On a
# developer's machine that file took 130 ms; a question to the agent takes 30.
# Newer servers shut out an address after a few failures; here every caller has the same one.
_NO_PENALTIES = "PerSourcePenalties no\n"


def find_sshd() -> Path | None:
    """The server program, or None where OpenSSH's server is not installed."""
    folders = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/sbin"])
    found = shutil.which("sshd", path=folders)
    return Path(found) if found else None


def start_sshd(sshd: Path, home: Path, host: str, port: int) -> subprocess.Popen[bytes]:
    """Start the server as a child in its own process group. It writes to `<home>/sshd.log`."""
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, parents=True, exist_ok=True)  # where it locks itself in
    config = home / "sshd_config"
    text = _CONFIG.format(host=host, port=port, home=home, user=getpass.getuser())
    config.write_text(text + _NO_PENALTIES, encoding="utf-8")
    check = subprocess.run([str(sshd), "-t", "-f", str(config)], capture_output=True, check=False)
    if check.returncode != 0:
        config.write_text(text, encoding="utf-8")
    with (home / "sshd.log").open("ab") as log:
        return subprocess.Popen(
            [str(sshd), "-D", "-e", "-f", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={"PATH": os.environ.get("PATH", os.defpath)},
            process_group=0,
        )


def session_processes(server: int) -> list[int]:
    """The processes that serve the open connections of a server, parents first (Linux; elsewhere none)."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it ended meanwhile
        name, rest = text.split("(", 1)[1].rsplit(")", 1)
        if name.startswith("sshd"):
            parents[int(stat.parent.name)] = int(rest.split()[1])
    found, layer = [], [server]
    while layer:
        layer = [child for child, parent in parents.items() if parent in layer]
        found += layer
    return found
