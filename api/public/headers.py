"""The headers of every public answer.

They keep a certificate out of search engines, referrers, frames, caches and third parties. The page has one
inline style sheet, allowed by its hash, no script, and pictures only inside itself, so the policy can begin
with `default-src 'none'`. Answers are `no-store`: a status must be fresh, and a name must not stay on a
borrowed phone or in a shared cache.
"""

import base64
import hashlib

RawHeaders = list[tuple[bytes, bytes]]

_FIXED = {
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow, noarchive, nosnippet",
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "vary": "Accept, Accept-Language, Accept-Encoding",
}
_NO_CONTENT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def page_headers(language: str, style: str) -> RawHeaders:
    """Return the headers of a page in `language` whose only style sheet has the text `style`."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return _raw(
        _FIXED
        | {
            "content-type": "text/html; charset=utf-8",
            "content-language": language,
            "content-security-policy": policy,
        }
    )


def data_headers(content_type: str) -> RawHeaders:
    """Return the headers of an answer that is no page."""
    return _raw(_FIXED | {"content-type": content_type, "content-security-policy": _NO_CONTENT})


def _raw(headers: dict[str, str]) -> RawHeaders:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
