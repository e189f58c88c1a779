"""How long one short question to each of 200 open links takes, all together: `identify`, answered by 200 agents."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from tests.bench.many_stations import AT_ONCE, many_stations
from tests.bench.measured import Measured, tell

NAME = "ssh.exec200.seconds"
STATIONS, ROUNDS = 200, 7


def run(stations: int = STATIONS) -> Measured:
    """The median of the rounds, on the clock; the peer connects anew for each question."""
    with many_stations(stations) as many, many.link() as link, ThreadPoolExecutor(AT_ONCE) as pool:
        began = time.perf_counter()
        list(pool.map(link.identify, many.names))
        tell(f"{stations} links opened and asked once in {time.perf_counter() - began:.2f} s")
        rounds = []
        for number in range(ROUNDS):
            began = time.perf_counter()
            answers = list(pool.map(link.identify, many.names))
            rounds.append(time.perf_counter() - began)
            if [answer.station for answer in answers] != list(many.names):
                raise RuntimeError("a station did not answer for itself")
            tell(f"round {number + 1}: {rounds[-1]:.3f} s")
        peer = many.ssh(["{}", "identify"])
    figures = (
        f"xargs -P{AT_ONCE} ssh STATION identify for {stations} stations: {peer:.1f} s; ours over open links"
    )
    return Measured.of(NAME, statistics.median(rounds), "s", figures)
