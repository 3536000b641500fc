"""Every aggregate refuses what its state does not allow, through the real service wherever a command can ask for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from keys.signer import Ed25519Signer
from ledger.commands.admissions import AdmitToAssessment
from ledger.commands.agreements import DraftAgreement, TerminateAgreement
from ledger.commands.appeals import AcceptAppeal, FileAppeal
from ledger.commands.certificates import IssueTrainingCertificate
from ledger.commands.cohorts import OpenEnrolment
from ledger.commands.command import Command
from ledger.commands.custody import (
    CloseOrganisation,
    EnrolIssuerKey,
    RequestIssuerKey,
    RetireIssuerKey,
)
from ledger.commands.enrolments import SelectEnrolment
from ledger.commands.exceptions import EndException, RequestException
from ledger.commands.facilities import ReopenFacilityReview, StartFacilityReview
from ledger.commands.founding import CoFoundLedger
from ledger.commands.lifecycle import ReinstateCertificate
from ledger.commands.printing import HandOver, PrintCopy, ReceiveBlanks
from ledger.commands.programmes import EndProgramme, ProposeProgramme
from ledger.commands.schemes import DraftTemplate, RetireScheme, RetireTemplate
from ledger.commands.staff import (
    RevokeRole,
)
from ledger.commands.subjects import (
    ReceiveSubjectRequest,
    VerifySubjectRequest,
)
from ledger.domain.aggregates import AGGREGATES
from ledger.domain.blank_stock import BlankStock
from ledger.domain.outcome import Outcome
from ledger.domain.roles import Role
from tests.domain.folding import act
from tests.houses import START
from tests.slow.candidates import School
from tests.store.refusing import NOBODY, refused, register

Twice = Callable[[School], tuple[str | bool, Command]]
"""Sets the scene and gives (who, the command that its aggregate's state does not allow)."""


def custody_of_issuer_key(school: School) -> tuple[str | bool, Command]:
    key = Ed25519Signer.generate()
    asked = RequestIssuerKey(organisation=school.blk, purpose="pdf", alg="ed25519", jwk=key.jwk)
    given = school.place.custody(asked).result
    named = given["issuer_key"]
    school.place.custody(EnrolIssuerKey(issuer_key=named, request=given["request"]), second=True)
    school.place.custody(RetireIssuerKey(issuer_key=named))
    return False, RetireIssuerKey(issuer_key=named)


def once(who: str, command: Command) -> Twice:
    def twice(school: School) -> tuple[str | bool, Command]:
        staff = getattr(school, who)
        school.give(staff, command)
        return staff, command

    return twice


def closed_organisation(school: School) -> tuple[str | bool, Command]:
    close = CloseOrganisation(organisation=school.place.organisation())
    school.place.custody(close)
    return False, close


def ended_agreement(school: School) -> tuple[str | bool, Command]:
    other = school.place.organisation("correctional_facility", None)
    days: dict[str, Any] = {"start": START.date(), "until": START.date() + timedelta(days=9)}
    draft = DraftAgreement(number="PKS/1", parties=(school.blk, other), **days)
    end = TerminateAgreement(agreement=school.give(school.admin, draft)["agreement"])
    return once("issuer", end)(school)


def ended_programme(school: School) -> tuple[str | bool, Command]:
    proposal = ProposeProgramme(code="LAS-9", trade="LAS", min_attendance_pct=80)
    return once("admin", EndProgramme(programme=school.give(school.admin, proposal)["programme"]))(school)


def drafted_template(school: School) -> tuple[str | bool, Command]:
    template = school.give(school.admin, DraftTemplate(kind="TRAINING", text="#text[x]"))["template"]
    return school.issuer, RetireTemplate(template=template, version=1)


def open_review(school: School) -> tuple[str | bool, Command]:
    review = school.give(school.admin, StartFacilityReview(site=school.blk, provider=school.blk))["review"]
    return school.admin, ReopenFacilityReview(review=review)


def selected_enrolment(school: School) -> tuple[str | bool, Command]:
    _, enrolments = school.selected(school.cohort(1), 1)
    return school.admin, SelectEnrolment(enrolments=enrolments)


def admitted(school: School) -> tuple[str | bool, Command]:
    (enrolment,) = school.completed(1)
    return once("supervisor", AdmitToAssessment(enrolment=enrolment))(school)


def accepted_appeal(school: School) -> tuple[str | bool, Command]:
    (assessment,) = school.decided(1)
    appeal = school.give(school.admin, FileAppeal(assessment=assessment, ground="OTHER"))["appeal"]
    return once("supervisor", AcceptAppeal(appeal=appeal))(school)


def active_certificate(school: School) -> tuple[str | bool, Command]:
    (enrolment,) = school.completed(1)
    certificate = school.give(school.issuer, IssueTrainingCertificate(enrolment=enrolment))["certificate"]
    return school.issuer, ReinstateCertificate(certificate=certificate)


def handed_over(school: School) -> tuple[str | bool, Command]:
    printer = school.hire(Role.PRINT_OPERATOR, school.blk)
    (enrolment,) = school.completed(1)
    certificate = school.give(school.issuer, IssueTrainingCertificate(enrolment=enrolment))["certificate"]
    school.give(printer, ReceiveBlanks(serials=["0000009"]))
    copy = PrintCopy(certificate=certificate, copy_number=1, reason="ORIGINAL", blanko_serial="0000009")
    command = HandOver(print_copy=school.give(printer, copy)["print_copy"])
    school.give(printer, command)
    return printer, command


def ended_exception(school: School) -> tuple[str | bool, Command]:
    until = START.date() + timedelta(days=9)
    asked = RequestException(
        rule="SOD_ISSUER_ASSESSED", scope=[school.assessor], risk="SMALL_CENTRE", until=until
    )
    return once("supervisor", EndException(exception=school.give(school.supervisor, asked)["exception"]))(
        school
    )


def verified_request(school: School) -> tuple[str | bool, Command]:
    privacy = school.hire(Role.PRIVACY_OFFICER, school.blk)
    learner = school.give(school.admin, register())["learner"]
    received = ReceiveSubjectRequest(subject_kind="learner", id=learner, kind="ACCESS")
    command = VerifySubjectRequest(subject_request=school.give(privacy, received)["subject_request"])
    school.give(privacy, command)
    return privacy, command


STATES: dict[str, Twice] = {
    "LEDGER": lambda _school: (True, CoFoundLedger()),
    "ORGANISATION": closed_organisation,
    "ISSUER_KEY": custody_of_issuer_key,
    "STAFF": lambda school: (False, RevokeRole(staff=school.admin, role=Role.ASSESSOR, org=school.lsp)),
    "AGREEMENT": ended_agreement,
    "PROGRAMME": ended_programme,
    "SCHEME": lambda school: (school.issuer, RetireScheme(scheme=school.scheme, version=1)),
    "TEMPLATE": drafted_template,
    "FACILITY_REVIEW": open_review,
    "COHORT": lambda school: (school.admin, OpenEnrolment(cohort=school.cohort(1))),
    "LEARNER": lambda school: (
        school.admin,
        register(learner=school.give(school.admin, register())["learner"]),
    ),
    "ENROLMENT": selected_enrolment,
    "ASSESSMENT": admitted,
    "APPEAL": accepted_appeal,
    "CERT": active_certificate,
    "PRINT_COPY": handed_over,
    "IMPARTIALITY_EXCEPTION": ended_exception,
    "SUBJECT_REQUEST": verified_request,
}
ALWAYS_NEW: dict[str, Callable[[], object]] = {
    "BLANK_STOCK": lambda: _again(BlankStock(NOBODY), lambda stock: stock.receive(act(), ["0000001"])),
    "OUTCOME": lambda: _again(
        Outcome(NOBODY), lambda one: one.record_outcome(act(), learner=NOBODY, outcome={}, consent=True)
    ),
}
"""No command reaches these in another state: each makes a new one."""


def _again(aggregate: Any, do: Callable[[Any], object]) -> None:
    do(aggregate)
    do(aggregate)


def test_every_aggregate_is_in_one_of_the_tables() -> None:
    assert sorted(each.STATE_CODE for each in AGGREGATES) == sorted([*STATES, *ALWAYS_NEW])


@pytest.mark.parametrize("aggregate", [*(each for each in STATES if each != "SCHEME"), "SCHEME"])
def test_what_the_state_does_not_allow_is_refused(school: School, aggregate: str) -> None:
    who, command = STATES[aggregate](school)
    if aggregate == "SCHEME":  # the school's own, so it comes last
        school.give(school.issuer, command)
    size = school.place.house.queries.head().size
    give = (
        (lambda: school.place.custody(command, second=who))
        if isinstance(who, bool)
        else (lambda: school.give(str(who), command))
    )
    assert refused(give) == f"{aggregate}_STATE_INVALID"
    assert school.place.house.queries.head().size == size


@pytest.mark.parametrize("aggregate", ALWAYS_NEW)
def test_what_is_always_new_is_not_begun_twice(aggregate: str) -> None:
    assert refused(ALWAYS_NEW[aggregate]) == f"{aggregate}_STATE_INVALID"
