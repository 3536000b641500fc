"""What other software and scanners fetch: credentials, status lists, issuers' keys, the lists for use offline.

    /v/<code>/credential.json   the certificate's credential (404 where its page shows no name)
    /status/<n>                 an issuer's status list
    /i/<org>/did.json           an issuer's DID document
    /keys, /keys/<version>      the key file that two custodians signed
    /withdrawn                  the tokens that no longer stand

A credential is as private as the page of its certificate: it has the page's headers, and a miss costs what a
mistyped code costs there. The other four say nothing of anybody, so any site may read them; they may be kept
for ten seconds, as long as any public answer.

A ledger that has ended renews no list, so that what it called valid runs out everywhere. `/withdrawn` is empty then:
a list that can still be used would let a scanner call green what was withdrawn in the lost records.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.public.answers import Raw
from api.public.documents import problem_document
from api.public.headers import RawHeaders, data_headers
from api.public.limit import MissLimiter, network_of
from api.public.view import Status, status_after_the_end
from keys.errors import Error as KeysError
from ledger.errors import Error as LedgerError
from ledger.issuing.credential import MEDIA_TYPE
from verifier import did, jcs
from verifier.code import normalise
from verifier.errors import CodeError
from verifier.errors import Error as VerifierError
from verifier.publickey import PublicKey

if TYPE_CHECKING:
    from api.composition import House

_log = logging.getLogger(__name__)
T = TypeVar("T")
_WITHHELD = frozenset({"NOT_FOUND", "REPLACED", "NO_LONGER_VERIFIABLE", "CANNOT_CHECK"})
_PROBLEM = data_headers("application/problem+json")
_DID_PURPOSES = frozenset({"credential", "status"})
_NUMBER_DIGITS = 9


def credential_routes(house: House, codes: MissLimiter | None = None) -> list[Route]:
    """The routes over ``house``. ``codes`` is the page's limiter of unknown codes, to be shared with it."""
    site = _Site(house, codes or MissLimiter(burst=120, refill_s=1))
    return [
        Route("/v/{code}/credential.json", site.credential),
        Route("/status/{number}", site.status),
        Route("/i/{organisation}/did.json", site.did_document),
        Route("/keys", site.keys),
        Route("/keys/{version}", site.keys),
        Route("/withdrawn", site.withdrawn),
    ]


class _Site:
    def __init__(self, house: House, codes: MissLimiter) -> None:
        self._house = house
        self._codes = codes

    async def credential(self, request: Request) -> Response:
        """`GET /v/<code>/credential.json`."""
        try:
            code = normalise(request.path_params["code"])
        except CodeError as error:
            return self._missed(request) or _problem(
                400, error.code, "Please check the code. Nothing was looked up."
            )
        found = await _answer(lambda: self._credential(code))
        if found is None:
            return _unavailable()
        status, data = found
        if data is not None:
            return Raw(200, data_headers(_media_type(request)), data)
        if status == "NOT_FOUND" and (wait := self._missed(request)):
            return wait
        if self._house.room.succession is not None:
            status = status_after_the_end(Status(status))[0]
        detail = "There is no credential under this code. Its page says more."
        return _problem(404, status, detail)

    async def status(self, request: Request) -> Response:
        """`GET /status/<n>`."""
        if self._house.room.succession is not None:
            return _problem(410, "LEDGER_ENDED", "This register has ended; its lists are not renewed.")
        number = _number(request.path_params["number"])
        lists, clock = self._house.lists, self._house.clock
        return await _public(
            _media_type(request), lambda: lists.status_list(number, clock.now()) if number else None
        )

    async def did_document(self, request: Request) -> Response:
        """`GET /i/<org>/did.json`."""
        organisation: str = request.path_params["organisation"]
        return await _public("application/did+json", lambda: self._did_document(organisation))

    async def keys(self, request: Request) -> Response:
        """`GET /keys` and `/keys/<version>`."""
        version, files = request.path_params.get("version"), self._house.key_files
        number = 0 if version is None else _number(version)
        return await _public(
            "text/plain; charset=utf-8",
            lambda: files.newest() if version is None else files.version(number) if number else None,
        )

    async def withdrawn(self, request: Request) -> Response:  # noqa: ARG002, an endpoint's signature
        """`GET /withdrawn`."""
        lists, clock, room = self._house.lists, self._house.clock, self._house.room
        return await _public(
            "text/plain; charset=utf-8",
            lambda: b"" if room.succession is not None else lists.withdrawn(clock.now()),
        )

    def _credential(self, code: str) -> tuple[str, bytes | None]:
        """(status, credential); the credential is None where the page shows no name either."""
        house = self._house
        certificate = house.personal.index.certificate_of(code)
        status = "NOT_FOUND"
        if certificate is not None:
            status, _ = house.statuses.now(certificate, house.clock.now())
        if house.room.succession is not None and status != "NOT_FOUND":  # which is still charged
            status = status_after_the_end(Status(status))[0]
        if certificate is None or status in _WITHHELD:
            return status, None
        return status, house.credentials.of(certificate)

    def _did_document(self, organisation: str) -> bytes | None:
        house = self._house
        keys = [key for key in house.keyring.of(organisation) if key.purpose in _DID_PURPOSES]
        if not keys:
            return None
        name = did.did_web(house.folder.settings.base_url, organisation)
        trusted = frozenset(key.thumbprint for key in keys if key.compromised_from is None)
        return jcs.encode(did.document(name, [PublicKey(dict(key.jwk), key.alg) for key in keys], trusted))

    def _missed(self, request: Request) -> Response | None:
        """Charge a miss; the answer for one who has none left."""
        network = network_of(request.client.host if request.client else None)
        wait = self._codes.wait(network)
        if not wait:
            self._codes.miss(network)
            return None
        response = _problem(429, "RATE_LIMITED", "Too many look-ups from your network found nothing.")
        response.raw_headers.append((b"retry-after", str(wait).encode()))
        return response


async def _public(content_type: str, question: Callable[[], bytes | None]) -> Response:
    """An answer that any site may read; 404 for None."""
    found = await _answer(lambda: (question(),))
    if found is None:
        return _unavailable()
    (data,) = found
    if data is None:
        return _problem(404, "PAGE_NOT_FOUND", "There is no such document.")
    return Raw(200, _shared_headers(content_type), data)


async def _answer(question: Callable[[], T]) -> T | None:
    """What a thread found; None when it failed."""
    try:
        return await run_in_threadpool(question)
    except (LedgerError, KeysError, VerifierError) as error:
        _log.error("a document could not be made: %s", error.code)
    except Exception as error:  # noqa: BLE001, whatever goes wrong behind us, we do not know
        _log.error("a document could not be made: %s", type(error).__name__)
    return None


def _media_type(request: Request) -> str:
    """What a credential is called: readers that take JSON only do not know it by its own name."""
    accepted = request.headers.get("accept", "")
    only_json = "json" in accepted and not any(
        each in accepted for each in (MEDIA_TYPE, "*/*", "application/*")
    )
    return "application/json" if only_json else MEDIA_TYPE


def _shared_headers(content_type: str) -> RawHeaders:
    headers = [pair for pair in data_headers(content_type) if pair[0] != b"cache-control"]
    return [*headers, (b"cache-control", b"public, max-age=10"), (b"access-control-allow-origin", b"*")]


def _number(text: str) -> int:
    """The number that a text spells, 0 for anything else."""
    plain = text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS and not text.startswith("0")
    return int(text) if plain else 0


def _unavailable() -> Raw:
    return _problem(503, "CANNOT_CHECK", "This cannot be told now. It says nothing about any certificate.")


def _problem(status: int, code: str, detail: str) -> Raw:
    return Raw(status, _PROBLEM, problem_document(status, code, detail))
