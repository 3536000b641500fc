"""The public HTTP surface: `/`, `/v/<code>`, `/check`, `/static/…`, `/livez`, and the pages for HTTP errors.

Rules:
- a mistyped code is told (400) before any look-up and is no status;
- a look-up that fails, hangs or answers nonsense is CANNOT_CHECK (503): never a traceback, never NOT_FOUND,
  never a false VALID;
- misses cost, hits do not. A code is looked up even when its network has no misses left, since it may be a
  hit; a number and name are not, since there "miss" or "hit" is what a guesser is after;
- `?lang=` over Accept-Language over Indonesian; JSON when Accept prefers it or the path ends in `.json`;
- nothing of a request is logged: a code is an address that its holder hands out, not we.

Plain Starlette routes: on this hot path a framework would cost more than the page. A look-up runs in one of a
few threads, so that a database that waits holds up no other answer. A code is first asked of a service that
never waits, if there is one, right here: the way to a thread and back costs more than such an answer. What
that one cannot say, for whatever reason, it is asked again a few times, and then the other one in a thread. Its
answers are given again within the same second while nothing was committed (`api.public.kept`).
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.public.answers import (
    FormTooLargeError,
    Raw,
    asked,
    form_fields,
    language_of,
    send_asset,
    send_page,
    wants_json,
)
from api.public.assets import page_script
from api.public.documents import HTTP_STATUS, certificate_document, problem_document, status_document
from api.public.headers import data_headers
from api.public.kept import Kept, Marks
from api.public.limit import MissLimiter, network_of
from api.public.pages import Pages
from api.public.view import (
    Beside,
    CertificateView,
    PublicSettings,
    Status,
    Verifier,
    after_the_end,
    status_after_the_end,
)
from verifier.code import normalise
from verifier.errors import CodeError

_log = logging.getLogger(__name__)
_Found = TypeVar("_Found")

NOTHING_BESIDE = Beside()
_LOOKUP_THREADS = 8
_LOOKUP_TIMEOUT_S = 5.0
_TRIES = 25
_TRY_AGAIN_S = (
    0.002  # a commit holds a file for a few milliseconds; who waits in SQLite sleeps longer and longer
)
_NUMBER_LIMIT = 100
_NAME_LIMIT = 300
_TYPED_LIMIT = 64
_JSON = data_headers("application/json")
_PROBLEM = data_headers("application/problem+json")
_TEXT = data_headers("text/plain; charset=utf-8")
_ERRORS = {
    404: ("PAGE_NOT_FOUND", "There is no such page."),
    405: ("METHOD_NOT_ALLOWED", "This address does not take this method."),
    413: ("REQUEST_TOO_LARGE", "The request is larger than any form of this service."),
    429: (
        "RATE_LIMITED",
        "Too many look-ups from your network found nothing. This says nothing about the certificate.",
    ),
    500: ("INTERNAL_ERROR", "Something went wrong. This says nothing about any certificate."),
}


@dataclass(frozen=True, slots=True)
class MissLimits:
    """How often one client network may miss: mistyped or unknown codes; unknown pairs of number and name."""

    codes: MissLimiter = field(default_factory=lambda: MissLimiter(burst=120, refill_s=1))
    numbers: MissLimiter = field(default_factory=lambda: MissLimiter(burst=20, refill_s=10))


def public_routes(
    service: Verifier,
    settings: PublicSettings,
    *,
    beside: Beside = NOTHING_BESIDE,
    limits: MissLimits | None = None,
    at_once: Verifier | None = None,
    marks: Marks = lambda: None,
    lookup_timeout_s: float = _LOOKUP_TIMEOUT_S,
) -> list[Route]:
    """Return the public routes over `service`, whose pages link to what is `beside` them.

    It is asked from threads, at most 8 at once, and given up after `lookup_timeout_s`. `at_once` is the same
    service where it raises rather than wait; codes are asked of it first, from the event loop. `marks` changes
    with each commit to what that one reads.
    """
    pages = Pages(settings, beside)
    site = _Site(service, at_once, marks, settings, pages, limits or MissLimits(), lookup_timeout_s)
    return [
        Route("/v/{code}", site.certificate),
        Route("/", site.landing),
        Route("/", site.typed_code, methods=["POST"]),
        Route("/check", site.number_form),
        Route("/check", site.typed_number, methods=["POST"]),
        Route("/static/{name}", _static),
        Route("/livez", _livez),
    ]


def error_response(
    request: Request, error: Exception, settings: PublicSettings, beside: Beside = NOTHING_BESIDE
) -> Response:
    """Return the answer to a 404, 405 or 500, for an application's exception handlers."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    response = _error(request, Pages(settings, beside), status if status in _ERRORS else 500)
    for name, value in (getattr(error, "headers", None) or {}).items():
        response.headers[name] = value  # Allow, for 405
    return response


class _Site:
    """The endpoints and what they share."""

    def __init__(
        self,
        service: Verifier,
        at_once: Verifier | None,
        marks: Marks,
        settings: PublicSettings,
        pages: Pages,
        limits: MissLimits,
        timeout_s: float,
    ) -> None:
        self._service = service
        self._at_once = at_once
        self._kept = Kept[Response](marks, lambda: self._now().timestamp())
        self._settings = settings
        self._limits = limits
        self._timeout_s = timeout_s
        self._pages = pages
        self._threads = ThreadPoolExecutor(_LOOKUP_THREADS, "public-lookup")

    async def landing(self, request: Request) -> Response:
        """`GET /`: where a code is typed."""
        return send_page(request, self._pages.landing(language_of(request)))

    async def typed_code(self, request: Request) -> Response:
        """`POST /`: on to the code's own address. Not GET, which would put the code into another address."""
        try:
            (typed,) = await form_fields(request, "code")
        except FormTooLargeError:
            return _error(request, self._pages, 413)
        try:
            code = normalise(typed)
        except CodeError as error:
            return self._code_wrong(request, typed, error, as_json=wants_json(request))
        location = f"/v/{code}?lang={language_of(request)}".encode()
        return Raw(303, [*_TEXT, (b"location", location)], b"")

    async def certificate(self, request: Request) -> Response:
        """`GET /v/<code>` and `/v/<code>.json`: what stands behind a code."""
        question, begun = asked(request), self._kept.begin()
        kept = self._kept.get(question, begun)
        if kept is not None:
            return kept
        typed: str = request.path_params["code"]
        as_json = typed.endswith(".json") or wants_json(request)
        try:
            code = normalise(typed.removesuffix(".json"))
        except CodeError as error:
            return self._code_wrong(request, typed.removesuffix(".json"), error, as_json=as_json)
        view = await self._known_at_once(code) or await self._ask(partial(self._service.by_code, code))
        if view is not None:
            try:
                if view.status is Status.NOT_FOUND and (wait := self._missed(request, self._limits.codes)):
                    return _error(request, self._pages, 429, wait, as_json=as_json)
                answer = self._certificate(request, view, code, as_json=as_json)
            except Exception as error:  # noqa: BLE001, a view that cannot be shown is not known
                _log.error("a view cannot be shown: %s", type(error).__name__)
            else:
                if view.status is not Status.NOT_FOUND:
                    self._kept.put(question, begun, answer)
                return answer
        unknown = CertificateView(status=Status.CANNOT_CHECK, checked_at=self._now())
        return self._certificate(request, unknown, code, as_json=as_json)

    async def number_form(self, request: Request) -> Response:
        """`GET /check`: where a number and a name are typed."""
        return send_page(request, self._pages.number_form(language_of(request)))

    async def typed_number(self, request: Request) -> Response:
        """`POST /check`: a status; the same for a wrong name as for an unknown number."""
        try:
            number, name = await form_fields(request, "number", "name")
        except FormTooLargeError:
            return _error(request, self._pages, 413)
        as_json = wants_json(request)
        if not (0 < len(number) <= _NUMBER_LIMIT and 0 < len(name) <= _NAME_LIMIT):
            if as_json:
                detail = (
                    f"Give number (at most {_NUMBER_LIMIT} characters) and name ({_NAME_LIMIT}) as printed."
                )
                return _problem(400, "VALUE_INVALID", detail)
            return send_page(request, self._pages.number_form(language_of(request), (number, name)))
        if wait := self._limits.numbers.wait(_network(request)):
            return _error(request, self._pages, 429, wait, as_json=as_json)
        found = await self._ask(partial(self._service.by_number, number, name))
        status = found if isinstance(found, Status) else Status.CANNOT_CHECK
        ended, last_known = self._settings.ended, None
        if status is Status.NOT_FOUND:
            self._limits.numbers.miss(_network(request))
        if ended is not None:
            status, last_known = status_after_the_end(status)
        if as_json:
            document = status_document(status, self._now(), ended, last_known)
            return Raw(HTTP_STATUS[status], _JSON, document)
        typed = (number, name) if status is Status.NOT_FOUND else ("", "")
        page = self._pages.number_status(status, self._now(), typed, language_of(request), last_known)
        return send_page(request, page)

    async def _known_at_once(self, code: str) -> CertificateView | None:
        if self._at_once is None:
            return None
        for _ in range(_TRIES):
            with suppress(Exception):
                return self._at_once.by_code(code)
            await asyncio.sleep(_TRY_AGAIN_S)
        return None  # busy for long, or broken: the one that may wait will tell

    async def _ask(self, question: Callable[[], _Found]) -> _Found | None:
        try:
            answer = asyncio.get_running_loop().run_in_executor(self._threads, question)
            return await asyncio.wait_for(answer, self._timeout_s)
        except Exception as error:  # noqa: BLE001, whatever goes wrong behind us, we do not know
            _log.error("a look-up failed: %s", type(error).__name__)
            return None

    def _certificate(self, request: Request, view: CertificateView, code: str, *, as_json: bool) -> Response:
        view = after_the_end(view, self._settings.ended)
        if as_json:
            return Raw(HTTP_STATUS[view.status], _JSON, certificate_document(view))
        return send_page(request, self._pages.certificate(view, code, language_of(request)))

    def _code_wrong(self, request: Request, typed: str, error: CodeError, *, as_json: bool) -> Response:
        if wait := self._missed(request, self._limits.codes):
            return _error(request, self._pages, 429, wait, as_json=as_json)
        if as_json:
            return _problem(
                400, error.code, "Please check the code, character by character. Nothing was looked up."
            )
        return send_page(request, self._pages.code_wrong(typed[:_TYPED_LIMIT], language_of(request)))

    def _missed(self, request: Request, limiter: MissLimiter) -> int:
        """Charge a miss and return 0, or return the seconds to wait."""
        network = _network(request)
        wait = limiter.wait(network)
        if not wait:
            limiter.miss(network)
        return wait

    def _now(self) -> datetime:
        return self._settings.simulated_now() or datetime.now(UTC)


async def _static(request: Request) -> Response:
    """`GET /static/<hash>.js`: the script of a certificate's page."""
    name, script = page_script()
    if request.path_params["name"] != name:
        raise HTTPException(404)
    return send_asset(request, script)


async def _livez(request: Request) -> Response:  # noqa: ARG001, an endpoint's signature
    """`GET /livez`: this process answers; nothing is said of what stands behind it."""
    return Raw(200, _TEXT, b"ok\n")


def _error(
    request: Request, pages: Pages, status: int, wait: int = 0, *, as_json: bool | None = None
) -> Response:
    code, detail = _ERRORS[status]
    if wants_json(request) if as_json is None else as_json:
        response = _problem(status, code, detail)
    else:
        response = send_page(request, pages.error(status, language_of(request), wait))
    if wait:
        response.raw_headers.append((b"retry-after", str(wait).encode()))
    return response


def _problem(status: int, code: str, detail: str) -> Raw:
    return Raw(status, _PROBLEM, problem_document(status, code, detail))


def _network(request: Request) -> str:
    return network_of(request.client.host if request.client else None)
