"""One night's campaign for looking at, and a small plant of one's own for whoever writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.config import Settings
from tests.fakes.pages import Pages
from tests.fakes.plant import PASSWORD as PLANT_PASSWORD
from tests.fakes.plant import Plant, sqlite_plant
from tests.fakes.scene import CONFIGS, PASSWORD, Scene, bare_scene, night_scene


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """03:12 of the first night. For looking only: it is shared."""
    with night_scene(tmp_path_factory.mktemp("night") / "home") as scene:
        yield scene


@pytest.fixture
def pages(night: Scene) -> Pages:
    """The board over that night."""
    return Pages(night.services, night.settings, PASSWORD)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[tuple[Scene, Pages]]:
    """Site and people, no campaign yet."""
    with bare_scene(tmp_path / "home") as scene:
        yield scene, Pages(scene.services, scene.settings, PASSWORD)


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    """Four points, two stations, cars as the test wants."""
    with sqlite_plant(tmp_path) as plant:
        yield plant


@pytest.fixture
def floor(plant: Plant, tmp_path: Path) -> Pages:
    """The board over the test's own plant."""
    return Pages(plant.services, Settings(home=tmp_path / "home", configs=CONFIGS), PLANT_PASSWORD)
