"""A document against a pydantic model: every problem with its line, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails

from campaign.definitions.document import Document, FieldPath, Problem, bad_file


class Strict(BaseModel):
    """A part of a definition: no unknown fields, no silent conversions, never changed after it was read."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Wrong(ValueError):
    """A value that a definition cannot mean: `what` is wrong with it, and what `todo`."""

    def __init__(self, what: str, todo: str) -> None:
        self.what, self.todo = what, todo
        super().__init__(f"{what} - {todo}")


@dataclass(slots=True)
class Findings:
    """Travels through one check: what is known around the file, and problems with a place of their own."""

    sites: frozenset[str] = frozenset()
    found: list[tuple[FieldPath, Wrong]] = field(default_factory=list)

    @staticmethod
    def of(info: ValidationInfo) -> Findings:
        """The findings of the check that is going on."""
        findings = info.context
        return findings if isinstance(findings, Findings) else Findings()

    def add(self, path: FieldPath, what: str, todo: str) -> None:
        """Note a problem and go on checking."""
        self.found.append((path, Wrong(what, todo)))


ModelT = TypeVar("ModelT", bound=Strict)


def check(document: Document, model: type[ModelT], *, sites: Iterable[str] = ()) -> ModelT:
    """The document as `model`. Raises BadFile that lists every problem of the file, a line each."""
    findings = Findings(frozenset(sites))
    problems = []
    definition = None
    try:
        # As JSON, where strict still lets a list be a tuple and a word a StrEnum.
        definition = model.model_validate_json(json.dumps(document.content), context=findings)
    except ValidationError as invalid:
        problems = [_problem(error, document, model) for error in invalid.errors(include_url=False)]
    problems += [Problem(document.line(path), path, w.what, w.todo) for path, w in findings.found]
    if problems or definition is None:
        raise bad_file(document.path, problems)
    return definition


def nearest(name: str, known: Iterable[str]) -> str:
    """What to do about an unknown name: the nearest known one, else all of them."""
    choices = {choice.casefold(): choice for choice in sorted(known)}
    close = get_close_matches(name.casefold(), choices, n=1, cutoff=0.6)
    if close:
        return f"did you mean {choices[close[0]]}?"
    return f"known: {', '.join(choices.values())}" if choices else "none is known"


def _problem(error: ErrorDetails, document: Document, model: type[BaseModel]) -> Problem:
    path: FieldPath = tuple(error["loc"])
    what, todo = _words(error, path, model)
    return Problem(document.line(path), path, what, todo)


class _Saying(NamedTuple):
    what: str
    todo: str


_SAYINGS = {
    "missing": _Saying("is missing", "add it"),
    "string_type": _Saying("{got} is not text", "put it in quotes"),
    "int_type": _Saying("{got} is not a whole number", "write digits without quotes, such as 40"),
    "int_from_float": _Saying("{got} is not a whole number", "write digits without a point, such as 40"),
    "float_type": _Saying("{got} is not a number", "write digits without quotes, such as 3.6"),
    "bool_type": _Saying("{got} is not true or false", "write true or false without quotes"),
    "greater_than": _Saying("{got} is too small", "write more than {gt}"),
    "greater_than_equal": _Saying("{got} is too small", "write {ge} or more"),
    "less_than": _Saying("{got} is too large", "write less than {lt}"),
    "less_than_equal": _Saying("{got} is too large", "write {le} or less"),
    "string_too_short": _Saying("is empty", "write a value"),
    "string_too_long": _Saying("is longer than {max_length} characters", "shorten it"),
    "too_short": _Saying("is empty", "list at least one"),
    "tuple_type": _Saying("{got} is not a list", "start each entry on a line of its own with `- `"),
    "model_type": _Saying("{got} is not a group of fields", "write `name: value` lines, indented"),
    "dict_type": _Saying("{got} is not a table", "write `name: value` lines, indented"),
}


def _words(error: ErrorDetails, path: FieldPath, model: type[BaseModel]) -> _Saying:
    kind, got = error["type"], error["input"]
    context = error.get("ctx", {})
    if isinstance(wrong := context.get("error"), Wrong):
        return _Saying(wrong.what, wrong.todo)
    if kind == "extra_forbidden":
        siblings = _model_at(model, path[:-1]).model_fields
        return _Saying("is not a known field", nearest(str(path[-1]), siblings))
    if got is None:
        return _Saying("has no value", "write one, or remove the line")
    if kind in ("enum", "literal_error"):
        known = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return _Saying(f"{_shown(got)} is not one of {', '.join(known)}", nearest(str(got), known))
    saying = _SAYINGS.get(kind, _Saying("{got}: " + error["msg"].replace("{", "("), "correct the value"))
    context = {"got": _shown(got)} | context
    return _Saying(saying.what.format(**context), saying.todo.format(**context))


def _shown(value: object) -> str:
    """A value as it stands in the file, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _model_at(model: type[BaseModel], path: FieldPath) -> type[BaseModel]:
    for part in path:
        if isinstance(part, str):
            model = _inner_model(model.model_fields[part].annotation) or model
    return model


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((inner for part in get_args(annotation) if (inner := _inner_model(part))), None)
