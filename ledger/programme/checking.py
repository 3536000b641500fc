"""Whether arguments fit their command, as far as can be known before references have values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from ledger.programme.shape import problems_of
from ledger.programme.step import is_reference


def wrong_arguments(model: type[BaseModel], args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(argument, rule) for each argument that the command will not take; references are taken on trust."""
    for _, where, rule in wrong(model, args):
        yield ".".join(str(part) for part in where), rule


def wrong(
    model: type[BaseModel], args: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[int | str, ...], str]]:
    """(code, place, rule), the place as a path into ``args``."""
    try:
        model.model_validate_json(json.dumps(_unescaped(args)), strict=True)
    except ValidationError as error:
        for code, where, rule in problems_of(error, (), model):
            if not _on_reference(args, where):
                yield code, where, rule


def _unescaped(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _unescaped(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_unescaped(item) for item in value]
    return value[1:] if isinstance(value, str) and value.startswith("$$") else value


def _on_reference(args: Any, where: tuple[int | str, ...]) -> bool:
    """Whether the place, or one above it, is a reference."""
    value = args
    for part in where:
        if is_reference(value):
            return True
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return False
    return is_reference(value)
