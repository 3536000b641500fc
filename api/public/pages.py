"""Public pages: from a view to bytes. No look-up, no request, and no clock but the settings' simulated one.

One page is one response: the style sheet is inline (the policy allows it by its hash), icons are drawn in the
HTML. A certificate's page is complete without its script, which compares it with the QR. Only VALID is green.
Each status has an icon, a word, a colour, one sentence of what it means and one of what to do, in
`templates/status/`.
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit

from api.public.assets import page_script
from api.public.documents import HTTP_STATUS
from api.public.headers import RawHeaders, page_headers
from api.public.i18n import LANGUAGES, date_text, moment_text, number_text
from api.public.skeleton import Skeleton, marker
from api.public.templates import environment, style
from api.public.view import Beside, CertificateView, PublicSettings, Status, disclosed
from api.public.zones import zone_of
from verifier.code import display

_LONG_NAME = 40  # characters, from which on the name is set smaller
_MAX_SKELETONS = 500


@cache
class _Language:
    """The compiled templates of one language."""

    def __init__(self, language: str) -> None:
        css = style()
        self.name = language
        self.other = "en" if language == "id" else "id"
        self.headers = page_headers(language, css)
        self.certificate_headers = page_headers(language, css, "script-src 'self'", "connect-src 'self'")
        self.templates = environment(language, css)
        self.templates.globals["script"] = f"/static/{page_script()[0]}"
        self.statuses = {status: self.templates.get_template(f"status/{status}.html") for status in Status}


@dataclass(frozen=True, slots=True)
class Page:
    """HTTP status, headers but for length and encoding, and the body as UTF-8 or as gzip (RFC 1952)."""

    status: int
    headers: RawHeaders
    plain: Callable[[], bytes]
    gzipped: Callable[[], bytes]


class Pages:
    """Every public page, in both languages. `language` is one of `i18n.LANGUAGES`."""

    def __init__(self, settings: PublicSettings, beside: Beside) -> None:
        self._settings = settings
        self._languages = {language: _Language(language) for language in LANGUAGES}
        self._skeletons: dict[tuple[object, ...], Skeleton] = {}
        self._common: dict[str, Any] = {
            "host": urlsplit(settings.base_url).netloc,
            "contact": settings.report_contact,
            "beside": beside,
        }

    def certificate(self, view: CertificateView, code: str, language: str) -> Page:
        """Return the page of a canonical code. Raises ContradictoryViewError for a VALID that cannot be."""
        view = disclosed(view)
        words = self._languages[language]
        english = language == "en"
        titles = (view.title_en, view.title_id) if english else (view.title_id, view.title_en)
        units = view.units or ()
        facts = self._checked(view.checked_at, view.zone, words) | {
            "code": display(code),
            "canonical": code,
            "holder": view.holder,
            "number": view.number,
            "title": titles[0] or titles[1],
            "other_title": titles[1] if titles[0] != titles[1] and titles[0] else None,
            "title_id": view.title_id,
            "scheme": view.scheme_code,
            "level": _text(view.level),
            "issuer": view.issuer,
            "issued_on": date_text(view.issued_on, language) if view.issued_on else None,
            "valid_until": date_text(view.valid_until, language) if view.valid_until else None,
            "issued_iso": view.issued_on.isoformat() if view.issued_on else None,
            "until_iso": view.valid_until.isoformat() if view.valid_until else None,
            "zone": zone_of(view.zone)[1] or view.zone,
            "log_size": number_text(view.log_size, language) if view.log_size else None,
            "witnesses": _text(view.witnesses or None),
        }
        last_known = view.last_known
        for place, (unit, title_id, title_en) in enumerate(units):
            facts[f"unit_{place}"] = unit
            facts[f"unit_{place}_title"] = (english and title_en) or title_id
        long = len(view.holder or "") > _LONG_NAME
        skeleton = self._skeleton(
            words,
            view.status,
            {"kind": view.kind, "long": long, "units": len(units), "last_known": last_known},
            facts,
        )
        plain, gzipped = partial(skeleton.plain, facts), partial(skeleton.gzipped, facts)
        return Page(HTTP_STATUS[view.status], words.certificate_headers, plain, gzipped)

    def number_status(
        self,
        status: Status,
        checked_at: datetime,
        typed: tuple[str, str],
        language: str,
        last_known: Status | None = None,
    ) -> Page:
        """Return the answer to a typed (number, name): the status. After a miss `typed` is shown again."""
        words = self._languages[language]
        facts = self._common | dict.fromkeys(("code", "canonical", "kind", "issuer", "log_size"))
        facts |= self._checked(checked_at, None, words)
        facts |= {"status": status, "by_number": True, "last_known": last_known}
        html = words.statuses[status].render(facts, lang=language, number=typed[0], name=typed[1])
        return rendered(HTTP_STATUS[status], words.headers, html)

    def landing(self, language: str) -> Page:
        """Return the page where a code is typed."""
        return self._page(200, "landing.html", language, typed=None)

    def code_wrong(self, typed: str, language: str) -> Page:
        """Return the page for a mistyped code: no status, since nothing was looked up."""
        return self._page(400, "code_wrong.html", language, typed=typed)

    def number_form(self, language: str, typed: tuple[str, str] | None = None) -> Page:
        """Return the page where number and name are typed; given `typed`, it says that one is missing."""
        number, name = typed or ("", "")
        status = 400 if typed else 200
        return self._page(
            status, "check.html", language, incomplete=typed is not None, number=number, name=name
        )

    def error(self, status: int, language: str, wait: int = 0) -> Page:
        """Return the page of an HTTP error, no answer about a certificate; `wait` in seconds, for 429."""
        return self._page(status, "error.html", language, wait=wait, http=status)

    def _page(self, status: int, template: str, language: str, **context: Any) -> Page:
        words = self._languages[language]
        context |= self._common | {"lang": language} | self._register(words)
        html = words.templates.get_template(template).render(context)
        return rendered(status, words.headers, html)

    def _skeleton(
        self, words: _Language, status: Status, shape: dict[str, Any], facts: dict[str, str | None]
    ) -> Skeleton:
        key = (words.name, status, *shape.values(), *[fact is None for fact in facts.values()])
        skeleton = self._skeletons.get(key)
        if skeleton is None:
            units = [
                (marker(f"unit_{place}"), marker(f"unit_{place}_title")) for place in range(shape["units"])
            ]
            fixed = {"status": status, "by_number": False, "lang": words.name, "other_lang": words.other}
            skeleton = Skeleton(
                words.statuses[status], self._common | fixed | shape | {"units": units}, facts
            )
            if len(self._skeletons) >= _MAX_SKELETONS:
                self._skeletons.clear()
            self._skeletons[key] = skeleton
        return skeleton

    def _checked(self, moment: datetime, zone: str | None, words: _Language) -> dict[str, str | None]:
        when = moment_text(moment, zone or self._settings.time_zone, words.name)
        return {"checked_at": when} | self._register(words)

    def _register(self, words: _Language) -> dict[str, str | None]:
        now = self._settings.simulated_now()
        simulated = moment_text(now, self._settings.time_zone, words.name) if now else None
        return {"simulated": simulated} | register_facts(self._settings, words.name)


def register_facts(settings: PublicSettings, language: str) -> dict[str, str | None]:
    """Return what pages tell of a register that has ended, or that continues one: texts, None for neither."""
    ended, continues = settings.ended, settings.continues
    left = ended and ended.left_until
    zone = zone_of(settings.time_zone)[0]
    return {
        "successor": ended.successor if ended else None,
        "left_until": moment_text(left, settings.time_zone, language) if left else None,
        "predecessor": continues.predecessor if continues else None,
        "since": date_text(continues.since.astimezone(zone).date(), language) if continues else None,
    }


def rendered(status: int, headers: RawHeaders, html: str) -> Page:
    """Return a page that is the same for every reader."""
    body = html.encode()
    return Page(status, headers, lambda: body, partial(gzip.compress, body, mtime=0))


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
