"""One ledger with a whole year in it, for all tests of what a holder shows; copies of it for tests that act."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.composition import open_house
from api.demo import build
from ledger.clock import SimulatedClock
from tests.holder.shop import Shop

SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "programme-2026.json"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("holder") / "data"
    build(folder, SAMPLE, 8000, lambda _done, _total: None)
    return folder


@pytest.fixture(scope="session")
def shop(built: Path) -> Iterator[Shop]:
    """Read only: what every test may look at."""
    yield from _open(built)


@pytest.fixture(scope="session")
def good(shop: Shop) -> bytes:
    """The credential of a COMPETENCE certificate that stands."""
    return shop.credential(shop.with_status("VALID", kind="COMPETENCE")["code"])


@pytest.fixture
def own_shop(built: Path, tmp_path: Path) -> Iterator[Shop]:
    """A copy for a test that records something."""
    copy = tmp_path / "data"
    shutil.copytree(built, copy)
    yield from _open(copy)


def _open(folder: Path) -> Iterator[Shop]:
    demo = json.loads((folder / "demo.json").read_bytes())
    house = open_house(folder)
    house.ledger.clock = house.clock = SimulatedClock(house.clock.now())  # it stands still
    with house:
        yield Shop(house, demo)
