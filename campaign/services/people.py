"""Sign-in with argon2 passwords, sessions, and the password again when something is signed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from campaign.domain.events import SITE_CHAIN, Fact, Kind
from campaign.domain.people import SYSTEM, Actor, Right
from campaign.domain.reasons import Code, because
from campaign.errors import BadInput, NotFound, Refused
from campaign.ports.clock import Clock
from campaign.ports.records import Person, SignIn
from campaign.ports.store import Store, UnitOfWork
from campaign.services.access import need

SESSION_HOURS = 12
TRIES = 5  # wrong passwords in a row before a pause
PAUSE_S = 60
SHORTEST = 8  # characters of a password


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: `token` is the secret, kept only by the one who signed in."""

    token: str
    actor: Actor
    expires_at: datetime


class People:
    """Use cases around people. `hasher` is argon2id with the library's defaults; tests pass a cheaper one."""

    def __init__(self, store: Store, clock: Clock, hasher: PasswordHasher | None = None) -> None:
        self._store, self._clock, self._hasher = store, clock, hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex(8))

    def all(self) -> list[Person]:
        """Everybody, by id."""
        with self._store.read() as uow:
            return uow.people.all()

    def apply(self, actor: Actor, people: Sequence[Person]) -> int:
        """Add or change people as configured; passwords stay. Returns how many changed."""
        need(actor, Right.PEOPLE)
        changed = 0
        with self._store.write(SITE_CHAIN) as uow:
            for person in people:
                before = uow.people.get(person.id)
                if before is not None:
                    kept = replace(
                        person,
                        password_hash=before.password_hash,
                        failed_tries=before.failed_tries,
                        locked_until=before.locked_until,
                    )
                    if kept == before:
                        continue
                uow.people.put(person if before is None else kept)
                changed += 1
                kind = Kind.PERSON_ADDED if before is None else Kind.PERSON_CHANGED
                roles = sorted(role.value for role in person.roles)
                self._tell(uow, kind, actor, {"person": person.id, "roles": roles, "active": person.active})
            if changed:
                uow.commit()
        return changed

    def set_password(self, actor: Actor, person_id: str, password: str) -> None:
        """Set a password: one's own, or anybody's by an administrator. Raises BadInput when it is too short."""
        if actor.id != person_id:
            need(actor, Right.PEOPLE)
        if len(password) < SHORTEST:
            raise BadInput("the password is too short", todo=f"use at least {SHORTEST} characters")
        hashed = self._hasher.hash(password)
        with self._store.write(SITE_CHAIN) as uow:
            person = uow.people.get(person_id)
            if person is None:
                raise NotFound(f"there is no person {person_id}")
            uow.people.put(replace(person, password_hash=hashed, failed_tries=0, locked_until=None))
            self._tell(uow, Kind.PASSWORD_SET, actor, {"person": person_id})
            uow.commit()

    def sign_in(self, person_id: str, password: str, device: str) -> SignedIn:
        """Open a session of 12 h. Raises Refused: wrong (the same answer for unknown people), or too many tries."""
        person = self._checked(person_id, password)
        token = secrets.token_urlsafe(32)
        wall = self._clock.wall()
        expires = wall + timedelta(hours=SESSION_HOURS)
        with self._store.write(SITE_CHAIN) as uow:
            uow.people.add_sign_in(SignIn(_hashed(token), person.id, device, wall, expires))
            self._tell(uow, Kind.SIGNED_IN, person.actor(device), {"person": person.id})
            uow.commit()
        return SignedIn(token, person.actor(device), expires)

    def actor(self, token: str, device: str = "") -> Actor:
        """Who a session belongs to, with the roles of this moment. Raises Refused when it ended."""
        ended = Refused([because(Code.SIGN_IN_ENDED)])
        with self._store.read() as uow:
            sign_in = uow.people.sign_in(_hashed(token))
            person = uow.people.get(sign_in.person) if sign_in is not None else None
        if sign_in is None or person is None or not person.active:
            raise ended
        if sign_in.revoked_at is not None or sign_in.expires_at <= self._clock.wall():
            raise ended
        return person.actor(device or sign_in.device)

    def sign_out(self, token: str) -> None:
        """End a session; one that is not there ends quietly."""
        with self._store.write(SITE_CHAIN) as uow:
            uow.people.revoke(_hashed(token), self._clock.wall())
            uow.commit()

    def confirm(self, actor: Actor, password: str) -> None:
        """The password again, before signing. Raises Refused."""
        self._checked(actor.id, password)

    def _checked(self, person_id: str, password: str) -> Person:
        with self._store.read() as uow:
            person = uow.people.get(person_id)
        wall = self._clock.wall()
        if person is not None and person.locked_until is not None and person.locked_until > wall:
            seconds = int((person.locked_until - wall).total_seconds()) + 1
            raise Refused([because(Code.TRY_AGAIN_LATER, seconds=seconds)])
        if not self._fits(person, password) or person is None:
            self._count_try(person)
            raise Refused([because(Code.PASSWORD_WRONG)])
        if person.failed_tries:
            self._put(replace(person, failed_tries=0, locked_until=None))
        return person

    def _fits(self, person: Person | None, password: str) -> bool:
        """Takes as long for an unknown person as for a known one."""
        known = person is not None and person.active and person.password_hash is not None
        hashed = person.password_hash if person is not None and known else None
        try:
            self._hasher.verify(hashed or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return known

    def _count_try(self, person: Person | None) -> None:
        if person is None:
            return
        tries = person.failed_tries + 1
        lock = self._clock.wall() + timedelta(seconds=PAUSE_S) if tries >= TRIES else None
        with self._store.write(SITE_CHAIN) as uow:
            uow.people.put(replace(person, failed_tries=0 if lock else tries, locked_until=lock))
            self._tell(uow, Kind.SIGN_IN_REFUSED, SYSTEM, {"person": person.id, "tries": tries})
            uow.commit()

    def _put(self, person: Person) -> None:
        with self._store.write(SITE_CHAIN) as uow:
            uow.people.put(person)
            uow.commit()

    def _tell(self, uow: UnitOfWork, kind: Kind, actor: Actor, data: dict[str, object]) -> None:
        uow.log.append([Fact(kind, actor.id, self._clock.now(), actor.device, data=data)])


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
