"""The token in the QR at each of its limits, and what is said of each kind of damage."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

import cbor2
import pytest

from verifier import code, token
from verifier.errors import CodeError, Error, FormatError
from verifier.token import Claims, QrText, Token

CODE = code.make(123456789)
BASE = "https://a.example"
DAY = date(2026, 3, 1)
FULL = Claims("Siti Contoh", DAY, date(2029, 3, 1), "SKEMA-1", "Juru Las")
SIGNATURE = bytes(range(64))


def made(claims: Claims = FULL, kid: int = 7) -> Token:
    return Token(kid, claims, SIGNATURE)


def why(data: bytes) -> str:
    """What is said of a token that is refused as malformed."""
    with pytest.raises(FormatError, match=r"^TOKEN_INVALID: the QR's token is malformed: ") as caught:
        token.parse(data)
    return caught.value.message.partition("malformed: ")[2]


def code_of(text: str) -> str:
    with pytest.raises(Error) as caught:
        token.parse_qr(text)
    return caught.value.code


# -- what it can say ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 22, 23, 24, 25, 199, 200])
def test_a_name_of_every_length_is_read_as_it_was_written(length: int) -> None:
    claims = Claims("N" * length, DAY, None, "S", None)
    assert token.parse(made(claims).to_bytes()).claims == claims


@pytest.mark.parametrize(
    "days",
    [
        0,
        1,
        22,
        23,
        24,
        25,
        254,
        255,
        256,
        257,
        65534,
        65535,
        65536,
        65537,
        (date.max - date(1970, 1, 1)).days,
    ],
)
def test_a_day_of_every_size_is_read_as_it_was_written(days: int) -> None:
    day = date(1970, 1, 1) + timedelta(days=days)
    for claims in (Claims("N", day, None, "S", None), Claims("N", date(1970, 1, 1), day, "S", "T")):
        assert token.parse(made(claims).to_bytes()).claims == claims


@pytest.mark.parametrize("kid", [0, 1, 23, 24, 255])
def test_a_key_id_is_one_byte(kid: int) -> None:
    assert token.parse(made(kid=kid).to_bytes()).kid == kid


@pytest.mark.parametrize(("name", "limit"), [("holder", 200), ("scheme_code", 80), ("title", 250)])
def test_each_text_has_its_length_and_no_control_characters(name: str, limit: int) -> None:
    def claims(text: str) -> Claims:
        given: dict[str, Any] = {"holder": "N", "scheme_code": "S", "title": None, name: text}
        return Claims(issued_on=DAY, valid_until=None, **given)

    for text in ("x", "x" * limit, "ä" * limit, "\u00ad", "\u200b", " "):
        assert getattr(claims(text), name) == text
    for text in ("", "x" * (limit + 1), "a\n", "\0", "\x7f", "\x85", "\ud800"):
        with pytest.raises(FormatError, match=r"TOKEN_INVALID.*has control characters"):
            claims(text)


def test_the_last_day_is_not_before_the_first() -> None:
    assert Claims("N", DAY, DAY, "S", None).valid_until == DAY
    for first, last in (
        (DAY, DAY - timedelta(days=1)),
        (date(1969, 12, 31), None),
        (date(1969, 12, 31), DAY),
    ):
        with pytest.raises(FormatError, match="its days contradict each other"):
            Claims("N", first, last, "S", None)


@pytest.mark.parametrize(
    ("holder", "cut"), [("Siti…", True), ("…", True), ("…Siti", False), ("Siti", False), ("Siti...", False)]
)
def test_a_name_that_was_cut_ends_in_an_ellipsis(holder: str, cut: bool) -> None:
    assert Claims(holder, DAY, None, "S", None).is_name_cut is cut


def test_lists_name_a_token_by_eight_bytes_of_its_hash() -> None:
    assert made().digest() == hashlib.sha256(made().to_bytes()).digest()[:8]


def test_what_is_signed_is_the_structure_of_cose() -> None:
    protected = cbor2.dumps({1: -19, 4: b"\x07"}, canonical=True)
    page = f"{BASE}/v/{CODE}"
    assert made().signed_bytes(page) == cbor2.dumps(["Signature1", protected, page.encode(), FULL.to_cbor()])
    signed: list[bytes] = []

    def sign(message: bytes) -> bytes:
        signed.append(message)
        return SIGNATURE

    assert token.make(FULL, 7, page, sign) == made()
    assert signed == [made().signed_bytes(page)]


# -- what is said of damage --------------------------------------------------------------------------------------------


def of_parts(
    *, protected: Any = None, header: Any = None, payload: Any = None, signature: Any = SIGNATURE
) -> bytes:
    payload = FULL.to_cbor() if payload is None else payload
    protected = cbor2.dumps({1: -19, 4: b"\x07"}) if protected is None else protected
    return cbor2.dumps([protected, {} if header is None else header, payload, signature])


def claims_of(members: dict[Any, Any]) -> bytes:
    return of_parts(payload=cbor2.dumps(members))


NAMED = {2: "N", 6: 1, -2: "S"}
ANOTHER_TYPE = "an item of another type stands where one is due"
ANOTHER_LENGTH = "its key id or signature has another length"
ANOTHER_NUMBER = "an array or map has another number of members"
NOT_ONE_SPELLING = "it is not in deterministic CBOR"
TOO_EARLY = "it ends too early"
DAMAGE: dict[str, tuple[bytes, str]] = {
    "a map": (b"\xa0", ANOTHER_TYPE),
    "five parts": (b"\x85" + of_parts()[1:], ANOTHER_NUMBER),
    "three parts": (b"\x83" + of_parts()[1:], ANOTHER_NUMBER),
    "an array of no length": (b"\x9f" + of_parts()[1:], "a length is of no use here"),
    "a length of eight bytes": (b"\x9b" + bytes(7) + b"\x04" + of_parts()[1:], "a length is of no use here"),
    "a length of four bytes": (b"\x9a" + bytes(3) + b"\x04" + of_parts()[1:], NOT_ONE_SPELLING),
    "a length of two bytes": (b"\x99\x00\x04" + of_parts()[1:], NOT_ONE_SPELLING),
    "a length of one byte": (b"\x98\x04" + of_parts()[1:], NOT_ONE_SPELLING),
    "a text for its header": (of_parts(protected="x"), ANOTHER_TYPE),
    "a header of one": (of_parts(protected=cbor2.dumps({1: -19})), ANOTHER_NUMBER),
    "another algorithm": (of_parts(protected=cbor2.dumps({1: -8, 4: b"\x07"})), "its algorithm is not Ed25519"),
    "no key id": (of_parts(protected=cbor2.dumps({1: -19, 5: b"\x07"})), "its algorithm is not Ed25519"),
    "another label": (of_parts(protected=cbor2.dumps({2: -19, 4: b"\x07"})), "its algorithm is not Ed25519"),
    "an empty key id": (of_parts(protected=cbor2.dumps({1: -19, 4: b""})), ANOTHER_LENGTH),
    "a long key id": (of_parts(protected=cbor2.dumps({1: -19, 4: b"\x07\x07"})), ANOTHER_LENGTH),
    "a long header": (of_parts(protected=cbor2.dumps({1: -19, 4: b"\x07"}) + b"\0"), NOT_ONE_SPELLING),
    "an open header": (of_parts(header={1: 2}), ANOTHER_NUMBER),
    "a list for its open header": (of_parts(header=[]), ANOTHER_TYPE),
    "a short signature": (of_parts(signature=SIGNATURE[1:]), ANOTHER_LENGTH),
    "a long signature": (of_parts(signature=SIGNATURE + b"\0"), ANOTHER_LENGTH),
    "a text for its signature": (of_parts(signature="x" * 64), ANOTHER_TYPE),
    "a list for its claims": (of_parts(payload=cbor2.dumps([])), ANOTHER_TYPE),
    "no claims": (claims_of({}), "a member is missing"),
    "no name": (claims_of({6: 1, -2: "S"}), "a member is missing"),
    "no day": (claims_of({2: "N", -2: "S"}), "a member is missing"),
    "no scheme": (claims_of({2: "N", 6: 1}), "a member is missing"),
    "a number for a name": (claims_of({**NAMED, 2: 1}), ANOTHER_TYPE),
    "a number for a scheme": (claims_of({**NAMED, -2: 1}), ANOTHER_TYPE),
    "a number for a title": (claims_of({**NAMED, -3: 1}), ANOTHER_TYPE),
    "a text for a day": (claims_of({**NAMED, 6: "1"}), ANOTHER_TYPE),
    "a text for the last day": (claims_of({**NAMED, 4: "1"}), ANOTHER_TYPE),
    "a text for a label": (claims_of({**NAMED, "x": 1}), ANOTHER_TYPE),
    "an unknown member": (claims_of({**NAMED, 9: 1}), NOT_ONE_SPELLING),
    "an unknown negative member": (claims_of({**NAMED, -9: -1}), NOT_ONE_SPELLING),
    "a day before the first": (claims_of({**NAMED, 6: -1}), "its days contradict each other"),
    "a last day before the first": (claims_of({**NAMED, 4: 0}), "its days contradict each other"),
    "a day beyond all": (claims_of({**NAMED, 6: 2932897}), "a day is none"),
    "a last day beyond all": (claims_of({**NAMED, 4: 2**32 - 1}), "a day is none"),
    "not UTF-8": (of_parts(payload=b"\xa3\x02\x61\xff\x06\x01\x21\x61S"), "a text is not UTF-8"),
    "one byte more": (of_parts() + b"\0", NOT_ONE_SPELLING),
    "nothing": (b"", TOO_EARLY),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_what_is_said_of_damage(name: str) -> None:
    data, expected = DAMAGE[name]
    assert why(data) == expected


def test_a_token_that_ends_anywhere_ends_too_early() -> None:
    whole = made().to_bytes()
    for end in range(len(whole)):
        assert why(whole[:end]) == TOO_EARLY
    claims = FULL.to_cbor()
    for end in range(len(claims)):
        assert why(of_parts(payload=claims[:end])) == TOO_EARLY


def of_size(size: int) -> bytes:
    for title in range(1, 251):
        claims = Claims("N" * 200, DAY, None, "S", "T" * title)
        if len(made(claims).to_bytes()) == size:
            return made(claims).to_bytes()
    raise AssertionError(size)


def test_a_token_has_400_bytes_at_most() -> None:
    assert token.parse(of_size(400)).kid == 7
    with pytest.raises(FormatError, match="TOKEN_TOO_LARGE: a token has at most 400 bytes"):
        token.parse(of_size(401))
    page = f"{BASE}/v/{CODE}"
    assert token.parse_qr(f"{page}#{token.to_digits(of_size(400))}").token is not None
    assert code_of(f"{page}#{token.to_digits(of_size(401))}") == "TOKEN_TOO_LARGE"
    assert len(str(256**400 - 1)) == 964
    assert code_of(f"{page}#{256**400 - 1}") == "TOKEN_INVALID"
    assert code_of(f"{page}#{'9' * 965}") == "TOKEN_TOO_LARGE"
    assert code_of(f"{page}#{'x' * 964}") == "TOKEN_INVALID"
    assert code_of(f"{page}#{'x' * 965}") == "TOKEN_TOO_LARGE"


# -- addresses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "base",
    [
        "https://a", "https://0", "https://a.b", "https://a-b.c", "https://a..b", "https://a:1", "https://a:99999",
        "https://a.example:8443", "http://localhost", "http://localhost:8000", "http://127.0.0.1",
        "http://127.0.0.1:1", "http://[::1]", "http://[::1]:8000", "https://localhost", f"https://{'a' * 376}",
    ],
)  # fmt: skip
def test_addresses_that_are_some(base: str) -> None:
    page = f"{base}/v/{CODE}"
    assert token.parse_qr(page) == QrText(base, CODE, None)
    assert str(token.parse_qr(page)) == page
    signed = QrText(base, CODE, made())
    assert token.parse_qr(str(signed)) == signed
    assert (signed.page, str(signed)) == (page, f"{page}#{int.from_bytes(made().to_bytes(), 'big')}")


@pytest.mark.parametrize(
    "base",
    [
        "", "https://", "https://-a", "https://a-", "https://.a", "https://a.", "https://A", "https://a_b",
        "https://a:", "https://a:0", "https://a:01", "https://a:123456", "https://a:x", "https://a/", "https://a/b",
        "https://a/v/b", "https://[::1]", "http://a", "http://localhost.a", "http://localhost:", "http://localhost:0",
        "http://127x0.0.1", "http://127.0x0.1", "http://127.0.0x1", "http://127.0.0.10", "http://::1", "http://[::2]",
        "http://localhost:123456", "xhttps://a", "https//a", f"https://{'a' * 377}",
    ],
)  # fmt: skip
def test_addresses_that_are_none(base: str) -> None:
    assert code_of(f"{base}/v/{CODE}") == "QR_URL_INVALID"
    assert code_of(f"{base}/v/{CODE}#1") == "QR_URL_INVALID"


def test_an_address_without_a_code_is_none() -> None:
    for text in (BASE, f"{BASE}/w/{CODE}", f"{BASE}v/{CODE}", "", "#", CODE):
        assert code_of(text) == "QR_URL_INVALID"


def test_a_code_in_a_qr_is_written_in_one_way() -> None:
    for text in (CODE.lower(), code.display(CODE), CODE.replace("0", "O"), f"{CODE} "):
        with pytest.raises(
            CodeError, match="CODE_MALFORMED: the code in a QR is in upper case without hyphens"
        ):
            token.parse_qr(f"{BASE}/v/{text}")
    assert code_of(f"{BASE}/v/{CODE}x") == "CODE_MALFORMED"
    other = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
    assert code_of(f"{BASE}/v/{other}") == "CODE_CHECK_WRONG"


@pytest.mark.parametrize(
    "digits", ["", "0", "01", "-1", "+1", "1 ", " 1", "1_0", "1.0", "٣", "x", "1#1", "1\n"]
)
def test_the_fragment_is_a_number_in_one_spelling(digits: str) -> None:
    with pytest.raises(FormatError, match=r"TOKEN_INVALID: .* it is not written in digits"):
        token.parse_qr(f"{BASE}/v/{CODE}#{digits}")
