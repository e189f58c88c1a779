"""Every failure of a link has one name."""

from __future__ import annotations

import paramiko
import pytest
from paramiko.ssh_exception import NoValidConnectionsError

from campaign.errors import (
    StationAuthRefused,
    StationError,
    StationIdentityRefused,
    StationLinkLost,
    StationUnreachable,
)
from campaign.station.failures import FAILURES, HostKeyRefused, is_transient, named

KEY = paramiko.ECDSAKey.generate()
BANNER = paramiko.SSHException("Error reading SSH protocol banner")


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (TimeoutError("timed out"), StationUnreachable),
        (ConnectionRefusedError(111, "Connection refused"), StationUnreachable),
        (NoValidConnectionsError({("127.0.0.1", 22): ConnectionRefusedError()}), StationUnreachable),
        (OSError(113, "No route to host"), StationUnreachable),
        (EOFError(), StationUnreachable),
        (BANNER, StationUnreachable),
        (paramiko.SSHException("No existing session"), StationUnreachable),
        (paramiko.SSHException("Timeout opening channel."), StationUnreachable),
        (paramiko.ChannelException(1, "Administratively prohibited"), StationUnreachable),
        (paramiko.ssh_exception.IncompatiblePeer("no acceptable kex"), StationUnreachable),
        (HostKeyRefused("its host key changed"), StationIdentityRefused),
        (paramiko.BadHostKeyException("h", KEY, KEY), StationIdentityRefused),
        (paramiko.AuthenticationException("Authentication failed."), StationAuthRefused),
        (paramiko.BadAuthenticationType("Bad", ["password"]), StationAuthRefused),
        (paramiko.AuthenticationException("Authentication timeout."), StationUnreachable),
        (
            paramiko.AuthenticationException("Authentication failed: transport shut down or saw EOF"),
            StationUnreachable,
        ),
    ],
)
def test_before_the_question_a_failure_is_named_by_its_cause(
    failure: Exception, error: type[StationError]
) -> None:
    told = named("S1", failure, asked=False)
    assert type(told) is error
    assert told.station == "S1"


@pytest.mark.parametrize(
    "failure",
    [
        TimeoutError(),
        ConnectionResetError(104, "reset"),
        EOFError(),
        paramiko.SSHException("Channel closed."),
        BANNER,
    ],
)
def test_after_the_question_every_failure_is_a_lost_link(failure: Exception) -> None:
    assert isinstance(failure, FAILURES)
    assert type(named("S1", failure, asked=True)) is StationLinkLost


@pytest.mark.parametrize(
    ("failure", "transient"),
    [
        (BANNER, True),
        (EOFError(), True),
        (ConnectionRefusedError(), False),
        (TimeoutError(), False),
        (paramiko.AuthenticationException("Authentication failed."), False),
        (paramiko.SSHException("No existing session"), False),
    ],
)
def test_only_a_turned_away_connection_is_tried_again(failure: Exception, transient: bool) -> None:
    assert is_transient(failure) is transient
