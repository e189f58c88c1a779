"""How Prefect is run for one installation: commands and environments, all its files in the installation's own folder.

The user's own Prefect (its profile, server and variables) is never read or touched. Does not import Prefect.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from campaign.config import Settings, variable

WORKER = "yard-1"
AT_ONCE = 3
"""Runs side by side: the reconciler, its successor or a planner's launch, one batch. Each takes about 130 MB."""
AHEAD_S = 180
"""How far ahead scheduled runs are written down: after a pause, so many are late at most."""

PYTHON = (sys.executable, "-m")


def environment(settings: Settings, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """For a child process: what was `given` (the own environment) with these settings, without its Prefect.

    A password that was given to a command in a CAMPAIGN_ variable goes no further.
    """
    around = os.environ if given is None else given
    kept = {k: v for k, v in around.items() if not k.startswith(("PREFECT_", "CAMPAIGN_"))}
    ours = {variable(name): str(getattr(settings, name)) for name in type(settings).model_fields}
    python = {"PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1", "TMPDIR": str(scratch(settings))}
    return kept | ours | python | _prefect(settings)


def scratch(settings: Settings) -> Path:
    """Where a killed worker leaves its temporary files: here and not in the machine's."""
    return settings.home / "tmp"


def server_command(settings: Settings) -> list[str]:
    """The Prefect server with its UI."""
    port = str(settings.prefect_port)
    return [
        *PYTHON,
        "flows.prefect_server",
        "--no-prompt",
        "server",
        "start",
        "--host",
        settings.host,
        "--port",
        port,
    ]


def worker_command(settings: Settings) -> list[str]:
    """One process worker on the site's pool."""
    named = ["--pool", settings.work_pool, "--type", "process", "--name", WORKER, "--limit", str(AT_ONCE)]
    return [*PYTHON, "prefect", "--no-prompt", "worker", "start", *named]


def register_command() -> list[str]:
    """Registers pool, queues and deployments, and ends."""
    return [*PYTHON, "flows.deployments"]


def _prefect(settings: Settings) -> dict[str, str]:
    home = settings.prefect_home
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_API_URL": settings.prefect_url,
        "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_LOGGING_COLORS": "false",
        # whatever limits a planner sets in the UI must survive a restart of the server
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        # nothing pauses and no automation is defined: two loops less
        "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME": f"PT{AHEAD_S}S",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "PREFECT_WORKER_HEARTBEAT_SECONDS": "10",
        "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    }
