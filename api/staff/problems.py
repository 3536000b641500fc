"""Problem documents (RFC 9457): every refusal with its code, in words, and what to do now."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from keys.errors import Error as KeyError_
from ledger.errors import ConflictError, DomainError, Error, StoreError

if TYPE_CHECKING:
    from fastapi import FastAPI

_STATUS = {
    "UNKNOWN_ID": 404,
    "NOT_SIGNED_IN": 401,
    "PASSPHRASE_WRONG": 401,
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


def status_of(code: str) -> int:
    """The HTTP status of a domain code: what the history does not allow is a conflict."""
    return 403 if code.startswith("SOD_") else _STATUS.get(code, _CONFLICT)


def problem(status: int, code: str, message: str, hint: str | None = None) -> JSONResponse:
    """One problem document."""
    body = {
        "type": f"urn:certledger:problem:{code}",
        "title": code,
        "status": status,
        "code": code,
        "detail": message,
    }
    if hint:
        body["hint"] = hint
    headers = {"Cache-Control": "no-store"}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Answer every error of ours with a problem document."""

    @app.exception_handler(DomainError)
    @app.exception_handler(ConflictError)
    @app.exception_handler(KeyError_)
    def refused(_request: Request, error: Error) -> JSONResponse:
        return problem(status_of(error.code), error.code, error.message, error.hint)

    @app.exception_handler(StoreError)
    def broken(_request: Request, error: StoreError) -> JSONResponse:
        return problem(503, error.code, error.message, error.hint)

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body") or "the request"
        return problem(422, "VALUE_INVALID", f"{where}: {first['msg']}", "Correct it and send it again.")
