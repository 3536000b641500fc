"""Breaches from admission to the appeal: who assesses, on what, who decides, who hears."""

from typing import Any

from tests.audit.broken import breaks
from tests.audit.scribe import Said, a_hash, an_id
from tests.audit.village import BLK, LSP, UNITS, Village, s


@breaks("ATTENDANCE_BELOW_THRESHOLD", "running")
def admitted_with_too_little_attendance(v: Village) -> None:
    v.attend("ana")
    v.complete("ana", 8)
    v.admit("ana")


@breaks("ATTENDANCE_BELOW_THRESHOLD", "running")
def admitted_before_completion(v: Village) -> None:
    v.attend("ana")
    v.admit("ana")


@breaks("ADMISSION_INVALID", "trained")
def admitted_twice(v: Village) -> None:
    v.admit("ana")
    v.admit("ana again", learner="ana")


@breaks("ADMISSION_INVALID", "trained")
def at_fewer_units(v: Village) -> None:
    v.admit("ana", units=["U.1"])


@breaks("ADMISSION_INVALID", "trained")
def with_a_result_brought_along(v: Village) -> None:
    v.admit("ana", carried={"U.2": "K"})


@breaks("ADMISSION_INVALID", "trained")
def a_next_attempt_at_what_is_competent(v: Village) -> None:
    v.assess("ana", "BK")
    v.decide("ana", {"U.1": "K", "U.2": "BK"})
    v.admit("ana 2", learner="ana", previous=an_id("ana"), attempt=2)


@breaks("ADMISSION_INVALID", "trained")
def another_persons_training(v: Village) -> None:
    v.admit("ana", learner="ana", enrolment=an_id("budi"))


@breaks("ORG_FORBIDDEN", "trained")
def admitted_by_another_body(v: Village) -> None:
    v.hire("stranger", "assessment_supervisor", BLK)
    v.admit("ana")
    v.assessment("ana", "assessor_assigned", "stranger", assessor=an_id("assessor"))


@breaks("SOD_ASSESSOR_TAUGHT_LEARNER", "trained")
def the_teacher_assesses(v: Village) -> None:
    v.grant("teacher", "assessor", LSP)
    v.licence("teacher")
    v.admit("ana")
    v.assign("ana", "teacher")


@breaks("SOD_ASSESSOR_TAUGHT_LEARNER", "trained")
def the_teachers_second_account_assesses(v: Village) -> None:
    v.hire("teacher as assessor", "assessor", LSP, same_person_as="teacher")
    v.licence("teacher as assessor")
    v.admit("ana")
    v.assign("ana", "teacher as assessor")


@breaks("EXCEPTION_USED", "trained")
def the_teacher_assesses_by_exception(v: Village) -> None:
    v.grant("teacher", "assessor", LSP)
    v.licence("teacher")
    exception(v, "SOD_ASSESSOR_TAUGHT_LEARNER", "teacher")
    v.admit("ana")
    v.assign("ana", "teacher")


@breaks("SOD_ASSESSOR_TAUGHT_LEARNER", "trained")
def an_exception_that_has_ended(v: Village) -> None:
    v.grant("teacher", "assessor", LSP)
    v.licence("teacher")
    exception(v, "SOD_ASSESSOR_TAUGHT_LEARNER", "teacher")
    v.by("supervisor", Said(s("impartiality_exception", "e"), "impartiality_exception.ended"))
    v.admit("ana")
    v.assign("ana", "teacher")


@breaks("SOD_ASSESSOR_TAUGHT_LEARNER", "trained")
def an_exception_for_another_learner(v: Village) -> None:
    v.grant("teacher", "assessor", LSP)
    v.licence("teacher")
    exception(v, "SOD_ASSESSOR_TAUGHT_LEARNER", "teacher", "budi")
    v.admit("ana")
    v.assign("ana", "teacher")


@breaks("EXCEPTION_INVALID", "trained")
def an_exception_from_what_is_never_lifted(v: Village) -> None:
    exception(v, "SOD_DECIDER_ASSESSED", "assessor")


@breaks("SOD_SELF_APPROVAL", "trained")
def an_exception_approved_by_whom_it_frees(v: Village) -> None:
    exception(v, "SOD_ISSUER_ASSESSED", "decider")


@breaks("IMPARTIALITY_EXCEPTION_STATE_INVALID", "trained")
def an_exception_approved_twice(v: Village) -> None:
    asked = exception(v, "SOD_ISSUER_ASSESSED", "body")
    approval = Said(s("impartiality_exception", "e"), "impartiality_exception.approved", {"request": asked})
    v.by("decider", approval)


@breaks("ASSESSOR_LICENCE_EXPIRED", "trained")
def an_assessor_without_licence(v: Village) -> None:
    v.hire("new assessor", "assessor", LSP)
    v.admit("ana")
    v.assign("ana", "new assessor")


@breaks("ASSESSOR_LICENCE_EXPIRED", "trained")
def a_licence_that_ended_between(v: Village) -> None:
    v.admit("ana")
    v.assign("ana")
    v.evidence("ana")
    v.licence("assessor", until="2031-03-01")
    v.result("ana", "U.1")


@breaks("ASSESSOR_OUT_OF_SCOPE", "trained")
def a_licence_for_another_trade(v: Village) -> None:
    v.licence("assessor", scope=("AC",))
    v.admit("ana")
    v.assign("ana")


@breaks("ROLE_FORBIDDEN", "trained")
def an_assessor_who_is_none(v: Village) -> None:
    v.licence("decider")
    v.admit("ana")
    v.assign("ana", "decider")


@breaks("ASSESSOR_NOT_ASSIGNED", "trained")
def another_assessor_records(v: Village) -> None:
    v.admit("ana")
    v.assign("ana")
    v.evidence("ana", who="other assessor")


@breaks("ASSESSOR_NOT_ASSIGNED", "trained")
def going_on_after_a_conflict(v: Village) -> None:
    v.admit("ana")
    v.assign("ana")
    v.assessment("ana", "conflict_declared")
    v.evidence("ana")


@breaks("ASSESSOR_NOT_ASSIGNED", "trained")
def back_after_a_conflict(v: Village) -> None:
    v.admit("ana")
    v.assign("ana")
    v.assessment("ana", "conflict_declared")
    v.assessment("ana", "assessor_replaced", "supervisor", assessor=an_id("assessor"))


@breaks("EVIDENCE_MISSING", "trained")
def a_result_on_nothing(v: Village) -> None:
    v.admit("ana")
    v.assign("ana")
    v.result("ana", "U.1", evidence=[])


@breaks("EVIDENCE_MISSING", "trained")
def a_result_on_evidence_to_come(v: Village) -> None:
    v.admit("ana")
    v.assign("ana")
    v.evidence("ana")
    v.result("ana", "U.1", evidence=[2])


@breaks("UNIT_NOT_IN_SCHEME", "trained")
def a_unit_of_another_scheme(v: Village) -> None:
    v.admit("ana")
    v.assign("ana")
    v.evidence("ana")
    v.result("ana", "U.9")


@breaks("RESULT_INVALID", "trained")
def a_result_recorded_twice(v: Village) -> None:
    v.admit("ana")
    v.assign("ana")
    v.evidence("ana")
    v.result("ana", "U.1", "BK")
    v.result("ana", "U.1", "K")


@breaks("RESULT_INVALID", "trained")
def a_correction_of_another_entry(v: Village) -> None:
    v.assess("ana")
    data = {"unit": "U.1", "result": "BK", "corrects": v.results["ana", "U.2"]}
    v.assessment("ana", "unit_result_corrected", "supervisor", **data)


@breaks("DECISION_INCOMPLETE", "trained")
def recommended_without_a_unit(v: Village) -> None:
    v.admit("ana")
    v.assign("ana")
    v.evidence("ana")
    v.result("ana", "U.1")
    v.assessment("ana", "recommended", results={"U.1": "K"})


@breaks("DECISION_INCOMPLETE", "trained")
def decided_otherwise_than_assessed(v: Village) -> None:
    v.assess("ana", "BK")
    v.decide("ana")


@breaks("AWARD_WRONG", "trained")
def an_award_against_the_rule(v: Village) -> None:
    v.assess("ana", "BK")
    v.decide("ana", {"U.1": "K", "U.2": "BK"}, award=True)


@breaks("ASSESSMENT_STATE_INVALID", "trained")
def decided_before_the_recommendation(v: Village) -> None:
    v.admit("ana")
    v.decide("ana", {})


@breaks("SOD_DECIDER_ASSESSED", "trained")
def the_assessor_decides(v: Village) -> None:
    v.grant("assessor", "certification_decider", LSP)
    v.assess("ana")
    v.decide("ana", who="assessor")


@breaks("SOD_DECIDER_ASSESSED", "trained")
def the_assessors_second_account_decides(v: Village) -> None:
    v.hire("assessor as decider", "certification_decider", LSP, same_person_as="assessor")
    v.assess("ana")
    v.decide("ana", who="assessor as decider")


@breaks("SOD_DECIDER_ASSESSED", "trained")
def the_assessor_on_the_panel(v: Village) -> None:
    v.grant("assessor", "certification_decider", LSP)
    v.assess("ana")
    v.decide("ana", panel=[an_id("decider"), an_id("assessor")])


@breaks("SOD_DECIDER_ASSESSED", "trained")
def the_teacher_decides(v: Village) -> None:
    v.grant("teacher", "certification_decider", LSP)
    v.assess("ana")
    v.assessment(
        "ana", "decided", "teacher", results=dict.fromkeys(UNITS, "K"), panel=[], plenary=None, award=True
    )


@breaks("ROLE_FORBIDDEN", "trained")
def a_panel_member_who_is_no_decider(v: Village) -> None:
    v.assess("ana")
    v.decide("ana", panel=[an_id("decider"), an_id("printer")])


@breaks("ROLE_FORBIDDEN", "trained")
def decided_by_the_facility(v: Village) -> None:
    v.assess("ana")
    data: dict[str, Any] = {"results": dict.fromkeys(UNITS, "K"), "panel": [], "plenary": None, "award": True}
    v.by("liaison", Said(s("assessment", "ana"), "assessment.decided", data))


@breaks("REASSESSMENT_INVALID", "decided")
def a_reassessment_of_nothing(v: Village) -> None:
    v.assessment("ana", "reassessment_ordered", "supervisor", units=[], appeal=None)


# -- appeals -------------------------------------------------------------------------------------------------------


@breaks("APPEAL_INVALID", "decided")
def an_appeal_against_no_decision(v: Village) -> None:
    file_appeal(v, decision=a_hash("none"))


@breaks("APPEAL_ALREADY_FILED", "decided")
def a_second_appeal(v: Village) -> None:
    file_appeal(v)
    file_appeal(v, "again")


@breaks("APPEAL_WINDOW_UNCHECKED", "decided")
def an_appeal_after_the_window(v: Village) -> None:
    v.set_day("2031-04-15")
    file_appeal(v)


@breaks("APPEAL_STATE_INVALID", "decided")
def heard_before_it_was_accepted(v: Village) -> None:
    file_appeal(v)
    v.by("panel", Said(s("appeal", "a"), "appeal.heard"))


@breaks("APPEAL_INVALID", "decided")
def heard_without_a_panel(v: Village) -> None:
    file_appeal(v)
    v.by("supervisor", Said(s("appeal", "a"), "appeal.accepted"))
    v.by("panel", Said(s("appeal", "a"), "appeal.heard"))


@breaks("SOD_APPEAL_PANEL_INVOLVED", "decided")
def the_decider_on_the_appeal_panel(v: Village) -> None:
    v.grant("decider", "appeal_panel", LSP)
    hearing(v, "decider")


@breaks("SOD_APPEAL_PANEL_INVOLVED", "decided")
def the_teacher_on_the_appeal_panel(v: Village) -> None:
    v.grant("teacher", "appeal_panel", LSP)
    hearing(v, "teacher")


@breaks("SOD_APPEAL_PANEL_INVOLVED", "decided")
def the_supervisor_names_herself(v: Village) -> None:
    v.grant("supervisor", "appeal_panel", LSP)
    hearing(v, "supervisor")


@breaks("ROLE_FORBIDDEN", "decided")
def decided_by_somebody_not_on_the_panel(v: Village) -> None:
    v.hire("other panel", "appeal_panel", LSP)
    hearing(v)
    v.by("other panel", Said(s("appeal", "a"), "appeal.rejected"))


@breaks("REMEDY_WRONG", "decided")
def upheld_without_a_remedy(v: Village) -> None:
    hearing(v)
    upheld = {"remedy": "REASSESSMENT", "unit": None, "result": None}
    v.by("panel", Said(s("appeal", "a"), "appeal.upheld", upheld))


@breaks("REMEDY_WRONG", "decided")
def a_remedy_without_an_appeal(v: Village) -> None:
    data = {"appeal": an_id("a"), "unit": "U.1", "result": "BK"}
    v.by("panel", Said(s("assessment", "ana"), "assessment.reopened", data))


@breaks("REMEDY_WRONG", "decided")
def another_result_than_upheld(v: Village) -> None:
    hearing(v)
    upheld = {"remedy": "UNIT_RESULT_CHANGED", "unit": "U.1", "result": "BK"}
    changed = {"appeal": an_id("a"), "unit": "U.2", "result": "BK"}
    v.by(
        "panel",
        Said(s("appeal", "a"), "appeal.upheld", upheld),
        Said(s("assessment", "ana"), "assessment.reopened", changed),
    )


@breaks("SOD_REASSESSOR_INVOLVED", "trained")
def the_same_assessor_after_an_appeal(v: Village) -> None:
    v.assess("ana", "BK")
    v.decide("ana", {"U.1": "K", "U.2": "BK"})
    hearing(v)
    upheld = {"remedy": "REASSESSMENT", "unit": None, "result": None}
    v.by(
        "panel",
        Said(s("appeal", "a"), "appeal.upheld", upheld),
        Said(
            s("assessment", "ana"),
            "assessment.reassessment_ordered",
            {"units": ["U.2"], "appeal": an_id("a")},
        ),
    )
    v.admit("ana 2", learner="ana", previous=an_id("ana"), attempt=2, units=["U.2"], carried={"U.1": "K"})
    v.assign("ana 2")


def exception(v: Village, rule: str, *scope: str) -> str:
    """Requested by the supervisor, approved by the decider; returns the request's hash."""
    stream = s("impartiality_exception", "e")
    data = {
        "rule": rule,
        "scope": [an_id(name) for name in scope],
        "risk": "SMALL_CENTRE",
        "until": "2031-12-31T00:00:00Z",
    }
    asked = v.ask("supervisor", stream, "impartiality_exception.requested", data)
    v.by("decider", Said(stream, "impartiality_exception.approved", {"request": asked}))
    return asked


def file_appeal(v: Village, name: str = "a", **changes: str) -> None:
    data = {"assessment": an_id("ana"), "decision": v.decisions["ana"], "ground": "OTHER"} | changes
    v.by("admin", Said(s("appeal", name), "appeal.filed", data))


def hearing(v: Village, member: str = "panel") -> None:
    """An appeal up to its hearing by one member."""
    stream = s("appeal", "a")
    file_appeal(v)
    v.by("supervisor", Said(stream, "appeal.accepted"))
    v.by("supervisor", Said(stream, "appeal.panel_assigned", {"panel": [an_id(member)]}))
    v.by(member, Said(stream, "appeal.heard"), role="appeal_panel", org=LSP)
