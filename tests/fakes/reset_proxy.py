"""A TCP proxy whose connections a test may reset: the client sees what a pulled cable or a dying switch shows."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading


class Proxy:
    """Between the orchestrator and one station: what passes through it can be reset (RST) from here."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._pairs: list[socket.socket] = []
        self._guard = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def reset(self) -> int:
        """Reset every connection; how many ends that were."""
        with self._guard:
            victims, self._pairs = self._pairs, []
        for victim in victims:
            with contextlib.suppress(OSError):
                victim.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                victim.shutdown(socket.SHUT_RD)  # wakes the thread that waits for bytes
                victim.close()
        return len(victims)

    def close(self) -> None:
        self._listener.close()
        self.reset()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                try:
                    station = socket.create_connection(self._target, timeout=5)
                    station.settimeout(None)
                except OSError:
                    caller.close()
                    continue
                with self._guard:
                    self._pairs += [caller, station]
                for one, other in ((caller, station), (station, caller)):
                    threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError, ValueError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError, ValueError):
        sink.shutdown(socket.SHUT_WR)
