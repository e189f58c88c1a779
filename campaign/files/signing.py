"""Signing packages with Ed25519: key pairs in files, signed sheets, and the check of a signature.

The private key stays on product development's machine: the server only ever sees sheets and public keys.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from campaign.errors import BadFile, BadInput
from campaign.station_agent.manifest import SIGNED_AS, Manifest, Signed

OWNER_ONLY = 0o600
_HEX = re.compile(r"[0-9a-f]{64}")
_MOST = 64 * 1024  # no key file is larger


def make_key(file: Path) -> str:
    """Write a new private key (PEM, its owner only) to `file` and the public one to `file`.pub; returns the public one.

    Raises BadInput where a file is already: a key is never overwritten.
    """
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = _hex(key.public_key())
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as out:
            out.write(secret)
        public_file(file).write_text(f"{public}\n", encoding="ascii")
    except FileExistsError:
        raise BadInput("is there already", where=str(file), todo="name another file") from None
    except OSError as error:
        raise BadFile(f"cannot be written: {error.strerror}", where=str(file)) from error
    return public


def public_file(file: Path) -> Path:
    """Where the public half of a private key file is written."""
    return file.with_name(f"{file.name}.pub")


def sign(manifest: Manifest, file: Path) -> Signed:
    """The signed sheet of a manifest, with the private key in `file`. Raises BadFile."""
    return sign_text(manifest.to_text(), file)


def sign_text(text: str, file: Path) -> Signed:
    """As `sign`, over a canonical text."""
    key = _private(file)
    return Signed(text, _hex(key.public_key()), key.sign(SIGNED_AS + text.encode()).hex())


def verify(signed: Signed) -> bool:
    """Whether the signature is over this manifest and by this key."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed.key))
        key.verify(bytes.fromhex(signed.signature), SIGNED_AS + signed.manifest.encode())
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True


def read_public(given: str) -> str:
    """A public key as 64 hex digits, from those digits or from a file that holds them. Raises BadInput."""
    text = given.strip()
    file = Path(text)
    if not _HEX.fullmatch(text.lower()) and len(text) < 1024 and file.is_file():
        text = _text_of(file).strip()
    if "PRIVATE KEY" in text:
        raise BadInput(
            "this is a private key, which never leaves its owner",
            where=given[:80],
            todo="give the public one: the .pub file beside it",
        )
    words = text.lower().split()
    if not words or not _HEX.fullmatch(words[0]):
        raise BadInput(
            "not a public key", where=repr(given[:80]), todo="64 hex digits, or a .pub file that holds them"
        )
    return words[0]


def _private(file: Path) -> Ed25519PrivateKey:
    text = _text_of(file)
    if _HEX.fullmatch(text.strip().lower()):
        raise BadFile("is a public key; a private one signs", where=str(file))
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadFile(
            "others may read this private key", where=str(file), todo=f"chmod 600 {file}, or make a new pair"
        )
    try:
        key = serialization.load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadFile("not a private key of `campaign package keygen`", where=str(file)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadFile("not an Ed25519 key", where=str(file), todo="make one: campaign package keygen FILE")
    return key


def _text_of(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST).decode("ascii")
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror}", where=str(file)) from error
    except UnicodeDecodeError as error:
        raise BadFile("not a key file", where=str(file)) from error


def _hex(key: Ed25519PublicKey) -> str:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()
