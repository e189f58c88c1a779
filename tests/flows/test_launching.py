"""Launching as a named planner; rights are checked by the use case."""

from pathlib import Path

import pytest

from campaign.config import Settings
from campaign.definitions import find_campaign, find_site
from campaign.domain.people import SYSTEM
from campaign.domain.reasons import Code
from campaign.errors import NotAllowed, NotFound, Refused
from campaign.ports.records import Vehicle
from flows.forms import LaunchCampaign
from flows.launching import launch
from tests.fakes.packages import publish
from tests.fakes.plant import START, vin_no

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture
def code(plant):
    """The configured campaign with its site, and ten cars that wait for it."""
    [code, *_] = [path.stem for path in sorted((CONFIGS / "campaigns").glob("*.yaml"))]
    rules = find_campaign(CONFIGS, _code_in(code)).rules()
    plant.services.sites.apply(SYSTEM, find_site(CONFIGS, rules.site).layout())
    publish(plant.services, rules)
    cars = [Vehicle(vin_no(n), rules.site, str(rules.source), soc=150, soc_at=START) for n in range(1, 11)]
    with plant.services.store.write("site") as uow:
        uow.fleet.add(cars)
        uow.commit()
    return rules.code


def _code_in(stem: str) -> str:
    from campaign.definitions import load_campaign

    return load_campaign(CONFIGS / "campaigns" / f"{stem}.yaml").code


def start(plant, code: str, planner: str = "wang"):
    settings = Settings.load(configs=CONFIGS)
    return launch(
        plant.services, settings, LaunchCampaign(campaign=code, planner=planner, reason="it came out")
    )


def test_a_planner_launches_every_car_at_the_source_version(plant, code):
    made = start(plant, code)
    assert (made.code, made.cars, made.starts_at) == (code, 10, START)
    launched = plant.services.views.log(code, limit=50)[-1].fact
    assert (launched.actor, launched.device, launched.reason) == ("wang", "prefect", "it came out")


def test_a_technician_cannot_launch(plant, code):
    with pytest.raises(NotAllowed):
        start(plant, code, "li")


def test_somebody_who_left_cannot_launch(plant, code):
    from dataclasses import replace

    with plant.services.store.write("site") as uow:
        uow.people.put(replace(uow.people.get("wang"), active=False))
        uow.commit()
    with pytest.raises(NotAllowed):
        start(plant, code)


def test_an_unknown_planner_is_told_what_to_give(plant, code):
    with pytest.raises(NotFound, match="give the id that you sign in with"):
        start(plant, code, "nobody")


def test_a_second_launch_is_refused(plant, code):
    start(plant, code)
    with pytest.raises(Refused) as refused:
        start(plant, code)
    assert refused.value.reasons[0].code is Code.ALREADY_LAUNCHED


def test_an_unknown_campaign_names_the_known_ones(plant, code):
    with pytest.raises(NotFound, match="there is no campaign 'OTHER'"):
        start(plant, "OTHER")
