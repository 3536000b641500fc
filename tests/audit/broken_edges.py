"""Breaches at the edges of rules that other cases break in the middle: strangers' organisations, things done twice."""

from typing import Any

from tests.audit.auditing import LOG_KEY
from tests.audit.broken import breaks
from tests.audit.broken_assessing import file_appeal, hearing
from tests.audit.broken_privacy import erase, receive
from tests.audit.bundling import Log
from tests.audit.scribe import Said, a_fact, a_hash, an_id
from tests.audit.village import BLK, LSP, SITE, Village, s

ITEM = {"item": "FAC-1", "value": None, "passed": True, "critical": True, "due": None}
READY = {"outcome": "READY", "valid_until": "2031-09-01"}


def stranger(v: Village, role: str, org: str = LSP) -> str:
    """Somebody who holds this role at another organisation."""
    name = f"stranger {role}"
    v.hire(name, role, org)
    return name


def to(v: Village, who: str, aggregate: str, name: str, event: str, **data: Any) -> None:
    v.by(who, Said(s(aggregate, name), f"{aggregate}.{event}", data))


# -- other organisations -----------------------------------------------------------------------------------------------


@breaks("ORG_FORBIDDEN", "decided")
def an_appeal_accepted_by_another_body(v: Village) -> None:
    file_appeal(v)
    to(v, stranger(v, "assessment_supervisor", BLK), "appeal", "a", "accepted")


@breaks("ORG_FORBIDDEN", "decided")
def a_training_certificate_by_another_provider(v: Village) -> None:
    link = v.training_link("ana")
    v.certify("ana t", "TRAINING", link, who=stranger(v, "training_issuer"), series=None, seq=None)


@breaks("ORG_FORBIDDEN", "decided")
def a_competence_certificate_by_another_body(v: Village) -> None:
    link = v.decision_link("ana")
    v.certify("ana c", "COMPETENCE", link, who=stranger(v, "competence_issuer", BLK), series=None, seq=None)


@breaks("ORG_FORBIDDEN", "open")
def a_cohort_started_by_another_provider(v: Village) -> None:
    v.cohort("cohort", "started", stranger(v, "training_admin"))


@breaks("ORG_FORBIDDEN", "open")
def an_enrolment_of_another_provider(v: Village) -> None:
    v.enrolment("ana", "notice_acknowledged", stranger(v, "training_admin"), version="1")


@breaks("ORG_FORBIDDEN", "running")
def attendance_corrected_by_another_provider(v: Village) -> None:
    v.attend("ana", jp=4)
    data = {"cohort": an_id("cohort"), "session": 1, "jp": 8, "corrects": v.attended["ana", 1]}
    v.by(stranger(v, "training_admin"), Said(s("enrolment", "ana"), "enrolment.attendance_corrected", data))


@breaks("ORG_FORBIDDEN", "open")
def selected_by_another_site(v: Village) -> None:
    v.enrolment("ana", "selected", stranger(v, "correctional_approver"))


@breaks("ORG_FORBIDDEN", "staffed")
def an_agreement_of_two_others(v: Village) -> None:
    who = stranger(v, "training_admin")
    data = {"number": "1", "parties": [BLK, SITE], "from": "2031-03-01", "until": "2032-02-28"}
    to(v, who, "agreement", "pks", "drafted", **data)


@breaks("ORG_FORBIDDEN", "planned")
def an_agreement_amended_by_another(v: Village) -> None:
    to(v, stranger(v, "training_admin"), "agreement", "pks", "amended", until="2033-01-01")


@breaks("ORG_FORBIDDEN", "planned")
def an_agreement_ended_by_another(v: Village) -> None:
    to(v, stranger(v, "training_issuer"), "agreement", "pks", "terminated", on="2031-03-04")


@breaks("ORG_FORBIDDEN", "planned")
def a_review_begun_by_another(v: Village) -> None:
    to(v, stranger(v, "training_admin"), "facility_review", "r2", "started", site=SITE, provider=BLK)


@breaks("ORG_FORBIDDEN", "staffed")
def a_scheme_for_another_provider(v: Village) -> None:
    v.scheme(approved=False, provider=LSP)


@breaks("ORG_FORBIDDEN", "planned")
def a_version_of_another_providers_scheme(v: Village) -> None:
    who = stranger(v, "training_admin")
    data = {
        "code": "X",
        "version": 2,
        "trade": "LAS",
        "title_id": "X",
        "title_en": "X",
        "level": 2,
        "total_jp": 1,
    }
    data |= {"jp_minutes": 45, "non_unit": [], "provider": LSP, "body": LSP}
    to(v, who, "scheme", "las", "drafted", **data)


@breaks("ORG_FORBIDDEN", "staffed")
def a_unit_by_another_provider(v: Village) -> None:
    v.scheme(approved=False)
    v.by(stranger(v, "training_admin"), Said(s("scheme", "las"), "scheme.unit_added", v.unit("U.3")))


@breaks("ORG_FORBIDDEN", "staffed")
def a_scheme_approved_by_another_provider(v: Village) -> None:
    v.scheme(approved=False)
    data = {
        "version": 1,
        "award_rule": "ALL_UNITS",
        "min_units": None,
        "validity_months": 36,
        "unit_statement": True,
    }
    to(v, stranger(v, "training_issuer"), "scheme", "las", "approved", **data, request=v.drafts["las@1"])


@breaks("ORG_FORBIDDEN", "planned")
def a_scheme_retired_by_another_provider(v: Village) -> None:
    to(v, stranger(v, "training_issuer"), "scheme", "las", "retired", version=1)


@breaks("ORG_FORBIDDEN", "planned")
def a_scheme_adopted_by_another_provider(v: Village) -> None:
    v.programme("other", ready=False)
    to(
        v,
        stranger(v, "training_admin"),
        "programme",
        "other",
        "scheme_adopted",
        scheme=an_id("las"),
        version=1,
    )


@breaks("ORG_FORBIDDEN", "planned")
def a_programme_tagged_by_another_provider(v: Village) -> None:
    to(v, stranger(v, "training_admin"), "programme", "welding", "tagged", tags=["FOOD"])


@breaks("ORG_FORBIDDEN", "staffed")
def a_programme_for_another_facility(v: Village) -> None:
    v.programme("other", ready=False, facility=LSP)


@breaks("ORG_FORBIDDEN", "planned")
def a_template_of_another_organisation(v: Village) -> None:
    draft = {"kind": "TRAINING", "version": 2, "hash": a_hash("two")}
    to(v, stranger(v, "training_admin"), "template", "TRAINING", "drafted", **draft)


@breaks("ORG_FORBIDDEN", "staffed")
def a_template_approved_by_another(v: Village) -> None:
    v.template("TRAINING", approved=False)
    data = {"version": 1, "hash": a_hash("template TRAINING"), "request": v.tip(s("template", "TRAINING"))}
    to(v, stranger(v, "training_issuer"), "template", "TRAINING", "approved", **data)


@breaks("ORG_FORBIDDEN", "planned")
def a_template_retired_by_another(v: Village) -> None:
    to(v, stranger(v, "training_issuer"), "template", "TRAINING", "retired", version=1)


# -- roles -------------------------------------------------------------------------------------------------------------


@breaks("ROLE_FORBIDDEN", "decided")
def a_panel_member_without_the_role(v: Village) -> None:
    file_appeal(v)
    to(v, "supervisor", "appeal", "a", "accepted")
    to(v, "supervisor", "appeal", "a", "panel_assigned", panel=[an_id("printer")])


@breaks("APPEAL_INVALID", "decided")
def an_empty_panel(v: Village) -> None:
    file_appeal(v)
    to(v, "supervisor", "appeal", "a", "accepted")
    to(v, "supervisor", "appeal", "a", "panel_assigned", panel=[])


@breaks("ROLE_FORBIDDEN", "decided")
def a_reassessment_by_a_panel_without_an_appeal(v: Village) -> None:
    v.assessment("ana", "reassessment_ordered", "panel", units=["U.1"], appeal=None)


@breaks("ROLE_FORBIDDEN", "running")
def a_liaison_closes_without_a_transfer(v: Village) -> None:
    v.enrolment("ana", "closed", "liaison", reason="DECEASED")


# -- twice, or without what comes before -------------------------------------------------------------------------------


@breaks("ASSESSOR_NOT_ASSIGNED", "trained")
def assigned_twice(v: Village) -> None:
    v.admit("ana")
    v.assign("ana")
    v.assign("ana", "other assessor")


@breaks("ASSESSOR_NOT_ASSIGNED", "trained")
def replaced_before_anybody_was_assigned(v: Village) -> None:
    v.admit("ana")
    v.assessment("ana", "assessor_replaced", "supervisor", assessor=an_id("assessor"))


@breaks("ADMISSION_INVALID", "trained")
def neither_after_training_nor_for_renewal(v: Village) -> None:
    v.admit("ana", enrolment=None)


@breaks("ADMISSION_INVALID", "trained")
def a_renewal_at_some_units(v: Village) -> None:
    v.admit("ana", enrolment=None, renews=True, units=["U.1"])


@breaks("EVIDENCE_MISSING", "trained")
def evidence_that_skips_a_number(v: Village) -> None:
    v.admit("ana")
    v.assign("ana")
    v.evidence("ana", 2)


@breaks("RESULT_INVALID", "decided")
def an_appeal_that_changes_nothing(v: Village) -> None:
    hearing(v)
    upheld = {"remedy": "UNIT_RESULT_CHANGED", "unit": "U.1", "result": "K"}
    changed = {"appeal": an_id("a"), "unit": "U.1", "result": "K"}
    v.by(
        "panel",
        Said(s("appeal", "a"), "appeal.upheld", upheld),
        Said(s("assessment", "ana"), "assessment.reopened", changed),
    )


@breaks("DECISION_INCOMPLETE", "trained")
def decided_with_a_unit_left_out(v: Village) -> None:
    v.admit("ana")
    v.assign("ana")
    v.evidence("ana")
    v.result("ana", "U.1")
    v.assessment("ana", "recommended", results={"U.1": "K", "U.2": "K"})
    v.decide("ana", {"U.1": "K"}, award=False)


@breaks("CERT_CONTENT_INVALID", "decided")
def a_unit_listed_twice(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), units=("U.1", "U.1"))


@breaks("CERT_CONTENT_INVALID", "decided")
def half_a_place_in_a_series(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), series=None)


@breaks("CERT_CONTENT_INVALID", "decided")
def ending_before_it_begins(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), valid_until="2031-03-19")


@breaks("ZONE_UNKNOWN", "decided")
def a_certificate_in_a_zone_that_is_not(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), zone="Asia/Nowhere")


@breaks("CERT_ACT_INVALID", "certified")
def marked_as_erased_twice(v: Village) -> None:
    erase(v, "ana", "identity")
    for _ in range(2):
        v.certificate("ana c", "marked_erased", "privacy")


@breaks("PROGRAMME_NOT_READY", "planned")
def another_body_than_the_schemes(v: Village) -> None:
    v.plan(body=BLK)


@breaks("COHORT_INVALID", "planned")
def a_cohort_that_ends_first(v: Village) -> None:
    v.plan(end="2031-03-09")


@breaks("COHORT_INVALID", "planned")
def one_instructor_twice(v: Village) -> None:
    v.plan()
    v.cohort("cohort", "instructor_assigned", instructor=an_id("teacher"))


@breaks("SESSION_INVALID", "running")
def one_session_held_twice(v: Village) -> None:
    for _ in range(2):
        v.cohort("cohort", "session_held", "teacher", session=1, instructor=an_id("teacher"))


@breaks("SESSION_INVALID", "running")
def a_held_session_cancelled(v: Village) -> None:
    v.cohort("cohort", "session_held", "teacher", session=1, instructor=an_id("teacher"))
    v.cohort("cohort", "session_cancelled", session=1)


@breaks("SESSION_INVALID", "running")
def a_session_left_outside_new_dates(v: Village) -> None:
    v.cohort("cohort", "rescheduled", start="2031-03-11", end="2031-03-20")


@breaks("FOUNDING_WRONG", "empty")
def a_clock_of_no_kind(v: Village) -> None:
    v.found(LOG_KEY, clock="sundial")


@breaks("KEY_INVALID", "empty")
def the_key_of_another_log(v: Village) -> None:
    v.found(str(Log.named("other.example/log").key.key))


@breaks("UNKNOWN_ID", "staffed")
def the_second_account_of_nobody(v: Village) -> None:
    v.register("friend", same_person_as="nobody")


@breaks("UNKNOWN_ID", "staffed")
def a_role_revoked_that_was_not_held(v: Village) -> None:
    to(v, "one", "staff", "admin", "role_revoked", role="assessor", org=LSP)


@breaks("ATTENDANCE_INVALID", "running")
def a_correction_that_names_another_session(v: Village) -> None:
    v.attend("ana", jp=4)
    data = {"cohort": an_id("cohort"), "session": 2, "jp": 8, "corrects": v.attended["ana", 1]}
    to(v, "admin", "enrolment", "ana", "attendance_corrected", **data)


@breaks("ATTENDANCE_EXCEEDS_SESSION", "running")
def corrected_to_more_hours_than_the_session(v: Village) -> None:
    v.attend("ana", jp=4)
    data = {"cohort": an_id("cohort"), "session": 1, "jp": 9, "corrects": v.attended["ana", 1]}
    to(v, "admin", "enrolment", "ana", "attendance_corrected", **data)


@breaks("HOLD_INVALID", "open")
def a_hold_placed_twice(v: Village) -> None:
    receive(v)
    for _ in range(2):
        to(v, "privacy", "subject_request", "r", "hold_placed", reason="OPEN_APPEAL")


@breaks("AGREEMENT_INVALID", "planned")
def amended_to_end_before_it_starts(v: Village) -> None:
    to(v, "admin", "agreement", "pks", "amended", until="2031-02-01")


@breaks("REVIEW_OUTCOME_WRONG", "staffed")
def parties_that_sign_different_days(v: Village) -> None:
    to(v, "liaison", "facility_review", "r", "started", site=SITE, provider=BLK)
    to(v, "liaison", "facility_review", "r", "item_assessed", **ITEM)
    to(v, "liaison", "facility_review", "r", "concluded", org=SITE, **READY)
    to(v, "admin", "facility_review", "r", "concluded", org=BLK, **(READY | {"valid_until": "2031-10-01"}))


@breaks("SOD_SELF_APPROVAL", "staffed")
def one_human_concludes_for_both(v: Village) -> None:
    v.hire("admin as liaison", "correctional_liaison", SITE, same_person_as="admin")
    to(v, "liaison", "facility_review", "r", "started", site=SITE, provider=BLK)
    to(v, "liaison", "facility_review", "r", "item_assessed", **ITEM)
    to(v, "admin as liaison", "facility_review", "r", "concluded", org=SITE, **READY)
    to(v, "admin", "facility_review", "r", "concluded", org=BLK, **READY)


@breaks("REVIEW_SIGNATURE_WRONG", "staffed")
def taken_back_before_it_was_signed(v: Village) -> None:
    to(v, "liaison", "facility_review", "r", "started", site=SITE, provider=BLK)
    to(v, "liaison", "facility_review", "r", "reopened")


@breaks("UNKNOWN_ID", "planned")
def adopting_a_version_that_is_not(v: Village) -> None:
    to(v, "admin", "programme", "welding", "scheme_adopted", scheme=an_id("las"), version=9)


@breaks("UNKNOWN_ID", "staffed")
def approving_a_version_that_is_not(v: Village) -> None:
    v.scheme(approved=False)
    data = {
        "version": 7,
        "award_rule": "ALL_UNITS",
        "min_units": None,
        "validity_months": 36,
        "unit_statement": True,
    }
    to(v, "issuer", "scheme", "las", "approved", **data, request=v.drafts["las@1"])


@breaks("SCHEME_INVALID", "staffed")
def one_unit_twice(v: Village) -> None:
    v.scheme(approved=False)
    to(v, "admin", "scheme", "las", "unit_added", **v.unit("U.1"))


@breaks("SCHEME_NOT_APPROVED", "staffed")
def retiring_a_draft(v: Village) -> None:
    v.scheme(approved=False)
    to(v, "issuer", "scheme", "las", "retired", version=1)


@breaks("TEMPLATE_INVALID", "planned")
def a_template_for_another_kind(v: Village) -> None:
    to(v, "admin", "template", "TRAINING", "drafted", kind="COMPETENCE", version=2, hash=a_hash("two"))


@breaks("TEMPLATE_INVALID", "planned")
def a_template_retired_twice(v: Village) -> None:
    for _ in range(2):
        to(v, "issuer", "template", "TRAINING", "retired", version=1)


@breaks("UNKNOWN_ID", "planned")
def offering_nobody(v: Village) -> None:
    to(v, "admin", "programme", "welding", "instructors_offered", instructors=[])


@breaks("UNKNOWN_ID", "open")
def an_outcome_of_nobody(v: Village) -> None:
    data = {"learner": an_id("nobody"), "outcome": a_fact(), "consent": True}
    to(v, "admin", "outcome", "o", "recorded", **data)
