"""What every test may ask for, and the order in which the areas run."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.servers.postgres import PostgresCluster, running_postgres
from tests.servers.ssh_server import SshServer, running_sshd

TESTS = Path(__file__).parent

# Quick answers first; then the long ones, longest first, so that no worker ends alone with a long one.
AREAS = ("unit", "contracts", "acceptance", "e2e", "flows", "dashboard", "integration")

# The machine may be shared and slow: hypothesis must not fail a test for its speed.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("here"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")


def pytest_configure(config: pytest.Config) -> None:
    """Tests meet neither the user's own campaign nor the user's own Prefect, and report to nobody."""
    for name in [name for name in os.environ if name.startswith(("CAMPAIGN_", "PREFECT_"))]:
        del os.environ[name]
    prefect_home = tempfile.mkdtemp(prefix="campaign-prefect-")
    config.add_cleanup(lambda: shutil.rmtree(prefect_home, ignore_errors=True))
    os.environ["PREFECT_HOME"] = prefect_home
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    os.environ["DO_NOT_TRACK"] = "1"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order by area. The tests of one file stay on one worker: `make test` says `--dist loadfile`."""
    items.sort(key=lambda item: _rank(item.path))


def _rank(path: Path) -> int:
    area = path.relative_to(TESTS).parts[0]
    return AREAS.index(area) if area in AREAS else len(AREAS)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    """A PostgreSQL cluster, started once per test process when the first test asks for it."""
    with running_postgres() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres_cluster: PostgresCluster) -> Iterator[str]:
    """The SQLAlchemy URL of a fresh, empty database (`postgresql+psycopg://...`)."""
    name = postgres_cluster.database()
    yield postgres_cluster.url(name)
    postgres_cluster.drop(name)


@pytest.fixture(scope="session")
def sshd_process() -> Iterator[SshServer]:
    """An OpenSSH server, started once per test process when the first test asks for it."""
    with running_sshd() as server:
        yield server


@pytest.fixture
def sshd(sshd_process: SshServer) -> Iterator[SshServer]:
    """A running OpenSSH server that lets nobody in yet. A test that stops it starts its own instead."""
    yield sshd_process
    sshd_process.forget_keys()
