"""Facts that stand outside the log: links of certificates and, if handed over, named facts.

A line is RFC 8785 JSON {class, field, salt, stream, subject, value, version}. It is believed only if it opens
the commitment that the log holds at that stream, version and field.
"""

import hmac
import re
from dataclasses import dataclass
from typing import Any

from verifier import fact, jcs
from verifier.errors import Error, FormatError

_MEMBERS = frozenset({"class", "field", "salt", "stream", "subject", "value", "version"})
_TEXTS = ("class", "field", "salt", "stream", "subject")
_SALT = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as it was handed over; nothing in it is believed yet."""

    class_: str
    field: str
    salt: bytes
    stream: str
    subject: str
    value: Any
    version: int

    def commitment(self) -> str:
        """Return what the log must hold. Raises Error for a value that has no canonical form."""
        return fact.commitment(
            self.salt, self.class_, self.field, self.stream, self.subject, self.value, self.version
        )

    def opens(self, committed: Any) -> bool:
        """Tell whether it opens this member of an event's data."""
        try:
            mine = self.commitment()
        except Error:
            return False
        text = committed.get("commitment") if type(committed) is dict else None
        return type(text) is str and text.isascii() and hmac.compare_digest(mine, text)


def parse(line: bytes) -> Fact:
    """Read a line without its LF. Raises FormatError JSON_… or FACT_MALFORMED."""
    value = jcs.decode(line)
    if (
        type(value) is not dict
        or value.keys() != _MEMBERS
        or any(type(value[name]) is not str for name in _TEXTS)
        or type(value["version"]) is not int
    ):
        raise FormatError("FACT_MALFORMED", "a line does not hold a fact")
    if not _SALT.fullmatch(value["salt"]):
        raise FormatError("FACT_MALFORMED", "a fact has no salt of 32 bytes")
    return Fact(
        value["class"],
        value["field"],
        bytes.fromhex(value["salt"]),
        value["stream"],
        value["subject"],
        value["value"],
        value["version"],
    )
