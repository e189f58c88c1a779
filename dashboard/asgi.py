"""The one web application: Streamlit's pages, our sign-in and health, behind one gate."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from dashboard.sign_in.gate import Gate
from dashboard.sign_in.routes import ROUTES
from dashboard.wiring import Wired, from_settings, install

SCRIPT = Path(__file__).parent / "app.py"


def application(wired: Wired | None = None) -> st.App:
    """The application over these services, or those of the settings. Raises StoreError, BadInput."""
    used = wired or from_settings()
    install(used)

    @asynccontextmanager
    async def lifespan(_app: st.App) -> AsyncIterator[None]:
        # What is loaded by now lives as long as the process: a collection need not walk it again and again.
        gc.collect()
        gc.freeze()
        yield
        used.services.close()

    routes: list[BaseRoute] = [*ROUTES]
    return st.App(
        SCRIPT, routes=routes, middleware=[Middleware(Gate)], lifespan=lifespan, on_script_error=_hidden
    )


def _hidden(_problem: Exception) -> bool:
    """Pages draw their own panels (dashboard.guard); Streamlit shows nothing of its own."""
    return True
