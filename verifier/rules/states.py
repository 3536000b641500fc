"""In which state a matter must be for each event, and in which state the event leaves it.

    (states before, state after)

`new` is the state before the first event; no state after means that the event leaves it as it is, or that the
area's rules decide. A matter in another state breaks `<MATTER>_STATE_INVALID`.
"""

from verifier.finding import Rule, wrong

NEW = "new"

_TRAINING = "applied selected confirmed active"
_OPEN = f"{_TRAINING} completed"
_ALIVE = "planned open running"

STATES: dict[str, tuple[str, str]] = {
    "ledger.founded": (NEW, "founded"),
    "ledger.co_founded": ("founded", "open"),
    "ledger.rotation_requested": ("open", ""),
    "ledger.log_key_rotated": ("open", ""),
    "ledger.succession_requested": ("open", ""),
    "ledger.succeeded": ("open", "succeeded"),
    "organisation.registered": (NEW, "registered"),
    "organisation.renamed": ("registered", ""),
    "organisation.closed": ("registered", "closed"),
    "issuer_key.enrolment_requested": (f"{NEW} requested", "requested"),
    "issuer_key.enrolled": ("requested", "enrolled"),
    "issuer_key.retired": ("enrolled", "retired"),
    "issuer_key.compromise_requested": ("enrolled retired", ""),
    "issuer_key.compromised": ("enrolled retired", "compromised"),
    "staff.registration_requested": (f"{NEW} requested", "requested"),
    "staff.registered": ("requested", "registered"),
    "staff.role_grant_requested": ("registered", ""),
    "staff.role_granted": ("registered", ""),
    "staff.role_revoked": ("registered", ""),
    "staff.licence_recorded": ("registered", ""),
    "staff.enrolment_requested": ("registered", ""),
    "staff.key_enrolled": ("registered", ""),
    "staff.key_rotated": ("registered", ""),
    "staff.key_retired": ("registered", ""),
    "staff.compromise_requested": ("registered", ""),
    "staff.key_compromised": ("registered", ""),
    "agreement.drafted": (NEW, "draft"),
    "agreement.signed": ("draft in_force", ""),
    "agreement.amended": ("draft in_force", ""),
    "agreement.terminated": ("draft in_force", "ended"),
    "programme.proposed": (NEW, "proposed"),
    "programme.need_recorded": ("proposed synchronised", ""),
    "programme.instructors_offered": ("proposed synchronised", ""),
    "programme.scheme_adopted": ("proposed synchronised", ""),
    "programme.tagged": ("proposed synchronised", ""),
    "programme.ended": ("proposed synchronised", "ended"),
    "scheme.drafted": (f"{NEW} draft approved retired", "draft"),
    "scheme.unit_added": ("draft", ""),
    "scheme.approved": ("draft", "approved"),
    "scheme.retired": ("draft approved retired", ""),
    "template.drafted": (f"{NEW} draft approved retired", "draft"),
    "template.approved": ("draft", "approved"),
    "template.retired": ("draft approved retired", ""),
    "facility_review.started": (NEW, "open"),
    "facility_review.item_assessed": ("open", ""),
    "facility_review.concluded": ("open", ""),
    "facility_review.reopened": ("open ready conditional not_ready", "open"),
    "cohort.planned": (NEW, "planned"),
    "cohort.instructor_assigned": (_ALIVE, ""),
    "cohort.session_scheduled": (_ALIVE, ""),
    "cohort.enrolment_opened": ("planned", "open"),
    "cohort.started": ("open", "running"),
    "cohort.session_held": ("running", ""),
    "cohort.session_cancelled": (_ALIVE, ""),
    "cohort.rescheduled": (_ALIVE, ""),
    "cohort.cancelled": (_ALIVE, "cancelled"),
    "cohort.closed": ("running", "closed"),
    "learner.registered": (NEW, "active"),
    "learner.nik_recorded": ("active", ""),
    "learner.identity_evidence_recorded": ("active", ""),
    "learner.correction_requested": ("active", ""),
    "learner.identity_corrected": ("active", ""),
    "learner.merge_requested": ("active", ""),
    "learner.merged": ("active", "merged"),
    "learner.merge_reversed": ("merged", "active"),
    "enrolment.applied": (NEW, "applied"),
    "enrolment.selected": ("applied", "selected"),
    "enrolment.rejected": ("applied selected", "closed"),
    "enrolment.notice_acknowledged": (_OPEN, ""),
    "enrolment.confirmed": ("selected", "confirmed"),
    "enrolment.attendance_recorded": ("confirmed active completed", ""),
    "enrolment.attendance_corrected": ("confirmed active completed closed", ""),
    "enrolment.unit_credit_recognised": ("selected confirmed active", ""),
    "enrolment.delivery_context_changed": (_OPEN, ""),
    "enrolment.moved": (_TRAINING, ""),
    "enrolment.transferred_out": (_TRAINING, ""),
    "enrolment.resumed": ("closed", ""),
    "enrolment.withdrawn": (_TRAINING, ""),
    "enrolment.completed": ("confirmed active", "completed"),
    "enrolment.closed": (_OPEN, "closed"),
    "assessment.admitted": (NEW, "admitted"),
    "assessment.assessor_assigned": ("admitted", ""),
    "assessment.conflict_declared": ("admitted in_progress", ""),
    "assessment.assessor_replaced": ("admitted in_progress", ""),
    "assessment.evidence_registered": ("admitted in_progress", "in_progress"),
    "assessment.unit_result_recorded": ("admitted in_progress", "in_progress"),
    "assessment.no_show_recorded": ("admitted", "final"),
    "assessment.recommended": ("admitted in_progress", "recommended"),
    "assessment.unit_result_corrected": ("in_progress recommended decided", ""),
    "assessment.decided": ("recommended", "decided"),
    "assessment.reopened": ("recommended decided", "recommended"),
    "assessment.reassessment_ordered": ("recommended decided", ""),
    "appeal.filed": (NEW, "filed"),
    "appeal.accepted": ("filed", "accepted"),
    "appeal.panel_assigned": ("accepted", ""),
    "appeal.heard": ("accepted", "heard"),
    "appeal.upheld": ("heard", "upheld"),
    "appeal.rejected": ("heard", "rejected"),
    "appeal.withdrawn": ("filed accepted heard", "withdrawn"),
    "certificate.prepared": (NEW, "prepared"),
    "certificate.issued": ("prepared", "active"),
    "certificate.suspended": ("active", "suspended"),
    "certificate.reinstated": ("suspended", "active"),
    "certificate.revocation_requested": ("active suspended", ""),
    "certificate.revoked": ("active suspended", "revoked"),
    "certificate.superseded": ("active", "superseded"),
    "certificate.renewed": ("active", ""),
    "certificate.countersigned": ("active suspended", ""),
    "certificate.marked_erased": ("active suspended revoked superseded", ""),
    "blank_stock.stock_received": (NEW, "received"),
    "blank_stock.allocated": ("received", ""),
    "blank_stock.spoiled": ("received", ""),
    "blank_stock.returned": ("received", ""),
    "print_copy.copy_printed": (NEW, "printed"),
    "print_copy.handed_over": ("printed", "handed_over"),
    "impartiality_exception.requested": (NEW, "requested"),
    "impartiality_exception.approved": ("requested", "approved"),
    "impartiality_exception.ended": ("requested approved", "ended"),
    "outcome.recorded": (NEW, "recorded"),
    "subject_request.received": (NEW, ""),
    "subject_request.verified": ("received", "verified"),
    "subject_request.hold_placed": ("received verified", ""),
    "subject_request.hold_lifted": ("received verified fulfilled refused", ""),
    "subject_request.destruction_requested": ("verified", ""),
    "subject_request.data_destroyed": ("verified", ""),
    "subject_request.fulfilled": ("verified", "fulfilled"),
    "subject_request.refused": ("received verified", "refused"),
}


def _rule(aggregate: str) -> Rule:
    name = "CERT" if aggregate == "certificate" else aggregate.upper()
    matter = aggregate.replace("_", " ")
    return wrong(
        f"{name}_STATE_INVALID",
        f"An act on a matter (here: {matter}) was recorded that its state did not allow: a step before "
        "it is missing, or the matter was already closed to it.",
    )


BEFORE: dict[str, frozenset[str]] = {
    event_type: frozenset("" if state == NEW else state for state in before.split())
    for event_type, (before, _) in STATES.items()
}
AFTER: dict[str, str] = {event_type: after for event_type, (_, after) in STATES.items()}
STATE_INVALID: dict[str, Rule] = {
    aggregate: _rule(aggregate) for aggregate in {event_type.partition(".")[0] for event_type in STATES}
}
