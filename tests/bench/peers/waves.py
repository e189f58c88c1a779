"""Waves of 40, as with a spreadsheet: the list is cut into waves, and a wave goes through a stage together.

It enters when all of it is ready and the wave in front has left the stage. The first wave is the pilot. `overlapping`
is the kindest reading: the next wave takes machines as they come free from the one in front, and only waits for its own
cars. The unkindest (one wave in the yard at a time) is not measured.
"""

from __future__ import annotations

from campaign.planning.snapshot import Snapshot
from tests.bench.peers.fifo import Shop
from tests.bench.peers.judged import Starts

SIZE = 40


def waves(snapshot: Snapshot, size: int = SIZE, *, overlapping: bool = False) -> Starts:
    """The timetable."""
    pilot = list(range(snapshot.pilot_size))
    rest = list(range(len(pilot), len(snapshot.jobs)))
    shop = Shop(snapshot)
    left = [0] * len(snapshot.stages)
    for wave in [pilot, *(rest[at : at + size] for at in range(0, len(rest), size))]:
        for stage in range(len(snapshot.stages)):
            shop.hold(wave, max(shop.ready[index] for index in wave))
            shop.hold(wave, left[stage])
            shop.work_off(stage, wave)
            if not overlapping:
                left[stage] = max(shop.ready[index] for index in wave)
        if wave is pilot:
            gate = max(shop.ready[index] for index in wave) + snapshot.pilot_sign_off_minutes
            left[snapshot.gate_stage] = gate
    return Starts(shop.starts, pilot)
