"""Bodies of requests: one JSON object, read strictly, as ``certledger run`` reads it from a file.

A member that occurs twice, NaN, a number written as text, an unknown member: VALUE_INVALID with the place and the
rule. Another media type than JSON is refused, so that no form of another site can send one.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NoReturn, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic.json_schema import models_json_schema

from api.staff.problems import Problem, invalid
from ledger.errors import DomainError

M = TypeVar("M", bound=BaseModel)

_REF = "#/components/schemas/{model}"


def body_of(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """A dependency that reads the request's body as ``model``."""

    async def read(request: Request) -> M:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise DomainError(
                "MEDIA_TYPE_UNSUPPORTED",
                "the body must be JSON",
                "Send it with the header Content-Type: application/json.",
            )
        return parse(model, await request.body())

    return read


def parse(model: type[M], body: bytes) -> M:
    """The body as ``model``. Raises DomainError VALUE_INVALID."""
    try:
        text = body.decode()
        json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        return model.model_validate_json(text, strict=True)
    except ValidationError as error:
        found = invalid(error.errors(include_url=False, include_input=False, include_context=False))
    except RecursionError:
        found = DomainError("VALUE_INVALID", "the body is nested too deeply", "Correct it and send it again.")
    except ValueError:
        found = DomainError(
            "VALUE_INVALID",
            "the body is no JSON text, or has a member twice",
            "Correct it and send it again.",
        )
    raise found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        msg = "a member occurs twice"
        raise ValueError(msg)
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


# -- how the OpenAPI document describes them -----------------------------------------------------------------


def described(model: type[BaseModel]) -> dict[str, Any]:
    """The request body as an operation of the OpenAPI document has it."""
    schema = {"$ref": _REF.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def schemas(models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    """The components that ``described`` refers to, and what they consist of."""
    wanted = [(model, "validation") for model in (*models, Problem)]
    _, definitions = models_json_schema(wanted, ref_template=_REF)  # type: ignore[arg-type]
    found: dict[str, Any] = definitions["$defs"]
    return found
