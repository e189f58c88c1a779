"""`python -m dashboard --port 8501 --host 127.0.0.1`: the board and its sign-in, until it is stopped."""

from __future__ import annotations

import argparse
import socket
import sys

from campaign.config import Settings
from campaign.errors import CampaignError

UNREACHABLE = 3


def arguments() -> argparse.Namespace:
    """The command line; defaults come from the settings."""
    settings = Settings.load()
    parser = argparse.ArgumentParser(prog="python -m dashboard", description="The campaign board.")
    parser.add_argument("--host", default=settings.host, help="address to listen on")
    parser.add_argument("--port", type=int, default=settings.web_port, help="TCP port")
    return parser.parse_args()


def busy(host: str, port: int) -> str | None:
    """Why the port cannot be had, or None."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as refused:
            return refused.strerror
    return None


def main() -> None:
    """Start, and say in one line why it cannot."""
    try:
        asked = arguments()
        why = busy(asked.host, asked.port)
        if why:
            raise SystemExit(
                _failed(f"{asked.host}:{asked.port} cannot be used: {why}. Choose another --port.")
            )
        from dashboard.asgi import application  # noqa: PLC0415 - after the port is known to be free
        from dashboard.options import options  # noqa: PLC0415

        application().run(config=options(asked.host, asked.port))
    except CampaignError as failed:
        raise SystemExit(_failed(str(failed), failed.exit_code)) from failed


def _failed(what: str, code: int = UNREACHABLE) -> int:
    sys.stderr.write(f"dashboard: {what}\n")
    return code


if __name__ == "__main__":
    main()
