"""Walks every public surface of a served ledger: each route of the application, every paper, every answer they give.

The routes are the application's own, so that a new public address that nobody taught this walk is an error
(`unknown_routes`). What is below `/api` is the staff's. Certificates are walked in every status, both languages and
every format; addresses inside pages and scripts are followed; errors are provoked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from unittest import mock

from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import make_app
from api.composition import House
from api.staff.guard import is_staff
from api.verification import LedgerVerifier
from ledger.issuing.lists import Lists
from ledger.personal.index import Index
from ledger.projections.queries import Queries
from tests.dignity import reading
from tests.dignity.forbidden import Forbidden
from verifier import checkpoint, code, tile

LANGUAGES = ("id", "en")
JSON = {"accept": "application/json"}
MISTYPED = "0000000000001"
LINK = re.compile(r"""["'(](/(?:static|scan)/[^"'()\s{}?]+)""")
ISSUER = re.compile(r":i:([0-9a-f-]{36})")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the server, or one paper: what came, and from where."""

    address: str
    status: int
    media_type: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    certificate: bool
    """Whether it speaks of one certificate, whose holder may be named in it."""

    def texts(self) -> Iterator[reading.Text]:
        """Everything that can be read in it."""
        yield "address", self.address
        yield "header", "\n".join(f"{name}: {value}" for name, value in self.headers)
        if self.body:
            yield from reading.texts(self.media_type, self.body)

    @property
    def kind(self) -> str:
        """What sort of answer it is."""
        return self.media_type.partition(";")[0] or "no body"

    def forbidden_in(self, text: str, forbidden: Forbidden) -> set[str]:
        """What must not be in a text of this answer."""
        named = set() if self.certificate else forbidden.names_in(text)
        return forbidden.found_in(text) | named


def public_routes(app: FastAPI) -> set[str]:
    """Every `METHOD /path` that is not the staff's."""
    found = set()
    routes: list[Any] = list(app.routes)
    for route in routes:
        inner = getattr(route, "original_router", None)
        for each in [route] if inner is None else inner.routes:
            if not is_staff(each.path):
                found |= {f"{method} {each.path}" for method in each.methods - {"HEAD"}}
    return found


class Walk:
    """The walk over one ledger, with its ``demo.json``."""

    def __init__(self, house: House, demo: Mapping[str, Any]) -> None:
        self._house = house
        self._demo = demo
        self._fresh()
        self.certificates = [each for each in demo["certificates"] if each["code"]]
        self.unknown = next(
            found for number in range(100) if (found := code.make(number)) not in self._codes()
        )
        self._ways: dict[str, Callable[[], Iterator[Answer]]] = {
            "GET /v/{code}": self._pages,
            "GET /v/{code}/credential.json": lambda: self._documents("/credential.json"),
            "GET /v/{code}/proof": lambda: self._documents("/proof"),
            "GET /v/{code}/proof.tlog-proof": lambda: self._documents("/proof.tlog-proof"),
            "GET /": lambda: self._in_both("/"),
            "POST /": self._typed_codes,
            "GET /check": lambda: self._in_both("/check"),
            "POST /check": self._typed_numbers,
            "GET /checkpoint": lambda: self._all("/checkpoint"),
            "GET /tile/{path:path}": self._tiles,
            "GET /status/{number}": lambda: self._numbered("/status/{}"),
            "GET /keys": lambda: self._all("/keys"),
            "GET /keys/{version}": lambda: self._numbered("/keys/{}"),
            "GET /withdrawn": lambda: self._all("/withdrawn"),
            "GET /i/{organisation}/did.json": self._did_documents,
            "GET /scan": lambda: self._in_both("/scan"),
            "GET /scan/sw.js": lambda: self._all("/scan/sw.js"),
            "GET /scan/now": lambda: self._all("/scan/now"),
            "GET /scan/app.{language}.webmanifest": self._manifests,
            "GET /scan/{digest}/{path:path}": lambda: self._linked("/scan/"),
            "GET /static/{name}": lambda: self._linked("/static/"),
            "GET /livez": lambda: self._all("/livez"),
            "GET /readyz": lambda: self._all("/readyz"),
        }

    def unknown_routes(self) -> set[str]:
        """Public routes that this walk does not know, and routes of this walk that there are not."""
        return public_routes(self._app) ^ self._ways.keys()

    def answers(self) -> dict[str, list[Answer]]:
        """Everything, by route; papers and errors beside the routes."""
        found = {route: list(way()) for route, way in self._ways.items()}
        return found | {"papers": list(self._papers()), "errors": list(self._errors())}

    # -- asking ----------------------------------------------------------------------------------------------

    def _fresh(self) -> None:
        """A server that has counted no misses."""
        self._app = make_app(self._house)
        self._client = TestClient(
            self._app,
            base_url=self._demo["base_url"],
            follow_redirects=False,
            raise_server_exceptions=False,
        )

    def _ask(self, path: str, method: str = "GET", *, certificate: bool = False, **given: Any) -> Answer:
        answer = self._client.request(method, path, **given)
        headers = tuple(answer.headers.items())
        address = f"{method} {path}"
        return Answer(
            address,
            answer.status_code,
            answer.headers.get("content-type", ""),
            headers,
            answer.content,
            certificate,
        )

    def _all(self, *paths: str) -> Iterator[Answer]:
        for path in paths:
            yield self._ask(path)

    def _in_both(self, path: str, method: str = "GET", **given: Any) -> Iterator[Answer]:
        for language in LANGUAGES:
            yield self._ask(f"{path}?lang={language}", method, **given)

    def _in_every_form(self, path: str, method: str = "GET", **given: Any) -> Iterator[Answer]:
        yield from self._in_both(path, method, **given)
        yield self._ask(path, method, headers=JSON, **given)

    def _codes(self) -> set[str]:
        return {each["code"] for each in self.certificates}

    # -- routes ----------------------------------------------------------------------------------------------

    def _pages(self) -> Iterator[Answer]:
        for known in sorted(self._codes()):
            yield from self._in_every_form(f"/v/{known}", certificate=True)
        for other in (f"/v/{self.certificates[0]['code']}.json", f"/v/{self.unknown}.json"):
            yield self._ask(other, certificate=True)
        for other in (self.unknown, MISTYPED):
            yield from self._in_every_form(f"/v/{other}")

    def _documents(self, suffix: str) -> Iterator[Answer]:
        for known in sorted(self._codes()):
            yield self._ask(f"/v/{known}{suffix}", certificate=True)
        yield from self._all(f"/v/{self.unknown}{suffix}", f"/v/{MISTYPED}{suffix}")

    def _typed_codes(self) -> Iterator[Answer]:
        for typed in (self.certificates[0]["code"], MISTYPED, ""):
            yield from self._in_every_form("/", "POST", data={"code": typed})

    def _typed_numbers(self) -> Iterator[Answer]:
        for each in self.certificates:
            shown = self._client.get(f"/v/{each['code']}", headers=JSON).json()
            name = shown["holder"] or "Contoh"
            yield from self._in_every_form("/check", "POST", data={"number": each["number"], "name": name})
            if shown["holder"] is None:
                self._fresh()  # it was a miss
        yield from self._in_every_form("/check", "POST", data={"number": "1", "name": "Contoh"})
        yield from self._in_every_form("/check", "POST", data={"number": "", "name": ""})

    def _tiles(self) -> Iterator[Answer]:
        size = checkpoint.parse(self._client.get("/checkpoint").content)[0].size
        yield from self._all(*(f"/{each.path()}" for each in tile.tiles(size)))
        yield from self._all(
            *(f"/{each.path()}" for each in tile.bundles(size))
        )  # refused: for auditors only

    def _numbered(self, path: str) -> Iterator[Answer]:
        number = 1
        while (answer := self._ask(path.format(number))).status == 200:
            yield answer
            number += 1
        yield answer

    def _did_documents(self) -> Iterator[Answer]:
        texts = [answer.body.decode() for answer in self._documents("/credential.json")]
        texts += [answer.body.decode() for answer in self._numbered("/status/{}")]
        issuers = {issuer for text in texts for issuer in ISSUER.findall(text)}
        yield from self._all(*(f"/i/{issuer}/did.json" for issuer in sorted(issuers)), "/i/none/did.json")

    def _manifests(self) -> Iterator[Answer]:
        yield from self._all(*(f"/scan/app.{language}.webmanifest" for language in LANGUAGES))

    def _linked(self, prefix: str) -> Iterator[Answer]:
        """Whatever pages, manifests and scripts point to, and what that points to."""
        certificate = f"/v/{self.certificates[0]['code']}"
        begin = (
            certificate,
            "/scan",
            "/scan/sw.js",
            *(f"/scan/app.{each}.webmanifest" for each in LANGUAGES),
        )
        seen, ahead = set(), [link for path in begin for link in LINK.findall(self._client.get(path).text)]
        while ahead:
            link = ahead.pop()
            if link in seen:
                continue
            seen.add(link)
            answer = self._ask(link)
            if answer.media_type.startswith("text/"):
                ahead += LINK.findall(answer.body.decode())
            if link.startswith(prefix):
                yield answer

    # -- beside the routes -----------------------------------------------------------------------------------

    def _papers(self) -> Iterator[Answer]:
        for path in sorted(self._house.folder.path.rglob("*.pdf")):
            yield Answer(path.name, 200, "application/pdf", (), path.read_bytes(), certificate=True)

    def _errors(self) -> Iterator[Answer]:
        known = self.certificates[0]["code"]
        coded = [
            f"/v/{known}",
            f"/v/{known}/credential.json",
            f"/v/{known}/proof",
            f"/v/{known}/proof.tlog-proof",
        ]
        for path in ("/none", "/v/", "/static/none", "/scan/none/none", "/tile/none"):
            yield from self._in_every_form(path)
        for route in self._ways:
            yield from self._in_every_form(route.partition(" ")[2], "DELETE")
        for path in ("/", "/check"):
            yield from self._in_every_form(path, "POST", content=b"x" * 20_000)
        broken = (
            (LedgerVerifier, "by_code"),
            (LedgerVerifier, "by_number"),
            (Index, "certificate_of"),
            (Queries, "head"),
            (Lists, "status_list"),
            (Lists, "withdrawn"),
        )
        with ExitStack() as patches:
            for owner, name in broken:
                patches.enter_context(mock.patch.object(owner, name, side_effect=OSError))
            for path in (*coded, "/readyz", "/status/1", "/withdrawn"):
                yield from self._in_every_form(path)
            yield from self._in_every_form("/check", "POST", data={"number": "1", "name": "Contoh"})
        for path in coded:
            self._fresh()
            yield from self._missed(path.replace(known, self.unknown))
        self._fresh()
        yield from self._missed("/check", "POST", data={"number": "1", "name": "Contoh"})
        self._fresh()

    def _missed(self, path: str, method: str = "GET", **given: Any) -> Iterator[Answer]:
        """What one is told whose misses are used up."""
        while self._client.request(method, path, **given).status_code != 429:
            pass
        yield from self._in_every_form(path, method, **given)
