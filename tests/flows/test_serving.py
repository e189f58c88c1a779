"""Prefect is run with files and settings of its own; its scheduler works with the SQLAlchemy that we use."""

from campaign.config import Settings
from flows import serving
from flows.prefect_server import leave_out, mend_scheduler


def test_the_users_own_prefect_is_neither_read_nor_touched(settings):
    given = {"PATH": "/bin", "PREFECT_API_KEY": "secret", "PREFECT_PROFILE": "mine", "CAMPAIGN_PASSWORD": "x"}
    made = serving.environment(settings, given)
    assert not {"PREFECT_API_KEY", "PREFECT_PROFILE", "CAMPAIGN_PASSWORD"} & set(made)
    home = str(settings.home)
    for name in ("PREFECT_HOME", "PREFECT_PROFILES_PATH", "TMPDIR"):
        assert made[name].startswith(home)
    assert f"///{home}" in made["PREFECT_API_DATABASE_CONNECTION_URL"]
    assert (made["PATH"], made["DO_NOT_TRACK"]) == ("/bin", "1")
    assert made["PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE"].endswith("lease_storage.filesystem")


def test_a_child_reads_the_same_settings(settings, monkeypatch):
    for name, value in serving.environment(settings, {}).items():
        if name.startswith("CAMPAIGN_"):
            monkeypatch.setenv(name, value)
    assert Settings.load() == settings


def test_server_and_worker_listen_where_the_settings_say(settings):
    told = Settings.load(**settings.model_dump() | {"prefect_port": 4711, "work_pool": "north"})
    assert serving.server_command(told)[-2:] == ["--port", "4711"]
    assert "north" in serving.worker_command(told)


def test_runs_with_a_state_can_be_inserted_in_bulk():
    from prefect.server.database.orm_models import FlowRun

    mend_scheduler()
    mend_scheduler()
    assert vars(FlowRun)["state"].bulk_dml_setter is leave_out
    mapping = {"name": "x", "state": {"type": "SCHEDULED"}}
    FlowRun.state._bulk_dml_setter("state")(mapping)  # what SQLAlchemy asks of it
    assert mapping["name"] == "x"
