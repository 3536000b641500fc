"""Times and days as the log writes them, and the calendar that the rules need.

Times are `YYYY-MM-DDThh:mm:ssZ` (`verifier.grammar`), so that their order as texts is their order in time.
Days begin and end in the zone of an organisation. Zones come from the system's time zone database; where it
lacks one, UTC+8 is no substitute and `ZoneMissingError` is raised.
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from verifier.errors import Error, FormatError

_ZONE = re.compile(r"[A-Za-z]{1,32}(?:[/_+-][A-Za-z0-9]{1,32}){0,6}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AGE = re.compile(r"([1-9][0-9]{0,6})([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SATURDAY = 5


class ZoneMissingError(Error):
    """A time zone is named that this machine does not know."""

    def __init__(self, name: str) -> None:
        super().__init__("ZONE_UNKNOWN", f"this machine's time zone database has no {name[:40]!r}")


def posix(text: str) -> int:
    """Return the POSIX seconds of a time in the log's spelling, which must have been checked."""
    return _midnight(text[:10]) + 3600 * int(text[11:13]) + 60 * int(text[14:16]) + int(text[17:19])


@lru_cache(maxsize=4096)
def _midnight(day: str) -> int:
    return (date.fromisoformat(day).toordinal() - date(1970, 1, 1).toordinal()) * 86400


def to_text(seconds: int) -> str:
    """Return POSIX seconds in the log's spelling."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(text: str) -> int:
    """Read a moment that a person typed (ISO 8601 with an offset or Z) as POSIX seconds.

    Raises FormatError TIME_INVALID.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise FormatError("TIME_INVALID", f"{text[:40]!r} is not a time like 2026-11-23T12:00:00+08:00")
    return int(moment.timestamp())


def parse_age(text: str) -> int:
    """Read a length of time (`90s`, `30m`, `24h`, `7d`) in seconds. Raises FormatError AGE_INVALID."""
    match = _AGE.fullmatch(text)
    if not match:
        raise FormatError("AGE_INVALID", f"{text[:40]!r} is not a length of time like 24h or 7d")
    return int(match[1]) * _UNITS[match[2]]


def is_day(text: object) -> bool:
    """Tell whether this is a day `YYYY-MM-DD` that exists."""
    if type(text) is not str or not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@cache
def zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name. Raises ZoneMissingError."""
    if not _ZONE.fullmatch(name):
        raise ZoneMissingError(name)
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ZoneMissingError(name) from None


def day_of(seconds: int, zone_name: str) -> str:
    """Return the day of a moment in a zone, `YYYY-MM-DD`. Raises ZoneMissingError."""
    return datetime.fromtimestamp(seconds, zone(zone_name)).date().isoformat()


def add_months(day: str, months: int) -> str:
    """Return the day some months later (or earlier): the same day of the month, or the month's last.

    Beyond years 1 and 9999 it stays at the calendar's end.
    """
    start = date.fromisoformat(day)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year < date.min.year:
        return date.min.isoformat()
    if year > date.max.year:
        return date.max.isoformat()
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1])).isoformat()


def add_working_days(day: str, count: int, holidays: frozenset[str]) -> str:
    """Return the `count`-th working day after a day: Monday to Friday, less the holidays."""
    found = date.fromisoformat(day)
    while count:
        found += timedelta(days=1)
        count -= found.weekday() < _SATURDAY and found.isoformat() not in holidays
    return found.isoformat()
