"""Makes the one file that is installed on a station: a zip that Python runs, source and byte code in it."""

from __future__ import annotations

import io
import py_compile
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "campaign/station_agent"
NOT_INSTALLED = ("pack.py",)
ENTRY = """import os
import sys

from campaign.station_agent.main import main

sys.exit(main(sys.argv[1:], os.environ))
"""


def pack() -> bytes:
    """The agent as one file. The same source packed by the same Python gives the same bytes."""
    files = {"__main__.py": ENTRY, "campaign/__init__.py": ""}
    for source in sorted(Path(__file__).parent.glob("*.py")):
        if source.name not in NOT_INSTALLED:
            files[f"{PACKAGE}/{source.name}"] = source.read_text(encoding="utf-8")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, text in files.items():
            _put(packed, name, text.encode())
            # Every question starts Python anew: byte code saves compiling. Another Python takes the source.
            _put(packed, name + "c", _byte_code(name, text))
    return out.getvalue()


def _put(packed: zipfile.ZipFile, name: str, data: bytes) -> None:
    packed.writestr(zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0)), data)


def _byte_code(name: str, text: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, compiled = Path(folder, "source.py"), Path(folder, "compiled.pyc")
        source.write_text(text, encoding="utf-8")
        unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(source), str(compiled), dfile=name, doraise=True, invalidation_mode=unchecked)
        return compiled.read_bytes()
