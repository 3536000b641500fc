"""Indonesia's three zones under the names that people there read on a clock."""

from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

# None of them has had summer time since 1964, so the offsets need no zone database on the server.
_WIB, _WITA, _WIT = (timezone(timedelta(hours=hours)) for hours in (7, 8, 9))
_KNOWN: dict[str, tuple[tzinfo, str]] = {
    "Asia/Jakarta": (_WIB, "WIB"),
    "Asia/Pontianak": (_WIB, "WIB"),
    "WIB": (_WIB, "WIB"),
    "Asia/Makassar": (_WITA, "WITA"),
    "Asia/Ujung_Pandang": (_WITA, "WITA"),
    "WITA": (_WITA, "WITA"),
    "Asia/Jayapura": (_WIT, "WIT"),
    "WIT": (_WIT, "WIT"),
}


_IANA = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


def iana_name(name: str) -> str:
    """Return the IANA name of a zone, which is what browsers know."""
    return _IANA.get(name, name)


@cache
def zone_of(name: str | None) -> tuple[tzinfo, str | None]:
    """Return a zone and its short name (None: the caller prints the offset's own name). None is UTC.

    Raises zoneinfo.ZoneInfoNotFoundError or ValueError for a name that is no zone.
    """
    if name is None:
        return UTC, "UTC"
    return _KNOWN.get(name) or (ZoneInfo(name), None)
