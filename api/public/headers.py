"""The headers of every public answer.

They keep a certificate out of search engines, referrers, frames, caches and third parties. A page has one
inline style sheet, allowed by its hash, and pictures only inside itself, so the policy can begin with
`default-src 'none'`. Scripts are allowed where a page has one, and from this server only, which gives out no
text of others as a script (`nosniff`). Answers are `no-store`: a status must be fresh, and a name must not
stay on a borrowed phone or in a shared cache. What holds no fact and is named by its content is kept for ever.
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


def page_headers(
    language: str, style: str, *policies: str, pictures: str = "data:", camera: bool = False
) -> RawHeaders:
    """Return the headers of a page in `language` whose only style sheet has the text `style`.

    `policies` are further directives for what the page needs, such as `script-src 'self'`; `pictures` is where
    its pictures may come from.
    """
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{digest}'",
            f"img-src {pictures}",
            *policies,
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
    headers = _FIXED | {
        "content-type": "text/html; charset=utf-8",
        "content-language": language,
        "content-security-policy": policy,
    }
    if camera:
        headers["permissions-policy"] = headers["permissions-policy"].replace("camera=()", "camera=(self)")
    return _raw(headers)


def data_headers(content_type: str) -> RawHeaders:
    """Return the headers of an answer that is no page."""
    return _raw(_FIXED | {"content-type": content_type, "content-security-policy": _NO_CONTENT})


def worker_headers(scope: str) -> RawHeaders:
    """Return the headers of a service worker's script, which may keep what lies under `scope` of this server."""
    policy = _NO_CONTENT.replace("default-src 'none'", "default-src 'none'; connect-src 'self'")
    script = {"content-type": "text/javascript; charset=utf-8", "content-security-policy": policy}
    return _raw(_FIXED | script | {"service-worker-allowed": scope})


def kept_headers(content_type: str) -> RawHeaders:
    """Return the headers of a script or picture whose address names its content."""
    caching = {"cache-control": "public, max-age=31536000, immutable", "vary": "Accept-Encoding"}
    return _raw(_FIXED | caching | {"content-type": content_type, "content-security-policy": _NO_CONTENT})


def _raw(headers: dict[str, str]) -> RawHeaders:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
