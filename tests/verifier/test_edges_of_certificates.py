"""Limits and spellings of what a certificate consists of, without an issuer: its credential, its token, its bundle."""

import copy
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier import b64, code, credential, dataintegrity, token
from verifier.bundle import Bundle, BundleError
from verifier.errors import FormatError
from verifier.jsonld import CREDENTIALS, OPEN_BADGES
from verifier.publickey import PublicKey
from verifier.rules import certificate
from verifier.tile import ENTRIES, Tile
from verifier.token import Claims
from verifier.webauthn import RelyingParty

UUID = "urn:uuid:00000000-0000-0000-0000-00000000000{}"
UNIT = {
    "type": ["Alignment"],
    "targetType": "ext:SKKNI",
    "targetCode": "C.1",
    "targetName": "x",
    "targetDescription": "x",
    "targetFramework": "x",
    "targetUrl": "https://skkni.kemnaker.go.id/",
}
DESCRIBED = {
    "id": UUID.format(2),
    "type": ["ResultDescription"],
    "name": "C.1",
    "resultType": "Result",
    "allowedValue": ["K", "BK"],
}
NAMED = {"type": "IdentityObject", "hashed": False, "identityHash": "Arif", "identityType": "name"}
DOCUMENT: dict[str, Any] = {
    "@context": [CREDENTIALS, OPEN_BADGES],
    "id": f"https://a/v/{'0' * 13}/credential.json",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "name": "x",
    "issuer": {"id": "did:web:a:i:lsp", "type": ["Profile"], "name": "LSP"},
    "validFrom": "2026-03-13T02:00:00Z",
    "credentialSubject": {
        "type": ["AchievementSubject"],
        "identifier": [NAMED],
        "licenseNumber": "1",
        "achievement": {
            "id": UUID.format(1),
            "type": ["Achievement"],
            "achievementType": "Certification",
            "name": "x",
            "description": "x",
            "criteria": {"narrative": "x"},
            "humanCode": "x",
            "inLanguage": "id",
            "tag": ["x"],
            "alignment": [UNIT],
            "resultDescription": [DESCRIBED],
        },
        "result": [{"type": ["Result"], "resultDescription": UUID.format(2), "value": "K"}],
    },
    "credentialStatus": {
        "id": "https://a/status/1#7",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "suspension",
        "statusListIndex": "7",
        "statusListCredential": "https://a/status/1",
    },
}
ACHIEVEMENT = "credentialSubject.achievement"
TEXTS = {
    "name": 250,
    "issuer.id": 400,
    "issuer.name": 200,
    "credentialSubject.identifier.0.identityHash": 200,
    "credentialSubject.licenseNumber": 80,
    f"{ACHIEVEMENT}.name": 250,
    f"{ACHIEVEMENT}.description": 250,
    f"{ACHIEVEMENT}.criteria.narrative": 500,
    f"{ACHIEVEMENT}.humanCode": 80,
    f"{ACHIEVEMENT}.tag.0": 80,
    f"{ACHIEVEMENT}.alignment.0.targetCode": 30,
    f"{ACHIEVEMENT}.alignment.0.targetName": 300,
    f"{ACHIEVEMENT}.alignment.0.targetDescription": 300,
    f"{ACHIEVEMENT}.alignment.0.targetFramework": 200,
    f"{ACHIEVEMENT}.resultDescription.0.name": 30,
}


def told(**changes: Any) -> str | None:
    """The code that a credential is refused with; its members are set by their paths."""
    document = copy.deepcopy(DOCUMENT)
    for path, value in changes.items():
        target: Any = document
        *parts, last = path.split(".")
        for part in parts:
            target = target[int(part) if part.isdigit() else part]
        target[int(last) if last.isdigit() else last] = value
    try:
        credential.check_document(document)
    except FormatError as error:
        return error.code
    return None


def test_each_text_of_a_credential_has_its_own_length() -> None:
    """Too long is told before parts that contradict each other, so each limit is seen alone."""
    assert told() is None
    for path, most in TEXTS.items():
        assert told(**{path: "x" * most}) in {None, "CREDENTIAL_CONTRADICTORY"}, path
        assert told(**{path: "x" * (most + 1)}) == "SHAPE_WRONG", path


def test_a_credential_has_one_holder_one_level_and_sixty_units() -> None:
    assert told(**{"credentialSubject.identifier": [NAMED, NAMED]}) == "SHAPE_WRONG"
    assert told(**{f"{ACHIEVEMENT}.tag": ["x", "x"]}) == "SHAPE_WRONG"
    for path in (f"{ACHIEVEMENT}.alignment", f"{ACHIEVEMENT}.resultDescription"):
        item = UNIT if path.endswith("alignment") else DESCRIBED
        assert told(**{path: [item] * 60}) == "CREDENTIAL_CONTRADICTORY"
        assert told(**{path: [item] * 61}) == "SHAPE_WRONG"


def status_at(listed: str, index: str) -> str | None:
    place = {"id": f"{listed}#{index}", "statusListCredential": listed, "statusListIndex": index}
    return told(**{f"credentialStatus.{name}": value for name, value in place.items()})


@pytest.mark.parametrize("number", ["1", "9", "10", "999999999"])
def test_a_status_list_is_numbered(number: str) -> None:
    assert status_at(f"https://a/status/{number}", number) is None
    assert status_at("https://a/status/1", "0") is None


@pytest.mark.parametrize("number", ["", "A", "X", "x1", "X1", "01", "1x", "1000000000"])
def test_a_status_list_has_no_other_number(number: str) -> None:
    assert status_at(f"https://a/status/{number}", "1") == "SHAPE_WRONG"
    assert status_at("https://a/status/1", number) == "SHAPE_WRONG"


@pytest.mark.parametrize(("size", "said"), [(1, None), (250, None), (251, "SHAPE_WRONG")])
def test_a_host_in_a_credential_has_250_characters(size: int, said: str | None) -> None:
    assert told(id=f"https://{'a' * size}/v/{'0' * 13}/credential.json") == said
    assert told(id=f"https://{'X' * size}/v/{'0' * 13}/credential.json") == "SHAPE_WRONG"


def test_each_kind_of_certificate_is_an_achievement_of_open_badges() -> None:
    assert credential.ACHIEVEMENT_TYPES == {
        "TRAINING": "CertificateOfCompletion",
        "COMPETENCE": "Certification",
        "UNIT_STATEMENT": "Competency",
    }
    for kind in credential.ACHIEVEMENT_TYPES.values():
        assert told(**{f"{ACHIEVEMENT}.achievementType": kind}) is None
    assert {certificate.TRAINING, certificate.COMPETENCE, certificate.UNIT_STATEMENT} == {
        *credential.ACHIEVEMENT_TYPES
    }


def test_the_statuses_are_named_in_the_order_in_which_they_are_counted() -> None:
    assert certificate.STATUSES == (
        "VALID", "SUSPENDED", "EXPIRED", "REPLACED", "REVOKED", "NO_LONGER_VERIFIABLE", "NOT_FOUND",
    )  # fmt: skip


# -- the token ---------------------------------------------------------------------------------------------------------

CODE = code.make(1)


@pytest.mark.parametrize(
    "base",
    ["https://a", "https://ab", "https://a.b-c.example", "https://1", "https://a:1", "https://a:12", "https://a:65535",
     "http://localhost", "http://localhost:1", "http://localhost:65535", "http://127.0.0.1:80", "http://[::1]:8000"],
)  # fmt: skip
def test_addresses_of_certificates(base: str) -> None:
    read = token.parse_qr(f"{base}/v/{CODE}")
    assert (read.base_url, read.code, read.token) == (base, CODE, None)


@pytest.mark.parametrize(
    "base",
    ["https://", "https://-a", "https://a-", "https://A", "https://a:", "https://a:0", "https://a:123456",
     "https://a:1x", "https://a:x", "http://a", "http://localhost:0", "http://localhost:123456", "http://localhost:1x",
     "http://localhost:", "http://127.0.0.2", "http://127x0.0.1", "http://[::2]"],
)  # fmt: skip
def test_no_addresses_of_certificates(base: str) -> None:
    with pytest.raises(FormatError, match="QR_URL_INVALID"):
        token.parse_qr(f"{base}/v/{CODE}")


def test_one_digit_is_a_token_of_one_byte_and_of_no_use() -> None:
    for digits, said in (
        ("5", "an item of another type"),
        ("05", "digits"),
        ("", "digits"),
        ("5x", "digits"),
    ):
        with pytest.raises(FormatError, match=f"TOKEN_INVALID: .*{said}"):
            token.parse_qr(f"https://a/v/{CODE}#{digits}")


def test_a_holder_has_200_characters_none_of_them_to_control_with() -> None:
    for holder, fits in (("x", True), ("x" * 200, True), ("x" * 201, False), ("", False), ("x\n", False)):
        if fits:
            assert Claims(holder, date(2026, 1, 1), None, "S", None).holder == holder
        else:
            with pytest.raises(FormatError, match="TOKEN_INVALID"):
                Claims(holder, date(2026, 1, 1), None, "S", None)


# -- addresses of signing ----------------------------------------------------------------------------------------------


def test_a_host_may_be_of_short_names_and_has_253_characters() -> None:
    long = ".".join(["a" * 63] * 3)  # 191 characters
    for host in ("a.b", "a.bc", "ab.cd", f"{long}.{'a' * 61}", f"{'a' * 63}.{'b' * 63}"):
        assert RelyingParty(f"https://{host}", host).rp_id == host
    assert len(f"{long}.{'a' * 61}") == 253
    with pytest.raises(FormatError, match="RELYING_PARTY_INVALID"):
        RelyingParty(f"https://{long}.{'a' * 62}", f"{long}.{'a' * 62}")


def test_a_method_may_be_of_one_character() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = PublicKey(
        {"kty": "OKP", "crv": "Ed25519", "x": b64.url_encode(key.public_key().public_bytes_raw())}, "ed25519"
    )
    method = f"did:web:a#{public.thumbprint}"
    document = {"@context": [CREDENTIALS], "type": ["VerifiableCredential"], "issuer": "did:web:a"}
    signed = dataintegrity.sign(document, method=method, created="2026-03-13T02:00:00Z", sign_bytes=key.sign)
    assert dataintegrity.split(signed).method == method


# -- the bundle --------------------------------------------------------------------------------------------------------


@pytest.fixture
def bundle(tmp_path: Path) -> Iterator[Bundle]:
    (tmp_path / "checkpoint").write_bytes(b"")
    made = Bundle(tmp_path)
    yield made
    made.close()


def test_a_line_has_65535_bytes(bundle: Bundle) -> None:
    file = bundle.path / "links.jsonl"
    file.write_bytes(b"x" * 65_535 + b"\n")
    assert [len(line) for _, line in bundle.lines("links.jsonl")] == [65_535]
    file.write_bytes(b"x" * 65_536 + b"\n")
    with pytest.raises(BundleError, match="BUNDLE_LINES"):
        list(bundle.lines("links.jsonl"))


def test_a_tile_of_entries_has_256_of_65535_bytes_with_their_lengths(bundle: Bundle) -> None:
    wanted = Tile(ENTRIES, 0, 1)
    path, most = bundle.path / wanted.path(), 256 * (2 + 65_535)
    path.parent.mkdir(parents=True)
    path.touch()
    os.truncate(path, most)
    assert len(bundle.tile(wanted)) == most
    os.truncate(path, most + 1)
    with pytest.raises(BundleError, match="BUNDLE_FILE_TOO_LARGE"):
        bundle.tile(wanted)
