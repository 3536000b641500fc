"""The OpenAPI document of the staff's API: the framework's, made complete.

Bodies are read by the routes themselves, so their schemas are added here; and every operation may answer with a
problem document, described once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from api.staff.bodies import schemas
from api.staff.problems import MEDIA_TYPE, STATUSES, Problem
from api.staff.routes import BODIES, commands
from ledger.commands.command import QUERIES

if TYPE_CHECKING:
    from fastapi import FastAPI

_REFUSED = {"$ref": "#/components/responses/Refused"}


def document(app: FastAPI) -> None:
    """Let ``app`` describe itself; made once, when it is first asked for."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(
                get_openapi(
                    title=app.title, version=app.version, description=app.description, routes=app.routes
                )
            )
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _complete(found: dict[str, Any]) -> dict[str, Any]:
    components = found["components"]
    components["schemas"].update(schemas([*BODIES, *commands().values(), *QUERIES.values()]))
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["responses"] = {
        "Refused": {
            "description": "Refused: code for programs, detail and hint for people.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}},
        }
    }
    for operations in found["paths"].values():
        for operation in operations.values():
            operation["responses"].update({str(status): _REFUSED for status in STATUSES})
    return found
