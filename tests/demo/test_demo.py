"""The sample year ends as the sample says: every status, every refusal, every moment asked about."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pymupdf
import zxingcpp
from PIL import Image
from starlette.testclient import TestClient

from api.composition import House
from ledger.fsck import fsck
from ledger.rebuild import rebuild


def test_every_certificate_of_the_sample_is_there_and_no_other(
    demo: dict[str, Any], sample: dict[str, Any], house: House
) -> None:
    expected = Counter(
        (learner["person_id"], due["kind"], due["copies"], due["status"])
        for learner in sample["learners"]
        for due in learner["certificates"]
    )
    found = Counter(
        (each["person"], each["kind"], each["copies"], each["expected_status"])
        for each in demo["certificates"]
    )
    assert found == expected
    assert len(house.queries.certificates()) == expected.total()
    assert len({each["code"] for each in demo["certificates"]}) == expected.total()


def test_the_qr_on_every_pdf_opens_a_page_with_the_status_of_the_sample(
    demo: dict[str, Any], client: TestClient
) -> None:
    for due in demo["certificates"]:
        opened: Any = pymupdf.open
        page = opened(due["pdf"])[0]
        pixels = page.get_pixmap(dpi=150, colorspace=pymupdf.csGRAY)
        picture = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
        reader: Any = zxingcpp
        (code,) = reader.read_barcodes(picture, formats=reader.BarcodeFormat.QRCode)
        assert code.text == due["url"]
        answer = client.get(code.text, headers={"Accept": "application/json"}).json()
        assert answer["status"] == due["expected_status"], due


def test_a_certificate_lists_the_units_the_sample_says(
    demo: dict[str, Any], sample: dict[str, Any], client: TestClient
) -> None:
    for learner in sample["learners"]:
        of_person = [each for each in demo["certificates"] if each["person"] == learner["person_id"]]
        for due in learner["certificates"]:
            shown = [
                client.get(each["url"], headers={"Accept": "application/json"}).json()
                for each in of_person
                if each["kind"] == due["kind"] and each["expected_status"] == due["status"]
            ]
            if due["status"] != "NO_LONGER_VERIFIABLE":
                assert due["units"] in {each["units"] and len(each["units"]) for each in shown}, learner


def test_each_forbidden_command_was_refused_with_its_code(
    demo: dict[str, Any], sample: dict[str, Any]
) -> None:
    expected = {test["id"]: test["expect_error"] for test in sample["negative_tests"]}
    assert {each["id"]: each["got"] for each in demo["refused"]} == expected


def test_each_status_of_a_past_moment_holds(demo: dict[str, Any], sample: dict[str, Any]) -> None:
    expected = [(check["person"], check["status"]) for check in sample["status_checks"]]
    assert [(check["person"], check["got"]) for check in demo["status_checks"]] == expected


def test_every_account_can_sign_in_in_each_of_its_roles(demo: dict[str, Any], client: TestClient) -> None:
    for account in demo["accounts"]:
        for role in account["roles"]:
            body = {"username": account["username"], "passphrase": account["passphrase"], "role": role}
            assert client.post("/api/session", json=body).status_code == 200, account["username"]


def test_the_store_is_sound_and_its_projections_come_out_equal(house: House) -> None:
    count, finding = fsck(house.application, house.queries, house.folder.root)
    assert finding is None
    assert count == house.queries.head().size
    assert not any(rebuild(house.application).differing.values())


def test_certificates_of_one_cohort_are_not_numbered_in_the_order_of_the_file(
    demo: dict[str, Any],
) -> None:
    training = [each for each in demo["certificates"] if each["kind"] == "TRAINING" and each["nth"] == 1]
    numbers = [each["number"] for each in training if each["number"].endswith("/2026")]
    assert len(numbers) > 20
    assert numbers != sorted(numbers)


def test_nothing_is_left_beside_the_folder(built_demo: Path) -> None:
    assert [each.name for each in built_demo.parent.iterdir()] == [built_demo.name]
