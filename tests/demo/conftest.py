"""The demonstration of the sample year, built once for all tests of this folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import make_app
from api.composition import House, open_house
from api.demo import build

SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "programme-2026.json"


@pytest.fixture(scope="session")
def sample() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(SAMPLE.read_bytes())
    return content


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "data"
    build(folder, SAMPLE, 8000, lambda _done, _total: None)
    return folder


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
