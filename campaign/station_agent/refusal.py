"""The station's "no"."""

from __future__ import annotations


class Refusal(Exception):
    """The station says no: `code` for programs, the text for people, `job` the one in the way."""

    def __init__(self, code: str, what: str, job: str = "") -> None:
        self.code, self.what, self.job = code, what, job
        super().__init__(what)
