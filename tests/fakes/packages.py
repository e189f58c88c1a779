"""A released package for a test's campaign: a small file, really signed with a key of this test run."""

from __future__ import annotations

import hashlib
import tempfile
import zlib
from pathlib import Path

from campaign.bootstrap import Services
from campaign.domain.package import Package
from campaign.domain.people import Actor, Role
from campaign.domain.rules import CampaignRules
from campaign.errors import NotFound
from campaign.files.signing import make_key, public_file, sign_text
from campaign.station_agent.manifest import Block, EcuRow, FileRow, Manifest, State

DEVELOPER = Actor("huangbo", "Huang Bo", frozenset({Role.PRODUCT}), "desk")
ADMINISTRATOR = Actor("root", "Root", frozenset({Role.ADMIN}), "desk")
_KEYS = tempfile.TemporaryDirectory(prefix="test-keys-")


def key_file(name: str = "development") -> Path:
    """A private key of this test run, made at its first use."""
    file = Path(_KEYS.name) / f"{name}.key"
    if not file.exists():
        make_key(file)
    return file


def public_key(name: str = "development") -> str:
    """Its public half."""
    return public_file(key_file(name)).read_text(encoding="ascii").strip()


def image(target: str, size: int = 3000) -> bytes:
    """What the one unit is programmed with."""
    return (f"image for {target} ".encode() * (size // 10 + 1))[:size]


def manifest(
    name: str = "vbv453c", source: str = "VBV4.5.2C", target: str = "VBV4.5.3C", size: int = 3000
) -> Manifest:
    """One unit, one file, and a second unit that is only compared."""
    data = image(target, size)
    sha256 = hashlib.sha256(data).hexdigest()
    states = (State("1EA907530A", "0452", "H12"), State("1EA907530A", "0453", "H12"))
    block = Block("application", sha256, 0x10000, zlib.crc32(data))
    return Manifest(
        name,
        source,
        target,
        "WI 7 rev. C",
        (
            EcuRow("gateway", 0x1001, *states, (block,)),
            EcuRow("motor", 0x1010, State("1EA907121C"), State("1EA907121C")),
        ),
        (FileRow("gateway.bin", sha256, size),),
    )


def files_of(made: Manifest, folder: Path) -> dict[str, Path]:
    """The manifest's file in `folder`, by sha256."""
    (row,) = made.files
    path = folder / row.name
    path.write_bytes(image(made.target, row.size))
    return {row.sha256: path}


def trust(services: Services, key: str = "development") -> str:
    """The administrator trusts a key of this test run; again does nothing."""
    known = {trusted.key for trusted in services.packages.trusted_keys()}
    if public_key(key) not in known:
        services.packages.trust_key(ADMINISTRATOR, public_key(key), key)
    return public_key(key)


def publish(services: Services, rules: CampaignRules, *, size: int = 3000) -> Package:
    """The package that the rules name, drafted, signed and released; one that is there stays as it is."""
    try:
        return services.packages.get(rules.package)
    except NotFound:
        pass
    trust(services)
    made = manifest(rules.package, str(rules.source), str(rules.target), size)
    with tempfile.TemporaryDirectory(prefix="test-package-") as folder:
        draft = services.packages.draft(DEVELOPER, made, files_of(made, Path(folder)))
    sheet = sign_text(draft.text, key_file()).to_text()
    return services.packages.release(DEVELOPER, draft.name, sheet)
