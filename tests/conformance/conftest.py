"""The app within the test, with a clock that stands still; and as a process of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from keys.signer import Ed25519Signer
from tests.conformance.app import Desk, create_app
from tests.conformance.caller import Caller
from tests.conformance.proofs import Issuer
from tests.conformance.serving import Served, serving

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("conformance") / "certificate.pem") as served:
        yield served


@pytest.fixture
def desk() -> Desk:
    return Desk(Issuer(Ed25519Signer.generate()), "https://localhost:40443", lambda: NOW)


@pytest.fixture
def caller(desk: Desk) -> Caller:
    return Caller(desk, TestClient(create_app(desk)))


@pytest.fixture
def credential(desk: Desk) -> dict[str, Any]:
    """What most cases begin with."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:6c1f6a6e-7b0f-4a8e-9f55-1a0b6c2d3e4f",
        "type": ["VerifiableCredential"],
        "issuer": desk.issuer.did,
        "credentialSubject": {"id": "did:example:subject", "name": "Siti Rahayu"},
    }
