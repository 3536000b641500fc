"""A file that the code was not written for runs through the ordinary commands and ends as it says."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import make_app
from api.composition import open_house
from tests.programme.other import other_file


@pytest.fixture(scope="module")
def folder(built_other: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(built_other, tmp_path_factory.mktemp("other") / "data")


@pytest.fixture(scope="module")
def demo(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "demo.json").read_bytes())
    return content


def test_every_forbidden_command_is_refused_with_its_code(demo: dict[str, Any]) -> None:
    assert [each for each in demo["refused"] if each["got"] != each["expected"]] == []
    assert len(demo["refused"]) == len(other_file()["negative_tests"])


def test_statuses_are_those_of_the_file_now_and_at_past_moments(folder: Path, demo: dict[str, Any]) -> None:
    expected = [
        (learner["person_id"], each["kind"], each["status"], each["units"])
        for learner in other_file()["learners"]
        for each in learner["certificates"]
    ]
    with open_house(folder) as house:
        client = TestClient(make_app(house), base_url=demo["base_url"])
        found = []
        for each in demo["certificates"]:
            answer = client.get(f"/v/{each['code']}", headers={"Accept": "application/json"}).json()
            units = None if each["kind"] == "TRAINING" else len(answer.get("units") or [])
            found.append((each["person"], each["kind"], answer["status"], units))
    gone = "NO_LONGER_VERIFIABLE"
    assert sorted(each[:3] for each in found) == sorted(each[:3] for each in expected)
    assert {each for each in found if each[2] != gone} == {each for each in expected if each[2] != gone}
    assert [each for each in demo["status_checks"] if each["got"] != each["expected"]] == []


def test_the_clock_is_left_on_the_files_last_day(demo: dict[str, Any]) -> None:
    assert demo["now"] == "2031-12-01T17:00:00+09:00"
