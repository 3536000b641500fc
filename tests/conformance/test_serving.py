"""The app as it is run, a process of its own with HTTPS on this machine; and what is not even a request."""

import json
from typing import Any

import pytest

from tests.conformance.caller import Caller
from tests.conformance.serving import Served


def test_what_is_printed_is_what_the_suites_need(served: Served, credential: dict[str, Any]) -> None:
    config = json.loads(served.printed.partition("module.exports = ")[2].removesuffix(";\n"))
    [implementation] = config["implementations"]
    for issuer in implementation["issuers"]:
        # As the suites do it: the endpoint's id becomes the issuer, its options are sent along.
        path = issuer["endpoint"].removeprefix(served.base_url)
        status, body = served.post(
            path, {"credential": {**credential, "issuer": issuer["id"]}, "options": issuer["options"]}
        )
        assert status == 201
        issued = body["verifiableCredential"]
        assert issued["proof"]["cryptosuite"] == issuer["options"].get("cryptosuite", "eddsa-rdfc-2022")
        assert ("credentialStatus" in issued) == ("BitstringStatusList" in issuer["tags"])
        for verifier in implementation["verifiers"]:
            assert set(issuer["tags"]) <= set(verifier["tags"])
            path = verifier["endpoint"].removeprefix(served.base_url)
            assert served.post(path, {"verifiableCredential": issued, "options": {}})[0] == 200
            issued["credentialSubject"]["name"] = "x"
            status, body = served.post(path, {"verifiableCredential": issued})
            assert (status, body["verified"]) == (400, False)
    [tag] = {tag for issuer in implementation["issuers"] for tag in issuer["tags"] if tag == "vc2.0"}
    assert tag in implementation["vpVerifiers"][0]["tags"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"\xff",
        b"{" * 100_000,
        b'{"a":' * 100_000,
        b'{"options": []}',
        b'{"options": "x"}',
        b'{"options": null}',
        b" " * ((1 << 20) + 1),
    ],
    ids=lambda body: repr(body[:12]),
)
def test_bodies_that_are_none(caller: Caller, body: bytes) -> None:
    for path in ("/credentials/issue", "/credentials/verify", "/presentations/verify", "/credentials/status"):
        answer = caller.client.post(path, content=body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["title"] == "PARSING_ERROR"


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_values_that_cannot_be_signed(caller: Caller, credential: dict[str, Any], suite: str) -> None:
    deep: Any = "x"
    for _ in range(40):
        deep = {"https://example.org/in": deep}
    values = ["\ud800"] if suite == "eddsa-rdfc-2022" else ["\ud800", deep, 2**60, 0.5, float("nan")]
    for value in values:
        document = {**credential, "credentialSubject": {"https://example.org/value": value}}
        content = json.dumps({"credential": document, "options": {"cryptosuite": suite}})
        answer = caller.client.post("/credentials/issue", content=content)
        assert (answer.status_code, answer.json()["verified"]) == (400, False)


def test_about(caller: Caller) -> None:
    assert caller.client.get("/").json()["issuer"] == caller.desk.issuer.did
