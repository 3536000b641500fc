"""Statements in two lines: `payload LF signatures`, both RFC 8785 bytes, no LF at the end, like an entry.

What is signed is `<format> LF <payload>`, the format being the payload's own member `format`, so that a
signature over one kind of statement is never one over another, nor over a command. The bytes that were
received are the bytes that are checked; nobody has to build canonical JSON to verify one.

Used by `verifier.keyfile` and `verifier.withdrawn`.
"""

from typing import Any

from verifier import jcs
from verifier.errors import FormatError


def message(payload: bytes, form: str) -> bytes:
    """Return what is signed."""
    return form.encode("ascii") + b"\n" + payload


def join(payload: bytes, signatures: Any) -> bytes:
    """Return the statement's bytes."""
    return payload + b"\n" + jcs.encode(signatures)


def split(data: bytes, form: str, members: frozenset[str], limit: int) -> tuple[bytes, dict[str, Any], Any]:
    """Return (payload bytes, payload, signatures).

    `members` are the payload's names besides `format`. Raises FormatError JSON_… or STATEMENT_INVALID.
    """
    payload, separator, signatures = data.partition(b"\n")
    if not separator:
        raise FormatError("STATEMENT_INVALID", "a statement has two lines: what is said, and who signed it")
    value = jcs.decode(payload, limit=limit)
    if type(value) is not dict or value.get("format") != form or value.keys() - {"format"} != members:
        raise FormatError("STATEMENT_INVALID", f"not a statement of the format {form}")
    return payload, value, jcs.decode(signatures)
