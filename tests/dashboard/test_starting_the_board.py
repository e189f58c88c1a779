"""Starting the web application: one clear line when it cannot, and nothing that calls outside or costs for nothing."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.markup import div, span, tag
from dashboard.options import options
from tests.fakes.scene import CONFIGS

DASHBOARD = Path(__file__).parents[2] / "dashboard"


def test_a_busy_port_is_one_line_and_exit_code_3(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment = os.environ | {"CAMPAIGN_HOME": str(tmp_path / "home"), "CAMPAIGN_CONFIGS": str(CONFIGS)}
        command = [sys.executable, "-m", "dashboard", "--port", str(port)]
        told = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
    assert told.returncode == 3
    assert re.fullmatch(rf"dashboard: 127\.0\.0\.1:{port} cannot be used: .*\n", told.stderr)


def test_the_pages_do_not_load_prefect() -> None:
    """It would cost some hundred megabytes and seconds for one button."""
    code = "import sys, dashboard.asgi, dashboard.control; print('prefect' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert told.stdout.strip() == "False"


def test_forced_collections_and_usage_reports_are_off() -> None:
    given = options("127.0.0.1", 8501)
    assert given["runner.postScriptGC"] is False
    assert given["browser.gatherUsageStats"] is False
    assert given["client.showErrorDetails"] == "none"


def test_no_file_of_the_pages_names_another_host() -> None:
    for path in [*DASHBOARD.rglob("*.py"), *DASHBOARD.rglob("*.css"), *DASHBOARD.rglob("*.html")]:
        hosts = re.findall(r"https?://(?!www\.w3\.org/2000/svg)", path.read_text(encoding="utf-8"))
        assert hosts == [], path


@pytest.mark.parametrize("text", ["<b>x</b>", '"><script>alert(1)</script>', "a & b"])
def test_data_never_becomes_markup(text: str) -> None:
    drawn = div(text, span(text), tag("p", [text], title=text), cls="note")
    assert "<script" not in drawn
    assert "<b>" not in drawn
    assert drawn.count("&lt;") in (0, 4, 8)
    assert div(tag("b", "kept")) == "<div><b>kept</b></div>"
