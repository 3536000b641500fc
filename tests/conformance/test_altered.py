"""Anything put anywhere into what was issued: an answer, never an error; and never accepted unless it says the same."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from keys.signer import Ed25519Signer
from tests.conformance.app import Desk, create_app
from tests.conformance.caller import Caller
from tests.conformance.conftest import NOW
from tests.conformance.contexts import canonicalize
from tests.conformance.proofs import Issuer
from verifier.dataintegrity import JCS, RDFC

BASE = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
WORDS = [
    "@context", "@id", "@type", "@value", "@language", "@direction", "@vocab", "@graph", "@list", "@set", "id", "type",
    "name", "proof", "issuer", "credentialStatus", "BitstringStatusListEntry", "VerifiablePresentation", BASE, EXAMPLES,
    "did:key:z6Mk#z6Mk", "urn:x:1", "https ://x", "2026-06-01T12:00:00Z", "0", "\ud800", "\x00", "",
]  # fmt: skip
LEAVES = (
    st.sampled_from(WORDS)
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


DESK = Desk(Issuer(Ed25519Signer(bytes(range(32)))), "https://localhost:40443", lambda: NOW)
CALLER = Caller(DESK, TestClient(create_app(DESK)))
CREDENTIAL: dict[str, Any] = {
    "@context": [BASE, {"skill": "https://example.org/terms#skill"}],
    "id": "urn:uuid:6c1f6a6e-7b0f-4a8e-9f55-1a0b6c2d3e4f",
    "type": ["VerifiableCredential"],
    "issuer": {"id": DESK.issuer.did, "name": {"@value": "Balai", "@language": "id"}},
    "validFrom": "2025-01-01T00:00:00Z",
    "validUntil": "2027-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:subject", "skill": ["mengelas", "menjahit"]},
    "evidence": [{"type": "https://example.org/terms#Evidence"}],
}
STATUS = {"type": "BitstringStatusListEntry"}
ISSUED = {
    suite: CALLER.issue(CREDENTIAL, cryptosuite=suite, credentialStatus=STATUS) for suite in (RDFC, JCS)
}


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for part in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from paths(value[part], (*path, part))


def with_value(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy with a value at a path; ``...`` takes away what is there."""
    if not path:
        return value
    changed = copy.deepcopy(document)
    target = changed
    for part in path[:-1]:
        target = target[part]
    if value is ...:
        del target[path[-1]]
    else:
        target[path[-1]] = value
    return changed


@pytest.mark.parametrize("suite", [RDFC, JCS])
@given(data=st.data())
def test_altered_anywhere(suite: str, data: st.DataObject) -> None:
    issued = ISSUED[suite]
    path = data.draw(st.sampled_from(list(paths(issued))[1:]), label="path")
    other = with_value(issued, path, data.draw(VALUES | st.just(...), label="value"))
    answer = CALLER.client.post("/credentials/verify", content=_json({"verifiableCredential": other}))
    if answer.status_code == 400:
        assert answer.json()["errors"]
    elif suite == JCS:
        assert other == issued
    else:
        assert answer.status_code == 200
        parts = [{name: value for name, value in each.items() if name != "proof"} for each in (issued, other)]
        assert canonicalize(parts[0]) == canonicalize(parts[1])


@pytest.mark.parametrize("suite", [RDFC, JCS])
def test_every_part_taken_away(suite: str) -> None:
    issued = ISSUED[suite]
    CALLER.verify(issued)
    for path in list(paths(issued))[1:]:
        answer = CALLER.client.post(
            "/credentials/verify", content=_json({"verifiableCredential": with_value(issued, path, ...)})
        )
        assert answer.status_code == 400, path


@given(path=st.sampled_from(list(paths(CREDENTIAL))), value=VALUES, suite=st.sampled_from([RDFC, JCS]))
def test_what_is_issued_verifies(path: tuple[Any, ...], value: Any, suite: str) -> None:
    """Or only its issuer or its time is not the one that it must be."""
    body = {"credential": with_value(CREDENTIAL, path, value), "options": {"cryptosuite": suite}}
    answer = CALLER.client.post("/credentials/issue", content=_json(body))
    if answer.status_code == 400:
        assert answer.json()["errors"]
        return
    assert answer.status_code == 201
    issued = answer.json()["verifiableCredential"]
    verified = CALLER.client.post("/credentials/verify", content=_json({"verifiableCredential": issued}))
    if verified.status_code != 200:
        detail = verified.json()["errors"][0]["detail"]
        assert any(
            why in detail for why in ("not secured by its issuer", "lies ahead", "expired", "cannot be had")
        )


@given(
    options=st.dictionaries(
        st.sampled_from(["expectedProofPurpose", "domain", "challenge", "cryptosuite"]), VALUES
    )
)
def test_options(options: dict[str, Any]) -> None:
    for path, member in (
        ("/credentials/verify", "verifiableCredential"),
        ("/credentials/issue", "credential"),
    ):
        document = ISSUED[JCS] if member == "verifiableCredential" else CREDENTIAL
        answer = CALLER.client.post(path, content=_json({member: document, "options": options}))
        assert answer.status_code in {200, 201, 400}


@pytest.mark.parametrize("depth", [30, 100, 300, 1000, 10_000])
def test_nested_deep(depth: int) -> None:
    deep = '{"skill":[' * depth + '"x"' + "]}" * depth
    for place in ("evidence", "credentialSubject", "@context"):
        document = _json({**CREDENTIAL, place: "DEEP"}).decode().replace('"DEEP"', deep)
        for path, member in (
            ("/credentials/verify", "verifiableCredential"),
            ("/presentations/verify", "verifiablePresentation"),
            ("/credentials/issue", "credential"),
        ):
            answer = CALLER.client.post(path, content=f'{{"{member}":{document}}}')
            assert answer.status_code in {201, 400}


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
