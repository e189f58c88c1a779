"""The demo's people: set up with passwords of their own, and signed in when they act."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from campaign.domain.people import SYSTEM, Actor, Role
from campaign.errors import BadFile, Refused
from campaign.ports.records import Person
from campaign.services.people import People

_WORDS = (
    "amber", "birch", "cedar", "coral", "delta", "ember", "fjord", "grove", "hazel", "ivory", "jade", "koala",
    "lemon", "maple", "north", "ocean", "pearl", "quartz", "river", "stone", "tiger", "umber", "violet", "willow",
)  # fmt: skip


def new_password() -> str:
    """Easy to type from a terminal: two words and four digits; it guards a demo on one machine."""
    return f"{secrets.choice(_WORDS)}-{secrets.choice(_WORDS)}-{secrets.randbelow(9000) + 1000}"


def sign_up(people: People, persons: Sequence[Person], secrets_file: Path) -> dict[str, str]:
    """Set everybody up and give a password to those who have none. Returns and keeps all passwords by id.

    The file is readable by its owner only.
    """
    people.apply(SYSTEM, persons)
    known = read_passwords(secrets_file) if secrets_file.exists() else {}
    for person in persons:
        if person.id not in known:
            known[person.id] = new_password()
            people.set_password(SYSTEM, person.id, known[person.id])
    secrets_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not secrets_file.exists():
        os.close(os.open(secrets_file, os.O_WRONLY | os.O_CREAT, 0o600))
    secrets_file.write_text(json.dumps(known, indent=1), encoding="utf-8")
    return known


def read_passwords(secrets_file: Path) -> dict[str, str]:
    """The passwords by person id. Raises BadFile."""
    try:
        return dict(json.loads(secrets_file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise BadFile("the demo's passwords cannot be read", where=str(secrets_file)) from error


class Staff:
    """People who act: each signs in with their password, and again when the session ended."""

    def __init__(self, people: People, passwords: dict[str, str]) -> None:
        self._people, self._passwords = people, passwords
        self._tokens: dict[str, str] = {}
        known = [person for person in people.all() if person.active and person.id in passwords]
        self._by_role = {role: [p.id for p in known if role in p.roles and not p.shared] for role in Role}

    def with_role(self, role: Role) -> list[str]:
        """Ids of those with a role; shared accounts are left out, because they cannot sign."""
        return self._by_role[role]

    def actor(self, person_id: str) -> Actor:
        """This person, signed in now."""
        token = self._tokens.get(person_id)
        if token is not None:
            try:
                return self._people.actor(token)
            except Refused:
                del self._tokens[person_id]
        signed = self._people.sign_in(person_id, self._passwords[person_id], f"yard-{person_id}")
        self._tokens[person_id] = signed.token
        return signed.actor

    def password(self, person_id: str) -> str:
        """To sign with."""
        return self._passwords[person_id]
