"""The options of station.json are complete, spelt as they should be and within sense, or no driver is made."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from campaign.station_agent.driver import Driver
from campaign.station_drivers.options import read_options
from campaign.station_drivers.uds import UdsDriver
from tests.fakes.flashed_car import driver_options


def changed(path: str, value: object) -> dict[str, Any]:
    """Good options with one of them changed, or taken away for None."""
    options = driver_options(13400)
    *way, last = path.split(".")
    part = options
    for name in way:
        part = part[name]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return options


def test_addresses_may_be_written_as_people_write_them() -> None:
    options = read_options(changed("gateway", 4097))
    assert options.gateway == read_options(changed("gateway", "0x1001")).gateway == 0x1001


def test_what_is_left_out_has_a_default() -> None:
    least = {"host": "10.0.0.1", "gateway": 1, "vin_ecu": 1, "security": {"secret": "00"}}
    options = read_options(least)
    assert (options.port, options.tester, options.coding_did) == (13400, 0x0E00, 0x0600)
    assert (options.block_limit, options.security.level) == (16386, 17)
    assert options.volts is None
    assert options.soc is None
    assert options.erase_timeout > options.silence


def test_numbers_are_taken_as_they_are_written() -> None:
    options = read_options(driver_options(13400))
    assert options.soc is not None
    assert options.volts is not None
    assert options.soc.formulas["display"].factor == Decimal("0.4425")
    assert options.volts.factor * 126 == Decimal("12.6")


def test_a_key_is_the_seed_xor_the_secret() -> None:
    security = read_options(changed("security.secret", "5A3C96E1")).security
    assert security.key(bytes.fromhex("00000001")).hex() == "5a3c96e0"
    with pytest.raises(ValueError, match="8 bytes"):
        security.key(bytes(8))


def test_a_unit_may_have_a_secret_of_its_own() -> None:
    options = read_options(
        changed("security", {"level": 1, "secret": "00", "ecus": {"bms": {"secret": "ff"}}})
    )
    assert options.security_for("motor").key(b"\x01") == b"\x01"
    assert options.security_for("bms").key(b"\x01") == b"\xfe"
    assert options.security_for("bms").level == 1


@pytest.mark.parametrize(
    "name", ["host", "gateway", "vin_ecu", "security", "security.secret", "volts.ecu", "soc.formulas"]
)
def test_a_missing_option_is_named(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        read_options(changed(name, None))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("host", ""),
        ("port", 70000),
        ("port", True),
        ("gateway", "1001h"),
        ("gateway", -1),
        ("security", "17"),
        ("security.level", 18),
        ("security.algorithm", "magic"),
        ("security.secret", "xyz"),
        ("coding_did", "06000"),
        ("block_limit", 2),
        ("silence", 0),
        ("erase_timeout", "long"),
        ("erase_timeout", 0.1),
        ("volts.marginal", 11.0),
        ("volts.factor", float("nan")),
        ("soc.formulas.display.factor", 0),
        ("soc.formulas.display.id", 7),
    ],
)
def test_a_bad_option_is_named(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name.rsplit(".", maxsplit=1)[-1]):
        read_options(changed(name, value))


@pytest.mark.parametrize("name", ["silense", "volts.minimum", "soc.formulas.display.ofset", "security.key"])
def test_a_misspelt_option_is_not_passed_over(name: str) -> None:
    with pytest.raises(ValueError, match=name.rsplit(".", maxsplit=1)[-1]):
        read_options(changed(name, 1))


def test_a_bad_secret_is_not_in_the_error() -> None:
    with pytest.raises(ValueError, match="secret") as told:
        read_options(changed("security.secret", "not hex but secret"))
    assert "not hex but" not in str(told.value)


def test_the_driver_is_what_the_agent_expects() -> None:
    driver: Driver = UdsDriver(driver_options(13400))
    assert callable(driver.flash)
    with pytest.raises(KeyError, match="security"):
        UdsDriver({})
