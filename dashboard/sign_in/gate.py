"""The ASGI gate: no page and no websocket without a session; every answer forbids outside sources."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from campaign.errors import CampaignError, Refused
from dashboard.i18n import speaker
from dashboard.wiring import SESSION_COOKIE, services

OPEN_PATHS = frozenset({"/login", "/logout", "/health", "/_stcore/health", "/favicon.ico", "/robots.txt"})
OPEN_FOLDERS = ("/static/",)
CLOSED_PATHS = ("/_stcore/metrics", "/_stcore/agent")
PERSON_HEADER = b"x-campaign-person"
FORBIDDEN = 4403
AGAIN = 1013

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self' ws: wss:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


class Gate:
    """Wraps the application. The person's id is told inside by a header that no client can send."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through, forward to the sign-in, or refuse."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope = dict(scope)
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name != PERSON_HEADER]
        sending = _hardened(send)
        if _open(scope["path"]):
            await self.app(scope, receive, sending)
            return
        try:
            person = await run_in_threadpool(signed_in, session_of(scope))
        except CampaignError:
            await _away(scope, receive, sending)
            return
        if person is None or scope["path"].startswith(CLOSED_PATHS):
            await _refuse(scope, receive, sending)
            return
        scope["headers"].append((PERSON_HEADER, quote(person).encode()))
        await self.app(scope, receive, sending)


def signed_in(token: str | None) -> str | None:
    """Whose session it is, or None. Raises StoreError."""
    if not token:
        return None
    try:
        return services().people.actor(token).id
    except Refused:
        return None


def session_of(scope: Scope) -> str | None:
    """The session cookie of a request or a websocket."""
    try:
        cookies = SimpleCookie(HTTPConnection(scope).headers.get("cookie", ""))
    except CookieError:
        return None
    found = cookies.get(SESSION_COOKIE)
    return found.value if found else None


def _open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(OPEN_FOLDERS)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": FORBIDDEN, "reason": "sign in"})
        return
    wants_page = b"text/html" in dict(scope["headers"]).get(b"accept", b"")
    if scope["method"] == "GET" and (wants_page or scope["path"] == "/"):
        asked = scope["path"] + (
            "?" + scope["query_string"].decode("ascii", "ignore") if scope["query_string"] else ""
        )
        target = quote(asked, safe="/")
        await RedirectResponse(f"/login?next={target}", status_code=303)(scope, receive, send)
        return
    await PlainTextResponse("sign in first", status_code=401)(scope, receive, send)


async def _away(scope: Scope, receive: Receive, send: Send) -> None:
    """The store does not answer: nobody can be recognised, so nobody is let in, and nobody is sent away."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": AGAIN, "reason": "store"})
        return
    english, chinese = (speaker(lang)("signing_in.unreachable") for lang in ("en", "zh"))
    told = PlainTextResponse(f"{chinese}\n{english}\n", status_code=503, headers={"Retry-After": "5"})
    await told(scope, receive, send)


def _hardened(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
