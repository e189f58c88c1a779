"""A small ODX-F flash container as a vendor's tool writes it, in a PDX file."""

from __future__ import annotations

import zlib
from pathlib import Path
from zipfile import ZipFile

IMAGE = bytes(range(256)) * 8  # 2048 bytes
BOOT = b"\x55\xaa" * 64

INDEX = """<?xml version="1.0" encoding="UTF-8"?>
<CATALOG F-DTD-VERSION="ODX-2.2.0"><SHORT-NAME>sample</SHORT-NAME></CATALOG>"""


def flash_xml(*, file: str = "gateway.bin", crc: int | None = None, segments: str | None = None) -> str:
    """One unit with two blocks: an application beside the XML, a boot loader inside it in hex."""
    checksum = zlib.crc32(IMAGE) if crc is None else crc
    parts = segments or (
        segment("APP.LOW", 0x8000, 1024) + segment("APP.HIGH", 0x8400, 1024)  # together the whole file
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ODX MODEL-VERSION="2.2.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<FLASH ID="F"><SHORT-NAME>sample</SHORT-NAME><ECU-MEMS><ECU-MEM ID="F.GW"><SHORT-NAME>gateway</SHORT-NAME><MEM>
<SESSIONS><SESSION ID="F.GW.S"><SHORT-NAME>programming</SHORT-NAME>
<EXPECTED-IDENTS>
{ident("EXPECTED-IDENT", "E1", "SparePartNumber", "1EA907530A")}
{ident("EXPECTED-IDENT", "E2", "SoftwareVersion", "0452")}
{ident("EXPECTED-IDENT", "E3", "HardwareNumber", "1EA907530")}
{ident("EXPECTED-IDENT", "E4", "SupplierCode", "0815", "0816")}
</EXPECTED-IDENTS>
<CHECKSUMS><CHECKSUM ID="F.GW.C"><SHORT-NAME>app</SHORT-NAME>
<SOURCE-START-ADDRESS>8000</SOURCE-START-ADDRESS><CHECKSUM-ALG>CRC-32</CHECKSUM-ALG>
<SOURCE-END-ADDRESS>83FF</SOURCE-END-ADDRESS>
<CHECKSUM-RESULT TYPE="A_BYTEFIELD">{zlib.crc32(IMAGE[:1024]) if crc is None else checksum:08X}</CHECKSUM-RESULT>
</CHECKSUM></CHECKSUMS>
<DATABLOCK-REFS><DATABLOCK-REF ID-REF="F.GW.D1"/><DATABLOCK-REF ID-REF="F.GW.D2"/></DATABLOCK-REFS>
</SESSION></SESSIONS>
<DATABLOCKS>
<DATABLOCK ID="F.GW.D1" TYPE="DATA"><SHORT-NAME>application</SHORT-NAME>
<FLASHDATA-REF ID-REF="F.GW.F1"/><SEGMENTS>{parts}</SEGMENTS>
<OWN-IDENTS>
{ident("OWN-IDENT", "O1", "SoftwareVersion", "0453")}
{ident("OWN-IDENT", "O2", "SparePartNumber", "1EA907530A")}
</OWN-IDENTS></DATABLOCK>
<DATABLOCK ID="F.GW.D2" TYPE="BOOT"><SHORT-NAME>boot</SHORT-NAME>
<FLASHDATA-REF ID-REF="F.GW.F2"/><SEGMENTS>{segment("BOOT.ALL", 0x0, 128)}</SEGMENTS>
<TARGET-ADDR-OFFSET xsi:type="POS-OFFSET"><POSITIVE-OFFSET>100000</POSITIVE-OFFSET></TARGET-ADDR-OFFSET>
</DATABLOCK>
</DATABLOCKS>
<FLASHDATAS>
<FLASHDATA ID="F.GW.F1" xsi:type="EXTERN-FLASHDATA"><SHORT-NAME>app_data</SHORT-NAME>
<DATAFORMAT SELECTION="BINARY"/><DATAFILE LATEBOUND-DATAFILE="false">{file}</DATAFILE></FLASHDATA>
<FLASHDATA ID="F.GW.F2" xsi:type="INTERN-FLASHDATA"><SHORT-NAME>boot_data</SHORT-NAME>
<DATAFORMAT SELECTION="BINARY"/><DATA>{BOOT.hex()}</DATA></FLASHDATA>
</FLASHDATAS>
</MEM></ECU-MEM></ECU-MEMS></FLASH></ODX>"""


def segment(name: str, start: int, size: int) -> str:
    """A range of addresses."""
    return (
        f'<SEGMENT ID="F.GW.{name}"><SHORT-NAME>{name.rsplit(".", maxsplit=1)[-1]}</SHORT-NAME>'
        f"<SOURCE-START-ADDRESS>{start:08X}</SOURCE-START-ADDRESS>"
        f"<UNCOMPRESSED-SIZE>{size}</UNCOMPRESSED-SIZE></SEGMENT>"
    )


def ident(tag: str, key: str, name: str, *values: str) -> str:
    """An identification: what is expected before may have several values, what is so afterwards has one."""
    texts = "".join(f'<IDENT-VALUE TYPE="A_ASCIISTRING">{value}</IDENT-VALUE>' for value in values)
    inner = f"<IDENT-VALUES>{texts}</IDENT-VALUES>" if tag == "EXPECTED-IDENT" else texts
    return f'<{tag} ID="F.GW.{key}"><SHORT-NAME>{name}</SHORT-NAME>{inner}</{tag}>'


def write_pdx(file: Path, xml: str | None = None, **members: bytes) -> Path:
    """A PDX file with the ODX-F, an index, and the members beside it (`gateway_bin=...` is gateway.bin)."""
    beside = members or {"gateway_bin": IMAGE}
    with ZipFile(file, "w") as packed:
        packed.writestr("index.xml", INDEX)
        packed.writestr("sample.odx-f", flash_xml() if xml is None else xml)
        for name, data in beside.items():
            packed.writestr(name.replace("_", "."), data)
    return file
