"""How long a car charges: linear in the missing SOC, which holds at the low power of a yard's points."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd

from campaign.domain.site import Charging
from campaign.errors import BadInput
from campaign.planning.resources import NOMINAL

MILD_C, COLD_C = 10, -10
AUX_W, COLD_AUX_W = 200, 800
"""What the car's own systems draw while it charges: at 10 degrees and above, and at -10 degrees and below."""


@dataclass(frozen=True, slots=True)
class ChargeModel:
    """`percent` points of SOC take `minutes`; plugging in and out costs `connect_minutes` on top.

    The default is the real case: a car that arrives at 16 % is at the gate of 27 % after 6 h.
    """

    minutes: int = 360
    percent: int = 11
    connect_minutes: int = 0

    @classmethod
    def of(cls, charging: Charging, point_kw: float, share_kw: float, celsius: float) -> ChargeModel:
        """By physics: the weakest of point, car and the circuit's share, less what is lost and what the car uses.

        Whole watts and thousandths inside, so that equal parameters always give equal minutes.

        Raises:
            BadInput: nothing would be left for the battery.
        """
        watts = _watts(min(point_kw, charging.onboard_kw, share_kw))
        net_mw = watts * round(charging.efficiency * NOMINAL) - 1000 * auxiliary_watts(celsius)
        if net_mw <= 0:
            raise BadInput(
                f"of {watts} W nothing is left for the battery at {celsius:g} degrees: the car itself uses "
                f"{auxiliary_watts(celsius)} W",
                todo="let fewer points share the circuit, use stronger points, or charge where it is warmer",
            )
        minutes, percent = 60 * 1000 * _watts(charging.battery_kwh), 100 * net_mw
        common = gcd(minutes, percent)
        return cls(minutes // common, percent // common, charging.connect_min)

    @property
    def per_percent(self) -> Fraction:
        """Minutes for one point of SOC."""
        return Fraction(self.minutes, self.percent)

    def pace_of(self, gained_tenths: int, minutes: int) -> int:
        """In thousandths, how a charge that gained so much in so many minutes compares; 1100 took 10 % longer.

        `gained_tenths` is above 0. A charge shorter than its `connect_minutes` gives 0 or less.
        """
        return (
            10 * NOMINAL * (minutes - self.connect_minutes) * self.percent // (gained_tenths * self.minutes)
        )


def auxiliary_watts(celsius: float) -> int:
    """What the car itself draws while it charges: straight between the two temperatures, level beyond them."""
    cold = (MILD_C - min(max(celsius, COLD_C), MILD_C)) / (MILD_C - COLD_C)
    return round(AUX_W + cold * (COLD_AUX_W - AUX_W))


def charge_minutes(
    soc_tenths: int, target_tenths: int, model: ChargeModel | None = None, pace: int = NOMINAL
) -> int:
    """Whole minutes, rounded up, from one SOC to another (tenths of a percent); 0 at the target.

    `pace` in thousandths stretches the charging, not the plugging in.
    """
    missing = target_tenths - soc_tenths
    if missing <= 0:
        return 0
    model = model or ChargeModel()
    return -(-missing * model.minutes * pace // (10 * NOMINAL * model.percent)) + model.connect_minutes


def _watts(kilo: float) -> int:
    return round(1000 * kilo)
