"""Tokens are read by the browser exactly as by the verifier's Python: what one refuses, the other refuses."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import cbor2

from tests.scan.scan_harness import Run
from tests.scan.scan_site import CERTIFIED, Office
from verifier import token
from verifier.errors import Error

BASE = "http://localhost:8000"


def _python_token(data: bytes) -> Any:
    try:
        read = token.parse(data)
    except Error as error:
        return error.code
    claims = read.claims
    epoch = date(1970, 1, 1)
    until = claims.valid_until and (claims.valid_until - epoch).days
    return [read.kid, claims.holder, (claims.issued_on - epoch).days, until, claims.scheme_code, claims.title]


def _sign1(payload: bytes, head: bytes = bytes.fromhex("a20132044101"), sig: bytes = bytes(64)) -> bytes:
    return cbor2.dumps([head, {}, payload, sig])


def _odd_payloads() -> Iterator[bytes]:
    good = {2: "Siti", 6: 20000, -2: "S"}
    for change in (
        *({}, {4: 21000}, {-3: "J"}, {4: 20000}, {4: 19999}, {4: None}, {4: -1}, {4: 1.0}, {6: -1}, {6: "1"}),
        *(
            {6: 2932896},
            {6: 2932897},
            {6: 2**32},
            {6: 2**40},
            {6: True},
            {2: ""},
            {2: "x" * 200},
            {2: "x" * 201},
        ),
        *(
            {2: b"x"},
            {2: "a\nb"},
            {2: "\x85"},
            {2: "\x7f"},
            {2: "\ufeffa"},
            {2: "😀" * 60},
            {2: "e\u0301"},
            {2: None},
        ),
        *({-2: "x" * 80}, {-2: "x" * 81}, {-3: "x" * 250}, {-3: ""}, {-3: None}, {-2: 5}, {1: "iss"}, {3: 1}),
        *({-1: "x"}, {-4: "x"}, {"2": "x"}, {100: 1}, {-100: 1}),
    ):
        yield cbor2.dumps(good | change, canonical=True)
    for missing in good:
        yield cbor2.dumps({name: value for name, value in good.items() if name != missing}, canonical=True)
    plain = cbor2.dumps(good, canonical=True)
    yield plain + b"\0"
    yield plain[:-1]
    yield b""
    yield b"\xa0"
    yield cbor2.dumps([2, 3])
    yield cbor2.dumps({6: 20000, 2: "Siti", -2: "S"})  # another order
    yield bytes.fromhex("a402645369746902645369746906194e20216153")  # a name twice
    yield plain.replace(b"\x64Siti", b"\x78\x04Siti")  # a length longer than needed
    yield plain.replace(b"\x19\x4e\x20", b"\x1a\x00\x00\x4e\x20")
    yield plain.replace(b"\x02\x64", b"\x18\x02\x64", 1)
    yield plain.replace(b"\x21", b"\x38\x01", 1)
    yield plain.replace(b"\x64Siti", b"\x64\xff\xfe\xfd\xfc")  # no UTF-8
    yield plain.replace(b"\x64Siti", b"\x64\xed\xa0\x80x")  # a surrogate
    yield plain.replace(b"\x64Siti", b"\x7f\x64Siti\xff")  # without a length
    yield plain.replace(b"\x64Siti", b"\x7b" + bytes(7) + b"\x04Siti")
    yield b"\xbf" + plain[1:] + b"\xff"
    yield b"\xc1" + plain


def _odd_tokens() -> Iterator[bytes]:
    payload = cbor2.dumps({2: "Siti", 6: 20000, -2: "S"}, canonical=True)
    for odd in _odd_payloads():
        yield _sign1(odd)
    for head in (
        "a10132",
        "a20126044101",
        "a2013204420102",
        "a20132044100",
        "a201320440",
        "a20441010132",
        "",
        "a0",
    ):
        yield _sign1(payload, head=bytes.fromhex(head))
    yield _sign1(payload, head=bytes.fromhex("a3013204410105410a"))
    for size in (0, 63, 65, 64):
        yield _sign1(payload, sig=bytes(size))
    good = bytes.fromhex("a20132044101")
    yield cbor2.dumps([good, {1: 2}, payload, bytes(64)])
    yield cbor2.dumps([good, {}, payload])
    yield cbor2.dumps([good, {}, payload, bytes(64), 1])
    yield cbor2.dumps([good, {}, None, bytes(64)])
    yield cbor2.dumps(cbor2.CBORTag(18, [good, {}, payload, bytes(64)]))
    yield _sign1(payload) + b"\0"
    yield b"\x84" + bytes(399)
    yield bytes(400)
    yield bytes(401)


def test_tokens_are_read_alike(run: Run) -> None:
    some = random.Random(2026)
    genuine = [token.parse_qr(Office(base_url=BASE).qr(name)).token for name in CERTIFIED]
    cases = list(_odd_tokens())
    for read in genuine:
        assert read
        data = read.to_bytes()
        cases.append(data)
        for _ in range(300):
            place, much = some.randrange(len(data)), some.choice([0, 1, 1, 1, 2])
            new = bytes([some.choice([some.randrange(256), data[place] ^ 1 << some.randrange(8)])])
            cases.append(data[:place] + new * some.choice([0, 1, 1, 1, 2]) + data[place + much :])
    got = run("token", [{"hex": case.hex()} for case in cases])
    expected = [_python_token(case) for case in cases]
    for case, one, other in zip(cases, expected, got, strict=True):
        assert other == one, case.hex()
    accepted = [each for each in expected if isinstance(each, list)]
    assert 200 < len(accepted) < len(cases) - 500  # both outcomes were tried
