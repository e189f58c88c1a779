"""The four ways in which a talk with a car goes wrong. Pure; `doip.py` is who raises them."""

from __future__ import annotations

from udsoncan.ResponseCode import ResponseCode


class TalkFailed(Exception):
    """A talk with the car went wrong."""


class NoAnswer(TalkFailed):
    """A unit said nothing in time."""

    def __init__(self, ecu: str) -> None:
        self.ecu = ecu
        super().__init__(f"{ecu} does not answer")


class LinkLost(TalkFailed):
    """The connection to the car is gone, or there is none. `car_there`: something at the other end took it."""

    def __init__(self, what: str, *, car_there: bool = True) -> None:
        self.what, self.car_there = what, car_there
        super().__init__(what)


class Negative(TalkFailed):
    """A unit refused: its negative response."""

    def __init__(self, ecu: str, service: int, nrc: int) -> None:
        self.ecu, self.service, self.nrc = ecu, service, nrc
        self.name = nrc_name(nrc)
        super().__init__(f"{ecu} refused service 0x{service:02X} with 0x{nrc:02X} ({self.name})")

    def params(self) -> dict[str, str]:
        """As people's texts are filled."""
        service, nrc = f"0x{self.service:02X}", f"0x{self.nrc:02X}"
        return {"ecu": self.ecu, "service": service, "nrc": nrc, "name": self.name}


class Garbled(TalkFailed):
    """A unit said something that ISO 14229 does not know there."""


def nrc_name(nrc: int) -> str:
    """ISO 14229-1's name of a negative response code: 0x72 is generalProgrammingFailure."""
    name = ResponseCode.get_name(nrc) or ""
    # udsoncan calls one that it does not know by its number.
    return name[0].lower() + name[1:] if name and not name.isdecimal() else "unknown"
