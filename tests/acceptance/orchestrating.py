"""An orchestrator that a test may kill: `python -m tests.acceptance.orchestrating HOME`. Ends with its standard input.

It looks at the campaign again and again, as the advance flow does, without Prefect around it.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from campaign.bootstrap import build
from campaign.config import SHIPPED_CONFIGS, Settings
from campaign.errors import CampaignError

LOOK_EVERY_S = 0.1


def main() -> None:
    """Tick until standard input is closed."""
    services = build(Settings.load(home=Path(sys.argv[1]), configs=SHIPPED_CONFIGS))
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    while not over.wait(LOOK_EVERY_S):
        for code in services.reconcile.active_codes():
            try:
                services.reconcile.tick(code)
            except CampaignError as passing:
                print(passing, file=sys.stderr, flush=True)
    services.close()


if __name__ == "__main__":
    main()
