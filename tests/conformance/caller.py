"""What a test suite does with the app: posts, and looks at the code of the answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.testclient import TestClient

from tests.conformance.app import Desk
from tests.conformance.proofs import Issuer, signed_bytes
from verifier import did
from verifier.dataintegrity import RDFC


@dataclass(frozen=True, slots=True)
class Caller:
    desk: Desk
    client: TestClient

    def issue(self, credential: Any, **options: Any) -> dict[str, Any]:
        answer = self.client.post("/credentials/issue", json={"credential": credential, "options": options})
        assert answer.status_code == 201, answer.text
        issued: dict[str, Any] = answer.json()["verifiableCredential"]
        return issued

    def refused(self, credential: Any, **options: Any) -> str:
        """The detail of why it was not issued."""
        answer = self.client.post("/credentials/issue", json={"credential": credential, "options": options})
        return _problem(answer.status_code, answer.json())

    def verify(self, document: Any, **options: Any) -> None:
        answer = self._verify(document, options)
        assert (answer.status_code, answer.json()["verified"], answer.json()["errors"]) == (200, True, []), (
            answer.text
        )

    def rejected(self, document: Any, **options: Any) -> str:
        """The type and detail of why it does not verify."""
        answer = self._verify(document, options)
        return _problem(answer.status_code, answer.json())

    def sign(
        self, document: Mapping[str, Any], *, by: Issuer | None = None, **members: Any
    ) -> dict[str, Any]:
        """Secure anything, with a proof whose members are those given: None leaves one out."""
        issuer = by or self.desk.issuer
        proof = {
            "type": "DataIntegrityProof",
            "cryptosuite": RDFC,
            "created": "2026-06-01T11:59:00Z",
            "verificationMethod": issuer.method,
            "proofPurpose": "assertionMethod",
            **members,
        }
        proof = {name: value for name, value in proof.items() if value is not None}
        signature = issuer.signer.sign(signed_bytes(document, {"cryptosuite": RDFC, **proof})).sig
        return {**document, "proof": {**proof, "proofValue": did.multibase(signature)}}

    def _verify(self, document: Any, options: dict[str, Any]) -> Any:
        types = document.get("type", []) if isinstance(document, dict) else []
        kind = "Presentation" if "VerifiablePresentation" in types else "Credential"
        path = "/presentations/verify" if kind == "Presentation" else "/credentials/verify"
        body = json.dumps({f"verifiable{kind}": document, "options": options})
        return self.client.post(path, content=body, headers={"Content-Type": "application/json"})


def _problem(status: int, body: Any) -> str:
    assert (status, body["verified"]) == (400, False), body
    [error] = body["errors"]
    return f"{error['title']}: {error['detail']}"
