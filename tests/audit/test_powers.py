"""Who gives which act, by role, as the domain's description has it; and nobody else does."""

import pytest

from tests.audit.following import Case
from tests.audit.scribe import Said
from tests.audit.village import Village, s
from verifier.rules import powers
from verifier.rules.shapes import SHAPES

BY_ROLE: dict[str, str] = {
    "key_custodian": """
        ledger.* organisation.* issuer_key.* staff.registration_requested staff.registered staff.role_grant_requested
        staff.role_granted staff.role_revoked staff.licence_recorded staff.enrolment_requested staff.key_enrolled
        staff.key_retired staff.compromise_requested staff.key_compromised""",
    "training_admin": """
        agreement.drafted agreement.amended programme.* scheme.drafted scheme.unit_added template.drafted
        facility_review.* cohort.planned cohort.instructor_assigned cohort.session_scheduled
        cohort.enrolment_opened cohort.started cohort.session_cancelled cohort.rescheduled cohort.cancelled
        cohort.closed learner.registered learner.nik_recorded learner.identity_evidence_recorded
        learner.correction_requested learner.merge_requested enrolment.applied enrolment.selected
        enrolment.rejected enrolment.notice_acknowledged enrolment.confirmed enrolment.attendance_corrected
        enrolment.unit_credit_recognised enrolment.moved enrolment.resumed enrolment.withdrawn
        enrolment.completed enrolment.closed appeal.filed appeal.withdrawn outcome.*""",
    "training_issuer": """
        agreement.signed agreement.terminated scheme.approved scheme.retired template.approved template.retired
        facility_review.concluded learner.identity_corrected certificate.* subject_request.data_destroyed""",
    "competence_issuer": "certificate.*",
    "instructor": "cohort.session_held enrolment.attendance_recorded enrolment.attendance_corrected",
    "correctional_liaison": """
        programme.proposed facility_review.* enrolment.transferred_out enrolment.delivery_context_changed
        enrolment.closed""",
    "correctional_approver": "agreement.signed agreement.terminated enrolment.selected enrolment.rejected",
    "assessor": """
        assessment.conflict_declared assessment.evidence_registered assessment.unit_result_recorded
        assessment.no_show_recorded assessment.recommended""",
    "assessment_supervisor": """
        assessment.admitted assessment.assessor_assigned assessment.assessor_replaced
        assessment.unit_result_corrected assessment.reassessment_ordered appeal.accepted appeal.panel_assigned
        certificate.revocation_requested impartiality_exception.requested impartiality_exception.ended""",
    "certification_decider": """
        assessment.decided assessment.reassessment_ordered impartiality_exception.approved
        impartiality_exception.ended""",
    "appeal_panel": """
        assessment.reopened assessment.reassessment_ordered appeal.heard appeal.upheld appeal.rejected""",
    "print_operator": "blank_stock.* print_copy.*",
    "privacy_officer": """
        learner.merged learner.merge_reversed certificate.marked_erased subject_request.received
        subject_request.verified subject_request.hold_placed subject_request.hold_lifted
        subject_request.destruction_requested subject_request.fulfilled subject_request.refused""",
}


def given(role: str) -> set[str]:
    """The types of event that this role gives."""
    found: set[str] = set()
    for word in BY_ROLE[role].split():
        matter, _, name = word.partition(".")
        found |= {
            event for event in SHAPES if event == word or (name == "*" and event.startswith(f"{matter}."))
        }
    return found


@pytest.mark.parametrize("role", BY_ROLE)
def test_what_a_role_gives(role: str) -> None:
    assert {event for event in SHAPES if role in (powers.roles_for(event) or ())} == given(role)


@pytest.mark.parametrize("role", ["auditor", "holder", "public"])
def test_who_gives_nothing(role: str) -> None:
    assert not [event for event in SHAPES if role in (powers.roles_for(event) or ())]


def test_everybody_changes_a_key_of_their_own_and_nothing_else() -> None:
    assert [event for event in SHAPES if powers.roles_for(event) is None] == ["staff.key_rotated"]


def test_an_act_in_another_role_is_told() -> None:
    def go(v: Village) -> None:
        v.by(
            "admin", Said(s("programme", "welding"), "programme.tagged", {"tags": ["WOMEN"]}), role="auditor"
        )

    Case("planned", go, ("ROLE_FORBIDDEN: programme.tagged in the role auditor",)).check()
