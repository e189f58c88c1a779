"""Which charge points a circuit can still feed: the sum of what its points give never exceeds its limit. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from campaign.domain.site import SiteLayout


def fed(layout: SiteLayout, drawing: Collection[str], free: Iterable[str]) -> list[str]:
    """Those of the `free` points, in their order, that can begin beside the `drawing` ones, each counted as full power.

    Where a site says how its cars charge, cars on one circuit share its power, and none is turned away.
    """
    free = list(free)
    if layout.charging is not None or not free:
        return free
    watts = {point.name: round(point.kw * 1000) for point in layout.points}
    circuit_of = {point.name: point.circuit for point in layout.points}
    spare = {circuit.name: round(circuit.limit_kw * 1000) for circuit in layout.circuits}
    for name in drawing:
        if name in watts:
            spare[circuit_of[name]] -= watts[name]
    chosen = []
    for name in free:
        if watts[name] <= spare[circuit_of[name]]:
            spare[circuit_of[name]] -= watts[name]
            chosen.append(name)
    return chosen
