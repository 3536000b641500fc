"""One ledger with a whole year in it, for all tests of what a holder shows; copies of it for tests that act."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.composition import open_house
from ledger.clock import SimulatedClock
from tests.holder.shop import Shop
from tests.sealing.issuer import Issuer


@pytest.fixture(scope="session")
def shop(built_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Read only: what every test may look at."""
    yield from _open(built_demo, tmp_path_factory.mktemp("holder"))


@pytest.fixture(scope="session")
def good(shop: Shop) -> bytes:
    """The credential of a COMPETENCE certificate that stands."""
    return shop.credential(shop.with_status("VALID", kind="COMPETENCE")["code"])


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """An issuer in memory, who makes each document in a few milliseconds, and a wrong one as readily."""
    return Issuer(tmp_path_factory.mktemp("issuer") / "seal")


@pytest.fixture
def own_shop(built_demo: Path, tmp_path: Path) -> Iterator[Shop]:
    """One's own, for a test that records something."""
    yield from _open(built_demo, tmp_path)


def _open(built: Path, place: Path) -> Iterator[Shop]:
    folder = shutil.copytree(built, place / "data")
    demo = json.loads((folder / "demo.json").read_bytes())
    house = open_house(folder)
    house.ledger.clock = house.clock = SimulatedClock(house.clock.now())  # it stands still
    with house:
        yield Shop(house, demo)
