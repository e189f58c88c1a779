"""Packages, trusted keys and stagings: on the fake, SQLite and PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaign.domain.events import SITE_CHAIN
from campaign.domain.package import Package, PackageState, Stamp, digest_of
from campaign.domain.staging import Staging, StagingState
from campaign.errors import Conflict
from campaign.ports.store import Store
from tests.contracts.store_world import KEY, NOW, SITE, draft, later, signed


def added(store: Store, *packages: Package) -> None:
    with store.write(SITE_CHAIN) as uow:
        for package in packages:
            uow.packages.add(package)
        uow.commit()


def released(store: Store, package: Package) -> Package:
    with store.write(SITE_CHAIN) as uow:
        out = uow.packages.release(package, signed(package), Stamp("huangbo", later(hours=1)))
        uow.commit()
    return out


def test_a_draft_is_kept_as_it_was_written(store: Store) -> None:
    added(store, draft(), draft("P2", drafted=Stamp("huangbo", later(minutes=5))))
    with store.read() as uow:
        assert uow.packages.get("P1") == draft()
        assert uow.packages.get("P9") is None
        assert [package.name for package in uow.packages.all()] == ["P2", "P1"]


def test_a_name_is_given_once(store: Store) -> None:
    added(store, draft())
    with pytest.raises(Conflict):
        added(store, draft())


def test_a_draft_becomes_released_and_then_obsolete(store: Store) -> None:
    added(store, draft())
    now = released(store, draft())
    assert (now.state, now.digest) == (PackageState.RELEASED, digest_of(signed(draft())))
    with store.write(SITE_CHAIN) as uow:
        assert uow.packages.get("P1") == now
        ended = uow.packages.end(now, Stamp("huangbo", later(hours=2)), "replaced by P2")
        uow.commit()
    with store.read() as uow:
        assert uow.packages.get("P1") == ended
    assert (ended.state, ended.obsolete_why) == (PackageState.OBSOLETE, "replaced by P2")


def test_what_is_no_draft_any_more_is_neither_released_again_nor_dropped(store: Store) -> None:
    added(store, draft())
    released(store, draft())
    with store.write(SITE_CHAIN) as uow, pytest.raises(Conflict):
        uow.packages.release(draft(), signed(draft()), Stamp("huangbo", NOW))
    with store.write(SITE_CHAIN) as uow, pytest.raises(Conflict):
        uow.packages.drop(draft())
    with store.read() as uow:
        package = uow.packages.get("P1")
    assert package is not None
    assert package.state is PackageState.RELEASED


def test_a_draft_does_not_become_obsolete(store: Store) -> None:
    added(store, draft())
    with store.write(SITE_CHAIN) as uow, pytest.raises(Conflict):
        uow.packages.end(draft(), Stamp("huangbo", NOW), "why")


def test_a_dropped_draft_leaves_its_name(store: Store) -> None:
    added(store, draft())
    with store.write(SITE_CHAIN) as uow:
        uow.packages.drop(draft())
        uow.commit()
    added(store, draft(instruction="WI 8"))
    with store.read() as uow:
        package = uow.packages.get("P1")
    assert package is not None
    assert package.instruction == "WI 8"


def test_a_key_is_trusted_once_and_revoked_once(store: Store) -> None:
    with store.write(SITE_CHAIN) as uow:
        uow.packages.trust(KEY)
        uow.commit()
    with store.write(SITE_CHAIN) as uow, pytest.raises(Conflict):
        uow.packages.trust(KEY)
    with store.write(SITE_CHAIN) as uow:
        uow.packages.revoke(KEY, Stamp("root", later(hours=1)), "lost")
        uow.commit()
    with store.write(SITE_CHAIN) as uow, pytest.raises(Conflict):
        uow.packages.revoke(KEY, Stamp("root", later(hours=2)), "again")
    with store.read() as uow:
        assert uow.packages.keys() == [replace(KEY, revoked=Stamp("root", later(hours=1)), revoke_why="lost")]


def test_a_staging_is_what_was_said_last(store: Store) -> None:
    first = Staging(SITE, "S2", "d1", 100, StagingState.UPLOADING, NOW, 40)
    others = [
        Staging(SITE, "S1", "d1", 100, StagingState.STAGED, NOW, 100),
        Staging(SITE, "S1", "d2", 100, StagingState.FAILED, NOW, 0, "disk"),
        Staging("elsewhere", "S3", "d1", 100, StagingState.STAGED, NOW, 100),
    ]
    with store.write(SITE_CHAIN) as uow:
        for staging in (first, *others):
            uow.stagings.put(staging)
        uow.commit()
    with store.read() as uow:
        assert uow.stagings.of(SITE, "d1") == [others[0], first]
        assert uow.stagings.ready(SITE, "d1") == {"S1"}
    staged = replace(first, state=StagingState.STAGED, bytes=100, at=later(minutes=1))
    with store.write(SITE_CHAIN) as uow:
        uow.stagings.put(staged)
        uow.commit()
    with store.read() as uow:
        assert uow.stagings.of(SITE, "d1") == [others[0], staged]
        assert uow.stagings.ready(SITE, "d1") == {"S1", "S2"}
