"""People are found by words of their name or by their NIK, as long as their data exist."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ledger.commands.command import QUERIES
from ledger.errors import DomainError
from tests.api.bureau import Bureau, bureau
from tests.queries.scene import APPLIED, CERTIFIED, NIK, UNENROLLED, Scene


def found(place: Bureau, who: str = "admin", **by: Any) -> list[str | None]:
    return [each["name"] for each in place.ask(who, "FindLearners", **by)["items"]]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("siti contohwati rekasari", [CERTIFIED]),
        ("REKASARI  Siti", [CERTIFIED]),
        ("Nurhaliza", [APPLIED]),
        ("nurhaliza, s.pd.", [APPLIED]),
        ("\uff53\uff49\uff54\uff49", [CERTIFIED, APPLIED]),
        ("o'reka", [UNENROLLED]),
        ("Sit", []),
        ("Siti Fiktifanto", []),
        ("...", []),
    ],
)
def test_words_find_a_name_in_any_order_and_case(played: Scene, typed: str, expected: list[str]) -> None:
    assert sorted(map(str, found(played.bureau, name=typed))) == sorted(expected)


def test_a_whole_nik_finds_its_person_for_those_who_may_look_by_it(played: Scene) -> None:
    assert found(played.bureau, nik=NIK) == [CERTIFIED]
    assert found(played.bureau, "privacy", nik=NIK) == [CERTIFIED]
    assert found(played.bureau, nik=NIK[:-1] + "4") == []
    with pytest.raises(DomainError) as refused:
        found(played.bureau, "issuer", nik=NIK)
    assert refused.value.code == "ROLE_FORBIDDEN"


@pytest.mark.parametrize("arguments", [{}, {"name": "Siti", "nik": NIK}, {"name": ""}, {"name": "x" * 201}])
def test_a_search_is_for_a_name_or_for_a_nik(arguments: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        QUERIES["FindLearners"].model_validate(arguments)


def test_many_people_come_page_by_page(played: Scene) -> None:
    first = played.bureau.ask("admin", "FindLearners", name="Siti", limit=1)
    second = played.bureau.ask("admin", "FindLearners", name="Siti", limit=1, after=first["next"])
    assert second["next"] is None
    assert {each["name"] for each in (*first["items"], *second["items"])} == {CERTIFIED, APPLIED}


def test_a_person_is_shown_with_enrolments_assessments_and_certificates(played: Scene) -> None:
    shown = played.bureau.ask("admin", "ShowLearner", learner=played.learners[CERTIFIED])
    (enrolment,) = shown["enrolments"]
    assert (enrolment["state"], enrolment["jp"], enrolment["percent_x10"], enrolment["enough"]) == (
        "completed",
        40,
        1000,
        True,
    )
    assert [each["assessment"] for each in shown["assessments"]] == [played.decided]
    assert {each["number"]: each["status"] for each in shown["certificates"]} == {
        played.training["number"]: "VALID",
        played.competence["number"]: "VALID",
    }


def test_an_enrolment_is_shown_with_the_entry_that_a_correction_names(played: Scene) -> None:
    shown = played.bureau.ask("teacher", "ShowEnrolment", enrolment=played.enrolments[CERTIFIED])
    assert [(each["date"], each["jp"]) for each in shown["attendance"]] == [
        (f"2031-03-0{day}", 8) for day in range(3, 8)
    ]
    entry = shown["attendance"][0]["entry"]
    events = played.bureau.house.queries.history(f"enrolment/{played.enrolments[CERTIFIED]}")
    assert entry in {event.hash for _, event in events if event.name == "attendance_recorded"}


# -- what changes ------------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Bureau]:
    with bureau(tmp_path / "data", "admin", "issuer", "privacy") as opened:
        yield opened


def test_a_corrected_name_is_found_and_so_is_the_old_one(place: Bureau) -> None:
    learner = place.learner("Sity Contoh")
    request = place.give(
        "admin", "RequestIdentityCorrection", learner=learner, field="full_name", value="Siti Contoh"
    )["request"]
    assert found(place, name="Siti") == []
    place.give("issuer", "CorrectIdentity", learner=learner, request=request)
    assert found(place, name="siti contoh") == ["Siti Contoh"]
    assert found(place, name="sity") == ["Siti Contoh"]


def test_a_merged_entry_is_found_and_says_which_stands_for_it(place: Bureau) -> None:
    kept, duplicate = place.learner("Budi Satu"), place.learner("Budi Dua")
    request = place.give("admin", "ProposeMerge", learner=duplicate, into=kept)["request"]
    place.give("privacy", "ApproveMerge", learner=duplicate, request=request)
    items = place.ask("admin", "FindLearners", name="dua")["items"]
    assert [(each["learner"], each["state"], each["merged_into"]) for each in items] == [
        (duplicate, "merged", kept)
    ]
    assert place.ask("admin", "ShowLearner", learner=duplicate)["entries"] == [kept, duplicate]


def test_nobody_finds_a_person_whose_identity_was_destroyed(place: Bureau) -> None:
    learner = place.learner("Siti Hilang", nik=NIK)
    request = place.give(
        "privacy", "ReceiveSubjectRequest", subject_kind="learner", id=learner, kind="ERASURE"
    )["subject_request"]
    place.give("privacy", "VerifySubjectRequest", subject_request=request)
    asked = place.give("privacy", "RequestDestruction", subject_request=request, classes=["identity"])[
        "request"
    ]
    assert found(place, name="hilang") == ["Siti Hilang"]
    place.give("issuer", "DestroyData", subject_request=request, request=asked)
    assert found(place, name="hilang") == []
    assert found(place, nik=NIK) == []
    shown = place.ask("admin", "ShowLearner", learner=learner)
    assert (shown["name"], shown["erased"]) == (None, ["identity"])
    assert set(shown["identity"].values()) == {None}


def test_a_refused_registration_leaves_nobody_to_be_found(place: Bureau) -> None:
    place.learner("Siti Satu", nik=NIK)
    with pytest.raises(DomainError):
        place.learner("Wati Dua", nik=NIK)
    assert found(place, name="wati") == []
    assert found(place, name="satu") == ["Siti Satu"]
