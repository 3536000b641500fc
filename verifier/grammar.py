"""The small words that several formats share, each with its one spelling.

`ID` is what stands for a thing in the log: 1 to 128 ASCII letters, digits, `.`, `_` and `-`. A stream is
`<aggregate>/<ID>`, a member of staff is `staff/<ID>`. A time is `YYYY-MM-DDThh:mm:ssZ`, in UTC, without
fractions or leap seconds. An origin names a log: 1 to 255 printable ASCII characters without a space and
without `+` (C2SP signed-note, key names).
"""

import re
from datetime import datetime

from verifier.errors import FormatError

ID = r"[A-Za-z0-9._-]{1,128}"

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_ORIGIN = re.compile(r"[!-*,-~]{1,255}")
_STAFF = re.compile("staff/" + ID)


def check_time(text: object, name: str = "time") -> str:
    """Return `text` if it is a UTC time that exists, to the second. Raises FormatError TIME_INVALID."""
    if type(text) is str and _TIME.fullmatch(text):
        try:
            datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            return text
    raise FormatError("TIME_INVALID", f"{name} is not a time of the form YYYY-MM-DDThh:mm:ssZ")


def check_origin(text: object) -> str:
    """Return `text` if it can name a log. Raises FormatError ORIGIN_INVALID."""
    if type(text) is str and _ORIGIN.fullmatch(text):
        return text
    raise FormatError(
        "ORIGIN_INVALID", "an origin is 1 to 255 printable ASCII characters without space and plus sign"
    )


def check_staff(text: object) -> str:
    """Return `text` if it is `staff/<ID>`. Raises FormatError STAFF_INVALID."""
    if type(text) is str and _STAFF.fullmatch(text):
        return text
    raise FormatError("STAFF_INVALID", "a member of staff is named staff/<id>")
