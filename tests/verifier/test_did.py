"""Names of issuers and keys, by the examples of their specifications."""

from __future__ import annotations

import pytest

from verifier import b64, did
from verifier.errors import FormatError
from verifier.publickey import PublicKey


def keys() -> list[PublicKey]:
    """Three keys: the base point of the curve and two that RFC 8032 signs with in its examples."""
    texts = (
        "5866666666666666666666666666666666666666666666666666666666666666",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    )
    return [
        PublicKey({"kty": "OKP", "crv": "Ed25519", "x": b64.url_encode(bytes.fromhex(text))}, "ed25519")
        for text in texts
    ]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://w3c-ccg.github.io", "did:web:w3c-ccg.github.io:i:org"),
        ("https://example.com:3000", "did:web:example.com%3A3000:i:org"),
        ("http://[::1]:80", "did:web:[%3A%3A1]%3A80:i:org"),
    ],
)
def test_an_organisation_below_an_address(url: str, name: str) -> None:
    assert did.did_web(url, "org") == name


# draft-msporny-base58, section 5, and the addresses of Bitcoin's all-zero keys.
VECTORS = {
    b"Hello World!": "z2NEpo7TZRRrLZSi2U",
    b"The quick brown fox jumps over the lazy dog.": "zUSm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
    bytes.fromhex("0000287fb4cd"): "z11233QC4",
    b"": "z",
    b"\0": "z1",
    b"\0\0\1\0": "z115R",
    b"\1": "z2",
    b"\x39": "zz",
    b"\x3a": "z21",
    b"XYZ": "zWgBK",
}


@pytest.mark.parametrize(("data", "text"), VECTORS.items(), ids=VECTORS.values())
def test_base58(data: bytes, text: str) -> None:
    assert did.multibase(data) == text
    assert did.from_multibase(text, len(data)) == data


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", 0), ("", 1), ("2", 1), ("m2", 1), ("Z2", 1), ("z", 1), ("z2", 0), ("z2", 2), ("z12", 1), ("z0", 1),
        ("zO", 1), ("zI", 1), ("zl", 1), ("z2 ", 1), ("z2\n", 1), ("zä", 1), ("z5R", 1), ("z11", 1), ("z" + "z" * 9, 1),
    ],
)  # fmt: skip
def test_no_other_spelling_or_size(text: str, size: int) -> None:
    with pytest.raises(FormatError, match=f"MULTIBASE_INVALID: not {size} bytes in base58btc"):
        did.from_multibase(text, size)


def test_two_bytes_are_not_one() -> None:
    for number in range(256):
        with pytest.raises(FormatError, match="MULTIBASE_INVALID"):
            did.from_multibase(did.multibase(bytes([number, number])), 1)


def test_a_text_has_128_characters_at_most() -> None:
    data = next(bytes([first]) + bytes([255]) * 92 for first in range(1, 256) if _length(first) == 128)
    assert did.from_multibase(did.multibase(data), 93) == data
    longer = next(bytes([first]) + bytes([255]) * 92 for first in range(1, 256) if _length(first) == 129)
    with pytest.raises(FormatError, match="MULTIBASE_INVALID"):
        did.from_multibase(did.multibase(longer), 93)


def _length(first: int) -> int:
    return len(did.multibase(bytes([first]) + bytes([255]) * 92))


def test_a_multikey_has_its_prefix() -> None:
    """Controlled Identifiers 1.0, section 2.2.2: Ed25519 keys begin `z6Mk`."""
    for key in keys():
        text = did.multikey(key.jwk)
        assert text.startswith("z6Mk")
        assert did.from_multibase(text, 34) == b"\xed\x01" + b64.url_decode(key.jwk["x"], 32)


def test_a_document_names_all_keys_and_lets_some_assert() -> None:
    one, two, three = keys()
    name = "did:web:a:i:org"
    document = did.document(name, [one, two, three], frozenset({one.thumbprint, three.thumbprint, "other"}))
    assert document == {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": name,
        "verificationMethod": [
            {
                "controller": name,
                "id": f"{name}#{key.thumbprint}",
                "publicKeyMultibase": did.multikey(key.jwk),
                "type": "Multikey",
            }
            for key in (one, two, three)
        ],
        "assertionMethod": [f"{name}#{one.thumbprint}", f"{name}#{three.thumbprint}"],
    }
