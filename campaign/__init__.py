"""Fleet software-upgrade campaigns: finished cars, upgraded offline, in a yard, before delivery."""

__version__ = "0.1.0"
