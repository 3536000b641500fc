"""Who is answered at all, and what nobody is told who does not need it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from ledger.commands import catalogue
from ledger.commands.command import QUERIES
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from ledger.errors import DomainError
from tests.api.bureau import PEOPLE, SITE_NAME, STAFF_NAME
from tests.queries.scene import APPLIED, CERTIFIED, NIK, UNDECIDED, Scene

catalogue.load()

READS = {
    "AccessReport": "privacy",
    "BlanksInStock": "print",
    "CommandStatus": "all",
    "FindCertificates": "certificates",
    "FindLearners": "search",
    "ListAgreements": "training",
    "ListAppeals": "appeals",
    "ListAssessments": "assessments",
    "ListCohorts": "cohorts",
    "ListExceptions": "exceptions",
    "ListFacilityReviews": "training",
    "ListHolders": "namers",
    "ListOrganisations": "all",
    "ListProgrammes": "programmes",
    "ListSchemes": "all",
    "ListStaff": "custodian",
    "ListSubjectRequests": "privacy",
    "ListTemplates": "templates",
    "OpenRequests": "all",
    "ReviewTasks": "reviews",
    "ShowAppeal": "appeals",
    "ShowAssessment": "assessment",
    "ShowCertificate": "certificates",
    "ShowCohort": "cohorts",
    "ShowEnrolment": "enrolment",
    "ShowLearner": "learner",
    "ShowScheme": "all",
    "ShowStaff": "custodian",
}
FACILITY = "correctional_liaison correctional_approver"
GROUPS = {
    "all": " ".join(Role),
    "appeals": "training_admin assessment_supervisor certification_decider appeal_panel auditor",
    "assessment": "assessment_supervisor certification_decider competence_issuer assessor appeal_panel"
    " training_admin auditor",
    "assessments": "assessment_supervisor certification_decider competence_issuer assessor auditor",
    "certificates": "training_admin training_issuer competence_issuer assessment_supervisor print_operator"
    " privacy_officer auditor",
    "cohorts": FACILITY + " training_admin training_issuer auditor instructor assessment_supervisor"
    " certification_decider competence_issuer",
    "custodian": "key_custodian",
    "enrolment": FACILITY + " training_admin training_issuer instructor assessment_supervisor auditor",
    "exceptions": "assessment_supervisor certification_decider auditor",
    "learner": FACILITY + " training_admin training_issuer assessment_supervisor competence_issuer"
    " privacy_officer auditor",
    "namers": "training_admin assessment_supervisor certification_decider key_custodian",
    "print": "print_operator",
    "privacy": "privacy_officer",
    "programmes": FACILITY + " training_admin training_issuer instructor auditor",
    "reviews": "training_issuer competence_issuer assessment_supervisor auditor",
    "search": "training_admin training_issuer assessment_supervisor competence_issuer privacy_officer"
    " correctional_liaison",
    "templates": "training_admin training_issuer competence_issuer print_operator auditor",
    "training": FACILITY + " training_admin training_issuer auditor",
}


def signatory(played: Scene, role: Role) -> Signatory:
    bureau = played.bureau
    name = next((each for each, (held, _) in PEOPLE.items() if held == role), "one")
    return bureau.signatory(name)


def test_every_query_says_who_may_ask() -> None:
    assert {name for name in QUERIES if name != "ViewUnitResults"} == set(READS)
    for name, group in READS.items():
        assert {str(role) for role in QUERIES[name].roles} == set(GROUPS[group].split()), name


@pytest.mark.parametrize("name", sorted(READS))
def test_any_other_role_is_refused_before_anything_is_looked_up(played: Scene, name: str) -> None:
    query = QUERIES[name].model_construct()
    for role in set(Role) - set(QUERIES[name].roles):
        with pytest.raises(DomainError) as refused:
            played.bureau.house.ledger.ask(signatory(played, role), query)
        assert refused.value.code == "ROLE_FORBIDDEN", role


def test_a_role_that_was_not_granted_is_refused(played: Scene) -> None:
    who = Signatory(played.bureau.staff["printer"], Role.TRAINING_ADMIN, played.bureau.orgs["blk"])
    with pytest.raises(DomainError) as refused:
        played.bureau.house.ledger.ask(who, QUERIES["ListSchemes"]())
    assert refused.value.code == "ROLE_FORBIDDEN"


# -- names -----------------------------------------------------------------------------------------------------


def questions(played: Scene) -> dict[str, dict[str, Any]]:
    """Arguments that find something, for every query but those of one role's own desk."""
    certificate = {"certificate": played.training["certificate"]}
    return {
        "FindCertificates": {"learner": played.learners[CERTIFIED]},
        "FindLearners": {"name": CERTIFIED},
        "ListAgreements": {},
        "ListAppeals": {"open": False},
        "ListAssessments": {},
        "ListCohorts": {},
        "ListExceptions": {},
        "ListFacilityReviews": {},
        "ListOrganisations": {},
        "ListProgrammes": {},
        "ListSchemes": {},
        "ListTemplates": {},
        "OpenRequests": {},
        "ReviewTasks": {},
        "ShowAssessment": {"assessment": played.decided},
        "ShowCertificate": certificate,
        "ShowCohort": {"cohort": played.cohort},
        "ShowEnrolment": {"enrolment": played.enrolments[CERTIFIED]},
        "ShowLearner": {"learner": played.learners[CERTIFIED]},
        "ShowScheme": {"scheme": played.scheme},
    }


class _Forbidden(Exception):  # noqa: N818 - no error: an answer that was rightly refused
    pass


@contextlib.contextmanager
def _only_forbidden() -> Iterator[None]:
    try:
        yield
    except DomainError as error:
        if error.code != "ROLE_FORBIDDEN":
            raise
        raise _Forbidden from None


def all_answers(played: Scene, person: str) -> dict[str, str]:
    """Whatever this person is answered, as text."""
    answers = {}
    for name, arguments in questions(played).items():
        with contextlib.suppress(_Forbidden), _only_forbidden():
            answers[name] = json.dumps(played.bureau.ask(person, name, **arguments), ensure_ascii=False)
    return answers


@pytest.mark.parametrize("person", ["auditor", "decider", "one"])
def test_roles_that_follow_ids_are_told_no_learner_s_name(played: Scene, person: str) -> None:
    answers = all_answers(played, person)
    assert "ListSchemes" in answers
    for name, text in answers.items():
        for private in ("Siti", "Budi", "Contohwati", "Nurhaliza", NIK, "1990-02-07", "REG-778"):
            assert private not in text, name


def test_an_auditor_is_told_no_name_at_all_and_no_code(played: Scene) -> None:
    answers = all_answers(played, "auditor")
    assert set(answers) == set(questions(played)) - {"FindLearners"}
    for name, text in answers.items():
        for private in (STAFF_NAME, SITE_NAME, played.training["code"], played.competence["code"]):
            assert private not in text, name


@pytest.mark.parametrize("person", sorted(PEOPLE))
def test_nobody_is_shown_a_nik_or_a_register_number(played: Scene, person: str) -> None:
    for name, text in all_answers(played, person).items():
        assert NIK not in text, name
        assert "REG-778" not in text, name


@pytest.mark.parametrize("person", sorted(set(PEOPLE) - {"admin"}))
def test_a_birth_date_is_shown_to_who_registers_alone(played: Scene, person: str) -> None:
    shown = played.bureau.ask("admin", "ShowLearner", learner=played.learners[CERTIFIED])
    assert shown["identity"]["birth_date"] == "1990-02-07"
    for name, text in all_answers(played, person).items():
        assert "1990-02-07" not in text, name


@pytest.mark.parametrize("person", ["assessor", "decider", "certifier", "printer", "panel", "auditor"])
def test_the_facility_s_name_is_for_those_who_work_with_it(played: Scene, person: str) -> None:
    assert all(SITE_NAME not in text for text in all_answers(played, person).values())
    assert SITE_NAME in json.dumps(played.bureau.ask("admin", "ListOrganisations"))


# -- facility staff ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["liaison", "approver"])
def test_facility_staff_see_no_trace_of_an_assessment_before_it_is_decided(
    played: Scene, person: str
) -> None:
    bureau = played.bureau
    shown = bureau.ask(person, "ShowLearner", learner=played.learners[UNDECIDED])
    assert shown["assessments"] == []
    rows = bureau.ask(person, "ShowCohort", cohort=played.cohort)["enrolments"]
    assessments = {row["learner"]: row["assessments"] for row in rows}
    assert assessments[played.learners[UNDECIDED]] == []
    assert [each["award"] for each in assessments[played.learners[CERTIFIED]]] == [True]
    assert bureau.ask(person, "ShowEnrolment", enrolment=played.enrolments[UNDECIDED])["assessments"] == []
    assert all(played.recommended not in text for text in all_answers(played, person).values())


@pytest.mark.parametrize("person", ["liaison", "approver"])
def test_facility_staff_see_no_certificate(played: Scene, person: str) -> None:
    assert (
        played.bureau.ask(person, "ShowLearner", learner=played.learners[CERTIFIED])["certificates"] is None
    )
    for text in all_answers(played, person).values():
        assert played.training["number"] not in text
        assert played.training["certificate"] not in text


def test_facility_staff_see_people_of_their_own_site_only(played: Scene) -> None:
    bureau = played.bureau
    assert bureau.ask("far liaison", "FindLearners", name="siti")["items"] == []
    assert len(bureau.ask("liaison", "FindLearners", name="siti")["items"]) == 2
    assert bureau.ask("far liaison", "ListCohorts")["items"] == []
    for name, arguments in (
        ("ShowLearner", {"learner": played.learners[APPLIED]}),
        ("ShowCohort", {"cohort": played.cohort}),
        ("ShowEnrolment", {"enrolment": played.enrolments[APPLIED]}),
    ):
        with pytest.raises(DomainError) as refused:
            bureau.ask("far liaison", name, **arguments)
        assert refused.value.code == "ROLE_FORBIDDEN"


def test_another_provider_s_cohorts_and_programmes_are_its_own(played: Scene) -> None:
    bureau = played.bureau
    assert bureau.ask("far admin", "ListCohorts")["items"] == []
    assert bureau.ask("far liaison", "ListProgrammes")["items"] == []
    with pytest.raises(DomainError) as refused:
        bureau.ask("far admin", "ShowCohort", cohort=played.cohort)
    assert refused.value.code == "ROLE_FORBIDDEN"


@pytest.mark.parametrize("person", ["colleague", "far supervisor"])
def test_who_is_no_party_of_a_cohort_sees_nothing_of_it(played: Scene, person: str) -> None:
    bureau = played.bureau
    assert bureau.ask(person, "ListCohorts")["items"] == []
    for name, arguments in (
        ("ShowCohort", {"cohort": played.cohort}),
        ("ShowEnrolment", {"enrolment": played.enrolments[CERTIFIED]}),
    ):
        with pytest.raises(DomainError) as refused:
            bureau.ask(person, name, **arguments)
        assert refused.value.code == "ROLE_FORBIDDEN"


def test_another_body_s_assessments_are_its_own(played: Scene) -> None:
    bureau = played.bureau
    assert bureau.ask("far supervisor", "ListAssessments")["items"] == []
    with pytest.raises(DomainError) as refused:
        bureau.ask("far supervisor", "ShowAssessment", assessment=played.decided)
    assert refused.value.code == "ROLE_FORBIDDEN"


def test_results_are_shown_to_the_training_admin_once_they_are_decided(played: Scene) -> None:
    bureau = played.bureau
    assert bureau.ask("admin", "ShowAssessment", assessment=played.recommended)["results"] is None
    assert bureau.ask("admin", "ShowAssessment", assessment=played.decided)["results"] == {
        "U.1": "K",
        "U.2": "K",
    }
    assert bureau.ask("decider", "ShowAssessment", assessment=played.recommended)["results"] == {
        "U.1": "K",
        "U.2": "BK",
    }
