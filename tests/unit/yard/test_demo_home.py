"""The demo's folder: fresh for another case, kept for the same one, and nobody else's work is ever touched."""

import pytest

from campaign.cli.demo_home import Told, make_room, tell, told_by
from campaign.cli.failures import Stop
from campaign.cli.up import only_one
from campaign.errors import SiteError

CASE = Told(2_300, 1, "VBV453C-2026")
READY = Told(2_300, 1, "VBV453C-2026", ready=True)


@pytest.fixture
def home(tmp_path):
    return tmp_path / "var"


def leave(home, told):
    home.mkdir()
    (home / "campaign.db").write_text("work")
    (home / "stations").mkdir()
    tell(home, told)


def test_a_missing_or_empty_folder_becomes_a_demo(home):
    assert make_room(home, CASE)
    assert told_by(home) == CASE


def test_the_same_case_goes_on(home):
    leave(home, READY)
    assert not make_room(home, CASE)
    assert (home / "campaign.db").read_text() == "work"
    assert told_by(home) == READY


@pytest.mark.parametrize(
    "other", [Told(120, 1, CASE.code), Told(2_300, 2, CASE.code), Told(2_300, 1, "OTHER")]
)
def test_another_case_is_made_from_nothing(home, other):
    leave(home, READY)
    assert make_room(home, other)
    assert not (home / "campaign.db").exists()
    assert not (home / "stations").exists()
    assert told_by(home) == other


def test_a_case_that_was_not_loaded_to_its_end_is_made_again(home):
    leave(home, CASE)
    assert make_room(home, CASE)
    assert not (home / "campaign.db").exists()


@pytest.mark.parametrize("mark", [None, "no JSON", '{"vehicles": 1}'])
def test_what_is_no_demo_is_left_alone(home, mark):
    home.mkdir()
    (home / "campaign.db").write_text("work")
    if mark is not None:
        (home / "demo.json").write_text(mark)
    with pytest.raises(Stop, match="not a demo"):
        make_room(home, CASE)
    assert (home / "campaign.db").read_text() == "work"


def test_a_demo_that_runs_is_left_alone(home):
    leave(home, READY)
    with only_one(home), pytest.raises(SiteError, match="already runs"):
        make_room(home, Told(120, 1, CASE.code))
    assert (home / "campaign.db").read_text() == "work"
