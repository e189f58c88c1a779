"""A plant, a Prefect server that a test holds in its hands, and settings that lead to it."""

import pytest

from campaign.config import Settings
from tests.fakes.plant import sqlite_plant
from tests.fakes.prefect_server import fake_prefect


@pytest.fixture
def plant(tmp_path):
    with sqlite_plant(tmp_path) as made:
        yield made


@pytest.fixture
def prefect():
    with fake_prefect() as server:
        yield server


@pytest.fixture
def settings(tmp_path, prefect):
    return Settings.load(home=tmp_path / "home", prefect_url=prefect.url)
