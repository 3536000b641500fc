"""The log over HTTP (C2SP tlog-tiles) and a certificate's proof.

    /checkpoint                        the published checkpoint, cached for a second
    /tile/<L>/<N>[.p/<W>]              hash tiles: full ones for ever, partial ones for a minute
    /tile/entries/<N>[.p/<W>]          entry bundles, for auditors who are signed in, never cached
    /v/<code>/proof                    JSON: the certificate's entry, its tlog-proof, how many witnesses saw it
    /v/<code>/proof.tlog-proof         the proof as one file, the entry in its `extra` line

Tiles come from the database, and only those of the published tree. A proof's entry must be fit to be shown:
where a certificate was issued together with others, or its holder's name is erased, there is none here, and
the answer says why. A mistyped code is told before any look-up, and misses are rationed as on the page.

Plain Starlette routes; whoever composes the application decides who is an auditor.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.public.answers import Raw
from api.public.documents import problem_document
from api.public.headers import RawHeaders, data_headers
from api.public.limit import MissLimiter, network_of
from ledger.errors import Error
from verifier import checkpoint, proof
from verifier.code import normalise
from verifier.entry import Payload, parse_entry
from verifier.errors import CodeError, FormatError
from verifier.tile import ENTRIES, WIDTH, Tile, parse_path

if TYPE_CHECKING:
    from ledger.log.room import LogRoom
    from ledger.personal.store import PersonalStore
    from ledger.projections.queries import CertificateRow, Queries

_log = logging.getLogger(__name__)

MayReadEntries = Callable[[Request], bool]
"""Whether this request comes from an auditor who is signed in."""

_IMMUTABLE = b"public, max-age=31536000, immutable"
_PARTIAL = b"public, max-age=60"
_CHECKPOINT = b"public, max-age=1"
_NEVER = b"no-store"


class _WithheldError(Exception):
    """There is no proof to give: HTTP status, stable code, and why."""

    def __init__(self, status: int, code: str, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class CertificateProof:
    """A certificate's entry with its proof; ``witnesses`` of the policy have seen it."""

    index: int
    entry: bytes
    proof: proof.Proof
    size: int
    witnesses: int

    def document(self) -> bytes:
        """As JSON."""
        return json.dumps(
            {
                "entry": self.entry.decode(),
                "index": self.index,
                "log": {"size": self.size, "witnesses": self.witnesses},
                "proof": self.proof.to_bytes().decode(),
            },
            ensure_ascii=False,
        ).encode()

    def file(self) -> bytes:
        """As one .tlog-proof file with the entry in it."""
        whole = proof.Proof(self.index, self.proof.path, self.proof.checkpoint, self.entry)
        return whole.to_bytes()


class CertificateProofs:
    """Proofs by a certificate's code or id."""

    def __init__(self, room: LogRoom, queries: Queries, personal: PersonalStore) -> None:
        self._room = room
        self._queries = queries
        self._personal = personal

    def by_code(self, code: str) -> CertificateProof | None:
        """The proof of the certificate with this canonical code; None when there is no such certificate."""
        certificate = self._personal.index.certificate_of(code)
        row = self._queries.certificate(certificate) if certificate else None
        return None if row is None or row.issued_index is None else self._of(row, row.issued_index)

    def _of(self, row: CertificateRow, index: int) -> CertificateProof:
        if row.erased:
            raise _WithheldError(
                404,
                "PROOF_WITHHELD",
                "The holder's name was erased, and the proof with it. The entry stays in the log.",
            )
        entry = self._room.proofs.entry(index)
        mine = parse_entry(entry).signature
        others = self._room.tiles.entries(index - mine.index, index - mine.index + mine.size)
        # A replacement or a renewal ends the holder's old certificate in the same command; that is no stranger's.
        told = [parse_entry(each).payload for each in others]
        if [each.stream for each in told if not _is_ending(each)] != [f"certificate/{row.id}"] * 2:
            raise _WithheldError(
                404,
                "PROOF_WITHHELD",
                "This certificate was issued together with others, to whom its proof would lead."
                " The proof is in the holder's PDF.",
            )
        found = self._room.proofs.proof(index)
        if found is None:
            raise _WithheldError(
                503, "PROOF_PENDING", "The log has not been signed since this certificate was issued."
            )
        size = checkpoint.parse(found.checkpoint)[0].size
        return CertificateProof(index, entry, found, size, self._room.witnessed(index + 1))


def _is_ending(payload: Payload) -> bool:
    """Whether it is an old certificate that gives way to a new one."""
    return payload.type in {"certificate.superseded.v1", "certificate.renewed.v1"}


def log_routes(
    room: LogRoom,
    queries: Queries,
    personal: PersonalStore,
    may_read_entries: MayReadEntries,
    *,
    misses: MissLimiter | None = None,
) -> list[Route]:
    """The routes. ``misses`` is the limiter of the page's codes, if they are to share one."""
    site = _Site(
        room,
        CertificateProofs(room, queries, personal),
        may_read_entries,
        misses or MissLimiter(burst=120, refill_s=1),
    )
    return [
        Route("/checkpoint", site.checkpoint),
        Route("/tile/{path:path}", site.tile),
        Route("/v/{code}/proof", site.proof),
        Route("/v/{code}/proof.tlog-proof", site.proof_file),
    ]


class _Site:
    def __init__(
        self, room: LogRoom, proofs: CertificateProofs, may_read_entries: MayReadEntries, misses: MissLimiter
    ) -> None:
        self._room = room
        self._proofs = proofs
        self._may_read_entries = may_read_entries
        self._misses = misses

    def checkpoint(self, _request: Request) -> Response:
        """`GET /checkpoint`."""
        data = self._room.publisher.published()
        if data is None:
            return _problem(404, "LOG_EMPTY", "This log has no checkpoint yet.")
        return Raw(200, _headers("text/plain; charset=utf-8", _CHECKPOINT), data)

    def tile(self, request: Request) -> Response:
        """`GET /tile/…`."""
        try:
            tile = parse_path(f"tile/{request.path_params['path']}")
        except FormatError as error:
            return _problem(404, error.code, "This is not the address of a tile.")
        if tile.level == ENTRIES and not self._may_read_entries(request):
            return _problem(401, "NOT_SIGNED_IN", "Entries are for auditors; sign in as one.")
        published = self._room.publisher.published()
        if published is None or not _covers(checkpoint.parse(published)[0].size, tile):
            return _problem(404, "TILE_UNKNOWN", "The published log has no such tile.")
        caching = _NEVER if tile.level == ENTRIES else _IMMUTABLE if tile.width == WIDTH else _PARTIAL
        try:
            data = self._room.tiles.data(tile)
        except (Error, LookupError):
            return _problem(503, "STORE_DAMAGED", "The database does not hold what was published.")
        return Raw(200, _headers("application/octet-stream", caching), data)

    async def proof(self, request: Request) -> Response:
        """`GET /v/<code>/proof`."""
        return await self._prove(request, lambda found: (found.document(), "application/json"))

    async def proof_file(self, request: Request) -> Response:
        """`GET /v/<code>/proof.tlog-proof`."""
        return await self._prove(request, lambda found: (found.file(), "text/plain; charset=utf-8"))

    async def _prove(
        self, request: Request, write: Callable[[CertificateProof], tuple[bytes, str]]
    ) -> Response:
        try:
            code = normalise(request.path_params["code"])
        except CodeError as error:
            return self._missed(request) or _problem(
                400, error.code, "Please check the code, character by character. Nothing was looked up."
            )
        try:
            found = await run_in_threadpool(self._proofs.by_code, code)
        except _WithheldError as error:
            response = _problem(error.status, error.code, str(error))
            if error.status == 503:  # noqa: PLR2004 - service unavailable
                response.raw_headers.append((b"retry-after", b"1"))
            return response
        except Exception as error:  # noqa: BLE001 - whatever goes wrong behind us, nothing is said of the certificate
            _log.error("a proof cannot be given: %s", type(error).__name__)
            return _problem(
                503, "CANNOT_CHECK", "The proof cannot be given now. This says nothing about the certificate."
            )
        if found is None and self._room.succession is not None:
            return self._missed(request) or _problem(
                503,
                "CANNOT_CHECK",
                "This register has lost its newest records and has ended: it cannot tell.",
            )
        if found is None:
            return self._missed(request) or _problem(
                404, "NOT_FOUND", "There is no certificate with this code."
            )
        body, media_type = write(found)
        return Raw(200, data_headers(media_type), body)

    def _missed(self, request: Request) -> Response | None:
        """Charge a miss, or say how long to wait."""
        network = network_of(request.client.host if request.client else None)
        wait = self._misses.wait(network)
        if not wait:
            self._misses.miss(network)
            return None
        response = _problem(
            429,
            "RATE_LIMITED",
            "Too many look-ups from your network found nothing. This says nothing about the code.",
        )
        response.raw_headers.append((b"retry-after", str(wait).encode()))
        return response


def _covers(size: int, tile: Tile) -> bool:
    """Whether a log of this size has the tile."""
    leaves = 0 if tile.level == ENTRIES else 8 * tile.level
    return tile.index * WIDTH + tile.width <= size >> leaves


def _headers(media_type: str, caching: bytes) -> RawHeaders:
    kept = [
        (name, value) for name, value in data_headers(media_type) if name not in {b"cache-control", b"vary"}
    ]
    return [*kept, (b"cache-control", caching)]


def _problem(status: int, code: str, detail: str) -> Raw:
    return Raw(status, data_headers("application/problem+json"), problem_document(status, code, detail))
