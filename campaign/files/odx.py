"""Flash containers in ODX-F, in a PDX file as other tools write them. The only place that knows odxtools.

A container holds, per unit (ECU-MEM), sessions with the identifications that are expected before and checksums over
address ranges; data blocks with their own identifications afterwards; and flash data, in the XML or in files beside it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from odxtools.checksum import Checksum
from odxtools.database import Database
from odxtools.datablock import Datablock
from odxtools.dataformatselection import DataformatSelection
from odxtools.ecumem import EcuMem
from odxtools.ecumemconnector import EcuMemConnector
from odxtools.externflashdata import ExternFlashdata
from odxtools.flashdata import Flashdata
from odxtools.identvalue import IdentValue

from campaign.errors import BadFile
from campaign.files.flash_import import (
    BlockFound,
    Found,
    Note,
    UnitFound,
    field_of,
    fit_name,
    only_once,
)
from campaign.station_agent.manifest import State

MOST_XML = 64 * 1024 * 1024  # bytes of one ODX file, unpacked
MOST_BYTES = 2 * 1024**3  # bytes of all members, unpacked


def read_pdx(file: Path) -> Found:
    """What a PDX file brings. Raises BadFile in one line for a broken or unsafe one, or without flash data."""
    database = Database()
    try:
        with ZipFile(file) as packed:
            _refuse_unsafe(packed, file)
            database.add_pdx_file(packed)
            database.refresh()
            return _Container(database, file).read()
    except BadFile:
        raise
    except (BadZipFile, IsADirectoryError) as error:
        raise BadFile("not a PDX file: it is no zip archive", where=str(file)) from error
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror or error}", where=str(file)) from error
    except Exception as error:  # whatever the library says of a container that breaks its own rules
        what = " ".join(str(error).split())[:160] or type(error).__name__
        raise BadFile(f"not a flash container that can be read: {what}", where=str(file)) from error


def _refuse_unsafe(packed: ZipFile, file: Path) -> None:
    """Before anything is unpacked: bombs, and entities that grow."""
    if sum(info.file_size for info in packed.infolist()) > MOST_BYTES:
        raise BadFile(f"more than {MOST_BYTES // 1024**2} MB when unpacked", where=str(file))
    for info in packed.infolist():
        name = info.filename.lower()
        if not Path(name).suffix.startswith(".odx") and Path(name).name != "index.xml":
            continue
        if info.file_size > MOST_XML:
            raise BadFile(f"{info.filename} is larger than {MOST_XML // 1024**2} MB", where=str(file))
        with packed.open(info) as xml:
            if b"<!DOCTYPE" in xml.read(MOST_XML):
                raise BadFile(f"{info.filename} declares entities, which ODX never does", where=str(file))


class _Container:
    """One database, unit by unit; `notes` gathers what a person should know."""

    def __init__(self, database: Database, file: Path) -> None:
        self._database, self._file = database, file
        self.notes: list[Note] = []
        self._at_source: list[tuple[int, bytes]] = []  # of the present unit, as checksums name addresses

    def read(self) -> Found:
        """Every ECU-MEM of every ODX-F file."""
        flashes = self._database.flashs
        memories = [memory for flash in flashes for memory in flash.ecu_mems]
        connectors = {
            id(connector.ecu_mem): connector for flash in flashes for connector in flash.ecu_mem_connectors
        }
        if not memories:
            raise BadFile("no flash data in it (no ODX-F with an ECU-MEM)", where=str(self._file))
        names = only_once(memory.short_name for memory in memories)
        units = [
            self._unit(name, memory, connectors.get(id(memory)))
            for name, memory in zip(names, memories, strict=True)
        ]
        return Found(tuple(units), tuple(self.notes))

    def _unit(self, name: str, memory: EcuMem, connector: EcuMemConnector | None) -> UnitFound:
        source: dict[str, str] = {}
        target: dict[str, str] = {}
        self._at_source = []
        for session in memory.mem.sessions:
            for ident in session.expected_idents:
                self._keep(source, name, ident.short_name, ident.ident_values)
        for datablock in memory.mem.datablocks:
            for own in datablock.own_idents:
                self._keep(target, name, own.short_name, [own.ident_value])
        for description in connector.session_descs if connector is not None else []:
            if description.partnumber:
                target.setdefault("part_number", description.partnumber.strip())
        if "software" not in target:
            self._note(
                f"{name}: no own identification tells the software afterwards",
                f"{name}：没有标识说明刷写后的软件版本",
            )
        blocks = [block for datablock in memory.mem.datablocks for block in self._blocks(name, datablock)]
        if not blocks:
            self._note(f"{name}: no block to write", f"{name}：没有可写入的数据块", missing=True)
        self._check_sums(name, memory)
        named = only_once(block.name for block in blocks)
        return UnitFound(
            name,
            State(**source),
            State(**target),
            tuple(
                BlockFound(text, block.address, block.data) for text, block in zip(named, blocks, strict=True)
            ),
        )

    # -- identifications ---------------------------------------------------------------------------------------

    def _keep(self, state: dict[str, str], unit: str, short_name: str, values: Iterable[IdentValue]) -> None:
        texts = list(dict.fromkeys(_text(value) for value in values))
        kind = field_of(short_name)
        if kind is None or len(texts) != 1:
            told = ", ".join(texts)[:120]
            self._note(
                f"{unit}: {short_name} is not compared ({told})",
                f"{unit}：标识 {short_name} 不参与比较（{told}）",
            )
            return
        text = re.sub(r"\s", "", texts[0]).upper() if kind == "coding" else texts[0]
        if state.setdefault(kind, text) != text:
            self._note(
                f"{unit}: {short_name} says {text}, another one {state[kind]}",
                f"{unit}：{short_name} 为 {text}，另一处为 {state[kind]}",
                missing=True,
            )

    # -- bytes ------------------------------------------------------------------------------------------------

    def _blocks(self, unit: str, datablock: Datablock) -> Iterator[BlockFound]:
        data = datablock.flashdata
        if data is None:
            self._note(
                f"{unit}: block {datablock.short_name} has no flash data",
                f"{unit}：数据块 {datablock.short_name} 没有刷写数据",
                missing=True,
            )
            return
        if data.encrypt_compress_method is not None or any(
            segment.encrypt_compress_method is not None for segment in datablock.segments
        ):
            self._note(
                f"{unit}: {datablock.short_name} is compressed or encrypted; it is sent as it is",
                f"{unit}：{datablock.short_name} 已压缩或加密，将原样发送",
            )
        for name, address, part in self._parts(unit, datablock, data):
            self._at_source.append((address, part))
            yield BlockFound(fit_name(name), address + _offset(datablock), part)

    def _parts(self, unit: str, datablock: Datablock, data: Flashdata) -> Iterator[tuple[str, int, bytes]]:
        name = datablock.short_name
        wanted = [(s.short_name, s.source_start_address, _size(s)) for s in datablock.segments]
        if data.dataformat.selection in (DataformatSelection.INTEL_HEX, DataformatSelection.MOTOROLA_S):
            yield from _of_records(name, data.dataset, wanted)
            return
        image = self._image(unit, data, sum(size for _, _, size in wanted))
        if image is None:
            return
        if not wanted:
            self._note(
                f"{unit}: {name} has no segment; it is taken to begin at address 0",
                f"{unit}：{name} 没有分段，按起始地址 0 处理",
            )
            yield name, 0, image
            return
        start = min(at for _, at, _ in wanted)
        if max(at + size for _, at, size in wanted) - start == len(image):
            yield from ((text, at, image[at - start : at - start + size]) for text, at, size in wanted)
        elif sum(size for _, _, size in wanted) == len(image):
            cut = 0
            for text, at, size in wanted:
                yield text, at, image[cut : cut + size]
                cut += size
        else:
            told = sum(size for _, _, size in wanted)
            self._note(
                f"{unit}: {name} has {len(image)} bytes, its segments have {told}",
                f"{unit}：{name} 有 {len(image)} 字节，而各分段共 {told} 字节",
                missing=True,
            )

    def _image(self, unit: str, data: Flashdata, wanted: int) -> bytes | None:
        """The bytes of binary data: hex digits in the XML; beside it the bytes themselves, or hex digits too."""
        if data.dataformat.selection is not DataformatSelection.BINARY:
            self._note(
                f"{unit}: {data.short_name} is in a format of its maker ({data.dataformat.user_selection})",
                f"{unit}：{data.short_name} 为厂商自定义格式（{data.dataformat.user_selection}）",
                missing=True,
            )
            return None
        if not isinstance(data, ExternFlashdata):
            return bytes(data.blob)
        name = data.datafile.value.strip()
        member = self._database.auxiliary_files.get(name)
        if member is None:
            self._note(
                f"{unit}: file {name} is not in the container", f"{unit}：容器中缺少文件 {name}", missing=True
            )
            return None
        raw = member.read()
        member.seek(0)
        digits = re.sub(rb"\s", b"", raw)
        if wanted and len(raw) != wanted and len(digits) == 2 * wanted:
            return bytes.fromhex(digits.decode("ascii"))
        return raw

    # -- checksums --------------------------------------------------------------------------------------------

    def _check_sums(self, unit: str, memory: EcuMem) -> None:
        for checksum in (checksum for session in memory.mem.sessions for checksum in session.checksums):
            told = checksum.checksum_result.value_raw.strip()
            computed = _crc32_of(checksum, self._at_source)
            what = f"{unit}: checksum {checksum.short_name}", f"{unit}：校验和 {checksum.short_name}"
            if computed is None:
                self._note(f"{what[0]} was not computed again", f"{what[1]} 未重新计算")
            elif computed != _number(checksum, told):
                self._note(
                    f"{what[0]} is {computed:08X}, the container says {told}",
                    f"{what[1]} 为 {computed:08X}，容器中为 {told}",
                    missing=True,
                )
            else:
                self._note(f"{what[0]} is right", f"{what[1]} 正确")

    def _note(self, en: str, zh: str, *, missing: bool = False) -> None:
        self.notes.append(Note(en, zh, missing))


def _text(value: IdentValue) -> str:
    """As the unit will report it: bytes in hex, capitals; numbers and texts as they are written."""
    raw = value.value_raw.strip()
    return re.sub(r"\s", "", raw).upper() if value.value_type.value == "A_BYTEFIELD" else raw


def _size(segment: Any) -> int:
    if segment.uncompressed_size is not None:
        return int(segment.uncompressed_size)
    last = segment.source_end_address
    return 0 if last is None else int(last - segment.source_start_address + 1)


def _offset(datablock: Datablock) -> int:
    """From the address in the data to that in the unit."""
    shift: Any = datablock.target_addr_offset
    return int(getattr(shift, "positive_offset", 0)) - int(getattr(shift, "negative_offset", 0))


def _of_records(
    name: str, records: Any, wanted: list[tuple[str, int, int]]
) -> Iterator[tuple[str, int, bytes]]:
    """Intel HEX and S-records tell their addresses themselves."""
    if not wanted:
        for number, segment in enumerate(records.segments, 1):
            yield f"{name}-{number}", segment.minimum_address, bytes(segment.data)
        return
    for text, at, size in wanted:
        yield text, at, bytes(records.as_binary(at, at + size, b"\xff"))


def _crc32_of(checksum: Checksum, parts: list[tuple[int, bytes]]) -> int | None:
    """CRC-32 over the addresses that one part covers; None for another algorithm or range."""
    if "crc32" not in re.sub(r"[^a-z0-9]", "", (checksum.checksum_alg or "").lower()):
        return None
    start = checksum.source_start_address
    size = checksum.uncompressed_size
    if size is None and checksum.source_end_address is not None:
        size = checksum.source_end_address - start + 1
    for at, data in parts:
        if size and at <= start and start + size <= at + len(data):
            return zlib.crc32(data[start - at : start - at + size])
    return None


def _number(checksum: Checksum, told: str) -> int | None:
    try:
        return int(told, 10 if checksum.checksum_result.value_type.value == "A_UINT32" else 16)
    except ValueError:
        return None
