"""Between a request and an answer: what the reader asked for, and bytes with their headers."""

from functools import lru_cache
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from api.public.assets import Asset
from api.public.headers import RawHeaders
from api.public.i18n import negotiate, weighted
from api.public.pages import Page

_HEADER_LIMIT = 512  # characters read of an Accept… header
_NEGOTIATED = frozenset({b"accept", b"accept-encoding", b"accept-language"})
_NEGOTIATED_LIMIT = 6
_ADDRESS_LIMIT = 120
_FORM_LIMIT = 8192
_FORM_FIELDS = 8


class FormTooLargeError(Exception):
    """A form is larger than any that we send out."""


class Raw(Response):
    """A response whose headers are ready; the ordinary one encodes them anew each time."""

    def __init__(self, status: int, headers: RawHeaders, body: bytes) -> None:
        self.status_code = status
        self.body = body
        self.background = None
        self.raw_headers = [*headers, (b"content-length", str(len(body)).encode())]


def send_page(request: Request, page: Page) -> Raw:
    """Return a page as the client can read it."""
    if _takes_gzip(_header(request, b"accept-encoding")):
        return Raw(page.status, [*page.headers, (b"content-encoding", b"gzip")], page.gzipped())
    return Raw(page.status, page.headers, page.plain())


def send_asset(request: Request, asset: Asset) -> Raw:
    """Return a script or picture as the client can read it."""
    if len(asset.gzipped) < len(asset.body) and _takes_gzip(_header(request, b"accept-encoding")):
        return Raw(200, [*asset.headers, (b"content-encoding", b"gzip")], asset.gzipped)
    return Raw(200, asset.headers, asset.body)


def asked(request: Request) -> tuple[object, ...] | None:
    """Return all of a request that a page's answer depends on; None when that is longer than anybody needs."""
    scope = request.scope
    found = [(name, value[:_HEADER_LIMIT]) for name, value in scope["headers"] if name in _NEGOTIATED]
    if len(found) > _NEGOTIATED_LIMIT or len(scope["path"]) + len(scope["query_string"]) > _ADDRESS_LIMIT:
        return None
    return scope["path"], scope["query_string"], *found


def language_of(request: Request) -> str:
    """Return the language to answer in."""
    asked = request.query_params.get("lang") if request.scope["query_string"] else None
    return negotiate(asked, _header(request, b"accept-language"))


def wants_json(request: Request) -> bool:
    """Return whether the client prefers JSON to a page. A bare `*/*` gets the page."""
    return _prefers_json(_header(request, b"accept"))


def _header(request: Request, name: bytes) -> str:
    """The first header of this name; read where it lies, since `request.headers` costs more than the answer needs."""
    for found, value in request.scope["headers"]:
        if found == name:
            return str(value[:_HEADER_LIMIT], "latin-1")
    return ""


@lru_cache(maxsize=512)
def _takes_gzip(header: str) -> bool:
    return dict(weighted(header)).get("gzip", 0.0) > 0


@lru_cache(maxsize=512)
def _prefers_json(header: str) -> bool:
    qualities = dict(weighted(header))
    json = max(qualities.get("application/json", 0.0), qualities.get("application/problem+json", 0.0))
    return json > qualities.get("text/html", 0.0)


async def form_fields(request: Request, *names: str) -> tuple[str, ...]:
    """Return fields of an urlencoded form, trimmed; "" for what is missing or unreadable.

    Raises FormTooLargeError before reading more than a form of ours can have.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _FORM_LIMIT:
            raise FormTooLargeError
    try:
        fields = parse_qs(body.decode(), max_num_fields=_FORM_FIELDS)
    except ValueError:
        fields = {}
    return tuple(fields.get(name, [""])[0].strip() for name in names)
