"""The stations of a demo, on this machine: most flash simulated cars, the last one speaks UDS to a virtual car."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from campaign.config import Settings
    from campaign.station.provision import DriverChoice
    from campaign.station.serving import ServedStations
    from campaign.yard.scene import Case


class DemoStations:
    """Served stations; `served` changes when their server had to be started again."""

    def __init__(self, settings: Settings, served: ServedStations) -> None:
        self._settings, self.served = settings, served

    def keep(self) -> None:
        """Start the SSH server again when it has ended."""
        from campaign.station.serving import serve_stations

        if self.served.process.poll() is not None:
            self.served.stop()
            self.served = serve_stations(self._settings.stations_home)

    def stop(self) -> None:
        """Stop the server of now; running flashes go on (rule 4)."""
        self.served.stop()


@contextmanager
def demo_stations(
    settings: Settings, case: Case, flash_s: float, faults: Mapping[str, float]
) -> Iterator[DemoStations]:
    """Provision the site's stations and put an SSH server before them; `flash_s` is one flash. Raises StationError."""
    from campaign.station.provision import provision_stations
    from campaign.station.serving import serve_stations
    from campaign.yard.package import demo_key

    names = [station.name for station in case.layout.stations]
    with ExitStack() as stack:
        provision_stations(
            settings.stations_home,
            names,
            seconds=flash_s,
            driver_options={"seed": case.seed, **faults},
            drivers=_uds_drivers(settings, names[-1], flash_s, stack),
            trusted_keys=[demo_key(settings.secrets_dir)],
        )
        stations = DemoStations(settings, serve_stations(settings.stations_home))
        stack.callback(stations.stop)
        yield stations


def _uds_drivers(settings: Settings, name: str, flash_s: float, stack: ExitStack) -> dict[str, DriverChoice]:
    """The last station's driver; none where the virtual car's UDS server is not installed."""
    from campaign.station.provision import DriverChoice
    from campaign.yard.uds_station import can_speak_uds, driver_options, seconds_per_block, virtual_cable

    if not can_speak_uds():
        return {}
    home, per_block = settings.stations_home, seconds_per_block(flash_s)
    cable = virtual_cable(home / "cars", home / "stations" / name, per_block)
    return {name: DriverChoice("uds", driver_options(stack.enter_context(cable), per_block))}
