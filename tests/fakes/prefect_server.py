"""A Prefect server in a thread: the few answers that the product asks for, over real HTTP on a free port."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any
from urllib.parse import unquote

from flows.rest import PrefectApi, Run, StateType


@dataclass
class FakePrefect:
    """What the server knows. A test sets states and reads what was asked for."""

    url: str
    deployments: dict[str, str] = field(default_factory=dict)  # full name: id
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    workers: list[str] = field(default_factory=lambda: ["yard-1"])
    healthy: bool = True
    broken: int | None = None  # answer everything with this status
    busy: int = 0  # answer so many questions with 503
    asked: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def deploy(self, *flows: str) -> None:
        """Register deployments that bear the names of their flows."""
        self.deployments |= {f"{flow}/{flow}": f"deployment-{flow}" for flow in flows}

    def set(self, run: Run | str, state: StateType, name: str = "", message: str = "") -> None:
        """How a run stands from now on."""
        raw = self.runs[run if isinstance(run, str) else run.id]
        raw["state"] = {"type": state, "name": name or state.capitalize(), "message": message}

    def named(self, name: str) -> list[dict[str, Any]]:
        """Runs by their name."""
        return [raw for raw in self.runs.values() if raw["name"] == name]

    def of(self, flow: str) -> list[dict[str, Any]]:
        """Runs of a flow's deployment."""
        return [raw for raw in self.runs.values() if raw["deployment_id"] == f"deployment-{flow}"]

    @property
    def api(self) -> PrefectApi:
        """The product's own way of asking."""
        return PrefectApi(self.url, timeout_s=5)

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Status and content."""
        self.asked.append(f"{method} {path}")
        if self.busy:
            self.busy -= 1
            return 503, {"exception_message": "Service Unavailable"}
        if self.broken:
            return self.broken, {"detail": "broken"}
        for pattern, handle in (
            (r"/health", lambda: (200, self.healthy)),
            (r"/admin/version", lambda: (200, "3.8.8")),
            (r"/deployments/name/(.+)", self._deployment),
            (r"/deployments/(.+)/create_flow_run", lambda d: self._create(d, body)),
            (r"/flow_runs/filter", lambda: (200, self._filter(body))),
            (r"/flow_runs/([^/]+)/set_state", lambda run: self._set_state(run, body)),
            (r"/flow_runs/([^/]+)", self._run),
            (r"/work_pools/.+/workers/filter", lambda: (200, self._workers())),
        ):
            found = re.fullmatch(pattern, path)
            if found:
                return handle(*map(unquote, found.groups()))
        return 404, {"detail": "Not Found"}

    def _deployment(self, name: str) -> tuple[int, Any]:
        known = self.deployments.get(name)
        return (200, {"id": known}) if known else (404, {"detail": "Not Found"})

    def _create(self, deployment: str, body: dict[str, Any]) -> tuple[int, Any]:
        if "refuse" in body["parameters"]:
            return 422, {"detail": "parameters do not fit"}
        key = body.get("idempotency_key")
        for raw in self.runs.values():
            if key and raw["key"] == key:
                return 200, raw
        number = next(self._numbers)
        run = {
            "id": f"run-{number:04d}",
            "name": body.get("name") or f"brave-{number}",
            "deployment_id": deployment,
            "parameters": body["parameters"],
            "tags": body.get("tags", []),
            "key": key,
            "at": body["state"]["state_details"].get("scheduled_time"),
            "state": {"type": "SCHEDULED", "name": "Scheduled", "message": None},
        }
        self.runs[run["id"]] = run
        return 201, run

    def _filter(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        wanted = body.get("flow_runs") or {}
        deployments = wanted.get("deployment_id", {}).get("any_")
        states = wanted.get("state", {}).get("type", {}).get("any_")
        tags = set(wanted.get("tags", {}).get("all_", ()))
        fit = [
            raw
            for raw in sorted(self.runs.values(), key=lambda raw: raw["id"], reverse=True)
            if (deployments is None or raw["deployment_id"] in deployments)
            and (states is None or raw["state"]["type"] in states)
            and tags <= set(raw["tags"])
        ]
        return fit[body["offset"] : body["offset"] + body["limit"]]

    def _set_state(self, run: str, body: dict[str, Any]) -> tuple[int, Any]:
        state = body["state"]
        self.set(run, StateType(state["type"]), message=state["message"])
        return 200, {"status": "ACCEPT"}

    def _run(self, run: str) -> tuple[int, Any]:
        return (200, self.runs[run]) if run in self.runs else (404, {"detail": "Not Found"})

    def _workers(self) -> list[dict[str, str]]:
        gone = [{"name": "old", "status": "OFFLINE"}]
        return gone + [{"name": name, "status": "ONLINE"} for name in self.workers]


@contextmanager
def fake_prefect() -> Iterator[FakePrefect]:
    """A server on a free port of this machine, with the product's deployments."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def _answer(self, method: str) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            status, content = fake.answer(method, self.path.removeprefix("/api"), body)
            told = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake = FakePrefect(f"http://127.0.0.1:{server.server_port}/api")
    fake.deploy("launch-campaign", "advance-campaign", "run-batch", "watch", "forecast", "daily-report")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
