from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.houses import Office, office


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """A founded ledger on either store."""
    with office(tmp_path / "data", request.param) as found:
        yield found


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    """A founded ledger on SQLite, for what does not touch the store."""
    with office(tmp_path / "data") as found:
        yield found
