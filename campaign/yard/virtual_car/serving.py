"""Serves virtual cars over DoIP on loopback: one cable, on which one car is at a time, or none."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

from campaign.yard.virtual_car.car import CarSpec
from campaign.yard.virtual_car.connection import Connection
from campaign.yard.virtual_car.running import RunningCar

FindCar = Callable[[], CarSpec | None]
_BUFFER = 1024 * 1024
UP_WITHIN = 10.0  # seconds
DOWN_WITHIN = 5.0


class ServedCable:
    """The server. Cars keep their sessions while the server runs, also when they are unplugged for a while."""

    def __init__(self, find_car: FindCar) -> None:
        self._find_car = find_car
        self._cars: dict[Path, RunningCar] = {}
        self._connections: set[Connection] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.port = 0

    def car(self) -> RunningCar | None:
        """The car that is plugged in now. A description that changed is a car that was just switched on."""
        spec = self._find_car()
        if spec is None:
            return None
        for other in [file for file in self._cars if file != spec.file]:
            self._cut(other)  # the cable is in another car now
        running = self._cars.get(spec.file)
        if running is None or running.spec != spec or running.spec.faults is not spec.faults:
            self._cut(spec.file)
            running = RunningCar(spec, cut=lambda: self._cut(spec.file))
            self._cars[spec.file] = running
        return running

    def registered(self, car: RunningCar, tester: int) -> Connection | None:
        """The open connection of this tester to this car."""
        return next((one for one in self._connections if one.car is car and one.tester == tester), None)

    def cut(self) -> None:
        """Pull the cable: every connection ends at once. May be called from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._cut)

    def _cut(self, file: Path | None = None) -> None:
        for one in list(self._connections):
            if file is None or (one.car is not None and one.car.spec.file == file):
                one.cut()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer, self)
        self._connections.add(connection)
        task = asyncio.current_task()
        if task is not None:
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)

    async def serve(self, host: str, port: int, up: Future[int]) -> None:
        """Serve until `stop`. Tells the port, or why not, through `up`."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            server = await asyncio.start_server(self._serve_one, host, port, limit=_BUFFER)
        except OSError as error:
            up.set_exception(error)
            return
        self.port = server.sockets[0].getsockname()[1]
        up.set_result(self.port)
        await self._stop.wait()
        server.close()
        self._cut()
        if self._serving:
            await asyncio.wait(set(self._serving), timeout=DOWN_WITHIN)

    def stop(self) -> None:
        """End the server. May be called from any thread."""
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)


@contextlib.contextmanager
def serve_car(find_car: FindCar, host: str = "127.0.0.1", port: int = 0) -> Iterator[ServedCable]:
    """Serve in a thread of its own. `find_car` is asked at every routing activation; None: no car on the cable.

    It should return the same description for the same car: another one is a car that was switched off and on.
    Raises OSError when the port cannot be had.
    """
    cable = ServedCable(find_car)
    up: Future[int] = Future()
    thread = threading.Thread(target=asyncio.run, args=(cable.serve(host, port, up),), daemon=True)
    thread.start()
    up.result(UP_WITHIN)
    try:
        yield cable
    finally:
        cable.stop()
        thread.join(UP_WITHIN)
