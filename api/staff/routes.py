"""The routes of the JSON API.

``/api/session``, one ``/api/commands/<Name>`` for each command, ``/api/queries/<Name>``, and
``/api/preparations`` for signatures made elsewhere.

A command's idempotency key is the header ``Idempotency-Key``; sending the same again gives the same answer.
Queries are sent with POST: what is asked for may be a name, and a name does not belong in an address.
"""

import base64
import inspect
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Response
from fastapi import Query as QueryParameter
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse

from api.composition import House
from api.staff.bodies import body_of, described
from api.staff.sessions import Session, Sessions
from ledger.commands.command import COMMANDS, QUERIES, Command, Query
from ledger.commands.founding import CoFoundLedger, FoundLedger
from ledger.commands.staff import Thumbprint
from ledger.domain.roles import Role
from ledger.errors import DomainError

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{8,200}$",
        description="A fresh key for each command, 8 to 200 characters.",
    ),
]
SigningKey = Annotated[
    Thumbprint | None,
    QueryParameter(
        alias="key", description="Which enrolled key will sign; by default the one signed in with."
    ),
]
Preparation = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
_bearer = HTTPBearer(auto_error=False, description="The token of POST /api/session.")


class SignIn(BaseModel):
    """Who signs in. ``role`` (and ``org``) may be left out when the person holds only one."""

    model_config = ConfigDict(extra="forbid")

    username: Annotated[str, Field(max_length=200)]
    passphrase: Annotated[str, Field(max_length=1000)]
    role: Role | None = None
    org: Annotated[str, Field(max_length=64)] | None = None


class SignedIn(BaseModel):
    """The token, and as what it acts."""

    token: str
    staff: str
    role: Role
    org: str | None
    ends_at: datetime


class Recorded(BaseModel):
    """A recorded command: its id, the leaf index of its first entry, how many entries, and what was made."""

    command: str
    first_index: int
    events: int
    result: dict[str, Any]


class ToSign(BaseModel):
    """A decided command. Sign ``message`` (base64) with ``key`` (thumbprint), before ``expires_at``."""

    preparation: str
    key: str
    message: str
    payloads: list[str]
    expires_at: datetime


class Signed(BaseModel):
    """A signature object as the log's format says: ``sig``, and an authenticator's members."""

    model_config = ConfigDict(extra="forbid")

    signature: Annotated[
        dict[str, Annotated[str, StringConstraints(max_length=10_000)]], Field(min_length=1, max_length=3)
    ]


BODIES: tuple[type[BaseModel], ...] = (SignIn, Signed)


def commands() -> dict[str, type[Command]]:
    """The commands that are given over HTTP: all but the two that found the ledger."""
    return {
        name: model for name, model in sorted(COMMANDS.items()) if model not in {FoundLedger, CoFoundLedger}
    }


def description(request: Request) -> JSONResponse:
    """The OpenAPI document of all these routes."""
    return JSONResponse(request.app.openapi())


def staff_router(house: House, sessions: Sessions) -> APIRouter:
    """All routes of staff under ``/api``."""
    router = APIRouter(prefix="/api")

    def signed_in(  # in a thread: it may read the history of the person's key
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> Session:
        if credentials is None:
            raise DomainError("NOT_SIGNED_IN", "this needs a token", "Get one with POST /api/session.")
        return sessions.of(credentials.credentials)

    Who = Annotated[Session, Depends(signed_in)]  # noqa: N806 - a type

    router.add_api_route(
        "/openapi.json", description, dependencies=[Depends(signed_in)], include_in_schema=False
    )

    @router.post("/session", tags=["session"], summary="Sign in", openapi_extra=described(SignIn))
    def sign_in(request: Request, body: Annotated[SignIn, Depends(body_of(SignIn))]) -> SignedIn:
        client = request.client.host if request.client else None
        token, session = sessions.open(body.username, body.passphrase, body.role, body.org, client=client)
        who = session.signatory
        return SignedIn(token=token, staff=who.staff, role=who.role, org=who.org, ends_at=session.ends_at)

    @router.delete("/session", tags=["session"], summary="Sign out", status_code=204)
    def sign_out(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Response:
        if credentials is not None:
            sessions.close(credentials.credentials)
        return Response(status_code=204)

    @router.post(
        "/preparations/{preparation}/signature",
        tags=["preparations"],
        summary="Bring a signature",
        openapi_extra=described(Signed),
    )
    def append(
        preparation: Preparation, session: Who, body: Annotated[Signed, Depends(body_of(Signed))]
    ) -> Recorded:
        receipt = house.ledger.append(session.signatory.staff, preparation, dict(body.signature))
        return Recorded(**receipt.to_json())

    def give(session: Session, command: Command, key: str) -> Recorded:
        signer = house.unlocked.signer(session.key, owner=session.signatory.staff, now=sessions.now())
        receipt = house.ledger.give(session.signatory, signer, command, idempotency_key=key)
        return Recorded(**receipt.to_json())

    def prepare(session: Session, command: Command, key: str, signing_key: str | None) -> ToSign:
        signing_key = signing_key or session.key
        ready = house.ledger.prepare(session.signatory, signing_key, command, idempotency_key=key)
        return ToSign(
            preparation=ready.id,
            key=signing_key,
            message=base64.b64encode(ready.message).decode(),
            payloads=[payload.decode() for payload in ready.payloads],
            expires_at=ready.expires_at,
        )

    def ask(session: Session, query: Query) -> dict[str, Any]:
        return house.ledger.ask(session.signatory, query)

    for name, command in commands().items():
        _add(router, f"/commands/{name}", "commands", command, give, Who, key=IdempotencyKey)
        _add(
            router,
            f"/preparations/{name}",
            "preparations",
            command,
            prepare,
            Who,
            key=IdempotencyKey,
            signing_key=SigningKey,
        )
    for name, query in sorted(QUERIES.items()):
        _add(router, f"/queries/{name}", "queries", query, ask, Who)
    return router


def _add(
    router: APIRouter,
    path: str,
    tag: str,
    model: type[Command] | type[Query],
    act: Callable[..., Any],
    who: Any,
    **parameters: Any,
) -> None:
    """One route: ``act`` is called with the session, the body as ``model``, and the further ``parameters``."""

    def endpoint(session: Any, body: Any, **values: Any) -> Any:
        return act(session, body, *(values[name] for name in parameters))

    returns = inspect.signature(act, eval_str=True).return_annotation
    annotations = {"session": who, "body": Annotated[model, Depends(body_of(model))], **parameters}
    names = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=annotation,
            default=None if annotation is SigningKey else inspect.Parameter.empty,
        )
        for name, annotation in annotations.items()
    ]
    endpoint.__signature__ = inspect.Signature(names, return_annotation=returns)  # type: ignore[attr-defined]
    endpoint.__name__ = path.strip("/").replace("/", "_")
    verb = {"preparations": "Prepared by", "queries": "Asked by"}.get(tag, "Given by")
    router.post(
        path,
        tags=[tag],
        summary=(inspect.getdoc(model) or model.__name__).splitlines()[0],
        description=f"{verb}: {', '.join(sorted(model.roles))}.",
        status_code=200 if tag == "queries" else 201,
        openapi_extra=described(model),
    )(endpoint)
