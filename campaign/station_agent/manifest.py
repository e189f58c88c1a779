"""A package's manifest: which control units it brings from which state to which, with which files. Pure.

    {"format": 1, "name", "source", "target", "instruction",
     "ecus": [{"name", "address", "source": {...}, "target": {...},
               "blocks": [{"name", "file", "address", "crc32"}]}],
     "files": [{"name", "sha256", "size"}]}

A state is {"part_number", "software", "hardware", "coding"}; an empty text means: not specified, not compared.
`address` of a unit is its logical address in the car, of a block where it goes in the unit's memory; `file` is a
sha256 of `files`. A version such as VBV4.5.3C names the state of all units together (domain.md).
What is signed is the manifest's canonical text; the signed sheet holds that text, the key and the signature.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

FORMAT = 1
SIGNED_AS = b"campaign package manifest 1\n"
"""Goes before the text when it is signed: a signature for this is good for nothing else."""

MOST_BYTES = 1024 * 1024
MOST_ECUS = 200
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HEX = re.compile(r"(?:[0-9A-F]{2})*")


class BadManifest(ValueError):
    """The text is no manifest: `where` in it, and what is wrong."""

    def __init__(self, where: str, what: str) -> None:
        self.where, self.what = where, what
        super().__init__(f"{where}: {what}")


class State(NamedTuple):
    """What one control unit is or shall be. `coding` in hex, capitals."""

    part_number: str = ""
    software: str = ""
    hardware: str = ""
    coding: str = ""


class Block(NamedTuple):
    """One piece to transfer: which file goes where; `crc32` over its bytes, as the unit checks it."""

    name: str
    file: str
    address: int
    crc32: int


class EcuRow(NamedTuple):
    """One control unit. Without blocks it is only compared, never written."""

    name: str
    address: int
    source: State
    target: State
    blocks: tuple[Block, ...] = ()


class FileRow(NamedTuple):
    """A file of the package. `size` in bytes."""

    name: str
    sha256: str
    size: int


class Manifest(NamedTuple):
    """A package as a whole. `instruction` is the revision of the work instruction that it was released with."""

    name: str
    source: str
    target: str
    instruction: str
    ecus: tuple[EcuRow, ...] = ()
    files: tuple[FileRow, ...] = ()

    def to_text(self) -> str:
        """The canonical text: the same manifest always gives the same bytes."""
        raw = {
            "format": FORMAT,
            "name": self.name,
            "source": self.source,
            "target": self.target,
            "instruction": self.instruction,
            "ecus": [_ecu_json(row) for row in self.ecus],
            "files": [row._asdict() for row in self.files],
        }
        return json.dumps(raw, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _ecu_json(row: EcuRow) -> dict[str, Any]:
    return {
        **row._asdict(),
        "source": row.source._asdict(),
        "target": row.target._asdict(),
        "blocks": [block._asdict() for block in row.blocks],
    }


def parse(text: str) -> Manifest:
    """The manifest in a text. Raises BadManifest for the first thing that is wrong."""
    if len(text.encode()) > MOST_BYTES:
        raise BadManifest("manifest", f"more than {MOST_BYTES} bytes")
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise BadManifest("manifest", "not JSON") from error
    top = _Part(raw, "manifest")
    if top.number("format") != FORMAT:
        raise BadManifest("format", f"only format {FORMAT} is known here")
    files = tuple(_file(part) for part in top.parts("files"))
    ecus = tuple(_ecu(part, {row.sha256 for row in files}) for part in top.parts("ecus"))
    if len(ecus) > MOST_ECUS:
        raise BadManifest("ecus", f"more than {MOST_ECUS}")
    _only_once("ecus", "name", [row.name for row in ecus])
    _only_once("ecus", "address", [row.address for row in ecus])
    _only_once("files", "sha256", [row.sha256 for row in files])
    return Manifest(
        top.text("name", _NAME),
        top.text("source", _VERSION),
        top.text("target", _VERSION),
        top.text("instruction"),
        ecus,
        files,
    )


class _Part:
    """An object of the JSON with its place, so that every complaint says where."""

    def __init__(self, raw: object, where: str) -> None:
        if not isinstance(raw, dict):
            raise BadManifest(where, "should be an object")
        self._raw: Mapping[str, Any] = raw
        self.where = where

    def text(self, name: str, pattern: re.Pattern[str] | None = None) -> str:
        value = self._raw.get(name, "")
        if not isinstance(value, str) or len(value) > 200 or not value.isprintable():
            raise BadManifest(f"{self.where}.{name}", "should be a short text")
        if pattern is not None and not pattern.fullmatch(value):
            raise BadManifest(f"{self.where}.{name}", f"{value[:60]!r} is not spelled as it should be")
        return value

    def number(self, name: str, most: int = 2**63 - 1) -> int:
        value = self._raw.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise BadManifest(f"{self.where}.{name}", f"should be a whole number from 0 to {most}")
        return value

    def part(self, name: str) -> _Part:
        return _Part(self._raw.get(name), f"{self.where}.{name}")

    def parts(self, name: str) -> list[_Part]:
        listed = self._raw.get(name)
        if not isinstance(listed, list):
            raise BadManifest(f"{self.where}.{name}", "should be a list")
        return [_Part(raw, f"{self.where}.{name}[{at}]") for at, raw in enumerate(listed)]


def _file(part: _Part) -> FileRow:
    return FileRow(part.text("name", _NAME), part.text("sha256", _SHA256), part.number("size"))


def _ecu(part: _Part, files: set[str]) -> EcuRow:
    return EcuRow(
        part.text("name", _NAME),
        part.number("address", 2**32 - 1),
        _state(part.part("source")),
        _state(part.part("target")),
        tuple(_block(block, files) for block in part.parts("blocks")),
    )


def _state(part: _Part) -> State:
    return State(
        part.text("part_number"), part.text("software"), part.text("hardware"), part.text("coding", _HEX)
    )


def _block(part: _Part, files: set[str]) -> Block:
    file = part.text("file", _SHA256)
    if file not in files:
        raise BadManifest(f"{part.where}.file", "is none of the manifest's files")
    address, crc32 = part.number("address", 2**32 - 1), part.number("crc32", 2**32 - 1)
    return Block(part.text("name", _NAME), file, address, crc32)


def _only_once(where: str, name: str, values: list[Any]) -> None:
    for value in values:
        if values.count(value) > 1:
            raise BadManifest(where, f"the {name} {value} stands more than once")


class Signed(NamedTuple):
    """A signed sheet: the manifest's text, the key that signed it (64 hex digits) and the signature (128)."""

    manifest: str
    key: str
    signature: str

    def to_text(self) -> str:
        """The sheet as it is kept and sent; its sha256 is the package's digest."""
        return json.dumps({"format": FORMAT, **self._asdict()}, sort_keys=True, separators=(",", ":"))


def parse_signed(text: str) -> Signed:
    """The sheet in a text; says nothing about whether the signature is good. Raises BadManifest."""
    try:
        raw = json.loads(text)
        signed = Signed(raw["manifest"], raw["key"], raw["signature"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadManifest("sheet", "not a signed manifest") from error
    for name, length in (("key", 64), ("signature", 128)):
        value = getattr(signed, name)
        if not isinstance(value, str) or not re.fullmatch(rf"[0-9a-f]{{{length}}}", value):
            raise BadManifest(f"sheet.{name}", f"should be {length} hex digits")
    if not isinstance(signed.manifest, str):
        raise BadManifest("sheet.manifest", "should be a text")
    return signed


class Difference(NamedTuple):
    """One field of one unit, as specified and as the car reports it."""

    ecu: str
    field: str
    specified: str
    actual: str


def differences(wanted: Mapping[str, State], actual: Mapping[str, State]) -> list[Difference]:
    """Where the car is not as specified, unit by unit; a unit that did not answer differs in all that is specified."""
    found = []
    for name, state in wanted.items():
        seen = actual.get(name, State())
        for field in State._fields:
            specified, reported = getattr(state, field), getattr(seen, field)
            if specified and specified != reported:
                found.append(Difference(name, field, specified, reported))
    return found


def baseline(manifest: Manifest, actual: Mapping[str, State]) -> str | None:
    """The name of what the whole car is: target, source, "mixed"; None while a unit tells no software."""
    if any(not actual.get(row.name, State()).software for row in manifest.ecus):
        return None
    for name, states in (
        (manifest.target, {row.name: row.target for row in manifest.ecus}),
        (manifest.source, {row.name: row.source for row in manifest.ecus}),
    ):
        if not differences(states, actual):
            return name
    return "mixed"
