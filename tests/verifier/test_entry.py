"""The entry format: its exact bytes, each member's limits, and commands that are not whole."""

import dataclasses
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from verifier import b64, entry, jcs, merkle
from verifier.errors import CommandError, Error, FormatError, SignatureError
from verifier.publickey import PublicKey, SigParts

ORIGIN = "ledger.example/log"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
JWK = {"crv": "Ed25519", "kty": "OKP", "x": b64.url_encode(PRIVATE.public_key().public_bytes_raw())}
KEY = PublicKey(JWK, "ed25519")
OTHER = PublicKey(
    {
        **JWK,
        "x": b64.url_encode(Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()),
    },
    "ed25519",
)
PAYLOAD = entry.Payload(
    type="certificate.issued.v1",
    stream="certificate/c1",
    version=2,
    prev="ab" * 32,
    occurred_at="2026-02-28T08:00:00Z",
    recorded_at="2026-02-28T08:00:05Z",
    actor="staff/s1",
    role="competence_issuer",
    org="lsp1",
    command="5f0c1d7e-0c2b-4f5e-9d0a-0123456789ab",
    seen_size=7,
    seen_root=bytes(range(32)),
    data={"number": "C-0001", "name": {"commitment": "cd" * 32}},
)


def sign(message: bytes) -> SigParts:
    return SigParts(KEY.thumbprint, "ed25519", PRIVATE.sign(message))


def payloads(count: int) -> list[bytes]:
    return [dataclasses.replace(PAYLOAD, stream=f"certificate/c{i}").to_bytes() for i in range(count)]


def sealed(count: int) -> list[entry.Entry]:
    return [entry.parse_entry(item) for item in entry.seal(payloads(count), ORIGIN, sign)]


def test_payload_bytes() -> None:
    assert PAYLOAD.to_bytes() == (
        b'{"actor":"staff/s1","command":"5f0c1d7e-0c2b-4f5e-9d0a-0123456789ab",'
        b'"data":{"name":{"commitment":"' + b"cd" * 32 + b'"},"number":"C-0001"},'
        b'"occurred_at":"2026-02-28T08:00:00Z","org":"lsp1","prev":"' + b"ab" * 32 + b'",'
        b'"recorded_at":"2026-02-28T08:00:05Z","role":"competence_issuer",'
        b'"seen":{"root":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=","size":7},'
        b'"stream":"certificate/c1","type":"certificate.issued.v1","version":2}'
    )
    assert entry.parse_payload(PAYLOAD.to_bytes()) == PAYLOAD
    assert entry.payload_hash(b"x") == sha256(b"\x00x").digest()


def test_messages() -> None:
    one, two = b"one", b"two"
    leaves = [sha256(b"\x00" + item).digest() for item in (one, two)]
    root = sha256(b"\x01" + leaves[0] + leaves[1]).digest()
    assert entry.command_message(ORIGIN, [one, two]) == (
        b"certledger/command/v1\nledger.example/log\n2\n" + b64.encode(root).encode() + b"\n"
    )
    assert entry.enrol_message(ORIGIN, "staff/s1", KEY.thumbprint) == (
        b"certledger/enrol/v1\nledger.example/log\nstaff/s1\n" + KEY.thumbprint.encode() + b"\n"
    )


def test_entry_bytes() -> None:
    (only,) = entry.seal(payloads(1), ORIGIN, sign)
    payload, signature = only.split(b"\n")
    assert payload == payloads(1)[0]
    sig = b64.encode(PRIVATE.sign(entry.command_message(ORIGIN, [payload])))
    line = f'{{"alg":"ed25519","index":0,"key":"{KEY.thumbprint}","path":[],"sig":"{sig}","size":1}}'
    assert signature == line.encode()


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13])
def test_seal_and_verify(count: int) -> None:
    entries = sealed(count)
    entry.verify_command(entries, ORIGIN, KEY)
    for item in entries:
        entry.verify_entry(item, ORIGIN, KEY)
        assert item.payload_bytes + b"\n" + item.signature.to_bytes() in entry.seal(
            payloads(count), ORIGIN, sign
        )


# ---------------------------------------------------------------- the payload's members


def _bad(member: str, code: str, *values: Any) -> list[tuple[str, Any, str]]:
    return [(member, value, code) for value in values]


BAD_MEMBERS = [
    *_bad("type", "PAYLOAD_TYPE", None, 1, "", "a.b", "a.b.v0", "A.b.v1", "a.b.v1\n", "a.b.v01", "a.b.c.v1"),
    *_bad(
        "stream", "PAYLOAD_STREAM", None, "", "certificate", "certificate/", "/x", "Certificate/x", "a/b/c"
    ),
    *_bad("stream", "PAYLOAD_STREAM", "a/b c", "a/é", "a/" + "x" * 129, "a/b\n"),
    *_bad("version", "PAYLOAD_VERSION", None, 0, -1, True, "1"),
    *_bad("prev", "PAYLOAD_PREV", None, "", "AB" * 32, "ab" * 31, "ab" * 33, 1),
    *[
        case
        for name in ("occurred_at", "recorded_at")
        for case in _bad(
            name,
            "TIME_INVALID",
            None,
            0,
            "",
            "2026-02-29T08:00:00Z",
            "2026-02-28T24:00:00Z",
            "2026-02-28T08:00:60Z",
            "2026-02-28T08:00:00",
            "2026-02-28T08:00:00+00:00",
            "2026-02-28T08:00:00.0Z",
            "2026-02-28 08:00:00Z",
            "2026-02-28t08:00:00z",
            "20260228T080000Z",
            "0000-01-01T00:00:00Z",
            "٢٠٢٦-02-28T08:00:00Z",
            "2026-02-28T08:00:00Z\n",
        )
    ],
    *_bad("actor", "STAFF_INVALID", None, "", "s1", "staff/", "learner/s1", "staff/s 1", "staff/s1/x"),
    *_bad("role", "PAYLOAD_ROLE", None, "", "Issuer", "a__b", "_a", "a_", "a-b", "a" * 65, "a\n"),
    *_bad("org", "PAYLOAD_ORG", 1, "", "a b", "learner/x", []),
    *_bad("command", "PAYLOAD_COMMAND", None, "", PAYLOAD.command.upper(), PAYLOAD.command.replace("-", "")),
    *_bad("command", "PAYLOAD_COMMAND", "{" + PAYLOAD.command + "}", PAYLOAD.command + "\n"),
    *_bad("data", "PAYLOAD_DATA", None, [], "x", 1),
    *_bad(
        "seen",
        "PAYLOAD_SEEN",
        None,
        [],
        {},
        {"size": 7},
        {"size": 7, "root": b64.encode(bytes(32)), "time": 1},
        {"size": -1, "root": b64.encode(bytes(32))},
        {"size": True, "root": b64.encode(bytes(32))},
        {"size": "7", "root": b64.encode(bytes(32))},
        {"size": 7, "root": None},
        {"size": 7, "root": b64.encode(bytes(31))},
        {"size": 0, "root": b64.encode(bytes(32))},
        {"size": 7, "root": b64.encode(merkle.EMPTY_ROOT)},
    ),
    *_bad("seen", "BASE64_INVALID", {"size": 7, "root": "A" * 42 + "B="}),
]


@pytest.mark.parametrize(("member", "bad", "code"), BAD_MEMBERS)
def test_bad_payload_member(member: str, bad: Any, code: str) -> None:
    value = json.loads(PAYLOAD.to_bytes())
    value[member] = bad
    with pytest.raises(FormatError, match=code):
        entry.parse_payload(jcs_lenient(value))
    if member != "seen":
        with pytest.raises(FormatError, match=code):
            dataclasses.replace(PAYLOAD, **{member: bad}).to_bytes()


def jcs_lenient(value: Any) -> bytes:
    """Canonical but for integers that are too large, which the reader has to refuse."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize("member", json.loads(PAYLOAD.to_bytes()))
def test_missing_payload_member(member: str) -> None:
    value = json.loads(PAYLOAD.to_bytes())
    del value[member]
    with pytest.raises(FormatError, match="PAYLOAD_MEMBERS"):
        entry.parse_payload(jcs.encode(value))


@pytest.mark.parametrize("data", [b"[]", b"null", b'"x"', b"1"])
def test_payload_is_an_object(data: bytes) -> None:
    with pytest.raises(FormatError, match="PAYLOAD_MEMBERS"):
        entry.parse_payload(data)


def test_unknown_payload_member_and_first_version() -> None:
    value = json.loads(PAYLOAD.to_bytes())
    with pytest.raises(FormatError, match="PAYLOAD_MEMBERS"):
        entry.parse_payload(jcs.encode({**value, "note": 1}))
    with pytest.raises(FormatError, match="PAYLOAD_PREV"):
        entry.parse_payload(jcs.encode({**value, "version": 1}))
    first = dataclasses.replace(
        PAYLOAD, version=1, prev=None, org=None, seen_size=0, seen_root=merkle.EMPTY_ROOT
    )
    assert entry.parse_payload(first.to_bytes()) == first


# ---------------------------------------------------------------- the signature's members


def line(**changes: Any) -> bytes:
    value = json.loads(sealed(3)[1].signature.to_bytes())
    value |= changes
    return jcs_lenient({name: item for name, item in value.items() if item is not ...})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        *[({name: ...}, "SIGNATURE_MEMBERS") for name in ("key", "alg", "sig", "index", "size", "path")],
        ({"note": 1}, "SIGNATURE_MEMBERS"),
        ({"key": "a" * 42}, "SIGNATURE_MEMBERS"),
        ({"key": None}, "SIGNATURE_MEMBERS"),
        ({"key": "a" * 44}, "SIGNATURE_MEMBERS"),
        ({"key": "a" * 43 + "\n"}, "SIGNATURE_MEMBERS"),
        ({"key": "a" * 42 + "b"}, "BASE64_INVALID"),
        ({"alg": "rs256"}, "SIGNATURE_MEMBERS"),
        ({"alg": ["ed25519"]}, "SIGNATURE_MEMBERS"),
        ({"alg": "webauthn-ed25519"}, "SIGNATURE_MEMBERS"),
        ({"authenticatorData": "AA=="}, "SIGNATURE_MEMBERS"),
        ({"sig": 1}, "SIGNATURE_MEMBERS"),
        ({"sig": "AA=="}, "SIGNATURE_SIZE"),
        ({"sig": "AA"}, "BASE64_INVALID"),
        ({"index": 3}, "SIGNATURE_PLACE"),
        ({"index": -1}, "SIGNATURE_PLACE"),
        ({"index": -1, "path": [b64.encode(bytes(32))] * 3}, "SIGNATURE_PLACE"),
        ({"index": True}, "SIGNATURE_PLACE"),
        ({"index": "1"}, "SIGNATURE_PLACE"),
        ({"size": 0}, "SIGNATURE_PLACE"),
        ({"size": 2}, "SIGNATURE_PLACE"),
        ({"size": "3"}, "SIGNATURE_PLACE"),
        ({"index": 0, "size": True, "path": []}, "SIGNATURE_PLACE"),
        ({"size": 2**53}, "JSON_RANGE"),
        ({"path": None}, "SIGNATURE_PLACE"),
        ({"path": []}, "SIGNATURE_PLACE"),
        ({"path": [1, 2]}, "SIGNATURE_PLACE"),
        ({"path": ["AA==", "AA=="]}, "BASE64_INVALID"),
        ({"path": [b64.encode(bytes(32))] * 3}, "SIGNATURE_PLACE"),
    ],
)
def test_bad_signature_member(changes: dict[str, Any], code: str) -> None:
    assert entry.parse_signature(line()) == sealed(3)[1].signature
    with pytest.raises(FormatError, match=code):
        entry.parse_signature(line(**changes))


@pytest.mark.parametrize("data", [b"[]", b"null", b'"x"', b"1", b"{}"])
def test_signature_is_an_object(data: bytes) -> None:
    with pytest.raises(FormatError, match="SIGNATURE_MEMBERS"):
        entry.parse_signature(data)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda raw: raw + b"\n", "ENTRY_LINES"),
        (lambda raw: b"\n" + raw, "ENTRY_LINES"),
        (lambda raw: raw.replace(b"\n", b""), "ENTRY_LINES"),
        (lambda raw: raw.split(b"\n")[0] + b"\n", "ENTRY_LINES"),
        (lambda raw: b"\n" + raw.split(b"\n")[1], "ENTRY_LINES"),
        (lambda _: b"", "ENTRY_LINES"),
        (lambda raw: raw.replace(b"\n", b"\r\n"), "JSON_NOT_CANONICAL"),
        (lambda raw: raw.ljust(65536, b" "), "ENTRY_TOO_LARGE"),
        (lambda raw: raw.replace(b"\n", b" \n"), "JSON_NOT_CANONICAL"),
    ],
)
def test_bad_lines(change: Callable[[bytes], bytes], code: str) -> None:
    (raw,) = entry.seal(payloads(1), ORIGIN, sign)
    with pytest.raises(FormatError, match=code):
        entry.parse_entry(change(raw))


def test_an_entry_is_as_large_as_a_bundle_can_say() -> None:
    """65,535 bytes, the most that two bytes of length can say, and not one more."""
    (raw,) = entry.seal(payloads(1), ORIGIN, sign)
    room = 65535 - len(raw)
    for more, fits in ((room, True), (room + 1, False)):
        payload = dataclasses.replace(
            PAYLOAD, stream="certificate/c0", data={**PAYLOAD.data, "x": "y" * (more - 7)}
        )
        made = payload.to_bytes()
        assert len(made) == len(payloads(1)[0]) + more
        if fits:
            (largest,) = entry.seal([made], ORIGIN, sign)
            assert len(largest) == 65535
            entry.verify_entry(entry.parse_entry(largest), ORIGIN, KEY)
        else:
            with pytest.raises(FormatError, match="ENTRY_TOO_LARGE"):
                entry.assemble([made], sign(entry.command_message(ORIGIN, [made])))


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_no_flipped_bit_goes_unnoticed(position: int, bit: int) -> None:
    raw = bytearray(entry.seal(payloads(2), ORIGIN, sign)[1])
    raw[position % len(raw)] ^= 1 << bit
    with pytest.raises(Error):
        entry.verify_entry(entry.parse_entry(bytes(raw)), ORIGIN, KEY)


# ---------------------------------------------------------------- whole commands


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e[:2],
        lambda e: e[1:],
        lambda e: [e[0], e[2]],
        lambda e: [e[1], e[0], e[2]],
        lambda e: [*e, e[2]],
        lambda e: [e[0], e[1], e[1]],
        lambda _: [],
        # A payload in another's place, with the signature line that belongs there.
        lambda e: [dataclasses.replace(e[0], payload_bytes=e[1].payload_bytes), e[1], e[2]],
        # Another signature over the same command on one of its entries.
        lambda e: [
            e[0],
            dataclasses.replace(e[1], signature=dataclasses.replace(e[1].signature, sig=bytes(64))),
            e[2],
        ],
    ],
)
def test_partial_command(change: Callable[[list[entry.Entry]], list[entry.Entry]]) -> None:
    with pytest.raises(CommandError, match="PARTIAL_COMMAND"):
        entry.verify_command(change(sealed(3)), ORIGIN, KEY)


@pytest.mark.parametrize("lie", [{"index": 1}, {"size": 3}])
def test_a_place_that_the_path_would_not_betray(lie: dict[str, Any]) -> None:
    # Nobody signs index and size; within four entries the path of the first has the same length for these.
    entries = sealed(4)
    entries[0] = dataclasses.replace(entries[0], signature=dataclasses.replace(entries[0].signature, **lie))
    assert entry.parse_signature(entries[0].signature.to_bytes()) == entries[0].signature
    with pytest.raises(CommandError, match="PARTIAL_COMMAND"):
        entry.verify_command(entries, ORIGIN, KEY)


@pytest.mark.parametrize(
    "change",
    [
        {"command": "00000000-0c2b-4f5e-9d0a-0123456789ab"},
        {"actor": "staff/s2"},
        {"role": "training_issuer"},
        {"org": None},
        {"recorded_at": "2026-02-28T08:00:06Z"},
        {"seen_size": 8},
        {"seen_root": bytes(32)},
    ],
)
def test_events_of_different_acts(change: dict[str, Any]) -> None:
    mixed = [PAYLOAD.to_bytes(), dataclasses.replace(PAYLOAD, stream="certificate/c2", **change).to_bytes()]
    with pytest.raises(CommandError, match="COMMAND_DIFFERS"):
        entry.seal(mixed, ORIGIN, sign)
    entries = sealed(2)
    entries[1] = dataclasses.replace(entries[1], payload=dataclasses.replace(PAYLOAD, **change))
    with pytest.raises(CommandError, match="COMMAND_DIFFERS"):
        entry.verify_command(entries, ORIGIN, KEY)


def test_wrong_key_algorithm_origin() -> None:
    entries = sealed(2)
    with pytest.raises(SignatureError, match="SIGNATURE_KEY_WRONG"):
        entry.verify_command(entries, ORIGIN, OTHER)
    with pytest.raises(SignatureError, match="SIGNATURE_ALG_WRONG"):
        entry.verify_command(entries, ORIGIN, PublicKey(JWK, "webauthn-ed25519"))
    with pytest.raises(SignatureError, match="SIGNATURE_WRONG"):
        entry.verify_command(entries, "ledger.example/other", KEY)
    with pytest.raises(SignatureError, match="SIGNATURE_WRONG"):
        entry.verify_entry(entries[0], "ledger.example/other", KEY)


def test_what_cannot_be_sealed() -> None:
    with pytest.raises(CommandError, match="COMMAND_EMPTY"):
        entry.seal([], ORIGIN, sign)
    with pytest.raises(FormatError, match="JSON_INVALID"):
        entry.seal([b"not a payload"], ORIGIN, sign)
    large = dataclasses.replace(PAYLOAD, data={"x": "y" * 65000}).to_bytes()
    with pytest.raises(FormatError, match="ENTRY_TOO_LARGE"):
        entry.seal([large], ORIGIN, sign)
    with pytest.raises(FormatError, match="SIGNATURE_SIZE"):
        entry.seal(payloads(1), ORIGIN, lambda _: SigParts(KEY.thumbprint, "ed25519", b"short"))


@pytest.mark.parametrize("origin", ["", "a b", "a+b", "a\nb", "é", "x" * 256, None, 1])
def test_bad_origin(origin: Any) -> None:
    with pytest.raises(FormatError, match="ORIGIN_INVALID"):
        entry.command_message(origin, [b"x"])
    with pytest.raises(FormatError, match="ORIGIN_INVALID"):
        entry.enrol_message(origin, "staff/s1", KEY.thumbprint)


def test_bad_enrolment() -> None:
    with pytest.raises(FormatError, match="STAFF_INVALID"):
        entry.enrol_message(ORIGIN, "s1", KEY.thumbprint)
    with pytest.raises(FormatError, match="THUMBPRINT_INVALID"):
        entry.enrol_message(ORIGIN, "staff/s1", KEY.thumbprint + "\n")
