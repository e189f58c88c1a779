"""The demo's package: a small file for each control unit, really signed, and released by product development.

The signing key is made in the given folder, as product development would keep it on a machine of theirs.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from campaign.domain.package import Package, PackageState
from campaign.domain.people import Role
from campaign.domain.rules import CampaignRules
from campaign.errors import NotFound, Refused
from campaign.files.signing import make_key, public_file, sign_text
from campaign.yard.given import Given
from campaign.yard.people import Staff
from campaign.yard.virtual_car.car import THREE, CarSpec, Fitting, manifest_for

KEY = "product-development.key"
KEY_NAME = "product development"
INSTRUCTION = "WI-FLASH-07 rev. C"
FILES = "package"
BLOCK_BYTES = 16 * 1024


def publish_demo_package(given: Given, staff: Staff, rules: CampaignRules, folder: Path) -> Package:
    """Trust the key in `folder` (made on first use), then draft, sign and release the package that `rules` name.

    A package that is released already stays as it is. Files are left in `folder`.
    """
    package = _known(given, rules.package)
    if package is not None and package.state is not PackageState.DRAFT:
        return package
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    developer = staff.actor(staff.with_role(Role.PRODUCT)[0])
    trust_demo_key(given, staff, folder)
    fitting = demo_fitting(rules)
    files = _written(fitting, folder / FILES)
    draft = package or given.packages.draft(developer, fitting.manifest, files)
    sheet = sign_text(draft.text, folder / KEY).to_text()
    return given.packages.release(developer, rules.package, sheet)


def trust_demo_key(given: Given, staff: Staff, folder: Path) -> str:
    """Make the key pair unless it is there; the administrator trusts it. Returns the public key."""
    key = demo_key(folder)
    with suppress(Refused):  # trusted before
        given.packages.trust_key(staff.actor(staff.with_role(Role.ADMIN)[0]), key, KEY_NAME)
    return key


def demo_key(folder: Path) -> str:
    """The public key of the demo's signing key, which is made unless it is there."""
    if not (folder / KEY).exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return make_key(folder / KEY)
    return public_file(folder / KEY).read_text(encoding="ascii").strip()


def demo_fitting(rules: CampaignRules) -> Fitting:
    """Every unit of a virtual car from source to target, in files small enough for a demo."""
    car = CarSpec("", THREE, Path())
    return manifest_for(
        car,
        size=BLOCK_BYTES,
        source=str(rules.source),
        target=str(rules.target),
        name=rules.package,
        instruction=INSTRUCTION,
    )


def _written(fitting: Fitting, folder: Path) -> dict[str, Path]:
    """The files by sha256, as product development hands them in."""
    folder.mkdir(exist_ok=True)
    names = {row.sha256: folder / row.name for row in fitting.manifest.files}
    for sha256, path in names.items():
        path.write_bytes(fitting.files[sha256])
    return names


def _known(given: Given, name: str) -> Package | None:
    try:
        return given.packages.get(name)
    except NotFound:
        return None
