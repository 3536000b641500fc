"""Scripts and pictures that pages load: from this server, named by their content, kept by browsers for ever.

They lie in `static/` and are served as they are, with one exception: the script of the certificate's page is
one request, so its two modules are joined into one, without the lines that join modules and without comments.
"""

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from api.public.headers import RawHeaders, kept_headers

FOLDER = Path(__file__).with_name("static")

_JAVASCRIPT = "text/javascript; charset=utf-8"
_TYPES = {"js": _JAVASCRIPT, "wasm": "application/wasm", "png": "image/png"}
_DIGEST_LENGTH = 24  # hex digits: 96 bits


@dataclass(frozen=True, slots=True)
class Asset:
    """A file to be served: its headers but for length and encoding, the body, the body as gzip (RFC 1952)."""

    headers: RawHeaders
    body: bytes
    gzipped: bytes

    @classmethod
    def of(cls, content_type: str, body: bytes) -> "Asset":
        """Return the asset with these bytes."""
        return cls(kept_headers(content_type), body, gzip.compress(body, mtime=0))


@cache
def page_script() -> tuple[str, Asset]:
    """Return the file name of the certificate page's script, and the script."""
    lines = (line for name in ("token.js", "page.js") for line in _joinable(FOLDER / name))
    body = "\n".join(lines).encode()
    return f"{digest(body)}.js", Asset.of(_JAVASCRIPT, body)


def content_type(name: str) -> str:
    """Return the media type of a file in `static/`."""
    return _TYPES[name.rpartition(".")[2]]


def digest(*parts: bytes) -> str:
    """Return what stands for this content in an address."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()[:_DIGEST_LENGTH]


def _joinable(path: Path) -> Iterator[str]:
    for line in path.read_text("utf-8").splitlines():
        bare = line.strip()
        if bare and not bare.startswith(("//", "import ")):
            yield bare.removeprefix("export ")
