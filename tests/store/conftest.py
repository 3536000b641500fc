"""A ledger for one test, and a school for the tests of one file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.houses import Office, office
from tests.slow.candidates import School


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with office(tmp_path_factory.mktemp("school") / "data") as found:
        yield School(found)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path / "data") as found:
        yield found
