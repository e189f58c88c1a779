"""In which language the command line speaks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from campaign.cli.language import lang, speak, tr


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CAMPAIGN_HOME", str(tmp_path))
    speak(None)


def test_english_where_nobody_said() -> None:
    assert (lang(), tr("done", "完成")) == ("en", "done")


def test_the_signed_in_person_decides(tmp_path: Path) -> None:
    (tmp_path / "session").write_text(json.dumps({"token": "x", "language": "zh"}))
    assert tr("done", "完成") == "完成"


def test_the_variable_goes_before_the_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "session").write_text(json.dumps({"token": "x", "language": "zh"}))
    monkeypatch.setenv("CAMPAIGN_LANGUAGE", "en")
    assert lang() == "en"


def test_the_acting_person_goes_before_the_one_who_is_signed_in(tmp_path: Path) -> None:
    (tmp_path / "session").write_text(json.dumps({"token": "x", "language": "zh"}))
    speak("en")
    assert lang() == "en"
    speak(None)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"language": "fr"}', '{"language": 7}'])
def test_a_spoilt_session_file_speaks_english(text: str, tmp_path: Path) -> None:
    (tmp_path / "session").write_text(text)
    assert lang() == "en"


def test_facts_are_filled_into_either_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAIGN_LANGUAGE", "zh")
    assert tr("{n} cars", "{n} 辆", n=3) == "3 辆"


def test_help_is_in_the_language_of_the_variable() -> None:
    env = {"CAMPAIGN_LANGUAGE": "zh", "PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"}
    ask = [sys.executable, "-c", "from campaign.cli.app import main; main()", "--help"]
    told = subprocess.run(ask, env=env, capture_output=True, text=True, check=True, encoding="utf-8").stdout
    assert "活动进展" in told


def test_help_loads_nothing_heavy() -> None:
    heavy = ("sqlalchemy", "pydantic", "paramiko", "prefect", "streamlit", "numpy", "openpyxl", "argon2")
    ask = f"import campaign.cli.app, sys; print([m for m in {heavy!r} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[]"
