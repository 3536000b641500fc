"""The app as it is run: a process of its own, HTTPS on this machine, and other people's libraries if they are here."""

import json
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.caller import Caller

HERE = Path(__file__).resolve().parent
NOTHING_CHECKED = 77


@dataclass(frozen=True, slots=True)
class Served:
    base_url: str
    certificate: Path
    printed: str

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        request = urllib.request.Request(
            self.base_url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        trusted = ssl.create_default_context(cafile=self.certificate)
        try:
            with urllib.request.urlopen(request, context=trusted, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    certificate = tmp_path_factory.mktemp("conformance") / "certificate.pem"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "tests.conformance",
        "--port",
        str(port),
        "--certificate",
        str(certificate),
    ]
    with subprocess.Popen(command, cwd=HERE.parents[1], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = ""
        while not printed.endswith("};\n"):
            line = process.stdout.readline()
            assert line, "the app ended before it said what it is"
            printed += line
        _wait_for(port)
        yield Served(f"https://localhost:{port}", certificate, printed)
        process.terminate()


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the app does not listen")


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


def test_other_peoples_libraries(served: Served) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    done = subprocess.run(
        [node, str(HERE / "cross_check.mjs"), served.base_url],
        env={"NODE_EXTRA_CA_CERTS": str(served.certificate), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode == NOTHING_CHECKED:
        pytest.skip(done.stdout.splitlines()[-1])
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith(" passed, 0 failed")


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
