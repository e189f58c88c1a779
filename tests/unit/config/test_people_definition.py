"""People in a file: every role of the plant once, no passwords, one id for each."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from campaign.definitions import load_people
from campaign.domain.people import Role
from tests.unit.config.spoiling import edit, line_of, told


@pytest.fixture
def people(configs: Path) -> Path:
    return configs / "people" / "demo.yaml"


def test_the_demo_has_a_person_for_every_role(people: Path) -> None:
    persons = [p for p in load_people(people).people if not p.shared]
    roles = Counter(role for person in persons for role in person.roles)
    assert set(roles) == set(Role)
    assert (roles[Role.PLANNER], roles[Role.TECHNICIAN], roles[Role.QA]) == (2, 4, 3)
    assert {person.language for person in persons} == {"en", "zh"}


def test_the_shared_account_cannot_be_one_that_signs(people: Path) -> None:
    shared = [p for p in load_people(people).people if p.shared]
    assert [p.roles for p in shared] == [(Role.TECHNICIAN,)]


LAST = "{id: hejun, name: He Jun, name_zh: 何军, roles: [admin], language: zh}"


@pytest.mark.parametrize(
    ("new", "field", "what"),
    [
        (LAST.replace("[admin]", "[admn]"), "people[16].roles[0]", "did you mean admin?"),
        (LAST.replace("[admin]", "admin"), "people[16].roles", '"admin" is not a list - start each entry'),
        (LAST.replace("[admin]", "[]"), "people[16].roles", "is empty - list at least one"),
        (
            LAST.replace("[admin]", "[qa, qa]"),
            "people[16].roles",
            "a role stands more than once - keep it once",
        ),
        (
            LAST.replace("hejun", "anna"),
            "people[16].id",
            "the id anna belongs to Anna Keller - give each person",
        ),
        (
            LAST.replace("hejun", "orchestrator"),
            "people[16].id",
            "orchestrator is the program's own name in the log",
        ),
        (
            LAST.replace("hejun", "He Jun"),
            "people[16].id",
            "'He Jun' is not spelled as a name here - lower-case",
        ),
        (
            LAST.replace("language: zh", "language: de"),
            "people[16].language",
            '"de" is not one of en, zh - known',
        ),
        (
            LAST.replace("language: zh", "shared: 1"),
            "people[16].shared",
            "1 is not true or false - write true",
        ),
        (LAST.replace("name_zh: 何军, ", ""), "people[16].name_zh", "is missing - add it"),
    ],
)
def test_each_mistake_is_named_by_file_line_and_field(
    people: Path, *, new: str, field: str, what: str
) -> None:
    at = line_of(people, LAST)
    edit(people, (LAST, new))
    lines = told(load_people, people)
    assert any(line.startswith(f"demo.yaml:{at}: {field}: ") for line in lines), lines
    assert any(what in line for line in lines), lines


def test_a_password_in_the_file_is_refused_and_not_repeated(people: Path) -> None:
    edit(people, (LAST, LAST.replace("language: zh", "password: Qk7-river-stone")))
    (line,) = told(load_people, people)
    assert "people[16].password: is not a known field" in line
    assert "river" not in line
