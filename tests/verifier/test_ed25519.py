"""Strict Ed25519 against the 914 vectors on which libraries disagree."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier import ed25519
from verifier.errors import Error, PublicKeyError, SignatureError

VECTORS = Path(__file__).resolve().parents[2] / "../shared/vectors/ed25519/ed25519vectors.json"
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def accepts(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        ed25519.VerifyKey(key).verify(message, signature)
    except Error:
        return False
    return True


@pytest.fixture(params=["openssl", "libsodium"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each library in turn, whichever is the faster one here."""
    if request.param == "libsodium":
        pytest.importorskip("nacl.bindings", reason="PyNaCl is not installed")
    monkeypatch.setattr(ed25519, "_check", getattr(ed25519, request.param))
    return str(request.param)


@pytest.mark.skipif(not VECTORS.exists(), reason=f"no vectors at {VECTORS}")
def test_cctv_vectors(library: str) -> None:
    vectors = json.loads(VECTORS.read_text())
    assert len(vectors) == 914
    accepted = 0
    for case in vectors:
        flags = set(case["flags"] or ())
        key, signature = bytes.fromhex(case["key"]), bytes.fromhex(case["sig"])
        # Without cofactor, a residue of small order is a wrong signature.
        refused = {"low_order_A", "non_canonical_A", "low_order_R", "non_canonical_R", "low_order_residue"}
        expected = not flags & refused
        assert accepts(key, case["msg"].encode(), signature) == expected, case
        accepted += expected
    assert accepted == 43


@pytest.mark.skipif(not VECTORS.exists(), reason=f"no vectors at {VECTORS}")
def test_libsodium_alone_gives_the_same_answers() -> None:
    nacl = pytest.importorskip("nacl.bindings", reason="PyNaCl is not installed")
    errors = pytest.importorskip("nacl.exceptions")
    for case in json.loads(VECTORS.read_text()):
        key, signature = bytes.fromhex(case["key"]), bytes.fromhex(case["sig"])
        try:
            nacl.crypto_sign_open(signature + case["msg"].encode(), key)
            sodium = True
        except errors.BadSignatureError:
            sodium = False
        assert accepts(key, case["msg"].encode(), signature) == sodium, case


def test_rfc8032_vectors(library: str) -> None:
    # RFC 8032 section 7.1, tests 1 and 2.
    key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    signature = bytes.fromhex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b"
    )
    assert accepts(key, b"", signature)
    assert not accepts(key, b"\x00", signature)
    key = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert accepts(key, b"\x72", signature)


def test_second_spelling_of_s_is_refused(library: str) -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public, signature = private.public_key().public_bytes_raw(), private.sign(b"message")
    assert accepts(public, b"message", signature)
    s = int.from_bytes(signature[32:], "little") + order
    assert not accepts(public, b"message", signature[:32] + s.to_bytes(32, "little"))


def test_small_order_constants_are_the_torsion_points() -> None:
    def double_y(y: int) -> int:
        xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
        return (y * y + xx) * pow(1 - D * xx * y * y, -1, P) % P

    assert len(ed25519._SMALL_ORDER_Y) == 5
    # Each doubles, in three steps, to the identity, whose y is 1.
    assert {double_y(double_y(double_y(y))) for y in ed25519._SMALL_ORDER_Y} == {1}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "KEY_MALFORMED"),
        (bytes(31), "KEY_MALFORMED"),
        (bytes(33), "KEY_MALFORMED"),
        (bytes(32), "KEY_SMALL_ORDER"),
        ((1).to_bytes(32, "little"), "KEY_SMALL_ORDER"),
        ((1 | 1 << 255).to_bytes(32, "little"), "KEY_SMALL_ORDER"),
        ((P - 1).to_bytes(32, "little"), "KEY_SMALL_ORDER"),
        (P.to_bytes(32, "little"), "KEY_NOT_CANONICAL"),
        ((P + 3).to_bytes(32, "little"), "KEY_NOT_CANONICAL"),
        ((2).to_bytes(32, "little"), "KEY_NOT_ON_CURVE"),
    ],
)
def test_bad_keys(data: bytes, code: str) -> None:
    with pytest.raises(PublicKeyError, match=code):
        ed25519.VerifyKey(data)


@pytest.mark.parametrize("length", [0, 63, 65])
def test_signature_length(length: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    with pytest.raises(SignatureError, match="SIGNATURE_WRONG"):
        ed25519.VerifyKey(key).verify(b"", bytes(length))
