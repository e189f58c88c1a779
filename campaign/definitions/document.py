"""YAML in: plain values, and the line on which each of them stands.

Stricter than YAML 1.1, whose surprises are not what a planner means: `20:00` is a time and not 1200, `no` is
a word, `010` is not 8; a key that stands twice, an alias (`*name`) or a tag (`!!type`) is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from campaign.errors import BadFile

FieldPath = tuple[str | int, ...]
"""Where a value stands: ("circuits", 0, "limit_kw")."""

DEEPEST = 20
"""Levels of nesting; a definition has five, more is a slip of brackets."""

_NULL, _BOOL = "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool"
_INT, _FLOAT = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
_STR = "tag:yaml.org,2002:str"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file; `line` counts from 1, `path` is empty for the file as a whole."""

    line: int
    path: FieldPath
    what: str
    todo: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file's content as plain values, with the line of each path."""

    path: Path
    content: Any
    lines: dict[FieldPath, int] = field(repr=False)

    def line(self, path: FieldPath) -> int:
        """The line of the value, or of the nearest thing around it: a missing field has no line."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_document(path: Path) -> Document:
    """Read one YAML file. Raises BadFile with every problem: not there, not UTF-8, bad syntax."""
    try:
        node = _compose(path.read_bytes().decode("utf-8-sig"))
    except OSError as missing:
        raise BadFile(
            f"cannot be read: {missing.strerror}", where=str(path), todo="check the path"
        ) from missing
    except UnicodeDecodeError as other:
        line = other.object[: other.start].count(b"\n") + 1
        what, todo = "is not UTF-8 text", "save the file as UTF-8"
        raise bad_file(path, [Problem(line, (), what, todo)]) from other
    except yaml.YAMLError as broken:
        raise bad_file(path, [_syntax_problem(broken)]) from broken
    if node is None:
        raise bad_file(path, [Problem(1, (), "is empty", "write the definition, see configs/ for examples")])
    lines: dict[FieldPath, int] = {}
    problems: list[Problem] = []
    content = _value(node, (), lines, problems)
    if problems:
        raise bad_file(path, problems)
    return Document(path, content, lines)


def bad_file(path: Path, problems: list[Problem]) -> BadFile:
    """One error for a file: `file:line: field: what is wrong - what to do`, a line each, in file order."""
    told = [_told(path, p) for p in sorted(problems, key=lambda p: p.line)]
    return BadFile("\n".join(dict.fromkeys(told)))


def dotted(path: FieldPath) -> str:
    """`circuits[0].limit_kw`: a path as people write it."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _told(path: Path, problem: Problem) -> str:
    parts = (f"{path}:{problem.line}", dotted(problem.path), f"{problem.what} - {problem.todo}")
    return ": ".join(part for part in parts if part)


class _Loader(yaml.SafeLoader):
    """Composes nodes only. Its resolvers know the words of YAML 1.2 and nothing else."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - PyYAML looks here
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="an alias (*name) is not allowed", problem_mark=mark)
        self.depth += 1
        if self.depth > DEEPEST:
            raise yaml.MarkedYAMLError(problem="is nested too deeply", problem_mark=mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


_Loader.add_implicit_resolver(_NULL, re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(_INT, re.compile(r"^[-+]?(?:0|[1-9][0-9]{0,17})$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    _FLOAT, re.compile(r"^[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}$"), list("-+0123456789")
)


def _compose(text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _syntax_problem(broken: yaml.YAMLError) -> Problem:
    if isinstance(broken, yaml.MarkedYAMLError):
        mark = broken.problem_mark or broken.context_mark
        line = mark.line + 1 if mark else 1
        what = ", ".join(part for part in (broken.context, broken.problem) if part)
        return Problem(line, (), what, _syntax_todo(what))
    return Problem(1, (), f"is not YAML: {broken}".replace("\n", " "), "remove the character")


def _syntax_todo(what: str) -> str:
    if "'\\t'" in what:
        return "indent with blanks, not with tabs"
    if "alias" in what:
        return "write the value out"
    return "check indentation, colons and quotes here and on the line above"


def _value(node: yaml.Node, path: FieldPath, lines: dict[FieldPath, int], problems: list[Problem]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return dict(_pairs(node, path, lines, problems))
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, at), lines, problems) for at, item in enumerate(node.value)]
    return _scalar(node, path, problems)


def _pairs(
    node: yaml.MappingNode, path: FieldPath, lines: dict[FieldPath, int], problems: list[Problem]
) -> Iterator[tuple[str, Any]]:
    first: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.tag == _NULL:
            problems.append(Problem(line, path, "this key is not a name", "write `name: value`"))
            continue
        here = (*path, key.value)
        if key.value in first:
            what = f"stands twice, first on line {first[key.value]}"
            problems.append(Problem(line, here, what, "keep one of them"))
            continue
        first[key.value] = lines[here] = line
        yield key.value, _value(value, here, lines, problems)


def _scalar(node: yaml.Node, path: FieldPath, problems: list[Problem]) -> object:
    text: str = node.value
    if node.tag == _NULL:
        return None
    if node.tag == _BOOL:
        return text.lower() == "true"
    if node.tag == _INT:
        return int(text)
    if node.tag == _FLOAT:
        return float(text)
    if node.tag != _STR:
        what = f"a tag ({node.tag}) is not allowed"
        problems.append(Problem(node.start_mark.line + 1, path, what, "write the plain value"))
    return text
