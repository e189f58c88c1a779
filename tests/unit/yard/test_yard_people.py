"""The demo's people sign in with passwords that only the folder's owner can read."""

import stat
from datetime import timedelta

import pytest

from campaign.domain.people import Role
from campaign.errors import BadFile, Refused
from campaign.yard.people import read_passwords, sign_up
from tests.fakes.small_yard import small_yard


@pytest.fixture
def yard(tmp_path):
    with small_yard(tmp_path, 1) as made:
        yield made


def test_passwords_are_made_once_and_kept_for_their_owner_only(yard, tmp_path):
    file = tmp_path / "secrets" / "people.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first = read_passwords(file)
    assert sign_up(yard.services.people, yard.services.people.all(), file) == first
    assert len(set(first.values())) == len(first) >= 15


def test_everybody_signs_in_under_their_own_name(yard, tmp_path):
    passwords = read_passwords(tmp_path / "secrets" / "people.json")
    with pytest.raises(Refused):
        yard.services.people.sign_in("liumin", passwords["yangyang"], "tablet")
    assert yard.services.people.sign_in("liumin", passwords["liumin"], "tablet").actor.id == "liumin"


def test_a_session_that_ended_is_opened_again(yard):
    signer = yard.staff.with_role(Role.QA)[0]
    assert yard.staff.actor(signer).id == signer
    yard.clock.move(hours=13)
    assert yard.staff.actor(signer).id == signer


def test_qa_and_technicians_are_different_people_and_shared_accounts_act_for_nobody(yard):
    qa, technicians = yard.staff.with_role(Role.QA), yard.staff.with_role(Role.TECHNICIAN)
    assert qa
    assert technicians
    assert not set(qa) & set(technicians)
    assert "tablet-1" not in technicians


def test_a_missing_password_file_is_named(tmp_path):
    with pytest.raises(BadFile, match=r"people\.json"):
        read_passwords(tmp_path / "people.json")


def test_a_session_lasts_a_shift(yard):
    planner = yard.staff.with_role(Role.PLANNER)[0]
    yard.staff.actor(planner)
    before = yard.services.store.token("site")
    yard.clock.move_to(yard.clock.now() + timedelta(hours=11))
    yard.staff.actor(planner)
    assert yard.services.store.token("site") == before
