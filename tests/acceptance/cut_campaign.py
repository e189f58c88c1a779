"""A campaign of UDS flashes with an orchestrator, links and agents that a test cuts at random moments of each flash."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from campaign.cli.process_table import processes
from campaign.domain.marks import Mark, MarkKind
from campaign.domain.vehicle import Car, Status
from campaign.ports.clock import SystemClock
from tests.acceptance.uds_plant import charged_cars, one_batch_rules
from tests.bench.plant import CODE, Plant, Size, opened
from tests.fakes.reset_proxy import Proxy
from tests.fakes.station_rig import holders_of, until
from tests.fakes.uds_yard import UdsYard
from tests.servers.process import die_with_us, stop_process


class Cut(StrEnum):
    """What is taken away in the middle of a flash."""

    ORCHESTRATOR = "kill -9 of the orchestrator"
    SESSION = "kill -9 of the sshd session"
    FROZEN = "SIGSTOP of the sshd child"
    RESET = "a reset socket"
    SUPERVISOR = "kill -9 of the agent's supervisor"
    POWER = "kill -9 of supervisor and flasher together"


CARS, STATIONS = 26, 5
CUTS = 20
"""At least so many of the cars must have been struck while they were flashed."""
WITHIN_S = 240.0
BETWEEN_LOOKS = 0.02


@dataclass(frozen=True)
class Strike:
    """One cut: at which job of which station, how far the flash was, and whether it still ran just afterwards."""

    station: str
    job: str
    percent: int
    victims: int
    ran_on: bool


@dataclass
class CutCampaign:
    """The yard, the plant, the orchestrator and the cuts made so far."""

    yard: UdsYard
    plant: Plant
    proxies: dict[str, Proxy]
    cut: Cut
    luck: random.Random
    orchestrator: subprocess.Popen[bytes]
    people: Callable[[CutCampaign], object] = lambda _: None
    strikes: list[Strike] = field(default_factory=list)
    frozen: list[int] = field(default_factory=list)

    # -- looking ------------------------------------------------------------------------------------

    def cars(self) -> list[Car]:
        with self.plant.services.store.read() as uow:
            return [car for batch in uow.batches.all(CODE) for car in uow.cars.in_batch(batch.id)]

    def journal(self, station: str, job: str) -> list[dict[str, object]]:
        """The complete records of a job, as they stand on the station's disk."""
        file = self.yard.made.folder_of(station) / "jobs" / f"{job}.jsonl"
        records = []
        for line in file.read_text(errors="replace").split("\n")[:-1]:
            with contextlib.suppress(ValueError):
                records.append(json.loads(line))
        return records

    def jobs(self) -> list[tuple[str, str]]:
        """Every job that any station ever began: (station, job)."""
        return [
            (name, file.stem)
            for name in self.yard.names
            for file in (self.yard.made.folder_of(name) / "jobs").glob("*.jsonl")
        ]

    # -- striking -----------------------------------------------------------------------------------

    def strike_each_first_flash(self) -> None:
        """Cut once at a random moment of the first flash of every car; one that ended before its moment is spared.

        Raises AssertionError when that takes too long.
        """
        moments: dict[str, int] = {}
        over: set[object] = set()  # cars whose first flash was struck, or has ended
        deadline = time.monotonic() + WITHIN_S
        while len(over) < CARS:
            assert time.monotonic() < deadline, f"{len(over)} of {CARS} cars after {WITHIN_S:g} s"
            for station, job in self.jobs():
                records = self.journal(station, job)
                if not records or records[0]["vin"] in over:
                    continue
                percent = max((int(str(r["percent"])) for r in records if "percent" in r), default=0)
                ended = records[-1].get("record") == "end"
                if not ended and percent >= moments.setdefault(job, self.luck.randint(1, 80)):
                    self._strike(station, job, percent)
                if ended or (station, job) in {(s.station, s.job) for s in self.strikes}:
                    over.add(records[0]["vin"])
            self.look_around()
            time.sleep(BETWEEN_LOOKS)

    @property
    def struck_alive(self) -> list[Strike]:
        """The cuts that met a running flash."""
        return [strike for strike in self.strikes if strike.ran_on]

    def look_around(self) -> None:
        """What happens beside the cuts: a dead orchestrator is started again, and people do what is theirs."""
        if self.orchestrator.poll() is not None:
            self.orchestrator = start_orchestrator(self.plant.home)
        self.people(self)

    def _strike(self, station: str, job: str, percent: int) -> None:
        victims = self._victims(station)
        number = signal.SIGSTOP if self.cut is Cut.FROZEN else signal.SIGKILL
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if self.cut is Cut.FROZEN:
            self.frozen += victims
        count = self.proxies[station].reset() if self.cut is Cut.RESET else len(victims)
        ran_on = self.journal(station, job)[-1].get("record") != "end"
        self.strikes.append(Strike(station, job, percent, count, ran_on))

    def _victims(self, station: str) -> list[int]:
        folder = self.yard.made.folder_of(station)
        agents = sessions_of(folder)
        if self.cut is Cut.ORCHESTRATOR:
            return [self.orchestrator.pid]
        if self.cut in (Cut.SESSION, Cut.FROZEN):
            return [parent_of(pid) for pid in agents]
        if self.cut is Cut.SUPERVISOR:
            return agents
        return [*agents, *holders_of(folder / "station.lock")] if self.cut is Cut.POWER else []

    # -- people -------------------------------------------------------------------------------------

    def resolve(self, car: Car) -> None:
        """A shift lead reads an uncertain car back on its station; a technician has it flashed again."""
        actors, services = self.plant.actors, self.plant.services
        services.resolving.resolve(actors["chenhao"], car.vin, "power was cut", unreadable=True)
        mark = Mark(MarkKind.RETRY, car.vin, reason="power is back")
        services.marks.mark(actors["liqiang"], [mark])

    def wait_for(self, status: Status) -> None:
        """Until every car is there. Raises AssertionError when that takes too long."""

        def there() -> bool:
            self.look_around()
            return all(car.status is status for car in self.cars())

        until(there, within=WITHIN_S)


def sessions_of(folder: Path) -> list[int]:
    """The agent processes that serve a link of the station in `folder`."""
    flashers = holders_of(folder / "station.lock")
    return [pid for pid in processes() if pid not in flashers and _is_session(pid, str(folder).encode())]


def _is_session(pid: int, folder: bytes) -> bool:
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        return folder in words and b"SSH_ORIGINAL_COMMAND=session" in environment
    return False


def parent_of(pid: int) -> int:
    """The sshd process that serves the link."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def start_orchestrator(home: Path) -> subprocess.Popen[bytes]:
    """A fresh one, which knows nothing but the database."""
    words = [sys.executable, "-m", "tests.acceptance.orchestrating", str(home)]
    with (home / "orchestrator.log").open("ab") as log:
        return subprocess.Popen([*die_with_us("KILL"), *words], stdin=subprocess.PIPE, stdout=log, stderr=log)


@contextmanager
def cut_campaign(
    home: Path, cut: Cut, seed: int, people: Callable[[CutCampaign], object] = lambda _: None
) -> Iterator[CutCampaign]:
    """Cars charged and waiting, the package released, stations trusted, the orchestrator at work."""
    names = [f"ST-{number}" for number in range(1, STATIONS + 1)]
    rules = one_batch_rules(CARS)
    yard = UdsYard(home / "stations", names, size=60_000, seconds_per_block=0.06, package=rules.package)
    proxies = {name: Proxy(yard.served.addresses[name].host, yard.served.port) for name in names}
    _lead_through(yard, proxies)
    with contextlib.ExitStack() as stack:
        stack.callback(yard.close)
        for proxy in proxies.values():
            stack.callback(proxy.close)
        plant = stack.enter_context(opened(home, Size(CARS, CARS, STATIONS), None, SystemClock()))
        charged_cars(plant, yard, rules, CARS)
        made = CutCampaign(yard, plant, proxies, cut, random.Random(seed), start_orchestrator(home), people)
        stack.callback(lambda: stop_process(made.orchestrator, signal.SIGKILL))
        stack.callback(lambda: _thaw(made.frozen))
        yield made


def _lead_through(yard: UdsYard, proxies: dict[str, Proxy]) -> None:
    """Every station's address becomes that of its proxy, with the same pinned key."""
    file, known = yard.home / "stations.json", yard.home / "known_hosts"
    rows = json.loads(file.read_text())
    key = known.read_text().split(" ", 1)[1].strip()
    for row in rows:
        row["port"] = proxies[row["name"]].port
    known.write_text("".join(f"[{row['host']}]:{row['port']} {key}\n" for row in rows))
    file.write_text(json.dumps(rows))


def _thaw(frozen: list[int]) -> None:
    for pid in frozen:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
