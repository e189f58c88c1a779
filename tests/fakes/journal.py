"""A journal as a station with a real conversation writes it."""

from __future__ import annotations

import json

JOB = "0" * 31 + "1"


def whole_journal(job: str = JOB, vin: str = "LSVUD6E40S2100037") -> list[str]:
    """Ten minutes on one car: identified, written, compared, with a program's own lines between the records."""
    before = {"name": "BMS", "address": 1, "part_number": "1EA915", "software": "0452", "attempts": 3}
    after = before | {"software": "0453", "attempts": 4}
    told: list[dict[str, object] | str] = [
        {"record": "start", "at": "2026-11-05T08:00:00.000+00:00", "job": job, "vin": vin, "source": "VBV4.5.2C",
         "target": "VBV4.5.3C", "package": "vbv453c", "digest": "ab" * 32, "gate": "display:270", "boot_id": "b",
         "agent": "0.9", "driver": "uds"},
        _fact("00:01", "tools", driver="uds", versions={"udsoncan": "1.26.1", "doipclient": "1.2.2"}),
        {"record": "progress", "at": _at("00:10"), "step": "identify", "percent": 0},
        _fact("00:20", "identification", when="before", vin=vin, ecus=[before]),
        _fact("00:30", "dtcs", when="before", ecus={"GW": ["P0A0F00:2F"]}),
        {"record": "progress", "at": _at("01:00"), "step": "transfer", "percent": 10},
        _fact("01:00", "sample", volts=12.9, soc_raw=81, soc_display=301, soc_bms=324, formula="meb-display"),
        _fact("02:00", "uds", ecu="BMS", request="3401", response="7401", ms=12),
        _fact("03:00", "uds", ecu="BMS", request="3601", response="7601", ms=9),
        "Traceback (most recent call last):",
        _fact("05:00", "sample", volts=None, soc_raw=None, soc_display=300, soc_bms=None, formula="meb-display"),
        _fact("06:00", "block", ecu="BMS", block="app", bytes=4096, seconds=2.5, crc32="cafe"),
        _fact("07:00", "line", text="100 % done"),
        {"record": "progress", "at": _at("07:30"), "step": "transfer", "percent": 80},
        {"record": "progress", "at": _at("09:00"), "step": "read_back", "percent": 95},
        _fact("09:10", "identification", when="after", vin=vin, ecus=[after]),
        _fact("09:20", "dtcs", when="after", ecus={"GW": []}),
        _fact("09:30", "comparison", matched=23,
              ecus=[{"ecu": "BMS", "field": "coding", "specified": "00FF", "actual": "00FE"}]),
        {"record": "end", "at": _at("10:00"), "verdict": "pass", "code": "", "params": {}, "detail": "",
         "written": True, "read_back": {"vin": vin, "version": "VBV4.5.3C", "soc_display": 300, "soc_bms": 323}},
        '{"record": "torn',
    ]  # fmt: skip
    return [line if isinstance(line, str) else json.dumps(line) for line in told]


def _at(minute: str) -> str:
    return f"2026-11-05T08:{minute}.000+00:00"


def _fact(minute: str, kind: str, **facts: object) -> dict[str, object]:
    return {"record": "fact", "at": _at(minute), "kind": kind, **facts}
