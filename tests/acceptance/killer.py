"""Kills (SIGKILL) parts of a running campaign at random moments, from a seed, and sees how they come back."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event, Thread

from campaign.cli.process_table import PROC, group_and_state, processes
from campaign.cli.small_campaign import Stage
from campaign.cli.up import MARK
from campaign.station.provision import set_pace
from flows.rest import PrefectApi
from tests.acceptance.traces import Pulse, pulse, share_at_target

RUN_ID = b"PREFECT__FLOW_RUN_ID="
SERVER, WORKER, RUN = "prefect", "worker", "run"
STEP_S = 0.1
GONE_WITHIN_S = 5.0
UP_EVERY_S = 0.5


class Target(StrEnum):
    """What one strike takes at once."""

    WORKER = "worker"
    SERVER = "server"
    BOTH = "worker and server"
    RUN = "a flow run"
    POWER = "server, worker and every flow run"


DECK = {Target.WORKER: 8, Target.SERVER: 6, Target.BOTH: 4, Target.POWER: 3, Target.RUN: 2}
"""21 strikes at the worker, the server or both, and two at a flow run alone."""
FLASH_S = {"ahead": 60.0, "together": 6.0, "behind": 3.0}
"""How long a flash takes, so that the strikes are spread over the campaign however fast the machine is."""
APART = 0.08
"""By this share of the cars, or of the deck, one is ahead of the other."""


@dataclass(slots=True)
class Strike:
    """One kill, `at_s` after the crew began to work; the seconds until signs of life came back."""

    no: int
    target: Target
    at_s: float
    share: float  # of the cars that were at their target version
    pids: dict[str, list[int]]
    before: Pulse
    struck: float = 0.0
    tick_s: float | None = None  # until a reconciler was seen to work
    up_s: dict[str, float] = field(default_factory=dict)  # until server and worker were up again

    @property
    def counts(self) -> bool:
        """Whether it took the worker or the server."""
        return bool(self.pids.get(WORKER) or self.pids.get(SERVER))

    def __str__(self) -> str:
        back = ", ".join(f"{name} up after {s:.1f} s" for name, s in sorted(self.up_s.items()))
        tick = "none seen" if self.tick_s is None else f"{self.tick_s:.1f} s"
        killed = sum(map(len, self.pids.values()))
        return (
            f"#{self.no:2} at {self.at_s:5.1f} s, {self.share:4.0%} flashed: {self.target} "
            f"({killed} processes) - next tick: {tick}; {back}"
        )


@dataclass(frozen=True, slots=True)
class Pause:
    """Before a strike: its `share` of the longest one; whether it lets the reconciler come back first."""

    share: float
    patient: bool
    rash: bool  # does not wait until its victims are up


class Killer:
    """Plays its deck while the campaign runs: random order, random pauses, only victims that live."""

    def __init__(self, stage: Stage, seed: int, say: Callable[[str], object]) -> None:
        self._stage, self._say = stage, say
        self._random = random.Random(seed)
        self._deck = [target for target, n in DECK.items() for _ in range(n)]
        self._random.shuffle(self._deck)
        self._size = len(self._deck)
        self._database = stage.settings.home / "campaign.db"
        self._api = PrefectApi(stage.settings.prefect_url, timeout_s=2)
        self._up_pid = dict(stage.running.supervisor.running())
        self._worker_log_from = 0
        self._asked_at = 0.0
        self._began = 0.0
        self._over = Event()
        self._thread = Thread(target=self._work, name="killer", daemon=True)
        self._on_strike: Callable[[], object] = list
        self.strikes: list[Strike] = []

    def start(self, on_strike: Callable[[], object]) -> None:
        """Begin: the crew is at work."""
        self._began, self._on_strike = time.monotonic(), on_strike
        self._thread.start()

    def stop(self) -> None:
        """The campaign is over, or never began."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
            self._see_signs()

    def _work(self) -> None:
        """Strike when it is time; between strikes see who came back."""
        pause = self._pause()
        pace = ""
        while not self._over.wait(STEP_S):
            self._see_signs()
            lead = self._lead()
            if lead != pace:
                pace = lead
                set_pace(self._stage.settings.stations_home, FLASH_S[lead])
            if self._deck and self._is_time(pause, lead) and self._strike(pause.rash):
                pause = self._pause()

    def _pause(self) -> Pause:
        return Pause(self._random.random(), self._random.random() < 0.6, self._random.random() < 0.25)

    def _lead(self) -> str:
        """Whether the campaign is ahead of the deck, or behind it."""
        if not self._deck:
            return "behind"
        lead = share_at_target(self._database) / 0.9 - len(self.strikes) / self._size
        return "together" if abs(lead) < APART else "ahead" if lead > 0 else "behind"

    def _is_time(self, pause: Pause, lead: str) -> bool:
        last = self.strikes[-1].struck if self.strikes else self._began
        longest = 12.0 if lead == "behind" else 6.0
        if time.monotonic() < last + 0.5 + longest * pause.share:
            return False
        waits = lead == "behind" or (pause.patient and lead != "ahead")
        return not (waits and self.strikes and self.strikes[-1].tick_s is None)

    def _strike(self, rash: bool) -> bool:
        """Take the first card whose victims are there."""
        for place, target in enumerate(self._deck):
            victims = self._victims(target, rash)
            if victims:
                del self._deck[place]
                self._kill(target, victims)
                return True
        return False

    def _victims(self, target: Target, rash: bool) -> dict[str, list[int]]:
        """Process ids by part; empty when one that belongs to it does not live. Who is `rash` strikes starters."""
        parts = {name: [pid] for name, pid in self._stage.running.supervisor.running().items()}
        runs = flow_runs(self._stage)
        if target is Target.RUN:
            return {RUN: [self._one_of(runs)]} if runs else {}
        wanted = {
            Target.WORKER: [WORKER],
            Target.SERVER: [SERVER],
            Target.BOTH: [WORKER, SERVER],
            Target.POWER: [WORKER, SERVER],
        }[target]
        if not all(name in parts and self._is_there(name, parts[name][0], rash) for name in wanted):
            return {}
        victims = {name: parts[name] for name in wanted}
        if target is Target.POWER:
            return {RUN: list(runs), **victims} if runs else {}
        return victims

    def _is_there(self, name: str, pid: int, rash: bool) -> bool:
        return lives(pid) and (rash or self._up_pid.get(name) == pid)

    def _one_of(self, runs: dict[int, str]) -> int:
        """Mostly the reconciler that works, at times any other run."""
        holder = pulse(self._database).holder
        at_work = [pid for pid, run in runs.items() if run == holder]
        return self._random.choice(at_work if at_work and self._random.random() < 0.7 else list(runs))

    def _kill(self, target: Target, victims: dict[str, list[int]]) -> None:
        if WORKER in victims:
            self._worker_log_from = self._stage.running.supervisor.log_of(WORKER).stat().st_size
        at = time.monotonic()
        victims = {name: [pid for pid in pids if struck(pid)] for name, pids in victims.items()}
        wait_gone(pid for pids in victims.values() for pid in pids)
        strike = Strike(
            len(self.strikes) + 1,
            target,
            at - self._began,
            share_at_target(self._database),
            victims,
            pulse(self._database),
            at,
        )
        self.strikes.append(strike)
        self._on_strike()
        self._say(f"KILLED #{strike.no} {target}: {victims}")

    def _see_signs(self) -> None:
        now = time.monotonic()
        seen = pulse(self._database)
        for strike in self.strikes:
            if strike.tick_s is None and seen.later_than(strike.before):
                strike.tick_s = now - strike.struck
        if now - self._asked_at >= UP_EVERY_S:
            self._asked_at = now
            for name, pid in self._stage.running.supervisor.running().items():
                if self._up_pid.get(name) != pid and self._is_up(name):
                    self._up_pid[name] = pid
                    for strike in self.strikes:
                        if name in strike.pids:
                            strike.up_s.setdefault(name, time.monotonic() - strike.struck)

    def _is_up(self, name: str) -> bool:
        if name == SERVER:
            return self._api.healthy()
        with self._stage.running.supervisor.log_of(name).open("rb") as log:
            log.seek(self._worker_log_from)
            return b"started!" in log.read()


def flow_runs(stage: Stage) -> dict[int, str]:
    """Processes of this installation's flow runs, with the ids of the runs."""
    mark = f"{MARK}={stage.settings.home}".encode()
    found = {}
    for pid in processes():
        variables = environment_of(pid)
        run = next((v.removeprefix(RUN_ID).decode() for v in variables if v.startswith(RUN_ID)), None)
        if run is not None and mark in variables and lives(pid):
            found[pid] = run
    return found


def environment_of(pid: int) -> list[bytes]:
    """What a process was started with; empty when it has ended or is somebody else's."""
    try:
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def lives(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    place = group_and_state(pid)
    return place is not None and place[1] != "Z"


def struck(pid: int) -> bool:
    """Kill it. False: it had just ended by itself."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def wait_gone(pids: Iterable[int]) -> None:
    """Until none of them lives. Raises AssertionError when one survives its kill."""
    deadline = time.monotonic() + GONE_WITHIN_S
    left = list(pids)
    while left := [pid for pid in left if lives(pid)]:
        assert time.monotonic() < deadline, f"{left} survived"
        time.sleep(0.01)
