"""Commitments to personal facts.

The log holds `{"commitment":"<hex>"}` where a personal fact would stand. The commitment is

    SHA-256("certledger/fact/v1" LF || salt[32] || RFC 8785 of {class, field, stream, subject, value,
    version})

with a fresh random salt for each fact. Fact and salt live outside the log; once they are destroyed, the
commitment says nothing.
"""

import hmac
from hashlib import sha256
from typing import Any

from verifier import jcs
from verifier.errors import FactError

SALT_SIZE = 32

_PREFIX = b"certledger/fact/v1\n"


def commitment(
    salt: bytes, class_: str, field: str, stream: str, subject: str, value: Any, version: int
) -> str:
    """Return the commitment, 64 lower-case hex digits, to one field of one event.

    `class_` is the class of personal data, `field` the member of the event's data, `stream` and `version` the
    event's place, `subject` whom the fact is about, `value` any canonical JSON value. Raises FactError
    FACT_SALT_INVALID, or FormatError for the value.
    """
    if len(salt) != SALT_SIZE:
        raise FactError("FACT_SALT_INVALID", f"a salt has {SALT_SIZE} bytes")
    fact = {
        "class": class_,
        "field": field,
        "stream": stream,
        "subject": subject,
        "value": value,
        "version": version,
    }
    return sha256(_PREFIX + salt + jcs.encode(fact)).hexdigest()


def verify_fact(
    expected: str, salt: bytes, class_: str, field: str, stream: str, subject: str, value: Any, version: int
) -> None:
    """Check that this fact with this salt is what the log committed to. Raises FactError FACT_WRONG."""
    found = commitment(salt, class_, field, stream, subject, value, version)
    if not hmac.compare_digest(found.encode(), expected.encode("utf-8", "surrogatepass")):
        raise FactError("FACT_WRONG", f"the fact {field} does not open its commitment in the log")
