"""Rules about the decision a certificate rests on, what is issued again on it, and what is changed afterwards."""

from typing import Any

import pytest

from tests.audit.broken_certifying import replace
from tests.audit.following import Case
from tests.audit.resting import RestedCases
from tests.audit.scribe import Said, an_id
from tests.audit.village import UNITS, Village, s

case = RestedCases()
MIXED = {"U.1": "K", "U.2": "BK"}


@pytest.mark.parametrize("each", case, ids=str)
def test_what_was_decided(each: Case) -> None:
    each.check()


def competence(v: Village, of: str = "ana", learner: str | None = None, **changes: Any) -> None:
    v.certify(f"{of} c", "COMPETENCE", v.decision_link(of, learner) | changes.pop("link", {}), **changes)


def statement(v: Village, of: str = "ana", units: tuple[str, ...] = ("U.1",), **changes: Any) -> None:
    v.certify(f"{of} u", "UNIT_STATEMENT", v.decision_link(of), units=units, **changes)


@case("decided", "UNKNOWN_ID")
def a_decision_of_nothing(v: Village) -> None:
    competence(v, link={"assessment": an_id("none")})


@case("trained", *(f"UNKNOWN_ID@{acts}" for acts in (7, 6, 4, 3, 1)), "UNKNOWN_ID", "CERT_BASIS_WRONG")
def a_decision_in_a_scheme_that_is_not_known(v: Village) -> None:
    v.assess("ana", scheme=an_id("none"), enrolment=None, renews=True)
    v.decide("ana")
    competence(v)


@case("trained", "UNKNOWN_ID@7")
def a_decision_about_nobody(v: Village) -> None:
    v.assess("ana", learner="nobody", enrolment=an_id("ana"))
    v.decide("ana")
    competence(v)


def scheme(v: Village, **approved: Any) -> None:
    """A scheme of its own, in which ana was assessed for a renewal, with U.2 not yet competent."""
    v.scheme("own", approved=False)
    v.approve_scheme("own", **approved)
    v.assess("ana", "BK", scheme=an_id("own"), enrolment=None, renews=True)
    v.decide("ana", MIXED, award=approved.get("min_units") == 1)


PLAIN = {"programme_code": "SKM/1"}


@case("trained")
def a_statement_where_they_are_given(v: Village) -> None:
    scheme(v)
    statement(v, prepared=PLAIN)


@case("trained", "AWARD_RULE_NOT_MET")
def a_statement_where_none_are_given(v: Village) -> None:
    scheme(v, unit_statement=False)
    statement(v, prepared=PLAIN)


@case("trained", "CERT_CONTENT_INVALID", "AWARD_RULE_NOT_MET")
def a_statement_of_nothing(v: Village) -> None:
    scheme(v)
    statement(v, units=(), prepared=PLAIN)


@case("trained", f"AWARD_RULE_NOT_MET: certificate/{an_id('ana u')} states U.1, U.2", "BASIS_CHANGED")
def a_statement_of_a_unit_that_was_not_reached(v: Village) -> None:
    scheme(v)
    statement(v, units=UNITS, prepared=PLAIN)


@case("trained", "AWARD_RULE_NOT_MET")
def a_statement_where_the_award_was_earned(v: Village) -> None:
    scheme(v, award_rule="CLUSTER", min_units=1)
    statement(v, prepared=PLAIN)


@case("trained", "CERT_BASIS_WRONG")
def a_renewals_assessment_without_a_renewal(v: Village) -> None:
    scheme(v, award_rule="CLUSTER", min_units=1)
    competence(v, units=("U.1",), prepared=PLAIN)


@case("trained", "CERT_DIFFERS_FROM_BASIS")
def a_statement_without_training_under_a_programmes_code(v: Village) -> None:
    scheme(v)
    statement(v)


# -- issued again ------------------------------------------------------------------------------------------------------


def corrected(v: Village, result: str = "BK") -> None:
    """A result of ana's corrected."""
    data = {"unit": "U.1", "result": result, "corrects": v.results["ana", "U.1"]}
    v.results["ana", "U.1"] = v.assessment("ana", "unit_result_corrected", "supervisor", **data)


def decided_anew(v: Village) -> None:
    """A result of ana's corrected and corrected back, and that decided."""
    corrected(v)
    corrected(v, "K")
    v.decide("ana", plenary="2")


@case("certified")
def one_on_a_new_decision_after_the_old_one_was_revoked(v: Village) -> None:
    v.revoke("ana c")
    decided_anew(v)
    v.certify("ana c2", "COMPETENCE", v.decision_link("ana"))


@case("certified", "CERT_ALREADY_ISSUED")
def one_on_the_old_decision_after_it_was_revoked(v: Village) -> None:
    v.revoke("ana c")
    v.certify("ana c2", "COMPETENCE", v.decision_link("ana"))


@case("certified", "CERT_ALREADY_ISSUED")
def one_on_a_new_decision_while_the_old_one_stands(v: Village) -> None:
    decided_anew(v)
    v.certify("ana c2", "COMPETENCE", v.decision_link("ana"))


@case("certified", "CERT_ALREADY_ISSUED")
def one_on_a_new_decision_while_the_old_one_is_suspended(v: Village) -> None:
    v.certificate("ana c", "suspended", reason="COMPLAINT_OPEN")
    decided_anew(v)
    v.certify("ana c2", "COMPETENCE", v.decision_link("ana"))


@case("certified")
def one_that_replaces_on_the_old_decision(v: Village) -> None:
    replace(v, "ana c", "ana c2")


@case("certified")
def one_that_replaces_on_a_new_decision(v: Village) -> None:
    decided_anew(v)
    replace(v, "ana c", "ana c2")


@case("certified", "CERT_ALREADY_ISSUED")
def one_that_replaces_another_persons(v: Village) -> None:
    v.by(
        "body",
        Said(
            s("certificate", "budi c"),
            "certificate.superseded",
            {"by": an_id("ana c2"), "reason": "NAME_CORRECTION"},
        ),
        v.prepared("ana c2", "COMPETENCE"),
        v.issued(
            "ana c2",
            "COMPETENCE",
            v.decision_link("ana"),
            replaces=an_id("budi c"),
            valid_until="2034-03-20",
        ),
    )


# -- renewed -----------------------------------------------------------------------------------------------------------


def renewed(v: Village, attempt: str = "renewal", *, renews: bool = True, **changes: Any) -> None:
    """A certificate that renews ana's, on an assessment without training."""
    code = changes.pop("programme_code", "LAS-II")
    if attempt == "renewal":
        v.assess(attempt, learner="ana", enrolment=None, renews=renews)
        v.decide(attempt)
    v.by(
        "body",
        Said(s("certificate", "ana c"), "certificate.renewed", {"by": an_id("ana c2")}),
        v.prepared("ana c2", "COMPETENCE", programme_code=code),
        v.issued("ana c2", "COMPETENCE", v.decision_link(attempt, "ana"), **changes),
    )


@case("certified")
def renewed_on_an_assessment_for_it(v: Village) -> None:
    renewed(v)


@case("certified")
def renewed_under_another_programmes_code(v: Village) -> None:
    renewed(v, programme_code="LAS-I")


@case("certified", "CERT_BASIS_WRONG", "CERT_ALREADY_ISSUED")
def renewed_on_the_assessment_before(v: Village) -> None:
    renewed(v, "ana")


@case("certified", "CERT_DIFFERS_FROM_BASIS")
def renewed_for_longer_than_the_scheme_says(v: Village) -> None:
    renewed(v, valid_until="2034-03-25")


@case("certified")
def a_renewal_that_is_replaced(v: Village) -> None:
    renewed(v)
    v.by(
        "body",
        Said(
            s("certificate", "ana c2"),
            "certificate.superseded",
            {"by": an_id("ana c3"), "reason": "NAME_CORRECTION"},
        ),
        v.prepared("ana c3", "COMPETENCE"),
        v.issued(
            "ana c3",
            "COMPETENCE",
            v.decision_link("renewal", "ana"),
            replaces=an_id("ana c2"),
            valid_until="2034-03-24",
        ),
    )


# -- changed afterwards ------------------------------------------------------------------------------------------------


@case("certified", f"BASIS_CHANGED: certificate/{an_id('ana c')} rests on assessment/{an_id('ana')}")
def a_result_corrected_and_not_decided_again(v: Village) -> None:
    corrected(v)


@case("certified", "BASIS_CHANGED")
def a_result_corrected_to_the_same_and_not_decided_again(v: Village) -> None:
    corrected(v)
    corrected(v, "K")


@case("certified", "BASIS_CHANGED")
def a_result_corrected_and_decided_again(v: Village) -> None:
    corrected(v)
    v.decide("ana", {"U.1": "BK", "U.2": "K"})


@case("certified")
def a_result_corrected_to_the_same_and_decided_again(v: Village) -> None:
    decided_anew(v)


@case("certified", "BASIS_CHANGED")
def a_result_corrected_of_what_is_suspended(v: Village) -> None:
    v.certificate("ana c", "suspended", reason="COMPLAINT_OPEN")
    corrected(v)


@case("certified")
def a_result_corrected_of_what_is_revoked(v: Village) -> None:
    v.revoke("ana c")
    corrected(v)


def less_attendance(v: Village, jp: int) -> None:
    """A session of ana's corrected to fewer hours."""
    data = {"cohort": an_id("cohort"), "session": 1, "jp": jp, "corrects": v.attended["ana", 1]}
    v.by("admin", Said(s("enrolment", "ana"), "enrolment.attendance_corrected", data))


@case("certified")
def attendance_corrected_to_just_enough(v: Village) -> None:
    less_attendance(v, 5)  # 13 of 16 hours are 81.2 %, of which 80 are needed


@case("certified", f"BASIS_CHANGED: certificate/{an_id('ana t')} rests on enrolment/{an_id('ana')}")
def attendance_corrected_to_too_little(v: Village) -> None:
    less_attendance(v, 4)
