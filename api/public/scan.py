"""`/scan`: a page that reads and verifies certificates' QR codes by itself, also without a network.

    /scan                          the page, in both languages
    /scan/app.<lang>.webmanifest   what a device needs to install it
    /scan/sw.js                    the service worker, which keeps the page
    /scan/now                      {"now","simulated"}: the time that the ledger goes by
    /scan/<digest>/<file>          scripts, pictures and the QR reader, kept for ever

The page asks `/keys`, `/withdrawn`, `/v/<code>` and `/check`, which the application serves. What it says and
when is in `static/scan/`; every word stands in the templates. It is rendered once: it holds no fact.

Its policy allows scripts of this server and WebAssembly (the QR reader), and no other page's does; only this
page may ask for the camera.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.public.answers import Raw, language_of, send_asset, send_page
from api.public.assets import FOLDER, Asset, content_type, digest
from api.public.headers import data_headers, page_headers, worker_headers
from api.public.i18n import LANGUAGES, translator
from api.public.pages import Page, register_facts, rendered
from api.public.templates import environment, style
from api.public.view import Beside, PublicSettings, Status
from api.public.zones import iana_name, zone_of
from verifier.rootfile import RootFile

_POLICIES = (
    "script-src 'self' 'wasm-unsafe-eval'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
)
_TONES = {
    Status.VALID: "GOOD",
    Status.EXPIRED: "WARN",
    Status.SUSPENDED: "WARN",
    Status.REVOKED: "BAD",
    Status.NOT_FOUND: "BAD",
    Status.REPLACED: "INFO",
    Status.NO_LONGER_VERIFIABLE: "CALM",
    Status.CANNOT_CHECK: "CALM",
}
_ENDED = {"code": "ENDED", "tone": "WARN"}
_OWN_ADDRESS = ("page.js", "scan/sw.js")  # files that are not served under the digest
_READER = "zxing/"


def scan_routes(settings: PublicSettings, beside: Beside, root: RootFile | None = None) -> list[Route]:
    """Return the scanner's routes.

    `root` is the ledger's root file, which says whom a scanner that is opened for the first time believes about
    keys. Without it, it believes whom the first key file names that it gets.
    """
    scanner = _Scanner(settings, beside, root)
    return [
        Route("/scan", scanner.page),
        Route("/scan/app.{language}.webmanifest", scanner.manifest),
        Route("/scan/sw.js", scanner.worker),
        Route("/scan/now", scanner.now),
        Route("/scan/{digest}/{path:path}", scanner.file),
    ]


class _Scanner:
    def __init__(self, settings: PublicSettings, beside: Beside, root: RootFile | None) -> None:
        self._settings = settings
        self._beside = beside
        self._root = root
        self._files = {
            name: Asset.of(content_type(name), (FOLDER / name).read_bytes()) for name in _served_files()
        }
        self._digest = digest(*(name.encode() + b"\0" + file.body for name, file in self._files.items()))
        self._pages = {language: self._render(language) for language in LANGUAGES}

    async def page(self, request: Request) -> Response:
        """`GET /scan`."""
        return send_page(request, self._pages[language_of(request)])

    async def manifest(self, request: Request) -> Response:
        """`GET /scan/app.<lang>.webmanifest`."""
        language: str = request.path_params["language"]
        if language not in LANGUAGES:
            raise HTTPException(404)
        say = translator(language)
        pictures = [
            {"src": f"{self._assets}/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"}
            for size in (192, 512)
        ]
        document = {
            "id": "/scan",
            "name": say("Scan a certificate"),
            "short_name": say("Scanner"),
            "lang": language,
            "start_url": f"/scan?lang={language}",
            "scope": "/scan",
            "display": "standalone",
            "background_color": "#faf6ef",
            "theme_color": "#7a4520",
            "icons": [*pictures, pictures[1] | {"purpose": "maskable"}],
        }
        return Raw(200, data_headers("application/manifest+json"), _json(document))

    async def worker(self, request: Request) -> Response:  # noqa: ARG002, an endpoint's signature
        """`GET /scan/sw.js`. It may keep `/scan` itself, which its own folder would not let it."""
        return Raw(200, worker_headers("/scan"), self._worker)

    async def now(self, request: Request) -> Response:  # noqa: ARG002, an endpoint's signature
        """`GET /scan/now`."""
        simulated = self._settings.simulated_now()
        now = (simulated or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Raw(
            200, data_headers("application/json"), _json({"now": now, "simulated": simulated is not None})
        )

    async def file(self, request: Request) -> Response:
        """`GET /scan/<digest>/<file>`."""
        file = self._files.get(request.path_params["path"])
        if file is None or request.path_params["digest"] != self._digest:
            raise HTTPException(404)
        return send_asset(request, file)

    @property
    def _assets(self) -> str:
        return f"/scan/{self._digest}"

    @cached_property
    def _worker(self) -> bytes:
        """The worker's script with the addresses to keep; its version changes with the page and every file."""
        pages = (self._pages[language].plain() for language in LANGUAGES)
        reader = [name for name in self._files if name.startswith(_READER)]
        shell = [name for name in self._files if name not in reader]
        script = (FOLDER / "scan" / "sw.js").read_text("utf-8")
        for place, text in {
            "{{ version }}": digest(script.encode(), self._digest.encode(), *pages),
            "/*{{ shell }}*/": self._addresses(shell),
            "/*{{ reader }}*/": self._addresses(reader),
        }.items():
            script = script.replace(place, text)
        return script.encode()

    def _addresses(self, names: list[str]) -> str:
        return ", ".join(json.dumps(f"{self._assets}/{name}") for name in names)

    def _render(self, language: str) -> Page:
        css = style("scan.css")
        templates = environment(language, css)
        zone = self._settings.time_zone
        register = register_facts(self._settings, language)
        html = templates.get_template("scan.html").render(
            lang=language,
            assets=self._assets,
            beside=self._beside,
            host=urlsplit(self._settings.base_url).netloc,
            contact=self._settings.report_contact,
            simulated=self._settings.simulated_now() is not None,
            founders=_founders(self._root) if self._root else None,
            zone=iana_name(zone),
            zone_name=zone_of(zone)[1] or zone,
            statuses=[
                *(_words(templates, status, language) for status in Status),
                _words(templates, Status.CANNOT_CHECK, language, _put("successor")),
            ],
            day="{day}",
            time="{time}",
            **register,
            **{name: _put(name) for name in ("listed", "done", "total")},
        )
        return rendered(
            200, page_headers(language, css, *_POLICIES, pictures="'self' data:", camera=True), html
        )


def _served_files() -> Iterator[str]:
    for path in sorted(FOLDER.rglob("*")):
        name = path.relative_to(FOLDER).as_posix()
        if path.is_file() and name not in _OWN_ADDRESS and not _is_note(path):
            yield name


def _is_note(path: Path) -> bool:
    """Whether a file is for people who read the source: licences and notes."""
    return path.suffix in {".md", ".txt"}


def _founders(root: RootFile) -> str:
    """Whom the scanner believes at first, as its scripts put it: the two founders."""
    custodians = [
        {"alg": one.key.alg, "jwk": one.key.jwk, "person": one.staff, "staff": one.staff} for one in root.keys
    ]
    sites = [{"origin": site.origin, "rp_id": site.rp_id} for site in root.webauthn]
    trust = {"origin": root.origin, "custodians": custodians, "sites": sites, "version": 0}
    return json.dumps(trust, separators=(",", ":"))


def _words(templates: Any, status: Status, language: str, successor: Markup | None = None) -> dict[str, Any]:
    """What the page of a certificate says of a status; with a successor, what that of a register says that has ended."""
    template = templates.get_template(f"status/{status}.html")
    facts = {"lang": language, "by_number": False, "issuer": None, "last_known": None, "left_until": None}
    context = template.new_context(facts | {"successor": successor})
    parts = {
        part: Markup("".join(template.blocks[part](context)))  # noqa: S704 - rendered and escaped by Jinja
        for part in ("icon", "word", "meaning", "todo")
    }
    return parts | ({"code": status, "tone": _TONES[status]} if successor is None else _ENDED)


def _put(name: str) -> Markup:
    """The place of a text that a script fills in."""
    return Markup('<span data-put="{}"></span>').format(name)


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()
