"""A correction that removes what a certificate rests on makes a review task, and revokes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.bureau import Bureau
from tests.queries.scene import CERTIFIED, Scene


def tasks(place: Bureau, who: str) -> list[tuple[str, str]]:
    items: list[dict[str, Any]] = place.ask(who, "ReviewTasks")["items"]
    return sorted((task["number"], task["why"]) for each in items for task in each["tasks"])


def entries(place: Bureau, enrolment: str) -> list[str]:
    shown = place.ask("teacher", "ShowEnrolment", enrolment=enrolment)
    return [each["entry"] for each in shown["attendance"]]


def test_corrected_attendance_is_a_task_only_below_the_threshold(played_on: Scene) -> None:
    place, enrolment = played_on.bureau, played_on.enrolments[CERTIFIED]
    assert tasks(place, "issuer") == []
    place.give(
        "teacher", "CorrectAttendance", enrolment=enrolment, corrects=entries(place, enrolment)[0], jp=0
    )
    assert tasks(place, "issuer") == []  # 32 of 40 JP are 80 %, which is enough
    place.give(
        "teacher", "CorrectAttendance", enrolment=enrolment, corrects=entries(place, enrolment)[1], jp=7
    )
    due = [(played_on.training["number"], "ATTENDANCE_BELOW_THRESHOLD")]
    assert tasks(place, "issuer") == tasks(place, "auditor") == due
    assert tasks(place, "certifier") == tasks(place, "supervisor") == []
    place.give(
        "teacher", "CorrectAttendance", enrolment=enrolment, corrects=entries(place, enrolment)[1], jp=8
    )
    assert tasks(place, "issuer") == []


def test_a_corrected_result_is_a_task_for_the_body(played_on: Scene) -> None:
    place = played_on.bureau
    place.give("supervisor", "CorrectUnitResult", assessment=played_on.decided, unit="U.2", result="BK")
    due = [(played_on.competence["number"], "UNIT_NOT_COMPETENT")]
    assert tasks(place, "certifier") == tasks(place, "supervisor") == tasks(place, "auditor") == due
    assert tasks(place, "issuer") == tasks(place, "far supervisor") == []
    shown = place.ask("certifier", "ShowCertificate", certificate=played_on.competence["certificate"])
    assert (shown["state"], shown["status"]) == ("active", "VALID")


def test_a_task_goes_with_the_certificate_that_is_revoked(played_on: Scene) -> None:
    place, certificate = played_on.bureau, played_on.competence["certificate"]
    request = place.give(
        "supervisor", "RequestRevocation", certificate=certificate, reason="ISSUED_IN_ERROR"
    )["request"]
    place.give("certifier", "RevokeCertificate", certificate=certificate, request=request)
    assert tasks(place, "certifier") == tasks(place, "auditor") == []


@pytest.fixture
def reassessed(played_on: Scene) -> tuple[Scene, str, dict[str, Any]]:
    """Who was BK in U.2 is K there in a second attempt, which carries U.1 from the first."""
    place = played_on.bureau
    place.give("decider", "RecordCertificationDecision", assessment=played_on.recommended)
    second = place.give("supervisor", "AdmitToReassessment", assessment=played_on.recommended)["assessment"]
    place.give("supervisor", "AssignAssessor", assessment=second, assessor=place.staff["assessor"])
    evidence = [{"kind": "FORM", "sha256": "cd" * 32}]
    results = [{"unit": "U.2", "result": "K", "evidence": evidence}]
    place.give("assessor", "RecordUnitResult", assessment=second, results=results)
    place.give("assessor", "Recommend", assessment=second)
    place.give("decider", "RecordCertificationDecision", assessment=second)
    return played_on, second, place.give("certifier", "IssueCompetenceCertificate", assessment=second)


def test_a_carried_result_is_judged_where_it_came_from(reassessed: tuple[Scene, str, dict[str, Any]]) -> None:
    played, _, issued = reassessed
    place = played.bureau
    assert tasks(place, "certifier") == []
    place.give("supervisor", "CorrectUnitResult", assessment=played.recommended, unit="U.1", result="BK")
    assert tasks(place, "certifier") == [(issued["number"], "UNIT_NOT_COMPETENT")]
    place.give("supervisor", "CorrectUnitResult", assessment=played.recommended, unit="U.1", result="K")
    assert tasks(place, "certifier") == []
