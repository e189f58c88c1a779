"""Every exception of the product, in families by who must act.

CampaignError
├── CallerError            what was typed or sent is wrong            exit 2
│   ├── BadInput           one value: what, where, what to do
│   ├── BadFile            a file that cannot be read as what it should be
│   └── NotFound           a VIN, batch, campaign, person that is not there
├── Refused                a rule says no, with every reason          exit 1
│   ├── NotAllowed         the person lacks the right
│   └── Conflict           somebody was first, or it changed since it was looked at
├── SiteError              a system could not be reached or used      exit 3
│   ├── StoreError         the database: unreachable, locked, full
│   │   └── OldSchema      made by another version of the program
│   ├── FlowsUnreachable   the Prefect server
│   └── StationError       a station or its link
│       ├── StationUnreachable
│       ├── StationIdentityRefused    host key unknown, changed or revoked
│       ├── StationAuthRefused
│       ├── StationLinkLost           the outcome of what was asked is unknown
│       ├── StationBusy               it works on another job
│       └── StationRejected           the agent understood and said no
└── BrokenRule             our own promise failed: a bug, never the user's fault
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from campaign.domain.reasons import Reason


class CampaignError(Exception):
    """The root: anything that this product raises on purpose."""

    exit_code = 3


class CallerError(CampaignError):
    """The input is wrong; the caller mends it and tries again."""

    exit_code = 2


class BadInput(CallerError):
    """One value is wrong. `where` names its place, `todo` says what would be right."""

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        self.what, self.where, self.todo = what, where, todo
        super().__init__(": ".join(p for p in (where, what) if p) + (f" - {todo}" if todo else ""))


class BadFile(BadInput):
    """A file cannot be read as what it should be."""


class NotFound(CallerError):
    """What was named does not exist here."""


class Refused(CampaignError):
    """A rule refuses; `reasons` lists every one with who can lift it (rule 12)."""

    exit_code = 1

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(str(r) for r in self.reasons))


class NotAllowed(Refused):
    """The person's roles do not carry the right."""


class Conflict(Refused):
    """Somebody was first, or the thing changed since it was looked at."""


class SiteError(CampaignError):
    """A system that is needed does not answer or cannot be used."""

    exit_code = 3


class StoreError(SiteError):
    """The database cannot be reached, is locked, read-only or full."""


class OldSchema(StoreError):
    """The database was made by another version of this program."""


class FlowsUnreachable(SiteError):
    """The Prefect server does not answer."""


class StationError(SiteError):
    """A station or its link; `station` names it."""

    def __init__(self, station: str, what: str) -> None:
        self.station, self.what = station, what
        super().__init__(f"station {station}: {what}")


class StationUnreachable(StationError):
    """No connection: down, refused, no banner, timed out. Nothing was asked of the station."""


class StationIdentityRefused(StationError):
    """The host key is unknown, changed or revoked. Never connect; a person checks."""


class StationAuthRefused(StationError):
    """The station does not accept our key."""


class StationLinkLost(StationError):
    """The link broke after the question was sent: the answer is unknown, re-attach."""


class StationBusy(StationError):
    """The station works on another job."""

    def __init__(self, station: str, what: str, job_id: str = "") -> None:
        super().__init__(station, what)
        self.job_id = job_id


class StationRejected(StationError):
    """The agent understood the request and said no. `code` tells why, in the agent's words:

    other_car, other_job, blocked, no_job, running, usage, config, disk, broken, no_agent, checksum, offset,
    package_missing, package_untrusted, package_damaged.
    """

    def __init__(self, station: str, what: str, code: str = "") -> None:
        super().__init__(station, what)
        self.code = code


class BrokenRule(CampaignError):
    """An invariant of our own failed: a bug."""
