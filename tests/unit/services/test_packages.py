"""Packages: drafted with their files, released by a trusted signature, ended with a reason; every step is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from campaign.domain.events import SITE_CHAIN
from campaign.domain.identity import SoftwareVersion
from campaign.domain.package import PackageState
from campaign.domain.people import Role
from campaign.domain.reasons import Code
from campaign.errors import BadInput, NotAllowed, NotFound, Refused
from campaign.files.signing import sign_text
from campaign.station_agent.manifest import Block, Manifest
from tests.fakes.packages import ADMINISTRATOR, DEVELOPER, files_of, key_file, manifest, public_key
from tests.fakes.plant import RULES, Plant


def drafted(plant: Plant, folder: Path, made: Manifest | None = None):
    made = made or manifest("next")
    return plant.services.packages.draft(DEVELOPER, made, files_of(made, folder))


def sheet(plant: Plant, name: str = "next", key: str = "development") -> str:
    return sign_text(plant.services.packages.get(name).text, key_file(key)).to_text()


def refusal(act, *given) -> list[Code]:
    with pytest.raises(Refused) as refused:
        act(*given)
    return [reason.code for reason in refused.value.reasons]


def told(plant: Plant) -> list[str]:
    return [event.fact.kind.value for event in reversed(plant.services.views.log(SITE_CHAIN, limit=1000))]


# -- drafting ---------------------------------------------------------------------------------------------


def test_a_draft_holds_its_manifest_and_its_files(plant: Plant, tmp_path: Path) -> None:
    made = manifest("next")
    draft = drafted(plant, tmp_path, made)
    assert (draft.state, draft.digest, draft.drafted.by) == (PackageState.DRAFT, None, "huangbo")
    assert plant.services.packages.get("next").manifest == made
    assert told(plant)[-1] == "package.added"


def test_a_name_is_used_once(plant: Plant, tmp_path: Path) -> None:
    drafted(plant, tmp_path)
    assert refusal(drafted, plant, tmp_path) == [Code.PACKAGE_EXISTS]


def test_a_missing_and_a_wrong_file_are_both_named(plant: Plant, tmp_path: Path) -> None:
    made = manifest("next")
    (path,) = files_of(made, tmp_path).values()
    draft = plant.services.packages.draft
    assert refusal(draft, DEVELOPER, made, {}) == [Code.PACKAGE_FILE_MISSING]
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    assert refusal(draft, DEVELOPER, made, {made.files[0].sha256: path}) == [Code.PACKAGE_FILE_DIFFERS]
    path.write_bytes(b"short")
    assert refusal(draft, DEVELOPER, made, {made.files[0].sha256: path}) == [Code.PACKAGE_FILE_DIFFERS]
    with pytest.raises(NotFound):
        plant.services.packages.get("next")


def test_a_block_whose_checksum_is_not_its_files_is_found_before_a_car_is_erased(
    plant: Plant, tmp_path: Path
) -> None:
    made = manifest("next")
    block = made.ecus[0].blocks[0]
    wrong = made.ecus[0]._replace(blocks=(block, Block("second", block.file, 0, block.crc32 ^ 1)))
    made = made._replace(ecus=(wrong,))
    assert refusal(drafted, plant, tmp_path, made) == [Code.PACKAGE_BLOCK_DIFFERS]


@pytest.mark.parametrize("source", ["4.5.2c", "VBV4.5.2c", "next week"])
def test_versions_are_spelled_as_campaigns_spell_them(plant: Plant, tmp_path: Path, source: str) -> None:
    with pytest.raises(BadInput):
        drafted(plant, tmp_path, manifest("next", source=source))


def test_only_product_development_publishes(plant: Plant, tmp_path: Path) -> None:
    made = manifest("next")
    drafted(plant, tmp_path)
    packages = plant.services.packages
    for person in ("wang", "li", "chen", "root"):
        actor = plant.actor(person)
        for act, *given in (
            (packages.draft, made, files_of(made, tmp_path)),
            (packages.release, "next", sheet(plant)),
            (packages.obsolete, "vbv453c", "why"),
            (packages.drop, "next", "why"),
        ):
            with pytest.raises(NotAllowed) as refused:
                act(actor, *given)
            assert refused.value.reasons[0].lifted_by == (Role.PRODUCT,)
    for act, *given in ((packages.trust_key, "a" * 64, "x"), (packages.revoke_key, public_key(), "why")):
        with pytest.raises(NotAllowed):
            act(DEVELOPER, *given)


# -- releasing --------------------------------------------------------------------------------------------


def test_a_trusted_signature_releases(plant: Plant, tmp_path: Path) -> None:
    drafted(plant, tmp_path)
    released = plant.services.packages.release(DEVELOPER, "next", sheet(plant))
    assert (released.state, released.key) == (PackageState.RELEASED, public_key())
    assert plant.services.packages.get("next") == released
    assert told(plant)[-1] == "package.released"


def test_a_key_that_nobody_trusts_releases_nothing(plant: Plant, tmp_path: Path) -> None:
    drafted(plant, tmp_path)
    release = plant.services.packages.release
    assert refusal(release, DEVELOPER, "next", sheet(plant, key="stranger")) == [Code.PACKAGE_UNTRUSTED]
    plant.services.packages.trust_key(ADMINISTRATOR, public_key("stranger"), "a colleague")
    assert release(DEVELOPER, "next", sheet(plant, key="stranger")).key == public_key("stranger")


def test_a_revoked_key_releases_nothing_and_is_never_trusted_again(plant: Plant, tmp_path: Path) -> None:
    drafted(plant, tmp_path)
    packages = plant.services.packages
    packages.revoke_key(ADMINISTRATOR, public_key(), "the laptop was lost")
    assert refusal(packages.release, DEVELOPER, "next", sheet(plant)) == [Code.PACKAGE_UNTRUSTED]
    assert refusal(packages.trust_key, ADMINISTRATOR, public_key(), "again") == [Code.KEY_REVOKED]
    assert refusal(packages.revoke_key, ADMINISTRATOR, public_key(), "again") == [Code.KEY_REVOKED]
    assert packages.trusted_keys()[0].revoke_why == "the laptop was lost"


def test_a_sheet_of_another_package_and_a_turned_signature_are_both_told(
    plant: Plant, tmp_path: Path
) -> None:
    drafted(plant, tmp_path)
    other = sheet(plant, "vbv453c").replace('"signature":"', '"signature":"0')
    other = other[: other.rindex('"') - 1] + other[other.rindex('"') :]  # 128 digits still
    found = refusal(plant.services.packages.release, DEVELOPER, "next", other)
    assert found == [Code.PACKAGE_SHEET_DIFFERS, Code.PACKAGE_BADLY_SIGNED]


def test_a_file_that_was_damaged_since_the_draft_is_not_released(plant: Plant, tmp_path: Path) -> None:
    draft = drafted(plant, tmp_path)
    plant.spoil(draft.manifest.files[0].sha256)
    found = refusal(plant.services.packages.release, DEVELOPER, "next", sheet(plant))
    assert found == [Code.PACKAGE_FILE_DIFFERS]


@pytest.mark.parametrize("text", ["", "{}", "hello", '{"manifest": 1, "key": "a", "signature": "b"}'])
def test_what_is_no_sheet_is_named(plant: Plant, tmp_path: Path, text: str) -> None:
    drafted(plant, tmp_path)
    with pytest.raises(BadInput, match="campaign package sign"):
        plant.services.packages.release(DEVELOPER, "next", text)


def test_a_package_is_released_once(plant: Plant, tmp_path: Path) -> None:
    drafted(plant, tmp_path)
    plant.services.packages.release(DEVELOPER, "next", sheet(plant))
    found = refusal(plant.services.packages.release, DEVELOPER, "next", sheet(plant))
    assert found == [Code.PACKAGE_WRONG_STATE]


# -- ending -----------------------------------------------------------------------------------------------


def test_a_draft_is_dropped_and_its_name_is_free(plant: Plant, tmp_path: Path) -> None:
    drafted(plant, tmp_path)
    packages = plant.services.packages
    assert refusal(packages.drop, DEVELOPER, "next", " ") == [Code.REASON_MISSING]
    packages.drop(DEVELOPER, "next", "wrong coding")
    drafted(plant, tmp_path)
    assert refusal(packages.drop, DEVELOPER, "vbv453c", "why") == [Code.PACKAGE_WRONG_STATE]
    assert told(plant)[-2:] == ["package.dropped", "package.added"]


def test_an_obsolete_package_is_held_where_it_is_used(plant: Plant) -> None:
    plant.launch([300, 300, 100])
    plant.services.packages.obsolete(DEVELOPER, "vbv453c", "bricks the gateway")
    with plant.services.store.read() as uow:
        assert [(h.scope, h.target, h.by, h.why) for h in uow.holds.open()] == [
            ("package", "vbv453c", "huangbo", "bricks the gateway")
        ]
    plant.charge(3)
    plant.tick()
    assert plant.car(3).status.value == "charged"


def test_a_package_that_no_campaign_uses_ends_without_a_hold(plant: Plant, tmp_path: Path) -> None:
    drafted(plant, tmp_path)
    packages = plant.services.packages
    assert refusal(packages.obsolete, DEVELOPER, "next", "why") == [Code.PACKAGE_WRONG_STATE]
    packages.release(DEVELOPER, "next", sheet(plant))
    assert packages.obsolete(DEVELOPER, "next", "replaced").state is PackageState.OBSOLETE
    with plant.services.store.read() as uow:
        assert uow.holds.open() == []


def test_a_revoked_key_holds_its_packages_where_they_are_used(plant: Plant) -> None:
    plant.launch([300, 300])
    plant.services.packages.revoke_key(ADMINISTRATOR, public_key(), "stolen")
    with plant.services.store.read() as uow:
        assert [(hold.target, hold.why) for hold in uow.holds.open()] == [("vbv453c", "stolen")]
    assert told(plant)[-1] == "key.revoked"


# -- launching --------------------------------------------------------------------------------------------


@pytest.fixture
def ready(plant: Plant) -> Plant:
    plant.add_cars([300, 300])
    return plant


def launched(plant: Plant, **changed: object):
    return plant.services.planning.launch(plant.actor("wang"), replace(RULES, **changed), reason="go")


def test_a_campaign_needs_a_package(ready: Plant) -> None:
    assert refusal(lambda: launched(ready, package="nothing")) == [Code.PACKAGE_UNKNOWN]
    assert launched(ready).code == RULES.code


def test_a_draft_launches_nothing(ready: Plant, tmp_path: Path) -> None:
    drafted(ready, tmp_path)
    assert refusal(lambda: launched(ready, package="next")) == [Code.PACKAGE_NOT_RELEASED]


def test_every_reason_against_a_package_is_told_at_once(ready: Plant) -> None:
    ready.services.packages.obsolete(DEVELOPER, "vbv453c", "replaced")
    ready.services.packages.revoke_key(ADMINISTRATOR, public_key(), "stolen")
    found = refusal(lambda: launched(ready, target=SoftwareVersion.parse("VBV4.6.0A")))
    assert found == [Code.PACKAGE_OBSOLETE, Code.PACKAGE_OTHER_VERSIONS, Code.PACKAGE_UNTRUSTED]
