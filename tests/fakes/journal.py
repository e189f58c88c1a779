"""A journal as a station with a real conversation writes it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

JOB = "0" * 31 + "1"
BEGIN = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)


def whole_journal(job: str = JOB, vin: str = "LSVUD6E40S2100037", begin: datetime = BEGIN) -> list[str]:
    """Ten minutes on one car: identified, written, compared, with a program's own lines between the records."""

    def at(minute: str) -> str:
        minutes, seconds = map(int, minute.split(":"))
        moment = begin + timedelta(minutes=minutes, seconds=seconds)
        return moment.isoformat(timespec="milliseconds")

    def fact(minute: str, kind: str, **facts: object) -> dict[str, object]:
        return {"record": "fact", "at": at(minute), "kind": kind, **facts}

    before = {"name": "BMS", "address": 1, "part_number": "1EA915", "software": "0452", "attempts": 3}
    after = before | {"software": "0453", "attempts": 4}
    told: list[dict[str, object] | str] = [
        {"record": "start", "at": at("00:00"), "job": job, "vin": vin, "source": "VBV4.5.2C",
         "target": "VBV4.5.3C", "package": "vbv453c", "digest": "ab" * 32, "gate": "display:270", "boot_id": "b",
         "agent": "0.9", "driver": "uds"},
        fact("00:01", "tools", driver="uds", versions={"udsoncan": "1.26.1", "doipclient": "1.2.2"}),
        {"record": "progress", "at": at("00:10"), "step": "identify", "percent": 0},
        fact("00:20", "identification", when="before", vin=vin, ecus=[before]),
        fact("00:30", "dtcs", when="before", ecus={"GW": ["P0A0F00:2F"]}),
        {"record": "progress", "at": at("01:00"), "step": "transfer", "percent": 10},
        fact("01:00", "sample", volts=12.9, soc_raw=81, soc_display=301, soc_bms=324, formula="meb-display"),
        fact("02:00", "uds", ecu="BMS", request="3401", response="7401", ms=12),
        fact("03:00", "uds", ecu="BMS", request="3601", response="7601", ms=9),
        "Traceback (most recent call last):",
        fact("05:00", "sample", volts=None, soc_raw=None, soc_display=300, soc_bms=None, formula="meb-display"),
        fact("06:00", "block", ecu="BMS", block="app", bytes=4096, seconds=2.5, crc32="cafe"),
        fact("07:00", "line", text="100 % done"),
        {"record": "progress", "at": at("07:30"), "step": "transfer", "percent": 80},
        {"record": "progress", "at": at("09:00"), "step": "read_back", "percent": 95},
        fact("09:10", "identification", when="after", vin=vin, ecus=[after]),
        fact("09:20", "dtcs", when="after", ecus={"GW": []}),
        fact("09:30", "comparison", matched=23,
             rows=[{"ecu": "BMS", "field": "coding", "specified": "00FF", "actual": "00FE"}]),
        {"record": "end", "at": at("10:00"), "verdict": "pass", "code": "", "params": {}, "detail": "",
         "written": True, "read_back": {"vin": vin, "version": "VBV4.5.3C", "soc_display": 300, "soc_bms": 323}},
        '{"record": "torn',
    ]  # fmt: skip
    return [line if isinstance(line, str) else json.dumps(line) for line in told]


UNITS = ("gateway", "battery", "inverter", "displays", "brakes", "steering")


def failed_journal(begin: datetime) -> list[str]:
    """What stands between start and end of a flash that failed in its fourth unit, after half an hour."""
    lines: list[dict[str, object]] = []

    def tell(since: float, record: str, **facts: object) -> None:
        at = (begin + timedelta(seconds=since)).isoformat(timespec="milliseconds")
        lines.append({"record": record, "at": at, **facts})

    def fact(since: float, kind: str, **facts: object) -> None:
        tell(since, "fact", kind=kind, **facts)

    def units(done: int) -> list[dict[str, object]]:
        return [
            {"name": name, "address": 0x1001 + n, "part_number": f"1EA90{n}530A", "hardware": "H12",
             "software": "0453" if n < done else "" if n == done else "0452", "coding": f"0{n}A4",
             "attempts": 3 + (n <= done)}
            for n, name in enumerate(UNITS)
        ]  # fmt: skip

    fact(1, "tools", driver="uds", versions={"udsoncan": "1.26.1", "doipclient": "1.2.2", "python": "3.11.9"})
    tell(2, "progress", step="identify", percent=0)
    fact(9, "identification", when="before", ecus=units(-1))
    fact(30, "dtcs", when="before", ecus={"gateway": ["U112300:2F"], "brakes": ["C102A00:08", "C102B00:08"]})
    tell(41, "progress", step="preconditions", percent=4)
    for n, name in enumerate(UNITS[:4]):
        begun = 60 + 300 * n
        tell(begun, "progress", step=f"erase {name}", percent=10 + 13 * n)
        tell(begun + 40, "progress", step=f"transfer {name}", percent=12 + 13 * n)
        for minute in range(5):
            told = {
                "volts": 13.1 - 0.04 * (5 * n + minute),
                "soc_raw": 82 - n,
                "soc_display": 301 - 4 * n - minute,
            }
            fact(begun + 60 * minute, "sample", formula="meb-display", **told)
        if n < 3:
            fact(
                begun + 280,
                "block",
                ecu=name,
                block="application",
                bytes=2_400_000,
                seconds=221.5,
                crc32="c0ffee00",
            )
    fact(1260, "identification", when="after", ecus=units(3))
    fact(1264, "dtcs", when="after", ecus={"displays": ["U300300:2F"], "gateway": ["U112300:2F"]})
    rows = [
        {"ecu": "displays", "field": "software", "specified": "0453", "actual": ""},
        {"ecu": "brakes", "field": "software", "specified": "0453", "actual": "0452"},
        {"ecu": "steering", "field": "software", "specified": "0453", "actual": "0452"},
    ]
    fact(1270, "comparison", rows=rows, matched=21)
    return [json.dumps(line) for line in lines]
