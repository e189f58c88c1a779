"""A small yard as a JSON document, for the tests of documents."""

from __future__ import annotations


def yard(**more):
    """Two cars through charge, flash, inspect, as a document."""
    return {
        "start": "2026-01-05T08:00+08:00",
        "stages": [
            {"name": "charge", "machines": 2},
            {"name": "flash", "machines": ["ST-1", "ST-2"]},
            {"name": "inspect", "machines": 1},
        ],
        "jobs": [{"id": "A", "durations": [360, 45, 10]}, {"id": "B", "durations": [0, 45, 10]}],
    } | more
