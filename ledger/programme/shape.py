"""From what pydantic finds wrong to problems with a place and a rule in plain words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from ledger.programme.problems import DATE_INVALID, FIELD_UNKNOWN, VALUE_INVALID
from ledger.programme.values import DATE_ERROR

Where = tuple[int | str, ...]
Found = Iterator[tuple[str, Where, str]]
"""(code, place, rule)."""


def problems_of(error: ValidationError, where: Where, model: type[BaseModel]) -> Found:
    """(code, place, rule) for each error; ``where`` is the place of the object that ``model`` describes."""
    for each in error.errors(include_url=False):
        location = each["loc"]
        place = (*where, *_without_branches(location))
        kind, context = each["type"], each.get("ctx", {})
        if kind == "extra_forbidden":
            yield FIELD_UNKNOWN, place, _unknown_field(str(location[-1]), _model_at(model, location[:-1]))
        elif kind == DATE_ERROR:
            yield DATE_INVALID, place, each["msg"]
        elif kind == "missing":
            yield VALUE_INVALID, place, "it is missing"
        elif kind == "string_pattern_mismatch":
            yield VALUE_INVALID, place, f"{each['input']!r} does not have the form {context['pattern']}"
        else:
            yield VALUE_INVALID, place, each["msg"][:1].lower() + each["msg"][1:]


def near(name: str, known: Iterable[str]) -> str:
    """``; X perhaps`` for the known name that is most like this one, or nothing."""
    found = difflib.get_close_matches(name, sorted(known), 1)
    return f"; {found[0]} perhaps" if found else ""


def _without_branches(location: Where) -> Where:
    """The place without the names that pydantic gives to the branches of a union."""
    return tuple(
        part
        for part in location
        if isinstance(part, int) or not part.startswith(("list[", "literal[", "function-"))
    )


def _unknown_field(name: str, model: type[BaseModel] | None) -> str:
    known = [field.alias or key for key, field in model.model_fields.items()] if model else []
    return f"this field is not known here{near(name, known)}"


def _model_at(model: type[BaseModel], location: Where) -> type[BaseModel] | None:
    """The model of the object at this place below ``model``."""
    found: type[BaseModel] | None = model
    for part in location:
        if isinstance(part, int) or found is None:
            continue
        annotation = next(
            (field.annotation for name, field in found.model_fields.items() if part in {name, field.alias}),
            None,
        )
        found = _model_in(annotation)
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
