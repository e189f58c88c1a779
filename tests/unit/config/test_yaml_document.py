"""YAML as planners write it: what it means here, and what is said when it cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.definitions.checking import Wrong
from campaign.definitions.document import dotted, read_document
from campaign.definitions.ranges import expand, row
from campaign.errors import BadFile
from tests.unit.config.spoiling import told


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("20:00", "20:00"),  # YAML 1.1 reads 1200
        ("08:00", "08:00"),
        ("no", "no"),  # YAML 1.1 reads False
        ("on", "on"),
        ("010", "010"),  # YAML 1.1 reads 8
        ("2026-01-01", "2026-01-01"),  # YAML 1.1 reads a date
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("27", 27),
        ("-3", -3),
        ("27.0", 27.0),
        ("true", True),
        ("~", None),
        ("", None),
        ('"27"', "27"),
        ("安亭", "安亭"),
    ],
)
def test_a_word_means_what_a_planner_means(tmp_path: Path, written: str, meant: object) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"value: {written}\n", encoding="utf-8")
    got = read_document(path).content["value"]
    assert (got, type(got)) == (meant, type(meant))


def test_every_value_knows_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("# why\na: 1\nb:\n  - x\n  - {c: 2,\n     d: 3}\n", encoding="utf-8")
    document = read_document(path)
    lines = [document.line(p) for p in [("a",), ("b",), ("b", 0), ("b", 1), ("b", 1, "d")]]
    assert lines == [2, 3, 4, 5, 6]
    assert document.line(("b", 1, "missing")) == 5
    assert document.line(("missing", "too")) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3: a: stands twice, first on line 1 - keep one of them"),
        ("a:\n\t- 1\n", "a.yaml:2: while scanning for the next token"),
        ("a: [1, 2\nb: 3\n", "a.yaml:2: while parsing a flow sequence"),
        ("a: &x 1\nb: *x\n", "a.yaml:2: an alias (*name) is not allowed - write the value out"),
        ("a: &x [*x]\n", "a.yaml:1: an alias (*name) is not allowed"),
        (
            "a: !!python/object:os.system x\n",
            "a.yaml:1: a: a tag (tag:yaml.org,2002:python/object:os.system)",
        ),
        ("? [a, b]\n: 1\n", "a.yaml:1: this key is not a name"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2: expected a single document"),
        ("a: 1\nb: \x07\n", "a.yaml:1: is not YAML"),
        ("a: " + "[" * 3_000, "a.yaml:1: is nested too deeply"),
        ("", "a.yaml:1: is empty - write the definition"),
        ("# only a remark\n", "a.yaml:1: is empty"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    (line,) = told(read_document, path)
    assert line.startswith(said)
    assert " - " in line


def test_a_file_in_another_encoding_is_named_by_its_first_wrong_line(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("a: 1\nb: 安亭\n".encode("gb18030"))
    assert told(read_document, path) == ["a.yaml:2: is not UTF-8 text - save the file as UTF-8"]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("a: 1\n".encode("utf-8-sig"))
    assert read_document(path).content == {"a": 1}


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(
        BadFile, match=r"nowhere\.yaml: cannot be read: No such file or directory - check the path"
    ):
        read_document(tmp_path / "nowhere.yaml")


def test_a_path_is_written_as_people_write_it() -> None:
    assert dotted(("circuits", 0, "limit_kw")) == "circuits[0].limit_kw"
    assert dotted(()) == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("CP-01", ("CP-01",)),
        ("CP-08..CP-11", ("CP-08", "CP-09", "CP-10", "CP-11")),
        ("CP-8..CP-11", ("CP-8", "CP-9", "CP-10", "CP-11")),
        ("A .. A", None),
        ("7..9", ("7", "8", "9")),
        ("CP-05..CP-05", ("CP-05",)),
    ],
)
def test_a_range_is_written_out_with_its_zeros(written: str, meant: tuple[str, ...] | None) -> None:
    if meant is None:
        with pytest.raises(Wrong, match="end without a number"):
            expand(written)
    else:
        assert expand(written) == meant


@given(start=st.integers(0, 999), more=st.integers(0, 300), width=st.integers(1, 6))
def test_a_range_names_each_number_once_from_its_first_to_its_last(start: int, more: int, width: int) -> None:
    names = expand(f"P{start:0{width}d}..P{start + more:0{width}d}")
    assert [int(name[1:]) for name in names] == list(range(start, start + more + 1))
    assert (names[0], names[-1]) == (f"P{start:0{width}d}", f"P{start + more:0{width}d}")


def test_a_row_has_three_digits_or_as_many_as_it_needs() -> None:
    assert row("A", 2) == ("A-001", "A-002")
    assert row("A", 1000)[0] == "A-0001"
    assert row("A", 999)[-1] == "A-999"
