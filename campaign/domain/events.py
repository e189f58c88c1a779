"""Event facts and the hash chain (rule 7): one row per change, each row sealed over the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

GENESIS = "0" * 64
SITE_CHAIN = "site"  # what belongs to no campaign: imports, people, stations


class Kind(StrEnum):
    """What happened. `car.*` rows carry the VIN, the step and both statuses in their data."""

    IMPORT_DONE = "import.done"
    IMPORT_UNDONE = "import.undone"
    PERSON_ADDED = "person.added"
    PERSON_CHANGED = "person.changed"
    PASSWORD_SET = "person.password_set"  # noqa: S105 - an event kind
    SIGNED_IN = "person.signed_in"
    SIGN_IN_REFUSED = "person.sign_in_refused"
    SITE_APPLIED = "site.applied"
    STATION_TRUSTED = "station.trusted"
    STATION_INSTALLED = "station.installed"
    STATION_DRAINED = "station.drained"
    STATION_RESUMED = "station.resumed"
    ORDER_SET = "order.set"
    CAMPAIGN_PLANNED = "campaign.planned"
    CAMPAIGN_LAUNCHED = "campaign.launched"
    CAMPAIGN_PAUSED = "campaign.paused"
    CAMPAIGN_RESUMED = "campaign.resumed"
    CAMPAIGN_STOPPED = "campaign.stopped"
    CAMPAIGN_COMPLETE = "campaign.complete"
    THRESHOLD_TRIPPED = "campaign.threshold_tripped"
    REPLANNED = "campaign.replanned"  # what is left was planned anew: why, what moved, when it ends now
    BATCH_PLANNED = "batch.planned"
    BATCH_OPENED = "batch.opened"
    SIGNED = "batch.signed"
    SIGNATURE_VOIDED = "batch.signature_voided"
    POINT_GIVEN = "car.point_given"
    POINT_FREED = "car.point_freed"
    CAR = "car.step"
    SOC_READ = "car.soc_read"
    ATTEMPT_OPENED = "attempt.opened"
    ATTEMPT_STARTED = "attempt.started"
    ATTEMPT_ENDED = "attempt.ended"
    EVIDENCE_KEPT = "attempt.evidence_kept"  # the journal of an attempt came later than its end
    EVIDENCE_LOST = "attempt.evidence_lost"  # its station has no journal of it any more
    MARK_KEPT = "mark.kept"  # a late, refused or contradicting mark: nothing handed in is lost (rule 8)
    HOLD_SET = "hold.set"
    HOLD_LIFTED = "hold.lifted"
    PACKAGE_ADDED = "package.added"
    PACKAGE_DROPPED = "package.dropped"
    PACKAGE_RELEASED = "package.released"
    PACKAGE_OBSOLETE = "package.obsolete"
    PACKAGE_STAGED = "package.staged"  # a station confirmed that it holds every file
    PACKAGE_LOST = "package.lost"  # a station that held it does not any more
    KEY_TRUSTED = "key.trusted"
    KEY_REVOKED = "key.revoked"


@dataclass(frozen=True, slots=True)
class Fact:
    """A change as a use case tells it. `at` is the server's clock; `claimed_at` the device's (rule 9)."""

    kind: Kind
    actor: str
    at: datetime
    device: str = ""
    vin: str | None = None
    batch_no: int | None = None
    reason: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    client_id: str | None = None
    claimed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A fact sealed in its chain: `digest` covers the fact, its place and `previous`."""

    chain: str
    seq: int
    fact: Fact
    previous: str
    digest: str


def stamp(moment: datetime | None) -> str | None:
    """UTC ISO text with microseconds: one spelling, whatever the database keeps."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds")


def canonical_data(data: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no blanks: the text that is stored and hashed."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def digest(chain: str, seq: int, previous: str, fact: Fact, data_text: str) -> str:
    """sha256 over the row's content, in a fixed order, and the digest before it."""
    row = [
        chain, seq, previous, fact.kind.value, fact.actor, stamp(fact.at), fact.device, fact.vin, fact.batch_no,
        fact.reason, data_text, fact.client_id, stamp(fact.claimed_at),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def seal(chain: str, last_seq: int, last_digest: str, facts: Iterable[Fact]) -> list[Event]:
    """Append facts to a chain whose head is (`last_seq`, `last_digest`)."""
    sealed = []
    for seq, fact in enumerate(facts, last_seq + 1):
        value = digest(chain, seq, last_digest, fact, canonical_data(fact.data))
        sealed.append(Event(chain, seq, fact, last_digest, value))
        last_digest = value
    return sealed


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where a chain is not what was written."""

    chain: str
    seq: int
    why: str  # gap, previous, digest, head


def first_break(chain: str, rows: Iterable[tuple[Event, str]], head: tuple[int, str] | None) -> Break | None:
    """Walk one chain in order; `rows` are events with their stored data text. Bounded memory.

    `head` is the stored (seq, digest) of the last row: it betrays rows cut off at the end.
    """
    last_seq, last = 0, GENESIS
    for event, data_text in rows:
        if event.seq != last_seq + 1:
            return Break(chain, last_seq + 1, "gap")
        if event.previous != last:
            return Break(chain, event.seq, "previous")
        if digest(chain, event.seq, last, event.fact, data_text) != event.digest:
            return Break(chain, event.seq, "digest")
        last_seq, last = event.seq, event.digest
    if head is not None and head != (last_seq, last):
        return Break(chain, last_seq + 1, "head")
    return None
