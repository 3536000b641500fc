"""Base64 (RFC 4648 sections 4 and 5) with one spelling for each value.

Python's decoder, even with `validate=True`, lets the unused bits of the last character vary. Here the decoded
bytes are encoded again and compared, so that each value has one text: standard alphabet with exact padding,
or URL-safe alphabet without padding.
"""

import base64
import binascii
from collections.abc import Callable

from verifier.errors import FormatError


def encode(data: bytes) -> str:
    """Return standard base64 with padding."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def decode(text: str, length: int | None = None) -> bytes:
    """Return the bytes of canonical standard base64, `length` bytes if given.

    Raises FormatError BASE64_INVALID.
    """
    try:
        data = binascii.a2b_base64(text)
    except ValueError:
        data = None
    return _checked(data, text, encode, length)


def url_encode(data: bytes) -> str:
    """Return URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def url_decode(text: str, length: int | None = None) -> bytes:
    """Return the bytes of canonical URL-safe base64 without padding. Raises FormatError BASE64_INVALID."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        data = None
    return _checked(data, text, url_encode, length)


def _checked(data: bytes | None, text: str, spell: Callable[[bytes], str], length: int | None) -> bytes:
    if data is None or spell(data) != text:
        raise FormatError("BASE64_INVALID", "not canonical base64")
    if length is not None and len(data) != length:
        raise FormatError("BASE64_INVALID", f"base64 of {len(data)} bytes where {length} are due")
    return data
