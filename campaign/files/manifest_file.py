"""Manifests as product development writes them: YAML or JSON, with what can be computed left to the program.

A file may be given by its name alone: its size and sha256 come from the folder; a block may name its file, and its
CRC-32 is computed. What is given is compared, never overwritten.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from campaign.errors import BadFile, BadInput
from campaign.station_agent.manifest import FORMAT, MOST_BYTES, BadManifest, Manifest, parse
from campaign.station_agent.package import CHUNK, sha256_of

STATE = ("part_number", "software", "hardware", "coding")


@dataclass(frozen=True, slots=True)
class Written:
    """A manifest and where its files were found, by sha256. Files that are nowhere are left out."""

    manifest: Manifest
    files: dict[str, Path]


def read_manifest(file: Path, folder: Path | None = None) -> Written:
    """The manifest in a file; `folder` holds the files that it names. Raises BadFile with the place in it."""
    raw = _loaded(file)
    if not isinstance(raw, dict):
        raise BadFile("not a manifest: it should be an object with name, source, target", where=str(file))
    found: dict[str, Path] = {}
    rows = [_file(row, folder, found) for row in _list(raw.get("files"), "files", file)]
    by_name = {row.get("name"): row for row in rows if isinstance(row, dict)}
    ecus = [_ecu(row, by_name, found, file) for row in _list(raw.get("ecus"), "ecus", file)]
    made = {"format": _number(raw.get("format", FORMAT)), "ecus": ecus, "files": rows}
    whole = {"instruction": "", **raw, **made}
    try:
        return Written(parse(json.dumps(whole)), found)
    except BadManifest as bad:
        raise BadFile(
            bad.what, where=f"{file}: {bad.where}", todo="see the guide for product development"
        ) from bad
    except TypeError as odd:
        raise BadFile("a value that no manifest has (a date?): put it in quotes", where=str(file)) from odd


def write_yaml(manifest: Manifest, notes: list[str]) -> str:
    """A manifest to look through: YAML with the notes on top as comments."""
    raw = json.loads(manifest.to_text())
    for ecu in raw["ecus"]:
        ecu["address"] = _Hex(ecu["address"])
        for block in ecu["blocks"]:
            block["address"], block["crc32"] = _Hex(block["address"]), _Hex(block["crc32"])
    head = "".join(f"# {note}\n" for note in notes)
    return head + yaml.dump(raw, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


class _Hex(int):
    """A number that is written in hex."""


class _Dumper(yaml.SafeDumper):
    """Writes addresses as people read them."""


_Dumper.add_representer(
    _Hex, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:int", f"0x{value:X}")
)


class _Loader(yaml.SafeLoader):
    """YAML in which every value is a text as it is written, `0452` and dates too; without aliases, which can grow."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """As usual; an alias is an error."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not taken here")
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:null"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _loaded(file: Path) -> Any:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise BadFile(f"not a manifest: more than {MOST_BYTES} bytes", where=str(file))
        text = file.read_text(encoding="utf-8-sig")
        return json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, Loader=_Loader)  # noqa: S506
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror}", where=str(file)) from error
    except UnicodeDecodeError as error:
        raise BadFile("not a manifest: it is no UTF-8 text", where=str(file)) from error
    except (ValueError, yaml.YAMLError) as error:
        what = " ".join(str(error).split())[:160]
        raise BadFile(f"not a manifest: {what}", where=str(file)) from error


def _list(value: Any, where: str, file: Path) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadFile("should be a list", where=f"{file}: {where}")
    return value


def _file(row: Any, folder: Path | None, found: dict[str, Path]) -> Any:
    """A row with its size and sha256, from the folder where it has none."""
    row = {"name": row} if isinstance(row, str) else row
    if not isinstance(row, dict) or not isinstance(row.get("name"), str):
        return row
    row = {**row, "size": _number(row.get("size"))}
    path = None if folder is None else _inside(folder, row["name"])
    if path is not None and path.is_file():
        sha256 = sha256_of(path)
        row = {**row, "sha256": row.get("sha256") or sha256}
        row["size"] = path.stat().st_size if row["size"] is None else row["size"]
        found[row["sha256"]] = path
    elif not row.get("sha256"):
        raise BadFile(
            "there is no such file to take size and checksum from",
            where=str(row["name"]),
            todo="name its folder with --files",
        )
    return row


def _inside(folder: Path, name: str) -> Path:
    """Raises BadInput for a name that leads out of the folder."""
    if Path(name).name != name:
        raise BadInput("a file is named without a folder", where=repr(name[:80]))
    return folder / name


def _ecu(row: Any, files: Mapping[Any, Any], found: Mapping[str, Path], file: Path) -> Any:
    if not isinstance(row, dict):
        return row
    blocks = [
        _block(block, files, found)
        for block in _list(row.get("blocks"), f"ecus.{row.get('name')}.blocks", file)
    ]
    states = {name: _state(row.get(name)) for name in ("source", "target")}
    return {**row, **states, "address": _number(row.get("address")), "blocks": blocks}


def _state(raw: Any) -> Any:
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        return raw
    state = {name: "" if value is None else str(value) for name, value in raw.items()}
    return {**state, "coding": state.get("coding", "").replace(" ", "").upper()}


def _block(raw: Any, files: Mapping[Any, Any], found: Mapping[str, Path]) -> Any:
    if not isinstance(raw, dict):
        return raw
    row = files.get(raw.get("file"))
    block = {**raw, "file": row["sha256"] if row is not None else raw.get("file")}
    block |= {name: _number(raw.get(name)) for name in ("address", "crc32")}
    path = found.get(str(block["file"]))
    if block["crc32"] is None and path is not None:
        block["crc32"] = _crc32(path)
    return block


def _number(value: Any) -> Any:
    """`32768`, `0x8000` and "0x8000" alike; anything else is left for the check."""
    if not isinstance(value, str):
        return value
    try:
        return int(value, 16 if value.lower().startswith("0x") else 10)
    except ValueError:
        return value


def _crc32(path: Path) -> int:
    total = 0
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            total = zlib.crc32(piece, total)
    return total
