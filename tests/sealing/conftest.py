from __future__ import annotations

import pytest

from tests.sealing.issuer import Facts, Issuer


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("issuer") / "seal")


@pytest.fixture(scope="session")
def good(issuer: Issuer) -> bytes:
    """A certificate that stands, in all its parts."""
    return issuer.certificate(Facts())
