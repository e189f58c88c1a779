"""A supervisor of child processes: starts, watches, starts again, stops cleanly. Knows nothing of their work.

Each child leads a process group of its own and writes to its own log file. A child that ends is started again
after a pause that grows while it keeps ending before it was ready. Stopping asks with SIGINT, then SIGTERM, then
kills, group by group.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, RLock
from typing import IO

from campaign.cli.process_table import group_and_state, processes
from campaign.errors import SiteError

SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
GIVE_UP_AFTER = 3
"""Whoever waits for a child to be ready gives up when it ended so often before it was."""
WATCH_EVERY_S = 0.2
ASK_READY_EVERY_S = 1.0
LARGEST_LOG = 10_000_000
ASK_S = 8.0
"""Seconds between SIGINT, SIGTERM and SIGKILL."""


def always() -> bool:
    """For a child that needs nothing first, or shows nothing when it is ready."""
    return True


@dataclass(frozen=True, slots=True)
class Child:
    """A command to keep running. `may_start` is asked before each start, `ready` after it until it is."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    may_start: Callable[[], bool] = always
    ready: Callable[[], bool] = always
    ready_within_s: float = 120.0


@dataclass(slots=True)
class _Watched:
    child: Child
    process: subprocess.Popen[bytes] | None = None
    groups: list[int] = field(default_factory=list)
    started_at: float = 0.0
    start_at: float = 0.0
    pause_s: float = SHORTEST_PAUSE_S
    was_ready: bool = False
    asked_at: float = 0.0
    early_ends: int = 0

    def forget_gone_groups(self) -> None:
        """Soon after their last member went, so that a number which is used again is never signalled."""
        current = self.process.pid if self.process is not None else None
        self.groups = [group for group in self.groups if group == current or group_lives(group)]


class Supervisor:
    """Keeps children running from `start` until `stop`. `tell` hears one line per change."""

    def __init__(
        self, logs: Path, home: Path, tell: Callable[[str], object], *, ask_s: float = ASK_S
    ) -> None:
        self._logs, self._home, self._tell, self._ask_s = logs, home, tell, ask_s
        self._watched: dict[str, _Watched] = {}
        self._guard = RLock()
        self._stopping = Event()

    def start(self, child: Child) -> None:
        """Start a child and keep it running."""
        with self._guard:
            self._watched[child.name] = _Watched(child)
        self.look()

    def wait_ready(self, name: str) -> float:
        """Wait until a child is ready; the seconds it took. Raises SiteError when it ends or takes too long."""
        began = time.monotonic()
        child = self._watched[name].child
        while not self._ready(name):
            if self._stopping.is_set():
                raise SiteError(f"{name} was stopped before it was ready")
            waited = time.monotonic() - began
            if self._watched[name].early_ends >= GIVE_UP_AFTER or waited > child.ready_within_s:
                what = f"{name} is not ready after {waited:.0f} s"
                raise SiteError(f"{what}: {self._last_line(name)} - {self.log_of(name)} tells more")
            self.look()
            self._stopping.wait(WATCH_EVERY_S)
        return time.monotonic() - began

    def watch(self, until: Event) -> None:
        """Keep the children running until told otherwise."""
        while not until.wait(WATCH_EVERY_S):
            self.look()

    def look(self) -> None:
        """Start what should run and does not."""
        with self._guard:
            if not self._stopping.is_set():
                for watched in self._watched.values():
                    self._look_at(watched)

    def running(self) -> dict[str, int]:
        """The process id of each child that runs."""
        with self._guard:
            live = ((w.child.name, w.process) for w in self._watched.values())
            return {name: p.pid for name, p in live if p is not None and p.poll() is None}

    def log_of(self, name: str) -> Path:
        """Where a child writes."""
        return self._logs / f"{name}.log"

    def stop(self) -> None:
        """Stop every child, the last started first; returns when their groups are gone."""
        self._stopping.set()
        with self._guard:
            for watched in reversed(self._watched.values()):
                self._stop(watched)

    def _ready(self, name: str) -> bool:
        with self._guard:
            watched = self._watched[name]
            if watched.process is None or watched.process.poll() is not None:
                return False
            watched.was_ready = watched.was_ready or watched.child.ready()
            return watched.was_ready

    def _look_at(self, watched: _Watched) -> None:
        now = time.monotonic()
        watched.forget_gone_groups()
        if watched.process is None:
            if now >= watched.start_at and watched.child.may_start():
                self._launch(watched, now)
            return
        code = watched.process.poll()
        if code is None:
            if not watched.was_ready and now - watched.asked_at >= ASK_READY_EVERY_S:
                watched.asked_at, watched.was_ready = now, watched.child.ready()
            return
        watched.pause_s = SHORTEST_PAUSE_S if watched.was_ready else watched.pause_s
        name = watched.child.name
        self._tell(
            f"{name} ended ({_ending(code)}), starts again in {watched.pause_s:.0f} s - {self.log_of(name)}"
        )
        watched.process, watched.start_at = None, now + watched.pause_s
        watched.early_ends = 0 if watched.was_ready else watched.early_ends + 1
        watched.was_ready = False
        watched.pause_s = min(LONGEST_PAUSE_S, watched.pause_s * 2)

    def _launch(self, watched: _Watched, now: float) -> None:
        with self._log(watched.child.name) as log:
            watched.process = subprocess.Popen(
                list(watched.child.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._home,
                env=dict(watched.child.environment),
                start_new_session=True,
            )
        watched.groups.append(watched.process.pid)
        if watched.started_at:
            self._tell(f"{watched.child.name} started again (process {watched.process.pid})")
        watched.started_at = now

    def _log(self, name: str) -> IO[bytes]:
        self._logs.mkdir(parents=True, exist_ok=True)
        path = self.log_of(name)
        if path.exists() and path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")

    def _last_line(self, name: str) -> str:
        try:
            lines = self.log_of(name).read_text("utf-8", "replace").strip().splitlines()
        except OSError:
            return ""
        return lines[-1].strip()[:200] if lines else ""

    def _stop(self, watched: _Watched) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if not self._signal(watched, number):
                return
            deadline = time.monotonic() + self._ask_s
            while time.monotonic() < deadline:
                if watched.process is not None:
                    watched.process.poll()
                if not any(map(group_lives, watched.groups)):
                    return
                time.sleep(0.05)

    def _signal(self, watched: _Watched, number: signal.Signals) -> bool:
        """Signal every group that this child ever led and that still has members: orphans are in them too."""
        live = [group for group in watched.groups if group_lives(group)]
        for group in live:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)
        return bool(live)


def group_lives(group: int) -> bool:
    """Whether a process group of ours has a member that is more than a name in the process table."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):  # gone, or the number belongs to somebody else now
        return False
    members = [place for pid in processes() if (place := group_and_state(pid)) and place[0] == group]
    return not members or any(state != "Z" for _, state in members)


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
