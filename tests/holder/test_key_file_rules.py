"""Each member of a key file at its edges and in a wrong form, signed by its custodians all the same."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.holder.test_key_file import (
    CUSTODIANS,
    ISSUING,
    ONE,
    ORIGIN,
    THREE,
    TRUST,
    TWO,
    issuer_key,
    public,
    seal,
    statement,
)
from verifier import did, jcs, keyfile
from verifier.errors import Error, FormatError, PublicKeyError, SignatureError
from verifier.keyfile import KeyFile


def read(payload: bytes) -> KeyFile:
    return keyfile.parse(seal(payload), TRUST)


def changed(*path: str | int, to: Any) -> bytes:
    """The statement with one member set, or removed for `...`."""
    value: Any = json.loads(statement())
    target = value
    for part in path[:-1]:
        target = target[part]
    if to is ...:
        del target[path[-1]]
    else:
        target[path[-1]] = to
    return jcs.encode(value)


def refused(payload: bytes) -> str:
    with pytest.raises(Error) as caught:
        read(payload)
    return caught.value.code


def test_all_that_a_file_says() -> None:
    status = issuer_key(purpose="status", kind=None, kid=None, valid_to=9, compromised_from=7)
    payload = statement(keys=[issuer_key(), status], custodians=[CUSTODIANS[THREE]], base_urls=["a", "b"])
    assert read(payload) == KeyFile(
        version=1,
        origin=ORIGIN,
        size=20,
        issued_at="2031-03-03T00:00:00Z",
        base_urls=("a", "b"),
        keys=(issuer_key(), status),
        custodians=(CUSTODIANS[THREE],),
    )
    assert json.loads(payload) == {
        "format": "certledger/key-file/v1",
        "version": 1,
        "origin": ORIGIN,
        "size": 20,
        "issued_at": "2031-03-03T00:00:00Z",
        "base_urls": ["a", "b"],
        "keys": [
            {
                "alg": "ed25519",
                "compromised_from": compromised,
                "from": 5,
                "issuer": "BLK Contoh",
                "jwk": ISSUING.jwk,
                "kid": kid,
                "kind": kind,
                "organisation": "org",
                "purpose": purpose,
                "to": to,
                "zone": "Asia/Jayapura",
            }
            for purpose, kind, kid, to, compromised in (
                ("token", "TRAINING", 0, None, None),
                ("status", None, None, 9, 7),
            )
        ],
        "custodians": [{"alg": "ed25519", "jwk": THREE.jwk, "person": "staff/3", "staff": "staff/3"}],
    }


# -- values ------------------------------------------------------------------------------------------------------------

KEY = ("keys", 0)
FITS: list[tuple[tuple[str | int, ...], list[Any], list[Any]]] = [
    (("version",), [1, 2**53 - 1], [0, -1, "1", None, True, []]),
    (("size",), [0, 1], [-1, "1", None, False]),
    (("issued_at",), ["2031-03-03T00:00:00Z"], ["2031-03-03", "2031-02-30T00:00:00Z", None, 1]),
    (("origin",), [ORIGIN], ["", "a b", "a+b", None, 1]),
    (("base_urls",), [["x"], ["x" * 300], ["x", "x"]],
     [[], ["x" * 301], [""], ["x", ""], ["x", 1], [None], "x", {"x": 1}, None, [["x"]]]),
    (("keys",), [[]], [None, {}, "x", [1], [None], [[]], [{}]]),
    (("custodians",), [[]], [None, {}, "x", [1], [None], [[]], [{}]]),
    ((*KEY, "organisation"), ["o", "A-z_0.9", "x" * 128], ["", "x" * 129, "a/b", "a b", "a\n", None, 1, ["o"]]),
    ((*KEY, "issuer"), ["x", "ä" * 200], ["", "x" * 201, None, 1, ["x"]]),
    ((*KEY, "zone"), ["x", "x" * 200], ["", "x" * 201, None, 1, ["x"]]),
    ((*KEY, "kind"), ["TRAINING", "COMPETENCE", "UNIT_STATEMENT"], ["training", "", None, 1]),
    ((*KEY, "kid"), [0, 1, 255], [-1, 256, None, "1", True, 1 << 40]),
    ((*KEY, "from"), [0, 1], [-1, None, "1", True]),
    ((*KEY, "to"), [None, 0, 1], [-1, "1", True]),
    ((*KEY, "compromised_from"), [None, 0, 1], [-1, "1", True]),
    ((*KEY, "alg"), ["ed25519", "webauthn-ed25519"], ["es256", "rsa", None, 1, ["ed25519"]]),
    ((*KEY, "jwk"), [ISSUING.jwk], [None, [], "x", {}, {**ISSUING.jwk, "kid": "1"}]),
    (("custodians", 0, "staff"), ["staff/a"], ["a", "staff/", None, 1]),
    (("custodians", 0, "person"), ["staff/a"], ["a", "staff/", None, 1]),
    (("custodians", 0, "alg"), ["ed25519", "webauthn-ed25519"], ["es256", "rsa", None, 1, ["ed25519"]]),
    (("custodians", 0, "jwk"), [ONE.jwk], [None, [], "x", {}]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "good", "bad"), FITS, ids=[".".join(map(str, each[0])) for each in FITS])
def test_each_member_has_its_values(path: tuple[str | int, ...], good: list[Any], bad: list[Any]) -> None:
    for value in good:
        read(changed(*path, to=value))
    for value in bad:
        with pytest.raises((FormatError, PublicKeyError)):
            read(changed(*path, to=value))


def test_each_member_is_needed_and_there_is_no_other() -> None:
    value = json.loads(statement())
    for path in ((), KEY, ("custodians", 0)):
        target: Any = value
        for part in path:
            target = target[part]
        for name in target:
            assert refused(changed(*path, name, to=...)) in {"KEY_FILE_INVALID", "STATEMENT_INVALID"}
        assert refused(changed(*path, "more", to=1)) in {"KEY_FILE_INVALID", "STATEMENT_INVALID"}
    assert refused(changed("format", to="certledger/withdrawn/v1")) == "STATEMENT_INVALID"


@pytest.mark.parametrize("purpose", ["credential", "status", "pdf"])
def test_only_a_key_for_tokens_has_a_byte_and_a_kind(purpose: str) -> None:
    bare = issuer_key(purpose=purpose, kind=None, kid=None)
    assert read(statement(keys=[bare])).keys == (bare,)
    for wrong in (
        replace(bare, kid=1),
        replace(bare, kind="TRAINING"),
        issuer_key(purpose=purpose),
        issuer_key(kid=None),
        issuer_key(kind=None),
        issuer_key(purpose="tokens"),
    ):
        assert refused(statement(keys=[wrong])) == "KEY_FILE_INVALID"


@pytest.mark.parametrize("member", ["keys", "custodians"])
def test_a_file_has_ten_thousand_keys_at_most(member: str) -> None:
    for count, why in (
        (10_000, "an item needs exactly the members"),
        (10_001, "a member is not a list, or too long"),
    ):
        with pytest.raises(FormatError, match=f"KEY_FILE_INVALID.*{why}"):
            read(changed(member, to=[{}] * count))


@pytest.mark.parametrize("purpose", ["love", "", "Status", "token ", None, 1, ["status"]])
def test_a_key_has_one_of_four_purposes(purpose: Any) -> None:
    bare = json.loads(statement(keys=[issuer_key(purpose="status", kind=None, kid=None)]))
    bare["keys"][0]["purpose"] = purpose
    assert refused(jcs.encode(bare)) == "KEY_FILE_INVALID"


def test_a_wrong_time_is_told_by_its_name() -> None:
    with pytest.raises(FormatError, match="TIME_INVALID: issued_at is not a time"):
        read(changed("issued_at", to="x"))


def test_a_file_has_four_mebibytes_at_most() -> None:
    assert refused(changed("base_urls", to=["x" * ((4 << 20) + 1)])) == "JSON_TOO_LARGE"
    room = (4 << 20) - len(changed("base_urls", to=[""]))
    assert refused(changed("base_urls", to=["x" * room])) == "KEY_FILE_INVALID"
    assert refused(changed("base_urls", to=["x" * (room + 1)])) == "JSON_TOO_LARGE"


# -- signatures --------------------------------------------------------------------------------------------------------


def signed(*items: Any) -> bytes:
    return statement() + b"\n" + jcs.encode(list(items))


def test_what_is_no_signature_is_told() -> None:
    one, two = json.loads(seal(statement()).split(b"\n")[1])
    assert keyfile.parse(signed(one, two), TRUST).version == 1
    odds: tuple[Any, ...] = (
        1,
        None,
        [],
        "x",
        {},
        {**one, "key": 1},
        {**one, "alg": 1},
        {"key": one["key"]},
        {"alg": one["alg"]},
    )
    for odd in odds:
        for pair in ((odd, two), (two, odd)):
            with pytest.raises(SignatureError, match="a signature is malformed"):
                keyfile.parse(signed(*pair), TRUST)
    for items in ((), (one,), (one, two, two)):
        with pytest.raises(SignatureError, match="two custodians sign it"):
            keyfile.parse(signed(*items), TRUST)
    for line in (b'{"0":1,"1":2}', b'"ab"', b"12", b"null"):
        with pytest.raises(SignatureError, match="two custodians sign it"):
            keyfile.parse(statement() + b"\n" + line, TRUST)
    with pytest.raises(FormatError, match="SIGNATURE_MEMBERS"):
        keyfile.parse(signed({**one, "more": "x"}, two), TRUST)
    with pytest.raises(SignatureError, match="both signatures are of one person"):
        keyfile.parse(signed(one, one), TRUST)


def test_what_to_do_about_a_file_that_is_not_believed() -> None:
    with pytest.raises(
        SignatureError, match="KEY_FILE_UNTRUSTED: the key file is not to be believed: "
    ) as caught:
        keyfile.parse(seal(statement(), (ONE, THREE)), TRUST)
    assert str(caught.value.hint).startswith("Fetch /keys again")
    with pytest.raises(FormatError, match="KEY_FILE_INVALID: the key file is malformed: it names no address"):
        read(statement(base_urls=[]))


# -- looking keys up ---------------------------------------------------------------------------------------------------


def file_of(*keys: keyfile.IssuerKey) -> KeyFile:
    return KeyFile(1, ORIGIN, 20, "2031-03-03T00:00:00Z", ("https://a", "https://b"), keys, ())


def test_token_keys_of_one_byte_are_given_newest_first() -> None:
    old, new, newest = (issuer_key(valid_from=begins, kid=3) for begins in (1, 5, 9))
    others = (issuer_key(kid=4), issuer_key(kid=3, purpose="status"), issuer_key(kid=None, purpose="pdf"))
    for order in ((old, new, newest), (newest, old, new), (new, newest, old)):
        assert file_of(*order, *others).token_keys(3) == [newest, new, old]
    assert file_of(*others).token_keys(3) == []


def test_a_method_is_found_by_purpose_address_organisation_and_key() -> None:
    credential = issuer_key(purpose="credential")
    status = issuer_key(purpose="status", key=public(ONE))
    file = file_of(status, credential)
    for url in ("https://a", "https://b"):
        name = did.method_id(did.did_web(url, "org"), credential.key.thumbprint)
        assert file.method(name, "credential") == credential
        assert file.method(name, "status") is None
    for url, org, key in (
        ("https://c", "org", credential),
        ("https://a", "other", credential),
        ("https://a", "org", status),
    ):
        assert file.method(did.method_id(did.did_web(url, org), key.key.thumbprint), "credential") is None


def test_a_status_key_is_in_use_or_none() -> None:
    key = issuer_key(purpose="status")
    thumb = key.key.thumbprint
    assert file_of(issuer_key(), key).status_key("org", thumb) == key
    assert file_of(key).status_key("other", thumb) is None
    assert file_of(key).status_key("org", public(TWO).thumbprint) is None
    assert file_of(issuer_key()).status_key("org", thumb) is None
    for over in ({"valid_to": 9}, {"compromised_from": 9}, {"valid_to": 0}, {"compromised_from": 0}):
        assert file_of(issuer_key(purpose="status", **over)).status_key("org", thumb) is None


@pytest.mark.parametrize(
    ("window", "held"),
    [
        ({}, [6, 7, 8, 9]),
        ({"valid_to": 8}, [6, 7]),
        ({"compromised_from": 8}, [6, 7]),
        ({"valid_to": 9, "compromised_from": 7}, [6]),
        ({"valid_to": 7, "compromised_from": 9}, [6]),
        ({"valid_to": 0}, []),
        ({"compromised_from": 0}, []),
    ],
)
def test_a_key_holds_between_its_ends(window: dict[str, int], held: list[int]) -> None:
    assert [index for index in range(10) if issuer_key(**window).holds_at(index)] == held
