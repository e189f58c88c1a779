"""What is missing is skipped with a reason at home, and fails in CI."""

from __future__ import annotations

import pytest

from tests.servers.needs import find_program, need_program


def test_a_missing_program_is_skipped_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"No such server is not installed .*install none"):
        need_program("No such server", "none", "no-such-program")


def test_in_ci_a_missing_program_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="nothing is skipped in CI: No such server"):
        need_program("No such server", "none", "no-such-program")


def test_the_first_program_that_exists_is_taken() -> None:
    found = find_program("no-such-program", "sh")
    assert found is not None
    assert found.name == "sh"
