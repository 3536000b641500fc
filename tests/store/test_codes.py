"""The codes of the domain: those that no programme file brings out, through the real service, and a table of all.

Each code of the domain is raised somewhere and shown by the test file named beside it in the table, and no
refusal has a code that is in neither table.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from api.composition import House
from ledger.commands.certificates import IssueTrainingCertificate
from ledger.commands.custody import (
    CloseOrganisation,
)
from ledger.commands.enrolments import ApplyForEnrolment
from ledger.commands.learners import ApproveMerge, ProposeMerge, RecordNik
from ledger.commands.printing import PrintCopy, ReceiveBlanks, SpoilBlank
from ledger.commands.subjects import (
    DestroyData,
    ReceiveSubjectRequest,
    RequestDestruction,
    VerifySubjectRequest,
)
from ledger.deciding import Signatory
from ledger.domain.aggregates import AGGREGATES
from ledger.domain.roles import Role
from ledger.errors import ConflictError
from ledger.service import ATTEMPTS
from tests.houses import RULES, START, Office
from tests.slow.candidates import School
from tests.store.refusing import NIK, NOBODY, SITE, refused, register

ROOT = Path(__file__).resolve().parents[2]

# -- times -----------------------------------------------------------------------------------------------------


def test_what_happened_may_be_entered_late_but_not_too_late_and_never_early(school: School) -> None:
    limit = timedelta(days=RULES.backdate_days)
    for moment in (START - limit, START):
        school.give(school.admin, register(occurred_at=moment))
    size = school.place.house.queries.head().size
    second = timedelta(seconds=1)
    late, early = register(occurred_at=START - limit - second), register(occurred_at=START + second)
    assert refused(lambda: school.give(school.admin, late)) == "BACKDATE_LIMIT"
    assert refused(lambda: school.give(school.admin, early)) == "OCCURRED_IN_FUTURE"
    assert school.place.house.queries.head().size == size


# -- conflicts and repetitions ---------------------------------------------------------------------------------


def test_who_loses_every_race_is_told_so_and_leaves_nothing_behind(
    place: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = place.organisation()
    admin = place.person((Role.TRAINING_ADMIN, org))
    tried: list[None] = []

    def lose(*_: object, **__: object) -> None:
        tried.append(None)
        raise ConflictError("lost again")

    monkeypatch.setattr(place.house.application, "append", lose)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    given = register(nik=NIK)
    assert refused(lambda: place.give(admin, Role.TRAINING_ADMIN, org, given)) == "CONCURRENCY_CONFLICT"
    assert len(tried) == ATTEMPTS
    assert place.house.personal.index.learner_of(NIK) is None
    assert pending(place.house) == 0
    monkeypatch.undo()
    learner = place.give(admin, Role.TRAINING_ADMIN, org, given).result["learner"]
    assert place.house.personal.index.learner_of(NIK) == learner


def pending(house: House) -> int:
    with house.personal._database.reading() as connection:
        return int(connection.execute("SELECT COUNT(*) FROM pending_command").fetchone()[0])


def test_a_used_idempotency_key_is_told_before_anything_else(place: Office) -> None:
    org = place.organisation()
    place.custody(SITE, key="the-same-key")
    others: list[Callable[[], object]] = [
        lambda: place.custody(CloseOrganisation(organisation=org), key="the-same-key"),
        lambda: place.custody(CloseOrganisation(organisation=NOBODY), key="the-same-key"),
        lambda: place.give(place.custodians[0], Role.AUDITOR, None, SITE, "the-same-key"),
        lambda: place.give(place.custodians[0], Role.KEY_CUSTODIAN, org, SITE, "the-same-key"),
    ]
    assert [refused(give) for give in others] == ["IDEMPOTENCY_KEY_REUSED"] * len(others)


def test_a_prepared_command_holds_to_its_idempotency_key_too(place: Office) -> None:
    custodian = place.custodians[0]
    signer, who = place.signers[custodian], Signatory(custodian, Role.KEY_CUSTODIAN, None)
    ledger = place.house.ledger
    same, other = (
        ledger.prepare(who, signer.thumbprint, command, idempotency_key="the-same-key")
        for command in (SITE, SITE.model_copy(update={"name": "Other"}))
    )
    receipt = place.custody(SITE, key="the-same-key")
    assert ledger.append(custodian, same.id, signer.sign(same.message).to_json()) == receipt
    code = refused(lambda: ledger.append(custodian, other.id, signer.sign(other.message).to_json()))
    assert code == "IDEMPOTENCY_KEY_REUSED"


# -- people, forms and copies ----------------------------------------------------------------------------------


def erase(school: School, learner: str, privacy: str) -> None:
    received = ReceiveSubjectRequest(subject_kind="learner", id=learner, kind="ERASURE")
    request = school.give(privacy, received)["subject_request"]
    school.give(privacy, VerifySubjectRequest(subject_request=request))
    asked = school.give(privacy, RequestDestruction(subject_request=request, classes=["identity"]))["request"]
    school.give(school.issuer, DestroyData(subject_request=request, request=asked))


def test_nothing_is_done_about_a_person_who_was_erased_or_merged(school: School) -> None:
    privacy = school.hire(Role.PRIVACY_OFFICER, school.blk)
    cohort = school.cohort(5)
    erased, merged, other = (
        school.give(school.admin, register(nik=nik))["learner"] for nik in (NIK, None, None)
    )
    erase(school, erased, privacy)
    request = school.give(school.admin, ProposeMerge(learner=merged, into=other))["request"]
    school.give(privacy, ApproveMerge(learner=merged, request=request))
    for learner, code in ((erased, "PERSON_ERASED"), (merged, "PERSON_MERGED")):
        for command in (
            ApplyForEnrolment(learner=learner, cohort=cohort),
            RecordNik(learner=learner, nik="9901010211879002"),
            register(learner=learner),
        ):
            assert refused(partial(school.give, school.admin, command)) == code
    school.give(school.admin, register(nik=NIK))  # the erased person's number is nobody's any more


def test_a_copy_needs_a_free_form_and_the_one_before_accounted_for(school: School) -> None:
    printer = school.hire(Role.PRINT_OPERATOR, school.blk)
    (enrolment,) = school.completed(1)
    certificate = school.give(school.issuer, IssueTrainingCertificate(enrolment=enrolment))["certificate"]
    school.give(printer, ReceiveBlanks(serials=["0000001", "0000002", "0000003"]))
    school.give(printer, SpoilBlank(serial="0000003"))

    def copy(number: int, serial: str, **more: Any) -> Callable[[], dict[str, str]]:
        reason = "ORIGINAL" if number == 1 else "LOST"
        members: dict[str, Any] = {
            "certificate": certificate,
            "copy_number": number,
            "reason": reason,
            "blanko_serial": serial,
        }
        return lambda: school.give(printer, PrintCopy(**members, **more))

    assert refused(copy(1, "9999999")) == "BLANKO_NOT_AVAILABLE"
    assert refused(copy(1, "0000003")) == "BLANKO_NOT_AVAILABLE"
    copy(1, "0000001")()
    assert refused(copy(2, "0000001", previous_accounted=True)) == "BLANKO_NOT_AVAILABLE"
    assert refused(copy(2, "0000002")) == "COPY_NOT_ACCOUNTED"
    copy(2, "0000002", previous_accounted=True)()


# -- the contract ----------------------------------------------------------------------------------------------

HERE = "store/test_codes.py"
CODES = {
    "AGREEMENT_NOT_IN_FORCE": "domain/test_cohort_commands.py",
    "AGREEMENT_PARTIES_EQUAL": "domain/test_agreement.py",
    "APPEAL_ALREADY_FILED": "domain/test_appeal_commands.py",
    "APPEAL_WINDOW_CLOSED": "domain/test_appeal_commands.py",
    "ASSESSOR_LICENCE_EXPIRED": "domain/test_assessment_commands.py",
    "ASSESSOR_OUT_OF_SCOPE": "domain/test_assessment_commands.py",
    "ATTENDANCE_BELOW_THRESHOLD": "domain/test_assessment_commands.py",
    "ATTENDANCE_EXCEEDS_SESSION": "domain/test_enrolment_commands.py",
    "AWARD_RULE_NOT_MET": "domain/test_certificate_commands.py",
    "BACKDATE_LIMIT": HERE,
    "BLANKO_NOT_AVAILABLE": HERE,
    "CERT_ALREADY_ISSUED": "domain/test_certificate_commands.py",
    "CERT_NUMBER_TAKEN": "domain/test_certificate_commands.py",
    "CERT_STATE_INVALID": "domain/test_certificate_life_commands.py",
    "COHORT_FULL": "domain/test_cohort_commands.py",
    "CONCURRENCY_CONFLICT": HERE,
    "CONSENT_MISSING": "domain/test_learner_commands.py",
    "COPY_NOT_ACCOUNTED": HERE,
    "DECISION_INCOMPLETE": "domain/test_assessment_commands.py",
    "ENROLMENT_DUPLICATE": "domain/test_enrolment_commands.py",
    "ENROLMENT_STATE_INVALID": "domain/test_enrolment_commands.py",
    "ERASURE_HOLD_ACTIVE": "domain/test_learner_commands.py",
    "EVIDENCE_MISSING": "domain/test_assessment_commands.py",
    "FACILITY_NOT_READY": "domain/test_cohort_commands.py",
    "IDEMPOTENCY_KEY_REUSED": HERE,
    "JP_MISMATCH": "domain/test_scheme.py",
    "KEY_LOCKED": "store/test_signers.py",
    "LEDGER_NOT_OPEN": "store/test_signers.py",
    "NIK_ALREADY_USED": "domain/test_learner_commands.py",
    "NIK_FICTIONAL_IN_PRODUCTION": "domain/test_learner_commands.py",
    "NIK_INVALID": "domain/test_learner_commands.py",
    "NOTICE_NOT_ACKNOWLEDGED": "domain/test_enrolment_commands.py",
    "OCCURRED_IN_FUTURE": HERE,
    "PASSPHRASE_WRONG": "store/test_signers.py",
    "PERSON_ERASED": HERE,
    "PERSON_MERGED": HERE,
    "PROGRAMME_NOT_READY": "domain/test_cohort_commands.py",
    "PUBLIC_FIELD_FORBIDDEN": "domain/test_training_commands.py",
    "REASON_CODE_INVALID": "domain/test_certificate_life_commands.py",
    "ROLE_FORBIDDEN": "store/test_signers.py",
    "SCHEME_VERSION_LOCKED": "domain/test_scheme.py",
    "SESSION_NOT_SCHEDULED": "domain/test_cohort_commands.py",
    "SIGNER_NOT_AUTHORISED": "store/test_signers.py",
    "SOD_APPEAL_PANEL_INVOLVED": "domain/test_appeal_commands.py",
    "SOD_ASSESSOR_TAUGHT_LEARNER": "domain/test_assessment_commands.py",
    "SOD_DECIDER_ASSESSED": "domain/test_assessment_commands.py",
    "SOD_ISSUER_ASSESSED": "domain/test_certificate_commands.py",
    "SOD_SELF_APPROVAL": "store/test_store.py",
    "UNIT_NOT_IN_SCHEME": "domain/test_scheme.py",
    "UNKNOWN_ID": "domain/test_learner_commands.py",
    "VALUE_INVALID": "domain/test_learner_commands.py",
}
"""Every code of the domain, and a test file that shows it."""

OURS = {
    "CREDENTIAL_UNAVAILABLE",
    "PREPARATION_EXPIRED",
    "PREPARATION_UNKNOWN",
    "PREPARATION_USED",
    "REFERENCE_UNKNOWN",
    "STATUS_LIST_FULL",
    "UNKNOWN_COMMAND",
}
"""Refusals that the domain does not list: of preparations, look-ups, files of commands and credentials."""
REFUSING = {"DomainError", "claim", "refuse", "require", "separate", "separate_person"}
WORD = re.compile("[A-Z]+(_[A-Z]+)+")


@cache
def nodes(folder: str) -> tuple[ast.AST, ...]:
    paths = sorted((ROOT / folder).rglob("*.py"))
    return tuple(node for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def words() -> frozenset[str]:
    """Every upper-case word that stands in the ledger or the keys as a string of its own, not in a text."""
    found = {
        node.value
        for node in (*nodes("ledger"), *nodes("keys"))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and WORD.fullmatch(node.value)
    }
    return frozenset(found | {f"{each.STATE_CODE}_STATE_INVALID" for each in AGGREGATES})


def refused_with() -> Iterator[str]:
    """Every code that the ledger gives to something that refuses."""
    for node in nodes("ledger"):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in REFUSING:
                for part in (inner for argument in node.args for inner in ast.walk(argument)):
                    if isinstance(part, ast.Constant) and WORD.fullmatch(str(part.value)):
                        yield str(part.value)


@pytest.mark.parametrize("code", CODES)
def test_each_code_of_the_domain_is_raised_and_shown(code: str) -> None:
    assert code in words()
    shown = (ROOT / "tests" / CODES[code]).read_text(encoding="utf-8")
    assert shown.count(f'"{code}"') > (CODES[code] == HERE)


def test_no_refusal_has_a_code_of_its_own_making() -> None:
    """A typing mistake in a code would be a new code that nobody knows."""
    states = {f"{each.STATE_CODE}_STATE_INVALID" for each in AGGREGATES}
    assert set(refused_with()) - set(CODES) - states == OURS
