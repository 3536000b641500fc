"""The token in the QR: its bytes as others read them, its one spelling, and how it is made to fit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st
from openvc import cbor, cose

from keys.signer import Ed25519Signer
from ledger.errors import Error as LedgerError
from ledger.issuing.qr import make_qr
from ledger.issuing.token import Signing, qr_text
from verifier import token
from verifier.errors import CodeError, Error, FormatError
from verifier.token import Claims, QrText, Token

BASE = "https://sertifikat.contoh-blk.example"
PAGE = f"{BASE}/v/0123456789ABC"
CODE = "0000000000000"
SEED = bytes(range(32))
SIGNER = Ed25519Signer(SEED)
FULL = Claims("Siti Contoh", date(2026, 3, 1), date(2029, 3, 1), "SKEMA-1", "Juru Las")
LEAST = Claims("A", date(1970, 1, 1), None, "S", None)


def signed(claims: Claims, page: str = PAGE, kid: int = 7) -> Token:
    return token.make(claims, kid, page, lambda message: SIGNER.sign(message).sig)


# -- the format ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claims", [FULL, LEAST])
def test_another_reader_of_cose_finds_the_same_in_it(claims: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cose.COSE_ALG_TO_JOSE, -19, "EdDSA")  # RFC 9864, which that reader does not know yet
    data = signed(claims).to_bytes()
    read = cbor.decode(data)
    sign1 = cose.parse_sign1(read)
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": SIGNER.jwk["x"]}
    assert cose.verify_sign1(sign1, public_jwk=jwk, external_aad=PAGE.encode())
    assert not cose.verify_sign1(sign1, public_jwk=jwk, external_aad=f"{PAGE}X".encode())
    assert cbor.decode(read[0]) == {1: -19, 4: b"\x07"}
    assert read[1] == {}
    expected: dict[int, Any] = {2: claims.holder, 6: (claims.issued_on - date(1970, 1, 1)).days}
    expected[-2] = claims.scheme_code
    if claims.valid_until:
        expected[4] = (claims.valid_until - date(1970, 1, 1)).days
    if claims.title:
        expected[-3] = claims.title
    assert cbor.decode(read[2]) == expected


def test_its_bytes_are_these() -> None:
    # Written by hand from RFC 8949 and RFC 9052; the signature is the cryptography package's.
    protected = bytes.fromhex("a2 01 32 04 41 07".replace(" ", ""))
    payload = bytes.fromhex("a3 02 61 41 06 00 21 61 53".replace(" ", ""))
    structure = b"\x84\x6aSignature1\x46" + protected + b"\x58\x35" + PAGE.encode() + b"\x49" + payload
    assert len(PAGE) == 0x35
    signature = Ed25519PrivateKey.from_private_bytes(SEED).sign(structure)
    assert (
        signed(LEAST).to_bytes() == b"\x84\x46" + protected + b"\xa0\x49" + payload + b"\x58\x40" + signature
    )


def test_it_is_read_as_it_was_written() -> None:
    text = str(QrText(BASE, CODE, signed(FULL)))
    assert str(token.parse_qr(text)) == text
    assert token.parse_qr(text).token == signed(FULL)
    assert token.parse_qr(f"{BASE}/v/{CODE}").token is None


def _other_spellings() -> dict[str, bytes]:
    good = signed(FULL)
    whole: list[Any] = cbor2.loads(good.to_bytes())
    payload: dict[Any, Any] = cbor2.loads(whole[2])

    def with_payload(content: Any) -> bytes:
        return cbor2.dumps([whole[0], {}, cbor2.dumps(content), whole[3]])

    return {
        "tagged": cbor2.dumps(cbor2.CBORTag(18, whole)),
        "unprotected header": cbor2.dumps([whole[0], {4: b"\x07"}, whole[2], whole[3]]),
        "indefinite array": b"\x9f" + good.to_bytes()[1:] + b"\xff",
        "a byte more": good.to_bytes() + b"\0",
        "a byte less": good.to_bytes()[:-1],
        "another order": with_payload(dict(reversed(payload.items()))),
        "an unknown member": with_payload({**payload, 9: 1}),
        "a missing member": with_payload({label: value for label, value in payload.items() if label != 6}),
        "a float": with_payload({**payload, 6: 20513.0}),
        "a negative day": with_payload({**payload, 6: -1}),
        "a day as text": with_payload({**payload, 6: "20513"}),
        "a name as bytes": with_payload({**payload, 2: b"Siti"}),
        "a control character": with_payload({**payload, 2: "Siti\n"}),
        "an empty name": with_payload({**payload, 2: ""}),
        "the last day before the first": with_payload({**payload, 4: 1}),
        "a long length": good.to_bytes().replace(b"\x58\x40", b"\x59\x00\x40", 1),
        "a long key id": cbor2.dumps([cbor2.dumps({1: -19, 4: b"\x07\x07"}), {}, whole[2], whole[3]]),
        "another algorithm": cbor2.dumps([cbor2.dumps({1: -8, 4: b"\x07"}), {}, whole[2], whole[3]]),
        "a short signature": cbor2.dumps([whole[0], {}, whole[2], whole[3][:-1]]),
        "a title of a number": with_payload({**payload, -3: 5}),
        "twice the same member": cbor2.dumps(
            [whole[0], {}, b"\xa4\x02\x61A\x02\x61A\x06\x00\x21\x61S", whole[3]]
        ),
        "not UTF-8": cbor2.dumps([whole[0], {}, b"\xa3\x02\x61\xff\x06\x00\x21\x61S", whole[3]]),
        "enormous": b"\x84\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
        "a day beyond dates": with_payload({**payload, 6: 2**32 - 1}),
        "too long": bytes([0x84]) * (token.TOKEN_LIMIT + 1),
        "empty": b"",
    }


@pytest.mark.parametrize("data", _other_spellings().values(), ids=_other_spellings().keys())
def test_no_other_spelling_is_read(data: bytes) -> None:
    with pytest.raises(FormatError):
        token.parse(data)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://other.example",
        f"HTTPS://sertifikat.contoh-blk.example/v/{CODE}",
        f"http://sertifikat.contoh-blk.example/v/{CODE}",
        f"https://user@sertifikat.contoh-blk.example/v/{CODE}",
        f"https://sertifikat.contoh-blk.example/x/v/{CODE}",
        f"{BASE}/v/{CODE}?x=1",
        f"{BASE}/v/{CODE}#",
        f"{BASE}/v/{CODE}#0",
        f"{BASE}/v/{CODE}#07",
        f"{BASE}/v/{CODE}#-5",
        f"{BASE}/v/{CODE}#1_0",
        f"{BASE}/v/{CODE}#٣",
        f"{BASE}/v/{CODE}#" + "9" * 5000,
        f"{BASE}/v/{CODE}#5#5",
        f"{BASE}/v/{CODE.lower()}o",
        f"{BASE}/v/0123-4567-89ABC",
        f"javascript:alert(1)/v/{CODE}",
        f" {BASE}/v/{CODE}",
    ],
)
def test_no_other_address_is_read(text: str) -> None:
    with pytest.raises((FormatError, CodeError)):
        token.parse_qr(text)


@given(st.binary(max_size=500))
@example(signed(FULL).to_bytes())
def test_bytes_are_refused_or_mean_themselves(data: bytes) -> None:
    try:
        read = token.parse(data)
    except FormatError:
        return
    assert read.to_bytes() == data


@given(st.data())
def test_a_mangled_token_is_refused_or_no_longer_signed(data: st.DataObject) -> None:
    good = bytearray(signed(FULL).to_bytes())
    at = data.draw(st.integers(0, len(good) - 1))
    good[at] ^= data.draw(st.integers(1, 255))
    try:
        read = token.parse(bytes(good))
    except FormatError:
        return
    assert not holds(read, PAGE)


@given(st.text(max_size=600))
@example(f"{BASE}/v/{CODE}#" + token.to_digits(signed(FULL).to_bytes()))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read = token.parse_qr(text)
    except Error:
        return
    assert str(read) == text


def holds(read: Token, page: str) -> bool:
    try:
        Ed25519PrivateKey.from_private_bytes(SEED).public_key().verify(
            read.signature, read.signed_bytes(page)
        )
    except Exception:  # noqa: BLE001 - any refusal is one
        return False
    return True


# -- making it fit ---------------------------------------------------------------------------------------------


def fitted(name: str, title: str, base: str = BASE, scheme: str = "SKEMA-TEKNISI-01") -> QrText:
    claims = Claims(name, date(2026, 3, 1), date(2029, 3, 1), scheme, title)
    return qr_text(base, CODE, claims, Signing(7, SIGNER))


def test_what_fits_is_left_whole() -> None:
    text = fitted("Siti Contoh binti Fiktif", "Juru Las Pelat SMAW")
    assert text.token
    assert (text.token.claims.holder, text.token.claims.title) == (
        "Siti Contoh binti Fiktif",
        "Juru Las Pelat SMAW",
    )
    assert make_qr(str(text)).version <= 12


def test_then_the_title_goes_then_the_version_grows_then_the_name_is_cut() -> None:
    seen: list[tuple[bool, int, bool]] = []
    for length in range(1, token.HOLDER_LIMIT + 1):
        text = fitted("N" * length, "T" * 60)
        assert text.token
        claims = text.token.claims
        seen.append((claims.title is None, make_qr(str(text)).version, claims.is_name_cut))
    # Each step follows the one before, and none is skipped or taken back.
    ranks = [_rank(*each) for each in seen]
    assert ranks == sorted(ranks)
    assert set(ranks) == {0, 1, 2, 3}


def _rank(title_out: bool, version: int, is_cut: bool) -> int:
    assert version <= 13
    if is_cut:
        assert title_out
        assert version == 13
        return 3
    if version == 13:
        assert title_out
        return 2
    return int(title_out)


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=200),
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=250),
    st.integers(0, 30),
)
def test_every_name_and_title_fits_somehow_and_is_signed(name: str, title: str, more: int) -> None:
    text = fitted(name, title, base=f"https://{'x' * more}.example")
    assert text.token
    assert holds(text.token, text.page)
    claims = text.token.claims
    assert claims.title in {None, title}
    assert claims.holder == name or (claims.is_name_cut and name.startswith(claims.holder[:-1]))
    assert make_qr(str(text)).version <= 13


def test_as_much_of_the_name_stays_as_fits() -> None:
    text = fitted("N" * 200, "T")
    assert text.token
    longer = Claims(
        "N" * len(text.token.claims.holder) + "…",
        date(2026, 3, 1),
        date(2029, 3, 1),
        "SKEMA-TEKNISI-01",
        None,
    )
    more = QrText(BASE, CODE, token.make(longer, 7, text.page, lambda message: SIGNER.sign(message).sig))
    with pytest.raises(LedgerError, match="QR_TOO_LARGE"):
        make_qr(str(more))


def test_an_address_without_room_is_refused() -> None:
    with pytest.raises(LedgerError, match="QR_TOO_LARGE"):
        fitted("Siti", "Juru Las", base=f"https://{'x.' * 130}example", scheme="S" * 80)


def test_days_before_the_epoch_are_refused() -> None:
    with pytest.raises(FormatError):
        Claims("A", date(1970, 1, 1) - timedelta(days=1), None, "S", None)
