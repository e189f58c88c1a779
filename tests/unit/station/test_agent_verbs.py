"""The verbs of the agent: exactly nine shapes are understood, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.station_agent.verbs import VERBS, Misuse, parse, parse_line

JOB, VIN = "0123456789abcdef" * 2, "LSVAA4182E2184847"
SHA = "0123456789abcdef" * 4
START = f"start {JOB} {VIN} VBV4.5.2C VBV4.5.3C pkg-4.5.3C {SHA} display:270"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("identify", ["identify"]),
        (START, ["start", JOB, VIN, "VBV4.5.2C", "VBV4.5.3C", "pkg-4.5.3C", SHA, "display:270"]),
        (f"start {JOB} {VIN} A B pkg - -", ["start", JOB, VIN, "A", "B", "pkg", "-", "-"]),
        (f"have {SHA}", ["have", SHA]),
        (f"put {SHA} 268435456 0", ["put", SHA, "268435456", "0"]),
        ("session", ["session"]),
        (f"status {JOB}", ["status", JOB]),
        (f"tail {JOB} 0", ["tail", JOB, "0"]),
        (f"tail {JOB} 123456789012", ["tail", JOB, "123456789012"]),
        (f"readback {VIN}", ["readback", VIN]),
        (f"clear {JOB}", ["clear", JOB]),
        (f"status '{JOB}'", ["status", JOB]),
    ],
)
def test_a_verb_with_its_words_is_understood(command: str, words: list[str]) -> None:
    assert parse(command) == words


@pytest.mark.parametrize(
    "command",
    [
        None,
        "",
        "   ",
        "bash",
        "identify now",
        "IDENTIFY",
        "identify;id",
        "identify; id",
        "identify\nid",
        "identify\x00",
        "$(identify)",
        "`identify`",
        "internal-sftp",
        "/usr/lib/openssh/sftp-server",
        "scp -t /",
        "rsync --server",
        "status",
        f"status {JOB} {JOB}",
        f"status {JOB[:-1]}",
        f"status {JOB}0",
        f"status {JOB.upper()}",
        "status ../../../../etc/passwd00000000000",
        f"status {JOB}; rm -rf /",
        f"status {JOB} && id",
        f"status '{JOB}",
        f"tail {JOB} -1",
        f"tail {JOB} 1234567890123",
        f"tail {JOB} ١٢",
        f"readback {VIN[:-1]}",
        "readback LSVAA4182E218484O",
        f"start {JOB} {VIN} VBV4.5.2C VBV4.5.3C",
        f"start {JOB} {VIN} VBV4.5.2C VBV4.5.3C pkg",
        f"start {JOB} {VIN} VBV4.5.2C VBV4.5.3C pkg {SHA}",
        f"start {JOB} {VIN} VBV4.5.2C VBV4.5.3C pkg {SHA} display:27.0",
        f"start {JOB} {VIN} VBV4.5.2C VBV4.5.3C pkg {SHA} gauge:270",
        f"start {JOB} {VIN} VBV4.5.2C VBV4.5.3C pkg {SHA[:-1]} -",
        f"have {SHA.upper()}",
        "have ../station.json",
        f"put {SHA} -1 0",
        f"put {SHA} 10",
        f"put {SHA}/../x 10 0",
        "session now",
        f"start {JOB} {VIN} VBV4.5.2C VBV4.5.3C ../pkg - -",
        f"start {JOB} {VIN} VBV4.5.2C VBV4.5.3C -rf - -",
        f"start {JOB} {VIN} VBV4.5.2C VBV4.5.3C a/b - -",
        f"start {JOB} {VIN} VBV4.5.2C VBV4.5.3C 'a b' - -",
        f"start {JOB} {VIN} VBV4.5.2C VBV4.5.3C {'p' * 129} - -",
        f"start {JOB} {VIN} {'v' * 65} VBV4.5.3C pkg - -",
        "identify" + " " * 600,
    ],
)
def test_anything_else_is_misuse(command: str | None) -> None:
    with pytest.raises(Misuse):
        parse(command)


@pytest.mark.parametrize("line", [b"session", b"put " + SHA.encode() + b" 1 0", b"\xff\xfe", b"identify\rid"])
def test_inside_a_session_stand_only_questions(line: bytes) -> None:
    with pytest.raises(Misuse):
        parse_line(line)


@given(st.binary(max_size=80))
def test_no_bytes_in_a_session_get_past_the_patterns(line: bytes) -> None:
    try:
        words = parse_line(line)
    except Misuse:
        return
    assert words[0] in VERBS


@given(st.text() | st.text(alphabet="startidenfyculb0123456789af ;|&$`'\"\\\n<>(){}*?~!#LSVA.-_/"))
def test_no_text_gets_past_the_patterns(text: str) -> None:
    assert_understood(text)


@given(
    st.sampled_from([START, "identify", f"tail {JOB} 0", f"readback {VIN}"]),
    st.integers(0, 120),
    st.text(max_size=6),
    st.integers(0, 3),
)
def test_no_damage_to_a_good_command_gets_past_the_patterns(good: str, at: int, put: str, cut: int) -> None:
    assert_understood(good[:at] + put + good[at + cut :])


def assert_understood(text: str) -> None:
    """Either misuse, or a known verb whose every word matches in full and holds no special character."""
    try:
        verb, *words = parse(text)
    except Misuse:
        return
    assert len(words) == len(VERBS[verb])
    for word, pattern in zip(words, VERBS[verb], strict=True):
        assert pattern.fullmatch(word)
        assert word.isascii()
        assert not set(word) & set(" \t\n\r;|&$`'\"\\<>(){}*?~!#/\0")
        assert not word.startswith((".", "-"))
