"""What the events of a certificate's story say, as sentences for people.

A sentence begins with what was done; who did it, when and in which role is put before it. Names in braces are
members of the event's data. What is not here is told by its type.
"""

from typing import Any

SENTENCES: dict[str, str] = {
    "agreement.drafted": "drafted the agreement {number}, from {from} until {until}",
    "agreement.signed": "signed the agreement for organisation/{party}",
    "agreement.amended": "proposed {until} as the agreement's last day",
    "agreement.terminated": "ended the agreement on {on}",
    "programme.proposed": "proposed the programme {code}, attendance of at least {min_attendance_pct} %",
    "programme.need_recorded": "recorded the labour market's need of {demand} people",
    "programme.instructors_offered": "offered instructors",
    "programme.scheme_adopted": "adopted version {version} of the scheme",
    "programme.tagged": "tagged the programme",
    "programme.ended": "ended the programme",
    "scheme.drafted": "drafted version {version} of the scheme {code}: {title_en}, {total_jp} training hours",
    "scheme.unit_added": "added the unit {code}: {title_en}, {jp} training hours",
    "scheme.approved": "approved version {version} as second reader: {award_rule}, valid for "
    "{validity_months} months",
    "scheme.retired": "retired version {version} of the scheme",
    "template.drafted": "drafted version {version} of the layout for {kind}",
    "template.approved": "approved version {version} of the layout as second reader",
    "template.retired": "retired version {version} of the layout",
    "facility_review.started": "began a review of the training site",
    "facility_review.item_assessed": "assessed the item {item} of the site: passed {passed}, critical "
    "{critical}",
    "facility_review.concluded": "signed the review's outcome {outcome}{valid_until}",
    "facility_review.reopened": "took the review's conclusion back",
    "cohort.planned": "planned the cohort from {start} to {end}, {capacity} seats",
    "cohort.instructor_assigned": "assigned the instructor staff/{instructor}",
    "cohort.enrolment_opened": "opened enrolment",
    "cohort.started": "started the training",
    "cohort.rescheduled": "moved the cohort to {start} until {end}",
    "cohort.cancelled": "cancelled the cohort: {reason}",
    "cohort.closed": "closed the cohort",
    "learner.registered": "registered the learner",
    "learner.nik_recorded": "recorded the learner's national number",
    "learner.identity_evidence_recorded": "recorded what the identity was checked against: {kind}",
    "learner.correction_requested": "requested a correction of {field}",
    "learner.identity_corrected": "approved the correction of {field}",
    "learner.merge_requested": "proposed that this is another entry of learner/{into}",
    "learner.merged": "merged this entry into learner/{into}",
    "learner.merge_reversed": "reversed the merge",
    "enrolment.applied": "recorded the application",
    "enrolment.selected": "selected the applicant",
    "enrolment.rejected": "turned the application down: {code}",
    "enrolment.notice_acknowledged": "recorded that the privacy notice {version} was acknowledged",
    "enrolment.confirmed": "confirmed seat {seat}",
    "enrolment.attendance_recorded": "recorded {jp} training hours in session {session}",
    "enrolment.attendance_corrected": "corrected session {session} to {jp} training hours",
    "enrolment.unit_credit_recognised": "recognised {jp} training hours of {unit}",
    "enrolment.delivery_context_changed": "recorded that training goes on under other circumstances",
    "enrolment.moved": "moved the enrolment to cohort/{to}",
    "enrolment.transferred_out": "recorded that the learner left for another place: {reason}",
    "enrolment.resumed": "resumed the training in cohort/{cohort}, seat {seat}",
    "enrolment.withdrawn": "recorded the withdrawal: {reason}",
    "enrolment.completed": "completed the training: {jp} of {total_jp} training hours, {percent_x10} "
    "tenths of a percent",
    "enrolment.closed": "closed the enrolment: {reason}",
    "assessment.admitted": "admitted to attempt {attempt} of the assessment",
    "assessment.assessor_assigned": "assigned the assessor staff/{assessor}",
    "assessment.conflict_declared": "declared a conflict of interest",
    "assessment.assessor_replaced": "replaced the assessor by staff/{assessor}",
    "assessment.evidence_registered": "registered evidence {evidence}: {kind}",
    "assessment.unit_result_recorded": "recorded {result} for {unit}",
    "assessment.no_show_recorded": "recorded that the candidate did not come",
    "assessment.recommended": "recommended the results",
    "assessment.unit_result_corrected": "corrected {unit} to {result}",
    "assessment.decided": "decided; award earned: {award}",
    "assessment.reopened": "changed {unit} to {result} after an appeal",
    "assessment.reassessment_ordered": "ordered a reassessment",
    "appeal.filed": "filed an appeal: {ground}",
    "appeal.accepted": "accepted the appeal",
    "appeal.panel_assigned": "named the appeal's panel",
    "appeal.heard": "heard the appeal",
    "appeal.upheld": "upheld the appeal: {remedy}",
    "appeal.rejected": "rejected the appeal",
    "appeal.withdrawn": "recorded that the appeal was withdrawn",
    "certificate.prepared": "prepared a {kind} certificate: {title_en}",
    "certificate.issued": "issued it as number {number} on {issued_on}{valid_until}",
    "certificate.suspended": "suspended it: {reason}",
    "certificate.reinstated": "reinstated it",
    "certificate.revocation_requested": "requested its revocation: {reason}",
    "certificate.revoked": "revoked it: {reason}",
    "certificate.superseded": "replaced it by certificate/{by}: {reason}",
    "certificate.renewed": "renewed it by certificate/{by}",
    "certificate.countersigned": "countersigned it",
    "certificate.marked_erased": "marked it as erased",
    "blank_stock.allocated": "used the blank form {serial}",
    "print_copy.copy_printed": "printed copy {copy} on the form {serial}: {reason}",
    "print_copy.handed_over": "handed the copy over",
    "subject_request.received": "received a request of kind {kind} about these data",
    "subject_request.data_destroyed": "destroyed the class {class}, as second person",
}


def sentence(event_type: str, data: dict[str, Any]) -> str:
    """Return what the event says; `data` has the shape of its type."""
    words = SENTENCES.get(event_type)
    if words is None:
        return event_type.partition(".")[2].replace("_", " ")
    shown = {name: _plain(value) for name, value in data.items()}
    if "valid_until" in data:
        shown["valid_until"] = f", valid until {data['valid_until']}" if data["valid_until"] else ""
    return words.format_map(shown)


def _plain(value: Any) -> str:
    if type(value) is bool:
        return "yes" if value else "no"
    return "none" if value is None else str(value)
