"""Makes the second file of a station: the flash drivers and the libraries that they need, source and byte code in it.

The agent puts it on the import path only where a driver is made. The libraries' licences and versions travel with
them.
"""

from __future__ import annotations

import io
import py_compile
import tempfile
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

PACKAGE = "campaign/station_drivers"
NOT_INSTALLED = ("pack.py",)
LIBRARIES = ("doipclient", "udsoncan")
ABOUT = ("METADATA", "LICENSE", "LICENSE.txt", "COPYING")


def pack_drivers() -> bytes:
    """The drivers as one file. The same source and libraries packed by the same Python give the same bytes."""
    files = {
        f"{PACKAGE}/{source.name}": source.read_bytes()
        for source in Path(__file__).parent.glob("*.py")
        if source.name not in NOT_INSTALLED
    }
    for name in LIBRARIES:
        files.update(_library(distribution(name)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed, tempfile.TemporaryDirectory() as folder:
        for name, data in sorted(files.items()):
            _put(packed, name, data)
            if name.endswith(".py"):
                _put(packed, name + "c", _byte_code(name, data, Path(folder)))
    return out.getvalue()


def _library(found: Distribution) -> Iterator[tuple[str, bytes]]:
    """Name in the file -> bytes: sources, what imports ask for, and who made it."""
    for file in found.files or ():
        where = Path(str(found.locate_file(file)))
        if file.parts[0].endswith(".dist-info"):
            wanted = file.name in ABOUT
        else:
            wanted = file.suffix == ".py" or file.name == "py.typed"
            if file.suffix in {".so", ".pyd"}:
                raise ValueError(f"{file} is no pure Python: it cannot be imported from a zip")
        if wanted and ".." not in file.parts:
            yield file.as_posix(), where.read_bytes()


def _put(packed: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    packed.writestr(entry, data)


def _byte_code(name: str, data: bytes, folder: Path) -> bytes:
    source, compiled = folder / "source.py", folder / "compiled.pyc"
    source.write_bytes(data)
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(source), str(compiled), dfile=name, doraise=True, invalidation_mode=unchecked)
    return compiled.read_bytes()
