"""`python -m flows.prefect_server ...`: Prefect's command line for its server, with its scheduler mended.

Prefect 3.8.8 allows SQLAlchemy 2.1, but under it the server's scheduler fails at every turn and no schedule ever
makes a run: it inserts runs in bulk with a `state` beside the columns, which is a hybrid attribute, and SQLAlchemy
2.1 refuses those unless they say how ("please supply a bulk_dml decorated function"). 2.0 left the key out. This
says the same through SQLAlchemy's own hook. Where Prefect says it itself one day, nothing is changed.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any


def leave_out(_: type, _mapping: MutableMapping[str, Any], _value: object) -> None:
    """The state is written by its own insert right afterwards."""


def mend_scheduler() -> None:
    """Let runs be inserted in bulk."""
    from prefect.server.database.orm_models import FlowRun  # noqa: PLC0415 - only the server's process needs it

    state = vars(FlowRun)["state"]
    if getattr(state, "bulk_dml_setter", leave_out) is None:
        state.inplace.bulk_dml(leave_out)


def main() -> None:
    """Prefect's command line."""
    from prefect.cli import app  # noqa: PLC0415 - after the environment is known to be the server's

    mend_scheduler()
    app()


if __name__ == "__main__":
    main()
