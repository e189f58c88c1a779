"""Every Streamlit option of this product, in one place: the server, the runner and the look."""

from __future__ import annotations

from typing import Any

INK, MUTED, LINE, GROUND, CARD = "#111827", "#4B5563", "#D5DAE3", "#F3F5F8", "#FFFFFF"
ACCENT = "#0B5CAB"
FONTS = '"Source Sans", "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif'


def options(host: str, port: int) -> dict[str, Any]:
    """Options for `st.App.run`. Nothing comes from outside; no forced collection (100 ms a run)."""
    return {
        "server.address": host,
        "server.port": port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.enableStaticServing": False,
        "server.maxUploadSize": 20,
        "server.maxMessageSize": 50,
        "server.disconnectedSessionTTL": 900,
        "server.websocketPingInterval": 20,
        "server.trustedUserHeaders": '{"x-campaign-person": "person"}',
        "runner.postScriptGC": False,
        "runner.magicEnabled": False,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "browser.gatherUsageStats": False,
        **look(),
    }


def look() -> dict[str, Any]:
    """Colours, fonts and radii: light, one accent, no font from outside."""
    return {
        "theme.base": "light",
        "theme.primaryColor": ACCENT,
        "theme.backgroundColor": GROUND,
        "theme.secondaryBackgroundColor": CARD,
        "theme.textColor": INK,
        "theme.borderColor": LINE,
        "theme.font": FONTS,
        "theme.headingFont": FONTS,
        "theme.baseRadius": "10px",
        "theme.buttonRadius": "10px",
        "theme.showWidgetBorder": True,
        "theme.baseFontSize": 16,
    }
