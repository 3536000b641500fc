"""Lists and views say what stands, and give every id and hash that a command needs."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.errors import DomainError
from ledger.rebuild import rebuild
from tests.queries.scene import CERTIFIED, UNDECIDED, Scene


def items(played: Scene, who: str, query: str, **arguments: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = played.bureau.ask(who, query, **arguments)["items"]
    return found


def test_every_list_has_what_was_made(played: Scene) -> None:
    bureau = played.bureau
    assert [each["programme"] for each in items(played, "admin", "ListProgrammes")] == [played.programme]
    assert [each["missing"] for each in items(played, "liaison", "ListProgrammes")] == [[]]
    assert [each["scheme"] for each in items(played, "printer", "ListSchemes")] == [played.scheme]
    assert [each["cohort"] for each in items(played, "teacher", "ListCohorts")] == [played.cohort]
    assert [each["cohort"] for each in items(played, "supervisor", "ListCohorts")] == [played.cohort]
    assert [each["cohort"] for each in items(played, "auditor", "ListCohorts")] == [played.cohort]
    assert {each["kind"] for each in items(played, "printer", "ListTemplates")} == {
        "TRAINING",
        "COMPETENCE",
        "UNIT_STATEMENT",
    }
    assert {each["organisation"] for each in items(played, "panel", "ListOrganisations")} == set(
        bureau.orgs.values()
    )
    (agreement,) = items(played, "approver", "ListAgreements")
    assert (agreement["agreement"], agreement["state"], agreement["awaits"]) == (
        played.agreement,
        "in_force",
        [],
    )
    (review,) = items(played, "liaison", "ListFacilityReviews")
    assert (review["state"], review["ready_today"], review["failed"]) == ("ready", True, [])


def test_lists_come_newest_first_page_by_page(played: Scene) -> None:
    newest = items(played, "panel", "ListOrganisations")
    first = played.bureau.ask("panel", "ListOrganisations", limit=3)
    second = played.bureau.ask("panel", "ListOrganisations", limit=3, after=first["next"])
    assert first["items"] + second["items"] == newest
    assert second["next"] is None
    assert played.bureau.ask("panel", "ListOrganisations", limit=len(newest))["next"] is None
    assert newest[0]["organisation"] == played.bureau.orgs["far"]


def test_cohorts_are_listed_by_state(played: Scene) -> None:
    assert len(items(played, "admin", "ListCohorts", state="running")) == 1
    assert items(played, "admin", "ListCohorts", state="closed") == []


def test_a_cohort_shows_seats_and_how_far_its_people_have_come(played: Scene) -> None:
    shown = played.bureau.ask("supervisor", "ShowCohort", cohort=played.cohort)
    assert shown["seats"] == {"capacity": 4, "taken": 2, "free": 2}
    rows = {each["name"]: each for each in shown["enrolments"]}
    assert (rows[UNDECIDED]["jp"], rows[UNDECIDED]["percent_x10"], rows[UNDECIDED]["enough"]) == (
        35,
        875,
        True,
    )
    assert [each["state"] for each in rows[UNDECIDED]["assessments"]] == ["recommended"]
    page = played.bureau.ask("supervisor", "ShowCohort", cohort=played.cohort, limit=2)
    rest = played.bureau.ask("supervisor", "ShowCohort", cohort=played.cohort, after=page["next"])
    assert page["enrolments"] + rest["enrolments"] == shown["enrolments"]


def test_a_decider_finds_what_waits_for_a_decision_without_names(played: Scene) -> None:
    (waiting,) = items(played, "decider", "ListAssessments", state="recommended")
    assert (waiting["assessment"], waiting["name"], waiting["award"]) == (played.recommended, None, None)
    assert {each["name"] for each in items(played, "assessor", "ListAssessments")} == {CERTIFIED, UNDECIDED}


def test_an_assessor_sees_the_own_assessments_only(played: Scene) -> None:
    bureau = played.bureau
    bureau.hire("stranger", (bureau.roles["assessor"][0], "lsp"))
    assert items(played, "stranger", "ListAssessments") == []
    with pytest.raises(DomainError) as refused:
        bureau.ask("stranger", "ShowAssessment", assessment=played.decided)
    assert refused.value.code == "ROLE_FORBIDDEN"


def test_a_certificate_is_found_by_number_and_shown_with_its_whole_history(played: Scene) -> None:
    bureau = played.bureau
    (row,) = items(played, "printer", "FindCertificates", number=played.training["number"])
    assert row["certificate"] == played.training["certificate"]
    assert items(played, "printer", "FindCertificates", number="99999/T/2031") == []
    with pytest.raises(DomainError) as refused:
        items(played, "printer", "FindCertificates", learner=played.learners[CERTIFIED])
    assert refused.value.code == "ROLE_FORBIDDEN"
    shown = bureau.ask("printer", "ShowCertificate", certificate=row["certificate"])
    assert (shown["holder"], shown["code"]) == (CERTIFIED, played.training["code"])
    stored = bureau.house.queries.history(f"certificate/{row['certificate']}")
    assert [(each["event"], each["hash"], each["index"]) for each in shown["history"]] == [
        (event.type, event.hash, index) for index, event in stored
    ]
    assert {(each["actor"], each["role"]) for each in shown["history"]} == {
        (bureau.staff["issuer"], "training_issuer")
    }


def test_the_way_back_from_a_certificate_is_for_auditor_and_privacy_officer(played: Scene) -> None:
    certificate = played.competence["certificate"]
    for who in ("auditor", "privacy"):
        links = played.bureau.ask(who, "ShowCertificate", certificate=certificate)["provenance"]
        assert (links["learner"], links["assessment"]) == (played.learners[CERTIFIED], played.decided)
    for who in ("admin", "certifier", "issuer", "printer", "supervisor"):
        assert played.bureau.ask(who, "ShowCertificate", certificate=certificate)["provenance"] is None


def test_custodians_see_people_with_roles_licence_and_keys(played: Scene) -> None:
    bureau = played.bureau
    page = bureau.ask("one", "ListStaff")
    assert {each["staff"] for each in page["founders"]} == {bureau.staff["one"], bureau.staff["two"]}
    assert bureau.staff["assessor"] in {each["staff"] for each in page["items"]}
    shown = bureau.ask("two", "ShowStaff", staff=bureau.staff["assessor"])
    assert shown["licence"] == {"number": "MET.1", "scope": ["LAS"], "until": "2032-01-01"}
    assert [each["status"] for each in shown["keys"]] == ["enrolled"]


def test_who_names_people_in_commands_finds_them_by_role(played: Scene) -> None:
    bureau = played.bureau
    assert {each["staff"] for each in items(played, "admin", "ListHolders", role="instructor")} == {
        bureau.staff["teacher"],
        bureau.staff["colleague"],
    }
    assert bureau.staff["panel"] in {
        each["staff"] for each in items(played, "supervisor", "ListHolders", role="appeal_panel")
    }
    former = bureau.hire("former teacher", (bureau.roles["teacher"][0], "blk"))
    assert former in {each["staff"] for each in items(played, "admin", "ListHolders", role="instructor")}
    bureau.give("one", "RevokeRole", staff=former, role="instructor", org=bureau.orgs["blk"])
    assert former not in {each["staff"] for each in items(played, "admin", "ListHolders", role="instructor")}
    with pytest.raises(DomainError) as refused:
        items(played, "admin", "ListHolders", role="key_custodian")
    assert refused.value.code == "ROLE_FORBIDDEN"


def test_blanks_are_listed_while_any_is_free(played: Scene) -> None:
    bureau = played.bureau
    assert items(played, "printer", "BlanksInStock") == []
    stock = bureau.give("printer", "ReceiveBlanks", serials=["0000002", "0000001", "0000003"])["stock"]
    bureau.give("printer", "SpoilBlank", serial="0000003")
    bureau.give(
        "printer",
        "PrintCopy",
        certificate=played.training["certificate"],
        copy_number=1,
        reason="ORIGINAL",
        blanko_serial="0000001",
    )
    counts = {"received": 3, "allocated": 1, "spoiled": 1, "returned": 0}
    assert items(played, "printer", "BlanksInStock") == [{"stock": stock, "free": ["0000002"], **counts}]
    (copy,) = bureau.ask("printer", "ShowCertificate", certificate=played.training["certificate"])["copies"]
    assert (copy["copy"], copy["serial"], copy["state"]) == (1, "0000001", "printed")
    bureau.give("printer", "HandOver", print_copy=copy["print_copy"])
    bureau.give("printer", "ReturnBlank", serial="0000002")
    assert items(played, "printer", "BlanksInStock") == []


def test_an_unknown_id_is_told_as_such(played: Scene) -> None:
    for name, argument in (
        ("ShowLearner", "learner"),
        ("ShowCohort", "cohort"),
        ("ShowCertificate", "certificate"),
        ("ShowEnrolment", "enrolment"),
        ("ShowAssessment", "assessment"),
        ("ShowAppeal", "appeal"),
        ("ShowScheme", "scheme"),
    ):
        with pytest.raises(DomainError) as refused:
            played.bureau.ask("auditor", name, **{argument: played.bureau.staff["one"]})
        assert refused.value.code == "UNKNOWN_ID", name


def test_what_queries_page_through_is_derived_from_the_log_again(played: Scene) -> None:
    assert not any(rebuild(played.bureau.house.application).differing.values())
