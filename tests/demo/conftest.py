"""The demonstration of the sample year, opened for all tests of this folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import make_app
from api.composition import House, open_house

SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "programme-2026.json"


@pytest.fixture(scope="session")
def sample() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(SAMPLE.read_bytes())
    return content


@pytest.fixture(scope="session")
def demo_folder(built_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(built_demo, tmp_path_factory.mktemp("opened") / "data")


@pytest.fixture(scope="session")
def demo(demo_folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((demo_folder / "demo.json").read_bytes())
    return content


@pytest.fixture(scope="session")
def house(demo_folder: Path) -> Iterator[House]:
    with open_house(demo_folder) as opened:
        yield opened


@pytest.fixture(scope="session")
def client(house: House, demo: dict[str, Any]) -> TestClient:
    return TestClient(make_app(house), base_url=demo["base_url"])
