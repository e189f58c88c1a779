"""A new installation, and who may sign in: from an empty folder to the first command."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.fakes.command_line import Printed, run

SECRET = "a-long-password"
ENGLISH = {"CAMPAIGN_LANGUAGE": "en"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def asked(home: Path, *args: str, **env: str) -> Printed:
    return run(home, *args, **ENGLISH | env)


def test_an_empty_folder_says_how_to_start(home: Path) -> None:
    told = asked(home, "status")
    assert (told.code, len(told.err.splitlines())) == (2, 1)
    assert str(home) in told.err
    assert "campaign init" in told.err
    assert not home.exists()  # looking makes nothing


def test_init_sets_up_and_prints_a_password_once(home: Path) -> None:
    told = asked(home, "init")
    assert told.code == 0
    (line,) = [line for line in told.out.splitlines() if "shown only now" in line]
    password = line.split()[-1]
    assert asked(home, "sign-in", "hejun", CAMPAIGN_PASSWORD=password).code == 0
    again = asked(home, "init")
    assert (again.code, "set up already" in again.out) == (0, True)
    assert password not in again.text


def test_init_takes_the_password_that_is_given(home: Path) -> None:
    told = asked(home, "init", CAMPAIGN_PASSWORD=SECRET)
    assert told.code == 0
    assert SECRET not in told.text
    assert asked(home, "sign-in", "hejun", CAMPAIGN_PASSWORD=SECRET).code == 0


def test_init_with_a_short_password_can_be_repeated(home: Path) -> None:
    short = asked(home, "init", CAMPAIGN_PASSWORD="short")
    assert (short.code, "8 characters" in short.err) == (2, True)
    assert asked(home, "init", CAMPAIGN_PASSWORD=SECRET).code == 0


def test_init_names_the_administrators_to_choose_from(home: Path) -> None:
    told = asked(home, "init", "--admin", "anna")
    assert (told.code, "hejun" in told.err) == (2, True)


def test_init_on_spoilt_people_names_file_and_line(home: Path, tmp_path: Path) -> None:
    people = tmp_path / "configs" / "people"
    people.mkdir(parents=True)
    (people / "x.yaml").write_text("people:\n  - {id: a, name: A, name_zh: A, roles: [king]}\n")
    told = asked(home, "init", CAMPAIGN_CONFIGS=str(tmp_path / "configs"))
    assert told.code == 2
    assert "x.yaml:2" in told.err


def test_the_session_is_kept_for_its_owner_only_and_ends(home: Path) -> None:
    asked(home, "init", CAMPAIGN_PASSWORD=SECRET)
    asked(home, "sign-in", "hejun", CAMPAIGN_PASSWORD=SECRET)
    assert stat.S_IMODE((home / "session").stat().st_mode) == 0o600
    assert asked(home, "people", "list").code == 0
    kept = (home / "session").read_text()
    assert asked(home, "sign-out").code == 0
    nobody = asked(home, "people", "list")
    assert (nobody.code, "campaign sign-in" in nobody.err) == (1, True)
    (home / "session").write_text(kept)  # a copy of the file is worth nothing after the sign-out
    ended = asked(home, "people", "list")
    assert (ended.code, "has ended" in ended.err) == (1, True)


def test_the_person_decides_the_language_until_the_variable_does(home: Path) -> None:
    asked(home, "init", CAMPAIGN_PASSWORD=SECRET)
    assert "已登录" in run(home, "sign-in", "hejun", CAMPAIGN_PASSWORD=SECRET).out
    assert "姓名" in run(home, "people", "list").out
    assert "name" in asked(home, "people", "list").out


@pytest.mark.parametrize("person", ["hejun", "nobody-like-this"])
def test_a_wrong_password_and_an_unknown_person_hear_the_same(home: Path, person: str) -> None:
    asked(home, "init", CAMPAIGN_PASSWORD=SECRET)
    told = asked(home, "sign-in", person, CAMPAIGN_PASSWORD="wrong-password")
    assert (told.code, told.err) == (1, "refused: Name or password is wrong.\n")


def test_without_a_terminal_the_password_comes_from_the_variable(home: Path) -> None:
    asked(home, "init", CAMPAIGN_PASSWORD=SECRET)
    told = asked(home, "sign-in", "hejun")
    assert (told.code, "CAMPAIGN_PASSWORD" in told.err) == (2, True)


def test_the_administrator_gives_passwords_and_others_do_not(home: Path) -> None:
    asked(home, "init", CAMPAIGN_PASSWORD=SECRET)
    given = asked(home, "people", "password", "anna", "--generate", "--as", "hejun", CAMPAIGN_PASSWORD=SECRET)
    password = given.out.split()[-1]
    assert given.code == 0
    mine = {"CAMPAIGN_PASSWORD": password}
    refused = asked(home, "people", "password", "hejun", "--generate", "--as", "anna", **mine)
    assert (refused.code, "administrator" in refused.err) == (1, True)
    own = asked(
        home, "people", "password", "anna", "--as", "anna", CAMPAIGN_NEW_PASSWORD="another-one", **mine
    )
    assert own.code == 0
    assert asked(home, "sign-in", "anna", CAMPAIGN_PASSWORD="another-one").code == 0


def test_people_and_site_are_applied_again_without_a_change(home: Path) -> None:
    asked(home, "init", CAMPAIGN_PASSWORD=SECRET)
    admin = {"CAMPAIGN_PASSWORD": SECRET}
    assert "0 new or changed" in asked(home, "people", "apply", "--as", "hejun", **admin).out
    assert "as it was" in asked(home, "site", "apply", "--as", "hejun", **admin).out
    assert "CP-01..CP-10" in asked(home, "site", "show", "anting", "--as", "hejun", **admin).out
    missing = asked(home, "site", "show", "mars", "--as", "hejun", **admin)
    assert (missing.code, "mars" in missing.err) == (2, True)
    no_file = asked(home, "people", "apply", "no-such.yaml", "--as", "hejun", **admin)
    assert (no_file.code, "no-such.yaml" in no_file.err) == (2, True)


def test_the_list_of_people_never_shows_a_hash(home: Path) -> None:
    asked(home, "init", CAMPAIGN_PASSWORD=SECRET)
    people = asked(home, "people", "list", "--json", "--as", "hejun", CAMPAIGN_PASSWORD=SECRET)
    assert [who["id"] for who in people.json if who["can_sign_in"]] == ["hejun"]
    assert "argon2" not in people.text


def test_a_wrong_setting_is_named(home: Path) -> None:
    told = asked(home, "status", CAMPAIGN_WEB_PORT="many")
    assert (told.code, "CAMPAIGN_WEB_PORT" in told.err) == (2, True)


def test_a_database_that_is_none_is_said_in_one_line(home: Path) -> None:
    home.mkdir()
    (home / "campaign.db").write_text("this is no database")
    told = asked(home, "status", "--as", "hejun", CAMPAIGN_PASSWORD=SECRET)
    assert (told.code, len(told.err.splitlines())) == (3, 1)
