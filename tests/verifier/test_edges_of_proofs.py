"""Proof files, canonical JSON and events at their edges, and what is said beyond them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.verifier.test_note import HEAD, LOG, signed
from verifier import b64, jcs, proof
from verifier import code as code_of_certificates
from verifier.entry import Entry, Payload, Signature, payload_hash
from verifier.errors import CodeError, Error, FormatError
from verifier.event import Event
from verifier.proof import Proof

NOTE = signed(LOG.sign(HEAD.to_text()))
HASH = f"{'A' * 43}="
HEADER = "c2sp.org/tlog-proof@v1"


def code(data: bytes) -> str:
    with pytest.raises(Error) as caught:
        proof.parse(data)
    return caught.value.code


def file(*lines: str, note: bytes = NOTE) -> bytes:
    return "\n".join([*lines, "", ""]).encode() + note


# -- proof files -------------------------------------------------------------------------------------------------------


def test_a_proof_is_read_as_it_was_written() -> None:
    for made in (
        Proof(0, (), NOTE),
        Proof(7, (bytes(32),), NOTE),
        Proof(7, (bytes(32),) * 63, b"", b"entry"),
    ):
        assert proof.parse(made.to_bytes()) == made
    assert Proof(7, (bytes(32),), NOTE, b"x").to_bytes() == file(HEADER, "extra eA==", "index 7", HASH)
    assert proof.parse(file(HEADER, "extra ", "index 7")).extra == b""


def test_a_proof_has_half_a_mebibyte() -> None:
    whole = file(HEADER, "index 7")
    assert proof.parse(whole.ljust(1 << 19)).checkpoint == NOTE.ljust((1 << 19) - len(whole) + len(NOTE))
    assert code(whole.ljust((1 << 19) + 1)) == "PROOF_TOO_LARGE"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), "PROOF_INVALID"), ((HEADER,), "PROOF_INVALID"), ((HEADER, "extra eA=="), "PROOF_INVALID"),
        ((HEADER, "7"), "PROOF_INVALID"), ((HEADER, "Index 7"), "PROOF_INVALID"), ((HEADER, HASH), "PROOF_INVALID"),
        (("c2sp.org/tlog-proof@v2", "index 7"), "PROOF_INVALID"), (("", HEADER, "index 7"), "PROOF_INVALID"),
        (("index 7", HEADER), "PROOF_INVALID"), ((HEADER, "index 7", *[HASH] * 64), "PROOF_INVALID"),
        ((HEADER, "index 7", "extra eA=="), "BASE64_INVALID"), ((HEADER, "extra e", "index 7"), "BASE64_INVALID"),
        ((HEADER, "index 7", "AAAA"), "BASE64_INVALID"), ((HEADER, "index 07"), "SIZE_INVALID"),
        ((HEADER, "index "), "SIZE_INVALID"), ((HEADER, "index 7", "ä"), "PROOF_INVALID"),
    ],
    ids=range(16),
)  # fmt: skip
def test_what_is_no_proof(lines: tuple[str, ...], expected: str) -> None:
    assert code(file(*lines)) == expected


def test_a_proof_has_its_empty_line() -> None:
    for data in (b"", f"{HEADER}\nindex 7\n".encode(), f"{HEADER}\nindex 7".encode()):
        assert code(data) == "PROOF_INVALID"


# -- canonical JSON ----------------------------------------------------------------------------------------------------


def refused(data: bytes, **limit: int) -> str:
    with pytest.raises(FormatError) as caught:
        jcs.decode(data, **limit)
    return caught.value.code


def test_json_of_65535_bytes() -> None:
    text = "x" * 65533
    assert jcs.decode(f'"{text}"'.encode()) == text
    assert refused(f'"{text}x"'.encode()) == "JSON_TOO_LARGE"
    assert jcs.decode(b"[]", limit=2) == []
    assert refused(b"[]", limit=1) == "JSON_TOO_LARGE"


@pytest.mark.parametrize("number", [0, 1, -1, 2**53 - 1, -(2**53) + 1])
def test_numbers_of_53_bits(number: int) -> None:
    assert jcs.decode(str(number).encode()) == number
    assert jcs.encode(number) == str(number).encode()


@pytest.mark.parametrize(
    "number", [2**53, -(2**53), 10**16, -(10**16), 10**17, -(10**17), 10**4000], ids=range(7)
)
def test_numbers_beyond(number: int) -> None:
    assert refused(str(number).encode()) == "JSON_RANGE"
    assert refused(b"9" * 5000) == "JSON_RANGE"  # more digits than Python reads at all
    with pytest.raises(FormatError, match="JSON_RANGE"):
        jcs.encode(number)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_json_of_32_levels(opening: str, closing: str) -> None:
    def nested(levels: int) -> bytes:
        return (opening * levels + "1" + closing * levels).encode()

    assert jcs.encode(jcs.decode(nested(32))) == nested(32)
    assert refused(nested(33)) == "JSON_DEPTH"
    wide = b"[" + b",".join([b"[]"] * 100) + b"]"
    assert jcs.decode(wide) == [[]] * 100


def test_mixed_levels_are_counted_together() -> None:
    deep = (('{"a":[' * 16) + "1" + ("]}" * 16)).encode()
    assert jcs.encode(jcs.decode(deep)) == deep
    assert refused(b"[" + deep + b"]") == "JSON_DEPTH"


# -- base64 ------------------------------------------------------------------------------------------------------------


def test_base64_of_nothing_is_nothing() -> None:
    assert b64.decode("") == b64.url_decode("") == b""
    for read in (b64.decode, b64.url_decode):
        for text in ("=", "====", "A", "ä", "\n"):
            with pytest.raises(FormatError, match="BASE64_INVALID: not canonical base64"):
                read(text)
        with pytest.raises(FormatError, match="BASE64_INVALID: base64 of 0 bytes where 1 are due"):
            read("", 1)


# -- codes -------------------------------------------------------------------------------------------------------------


def test_a_code_is_typed_in_64_characters_at_most() -> None:
    typed = code_of_certificates.make(123456789)
    assert code_of_certificates.normalise(typed + "-" * 51) == typed
    with pytest.raises(CodeError, match="CODE_MALFORMED"):
        code_of_certificates.normalise(typed + "-" * 52)


# -- events ------------------------------------------------------------------------------------------------------------

PAYLOAD = Payload(
    type="certificate.issued.v1",
    stream="certificate/c/1",
    version=2,
    prev="0" * 64,
    occurred_at="2026-03-13T02:00:00Z",
    recorded_at="2026-03-13T02:00:01Z",
    actor="staff/clerk",
    role="competence_issuer",
    org="lsp",
    command="11111111-2222-4333-8444-555555555555",
    seen_size=2,
    seen_root=bytes(32),
    data={"number": "1"},
)
SIGNED = Signature("key", "ed25519", b"sig", 1, 3, (bytes(32),))


@pytest.mark.parametrize(
    "entry",
    [
        Entry(PAYLOAD, SIGNED, b"payload"),
        Entry(replace(PAYLOAD, type="certificate.issued.v2", org=None, prev=None), SIGNED, b"payload"),
        Entry(PAYLOAD, Signature("key", "webauthn-es256", b"sig", 0, 1, (), b"data", b"client"), b"payload"),
    ],
    ids=["first version", "second version", "authenticator"],
)
def test_an_event_is_its_entry(entry: Entry) -> None:
    event: Any = Event.of_entry(entry)
    assert event.entry == entry
    assert event.type == entry.payload.type.removesuffix(".v1")
    assert (event.actor, event.human) == ("clerk", "clerk")
    assert (event.at, event.of) == (entry.signature.index, entry.signature.size)
    assert (event.index, event.first) == (-1, -1)
    assert (event.digest, event.hash) == (payload_hash(b"payload"), payload_hash(b"payload").hex())
    assert (event.id, event.place) == ("c/1", "certificate/c/1@2")
