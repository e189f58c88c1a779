"""Opens whatever was sent: what a file is, its content says and not its name."""

from __future__ import annotations

import hashlib
from pathlib import Path

from campaign.files.delimited import open_text
from campaign.files.html_table import is_html, open_html
from campaign.files.sheet_xml import MB
from campaign.files.table import Table
from campaign.files.verdicts import UnreadableList
from campaign.files.workbook import open_xls, open_xlsx

MOST_BYTES = 50 * MB

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD_XLS = (b"\x09\x08", b"\x09\x04", b"\x09\x02")  # a bare BIFF stream
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # how an .xlsx with a password is kept
_OTHERS = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"SQLite format 3", "database"),
    (b"<?xml", "xml"),
)


def read_bytes(path: Path) -> bytes:
    """The file's content. Raises UnreadableList if it is missing, too large or may not be read."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise _too_large(path.name, size)
        return path.read_bytes()
    except OSError as why:
        raise UnreadableList("file_missing", path.name, why=why.strerror or type(why).__name__) from why


def open_table(name: str, data: bytes) -> Table:
    """The rows of a workbook or text, whatever its name says. Raises UnreadableList."""
    if len(data) > MOST_BYTES:
        raise _too_large(name, len(data))
    if not data.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise UnreadableList("file_empty", name)
    if data.startswith(_ZIP):
        return open_xlsx(name, data)
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise UnreadableList("password", name)
        return open_xls(name, data)
    if data.startswith(_OLD_XLS) and b"\0" in data[:16]:
        return open_xls(name, data)
    if is_html(data):
        return open_html(name, data)
    for magic, kind in _OTHERS:
        if data.startswith(magic):
            raise UnreadableList("not_a_workbook", name, kind=(kind,))
    return open_text(name, data)


def fingerprint(data: bytes) -> str:
    """The sha256 by which the same file is recognised when it is sent twice."""
    return hashlib.sha256(data).hexdigest()


def _too_large(name: str, size: int) -> UnreadableList:
    return UnreadableList("file_too_large", name, size_mb=round(size / MB), limit_mb=MOST_BYTES // MB)
