"""The flash driver that talks to the car itself: UDS (ISO 14229) over DoIP (ISO 13400), with udsoncan and doipclient.

`driver_options` of station.json; addresses as numbers or as texts such as "0x1007", identifiers as texts in hex:

    host              the car's DoIP entity, name or address
    port              TCP, default 13400
    tester_address    of this station, default 0x0E00
    gateway           logical address of the DoIP entity
    vin_ecu           the unit whose F190 is the car's VIN: asked before anything else
    security          {"level": 17, "algorithm": "xor", "secret": hex}: level gives a seed, level + 1 takes its key;
                      xor: key = seed XOR secret. "ecus": {name: {...}} for units with a secret of their own
    volts             {"ecu", "did": "F442", "factor": 0.1, "min": 12.0, "marginal": 12.3}: volts = raw * factor; below
                      min nothing starts, below marginal is kept as a warning. Without it the 12 V are not checked
    soc               {"ecu", "did": "028C", "formulas": {gauge: {"id", "factor", "offset"}}}: percent = raw * factor +
                      offset, cut off to tenths. Without it no job with a gate may start
    coding_did        where a unit tells its coding, default "0600"
    sample_every      seconds between two readings of 12 V and SOC during the transfer, default 30
    block_limit       bytes of the largest TransferData that is used, default 16386; a unit may offer less
    erase_timeout     seconds; the longest that a unit may take for one request, however often it says "pending". It
                      must be above the longest erase, default 300
    silence           seconds without a word after which a unit is called silent, default 5
    restart_timeout   seconds in which a unit must answer again after its reset, default 60
    reset_pause       seconds between a reset and the first question after it, default 0.5

The way of a flash: VIN, identification and fit, 12 V and SOC, trouble codes, every unit's own preconditions; then unit
by unit session, key, fingerprint, blocks, dependencies, reset; in the end the comparison with the target. A request
that writes is never sent twice. It needs a package, and leaves success to the read-back after it.
"""

from __future__ import annotations

import platform
import time
from functools import partial
from importlib.metadata import version
from typing import Any

from campaign.station_agent.driver import Job, Log, ReadBack, RigFailed
from campaign.station_agent.manifest import Manifest, baseline
from campaign.station_agent.package import StagedPackage
from campaign.station_drivers.doip import Line, Timing, Unit
from campaign.station_drivers.flashing import Flash, units_of
from campaign.station_drivers.options import Options, read_options
from campaign.station_drivers.reading import (
    Identity,
    Sampler,
    identify,
    read_vin,
    silent_row,
    states,
)
from campaign.station_drivers.talk import Garbled, LinkLost, NoAnswer, TalkFailed
from campaign.station_drivers.wire import Wire

READ_BACK_WITHIN = 7.0  # seconds for all of it; whoever waits for the station gives up some time later
READ_WITHIN = 1.0  # seconds until an answer begins


class UdsDriver:
    """Flashes over DoIP. Raises KeyError for an option that is missing, ValueError for a bad one."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = read_options(options)

    def flash(self, job: Job, package: StagedPackage | None, log: Log) -> None:
        """Bring the car to the package's target. Raises Trouble; returns when every unit is as specified."""
        versions = {name: version(name) for name in ("udsoncan", "doipclient")}
        log.keep("tools", driver="uds", versions={**versions, "python": platform.python_version()})
        if package is None:
            missing = RigFailed("package_missing", "this driver needs a package", file=job.package)
            missing.written = False
            raise missing
        options = self._options
        line = Line(self._wire, Timing(options.silence, options.erase_timeout), log.keep)
        try:
            Flash(options, line, job, package, log).run()
        finally:
            line.close()

    def read_back(self, vin: str, package: StagedPackage | None) -> ReadBack:
        """What the car says, within some eight seconds. Nulls where it does not answer, or does not tell its VIN."""
        timing = Timing(min(READ_WITHIN, self._options.silence), READ_BACK_WITHIN)
        line = Line(self._wire, timing, until=time.monotonic() + READ_BACK_WITHIN)
        manifest = package.manifest if package else None
        try:
            line.open()
            return _Asked(self._options, line, manifest).all(vin)
        except TalkFailed:
            return _silence(vin)
        finally:
            line.close()

    @property
    def _wire(self) -> partial[Wire]:
        options: Options = self._options
        return partial(Wire, options.host, options.port, options.tester, options.gateway)


class _Asked:
    """One read-back."""

    def __init__(self, options: Options, line: Line, manifest: Manifest | None) -> None:
        self._options, self._manifest = options, manifest
        self._units = units_of(line, manifest, options)

    def all(self, vin: str) -> ReadBack:
        """Raises TalkFailed where not even the VIN is told: then nobody knows whose answers the others would be."""
        unit = self._units[self._options.vin_ecu]
        found = read_vin(unit)
        if not found:
            raise NoAnswer(unit.name)
        told: ReadBack = {**_silence(vin), "vin": found}
        try:
            rows, version_ = self._ecus()
            told |= {"version": version_, "ecus": rows}
            told |= Sampler(self._options, self._units.values(), lambda *_, **__: None).take().facts()
        except LinkLost:
            pass  # what was told until then stands
        return told

    def _ecus(self) -> tuple[list[dict[str, Any]], str | None]:
        if self._manifest is None:
            return [], None
        found: dict[str, Identity] = {}
        rows = []
        for row in self._manifest.ecus:
            unit: Unit = self._units[row.address]
            try:
                found[row.name] = identify(unit, self._options.coding_did)
                rows.append(found[row.name].row(unit))
            except (NoAnswer, Garbled):
                rows.append(silent_row(unit))
        return rows, baseline(self._manifest, states(found))


def _silence(vin: str) -> ReadBack:
    nulls = ("version", "soc_display", "soc_bms", "soc_raw", "volts")
    return {"vin": vin, **dict.fromkeys(nulls), "ecus": []}
