"""Whether a car may be flashed at all: judged from what was read, before anything is written. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from campaign.station_agent.driver import Aborted, Job
from campaign.station_agent.manifest import EcuRow, Manifest, State, baseline, differences
from campaign.station_drivers.options import Volts
from campaign.station_drivers.reading import Sample
from campaign.station_drivers.soc import Gate, percent

LAST_ADDRESS = 0xFFFF  # DoIP has two bytes for a unit


def check_job(job: Job, manifest: Manifest) -> None:
    """The package does what the job asks, over this kind of link. Raises Aborted `package_unfit`."""
    for field, specified, actual in (
        ("source", job.source, manifest.source),
        ("target", job.target, manifest.target),
    ):
        if specified != actual:
            what = f"the package's {field} is {actual}, the job's {specified}"
            raise Aborted(
                "package_unfit", what, ecu=manifest.name, field=field, specified=specified, actual=actual
            )
    for row in manifest.ecus:
        if row.address > LAST_ADDRESS:
            address = f"0x{row.address:X}"
            what = f"{row.name} has the address {address}, which DoIP does not know"
            raise Aborted("package_unfit", what, ecu=row.name, field="address", specified=address, actual="-")


def check_vin(expected: str, found: str) -> None:
    """The car on the cable is the one of the job. Raises Aborted `wrong_car`."""
    if found != expected:
        what = f"{found} is on the cable, not {expected}"
        raise Aborted("wrong_car", what, expected=expected, found=found)


def check_fits(manifest: Manifest, actual: Mapping[str, State]) -> None:
    """The package is for this car's units. Raises Aborted `package_unfit`.

    An erased unit may have forgotten its part number; its hardware it has not.
    """
    for row in manifest.ecus:
        state = actual.get(row.name, State())
        erased = bool(row.blocks) and not state.software
        for field in ("hardware", "part_number"):
            seen = getattr(state, field)
            if _is_one_of(row, field, seen) or (erased and field == "part_number" and not seen):
                continue
            wanted = getattr(row.source, field)
            what = f"{row.name} has {field} {seen or '-'}, the package is for {wanted}"
            raise Aborted(
                "package_unfit", what, ecu=row.name, field=field, specified=wanted, actual=seen or "-"
            )


def check_version(manifest: Manifest, actual: Mapping[str, State]) -> None:
    """Each unit is at the source, at the target or erased: so is a car whose flash was cut. Raises Aborted."""
    for row in manifest.ecus:
        state = actual.get(row.name, State())
        if row.blocks and not state.software:
            continue
        for field in ("software", "coding"):
            seen = getattr(state, field)
            if not _is_one_of(row, field, seen):
                found = (
                    f"{row.name} {seen or '-'}"
                    if field == "software"
                    else f"{row.name} {field} {seen or '-'}"
                )
                whole = baseline(manifest, actual) or "-"
                what = f"the car is at {found} ({whole}), not at {manifest.source}"
                raise Aborted("wrong_version", what, found=found, source=manifest.source)


def _is_one_of(row: EcuRow, field: str, seen: str) -> bool:
    wanted = (getattr(row.source, field), getattr(row.target, field))
    return "" in wanted or seen in wanted


def to_flash(manifest: Manifest, actual: Mapping[str, State]) -> tuple[EcuRow, ...]:
    """The units to be written: those not at the target; all of them where all are (QA sent the car back)."""
    with_blocks = tuple(row for row in manifest.ecus if row.blocks)
    behind = tuple(row for row in with_blocks if differences({row.name: row.target}, actual))
    return behind or with_blocks


def check_volts(limits: Volts | None, sample: Sample) -> None:
    """The 12 V carry a flash. Raises Aborted `volts_below`, also where the car does not tell them."""
    if limits is None or (sample.volts is not None and sample.volts >= limits.least):
        return
    volts = "-" if sample.volts is None else f"{sample.volts:.1f}"
    what = f"12 V: {volts} V, at least {limits.least:.1f} V are needed"
    raise Aborted("volts_below", what, volts=volts, min=f"{limits.least:.1f}")


def check_gate(gate: Gate | None, sample: Sample) -> None:
    """The battery is at the gate, on its gauge. Missing means wait, never go. Raises Aborted."""
    if gate is None:
        return
    value = sample.soc.get(gate.gauge)
    if value is None:
        raise Aborted("soc_unreadable", f"the car tells no SOC ({gate.gauge})", gauge=gate.gauge)
    if value < gate.least:
        soc, least = percent(value), percent(gate.least)
        what = f"SOC ({gate.gauge}) {soc} %, below {least} %"
        raise Aborted("soc_below", what, soc=soc, gate=least, gauge=gate.gauge, raw=sample.soc_raw)
