"""Published key file and status lists against the log, bit for bit."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.audit.auditing import LOG, codes, found
from tests.audit.broken import stage
from tests.audit.broken_custody import issuer_key
from tests.audit.bundling import write_bundle
from tests.audit.scribe import Pen, an_id
from tests.audit.village import LSP, ZONE, Village
from verifier import dataintegrity, did, jcs, keyfile, statuslist, times, twoline
from verifier.bundle import Bundle
from verifier.finding import Kind
from verifier.keyfile import Custodian, IssuerKey
from verifier.publickey import PublicKey
from verifier.replay import Audit, Request, audit

pytest.importorskip("pyoxigraph")

BASE = "http://localhost:8000"
STATUS = Pen("status key")
Change = dict[str, Any]


@pytest.fixture
def certified() -> Village:
    v = stage("certified")
    issuer_key(v, "status", pen=STATUS, purpose="status")
    v.revoke("ana c")
    return v


def key_file(
    v: Village, *, signers: tuple[str, str] = ("one", "two"), size: int | None = None, **change: Any
) -> bytes:
    enrolled = next(i for i, entry in enumerate(v.entries) if b"issuer_key.enrolled.v1" in entry)
    members: dict[str, Any] = {
        "organisation": LSP,
        "issuer": "LSP Contoh",
        "zone": ZONE,
        "purpose": "status",
        "kind": None,
        "kid": None,
        "key": PublicKey(STATUS.jwk, "ed25519"),
        "valid_from": enrolled,
        "valid_to": None,
        "compromised_from": None,
    }
    custodians = [
        Custodian(f"staff/{an_id(name)}", f"staff/{an_id(name)}", PublicKey(v.pens[name].jwk, "ed25519"))
        for name in ("one", "two")
    ]
    payload = keyfile.statement(
        version=1,
        origin=v.origin,
        size=len(v.entries) if size is None else size,
        issued_at=v.time,
        base_urls=[BASE],
        keys=[IssuerKey(**members | change)],
        custodians=custodians,
    )
    message = twoline.message(payload, keyfile.FORMAT)
    return keyfile.seal(payload, [v.pens[name].sign(message) for name in signers])


def status_list(v: Village, bits: bytes, *, pen: Pen = STATUS, organisation: str = LSP) -> bytes:
    issuer = did.did_web(BASE, organisation)
    document = statuslist.document(
        url=f"{BASE}/status/1",
        issuer=issuer,
        valid_from=v.time,
        valid_until=times.to_text(v.now + 86400),
        bits=bits,
    )
    method = did.method_id(issuer, pen.thumbprint)
    signed = dataintegrity.sign(
        document, method=method, created=v.time, sign_bytes=lambda data: pen.sign(data).sig
    )
    return jcs.encode(signed)


def bits(*places: int) -> bytes:
    made = bytearray(statuslist.LEAST_BITS // 8)
    for place in places:
        made[place >> 3] |= 0x80 >> (place & 7)
    return bytes(made)


def of(folder: Path, v: Village, files: dict[str, bytes], *, now: int | None = None) -> Audit:
    bundle = write_bundle(folder / "b", v.entries, LOG, v.now, links=v.links)
    for name, data in files.items():
        (bundle / name).parent.mkdir(exist_ok=True)
        (bundle / name).write_bytes(data)
    return audit(Bundle(bundle), Request(v.root, LOG.policy(), now or v.now, max_age=10 * 86400))


def place_of(v: Village, name: str) -> int:
    entry = next(e for e in v.entries if b"certificate.issued" in e and an_id(name).encode() in e)
    return int(json.loads(entry.split(b"\n")[0])["data"]["index"])


def test_what_is_published_is_what_the_log_says(certified: Village, tmp_path: Path) -> None:
    v = certified
    result = of(tmp_path, v, {"keys": key_file(v), "status/1": status_list(v, bits(place_of(v, "ana c")))})
    assert not found(result)
    assert result.lists == 1
    assert not {"STATUS_LIST_UNCHECKED", "BUNDLE_OTHER_FILES"} & set(result.findings.counts)


@pytest.mark.parametrize("names", [(), ("ana c", "budi c"), ("budi c",)])
def test_a_list_that_says_otherwise(certified: Village, names: tuple[str, ...], tmp_path: Path) -> None:
    v = certified
    published = status_list(v, bits(*(place_of(v, name) for name in names)))
    assert codes(of(tmp_path, v, {"keys": key_file(v), "status/1": published})) == {"STATUS_LIST_DIFFERS"}


def test_a_list_signed_by_nobody_who_may(certified: Village, tmp_path: Path) -> None:
    v = certified
    files = {"keys": key_file(v), "status/1": status_list(v, bits(), pen=Pen("stranger"))}
    assert codes(of(tmp_path, v, files), Kind.UNKNOWN) == {"STATUS_LIST_UNTRUSTED"}


def test_a_list_that_has_passed_its_time(certified: Village, tmp_path: Path) -> None:
    v = certified
    files = {"keys": key_file(v), "status/1": status_list(v, bits(place_of(v, "ana c")))}
    result = of(tmp_path, v, files, now=v.now + 86401)
    assert "STATUS_LIST_OLD" in result.findings.counts
    assert not found(result)


def test_lists_without_a_key_file_are_not_compared(certified: Village, tmp_path: Path) -> None:
    result = of(tmp_path, certified, {"status/1": b"{}"})
    assert not found(result)
    assert "STATUS_LIST_UNCHECKED" in result.findings.counts


CHANGES: list[Callable[[Village], Change]] = [
    lambda _v: {"organisation": an_id("blk")},
    lambda _v: {"purpose": "pdf"},
    lambda _v: {"valid_from": 5},
    lambda v: {"valid_to": len(v.entries) - 1},
    lambda _v: {"key": PublicKey(Pen("another").jwk, "ed25519")},
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_key_file_that_says_otherwise(
    certified: Village, change: Callable[[Village], Change], tmp_path: Path
) -> None:
    v = certified
    assert codes(of(tmp_path, v, {"keys": key_file(v, **change(v))})) == {"KEY_FILE_DIFFERS"}


def test_a_key_file_older_than_a_retirement(certified: Village, tmp_path: Path) -> None:
    from tests.audit.scribe import Said
    from tests.audit.village import s

    v = certified
    data = key_file(v)
    v.by("one", Said(s("issuer_key", "status"), "issuer_key.retired"))
    assert not found(of(tmp_path / "a", v, {"keys": data}))
    late = key_file(v)
    assert codes(of(tmp_path / "b", v, {"keys": late})) == {"KEY_FILE_DIFFERS"}


@pytest.mark.parametrize("signers", [("one", "one"), ("one", "admin")])
def test_a_key_file_without_two_custodians(
    certified: Village, signers: tuple[str, str], tmp_path: Path
) -> None:
    result = of(tmp_path, certified, {"keys": key_file(certified, signers=signers)})
    assert codes(result, Kind.UNKNOWN) == {"KEY_FILE_UNTRUSTED"}


def test_other_files_are_told(certified: Village, tmp_path: Path) -> None:
    assert "BUNDLE_OTHER_FILES" in of(tmp_path, certified, {"notes.txt": b"hello"}).findings.counts
