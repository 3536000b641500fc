"""Appeals, requests of people about their data, and what became of a command."""

from __future__ import annotations

import uuid

import pytest

from ledger.commands.command import COMMANDS
from ledger.errors import DomainError
from tests.queries.scene import CERTIFIED, NIK, Scene


def test_an_appeal_is_listed_while_it_is_open_for_those_whom_it_concerns(played_on: Scene) -> None:
    place = played_on.bureau
    place.give("decider", "RecordCertificationDecision", assessment=played_on.recommended)
    shown = place.ask("admin", "ShowAssessment", assessment=played_on.recommended)
    (decision,) = shown["decisions"]
    assert (decision["award"], decision["appeal_until"]) == (False, "2031-03-17")
    appeal = place.give("admin", "FileAppeal", assessment=played_on.recommended, ground="OTHER")["appeal"]
    for who, sees in (
        ("admin", True),
        ("supervisor", True),
        ("auditor", True),
        ("panel", False),
        ("far admin", False),
    ):
        items = place.ask(who, "ListAppeals")["items"]
        assert [each["appeal"] for each in items] == ([appeal] if sees else []), who
    place.give("supervisor", "AcceptAppeal", appeal=appeal)
    place.give("supervisor", "AssignAppealPanel", appeal=appeal, panel=[place.staff["panel"]])
    (listed,) = place.ask("panel", "ListAppeals")["items"]
    assert (listed["state"], listed["decision"]) == ("accepted", decision["decision"])
    assert place.ask("panel", "ShowAssessment", assessment=played_on.recommended)["results"]["U.2"] == "BK"
    place.give("panel", "HearAppeal", appeal=appeal)
    place.give("panel", "DecideAppeal", appeal=appeal, outcome="REJECTED")
    assert place.ask("panel", "ListAppeals")["items"] == []
    assert [each["state"] for each in place.ask("panel", "ListAppeals", open=False)["items"]] == ["rejected"]
    history = place.ask("supervisor", "ShowAppeal", appeal=appeal)["history"]
    assert [each["event"].split(".")[1] for each in history] == [
        "filed",
        "accepted",
        "panel_assigned",
        "heard",
        "rejected",
    ]
    assert history[0]["codes"] == {"ground": "OTHER"}
    with pytest.raises(DomainError) as refused:
        place.ask("far admin", "ShowAppeal", appeal=appeal)
    assert refused.value.code == "ROLE_FORBIDDEN"


def test_an_access_report_holds_everything_and_comes_after_verification(played_on: Scene) -> None:
    place, learner = played_on.bureau, played_on.learners[CERTIFIED]
    request = place.give(
        "privacy", "ReceiveSubjectRequest", subject_kind="learner", id=learner, kind="ACCESS"
    )["subject_request"]
    with pytest.raises(DomainError) as refused:
        place.ask("privacy", "AccessReport", subject_request=request)
    assert refused.value.code == "SUBJECT_REQUEST_STATE_INVALID"
    place.give("privacy", "VerifySubjectRequest", subject_request=request)
    report = place.ask("privacy", "AccessReport", subject_request=request)["subjects"]
    person = {fact["field"]: fact["value"] for fact in report[f"learner/{learner}"]["identity"]}
    assert (person["full_name"], person["nik"], person["birth_date"]) == (CERTIFIED, NIK, "1990-02-07")
    certificate = report[f"certificate/{played_on.training['certificate']}"]
    assert {"holder": CERTIFIED, "code": played_on.training["code"]} == {
        fact["field"]: fact["value"] for fact in certificate["identity"]
    }
    assert f"certificate/{played_on.competence['certificate']}" in report
    assert "salt" not in str(report)


def test_nobody_gets_a_report_on_the_institution_s_own_schedule(played_on: Scene) -> None:
    place = played_on.bureau
    request = place.give(
        "privacy",
        "ReceiveSubjectRequest",
        subject_kind="certificate",
        id=played_on.training["certificate"],
        kind="RETENTION",
    )["subject_request"]
    with pytest.raises(DomainError) as refused:
        place.ask("privacy", "AccessReport", subject_request=request)
    assert refused.value.code == "SUBJECT_REQUEST_STATE_INVALID"


def test_requests_are_listed_until_they_are_done_and_while_a_hold_is_open(played_on: Scene) -> None:
    place = played_on.bureau
    request = place.give(
        "privacy",
        "ReceiveSubjectRequest",
        subject_kind="certificate",
        id=played_on.competence["certificate"],
        kind="ERASURE",
    )["subject_request"]

    def listed() -> dict[str, str | None]:
        items = place.ask("privacy", "ListSubjectRequests")["items"]
        return {each["subject_request"]: each["hold"] for each in items}

    assert listed()[request] is None
    place.give("privacy", "PlaceHold", subject_request=request, reason="DISPUTE_OPEN")
    place.give("privacy", "RefuseSubjectRequest", subject_request=request, reason="NOT_THE_HOLDER")
    assert listed()[request] == "DISPUTE_OPEN"
    place.give("privacy", "LiftHold", subject_request=request)
    assert request not in listed()
    everything = place.ask("privacy", "ListSubjectRequests", open=False)["items"]
    assert request in {each["subject_request"] for each in everything}


def test_what_became_of_a_command_is_told_to_its_giver_by_key_and_by_id(played_on: Scene) -> None:
    place = played_on.bureau
    key = uuid.uuid4().hex
    who = place.signatory("admin")
    command = COMMANDS["RegisterLearner"].model_validate({"full_name": "Orang Baru"})
    unknown = place.ask("admin", "CommandStatus", idempotency_key=key)
    assert unknown == {"recorded": False, "command": None, "first_index": None, "events": 0, "result": None}
    receipt = place.office.give(who.staff, who.role, who.org, command, key)
    by_key = place.ask("admin", "CommandStatus", idempotency_key=key)
    assert by_key == {"recorded": True, **receipt.to_json()}
    assert place.ask("admin", "CommandStatus", command=receipt.command) == by_key
    assert place.ask("issuer", "CommandStatus", idempotency_key=key)["recorded"] is False
    with pytest.raises(DomainError) as refused:
        place.ask("issuer", "CommandStatus", command=receipt.command)
    assert refused.value.code == "ROLE_FORBIDDEN"
    seen = place.ask("auditor", "CommandStatus", command=receipt.command)
    assert (seen["recorded"], seen["first_index"], seen["result"]) == (True, receipt.first_index, None)
    assert place.ask("auditor", "CommandStatus", command=str(uuid.uuid4()))["recorded"] is False
