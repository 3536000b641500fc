"""Key files and withdrawn lists: the browser believes what the verifier's Python believes, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from keys.signer import ES256Signer, Signer
from tests.scan.scan_harness import Run, trust_json
from tests.scan.scan_site import (
    CUSTODIANS,
    FOUNDERS,
    ISSUER_KEYS,
    ORG,
    ORIGIN,
    STATUS_KEY,
    Office,
    issuer_key,
    public,
    sealed_keyfile,
    signer,
)
from tests.verifier.test_publickey import EC_JWK, ED_JWK, SITE, assertion, raw_signature
from verifier import b64, jcs, keyfile, twoline, withdrawn
from verifier.errors import Error
from verifier.keyfile import Custodian, Trust
from verifier.publickey import P256_ORDER, PublicKey, SigParts

BASE = "http://localhost:8000"


def _version(data: bytes, trust: Trust) -> int | str:
    try:
        return keyfile.parse(data, trust).version
    except Error as error:
        return error.code


def _organisations(data: bytes, keys: keyfile.KeyFile) -> list[str] | str:
    try:
        return list(withdrawn.parse(data, keys))
    except Error as error:
        return error.code


_REFUSED = {"KEY_FILE_INVALID", "KEY_FILE_UNTRUSTED", "WITHDRAWN_INVALID", "WITHDRAWN_UNTRUSTED"}


def agree(python: Any, browser: Any) -> bool:
    """Both accept with the same result, or both refuse. Codes for refusals are fewer in the browser."""
    if isinstance(python, str):
        return isinstance(browser, str) and browser in _REFUSED
    return bool(python == browser)


class _Webauthn:
    """A custodian's authenticator."""

    def __init__(self, alg: str, **wrong: Any) -> None:
        self.alg = alg
        self.jwk = ED_JWK if alg.endswith("ed25519") else EC_JWK
        self.thumbprint = PublicKey(self.jwk, alg).thumbprint
        self._wrong = wrong

    def sign(self, message: bytes) -> SigParts:
        return replace(assertion(self.alg, message, **self._wrong), key=self.thumbprint)


class _High:
    """A P-256 key that signs with high s."""

    alg = "es256"
    jwk = EC_JWK
    thumbprint = PublicKey(EC_JWK, "es256").thumbprint

    def sign(self, message: bytes) -> SigParts:
        return SigParts(self.thumbprint, self.alg, raw_signature(message, high=True))


class _Mangled:
    """A signer whose signature something happens to; it signs again where nothing can (None)."""

    def __init__(self, inner: Signer, change: Callable[[bytes], bytes | None]) -> None:
        self.alg, self.jwk, self.thumbprint = inner.alg, inner.jwk, inner.thumbprint
        self._inner, self._change = inner, change

    def sign(self, message: bytes) -> SigParts:
        while True:
            parts = self._inner.sign(message)
            changed = self._change(parts.sig)
            if changed is not None:
                return replace(parts, sig=changed)


def _long_integer(der: bytes) -> bytes | None:
    """A DER signature whose first integer, of 32 bytes, has a zero byte too many."""
    if der[3] != 32:
        return None
    return bytes([0x30, der[1] + 1, 2, der[3] + 1, 0]) + der[4:]


def _other_s(der: bytes) -> bytes:
    """The same signature with the other s, as authenticators may give it."""
    size = der[3]
    s = int.from_bytes(der[6 + size :], "big")
    other = P256_ORDER - s
    raw = other.to_bytes((other.bit_length() + 8) // 8, "big")
    body = der[2 : 4 + size] + bytes([2, len(raw)]) + raw
    return bytes([0x30, len(body)]) + body


def _custody_cases() -> Iterator[tuple[str, bytes, Trust]]:
    def case(name: str, *signers: Any, sites: Any = (SITE,), **changes: Any) -> tuple[str, bytes, Trust]:
        people = [Custodian(f"staff/{n}", f"staff/{n}", public(one)) for n, one in enumerate(signers)]
        trust = Trust(ORIGIN, tuple(people[:2]), tuple(sites))
        return name, sealed_keyfile(BASE, signers[:2], **changes), trust

    ed, p256 = FOUNDERS[0], ES256Signer((2**100 + 7).to_bytes(32, "big"))
    yield case("two of Ed25519", *FOUNDERS)
    yield case("Ed25519 and P-256", ed, p256)
    yield case("an authenticator with Ed25519", ed, _Webauthn("webauthn-ed25519"))
    yield case("an authenticator with P-256", ed, _Webauthn("webauthn-es256"))
    yield case("P-256 with high s", ed, _High())
    yield case("DER with the other s", ed, _Mangled(_Webauthn("webauthn-es256"), _other_s))
    yield case("DER that is longer than needed", ed, _Mangled(_Webauthn("webauthn-es256"), _long_integer))
    yield case(
        "DER with something behind it", ed, _Mangled(_Webauthn("webauthn-es256"), lambda sig: sig + b"\0")
    )
    yield case("DER cut", ed, _Mangled(_Webauthn("webauthn-es256"), lambda sig: sig[:-1]))
    yield case("raw where DER is due", ed, _Mangled(_Webauthn("webauthn-es256"), lambda _: bytes(64)))
    yield case("a signature of zeros", ed, _Mangled(p256, lambda _: bytes(64)))
    yield case("a bit changed", ed, _Mangled(FOUNDERS[1], lambda sig: sig[:-1] + bytes([sig[-1] ^ 1])))
    yield case("no site", ed, _Webauthn("webauthn-ed25519"), sites=())
    wrongs: dict[str, dict[str, Any]] = {
        "another type": {"type": "webauthn.create"},
        "another challenge": {"challenge": "AAAA"},
        "another origin": {"origin": "https://other.example"},
        "in a frame": {"crossOrigin": True},
        "crossOrigin left out": {"crossOrigin": ...},
        "a top origin": {"topOrigin": "https://ledger.example"},
        "user not verified": {"flags": 0x01},
        "user not present": {"flags": 0x04},
        "backup without being eligible": {"flags": 0x15},
        "backup, eligible": {"flags": 0x1D},
        "attested data": {"flags": 0x45},
        "extensions said and missing": {"flags": 0x85},
        "extensions there and not said": {"more": b"\xa0"},
        "extensions": {"flags": 0x85, "more": b"\xa0"},
        "client data that is no JSON": {"client_text": b"{"},
        "client data that is a list": {"client_text": b"[]"},
        "client data null": {"client_text": b"null"},
    }
    for name, wrong in wrongs.items():
        for alg in ("webauthn-ed25519", "webauthn-es256"):
            yield case(f"{name}, {alg}", ed, _Webauthn(alg, **wrong))
    own = Trust(ORIGIN, CUSTODIANS, ())
    one_person = tuple(replace(each, person="staff/same") for each in CUSTODIANS)
    yield "one person twice", sealed_keyfile(BASE), replace(own, custodians=one_person)
    yield "one key twice", sealed_keyfile(BASE, (FOUNDERS[0], FOUNDERS[0])), own
    yield "one alone", sealed_keyfile(BASE, FOUNDERS[:1]), own
    yield "three", sealed_keyfile(BASE, (*FOUNDERS, FOUNDERS[0])), own
    yield "a stranger", sealed_keyfile(BASE, (FOUNDERS[0], signer("x"))), own
    yield "another log", sealed_keyfile(BASE, origin="other"), own
    yield "older", sealed_keyfile(BASE, version=3), replace(own, version=4)
    yield "as old", sealed_keyfile(BASE, version=4), replace(own, version=4)
    wrong_alg = (
        replace(CUSTODIANS[0], key=PublicKey(CUSTODIANS[0].key.jwk, "webauthn-ed25519")),
        CUSTODIANS[1],
    )
    yield "another algorithm", sealed_keyfile(BASE), replace(own, custodians=wrong_alg)


def test_custodians_signatures_count_alike(run: Run) -> None:
    cases = list(_custody_cases())
    expected = [_version(data, trust) for _, data, trust in cases]
    got = run("keys", [{"text": data.decode(), "trust": trust_json(trust)} for _, data, trust in cases])
    for (name, _, _), one, other in zip(cases, expected, got, strict=True):
        assert agree(one, other), (name, one, other)
    accepted = {name for (name, _, _), one in zip(cases, expected, strict=True) if isinstance(one, int)}
    assert {"two of Ed25519", "Ed25519 and P-256", "an authenticator with Ed25519"} < accepted
    assert {
        "an authenticator with P-256",
        "DER with the other s",
        "crossOrigin left out, webauthn-es256",
    } < accepted
    assert {"P-256 with high s", "one person twice", "in a frame, webauthn-es256"}.isdisjoint(accepted)


def _resealed(
    change: Callable[[dict[str, Any]], Any], spelling: Callable[[Any], bytes] = jcs.encode
) -> bytes:
    """A key file with something changed before both signed it."""
    value = json.loads(sealed_keyfile(BASE).partition(b"\n")[0])
    value = change(value) or value
    payload = spelling(value)
    return keyfile.seal(payload, [one.sign(twoline.message(payload, keyfile.FORMAT)) for one in FOUNDERS])


def _set(*path: str | int, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(value: dict[str, Any]) -> None:
        target: Any = value
        for part in path[:-1]:
            target = target[part]
        if to is ...:
            del target[path[-1]]
        else:
            target[path[-1]] = to

    return change


def _loose(value: Any) -> bytes:
    return json.dumps(value).encode()


def _compact(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_malformed_key_files_are_refused_alike(run: Run) -> None:
    whole = sealed_keyfile(BASE)
    odd = [
        *(_resealed(_set(name, to=...)) for name in ("version", "origin", "keys", "custodians", "format")),
        *(_resealed(_set("version", to=to)) for to in (0, -1, "1", True, None)),
        *(_resealed(_set("size", to=to)) for to in (-1, "x", 0)),
        *(
            _resealed(_set("issued_at", to=to))
            for to in ("2026-02-30T00:00:00Z", "2026-01-01", 5, "2026-01-01T24:00:00Z")
        ),
        *(_resealed(_set("base_urls", to=to)) for to in ([], ["x" * 300], ["x" * 301], [""], "x", [1])),
        *(_resealed(_set("keys", to=to)) for to in ([], [1], "x")),
        *(_resealed(_set("keys", 0, "kid", to=to)) for to in (256, -1, None, 255, "1", True)),
        *(_resealed(_set("keys", 0, "kind", to=to)) for to in (None, "OTHER", "TRAINING")),
        *(_resealed(_set("keys", 3, "kind", to=to)) for to in ("TRAINING", None)),
        *(_resealed(_set("keys", 0, "purpose", to=to)) for to in ("other", "status")),
        *(_resealed(_set("keys", 0, "from", to=to)) for to in (-1, None, 2**53 - 1)),
        _resealed(_set("size", to=2**53), _compact),
        *(_resealed(_set("keys", 0, "to", to=to)) for to in (-1, "x", 0)),
        *(_resealed(_set("keys", 0, "organisation", to=to)) for to in ("", "a/b", "x" * 128, "x" * 129, 5)),
        *(_resealed(_set("keys", 0, "issuer", to=to)) for to in ("", "x" * 201, "é" * 200, 5)),
        *(_resealed(_set("keys", 0, "more", to=to)) for to in (1, None)),
        *(_resealed(_set("keys", 0, "alg", to=to)) for to in ("es256", "none", None)),
        *(
            _resealed(_set("keys", 0, "jwk", "x", to=to))
            for to in ("AAAA", "", 5, ED_JWK["x"], ED_JWK["x"] + "=")
        ),
        *(_resealed(_set("keys", 0, "jwk", "kid", to=to)) for to in ("x",)),
        *(
            _resealed(_set("custodians", 0, "staff", to=to))
            for to in ("s1", "staff/", "staff/a b", "staff/a")
        ),
        *(_resealed(_set("custodians", to=to)) for to in ([], [5])),
        _resealed(lambda _: None, _loose),
        _resealed(_set("size", to=1.0), _loose),
        *(
            whole.replace(b'"version":1', new)
            for new in (b'"version":1.0', b'"version":1,"version":1', b'"version":2')
        ),
        *(
            whole + b"\n",
            b"",
            b"\n",
            whole.partition(b"\n")[0],
            whole.replace(b"\n", b"\n\n"),
            b"\xef\xbb\xbf" + whole,
        ),
        whole.replace(b'"sig"', b'"sig":"","sig"', 1),
        whole,
    ]
    trust = Trust(ORIGIN, CUSTODIANS, ())
    expected = [_version(data, trust) for data in odd]
    got = run("keys", [{"text": data.decode(), "trust": trust_json(trust)} for data in odd])
    for data, one, other in zip(odd, expected, got, strict=True):
        assert agree(one, other), (one, other, data[:3000])
    assert sum(isinstance(one, int) for one in expected) > 8


def test_withdrawn_lists_are_refused_alike(run: Run) -> None:
    office = Office(base_url=BASE)
    whole = office.withdrawn()
    lines = whole.split(b"\n")
    other_key = issuer_key("status", signer("other"), organisation="blk-contoh")
    keys = sealed_keyfile(
        BASE, keys=[*ISSUER_KEYS, other_key, issuer_key("credential", signer("credential"))]
    )

    def sealed(by: Signer = STATUS_KEY, **changes: Any) -> bytes:
        payload = json.loads(lines[0]) | changes
        data = jcs.encode({name: value for name, value in payload.items() if value is not ...})
        return withdrawn.seal(data, by.sign(twoline.message(data, withdrawn.FORMAT)))

    second = sealed(signer("other"), organisation="blk-contoh", tokens="")
    odd = [
        whole,
        b"",
        whole + b"\n" + second,
        second,
        whole + b"\n" + whole,
        whole + b"\n",
        lines[0],
        sealed(signer("other")),
        sealed(signer("credential")),
        sealed(organisation="blk-contoh"),
        sealed(origin="other"),
        *(
            sealed(tokens=b64.encode(data))
            for data in (b"", bytes(8), bytes(16), bytes(7), b"\2" * 8 + b"\1" * 8)
        ),
        *(sealed(tokens=text) for text in ("AA", "AA==", "A A=", "_w==", "/x==", 5)),
        *(sealed(valid_until=text) for text in ("2026-11-24", "2026-13-01T00:00:00Z", ...)),
        *(sealed(size=size) for size in (-1, "1", True)),
        sealed(more=1),
        whole.replace(b'"sig"', b'"x":1,"sig"'),
        whole.replace(b'"alg":"ed25519"', b'"alg":"es256"'),
        whole.replace(b'"valid_until":"2026', b'"valid_until":"2036'),
        lines[0] + b"\n[]",
    ]
    cases = [
        {"text": data.decode(), "keys": keys.decode(), "trust": trust_json(office.trust)} for data in odd
    ]
    file = keyfile.parse(keys, office.trust)
    expected = [_organisations(data, file) for data in odd]
    for data, one, other in zip(odd, expected, run("lists", cases), strict=True):
        assert agree(one, other), (one, other, data)
    assert expected[:4] == [[ORG], [], [ORG, "blk-contoh"], ["blk-contoh"]]
    retired = sealed_keyfile(BASE, keys=[replace(key, valid_to=60) for key in ISSUER_KEYS])
    assert run("lists", [{**cases[0], "keys": retired.decode()}]) == ["WITHDRAWN_UNTRUSTED"]
