"""An API over a small bureau, spoken to over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.bureau import Bureau, bureau
from tests.api.client import Api, api

SMALL = ("admin", "issuer", "privacy")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    """A ledger with a training_admin, an issuer and a privacy officer, for all tests of a module."""
    with bureau(tmp_path_factory.mktemp("bureau") / "data", *SMALL) as found:
        yield found


@pytest.fixture
def desk(place: Bureau) -> Iterator[Api]:
    """Its API, freshly started: nobody is signed in."""
    with api(place) as found:
        yield found


@pytest.fixture
def own_desk(tmp_path: Path) -> Iterator[Api]:
    """The same over a ledger of the test's own, for what changes who may act."""
    with bureau(tmp_path / "data", *SMALL) as place, api(place) as found:
        yield found
