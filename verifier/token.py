"""The signed token in a certificate's QR: small enough to print, checked without a network.

    <base_url>/v/<CODE>#<digits>

Scheme and host in lower case, `http` on loopback only. CODE is canonical (`verifier.code`). `<digits>` is the
token's bytes as one big-endian integer in base 10, `[1-9][0-9]*`. A browser never sends them to the server.

The token is a COSE_Sign1 (RFC 9052), untagged, in deterministic CBOR (RFC 8949 section 4.2.1):

    [protected: bstr {1: -19, 4: h'<kid>'}, {}, payload: bstr, signature: bstr(64)]
    payload {2: holder, 4: last valid day (absent when none), 6: day of issue, -2: scheme code, -3: title}

alg -19 is Ed25519 (RFC 9864); the key id is one byte. The title may be left out, the name cut short with `…`;
days count from 1970-01-01 in the issuer's zone. Signed is `["Signature1", protected, external_aad, payload]`,
external_aad being the URL before `#`, so that a token holds for its own page only.

A token has one spelling: what is read is encoded again and compared.

Not done here: whose key signed, and whether the certificate still stands (`verifier.qr`).
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import cbor2

from verifier import code as codes
from verifier.errors import CodeError, FormatError

TOKEN_LIMIT = 400
"""Bytes. A QR of version 13 holds 277 of them beside an address of 51 characters."""
HOLDER_LIMIT = 200
SCHEME_LIMIT = 80
TITLE_LIMIT = 250
SIGNATURE_SIZE = 64
DIGEST_SIZE = 8
CUT = "…"

_ALG_ED25519 = -19
_HOLDER, _VALID_UNTIL, _ISSUED_ON, _SCHEME, _TITLE = 2, 4, 6, -2, -3
_EPOCH = date(1970, 1, 1)
_URL_LIMIT = 400
_DIGITS_LIMIT = 964  # of 256 ** TOKEN_LIMIT
_BASE_URL = re.compile(
    r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9][0-9]{0,4})?|"
    r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::[1-9][0-9]{0,4})?"
)
_DIGITS = re.compile(r"[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. `title` is None when it was left out; `valid_until` is None for no expiry.

    Making one checks it: FormatError TOKEN_INVALID.
    """

    holder: str
    issued_on: date
    valid_until: date | None
    scheme_code: str
    title: str | None

    def __post_init__(self) -> None:
        """Check lengths, characters and days."""
        _check_text(self.holder, HOLDER_LIMIT)
        _check_text(self.scheme_code, SCHEME_LIMIT)
        if self.title is not None:
            _check_text(self.title, TITLE_LIMIT)
        if self.issued_on < _EPOCH or (self.valid_until is not None and self.valid_until < self.issued_on):
            raise _invalid("its days contradict each other")

    @property
    def is_name_cut(self) -> bool:
        """Whether the name was cut short to fit into the QR."""
        return self.holder.endswith(CUT)

    def to_cbor(self) -> bytes:
        """Return the payload's bytes."""
        members: dict[int, Any] = {
            _HOLDER: self.holder,
            _ISSUED_ON: (self.issued_on - _EPOCH).days,
            _SCHEME: self.scheme_code,
        }
        if self.valid_until is not None:
            members[_VALID_UNTIL] = (self.valid_until - _EPOCH).days
        if self.title is not None:
            members[_TITLE] = self.title
        return cbor2.dumps(members, canonical=True)


@dataclass(frozen=True, slots=True)
class Token:
    """A parsed token, of which nothing has been verified. `kid` is the one byte that names the key."""

    kid: int
    claims: Claims
    signature: bytes

    def to_bytes(self) -> bytes:
        """Return the token's bytes."""
        content = [_protected(self.kid), {}, self.claims.to_cbor(), self.signature]
        return cbor2.dumps(content)

    def signed_bytes(self, page: str) -> bytes:
        """Return what the signature is over, for the page's address (the URL before `#`)."""
        return signed_bytes(self.claims, self.kid, page)

    def digest(self) -> bytes:
        """Return how lists of withdrawn certificates name this token: the first 8 bytes of its SHA-256."""
        return sha256(self.to_bytes()).digest()[:DIGEST_SIZE]


@dataclass(frozen=True, slots=True)
class QrText:
    """The parts of a QR's text. `token` is None when the address has no fragment."""

    base_url: str
    code: str
    token: Token | None

    @property
    def page(self) -> str:
        """The certificate's address, the URL before `#`."""
        return page_url(self.base_url, self.code)

    def __str__(self) -> str:
        return self.page if self.token is None else f"{self.page}#{to_digits(self.token.to_bytes())}"


def page_url(base_url: str, code: str) -> str:
    """Return the address of a certificate's page."""
    return f"{base_url}/v/{code}"


def signed_bytes(claims: Claims, kid: int, page: str) -> bytes:
    """Return the Sig_structure of RFC 9052 section 4.4 for a token of that page."""
    structure = ["Signature1", _protected(kid), page.encode("ascii"), claims.to_cbor()]
    return cbor2.dumps(structure)


def make(claims: Claims, kid: int, page: str, sign: Callable[[bytes], bytes]) -> Token:
    """Return a token signed by `sign`, which gives an Ed25519 signature of 64 bytes."""
    return Token(kid, claims, sign(signed_bytes(claims, kid, page)))


def to_digits(data: bytes) -> str:
    """Return a token's bytes as the digits of the fragment."""
    return str(int.from_bytes(data, "big"))


def parse_qr(text: str) -> QrText:
    """Read a QR's text.

    Raises FormatError QR_URL_INVALID for what is no address of a certificate, TOKEN_INVALID or
    TOKEN_TOO_LARGE for its fragment, CodeError for a mistyped code.
    """
    page, mark, digits = text.partition("#")
    base_url, _, code = page.rpartition("/v/")
    if len(page) > _URL_LIMIT or not _BASE_URL.fullmatch(base_url):
        raise FormatError("QR_URL_INVALID", "this is not the address of a certificate")
    if codes.normalise(code) != code:
        raise CodeError("CODE_MALFORMED", "the code in a QR is in upper case without hyphens")
    return QrText(base_url, code, _from_digits(digits) if mark else None)


def parse(data: bytes) -> Token:
    """Read a token. Raises FormatError TOKEN_TOO_LARGE or TOKEN_INVALID."""
    if len(data) > TOKEN_LIMIT:
        raise FormatError("TOKEN_TOO_LARGE", f"a token has at most {TOKEN_LIMIT} bytes")
    outer = _Reader(data)
    outer.expect(_ARRAY, 4)
    protected = _Reader(outer.octets())
    protected.expect(_MAP, 2)
    if (protected.integer(), protected.integer(), protected.integer()) != (1, _ALG_ED25519, 4):
        raise _invalid("its algorithm is not Ed25519")
    kid = protected.octets()
    outer.expect(_MAP, 0)
    payload = outer.octets()
    signature = outer.octets()
    if len(kid) != 1 or len(signature) != SIGNATURE_SIZE:
        raise _invalid("its key id or signature has another length")
    token = Token(ord(kid), _parse_claims(payload), signature)
    # One comparison answers for shortest forms, order, repetition, unknown members and bytes left over, at every level.
    if token.to_bytes() != data:
        raise _invalid("it is not in deterministic CBOR")
    return token


def _from_digits(digits: str) -> Token:
    if len(digits) > _DIGITS_LIMIT:
        raise FormatError("TOKEN_TOO_LARGE", f"a token has at most {TOKEN_LIMIT} bytes")
    if not _DIGITS.fullmatch(digits):
        raise _invalid("it is not written in digits")
    number = int(digits)
    return parse(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _parse_claims(data: bytes) -> Claims:
    reader = _Reader(data)
    texts: dict[int, str] = {}
    numbers: dict[int, int] = {}
    for _ in range(reader.head(_MAP)):
        label = reader.integer()
        if label in {_HOLDER, _SCHEME, _TITLE}:
            texts[label] = reader.text()
        else:
            numbers[label] = reader.integer()
    try:
        holder, scheme, issued_on = texts[_HOLDER], texts[_SCHEME], _day(numbers[_ISSUED_ON])
    except KeyError:
        raise _invalid("a member is missing") from None
    valid_until = numbers.get(_VALID_UNTIL)
    return Claims(
        holder, issued_on, None if valid_until is None else _day(valid_until), scheme, texts.get(_TITLE)
    )


def _day(number: int) -> date:
    try:
        return _EPOCH + timedelta(days=number)
    except OverflowError:
        raise _invalid("a day is none") from None


def _check_text(text: str, limit: int) -> None:
    if not 0 < len(text) <= limit or any(unicodedata.category(each) in {"Cc", "Cs"} for each in text):
        raise _invalid(f"a text is empty, longer than {limit} characters, or has control characters")


def _protected(kid: int) -> bytes:
    return cbor2.dumps({1: _ALG_ED25519, 4: bytes([kid])})


_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP = range(6)


class _Reader:
    """Reads the few kinds of CBOR items that a token has (RFC 8949 section 3), and no others.

    A general decoder would also build tags, floats and huge numbers from what a stranger prints.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def head(self, major: int) -> int:
        """Return the argument of the next item, which must be of this major type."""
        (initial,) = self._take(1)
        if initial >> 5 != major:
            raise _invalid("an item of another type stands where one is due")
        short = initial & 31
        if short < 24:  # noqa: PLR2004 - below 24 the argument stands in the initial byte
            return short
        size = {24: 1, 25: 2, 26: 4}.get(short)
        if size is None:
            raise _invalid("a length is of no use here")
        return int.from_bytes(self._take(size), "big")

    def expect(self, major: int, count: int) -> None:
        """Read the head of an array or map with this many members."""
        if self.head(major) != count:
            raise _invalid("an array or map has another number of members")

    def integer(self) -> int:
        """Return an integer."""
        is_negative = self._at < len(self._data) and self._data[self._at] >> 5 == _NEGATIVE
        return -1 - self.head(_NEGATIVE) if is_negative else self.head(_UNSIGNED)

    def octets(self) -> bytes:
        """Return a byte string."""
        return self._take(self.head(_BYTES))

    def text(self) -> str:
        """Return a text."""
        try:
            return self._take(self.head(_TEXT)).decode("utf-8")
        except UnicodeDecodeError:
            raise _invalid("a text is not UTF-8") from None

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) != size:
            raise _invalid("it ends too early")
        self._at += size
        return taken


def _invalid(why: str) -> FormatError:
    return FormatError("TOKEN_INVALID", f"the QR's token is malformed: {why}")
