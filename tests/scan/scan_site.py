"""A small site with real signatures: certificates in every status, their QR texts, key file, withdrawn list.

`python tests/scan/scan_site.py PORT` serves it on loopback and prints the QR texts.
"""

from __future__ import annotations

import base64
import hashlib
import io
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from socket import socket
from threading import Thread
from typing import Any

import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.public.routes import error_response, public_routes
from api.public.scan import scan_routes
from api.public.view import Beside, CertificateView, Ended, Kind, Status
from keys.signer import Ed25519Signer, Signer
from ledger.issuing.qr import make_qr
from ledger.issuing.token import Signing, qr_text
from tests.public.fixture_site import CODE_OF, CODES, NOW, VIEWS, Settings, Views
from verifier import keyfile, rootfile, twoline, withdrawn
from verifier.keyfile import Custodian, IssuerKey, KeyFile, Trust
from verifier.publickey import PublicKey
from verifier.token import Claims

ORIGIN = "log.contoh.id/scan"
ORG = "lsp-contoh"
ISSUER = "LSP Contoh Vokasi Nusantara"
SCHEME = "SKM/CONTOH/0001/2/2023/1"
WITHDRAWN = (Status.SUSPENDED, Status.REVOKED, Status.REPLACED, Status.NO_LONGER_VERIFIABLE)
KINDS = tuple(Kind)
CERTIFIED = {
    name: view for name, view in VIEWS.items() if name not in {"NOT_FOUND", "CANNOT_CHECK", "HOSTILE"}
}
BESIDE = Beside(proofs=True, credentials=True, scanner=True)


def signer(name: str) -> Ed25519Signer:
    """A key that is the same in every run."""
    return Ed25519Signer(hashlib.sha256(name.encode()).digest())


def public(of: Signer) -> PublicKey:
    return PublicKey(of.jwk, of.alg)


def text_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


FOUNDERS = tuple(signer(f"founder {number}") for number in (1, 2))
CUSTODIANS = tuple(
    Custodian(f"staff/s{number}", f"staff/s{number}", public(one)) for number, one in enumerate(FOUNDERS)
)
ROOT = rootfile.RootFile(
    ORIGIN, tuple(rootfile.RootKey(one.staff, one.key, "server-held") for one in CUSTODIANS)
)
TOKEN_KEYS = {kind: signer(f"token {kind}") for kind in KINDS}
STATUS_KEY = signer("status")


def issuer_key(purpose: str, of: Signer, kind: Kind | None = None, **changes: Any) -> IssuerKey:
    kid = None if kind is None else KINDS.index(kind)
    key = IssuerKey(ORG, ISSUER, "Asia/Makassar", purpose, kind and str(kind), kid, public(of), 5, None, None)
    return replace(key, **changes)


ISSUER_KEYS = (
    *(issuer_key("token", TOKEN_KEYS[kind], kind) for kind in KINDS),
    issuer_key("status", STATUS_KEY),
)


def sealed_keyfile(base_url: str, signers: tuple[Signer, ...] = FOUNDERS, **changes: Any) -> bytes:
    """A key file by these custodians."""
    content: dict[str, Any] = {
        "version": 1,
        "origin": ORIGIN,
        "size": 100,
        "issued_at": text_time(NOW),
        "base_urls": [base_url],
        "keys": ISSUER_KEYS,
        "custodians": CUSTODIANS,
    }
    payload = keyfile.statement(**content | changes)
    return keyfile.seal(payload, [one.sign(twoline.message(payload, keyfile.FORMAT)) for one in signers])


def claims_of(view: CertificateView) -> Claims:
    assert view.holder
    assert view.issued_on
    return Claims(view.holder, view.issued_on, view.valid_until, SCHEME, view.title_id)


def qr_of(base_url: str, code: str, view: CertificateView, by: Signer | None = None) -> str:
    """The QR text of a certificate, as the ledger prints it."""
    assert view.kind
    signing = Signing(KINDS.index(view.kind), by or TOKEN_KEYS[view.kind])
    return str(qr_text(base_url, code, claims_of(view), signing))


@dataclass
class Office(Views):
    """The service behind the page, and what the site gives scanners; tests change its members."""

    base_url: str = "http://localhost:8000"
    now: datetime = NOW
    made_at: datetime = NOW
    simulated: bool = True
    ended: Ended | None = None
    root: rootfile.RootFile | None = ROOT
    keyfiles: list[bytes] = field(default_factory=list)
    views: dict[str, CertificateView] = field(default_factory=lambda: dict(CERTIFIED))

    def __post_init__(self) -> None:
        self.keyfiles = [sealed_keyfile(self.base_url)]

    @property
    def settings(self) -> Settings:
        office = self

        class Clocked(Settings):
            def simulated_now(self) -> datetime | None:
                return office.now if office.simulated else None

        return Clocked(self.base_url, report_contact="lapor@contoh.id", ended=self.ended)

    def by_code(self, code: str) -> CertificateView:
        self.asked.append(code)
        view = self.views.get(CODES.get(code, ""))
        if view is None:
            return CertificateView(status=Status.NOT_FOUND, checked_at=self.now, log_size=14023)
        return replace(view, checked_at=self.now, scheme_code=SCHEME)

    def qr(self, name: str) -> str:
        return qr_of(self.base_url, CODE_OF[name], CERTIFIED[name])

    @property
    def trust(self) -> Trust:
        return Trust.of_root(ROOT)

    @property
    def keys(self) -> KeyFile:
        return keyfile.parse(self.keyfiles[-1], self.trust)

    def withdrawn(self, **changes: Any) -> bytes:
        """The list made at `made_at`."""
        gone = [name for name, view in CERTIFIED.items() if view.status in WITHDRAWN]
        digests = [self._digest(name) for name in gone]
        content: dict[str, Any] = {
            "organisation": ORG,
            "origin": ORIGIN,
            "size": 100,
            "issued_at": text_time(self.made_at),
            "valid_until": text_time(self.made_at + timedelta(hours=24)),
            "digests": digests,
        }
        payload = withdrawn.statement(**content | changes)
        return withdrawn.seal(payload, STATUS_KEY.sign(twoline.message(payload, withdrawn.FORMAT)))

    def _digest(self, name: str) -> bytes:
        digits = self.qr(name).partition("#")[2]
        number = int(digits)
        token = number.to_bytes((number.bit_length() + 7) // 8, "big")
        return hashlib.sha256(token).digest()[:8]

    def application(self) -> Starlette:
        settings = self.settings

        def keys(request: Request) -> Response:
            version = int(request.path_params.get("version", len(self.keyfiles)))
            return Response(self.keyfiles[version - 1], headers={"cache-control": "public, max-age=10"})

        app = Starlette(
            routes=[
                *public_routes(self, settings, beside=BESIDE),
                *scan_routes(settings, BESIDE, self.root),
                Route("/keys", keys),
                Route("/keys/{version:int}", keys),
                Route("/withdrawn", lambda _request: Response(b"" if self.ended else self.withdrawn())),
            ]
        )
        for status in (404, 405, 500):
            app.add_exception_handler(status, lambda request, error: error_response(request, error, settings))
        return app


class Running:
    """A server on a port of its own that can be stopped and started again."""

    def __init__(self) -> None:
        with socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
        self.base_url = f"http://localhost:{self.port}"
        self.office = Office(base_url=self.base_url)
        self.paths: list[str] = []
        self._server: uvicorn.Server | None = None
        self._thread: Thread | None = None

    def start(self) -> None:
        inner = self.office.application()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                self.paths.append(scope["path"])
            await inner(scope, receive, send)

        config = uvicorn.Config(app, port=self.port, log_level="error", ws="none", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.02)

    def stop(self) -> None:
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join()
            self._server = None


@contextmanager
def running() -> Iterator[Running]:
    site = Running()
    site.start()
    try:
        yield site
    finally:
        site.stop()


def qr_picture(text: str, module: int = 6) -> Image.Image:
    """A QR as a picture, quiet zone and all."""
    code = make_qr(text)
    side = code.size + 8
    image = Image.new("L", (side, side), 255)
    for y, row in enumerate(code.modules):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x + 4, y + 4), 0)
    return image.resize((side * module, side * module), Image.Resampling.NEAREST)


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def main() -> None:
    office = Office(base_url=f"http://localhost:{int(sys.argv[1])}")
    for name in CERTIFIED:
        sys.stdout.write(f"{name}\n{office.qr(name)}\n")
    sys.stdout.flush()
    uvicorn.run(office.application(), port=int(sys.argv[1]), log_level="warning")


if __name__ == "__main__":
    main()
