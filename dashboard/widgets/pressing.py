"""A line of a list that is pressed as a whole: markup with a button laid over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.markup import Html


def pressed_line(key: str, label: str, line: Html, on_click: Callable[..., Any], *args: object) -> None:
    """Draw `line`; pressing it anywhere (or Enter on it) calls `on_click(*args)`. `label` is for screen readers."""
    with st.container(key=f"line-{key}"):
        st.html(line)
        st.button(label, key=f"press-{key}", on_click=on_click, args=args, width="stretch")
