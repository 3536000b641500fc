"""The list of withdrawn certificates: each member at its edges, signed by an issuer in memory."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keys.signer import Ed25519Signer
from tests.holder.test_status_list_rules import with_status_key
from tests.sealing.issuer import ORG, ORIGIN, Issuer
from verifier import b64, jcs, twoline, withdrawn
from verifier.errors import Error, FormatError, SignatureError
from verifier.keyfile import KeyFile
from verifier.withdrawn import WithdrawnList

ONE, TWO, THREE = (bytes([number]) * 8 for number in (1, 2, 3))
FROM, UNTIL = "2026-05-31T12:00:00Z", "2026-06-01T12:00:00Z"


def content(**changes: Any) -> dict[str, Any]:
    made = {
        "format": "certledger/withdrawn/v1",
        "issued_at": FROM,
        "organisation": ORG,
        "origin": ORIGIN,
        "size": 9,
        "tokens": b64.encode(ONE + TWO),
        "valid_until": UNTIL,
        **changes,
    }
    return {name: value for name, value in made.items() if value is not ...}


def sealed(issuer: Issuer, signature: dict[str, Any] | None = None, **changes: Any) -> bytes:
    payload = jcs.encode(content(**changes))
    made = withdrawn.seal(payload, issuer.status_key.sign(twoline.message(payload, withdrawn.FORMAT)))
    if signature is None:
        return made
    value = {**json.loads(made.split(b"\n")[1]), **signature}
    return payload + b"\n" + jcs.encode({name: member for name, member in value.items() if member is not ...})


def code_of(issuer: Issuer, data: bytes, keys: KeyFile | None = None) -> str:
    with pytest.raises(Error) as caught:
        withdrawn.parse(data, keys or issuer.key_file())
    return caught.value.code


def test_all_that_a_list_of_withdrawn_certificates_says(issuer: Issuer) -> None:
    found = withdrawn.parse(sealed(issuer), issuer.key_file())
    begins, ends = datetime(2026, 5, 31, 12, tzinfo=UTC), datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert found == {ORG: WithdrawnList(ORG, 9, begins, ends, ONE + TWO)}
    fresh = found[ORG].is_fresh
    assert [fresh(ends + timedelta(seconds=late)) for late in (-1, 0, 1)] == [True, True, False]
    assert withdrawn.parse(b"", issuer.key_file()) == {}
    payload = withdrawn.statement(
        organisation=ORG, origin=ORIGIN, size=9, issued_at=FROM, valid_until=UNTIL, digests=[TWO, ONE, TWO]
    )
    assert json.loads(payload) == content()


@pytest.mark.parametrize("digests", [(), (TWO,), (ONE, TWO), (ONE, TWO, THREE), (ONE, THREE)])
def test_a_token_is_in_the_list_or_not(digests: tuple[bytes, ...]) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    found = WithdrawnList(ORG, 9, moment, moment, b"".join(digests))
    for digest in (bytes(8), ONE, TWO, THREE, b"\1" * 7 + b"\2", b"\xff" * 8):
        assert (digest in found) == (digest in digests)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"issued_at": "x"}, "TIME_INVALID"),
        ({"valid_until": "x"}, "TIME_INVALID"),
        ({"organisation": 1}, "WITHDRAWN_INVALID"),
        ({"organisation": "blk"}, "WITHDRAWN_UNTRUSTED"),
        ({"origin": "other.example"}, "WITHDRAWN_UNTRUSTED"),
        ({"origin": "a b"}, "ORIGIN_INVALID"),
        ({"size": -1}, "WITHDRAWN_INVALID"),
        ({"size": "9"}, "WITHDRAWN_INVALID"),
        ({"size": True}, "WITHDRAWN_INVALID"),
        ({"size": None}, "WITHDRAWN_INVALID"),
        ({"tokens": 1}, "WITHDRAWN_INVALID"),
        ({"tokens": None}, "WITHDRAWN_INVALID"),
        ({"tokens": "x"}, "BASE64_INVALID"),
        ({"tokens": b64.encode(TWO + ONE)}, "WITHDRAWN_INVALID"),
        ({"tokens": b64.encode(ONE + ONE)}, "WITHDRAWN_INVALID"),
        ({"tokens": b64.encode(ONE + ONE + TWO)}, "WITHDRAWN_INVALID"),
        ({"tokens": b64.encode(ONE + TWO + ONE)}, "WITHDRAWN_INVALID"),
        ({"tokens": b64.encode(ONE + TWO[:-1])}, "WITHDRAWN_INVALID"),
        ({"tokens": b64.encode(ONE + TWO + b"\3")}, "WITHDRAWN_INVALID"),
        ({"tokens": ...}, "STATEMENT_INVALID"),
        ({"more": 1}, "STATEMENT_INVALID"),
        ({"format": "certledger/key-file/v1"}, "STATEMENT_INVALID"),
        ({"signature": {"alg": ...}}, "WITHDRAWN_INVALID"),
        ({"signature": {"key": ...}}, "WITHDRAWN_INVALID"),
        ({"signature": {"sig": ...}}, "WITHDRAWN_INVALID"),
        ({"signature": {"more": "x"}}, "WITHDRAWN_INVALID"),
        ({"signature": {"alg": 1}}, "WITHDRAWN_INVALID"),
        ({"signature": {"key": None}}, "WITHDRAWN_INVALID"),
        ({"signature": {"sig": []}}, "WITHDRAWN_INVALID"),
        ({"signature": {"alg": "es256"}}, "SIGNATURE_ALG_WRONG"),
        ({"signature": {"alg": "rsa"}}, "SIGNATURE_MEMBERS"),
        ({"signature": {"key": "x"}}, "WITHDRAWN_UNTRUSTED"),
        ({"signature": {"sig": b64.encode(bytes(63))}}, "SIGNATURE_SIZE"),
        ({"signature": {"sig": b64.encode(bytes([2]) * 64)}}, "SIGNATURE_WRONG"),
    ],
)
def test_each_member_of_a_list_of_withdrawn_certificates(
    issuer: Issuer, changes: dict[str, Any], code: str
) -> None:
    assert code_of(issuer, sealed(issuer, **changes)) == code


def test_values_at_the_edge_are_read(issuer: Issuer) -> None:
    edges: tuple[dict[str, Any], ...] = (
        {"size": 0},
        {"tokens": ""},
        {"tokens": b64.encode(ONE)},
        {"valid_until": FROM},
    )
    for changes in edges:
        assert ORG in withdrawn.parse(sealed(issuer, **changes), issuer.key_file())


def test_times_are_told_by_name_and_keys_have_a_hint(issuer: Issuer) -> None:
    for name in ("issued_at", "valid_until"):
        wrong: dict[str, Any] = {name: "x"}
        with pytest.raises(FormatError, match=f"TIME_INVALID: {name} is"):
            withdrawn.parse(sealed(issuer, **wrong), issuer.key_file())
    for change in ({"valid_to": 9}, {"compromised_from": 9}, {"organisation": "blk"}):
        with pytest.raises(SignatureError, match="WITHDRAWN_UNTRUSTED") as caught:
            withdrawn.parse(sealed(issuer), with_status_key(issuer, **change))
        assert caught.value.hint == "Fetch the newest key file."


def test_each_organisation_has_one_list_of_two_lines(issuer: Issuer) -> None:
    whole = sealed(issuer)
    for data in (
        whole + b"\n" + whole,
        whole + b"\n",
        whole.split(b"\n")[0],
        b"\n",
        b"\n\n\n",
        whole + b"\n" + whole[:9],
    ):
        assert code_of(issuer, data) in {"WITHDRAWN_INVALID", "STATEMENT_INVALID", "JSON_INVALID"}
    with pytest.raises(FormatError, match=r"WITHDRAWN_INVALID.*each list has two lines"):
        withdrawn.parse(whole + b"\n" + whole.split(b"\n")[0], issuer.key_file())
    with pytest.raises(FormatError, match=r"WITHDRAWN_INVALID.*an organisation has two lists"):
        withdrawn.parse(whole + b"\n" + whole, issuer.key_file())
    file, other = issuer.key_file(), Ed25519Signer.generate()
    ours = issuer.status_key
    blk = [replace(key, organisation="blk") for key in file.keys if key.purpose == "status"]
    both = replace(file, keys=(*file.keys, *blk))
    found = withdrawn.parse(whole + b"\n" + sealed(issuer, organisation="blk"), both)
    assert [*found] == [ORG, "blk"]
    issuer.status_key = other
    try:
        assert (
            code_of(issuer, whole + b"\n" + sealed(issuer, organisation="blk"), both) == "WITHDRAWN_UNTRUSTED"
        )
    finally:
        issuer.status_key = ours


def test_the_lists_have_64_mebibytes(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert withdrawn.LIST_LIMIT == 64 << 20
    whole = sealed(issuer)
    monkeypatch.setattr(withdrawn, "LIST_LIMIT", len(whole))
    assert ORG in withdrawn.parse(whole, issuer.key_file())
    monkeypatch.setattr(withdrawn, "LIST_LIMIT", len(whole) - 1)
    with pytest.raises(FormatError, match=r"WITHDRAWN_INVALID.*it is too large"):
        withdrawn.parse(whole, issuer.key_file())
