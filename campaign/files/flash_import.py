"""What a flash container of another tool brings, before it is a manifest: units, blocks, and what nobody told.

An import is looked through by a person, so that nothing is guessed silently: every gap and every doubt is a `Note`.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from campaign.station_agent.manifest import Block, EcuRow, FileRow, Manifest, State

NO_ADDRESS = 0
KINDS = {
    "part_number": re.compile(r"part.?n(o|um|r)|spare.?part|F187", re.IGNORECASE),
    "hardware": re.compile(r"h(ard)?w(are)?|F191", re.IGNORECASE),
    "coding": re.compile(r"coding|variant.?code", re.IGNORECASE),
    "software": re.compile(r"s(oft)?w(are)?|version|F189|F188", re.IGNORECASE),
}
"""Which identification tells which field, by its short name; the first that fits."""

_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person should know. `missing`: without it the package cannot be drafted."""

    en: str
    zh: str
    missing: bool = False

    def text(self, language: str) -> str:
        """In the reader's language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class BlockFound:
    """Bytes that go to one place in a unit's memory."""

    name: str
    address: int
    data: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Of its bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class UnitFound:
    """One control unit in a container. `source` is what it may be before, `target` what it is afterwards."""

    name: str
    source: State
    target: State
    blocks: tuple[BlockFound, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Everything of one container."""

    units: tuple[UnitFound, ...]
    notes: tuple[Note, ...]

    @property
    def files(self) -> dict[str, bytes]:
        """The blocks' bytes by sha256."""
        return {block.sha256: block.data for unit in self.units for block in unit.blocks}


def as_manifest(
    found: Found, name: str, source: str, target: str, instruction: str, addresses: Mapping[str, int]
) -> tuple[Manifest, list[Note]]:
    """The manifest of what was found, and what it lacks still: logical addresses are in no flash container."""
    notes, rows = [], []
    files: dict[str, FileRow] = {}
    for unit in found.units:
        if unit.name not in addresses:
            notes.append(_no_address(unit.name))
        for block in unit.blocks:
            file = f"{fit_name(f'{unit.name}-{block.name}')}.bin"
            files.setdefault(block.sha256, FileRow(file, block.sha256, len(block.data)))
        blocks = tuple(
            Block(block.name, block.sha256, block.address, zlib.crc32(block.data)) for block in unit.blocks
        )
        address = addresses.get(unit.name, NO_ADDRESS)
        rows.append(EcuRow(unit.name, address, unit.source, unit.target, blocks))
    notes += [_no_unit(other) for other in addresses if other not in {unit.name for unit in found.units}]
    return Manifest(name, source, target, instruction, tuple(rows), tuple(files.values())), notes


def _no_address(unit: str) -> Note:
    return Note(
        f"the logical address of {unit} is missing: give it with --ecu {unit}=0x....",
        f"缺少 {unit} 的逻辑地址：请用 --ecu {unit}=0x.... 指定",
        missing=True,
    )


def _no_unit(unit: str) -> Note:
    return Note(
        f"an address was given for {unit}, which is not in the container",
        f"给出了 {unit} 的地址，但容器中没有该控制器",
        missing=True,
    )


def field_of(identification: str) -> str | None:
    """Which field of a unit's state an identification tells, by its name; None for another one."""
    return next((kind for kind, pattern in KINDS.items() if pattern.search(identification)), None)


def fit_name(text: str) -> str:
    """A name as manifests have them: letters, digits, `.`, `_` and `-`, at most 72 characters."""
    return _UNFIT.sub("_", text).strip("._-")[:72] or "unnamed"


def only_once(names: Iterable[str]) -> list[str]:
    """The names, fit for a manifest, with a number behind those that stand again."""
    seen: dict[str, int] = {}
    out = []
    for name in map(fit_name, names):
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return out
