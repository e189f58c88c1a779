"""What the commands about packages share: files that are read and written, and how a staging is told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from campaign.cli.language import tr
from campaign.cli.parameters import option
from campaign.errors import BadFile, BadInput

if TYPE_CHECKING:
    from campaign.domain.staging import Staging

MOST_TEXT = 4 * 1024 * 1024


def files_option() -> Any:
    """`--files DIR`."""
    return option(
        "--files",
        "Folder of the files that the manifest names; else the manifest's own.",
        "清单所列文件所在文件夹；默认为清单所在文件夹。",
        metavar="DIR",
    )


def read_text(file: Path) -> str:
    """A small text file. Raises BadFile."""
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_TEXT).decode("utf-8-sig")
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror}", where=str(file)) from error
    except UnicodeDecodeError as error:
        raise BadFile("not a text file", where=str(file)) from error


def write_new(file: Path, data: bytes) -> None:
    """A file that was not there. Raises BadInput, BadFile."""
    try:
        with file.open("xb") as opened:
            opened.write(data)
    except FileExistsError:
        todo = tr("name another file", "请指定其他文件")
        raise BadInput(tr("is there already", "已存在"), where=str(file), todo=todo) from None
    except OSError as error:
        raise BadFile(f"cannot be written: {error.strerror}", where=str(file)) from error


def staged(staging: Staging) -> str:
    """How far, in megabytes, and why not farther."""
    sent, total = (f"{size / 1e6:.1f}" for size in (staging.bytes, staging.total))
    return f"{sent} / {total} MB" + (f"  {staging.detail}" if staging.detail else "")
