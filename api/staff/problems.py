"""Problem documents (RFC 9457): every refusal with its code, in words, and what to do now.

A value that does not fit its member is not repeated. An error that nobody foresaw is logged by its type and
place alone: its message may hold what was sent.
"""

from __future__ import annotations

import logging
import traceback
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from eventsourcing.persistence import IntegrityError, PersistenceError
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from keys.errors import Error as KeysError
from keys.errors import UnlockError
from ledger.errors import ConflictError, DomainError, StoreError
from verifier.errors import Error as VerifierError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import FastAPI

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 60
_TEXT_LIMIT = 300

_STATUS = {
    "UNKNOWN_ID": 404,
    "NOT_FOUND": 404,
    "PREPARATION_UNKNOWN": 404,
    "NOT_SIGNED_IN": 401,
    "PASSPHRASE_WRONG": 401,
    "REQUEST_TOO_SLOW": 408,
    "REQUEST_TOO_LARGE": 413,
    "MEDIA_TYPE_UNSUPPORTED": 415,
    "TOO_MANY_ATTEMPTS": 429,
    "ROLE_FORBIDDEN": 403,
    "SIGNER_NOT_AUTHORISED": 403,
    "KEY_LOCKED": 423,
    "VALUE_INVALID": 422,
    "NIK_INVALID": 422,
    "NIK_FICTIONAL_IN_PRODUCTION": 422,
    "IDEMPOTENCY_KEY_REUSED": 422,
    "PUBLIC_FIELD_FORBIDDEN": 422,
    "REASON_CODE_INVALID": 422,
}
_CONFLICT = 409
_HTTP_CODES = {400: "BODY_UNREADABLE", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
STATUSES = tuple(sorted({*_STATUS.values(), _CONFLICT, 503}))
"""Every status that a problem of a foreseen kind may have."""


class Problem(BaseModel):
    """A refusal: ``code`` is for programs, ``detail`` and ``hint`` are for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str | None = None


def status_of(code: str) -> int:
    """The HTTP status of a domain code: what the history does not allow is a conflict."""
    return 403 if code.startswith("SOD_") else _STATUS.get(code, _CONFLICT)


def problem(status: int, code: str, message: str, hint: str | None = None) -> JSONResponse:
    """One problem document."""
    body: dict[str, Any] = {
        "type": f"urn:certledger:problem:{code}",
        "title": code,
        "status": status,
        "code": code,
        "detail": message[:_TEXT_LIMIT],
    }
    if hint:
        body["hint"] = hint[:_TEXT_LIMIT]
    headers = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def http_problem(path: str, error: HTTPException) -> JSONResponse:
    """What the framework refuses: an address or method that is not there."""
    code = _HTTP_CODES.get(error.status_code, "REQUEST_REFUSED")
    answer = problem(
        error.status_code,
        code,
        f"{path!a}: {error.detail}",
        "The addresses are listed in /api/openapi.json, for those who are signed in.",
    )
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer


def unforeseen(error: Exception) -> JSONResponse:
    """The answer to an error of our own making; the log learns its type and place."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("%s at %s:%s in %s", type(error).__name__, last.filename, last.lineno, last.name)
    return problem(
        500,
        "INTERNAL_ERROR",
        "something went wrong; whether the command was recorded is told by CommandStatus",
        "Ask CommandStatus with the same idempotency key before giving the command again.",
    )


def invalid(errors: Iterable[Any]) -> DomainError:
    """VALUE_INVALID for the first thing that pydantic found wrong."""
    first = next(iter(errors))
    where = ".".join(str(part) for part in first["loc"] if part not in {"body", "header", "query", "path"})
    rule = str(first["msg"]).partition("\n")[0]
    return DomainError(
        "VALUE_INVALID", f"{ascii(where)[1:-1] or 'the body'}: {rule}", "Correct it and send it again."
    )


def install(app: FastAPI) -> None:
    """Answer every error that is raised on purpose, or by the database, with a problem document."""

    @app.exception_handler(DomainError)
    @app.exception_handler(ConflictError)
    @app.exception_handler(UnlockError)
    def refused(_request: Request, error: DomainError | ConflictError | UnlockError) -> JSONResponse:
        return problem(status_of(error.code), error.code, error.message, error.hint)

    @app.exception_handler(VerifierError)
    def malformed(_request: Request, error: VerifierError) -> JSONResponse:
        return problem(422, error.code, error.message, error.hint)

    @app.exception_handler(StoreError)
    @app.exception_handler(KeysError)
    def broken(_request: Request, error: StoreError | KeysError) -> JSONResponse:
        return problem(503, error.code, error.message, error.hint)

    @app.exception_handler(IntegrityError)
    def lost(_request: Request, _error: IntegrityError) -> JSONResponse:
        conflict = ConflictError("others were recorded first, again and again")
        return problem(_CONFLICT, conflict.code, conflict.message, conflict.hint)

    @app.exception_handler(PersistenceError)
    def unreachable(_request: Request, _error: PersistenceError) -> JSONResponse:
        return problem(503, "STORE_UNAVAILABLE", "the database did not answer", "Try again in a moment.")

    @app.exception_handler(RequestValidationError)
    def wrong(_request: Request, error: RequestValidationError) -> JSONResponse:
        found = invalid(error.errors())
        return problem(status_of(found.code), found.code, found.message, found.hint)
