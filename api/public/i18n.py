"""Indonesian and English: which one a reader gets, the catalogues, and how dates and numbers are written.

Source strings are English and stand in the templates, so English needs no catalogue.
`locale/id/LC_MESSAGES/messages.po` is read once at start-up: there is no compiled catalogue that could be out
of step. A string without a translation is shown in English; a test sees to it that there is none.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from api.public.zones import zone_of

LANGUAGES = ("id", "en")
DEFAULT = "id"

_LOCALE = Path(__file__).with_name("locale")
_TAGS = {"id": "id", "in": "id", "en": "en"}  # browsers on old phones still send `in` for Indonesian
_TIME = {"id": "pukul %H.%M.%S", "en": "at %H:%M:%S"}


@lru_cache(maxsize=512)
def negotiate(asked: str | None, accept_language: str) -> str:
    """Return `?lang=` if it is one of ours, else the best of Accept-Language, else Indonesian."""
    if asked in LANGUAGES:
        return asked
    best, best_quality = DEFAULT, 0.0
    for tag, quality in weighted(accept_language):
        language = _TAGS.get(tag.partition("-")[0])
        if language and quality > best_quality:
            best, best_quality = language, quality
    return best


def weighted(header: str) -> tuple[tuple[str, float], ...]:
    """Return the (value, quality) pairs of an Accept… header, values in lower case, in the header's order.

    RFC 9110 §12.5, lenient: what is malformed has quality 0.
    """
    pairs = []
    for item in header.lower().split(","):
        value, *parameters = (part.strip() for part in item.split(";"))
        quality = next((_quality(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
        pairs.append((value, quality))
    return tuple(pairs)


def _quality(text: str) -> float:
    digits = text.replace(".", "", 1)
    return min(float(text), 1.0) if digits.isascii() and digits.isdigit() else 0.0


def translator(language: str) -> Callable[[str], str]:
    """Return the function that turns an English source string into `language`."""
    if language == "en":
        return str
    with (_LOCALE / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        words = {
            str(message.id): str(message.string)
            for message in read_po(file, locale=language)
            if message.string
        }
    return lambda text: words.get(text, text)


@lru_cache(maxsize=4096)
def date_text(day: date, language: str) -> str:
    """Return a day as people write it, `3 September 2026`, the month in words in both languages."""
    return format_date(day, "d MMMM y", locale=language)


@lru_cache(maxsize=64)
def moment_text(moment: datetime, zone: str | None, language: str) -> str:
    """Return an aware time in `zone` to the second with the zone's short name."""
    where, name = zone_of(zone)
    local = moment.astimezone(where)
    return f"{date_text(local.date(), language)} {local.strftime(_TIME[language])} {name or local.tzname()}"


@lru_cache(maxsize=64)
def number_text(number: int, language: str) -> str:
    """Return a count with the language's separators."""
    return format_decimal(number, locale=language)
