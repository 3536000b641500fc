"""The web application: the public page, the staff's JSON API, and health, over one opened ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.credentials import credential_routes
from api.log import log_routes
from api.public.routes import MissLimits, error_response, public_routes
from api.public.scan import scan_routes
from api.public.view import Beside, Continues, Ended
from api.register import Register
from api.staff import problems
from api.staff.document import document
from api.staff.guard import Guard, is_staff
from api.staff.routes import staff_router
from api.staff.sessions import Sessions
from api.verification import LedgerVerifier
from ledger.clock import SimulatedClock
from ledger.domain.roles import Role
from ledger.errors import DomainError

if TYPE_CHECKING:
    from api.composition import House


BESIDE = Beside(proofs=True, credentials=True, scanner=True)


@dataclass(frozen=True, slots=True)
class _PublicSettings:
    base_url: str
    report_contact: str | None
    time_zone: str
    house: House
    register: Register

    @property
    def ended(self) -> Ended | None:
        """Set once the ledger has lost records and has ended."""
        return self.register.ended

    @property
    def continues(self) -> Continues | None:
        """Set where the ledger continues another one."""
        return self.register.continues

    def simulated_now(self) -> datetime | None:
        """The ledger's simulated time, or None."""
        return self.house.clock.now() if isinstance(self.house.clock, SimulatedClock) else None


def make_app(house: House) -> FastAPI:
    """The application over ``house``; closing the house is the caller's."""
    zone = house.folder.rulebook.time_zone
    settings = _PublicSettings(
        house.folder.settings.base_url, house.folder.settings.contact, zone, house, Register(house)
    )
    verifier = LedgerVerifier(
        house.queries, house.statuses, house.personal, house.clock, zone, house.room.witnessed.keys
    )
    quick: dict[str, Any] = {}
    if house.at_once is not None:
        at_once = replace(verifier, queries=house.at_once.queries, personal=house.at_once.personal)
        quick = {"at_once": at_once, "marks": house.at_once.unchanged.marks}
    sessions = Sessions(house)
    misses = MissLimits()

    def is_auditor(request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            return scheme.lower() == "bearer" and sessions.holds_now(token, Role.AUDITOR)
        except DomainError:
            return False

    app = FastAPI(
        title="certledger",
        description="An event-sourced certification ledger: every command is signed by the person who gives it.",
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # it names roles that say where people learn, so staff alone may read it
    )
    app.add_middleware(Guard)
    problems.install(app)
    app.router.routes.extend(
        [
            *public_routes(verifier, settings, beside=BESIDE, limits=misses, **quick),
            *log_routes(house.room, house.queries, house.personal, is_auditor, misses=misses.codes),
            *credential_routes(house, misses.codes),
            *scan_routes(settings, BESIDE, house.folder.root),
        ]
    )
    app.include_router(staff_router(house, sessions))
    document(app)

    @app.get("/readyz", include_in_schema=False)
    def ready() -> JSONResponse:
        size = house.queries.head().size
        return JSONResponse({"ready": size > 0, "size": size}, headers={"Cache-Control": "no-store"})

    async def not_found(request: Request, error: Any) -> Response:
        if is_staff(request.url.path):
            return problems.http_problem(request.url.path, error)
        return error_response(request, error, settings, BESIDE)

    async def unforeseen(
        request: Request, error: Exception
    ) -> Response:  # of staff's routes the guard answers
        return error_response(request, error, settings, BESIDE)

    app.add_exception_handler(HTTPException, not_found)
    app.add_exception_handler(Exception, unforeseen)
    return app
