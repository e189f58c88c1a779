"""The one place where a failure of SSH or of a socket gets its name in the product.

nothing was asked yet          asked, no answer
unreachable, identity, auth    link lost: the outcome is unknown, re-attach
"""

from __future__ import annotations

import paramiko

from campaign.errors import (
    StationAuthRefused,
    StationError,
    StationIdentityRefused,
    StationLinkLost,
    StationUnreachable,
)

# What paramiko raises for every trouble of a link.
FAILURES = (paramiko.SSHException, OSError, EOFError)

# OpenSSH turns connections away while too many are not signed in yet; the next try usually succeeds.
_TRANSIENT = "Error reading SSH protocol banner"
# paramiko says "authentication" also when the link died or hung before the answer came.
_NOT_A_REFUSAL = ("timeout", "timed out", "transport shut down", "saw EOF")


class HostKeyRefused(Exception):
    """The station's host key is not the one that was pinned."""


def is_transient(failure: BaseException) -> bool:
    """Whether the same connect may succeed a moment later."""
    return isinstance(failure, (paramiko.SSHException, EOFError)) and (
        isinstance(failure, EOFError) or _TRANSIENT in str(failure)
    )


def named(station: str, failure: BaseException, *, asked: bool) -> StationError:
    """The product's error for a failure. `asked`: a question was on its way when it happened."""
    told = f"{type(failure).__name__}: {failure}".rstrip(": ")
    if asked:
        return StationLinkLost(station, told)
    if isinstance(failure, (HostKeyRefused, paramiko.BadHostKeyException)):
        return StationIdentityRefused(station, str(failure))
    if isinstance(failure, paramiko.AuthenticationException) and not any(
        hint in str(failure) for hint in _NOT_A_REFUSAL
    ):
        return StationAuthRefused(station, "our key is not accepted")
    return StationUnreachable(station, told)
