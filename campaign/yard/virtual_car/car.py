"""Virtual cars as they are described: which units they have, where their state lives, and what fits them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from campaign.station_agent.manifest import Block, EcuRow, FileRow, Manifest, State
from campaign.yard.virtual_car.faults import Faults, UnitFaults
from campaign.yard.virtual_car.image import SECRET, block_data, key_of, software_of
from campaign.yard.virtual_car.memory import UnitMemory, load, save

__all__ = [
    "CarSpec",
    "EcuSpec",
    "Faults",
    "Fitting",
    "UnitFaults",
    "block_data",
    "key_of",
    "make_car",
    "manifest_for",
]

SOURCE, TARGET = "VBV4.5.2C", "VBV4.5.3C"
FLASH_AT = 0x0001_0000  # where the first block of a unit goes
SECTOR = 0x1_0000  # later blocks begin on one


@dataclass(frozen=True, slots=True)
class EcuSpec:
    """One unit as it was built. `address` is logical; `software` is what a fresh one runs, empty for erased.

    `secret` makes the key from the seed, `max_block` is the longest TransferData request in bytes (its two first
    ones counted), `boot_seconds` how long it says nothing after a reset, `lockout` how many seconds it takes no
    key after three wrong ones.
    """

    name: str
    address: int
    part_number: str
    software: str
    hardware: str = "1EA907001"
    hardware_version: str = "H12"
    serial: str = "0000000001"
    coding: str = "0002040A11"
    dtcs: Mapping[int, int] = field(default_factory=dict)
    secret: int = SECRET
    max_block: int = 4095
    memory_size: int = 64 * 1024 * 1024
    boot_seconds: float = 0.0
    lockout: float = 10.0


THREE = (
    EcuSpec("gateway", 0x1001, "1EA907530A", "", "1EA907530", "H12"),
    EcuSpec("bms", 0x1007, "1EA915184B", "", "1EA915184", "H09", coding="0C00310F", dtcs={0x0A0F00: 0x2F}),
    EcuSpec("motor", 0x1010, "1EA907121C", "", "1EA907121", "H21", coding="", dtcs={0xC10000: 0x28}),
)
"""What a car has where nobody says otherwise: one trouble that is there, and one that came and went."""


@dataclass(frozen=True, slots=True)
class CarSpec:
    """One car. `file` holds its units' memory; `gateway` and `bms` are names of units.

    `yard` is the folder with the yard's own, simple car files (campaign.station_agent.cars) where this car is one
    of them: SOC then comes from there, and a changed version is told there.
    """

    vin: str
    ecus: tuple[EcuSpec, ...]
    file: Path
    gateway: str = "gateway"
    bms: str = "bms"
    volts: float = 12.6
    soc_raw: int = 77
    yard: Path | None = None
    faults: Faults = field(default_factory=Faults, compare=False)

    @property
    def faults_file(self) -> Path:
        """Where the faults of this car may be given from outside the process."""
        return self.file.with_suffix(".faults.json")

    def ecu(self, name: str) -> EcuSpec:
        """The unit with this name."""
        return next(ecu for ecu in self.ecus if ecu.name == name)

    def memory(self) -> dict[str, UnitMemory]:
        """What the units remember now, by name; as built while there is no file."""
        known = load(self.file) or {}
        return {ecu.name: known.get(ecu.name) or as_built(ecu) for ecu in self.ecus}


def as_built(ecu: EcuSpec) -> UnitMemory:
    """A fresh unit's memory."""
    return UnitMemory(ecu.part_number, ecu.software, ecu.coding, dtcs=dict(ecu.dtcs))


def make_car(
    vin: str,
    folder: Path,
    *,
    software: str = "0452",
    volts: float = 12.6,
    soc_raw: int = 77,
    max_block: int = 4095,
    secret: int = SECRET,
    boot_seconds: float = 0.0,
    ecus: tuple[EcuSpec, ...] | None = None,
    yard: Path | None = None,
) -> CarSpec:
    """A car whose memory is `<folder>/units/<VIN>.json`; a car that is there already keeps its state.

    Without `ecus` it has a gateway (0x1001), a bms (0x1007) and a motor (0x1010), all of the given `software`.
    """
    built = ecus or tuple(
        replace(
            ecu,
            software=software,
            serial=f"{ecu.name[:2].upper()}{vin[-8:]}",
            secret=secret,
            max_block=max_block,
            boot_seconds=boot_seconds,
        )
        for ecu in THREE
    )
    car = CarSpec(vin, built, folder / "units" / f"{vin}.json", volts=volts, soc_raw=soc_raw, yard=yard)
    if load(car.file) is None:
        save(car.file, vin, car.memory())
    return car


class Fitting(NamedTuple):
    """A package that fits a car: what it says, and its files as sha256 -> bytes."""

    manifest: Manifest
    files: dict[str, bytes]


def manifest_for(
    car: CarSpec,
    *,
    size: int = 64 * 1024,
    sizes: Mapping[str, int] | None = None,
    blocks: int = 1,
    source: str = SOURCE,
    target: str = TARGET,
    name: str = "",
    instruction: str = "A",
    seed: int = 1,
) -> Fitting:
    """An upgrade of all the car's units from source to target, each with `blocks` blocks of `size` bytes.

    `sizes` gives some units another size; a unit with size 0 is only compared, and stays at the source.
    """
    rows, files, listed = [], {}, []
    for ecu in car.ecus:
        bytes_each = (sizes or {}).get(ecu.name, size)
        old = State(ecu.part_number, software_of(source), ecu.hardware, ecu.coding.upper())
        new = old._replace(software=software_of(target)) if bytes_each else old
        parts = []
        for number in range(blocks if bytes_each else 0):
            data = block_data(
                new.software, ecu.part_number, bytes_each, seed + ecu.address + 0x10000 * number
            )
            sha256 = hashlib.sha256(data).hexdigest()
            files[sha256] = data
            listed.append(FileRow(f"{ecu.name}-{number + 1}.bin", sha256, len(data)))
            address = FLASH_AT + number * -(-bytes_each // SECTOR) * SECTOR
            parts.append(Block(f"{ecu.name}-{number + 1}", sha256, address, zlib.crc32(data)))
        rows.append(EcuRow(ecu.name, ecu.address, old, new, tuple(parts)))
    manifest = Manifest(name or f"ID4X-{target}", source, target, instruction, tuple(rows), tuple(listed))
    return Fitting(manifest, files)
