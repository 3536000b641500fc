"""XML Schema 1.1 dateTimeStamp, as the W3C's data models write moments."""

import re
from datetime import datetime, tzinfo
from typing import Any

_STAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})?"
)


def moment(text: Any, offset_missing: tzinfo | None = None) -> datetime | None:
    """The moment that is meant; None for what is not one.

    A time without an offset is one only if the caller says how to read it.
    """
    match = _STAMP.fullmatch(text) if type(text) is str else None
    if match is None or (match["offset"] is None and offset_missing is None):
        return None
    try:
        found = datetime.fromisoformat(match[0])
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=offset_missing)
