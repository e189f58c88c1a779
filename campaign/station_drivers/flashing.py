"""One flash of one car, from the first question to the comparison: one process, one connection for all units."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Mapping
from functools import partial

from campaign.station_agent.driver import Aborted, CarFailed, CarSilent, Job, Log, RigFailed, Trouble
from campaign.station_agent.manifest import Block, EcuRow, Manifest, State, differences
from campaign.station_agent.package import StagedPackage
from campaign.station_drivers import judging
from campaign.station_drivers.doip import Line, Unit
from campaign.station_drivers.options import Options
from campaign.station_drivers.programming import EXTENDED, Piece, Told, prepare, program, quiet, wake
from campaign.station_drivers.progress import TRANSFER_TO, Progress
from campaign.station_drivers.reading import Identity, Sampler, identify, read_dtcs, read_vin, states
from campaign.station_drivers.soc import parse_gate
from campaign.station_drivers.talk import Garbled, LinkLost, Negative, NoAnswer, TalkFailed

LOOK_EVERY = 0.25  # seconds between two questions to a unit that starts again
WAKE_WITHIN = 0.5  # seconds for each word of good-bye
WAKE_ALL_WITHIN = 5.0
LARGEST_FILE = 2**32 - 1


def units_of(line: Line, manifest: Manifest | None, options: Options) -> dict[int, Unit]:
    """By address: the manifest's units, and those that the options ask. One that only they know has no better name."""
    asked = [options.vin_ecu, *(one.ecu for one in (options.volts, options.soc) if one is not None)]
    names = {address: f"0x{address:04X}" for address in asked}
    names |= {row.address: row.name for row in (manifest.ecus if manifest else ())}
    return {address: Unit(line, name, address) for address, name in names.items()}


class Flash:
    """Raises Trouble from `run`, and nothing else that can be foreseen."""

    def __init__(self, options: Options, line: Line, job: Job, package: StagedPackage, log: Log) -> None:
        self._options, self._line, self._job, self._package, self._log = options, line, job, package, log
        self._manifest = package.manifest
        self._units = units_of(line, package.manifest, options)
        self._rows = {row.address: self._units[row.address] for row in package.manifest.ecus}
        self._progress = Progress(log)
        self._written = False
        self._roused: dict[int, Unit] = {}  # not in their default session, or quiet
        self._at_work: Unit | None = None
        self._connected_again = False

    def run(self) -> None:
        """The whole flash. What is raised says whether anything may have been written."""
        try:
            self._flash()
        except TalkFailed as failed:
            trouble = self._as_trouble(failed)
            trouble.written = self._written
            self._good_bye(failed)
            raise trouble from failed
        except Trouble as trouble:
            trouble.written = self._written
            self._good_bye(None)
            raise

    def _flash(self) -> None:
        self._progress.at("identify", 0)
        judging.check_job(self._job, self._manifest)
        self._line.open()
        vin = self._check_vin()
        actual = self._identify("before", vin)
        judging.check_fits(self._manifest, actual)
        judging.check_version(self._manifest, actual)
        self._progress.at("preconditions", 4)
        sampler = Sampler(self._options, self._units.values(), self._log.keep)
        self._check_car(sampler)
        self._keep_dtcs("before")
        rows = judging.to_flash(self._manifest, actual)
        pieces = {row.address: [self._piece(block) for block in row.blocks] for row in rows}
        self._progress.expect(sum(piece.size for those in pieces.values() for piece in those))
        self._prepare(rows)
        for row in rows:
            self._program(row, pieces[row.address], sampler)
            if row is not rows[-1]:
                self._keep_quiet([self._units[row.address]])
        self._progress.at("read_back", TRANSFER_TO)
        self._wake()
        self._compare(self._identify("after", vin), sampler)

    def _check_vin(self) -> str:
        unit = self._units[self._options.vin_ecu]
        found = read_vin(unit)
        if not found:
            raise RigFailed("no_car", f"{unit.name} tells no VIN")
        judging.check_vin(self._job.vin, found)
        return found

    def _identify(self, when: str, vin: str) -> dict[str, State]:
        found: dict[str, Identity] = {}
        for unit in self._rows.values():
            found[unit.name] = identify(unit, self._options.coding_did)
        told = [found[unit.name].row(unit) for unit in self._rows.values()]
        self._log.keep("identification", when=when, vin=vin, ecus=told)
        return states(found)

    def _check_car(self, sampler: Sampler) -> None:
        """12 V and SOC; what was read is kept, whatever comes of it."""
        try:
            gate = parse_gate(self._job.gate)
        except ValueError as bad:
            raise RigFailed("broken", str(bad), what=str(bad)) from bad
        sample = sampler.take()
        sampler.keep(sample)
        judging.check_volts(self._options.volts, sample)
        judging.check_gate(gate, sample)

    def _keep_dtcs(self, when: str) -> None:
        found = {unit.name: read_dtcs(unit) for unit in self._rows.values()}
        self._log.keep(
            "dtcs", when=when, ecus={name: dtcs for name, dtcs in found.items() if dtcs is not None}
        )

    def _piece(self, block: Block) -> Piece:
        size = next(row.size for row in self._manifest.files if row.sha256 == block.file)
        if not 0 < size <= LARGEST_FILE or block.address + size > LARGEST_FILE + 1:
            raise RigFailed("package_damaged", f"{block.name}: no place for {size} bytes", file=block.name)
        return Piece(block, self._package.file(block.file), size)

    def _prepare(self, rows: tuple[EcuRow, ...]) -> None:
        """Every unit that will be written agrees before the first one is erased; then the whole car is quiet."""
        for row in rows:
            self._agree(self._units[row.address])
        self._keep_quiet(self._rows.values())

    def _keep_quiet(self, units: Iterable[Unit]) -> None:
        """Those that were reset are talking again. A refusal is kept and no verdict: some know no such service."""
        for unit in self._rows.values() if self._connected_again else units:
            with contextlib.suppress(Negative, Garbled):
                unit.session(EXTENDED)
                self._roused[unit.address] = unit
                quiet(unit)
        self._connected_again = False

    def _agree(self, unit: Unit) -> None:
        self._roused[unit.address] = unit
        try:
            prepare(unit)
        except Negative as refused:
            kind = CarFailed if self._written else Aborted
            params = {key: value for key, value in refused.params().items() if key != "service"}
            raise kind("preconditions", str(refused), **params) from refused

    def _program(self, row: EcuRow, pieces: list[Piece], sampler: Sampler) -> None:
        """One unit, until it is back after its reset. Its session may have been lost while others were written."""
        unit = self._units[row.address]
        self._progress.at(f"erase {row.name}")
        self._agree(unit)
        quiet(unit)
        self._at_work = unit
        told = Told(
            partial(self._erasing, row.name),
            partial(self._took, unit, sampler),
            partial(self._progress.at, f"verify {row.name}"),
        )
        program(unit, row, pieces, self._job, self._options, self._log, told)
        self._back_again(unit)
        self._at_work = None
        del self._roused[unit.address]

    def _erasing(self, ecu: str) -> None:
        self._written = True
        self._progress.at(f"erase {ecu}")

    def _took(self, unit: Unit, sampler: Sampler, size: int) -> None:
        self._progress.sent(size, unit.name)
        sampler.between_blocks(unit.address)

    def _back_again(self, unit: Unit) -> None:
        """Until the unit answers after its reset. Where that was the gateway, the connection went with it."""
        deadline = time.monotonic() + self._options.restart_timeout
        time.sleep(self._options.reset_pause)  # it says yes first, and goes then
        while True:
            try:
                if read_vin_or_any(unit, max(LOOK_EVERY, min(1.0, deadline - time.monotonic()))):
                    return
            except (NoAnswer, LinkLost) as failed:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(LOOK_EVERY)
                if isinstance(failed, LinkLost):
                    self._connect_again()

    def _connect_again(self) -> None:
        with contextlib.suppress(LinkLost):
            self._line.again()
            self._connected_again = True  # the others may have lost their sessions meanwhile

    def _wake(self, within: float | None = None) -> None:
        """Let every unit talk again; one that refuses does so at the next ignition. The comparison tells the rest."""
        deadline = time.monotonic() + WAKE_ALL_WITHIN
        for unit in self._roused.values():
            if within is not None and time.monotonic() >= deadline:
                return
            with contextlib.suppress(NoAnswer):
                wake(unit, within)
        self._roused.clear()

    def _good_bye(self, failed: TalkFailed | None) -> None:
        """After a failure: bring the other units back, as far as that goes. The one that failed is left as it is."""
        silent = failed.ecu if isinstance(failed, NoAnswer) else None
        self._roused = {
            at: unit for at, unit in self._roused.items() if unit is not self._at_work and unit.name != silent
        }
        if not isinstance(failed, LinkLost):
            with contextlib.suppress(TalkFailed):
                self._wake(WAKE_WITHIN)

    def _compare(self, actual: Mapping[str, State], sampler: Sampler) -> None:
        """What the car is now against the manifest's target, field by field. Raises CarFailed `differs`."""
        self._keep_dtcs("after")
        sampler.keep(sampler.take())
        wanted = {row.name: row.target for row in self._manifest.ecus}
        found = differences(wanted, actual)
        specified = sum(1 for state in wanted.values() for value in state if value)
        rows = [one._asdict() for one in found]
        self._log.keep("comparison", rows=rows, matched=specified - len(found))
        if found:
            first = found[0]
            what = f"{first.ecu} has {first.field} {first.actual or '-'}, not {first.specified}"
            raise CarFailed("differs", what, count=len(found), **rows[0])
        self._progress.at("read_back", 100)

    def _as_trouble(self, failed: TalkFailed) -> Trouble:
        step = self._progress.step.partition(" ")[0]
        if isinstance(failed, NoAnswer):
            return CarSilent("silent", f"{failed} ({self._progress.step})", ecu=failed.ecu, step=step)
        if isinstance(failed, LinkLost) and not failed.car_there and not self._written:
            return RigFailed("no_car", failed.what)
        if isinstance(failed, LinkLost):
            return RigFailed("interface_lost", failed.what, what=failed.what)
        if isinstance(failed, Negative):
            return CarFailed("refused", str(failed), **failed.params())
        return CarFailed("broken", str(failed), what=str(failed))


def read_vin_or_any(unit: Unit, within: float) -> bool:
    """Whether the unit answers, be it with a refusal. Raises NoAnswer and LinkLost."""
    with contextlib.suppress(Negative, Garbled):
        unit.read(0xF189, within=within)
    return True
