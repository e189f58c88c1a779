"""GET and POST /login, /logout, /health: plain HTTP, since only its answers can set an HttpOnly cookie."""

from __future__ import annotations

import hmac
import secrets
from html import escape
from pathlib import Path
from string import Template

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from campaign.domain.reasons import Code, Reason
from campaign.errors import CampaignError, Refused
from campaign.services.people import SignedIn
from campaign.wording import say
from dashboard.i18n import likely_language, speaker
from dashboard.sign_in.gate import signed_in
from dashboard.wiring import DEVICE_COOKIE, SESSION_COOKIE, services

CSRF_COOKIE = "campaign_csrf"
CSRF_MAX_AGE_S = 3600
DEVICE_MAX_AGE_S = 5 * 365 * 24 * 3600
LONGEST = 200  # characters of a name or a password: argon2 is not fed novels
PAGE = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))

Told = tuple[str, str]
"""English, Chinese."""


async def form(request: Request) -> Response:
    """GET: the page; somebody who is signed in goes on."""
    after = safe_next(request.query_params.get("next", ""))
    try:
        person = await run_in_threadpool(signed_in, request.cookies.get(SESSION_COOKIE))
    except CampaignError:
        return _page(request, after, [_text("signing_in.unreachable")], status=503)
    return RedirectResponse(after, status_code=303) if person else _page(request, after)


async def submit(request: Request) -> Response:
    """POST: check the form, then the password; a fresh secret every time."""
    sent = await request.form(max_fields=10)
    person, password = _field(sent.get("person")).strip().lower(), _field(sent.get("password"))
    after = safe_next(_field(sent.get("next")))
    if not _same(request.cookies.get(CSRF_COOKIE), _field(sent.get("csrf"))):
        return _page(request, after, [_text("signing_in.form_old")], person, status=403)
    if not person or not password:
        return _page(request, after, [_text("signing_in.missing")], person, status=400)
    device = request.cookies.get(DEVICE_COOKIE) or f"web-{secrets.token_hex(3)}"
    try:
        signed = await run_in_threadpool(services().people.sign_in, person, password, device)
    except Refused as refused:
        return _page(
            request, after, [_sentence(r) for r in refused.reasons], person, _status(refused.reasons)
        )
    except CampaignError:
        return _page(request, after, [_text("signing_in.unreachable")], person, status=503)
    return _welcome(request, signed, device, after)


async def leave(request: Request) -> Response:
    """Sign out. A link from another site cannot do it."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return PlainTextResponse("not from another site", status_code=403)
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        await run_in_threadpool(services().people.sign_out, token)
    gone = RedirectResponse("/login", status_code=303)
    gone.delete_cookie(SESSION_COOKIE, path="/")
    return gone


async def health(_request: Request) -> Response:
    """200 when the store answers, 503 when not."""
    try:
        await run_in_threadpool(services().views.campaigns)
    except CampaignError as away:
        return JSONResponse({"status": "store unreachable", "what": type(away).__name__}, status_code=503)
    return JSONResponse({"status": "ok"})


ROUTES = [
    Route("/login", form, methods=["GET"]),
    Route("/login", submit, methods=["POST"]),
    Route("/logout", leave, methods=["GET"]),
    Route("/health", health, methods=["GET"]),
]


def safe_next(path: str) -> str:
    """A page of ours to go on to; anything that could leave the site becomes the start."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\", "/login", "/logout", "/_", "/health"))
    return path if plain and path.isascii() and path.isprintable() else "/"


def _page(
    request: Request, after: str, told: list[Told] | None = None, person: str = "", status: int = 200
) -> Response:
    csrf = request.cookies.get(CSRF_COOKIE) or secrets.token_urlsafe(24)
    lines = "".join(f"<p>{escape(zh)}</p><p>{escape(en)}</p>" for en, zh in told or [])
    html = PAGE.substitute(
        lang=likely_language(request.headers.get("accept-language", "")),
        title="登录 · Sign in",
        told=f'<div class="told" role="alert">{lines}</div>' if lines else "",
        csrf=escape(csrf),
        next=escape(after),
        person=escape(person),
        focus_person="" if person else "autofocus",
        focus_password="autofocus" if person else "",
    )
    page = HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})
    page.set_cookie(
        CSRF_COOKIE,
        csrf,
        max_age=CSRF_MAX_AGE_S,
        path="/login",
        httponly=True,
        samesite="strict",
        secure=_tls(request),
    )
    return page


def _welcome(request: Request, signed: SignedIn, device: str, after: str) -> Response:
    answer = RedirectResponse(after, status_code=303)
    secure = _tls(request)
    answer.set_cookie(
        SESSION_COOKIE,
        signed.token,
        max_age=int((signed.expires_at - services().clock.wall()).total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    answer.set_cookie(
        DEVICE_COOKIE,
        device,
        max_age=DEVICE_MAX_AGE_S,
        path="/",
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    answer.delete_cookie(CSRF_COOKIE, path="/login")
    return answer


def _tls(request: Request) -> bool:
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", ""))


def _same(cookie: str | None, field: str) -> bool:
    return bool(cookie) and hmac.compare_digest(str(cookie).encode(), field.encode())


def _field(value: object) -> str:
    return value[:LONGEST] if isinstance(value, str) else ""


def _text(key: str) -> Told:
    return speaker("en")(key), speaker("zh")(key)


def _sentence(reason: Reason) -> Told:
    return say(reason, "en"), say(reason, "zh")


def _status(reasons: tuple[Reason, ...]) -> int:
    return 429 if any(reason.code is Code.TRY_AGAIN_LATER for reason in reasons) else 401
