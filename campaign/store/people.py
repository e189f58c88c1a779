"""People and their sign-ins, and the layouts of sites."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from campaign.domain.people import Role
from campaign.domain.site import SiteLayout
from campaign.ports.records import Person, SignIn
from campaign.store import schema as t
from campaign.store.upsert import replacing
from campaign.store.work import Work

_PERSON = select(
    t.Person.id,
    t.Person.name,
    t.Person.name_zh,
    t.Person.roles,
    t.Person.language,
    t.Person.shared,
    t.Person.active,
    t.Person.password_hash,
    t.Person.failed_tries,
    t.Person.locked_until,
)
_BY_ID = _PERSON.where(t.Person.id == bindparam("person"))
_SIGN_IN = select(
    t.SignIn.sid_hash,
    t.SignIn.person,
    t.SignIn.device,
    t.SignIn.opened_at,
    t.SignIn.expires_at,
    t.SignIn.revoked_at,
).where(t.SignIn.sid_hash == bindparam("sid"))
_REVOKE = (
    update(t.SignIn)
    .where(t.SignIn.sid_hash == bindparam("sid"), t.SignIn.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)
_LAYOUT = select(t.Site.layout).where(t.Site.code == bindparam("code"))


class SqlPeople:
    """`ports.fleet.People`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, person_id: str) -> Person | None:
        """By id."""
        row = self._work.first(_BY_ID, person=person_id)
        return None if row is None else _person(row)

    def all(self) -> list[Person]:
        """By id, in the order of the characters, whatever the database's language."""
        return sorted(map(_person, self._work.rows(_PERSON)), key=lambda person: person.id)

    def put(self, person: Person) -> None:
        """Insert or overwrite."""
        row = {
            "id": person.id,
            "name": person.name,
            "name_zh": person.name_zh,
            "roles": ",".join(sorted(role.value for role in person.roles)),
            "language": person.language,
            "shared": person.shared,
            "active": person.active,
            "password_hash": person.password_hash,
            "failed_tries": person.failed_tries,
            "locked_until": person.locked_until,
        }
        self._work.run(replacing(self._work.dialect, t.Person), row)

    def add_sign_in(self, sign_in: SignIn) -> None:
        """A new session."""
        row = {
            "sid_hash": sign_in.sid_hash,
            "person": sign_in.person,
            "device": sign_in.device,
            "opened_at": sign_in.opened_at,
            "expires_at": sign_in.expires_at,
            "revoked_at": sign_in.revoked_at,
        }
        self._work.run(insert(t.SignIn), row)

    def sign_in(self, sid_hash: str) -> SignIn | None:
        """Expired and revoked ones too."""
        row = self._work.first(_SIGN_IN, sid=sid_hash)
        return None if row is None else SignIn(*row)

    def revoke(self, sid_hash: str, at: datetime) -> None:
        """The first end counts."""
        self._work.run(_REVOKE, {"sid": sid_hash, "at": at})


@lru_cache(maxsize=64)
def _layout(text: str) -> SiteLayout:
    return SiteLayout.from_json(text)


class SqlSites:
    """`ports.fleet.Sites`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, code: str) -> SiteLayout | None:
        """By code."""
        row = self._work.first(_LAYOUT, code=code)
        return None if row is None else _layout(row[0])

    def put(self, layout: SiteLayout, at: datetime) -> bool:
        """Compared as stored."""
        text = layout.to_json()
        before = self._work.first(_LAYOUT, code=layout.code)
        if before is not None and before[0] == text:
            return False
        row = {"code": layout.code, "layout": text, "applied_at": at}
        self._work.run(replacing(self._work.dialect, t.Site), row)
        return True


def _person(row: Row[*tuple[Any, ...]] | Sequence[Any]) -> Person:
    number, name, name_zh, roles, *rest = row
    return Person(number, name, name_zh, frozenset(Role(role) for role in roles.split(",") if role), *rest)
