"""Public answers as JSON: a certificate, a status, a problem.

A certificate has exactly the members below, absent facts null; it is made from a disclosed view, like the
page, and from nothing else:

    status, kind, number, holder, title {id, en}, level, units [{code, title {id, en}}], issuer, issued_on,
    valid_until, checked_at, log {size, witnesses}

and, from a register that has lost records and has ended, also

    ended {successor, left_until, last_known_status}

Days are `YYYY-MM-DD`, `checked_at` is UTC, `YYYY-MM-DDThh:mm:ssZ`. NOT_FOUND and CANNOT_CHECK are answers of
this shape too, so that a program finds `status` in the same place; a problem (RFC 9457) is an answer without
a status.
"""

import json
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any

from api.public.view import CertificateView, Ended, Status, disclosed

# NO_LONGER_VERIFIABLE is 200, not 410: the page is there and is the answer. 410 would tell caches, link
# checkers and logs which codes were erased, and some browsers and proxies replace the body, whose wording
# keeps the holder from being suspected.
HTTP_STATUS = dict.fromkeys(Status, 200) | {Status.NOT_FOUND: 404, Status.CANNOT_CHECK: 503}


def certificate_document(view: CertificateView) -> bytes:
    """Return a view as JSON. Raises ContradictoryViewError for a VALID that cannot be."""
    view = disclosed(view)
    units = [
        {"code": code, "title": {"id": title_id, "en": title_en}}
        for code, title_id, title_en in view.units or ()
    ]
    return _encode(
        {
            "status": view.status,
            "kind": view.kind,
            "number": view.number,
            "holder": view.holder,
            "title": None if view.title_id is None else {"id": view.title_id, "en": view.title_en},
            "level": view.level,
            "units": None if view.units is None else units,
            "issuer": view.issuer,
            "issued_on": _day(view.issued_on),
            "valid_until": _day(view.valid_until),
            "checked_at": _moment(view.checked_at),
            "log": None if view.log_size is None else {"size": view.log_size, "witnesses": view.witnesses},
        }
        | _ended(view.ended, view.last_known)
    )


def status_document(
    status: Status, checked_at: datetime, ended: Ended | None = None, last_known: Status | None = None
) -> bytes:
    """Return the answer to a typed number and name."""
    return _encode({"status": status, "checked_at": _moment(checked_at)} | _ended(ended, last_known))


def problem_document(status: int, code: str, detail: str) -> bytes:
    """Return an RFC 9457 problem; the stable `code` tells it from others of its HTTP status."""
    title = HTTPStatus(status).phrase
    return _encode({"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail})


def _ended(ended: Ended | None, last_known: Status | None) -> dict[str, Any]:
    if ended is None:
        return {}
    left = ended.left_until and _moment(ended.left_until)
    return {"ended": {"successor": ended.successor, "left_until": left, "last_known_status": last_known}}


def _encode(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
