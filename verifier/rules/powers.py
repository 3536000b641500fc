"""In which role each act may be given (the description's "Who gives which command").

Whether the actor holds the role at that place of the log is `verifier.authority`'s to judge; whether it is
held at the organisation that the act concerns, the areas'. Acts over a certificate depend on its kind as well
(`certifying`).
"""

from verifier.finding import wrong

ROLE_FORBIDDEN = wrong(
    "ROLE_FORBIDDEN", "A person acted in a role that may not do this, whatever else they may do."
)

_CUSTODIAN = frozenset({"key_custodian"})
_ADMIN = frozenset({"training_admin"})
_TRAINING_ISSUER = frozenset({"training_issuer"})
_ISSUERS = frozenset({"training_issuer", "competence_issuer"})
_INSTRUCTOR = frozenset({"instructor"})
_ASSESSOR = frozenset({"assessor"})
_SUPERVISOR = frozenset({"assessment_supervisor"})
_DECIDER = frozenset({"certification_decider"})
_LIAISON = frozenset({"correctional_liaison"})
_REVIEWERS = _ADMIN | _LIAISON
_PANEL = frozenset({"appeal_panel"})
_PRIVACY = frozenset({"privacy_officer"})
_PRINT = frozenset({"print_operator"})

_BY_MATTER: dict[str, frozenset[str]] = {
    "ledger": _CUSTODIAN,
    "organisation": _CUSTODIAN,
    "issuer_key": _CUSTODIAN,
    "staff": _CUSTODIAN,
    "agreement": _ADMIN,
    "programme": _ADMIN,
    "scheme": _ADMIN,
    "template": _ADMIN,
    "facility_review": _REVIEWERS,
    "cohort": _ADMIN,
    "learner": _ADMIN,
    "enrolment": _ADMIN,
    "assessment": _ASSESSOR,
    "appeal": _ADMIN,
    "certificate": _ISSUERS,
    "blank_stock": _PRINT,
    "print_copy": _PRINT,
    "impartiality_exception": _SUPERVISOR,
    "outcome": _ADMIN,
    "subject_request": _PRIVACY,
}
_OTHERS: dict[str, frozenset[str] | None] = {
    "staff.key_rotated": None,  # everybody's own
    "agreement.signed": frozenset({"training_issuer", "correctional_approver"}),
    "agreement.terminated": frozenset({"training_issuer", "correctional_approver"}),
    "programme.proposed": _ADMIN | _LIAISON,
    "scheme.approved": _TRAINING_ISSUER,
    "scheme.retired": _TRAINING_ISSUER,
    "template.approved": _TRAINING_ISSUER,
    "template.retired": _TRAINING_ISSUER,
    "facility_review.concluded": _REVIEWERS | _TRAINING_ISSUER,
    "cohort.session_held": _INSTRUCTOR,
    "learner.identity_corrected": _TRAINING_ISSUER,
    "learner.merged": _PRIVACY,
    "learner.merge_reversed": _PRIVACY,
    "enrolment.selected": frozenset({"correctional_approver", "training_admin"}),
    "enrolment.rejected": frozenset({"correctional_approver", "training_admin"}),
    "enrolment.attendance_recorded": _INSTRUCTOR,
    "enrolment.attendance_corrected": _INSTRUCTOR | _ADMIN,
    "enrolment.transferred_out": _LIAISON,
    "enrolment.delivery_context_changed": _LIAISON,
    "enrolment.closed": _ADMIN | _LIAISON,  # a transfer closes too
    "assessment.admitted": _SUPERVISOR,
    "assessment.assessor_assigned": _SUPERVISOR,
    "assessment.assessor_replaced": _SUPERVISOR,
    "assessment.unit_result_corrected": _SUPERVISOR,
    "assessment.decided": _DECIDER,
    "assessment.reopened": _PANEL,
    "assessment.reassessment_ordered": _DECIDER | _SUPERVISOR | _PANEL,
    "appeal.accepted": _SUPERVISOR,
    "appeal.panel_assigned": _SUPERVISOR,
    "appeal.heard": _PANEL,
    "appeal.upheld": _PANEL,
    "appeal.rejected": _PANEL,
    "certificate.revocation_requested": _ISSUERS | _SUPERVISOR,
    "certificate.marked_erased": _ISSUERS | _PRIVACY,
    "impartiality_exception.approved": _DECIDER,
    "impartiality_exception.ended": _SUPERVISOR | _DECIDER,
    "subject_request.data_destroyed": _TRAINING_ISSUER,
}


def roles_for(event_type: str) -> frozenset[str] | None:
    """Return the roles in which this (listed) type of event is given; None for everybody's own acts."""
    if event_type in _OTHERS:
        return _OTHERS[event_type]
    return _BY_MATTER[event_type.partition(".")[0]]
