"""What is refused or decided here, and not left to the library of the machine: signatures, zones, JSON's order."""

from __future__ import annotations

import sys
import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.verifier.test_ed25519 import library  # noqa: F401 - a fixture
from verifier import ed25519, jcs, times
from verifier.errors import SignatureError

# -- Ed25519 -----------------------------------------------------------------------------------------------------------

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
P = 2**255 - 19
# The points of order 8 as C2SP CCTV and libsodium's list of small order write them.
ORDER_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
ENCODINGS = {
    "identity": 1, "order 2": P - 1, "order 4": 0,
    "order 8": int.from_bytes(ORDER_8, "little"), "order 8, negative": P - int.from_bytes(ORDER_8, "little"),
    "order 4, not reduced": P, "identity, not reduced": P + 1,
}  # fmt: skip


def refused(message: bytes, signature: bytes) -> str:
    with pytest.raises(SignatureError) as caught:
        ed25519.VerifyKey(PUBLIC).verify(message, signature)
    assert caught.value.code == "SIGNATURE_WRONG"
    return caught.value.message


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("name", ENCODINGS)
def test_a_signature_begins_with_no_point_of_small_order(name: str, sign: int) -> None:
    r = (ENCODINGS[name] | sign << 255).to_bytes(32, "little")
    assert refused(b"message", r + PRIVATE.sign(b"message")[32:]) == "the Ed25519 signature is malformed"
    near = ((ENCODINGS[name] ^ 4) | sign << 255).to_bytes(32, "little")
    assert refused(b"message", near + bytes(32)) == "the Ed25519 signature does not hold"


@pytest.mark.usefixtures("library")
def test_a_signature_has_64_bytes_wherever_its_message_begins() -> None:
    """A library that is given both in one would find the same bytes parted elsewhere."""
    whole = PRIVATE.sign(b"message")
    ed25519.VerifyKey(PUBLIC).verify(b"message", whole)
    assert refused(b"essage", whole + b"m") == "the Ed25519 signature is malformed"
    assert refused(whole[63:] + b"message", whole[:63]) == "the Ed25519 signature is malformed"
    assert refused(whole + b"message", b"") == "the Ed25519 signature is malformed"


def test_the_quicker_library_is_taken_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("nacl.bindings", reason="PyNaCl is not installed")
    assert ed25519._fastest() is ed25519.libsodium
    monkeypatch.setitem(sys.modules, "nacl.bindings", None)  # as if it were not there
    assert ed25519._fastest() is ed25519.openssl


# -- time zones --------------------------------------------------------------------------------------------------------


@pytest.fixture
def zones(tmp_path: Path) -> Iterator[Path]:
    """A time zone database of this test's own."""
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([tmp_path])
    try:
        yield tmp_path
    finally:
        zoneinfo.reset_tzpath(before)


# A zone that is always UTC (RFC 9636: version 1, one local time type of six bytes, four bytes of its name).
TZIF = b"TZif" + bytes(16) + b"".join(n.to_bytes(4, "big") for n in (0, 0, 0, 0, 1, 4)) + bytes(6) + b"UTC\0"


@pytest.mark.parametrize(
    "name",
    ["Here/Now", "Here_x", "Here-x", "Here+1", "Here/x1", "H", "H/x", "H" * 32, f"H/{'x' * 32}", "H/a/b/c/d/e/f"],
)  # fmt: skip
def test_a_zone_of_the_database(zones: Path, name: str) -> None:
    (zones / name).parent.mkdir(parents=True, exist_ok=True)
    (zones / name).write_bytes(TZIF)
    assert times.day_of(86399, name) == "1970-01-01"


@pytest.mark.parametrize(
    "name",
    ["Odd.zone", "Odd zone", "Odd_", "1Odd", "Odd--x", "O\u0308dd", "Odd\n", "O" * 33, f"O/{'x' * 33}", "-Odd",
     "O/a/b/c/d/e/f/g"],
)  # fmt: skip
def test_a_file_beside_the_zones_is_no_zone(zones: Path, name: str) -> None:
    (zones / name).parent.mkdir(parents=True, exist_ok=True)
    (zones / name).write_bytes(TZIF)
    assert zoneinfo.ZoneInfo(name).key == name  # the library takes it
    with pytest.raises(times.ZoneMissingError):
        times.zone(name)


def test_a_zone_that_is_damaged_is_missing(zones: Path) -> None:
    (zones / "Damaged").write_bytes(b"not a zone")
    with pytest.raises(times.ZoneMissingError):
        times.zone("Damaged")


def test_a_zone_that_cannot_be_read_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_name: str) -> Any:
        raise PermissionError

    monkeypatch.setattr(times, "ZoneInfo", forbidden)
    with pytest.raises(times.ZoneMissingError):
        times.zone("Locked/Away")


# -- canonical JSON ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "then"),
    [("\U0001f600", "\ufb33"), ("\U00010000", "\uffff"), ("\ud7ff", "\U0001f600"), ("\u00f6", "\ufb33")],
)
def test_names_follow_each_other_by_utf16_whatever_they_look_like(first: str, then: str) -> None:
    """RFC 8785 section 3.2.3: a surrogate pair begins with D800 to DBFF, before E000 and what follows."""
    assert first.encode("utf-16-be") < then.encode("utf-16-be")
    for value in ({first: 1, then: 2}, {then: 2, first: 1}):
        assert jcs.encode(value).decode() == f'{{"{first}":1,"{then}":2}}'
    assert jcs.decode(f'{{"{first}":1,"{then}":2}}'.encode()) == {first: 1, then: 2}
