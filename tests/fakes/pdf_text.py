"""The text of each page of a PDF as Chromium prints it: enough of the format for a test, without a library."""

from __future__ import annotations

import re
import zlib

_PLACE = re.compile(rb"(\d{10}) \d{5} n")
_STREAM = re.compile(rb"<<(.*?/Length (\d+).*?)>>\s*stream\r?\n", re.S)
_FONT_OF_PAGE = re.compile(rb"/(F\d+) (\d+) 0 R")
_SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)> Tj")
_CHARACTERS = re.compile(rb"beginbf(char|range)\n(.*?)\nendbf", re.S)


def pages_of(pdf: bytes) -> list[str]:
    """The characters of each page in the order in which they were drawn, without blanks."""
    objects = _objects(pdf)
    pages = [body for body in objects.values() if re.search(rb"/Type /Page\s", body)]
    return ["".join(_text(page, objects).split()) for page in pages]


def _objects(pdf: bytes) -> dict[int, bytes]:
    """By number, found where the table at the end says that they are: what is packed may look like anything."""
    table = pdf[int(re.findall(rb"startxref\s+(\d+)", pdf)[-1]) :]
    starts = sorted(int(place) for place in _PLACE.findall(table))
    bodies = (pdf[begin:end] for begin, end in zip(starts, [*starts[1:], len(pdf)], strict=True))
    return {int(body.split(b" ", 1)[0]): body for body in bodies}


def _text(page: bytes, objects: dict[int, bytes]) -> str:
    fonts = {name: _font(objects, int(number)) for name, number in _FONT_OF_PAGE.findall(page)}
    drawn = _unpacked(objects[_reference(page, b"Contents")])
    told, font = [], (2, {})
    for name, shown in _SHOWN.findall(drawn):
        if name:
            font = fonts[name]
            continue
        width, characters = font
        codes = [int(shown[n : n + 2 * width], 16) for n in range(0, len(shown), 2 * width)]
        told += [characters.get(code, "") for code in codes]
    return "".join(told)


def _font(objects: dict[int, bytes], number: int) -> tuple[int, dict[int, str]]:
    """Bytes of a code, and the character of each."""
    font = objects[number]
    width = 1 if b"/Type3" in font else 2
    characters: dict[int, str] = {}
    for kind, listed in _CHARACTERS.findall(_unpacked(objects[_reference(font, b"ToUnicode")])):
        for line in listed.split(b"\n"):
            hexes = re.findall(rb"<([0-9A-Fa-f]+)>", line)
            first, last = int(hexes[0], 16), int(hexes[-2 if kind == b"range" else 0], 16)
            text = bytes.fromhex(hexes[-1].decode()).decode("utf-16-be")
            for code in range(first, last + 1):
                characters[code] = text[:-1] + chr(ord(text[-1]) + code - first)
    return width, characters


def _reference(body: bytes, name: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found, f"no {name!r} in {body[:80]!r}"
    return int(found[1])


def _unpacked(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found
    packed = body[found.end() : found.end() + int(found[2])]
    return zlib.decompress(packed) if b"FlateDecode" in found[1] else packed
