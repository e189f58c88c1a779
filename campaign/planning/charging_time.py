"""How long a car charges: linear in the missing SOC, which holds at the low power of a yard's points."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChargeModel:
    """`percent` points of SOC take `minutes`; plugging in and out costs `connect_minutes` on top.

    The default is the real case: a car that arrives at 16 % is at the gate of 27 % after 6 h.
    """

    minutes: int = 360
    percent: int = 11
    connect_minutes: int = 0


def charge_minutes(soc_tenths: int, target_tenths: int, model: ChargeModel | None = None) -> int:
    """Whole minutes, rounded up, from one SOC to another (tenths of a percent); 0 at the target."""
    missing = target_tenths - soc_tenths
    if missing <= 0:
        return 0
    model = model or ChargeModel()
    return -(-missing * model.minutes // (10 * model.percent)) + model.connect_minutes
