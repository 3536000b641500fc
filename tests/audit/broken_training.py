"""Breaches before and during a training: agreements, reviews, schemes, cohorts, enrolments, hours."""

from typing import Any

from tests.audit.broken import breaks
from tests.audit.scribe import Said, a_fact, a_hash, an_id
from tests.audit.village import BLK, LSP, SITE, Village, s

# -- agreements and reviews ---------------------------------------------------------------------------------------


@breaks("AGREEMENT_PARTIES_EQUAL", "staffed")
def an_agreement_with_oneself(v: Village) -> None:
    v.agreement(signed=False, parties=[BLK, BLK])


@breaks("AGREEMENT_INVALID", "staffed")
def ending_before_it_starts(v: Village) -> None:
    v.agreement(signed=False, until="2031-02-01")


@breaks("AGREEMENT_INVALID", "staffed")
def one_party_signs_twice(v: Village) -> None:
    v.agreement(signed=False)
    for _ in range(2):
        v.by("issuer", Said(s("agreement", "pks"), "agreement.signed", {"party": BLK}))


@breaks("ORG_FORBIDDEN", "staffed")
def signing_for_the_other_party(v: Village) -> None:
    v.agreement(signed=False)
    v.by("approver", Said(s("agreement", "pks"), "agreement.signed", {"party": BLK}))


@breaks("SOD_SELF_APPROVAL", "staffed")
def one_human_signs_for_both_parties(v: Village) -> None:
    v.hire("issuer elsewhere", "correctional_approver", SITE, same_person_as="issuer")
    v.agreement(signed=False)
    v.by("issuer", Said(s("agreement", "pks"), "agreement.signed", {"party": BLK}))
    v.by("issuer elsewhere", Said(s("agreement", "pks"), "agreement.signed", {"party": SITE}))


@breaks("AGREEMENT_STATE_INVALID", "planned")
def signing_what_has_ended(v: Village) -> None:
    v.by("issuer", Said(s("agreement", "pks"), "agreement.terminated", {"on": "2031-03-04"}))
    v.by("issuer", Said(s("agreement", "pks"), "agreement.signed", {"party": BLK}))


@breaks("REVIEW_OUTCOME_WRONG", "staffed")
def ready_in_spite_of_its_items(v: Village) -> None:
    v.review(passed=False, outcome="READY", valid_until="2031-09-01")


@breaks("REVIEW_OUTCOME_WRONG", "staffed")
def ready_for_ever(v: Village) -> None:
    v.review(until=None)


@breaks("REVIEW_SIGNATURE_WRONG", "staffed")
def one_party_concludes_twice(v: Village) -> None:
    stream = s("facility_review", "review")
    v.by("liaison", Said(stream, "facility_review.started", {"site": SITE, "provider": BLK}))
    item = {"item": "FAC-1", "value": None, "passed": True, "critical": True, "due": None}
    v.by("liaison", Said(stream, "facility_review.item_assessed", item))
    for _ in range(2):
        said = {"org": SITE, "outcome": "READY", "valid_until": "2031-09-01"}
        v.by("liaison", Said(stream, "facility_review.concluded", said))


@breaks("REVIEW_SIGNATURE_WRONG", "staffed")
def an_item_changed_after_a_signature(v: Village) -> None:
    stream = s("facility_review", "review")
    item = {"item": "FAC-1", "value": None, "passed": True, "critical": True, "due": None}
    v.by("liaison", Said(stream, "facility_review.started", {"site": SITE, "provider": BLK}))
    v.by("liaison", Said(stream, "facility_review.item_assessed", item))
    said = {"org": SITE, "outcome": "READY", "valid_until": "2031-09-01"}
    v.by("liaison", Said(stream, "facility_review.concluded", said))
    v.by("liaison", Said(stream, "facility_review.item_assessed", item | {"passed": False}))


@breaks("FACILITY_REVIEW_STATE_INVALID", "planned")
def an_item_after_the_conclusion(v: Village) -> None:
    item = {"item": "FAC-1", "value": None, "passed": False, "critical": True, "due": None}
    v.by("liaison", Said(s("facility_review", "review"), "facility_review.item_assessed", item))


# -- schemes, templates, programmes ----------------------------------------------------------------------------------


@breaks("SCHEME_VERSION_LOCKED", "planned")
def a_unit_added_after_approval(v: Village) -> None:
    v.by("admin", Said(s("scheme", "las"), "scheme.unit_added", v.unit("U.3")))


@breaks("SCHEME_VERSION_LOCKED", "planned")
def an_approved_version_drafted_again(v: Village) -> None:
    v.scheme(version=1, approved=False)


@breaks("SCHEME_INVALID", "planned")
def a_version_going_back(v: Village) -> None:
    v.scheme(version=0, approved=False)


@breaks("SCHEME_INVALID", "staffed")
def an_award_rule_that_is_not(v: Village) -> None:
    v.scheme(approved=False)
    v.approve_scheme(award_rule="GOODWILL")


@breaks("SCHEME_INVALID", "staffed")
def more_units_wanted_than_there_are(v: Village) -> None:
    v.scheme(approved=False)
    v.approve_scheme(award_rule="CLUSTER", min_units=3)


@breaks("JP_MISMATCH", "staffed")
def hours_that_do_not_add_up(v: Village) -> None:
    v.scheme(total_jp=20)


@breaks("SOD_SELF_APPROVAL", "staffed")
def an_author_approves(v: Village) -> None:
    v.grant("admin", "training_issuer", BLK)
    v.scheme(approved=False)
    v.approve_scheme(who="admin")


@breaks("REQUEST_MISSING", "staffed")
def approving_a_draft_that_was_replaced(v: Village) -> None:
    v.scheme(approved=False)
    old = v.drafts["las@1"]
    v.scheme(approved=False, title_en="Another")
    v.approve_scheme(request=old)


@breaks("SCHEME_NOT_APPROVED", "planned")
def adopting_a_draft(v: Village) -> None:
    v.scheme(version=2, approved=False)
    v.by(
        "admin",
        Said(s("programme", "welding"), "programme.scheme_adopted", {"scheme": an_id("las"), "version": 2}),
    )


@breaks("SCHEME_NOT_APPROVED", "planned")
def planning_under_a_retired_version(v: Village) -> None:
    v.by("issuer", Said(s("scheme", "las"), "scheme.retired", {"version": 1}))
    v.plan()


@breaks("SCHEME_STATE_INVALID", "staffed")
def units_without_a_scheme(v: Village) -> None:
    v.by("admin", Said(s("scheme", "las"), "scheme.unit_added", v.unit("U.3")))


@breaks("PUBLIC_FIELD_FORBIDDEN", "staffed")
def a_title_that_reveals(v: Village) -> None:
    v.scheme(approved=False, title_id="Juru Las bagi Warga Binaan")


@breaks("TEMPLATE_INVALID", "staffed")
def another_text_than_drafted(v: Village) -> None:
    v.template("TRAINING", approved=False)
    data = {"version": 1, "hash": a_hash("other"), "request": v.tip(s("template", "TRAINING"))}
    v.by("issuer", Said(s("template", "TRAINING"), "template.approved", data))


@breaks("TEMPLATE_STATE_INVALID", "staffed")
def retiring_no_template(v: Village) -> None:
    v.by("issuer", Said(s("template", "none"), "template.retired", {"version": 1}))


@breaks("PROGRAMME_STATE_INVALID", "planned")
def a_need_after_the_end(v: Village) -> None:
    v.by("admin", Said(s("programme", "welding"), "programme.ended"))
    need = {"source": a_fact(), "occupation": a_fact(), "demand": 1}
    v.by("admin", Said(s("programme", "welding"), "programme.need_recorded", need))


@breaks("ROLE_FORBIDDEN", "planned")
def an_instructor_who_is_none(v: Village) -> None:
    data = {"instructors": [an_id("decider")]}
    v.by("admin", Said(s("programme", "welding"), "programme.instructors_offered", data))


# -- cohorts ---------------------------------------------------------------------------------------------------------


@breaks("PROGRAMME_NOT_READY", "planned")
def planned_before_the_programme_is_ready(v: Village) -> None:
    v.programme("other", ready=False)
    v.plan(programme=an_id("other"))


@breaks("PROGRAMME_NOT_READY", "planned")
def a_lower_threshold_than_the_programmes(v: Village) -> None:
    v.plan(threshold=10)


@breaks("AGREEMENT_NOT_IN_FORCE", "planned")
def planned_outside_the_agreement(v: Village) -> None:
    v.plan(start="2032-02-20", end="2032-03-10")


@breaks("AGREEMENT_NOT_IN_FORCE", "planned")
def at_a_facility_without_agreement(v: Village) -> None:
    v.plan(agreement=None)


@breaks("AGREEMENT_NOT_IN_FORCE", "planned")
def opened_under_an_unsigned_agreement(v: Village) -> None:
    v.agreement("unsigned", signed=False)
    v.plan(agreement=an_id("unsigned"))
    v.cohort("cohort", "enrolment_opened")


@breaks("FACILITY_NOT_READY", "planned")
def opened_after_the_review_lapsed(v: Village) -> None:
    v.set_day("2031-09-03")
    v.plan(start="2031-09-10", end="2031-09-12")
    v.cohort("cohort", "enrolment_opened")


@breaks("FACILITY_NOT_READY", "planned")
def opened_after_a_worse_review(v: Village) -> None:
    v.wait(days=1)
    v.review("worse", passed=False, until=None)
    v.plan()
    v.cohort("cohort", "enrolment_opened")


@breaks("COHORT_INVALID", "planned")
def a_cohort_without_seats(v: Village) -> None:
    v.plan(capacity=0)


@breaks("COHORT_STATE_INVALID", "planned")
def started_before_it_was_opened(v: Village) -> None:
    v.plan()
    v.cohort("cohort", "started")


@breaks("SESSION_INVALID", "open")
def a_session_outside_the_cohort(v: Village) -> None:
    v.cohort("cohort", "session_scheduled", session=3, date="2031-04-01", jp=8)


@breaks("SESSION_INVALID", "open")
def two_sessions_on_a_day(v: Village) -> None:
    v.cohort("cohort", "session_scheduled", session=3, date="2031-03-10", jp=8)


@breaks("SESSION_INVALID", "running")
def held_before_its_day(v: Village) -> None:
    v.cohort("cohort", "session_held", "teacher", session=2, instructor=an_id("teacher"))


@breaks("SESSION_NOT_SCHEDULED", "running")
def a_session_that_is_not(v: Village) -> None:
    v.cohort("cohort", "session_held", "teacher", session=9, instructor=an_id("teacher"))


@breaks("ROLE_FORBIDDEN", "running")
def held_by_an_instructor_of_another_cohort(v: Village) -> None:
    v.cohort("cohort", "session_held", "second teacher", session=1, instructor=an_id("second teacher"))


@breaks("COHORT_NOT_EMPTIED", "running")
def cancelled_with_people_in_it(v: Village) -> None:
    v.cohort("cohort", "cancelled", reason="BUDGET", displaced=[])


# -- enrolments --------------------------------------------------------------------------------------------------------


@breaks("ENROLMENT_DUPLICATE", "open")
def one_person_applies_twice(v: Village) -> None:
    v.apply("ana", enrolment="ana again")


@breaks("ENROLMENT_DUPLICATE", "open")
def one_person_under_two_entries(v: Village) -> None:
    v.learner("ana twin")
    asked = v.ask("admin", s("learner", "ana twin"), "learner.merge_requested", {"into": an_id("ana")})
    v.apply("ana twin")
    v.by(
        "privacy", Said(s("learner", "ana twin"), "learner.merged", {"into": an_id("ana"), "request": asked})
    )
    v.enrolment("ana", "rejected", "approver", code="NO_PLACE")
    v.apply("ana", enrolment="ana again")


@breaks("COHORT_FULL", "running")
def a_seat_given_twice(v: Village) -> None:
    v.seat("citra", 1)


@breaks("COHORT_FULL", "open")
def a_seat_beyond_the_capacity(v: Village) -> None:
    v.seat("ana", 4)


@breaks("NOTICE_NOT_ACKNOWLEDGED", "open")
def confirmed_without_the_notice(v: Village) -> None:
    v.enrolment("ana", "selected", "approver")
    v.enrolment("ana", "confirmed", seat=1)


@breaks("ROLE_FORBIDDEN", "open")
def selected_by_the_provider_at_a_facility(v: Village) -> None:
    v.enrolment("ana", "selected", "admin")


@breaks("ENROLMENT_STATE_INVALID", "open")
def completed_without_a_seat(v: Village) -> None:
    v.complete("ana", 0)


@breaks("COHORT_NOT_OPEN", "running")
def applied_to_a_running_cohort(v: Village) -> None:
    v.learner("dewi")
    v.apply("dewi")


@breaks("ATTENDANCE_EXCEEDS_SESSION", "running")
def more_hours_than_the_session(v: Village) -> None:
    v.attend("ana", jp=9)


@breaks("ATTENDANCE_INVALID", "running")
def attendance_recorded_twice(v: Village) -> None:
    v.attend("ana")
    v.attend("ana")


@breaks("ATTENDANCE_INVALID", "running")
def attendance_before_its_day(v: Village) -> None:
    v.attend("ana", session=2)


@breaks("ATTENDANCE_INVALID", "running")
def correcting_an_entry_that_was_corrected(v: Village) -> None:
    v.attend("ana", jp=4)
    data: dict[str, Any] = {
        "cohort": an_id("cohort"),
        "session": 1,
        "jp": 8,
        "corrects": v.attended["ana", 1],
    }
    for _ in range(2):
        v.enrolment("ana", "attendance_corrected", **data)


@breaks("ROLE_FORBIDDEN", "running")
def attendance_by_a_stranger(v: Village) -> None:
    v.attend("ana", who="second teacher")


@breaks("SESSION_NOT_SCHEDULED", "running")
def attendance_at_no_session(v: Village) -> None:
    v.attend("ana", session=7)


@breaks("CREDIT_INVALID", "running")
def more_credit_than_the_unit_has(v: Village) -> None:
    v.enrolment("ana", "unit_credit_recognised", unit="U.1", jp=9, evidence=a_fact())


@breaks("COMPLETION_WRONG", "running")
def more_hours_than_were_attended(v: Village) -> None:
    v.attend("ana")
    v.complete("ana", 16)


@breaks("COMPLETION_WRONG", "running")
def a_rounded_percentage(v: Village) -> None:
    v.attend("ana", jp=5)
    v.complete("ana", 5, percent_x10=313)


@breaks("CLOSING_INVALID", "running")
def closed_as_completed_without_being_so(v: Village) -> None:
    v.enrolment("ana", "closed", reason="COMPLETED")


@breaks("CLOSING_INVALID", "running")
def withdrawn_and_left_open(v: Village) -> None:
    v.enrolment("ana", "withdrawn", reason="WITHDRAWN_VOLUNTARY")


@breaks("CLOSING_INVALID", "running")
def resumed_without_a_transfer(v: Village) -> None:
    stream = s("enrolment", "ana")
    gone = {"reason": "WITHDRAWN_VOLUNTARY"}
    v.by("admin", Said(stream, "enrolment.withdrawn", gone), Said(stream, "enrolment.closed", gone))
    v.enrolment("ana", "resumed", cohort=an_id("cohort"), seat=1)


@breaks("HOURS_NOT_COUNTED", "running")
def hours_taken_into_another_scheme(v: Village) -> None:
    v.attend("ana")
    v.scheme(version=2)
    adopted = {"scheme": an_id("las"), "version": 2}
    v.by("admin", Said(s("programme", "welding"), "programme.scheme_adopted", adopted))
    v.plan("second", version=2, start="2031-03-20", end="2031-03-25")
    v.cohort("second", "enrolment_opened")
    v.enrolment("ana", "moved", to=an_id("second"), seat=1)


@breaks("COHORT_FULL", "running")
def a_seat_lost_by_moving(v: Village) -> None:
    v.plan("second")
    v.cohort("second", "enrolment_opened")
    v.enrolment("ana", "moved", to=an_id("second"), seat=None)


@breaks("ORG_FORBIDDEN", "running")
def a_liaison_of_another_site(v: Village) -> None:
    v.hire("stranger", "correctional_liaison", LSP)
    stream = s("enrolment", "ana")
    gone = {"reason": "TRANSFERRED_OUT"}
    v.by(
        "stranger",
        Said(stream, "enrolment.transferred_out", gone | {"to": a_fact()}),
        Said(stream, "enrolment.closed", gone),
    )


@breaks("PUBLIC_FIELD_FORBIDDEN", "running")
def a_reason_that_reveals(v: Village) -> None:
    v.enrolment("ana", "closed", reason="NEW_CRIMINAL_CASE")
