"""Settings: defaults that work on one machine, and one line that names the variable when one is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from campaign.config import Settings, variable
from campaign.errors import BadInput
from tests.unit.config.spoiling import SHIPPED


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment without our variables, in an empty working directory."""
    for name in list(os.environ):
        if name.startswith("CAMPAIGN_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_everything_has_a_default_that_works_on_one_machine(clean: Path) -> None:
    settings = Settings.load()
    assert settings.home == clean / "var"
    assert settings.database_url == f"sqlite+pysqlite:///{clean}/var/campaign.db"
    assert (settings.host, settings.web_port, settings.prefect_port) == ("127.0.0.1", 8501, 4200)
    assert settings.prefect_url == "http://127.0.0.1:4200/api"
    assert settings.web_url == "http://127.0.0.1:8501"
    assert (settings.work_pool, settings.language, settings.log_level) == ("yard", "en", "INFO")
    assert (settings.advance_every_s, settings.advance_run_s) == (60, 300)
    assert (settings.lease_s, settings.poll_s) == (15, 0.25)


def test_everything_that_is_written_lies_in_home(monkeypatch: pytest.MonkeyPatch, clean: Path) -> None:
    monkeypatch.setenv("CAMPAIGN_HOME", "elsewhere")
    settings = Settings.load()
    paths = [
        settings.prefect_home,
        settings.stations_home,
        settings.logs,
        settings.clock_file,
        settings.secrets_dir,
        settings.files_vault,
    ]
    assert {path.parent for path in paths} == {clean / "elsewhere"}
    assert len(set(paths)) == 6
    assert settings.database_url.endswith("/elsewhere/campaign.db")


def test_reading_the_settings_writes_nothing(clean: Path) -> None:
    Settings.load()
    assert list(clean.iterdir()) == []


def test_configs_of_the_working_directory_go_before_the_shipped_ones(clean: Path) -> None:
    assert Settings.load().configs == SHIPPED
    (clean / "configs").mkdir()
    assert Settings.load().configs == clean / "configs"


def test_addresses_follow_the_ports_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAIGN_PREFECT_PORT", "4299")
    monkeypatch.setenv("CAMPAIGN_HOST", "0.0.0.0")
    settings = Settings.load()
    assert (settings.prefect_url, settings.web_url) == ("http://127.0.0.1:4299/api", "http://127.0.0.1:8501")
    monkeypatch.setenv("CAMPAIGN_PREFECT_URL", "http://prefect.yard:4200/api")
    assert Settings.load().prefect_url == "http://prefect.yard:4200/api"


def test_what_a_caller_gives_goes_before_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CAMPAIGN_HOME", "/somewhere/else")
    assert Settings.load(home=tmp_path / "given").home == tmp_path / "given"


def test_an_empty_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", "")
    assert Settings.load().database_url.startswith("sqlite+pysqlite:///")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("web_port", "eighty", "'eighty' should be a valid integer"),
        ("web_port", "0", "'0' should be greater than or equal to 1"),
        ("prefect_port", "65536", "'65536' should be less than or equal to 65535"),
        ("prefect_url", "localhost:4200", "should match pattern"),
        ("work_pool", "Yard 1", "should match pattern"),
        ("language", "de", "'de' should be 'en' or 'zh'"),
        ("log_level", "LOUD", "'LOUD' should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("poll_s", "3.76", "3.76 s lets the lease of 15 s lapse - at most a quarter"),
        ("lease_s", "0", "'0' should be greater than or equal to 1"),
        ("configs", "/no/such/folder", "there is no folder /no/such/folder - name the one"),
        ("database_url", "mysql://root@db/x", "start it with sqlite+pysqlite:/// or postgresql+psycopg://"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, field: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable(field), value)
    with pytest.raises(BadInput) as refused:
        Settings.load()
    line = str(refused.value)
    assert line.startswith(f"CAMPAIGN_{field.upper()}: ")
    assert said in line
    assert " - " in line
    assert "\n" not in line


def test_home_must_not_be_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    monkeypatch.setenv("CAMPAIGN_HOME", "taken")
    with pytest.raises(BadInput, match=r"^CAMPAIGN_HOME: .*/taken is a file - name a folder[^;]*$"):
        Settings.load()


def test_every_wrong_variable_is_named_in_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAIGN_WEB_PORT", "x")
    monkeypatch.setenv("CAMPAIGN_LANGUAGE", "de")
    with pytest.raises(BadInput, match=r"CAMPAIGN_WEB_PORT: .*; CAMPAIGN_LANGUAGE: "):
        Settings.load()


def test_a_misspelled_variable_is_not_silently_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAIGN_DATABSE_URL", "postgresql+psycopg://u:river-stone@db/yard")
    with pytest.raises(
        BadInput, match=r"CAMPAIGN_DATABSE_URL: .*did you mean CAMPAIGN_DATABASE_URL"
    ) as refused:
        Settings.load()
    assert "river" not in str(refused.value)


def test_a_variable_of_another_tool_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAIGN_TEST_BROWSER", "chromium")
    assert Settings.load().web_port == 8501


def test_the_databases_password_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", "postgresql+psycopg://u:river-stone@db/yard")
    assert "river" not in repr(Settings.load())
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", "postgresql://u:river-stone@db/yard")
    with pytest.raises(BadInput) as refused:
        Settings.load()
    assert "river" not in str(refused.value)


def test_every_setting_is_described_and_a_duration_names_its_unit() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        if name.endswith("_s"):
            assert field.description.startswith("Seconds"), name
