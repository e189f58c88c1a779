"""A reconciler in its own process: `python -m tests.bench.reconciler HOME token|poll`. Ends with its standard input.

`token` is the loop of the advance flow (`flows.reconciling`), without Prefect around it. `poll` is the peer: a plain
loop that looks once a second.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from campaign.bootstrap import Services, build
from campaign.config import SHIPPED_CONFIGS, Settings
from campaign.errors import CampaignError
from flows.reconciling import Reconciler
from tests.bench.measured import tell
from tests.bench.plant import CODE

POLL_S = 1.0


def main() -> None:
    """Keep the campaign going until standard input is closed."""
    settings = Settings.load(home=Path(sys.argv[1]), configs=SHIPPED_CONFIGS)
    services = build(settings)
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    try:
        if sys.argv[2] == "poll":
            _poll(services, over)
        else:
            reconciler = Reconciler(
                services, "bench", lease_s=settings.lease_s, poll_s=settings.poll_s, tell=tell
            )
            reconciler.run(services.reconcile.active_codes, over.is_set, patience_s=settings.lease_s)
    finally:
        services.close()


def _poll(services: Services, over: threading.Event) -> None:
    while not over.wait(POLL_S):
        try:
            services.reconcile.tick(CODE)
        except CampaignError as passing:
            tell(str(passing))


if __name__ == "__main__":
    main()
