"""Signing in and the gate, over plain HTTP: who gets in, who does not, and what the cookies are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from campaign.config import Settings
from campaign.errors import StoreError
from campaign.services.people import TRIES
from dashboard.sign_in.gate import Gate
from dashboard.sign_in.routes import ROUTES, safe_next
from dashboard.wiring import SESSION_COOKIE, Wired, install
from tests.fakes.plant import PASSWORD, Plant
from tests.fakes.scene import CONFIGS


async def page(request: Request) -> PlainTextResponse:
    """What stands behind the gate: says whom the gate let in."""
    return PlainTextResponse(f"page of {request.headers.get('x-campaign-person')}")


async def stream(socket: WebSocket) -> None:
    """The websocket behind the gate."""
    await socket.accept()
    await socket.send_text(f"hello {socket.headers.get('x-campaign-person')}")
    await socket.close()


def client_over(services: Any, home: Path) -> TestClient:
    install(Wired(services, Settings(home=home, configs=CONFIGS)))
    routes = [
        *ROUTES,
        Route("/", page),
        Route("/board", page),
        Route("/_stcore/metrics", page),
        WebSocketRoute("/_stcore/stream", stream),
    ]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Gate)]), follow_redirects=False)


@pytest.fixture
def client(plant: Plant, tmp_path: Path) -> Iterator[TestClient]:
    with client_over(plant.services, tmp_path / "home") as client:
        yield client


def sign_in(client: TestClient, person: str = "li", password: str = PASSWORD, after: str = "/") -> Any:
    form = client.get("/login")
    csrf = re.search(r'name="csrf" value="([^"]+)"', form.text)
    assert csrf
    sent = {"csrf": csrf[1], "person": person, "password": password, "next": after}
    return client.post("/login", data=sent)


def test_nobody_is_sent_to_the_sign_in_and_comes_back_to_where_they_wanted(client: TestClient) -> None:
    asked = client.get("/board?vin=LSV1", headers={"accept": "text/html"})
    assert asked.status_code == 303
    assert asked.headers["location"] == "/login?next=/board%3Fvin%3DLSV1"
    assert sign_in(client, after="/board?vin=LSV1").headers["location"] == "/board?vin=LSV1"


def test_the_right_password_opens_the_pages(client: TestClient) -> None:
    assert sign_in(client).status_code == 303
    assert client.get("/board").text == "page of li"


def test_the_session_cookie_is_not_for_scripts_or_other_sites(client: TestClient) -> None:
    set_by = sign_in(client).headers.get_list("set-cookie")
    session = next(cookie for cookie in set_by if cookie.startswith(SESSION_COOKIE))
    assert "HttpOnly" in session
    assert "SameSite=lax" in session
    assert "Secure" not in session


def test_behind_tls_the_cookie_is_secure(client: TestClient) -> None:
    client.headers["x-forwarded-proto"] = "https"
    form = client.get("/login")
    assert "Secure" in form.headers["set-cookie"]


@pytest.mark.parametrize(("person", "password"), [("li", "wrong"), ("nobody", PASSWORD), ("li", "")])
def test_a_wrong_name_or_password_stays_outside_with_both_languages(
    client: TestClient, person: str, password: str
) -> None:
    answer = sign_in(client, person, password)
    assert answer.status_code in (400, 401)
    assert SESSION_COOKIE not in client.cookies
    assert "密码" in answer.text
    assert "password" in answer.text


def test_too_many_wrong_tries_are_told_to_wait(client: TestClient) -> None:
    for _ in range(TRIES):
        assert sign_in(client, password="wrong").status_code == 401
    answer = sign_in(client)
    assert answer.status_code == 429
    assert "Too many wrong tries" in answer.text
    assert "错误次数过多" in answer.text


def test_a_form_from_elsewhere_is_refused(client: TestClient) -> None:
    client.get("/login")
    sent = {"csrf": "guessed", "person": "li", "password": PASSWORD}
    assert client.post("/login", data=sent).status_code == 403
    client.cookies.clear()
    assert client.post("/login", data=sent).status_code == 403
    assert SESSION_COOKIE not in client.cookies


def test_each_sign_in_has_a_fresh_secret_and_the_old_one_of_the_device_is_replaced(
    client: TestClient,
) -> None:
    sign_in(client)
    first = client.cookies[SESSION_COOKIE]
    client.get("/logout")
    sign_in(client)
    assert client.cookies[SESSION_COOKIE] != first


def test_signing_out_ends_the_session_for_every_tab(client: TestClient, plant: Plant) -> None:
    sign_in(client)
    token = client.cookies[SESSION_COOKIE]
    assert client.get("/logout").headers["location"] == "/login"
    client.cookies.set(SESSION_COOKIE, token)
    assert client.get("/board", headers={"accept": "text/html"}).status_code == 303


def test_another_site_cannot_sign_somebody_out(client: TestClient) -> None:
    sign_in(client)
    assert client.get("/logout", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.get("/board").status_code == 200


def test_an_anonymous_websocket_is_refused(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream"):
        pytest.fail("it was let in")


def test_a_signed_in_websocket_is_that_person_whatever_the_client_says(client: TestClient) -> None:
    sign_in(client)
    cookie = {"cookie": f"{SESSION_COOKIE}={client.cookies[SESSION_COOKIE]}", "x-campaign-person": "root"}
    with client.websocket_connect("/_stcore/stream", headers=cookie) as socket:
        assert socket.receive_text() == "hello li"


def test_a_client_cannot_name_itself(client: TestClient) -> None:
    sign_in(client)
    assert client.get("/board", headers={"x-campaign-person": "root"}).text == "page of li"


def test_metrics_are_not_for_the_outside(client: TestClient) -> None:
    sign_in(client)
    assert client.get("/_stcore/metrics").status_code == 401


def test_every_answer_forbids_outside_sources(client: TestClient) -> None:
    policy = client.get("/login").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_health_tells_whether_the_store_answers(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}


class AwayPeople:
    """A database that does not answer."""

    def actor(self, _token: str, _device: str = "") -> None:
        raise StoreError("database is locked")

    def sign_in(self, _person: str, _password: str, _device: str) -> None:
        raise StoreError("database is locked")


def test_when_the_store_is_away_nobody_is_let_in_and_nobody_is_signed_out(
    plant: Plant, tmp_path: Path
) -> None:
    away = replace(plant.services, people=AwayPeople())
    with client_over(away, tmp_path / "home") as client:
        assert sign_in(client).status_code == 503
        client.cookies.set(SESSION_COOKIE, "some-secret")
        answer = client.get("/board")
        assert answer.status_code == 503
        assert "暂时无法读取数据" in answer.text
        assert "locked" not in answer.text


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        ("/board", "/board"),
        ("/cars?vin=LSV1", "/cars?vin=LSV1"),
        ("", "/"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/login?next=/login", "/"),
        ("/logout", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
    ],
)
def test_after_signing_in_one_stays_on_this_site(asked: str, goes: str) -> None:
    assert safe_next(asked) == goes


def test_what_was_typed_comes_back_as_text(client: TestClient) -> None:
    answer = sign_in(client, person='"><script>alert(1)</script>', password="x")
    assert "<script>" not in answer.text
