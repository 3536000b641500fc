"""The routes of the JSON API.

``/api/session``, one ``/api/commands/<Name>`` for each command, ``/api/queries/<Name>``, and
``/api/preparations`` for signatures made elsewhere.

A command's idempotency key is the header ``Idempotency-Key``; sending the same again gives the same answer.
"""

import base64
import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from api.composition import House
from api.staff.sessions import Session, Sessions
from ledger.commands.command import COMMANDS, QUERIES, Command, Query
from ledger.commands.founding import CoFoundLedger, FoundLedger
from ledger.domain.roles import Role
from ledger.errors import DomainError

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key", min_length=8, max_length=200, description="A fresh key for each command."
    ),
]
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
    """A decided command. Sign ``message`` (base64) with the key named, before ``expires_at``."""

    preparation: str
    message: str
    payloads: list[str]
    expires_at: datetime


class Signed(BaseModel):
    """A signature object as the log's format says: ``sig``, and an authenticator's members."""

    model_config = ConfigDict(extra="forbid")

    signature: dict[str, str]


def staff_router(house: House, sessions: Sessions) -> APIRouter:
    """All routes of staff under ``/api``."""
    router = APIRouter(prefix="/api")

    def signed_in(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Session:
        if credentials is None:
            raise DomainError("NOT_SIGNED_IN", "this needs a token", "Get one with POST /api/session.")
        return sessions.of(credentials.credentials, now=datetime.now(UTC))

    Who = Annotated[Session, Depends(signed_in)]  # noqa: N806 - a type

    @router.post("/session", tags=["session"], summary="Sign in")
    def sign_in(body: SignIn) -> SignedIn:
        now = datetime.now(UTC)
        token, session = sessions.open(body.username, body.passphrase, body.role, body.org, now=now)
        who = session.signatory
        return SignedIn(token=token, staff=who.staff, role=who.role, org=who.org, ends_at=session.ends_at)

    @router.delete("/session", tags=["session"], summary="Sign out", status_code=204)
    def sign_out(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Response:
        if credentials is not None:
            sessions.close(credentials.credentials)
        return Response(status_code=204)

    def give(session: Session, key: str, command: Command) -> Recorded:
        signer = house.unlocked.signer(session.key, owner=session.signatory.staff, now=datetime.now(UTC))
        receipt = house.ledger.give(session.signatory, signer, command, idempotency_key=key)
        return Recorded(**receipt.to_json())

    def prepare(session: Session, key: str, command: Command) -> ToSign:
        ready = house.ledger.prepare(session.signatory, session.key, command, idempotency_key=key)
        return ToSign(
            preparation=ready.id,
            message=base64.b64encode(ready.message).decode(),
            payloads=[payload.decode() for payload in ready.payloads],
            expires_at=ready.expires_at,
        )

    def ask(session: Session, query: Query) -> dict[str, Any]:
        return house.ledger.ask(session.signatory, query)

    @router.post("/preparations/{preparation}/signature", tags=["preparations"], summary="Bring a signature")
    def append(preparation: str, body: Signed, session: Who) -> Recorded:
        receipt = house.ledger.append(session.signatory.staff, preparation, dict(body.signature))
        return Recorded(**receipt.to_json())

    _add_commands(router, give, prepare, Who)
    for name, query in sorted(QUERIES.items()):
        summary = (inspect.getdoc(query) or name).splitlines()[0]
        router.post(f"/queries/{name}", tags=["queries"], summary=summary)(
            _query_endpoint(name, ask, Who, query)
        )
    return router


def _add_commands(router: APIRouter, give: Callable[..., Any], prepare: Callable[..., Any], who: Any) -> None:
    """Two routes for each command: give it now, or prepare it for a signature made elsewhere."""
    for name, command in sorted(COMMANDS.items()):
        if command in {FoundLedger, CoFoundLedger}:
            continue
        summary = (inspect.getdoc(command) or name).splitlines()[0]
        roles = ", ".join(sorted(command.roles))
        router.post(
            f"/commands/{name}",
            tags=["commands"],
            summary=summary,
            description=f"Given by: {roles}.",
            status_code=201,
        )(_endpoint(name, give, who, command))
        router.post(
            f"/preparations/{name}",
            tags=["preparations"],
            summary=f"Prepare {name} for a signature made elsewhere",
            description=f"Given by: {roles}.",
            status_code=201,
        )(_endpoint(f"prepare_{name}", prepare, who, command))


def _endpoint(name: str, act: Callable[..., Any], who: Any, model: type[Command]) -> Callable[..., Any]:
    def endpoint(body: Any, session: Any, key: Any) -> Any:
        return act(session, key, body)

    endpoint.__name__ = name
    endpoint.__annotations__ = {
        "body": model,
        "session": who,
        "key": IdempotencyKey,
        "return": inspect.signature(act, eval_str=True).return_annotation,
    }
    return endpoint


def _query_endpoint(name: str, act: Callable[..., Any], who: Any, model: type[Query]) -> Callable[..., Any]:
    def endpoint(body: Any, session: Any) -> Any:
        return act(session, body)

    endpoint.__name__ = name
    endpoint.__annotations__ = {"body": model, "session": who, "return": dict[str, Any]}
    return endpoint
