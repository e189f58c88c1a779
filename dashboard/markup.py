"""HTML as values: whatever is not `Html` already is escaped, so that a VIN or a comment stays data."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

VOID = frozenset({"img", "br", "input", "meta"})


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


Part = str | int | float | None | Iterable["Part"]


def tag(name: str, *inner: Part, cls: str = "", **attributes: object) -> Html:
    """`<name class=cls ...>inner</name>`; None and False are left out, `_` in names is `-`."""
    given = {"class": cls or None} | {
        key.strip("_").replace("_", "-"): value for key, value in attributes.items()
    }
    told = "".join(
        f' {key}="{escape(str(value))}"' for key, value in given.items() if value not in (None, False)
    )
    if name in VOID:
        return Html(f"<{name}{told}>")
    return Html(f"<{name}{told}>{joined(inner)}</{name}>")


def joined(parts: Part) -> Html:
    """Parts one after the other, each escaped unless it is `Html`."""
    if parts is None:
        return Html("")
    if isinstance(parts, Html):
        return parts
    if isinstance(parts, str):
        return Html(escape(parts))
    if isinstance(parts, int | float):
        return Html(str(parts))
    return Html("".join(joined(part) for part in parts))


def div(*inner: Part, cls: str = "", **attributes: object) -> Html:
    """A block."""
    return tag("div", *inner, cls=cls, **attributes)


def span(*inner: Part, cls: str = "", **attributes: object) -> Html:
    """A piece of a line."""
    return tag("span", *inner, cls=cls, **attributes)
