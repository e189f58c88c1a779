"""The file vault: on the fake and on a folder alike."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from campaign.errors import BadFile, NotFound
from campaign.files.vault import FolderVault
from campaign.ports.files import FileVault, Stored
from tests.fakes.vault import FakeVault

DATA = b"firmware " * 1000
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=["fake", "folder"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> FileVault:
    return FakeVault() if request.param == "fake" else FolderVault(tmp_path / "files")


def test_a_file_is_found_by_its_content(vault: FileVault, tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(DATA)
    assert vault.put(file) == Stored(SHA256, len(DATA))
    assert vault.path(SHA256).read_bytes() == DATA
    assert b"".join(vault.read(SHA256)) == DATA
    assert vault.whole(SHA256)


def test_bytes_and_pieces_are_taken_too(vault: FileVault) -> None:
    assert vault.put(DATA) == vault.put(DATA[at : at + 7] for at in range(0, len(DATA), 7))
    assert vault.put(b"") == Stored(hashlib.sha256(b"").hexdigest(), 0)


def test_what_is_not_expected_is_not_kept(vault: FileVault) -> None:
    told = vault.put(b"another", expected=SHA256)
    assert told == Stored(hashlib.sha256(b"another").hexdigest(), 7)
    with pytest.raises(NotFound):
        vault.path(told.sha256)
    assert not vault.whole(SHA256)


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "", "A" * 64])
def test_what_was_never_put_is_not_there(vault: FileVault, name: str) -> None:
    vault.put(DATA)
    with pytest.raises(NotFound):
        vault.path(name)
    with pytest.raises(NotFound):
        list(vault.read(name))


def test_a_damaged_file_is_found_and_mended_by_the_same_content(tmp_path: Path) -> None:
    vault = FolderVault(tmp_path)
    vault.put(DATA)
    vault.path(SHA256).write_bytes(DATA[:-1] + b"X")
    assert not vault.whole(SHA256)
    vault.put(DATA)
    assert vault.whole(SHA256)


def test_nothing_is_left_of_a_source_that_breaks(tmp_path: Path) -> None:
    def breaks():
        yield DATA
        raise ZeroDivisionError

    vault = FolderVault(tmp_path)
    with pytest.raises(ZeroDivisionError):
        vault.put(breaks())
    assert list(tmp_path.rglob("*")) == []


def test_a_source_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"gone\.bin"):
        FolderVault(tmp_path).put(tmp_path / "gone.bin")


def test_the_folder_is_its_owners_alone(tmp_path: Path) -> None:
    vault = FolderVault(tmp_path / "files")
    vault.put(DATA)
    assert (tmp_path / "files").stat().st_mode & 0o077 == 0
    assert vault.path(SHA256).stat().st_mode & 0o077 == 0
