"""A plant over SQLite for the use cases."""

import pytest

from tests.fakes.plant import sqlite_plant


@pytest.fixture
def plant(tmp_path):
    with sqlite_plant(tmp_path) as made:
        yield made
