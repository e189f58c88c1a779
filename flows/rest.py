"""The few questions that we ask a Prefect server, over its REST interface, each bounded in time.

Prefect's own client repeats a call for minutes while the server is away and loads half of Prefect; a page, a
command line and a reconciler want an answer, or to know at once that there is none.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from campaign.errors import BadInput, FlowsUnreachable, NotFound

PAGE = 200
"""The most that Prefect gives at once."""
BUSY = 503
"""Prefect's answer when its database was locked just then; it means “ask again”."""
ASK_AGAIN_S = (0.2, 0.4, 0.8, 1.6)
"""Pauses before a question is repeated that met a busy server."""


class StateType(StrEnum):
    """Prefect's kinds of states."""

    SCHEDULED = "SCHEDULED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CRASHED = "CRASHED"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    PAUSED = "PAUSED"


ENDED = frozenset({StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED})
IN_HAND = frozenset({StateType.PENDING, StateType.RUNNING, StateType.CANCELLING})
"""Some process should be working on it."""


@dataclass(frozen=True, slots=True)
class Run:
    """A flow run as the server tells it. `page` is where a person sees it."""

    id: str
    name: str
    state: StateType
    state_name: str
    message: str
    page: str
    parameters: Mapping[str, Any]
    tags: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether it is over, one way or the other."""
        return self.state in ENDED

    @property
    def begun(self) -> bool:
        """Whether a worker took it."""
        return self.state is not StateType.SCHEDULED


class PrefectApi:
    """One Prefect server. Every call raises FlowsUnreachable when it does not answer, NotFound, BadInput."""

    def __init__(self, url: str, timeout_s: float = 10.0) -> None:
        self.url = url.rstrip("/")
        self._timeout_s = timeout_s

    def healthy(self) -> bool:
        """Whether it answers and is ready."""
        try:
            return self._ask("GET", "/health") is True
        except (FlowsUnreachable, NotFound, BadInput):
            return False

    def version(self) -> str:
        """The server's version of Prefect."""
        return str(self._ask("GET", "/admin/version"))

    def deployment(self, name: str) -> str:
        """The id of a deployment by its full name, `flow/deployment`."""
        flow, _, deployment = name.partition("/")
        found = self._ask("GET", f"/deployments/name/{quote(flow)}/{quote(deployment)}")
        return str(found["id"])

    def start(
        self,
        deployment: str,
        parameters: Mapping[str, Any],
        *,
        name: str | None = None,
        at: datetime | None = None,
        key: str | None = None,
        tags: Sequence[str] = (),
    ) -> Run:
        """Ask for a run of a deployment (full name), now or `at`. A `key` used before returns that run.

        There always is one, so that a question which is repeated makes one run.
        """
        details = {"scheduled_time": at.isoformat()} if at else {}
        wish = {
            "parameters": dict(parameters),
            "tags": list(tags),
            "state": {"type": StateType.SCHEDULED, "state_details": details},
            "idempotency_key": key or uuid.uuid4().hex,
        }
        if name:
            wish["name"] = name
        found = self._ask("POST", f"/deployments/{self.deployment(deployment)}/create_flow_run", wish)
        return self._run(found)

    def run(self, run_id: str) -> Run:
        """One run."""
        return self._run(self._ask("GET", f"/flow_runs/{run_id}"))

    def runs(
        self,
        *,
        deployment: str | None = None,
        states: frozenset[StateType] | None = None,
        tags: Sequence[str] = (),
        newest: int | None = None,
    ) -> list[Run]:
        """Runs that fit, newest first: all of them page by page, or only the `newest`."""
        wanted: dict[str, Any] = {}
        if deployment:
            wanted["deployment_id"] = {"any_": [self.deployment(deployment)]}
        if states:
            wanted["state"] = {"type": {"any_": sorted(states)}}
        if tags:
            wanted["tags"] = {"all_": list(tags)}
        found: list[Run] = []
        while newest is None or len(found) < newest:
            size = PAGE if newest is None else min(PAGE, newest - len(found))
            body = {"flow_runs": wanted, "sort": "ID_DESC", "limit": size, "offset": len(found)}
            page = self._ask("POST", "/flow_runs/filter", body)
            found += [self._run(raw) for raw in page]
            if len(page) < size:
                break
        return found

    def set_state(self, run_id: str, state: StateType, message: str) -> None:
        """Say how a run stands that nobody else speaks for any more."""
        wish = {"state": {"type": state, "message": message}, "force": True}
        self._ask("POST", f"/flow_runs/{run_id}/set_state", wish)

    def workers_online(self, pool: str) -> list[str]:
        """Names of the workers of a pool that give signs of life."""
        found = self._ask("POST", f"/work_pools/{quote(pool)}/workers/filter", {})
        return [worker["name"] for worker in found if worker["status"] == "ONLINE"]

    def page_of(self, run_id: str) -> str:
        """Where a person sees a run."""
        return f"{self.url.removesuffix('/api')}/runs/flow-run/{run_id}"

    def _run(self, raw: Mapping[str, Any]) -> Run:
        state = raw.get("state") or {}
        return Run(
            str(raw["id"]),
            str(raw["name"]),
            StateType(state.get("type") or StateType.PENDING),
            str(state.get("name") or ""),
            str(state.get("message") or ""),
            self.page_of(str(raw["id"])),
            raw.get("parameters") or {},
            tuple(raw.get("tags") or ()),
        )

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        for pause_s in ASK_AGAIN_S:
            try:
                return self._ask_once(method, path, body)
            except _Busy:
                time.sleep(pause_s)
        return self._ask_once(method, path, body)

    def _ask_once(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(  # noqa: S310 - the address is a setting that must start with http
            self.url + path, data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urlopen(request, timeout=self._timeout_s) as answer:  # noqa: S310 - as above
                return json.loads(answer.read() or b"null")
        except HTTPError as refused:
            raise _refusal(refused, path) from refused
        except (URLError, OSError, HTTPException, ValueError) as away:
            why = getattr(away, "reason", away)
            raise FlowsUnreachable(
                f"the Prefect server at {self.url} does not answer ({why}) - start it with `campaign up`"
            ) from away


class _Busy(FlowsUnreachable):
    """It answers, but not now."""


def _refusal(refused: HTTPError, path: str) -> Exception:
    said = refused.read(2_000).decode("utf-8", "replace")
    if refused.code == 404:
        return NotFound(f"the Prefect server knows no {path} - `campaign up` registers the deployments")
    if refused.code in (409, 422):
        return BadInput(f"Prefect refused it: {said}", todo="correct the parameters")
    kind = _Busy if refused.code == BUSY else FlowsUnreachable
    return kind(f"the Prefect server answered {refused.code} to {path}: {said[:200]}")
