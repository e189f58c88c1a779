"""People in YAML: who they are and their roles. Passwords are never in a file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from campaign.definitions.checking import Findings, Strict, Wrong
from campaign.definitions.fields import PersonId, Text
from campaign.domain.people import SYSTEM_ID, Role


class PersonDefinition(Strict):
    """One person. A `shared` account (a tablet that lies about) may mark, and never sign."""

    id: PersonId
    name: Text
    name_zh: Text
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    language: Literal["en", "zh"] = "zh"
    shared: bool = False

    @field_validator("id")
    @classmethod
    def _not_the_system(cls, id_: str) -> str:
        if id_ == SYSTEM_ID:
            raise Wrong(f"{SYSTEM_ID} is the program's own name in the log", "choose another id")
        return id_

    @field_validator("roles")
    @classmethod
    def _each_role_once(cls, roles: tuple[Role, ...]) -> tuple[Role, ...]:
        if len(set(roles)) != len(roles):
            raise Wrong("a role stands more than once", "keep it once")
        return roles


class PeopleDefinition(Strict):
    """A file under `configs/people/`."""

    people: Annotated[tuple[PersonDefinition, ...], Field(min_length=1)]

    @field_validator("people")
    @classmethod
    def _each_id_once(
        cls, people: tuple[PersonDefinition, ...], info: ValidationInfo
    ) -> tuple[PersonDefinition, ...]:
        first: dict[str, PersonDefinition] = {}
        for at, person in enumerate(people):
            if person.id in first:
                what = f"the id {person.id} belongs to {first[person.id].name}"
                Findings.of(info).add(("people", at, "id"), what, "give each person an id of their own")
            first.setdefault(person.id, person)
        return people
