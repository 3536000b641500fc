import json
import pickle

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from keys.errors import Error
from keys.signer import Ed25519Signer, ES256Signer, SoftwareSigner, possession, software_signer
from verifier import b64
from verifier.entry import enrol_message
from verifier.errors import FormatError
from verifier.publickey import P256_ORDER, PublicKey, SigParts

CLASSES = [Ed25519Signer, ES256Signer]


def test_rfc_8032_test_1() -> None:
    signer = Ed25519Signer(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    assert signer.jwk["x"] == b64.url_encode(
        bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    )
    assert signer.sign(b"").sig.hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )


def test_rfc_8037_thumbprint() -> None:
    """RFC 8037 appendix A: the key of RFC 8032's first test, and its RFC 7638 thumbprint."""
    signer = Ed25519Signer(b64.url_decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"))
    assert signer.thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_rfc_6979_p256_public_key() -> None:
    """RFC 6979 appendix A.2.5: private key x and public point U."""
    signer = ES256Signer(bytes.fromhex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"))
    x, y = (b64.url_decode(signer.jwk[name]).hex().upper() for name in "xy")
    assert x == "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
    assert y == "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"


def test_es256_is_raw_and_low_s() -> None:
    signer = ES256Signer.generate()
    public = ec.derive_private_key(int.from_bytes(signer.raw(), "big"), ec.SECP256R1()).public_key()
    for number in range(40):  # half of all signatures come with a high s: none of 40 by chance is 1 in 10^12
        sig = signer.sign(str(number).encode()).sig
        assert len(sig) == 64
        r, s = int.from_bytes(sig[:32], "big"), int.from_bytes(sig[32:], "big")
        assert 0 < s <= P256_ORDER // 2
        public.verify(encode_dss_signature(r, s), str(number).encode(), ec.ECDSA(SHA256()))


@pytest.mark.parametrize("cls", CLASSES)
def test_a_signer_comes_back_from_its_raw_key(cls: type[SoftwareSigner]) -> None:
    signer = cls.generate()
    again = software_signer(signer.alg)(signer.raw())
    assert (again.jwk, again.thumbprint) == (signer.jwk, signer.thumbprint)
    PublicKey(signer.jwk, signer.alg).verify(b"m", again.sign(b"m"))


@pytest.mark.parametrize("cls", CLASSES)
def test_a_private_key_is_neither_shown_nor_pickled(cls: type[SoftwareSigner]) -> None:
    signer = cls.generate()
    assert signer.raw().hex() not in repr(signer)
    assert repr(signer).endswith(f"{signer.thumbprint}>")
    with pytest.raises(TypeError):
        pickle.dumps(signer)
    signer.jwk["x"] = "changed"
    assert signer.jwk["x"] != "changed"


@pytest.mark.parametrize("cls", CLASSES)
def test_possession_is_checked_by_the_verifier(cls: type[SoftwareSigner]) -> None:
    signer = cls.generate()
    proof = json.loads(json.dumps(possession(signer, "example.org/log", "stf-1")))
    assert set(proof) == {"sig"}
    parts = SigParts.from_json(signer.thumbprint, signer.alg, proof)
    PublicKey(signer.jwk, signer.alg).verify(
        enrol_message("example.org/log", "staff/stf-1", signer.thumbprint), parts
    )


def test_possession_message_byte_for_byte() -> None:
    signer = Ed25519Signer.generate()
    sig = b64.decode(possession(signer, "example.org/log", "stf-1")["sig"])
    public = Ed25519PublicKey.from_public_bytes(b64.url_decode(signer.jwk["x"]))
    message = f"certledger/enrol/v1\nexample.org/log\nstaff/stf-1\n{signer.thumbprint}\n".encode()
    public.verify(sig, message)
    with pytest.raises(InvalidSignature):
        public.verify(sig, message[:-1])


@pytest.mark.parametrize(
    ("origin", "staff"), [("a b", "stf-1"), ("example.org", "staff/1"), ("example.org", "1\n2")]
)
def test_possession_refuses_what_could_be_read_in_two_ways(origin: str, staff: str) -> None:
    with pytest.raises(FormatError):
        possession(Ed25519Signer.generate(), origin, staff)


def test_other_algorithms_are_not_software_keys() -> None:
    with pytest.raises(Error) as caught:
        software_signer("webauthn-ed25519")
    assert caught.value.code == "KEY_ALGORITHM"
