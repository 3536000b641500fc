"""Enrolment commands at a desk: who may, in which order rules are told, what is given back."""

from datetime import date

import pytest

from ledger.commands.attendance import (
    Attended,
    ChangeDeliveryContext,
    CorrectAttendance,
    RecogniseUnitCredit,
    RecordAttendance,
)
from ledger.commands.enrolments import (
    AcknowledgeNotice,
    ApplyForEnrolment,
    CloseEnrolment,
    CompleteEnrolment,
    ConfirmEnrolment,
    MoveEnrolment,
    RejectEnrolment,
    ResumeEnrolment,
    SelectEnrolment,
    TransferEnrolmentOut,
    WithdrawEnrolment,
    taught,
)
from ledger.commands.learners import ApproveMerge, ProposeMerge, RegisterLearner, ReverseMerge
from ledger.domain.enrolment import Enrolment
from tests.domain.desk import Desk, new_id

EVIDENCE = "ab" * 32


@pytest.fixture
def desk() -> Desk:
    return Desk()


def person(desk: Desk, name: str = "Siti Contoh") -> str:
    return str(desk.give("admin", RegisterLearner(full_name=name))["learner"])


def applied(desk: Desk, cohort: str, learner: str | None = None) -> tuple[str, str]:
    learner = learner or person(desk)
    found = desk.give("admin", ApplyForEnrolment(learner=learner, cohort=cohort))
    return learner, str(found["enrolment"])


def selected(desk: Desk, cohort: str, learner: str | None = None, by: str = "approver") -> tuple[str, str]:
    learner, enrolment = applied(desk, cohort, learner)
    desk.give(by, SelectEnrolment(enrolments=[enrolment]))
    desk.give("admin", AcknowledgeNotice(enrolments=[enrolment], version="1"))
    return learner, enrolment


def confirmed(desk: Desk, cohort: str, learner: str | None = None) -> tuple[str, str]:
    learner, enrolment = selected(desk, cohort, learner)
    desk.give("admin", ConfirmEnrolment(learner=learner, cohort=cohort))
    return learner, enrolment


def attendance(cohort: str, enrolment: str, day: int, jp: int = 8) -> RecordAttendance:
    entry = Attended(enrolment=enrolment, jp=jp)
    return RecordAttendance(cohort=cohort, on=date(2026, 3, day), entries=[entry])


def state(desk: Desk, enrolment: str) -> Enrolment:
    found = desk.memory.find(Enrolment, enrolment)
    assert found is not None
    return found


def merge(desk: Desk, duplicate: str, into: str) -> None:
    request = desk.give("admin", ProposeMerge(learner=duplicate, into=into))["request"]
    desk.give("privacy", ApproveMerge(learner=duplicate, request=request))


# -- applying and selecting ----------------------------------------------------------------------------


def test_a_person_applies_once_for_a_cohort(desk: Desk) -> None:
    cohort = desk.cohort("one")
    learner, enrolment = applied(desk, cohort)
    again = ApplyForEnrolment(learner=learner, cohort=cohort)
    assert desk.refused("admin", again) == "ENROLMENT_DUPLICATE"
    desk.give("approver", RejectEnrolment(enrolment=enrolment, code="NO_PLACE"))
    desk.give("admin", again)


def test_unknown_ids_come_first(desk: Desk) -> None:
    cohort = desk.cohort("one")
    nobody, nowhere = new_id("nobody"), new_id("nowhere")
    assert desk.refused("admin", ApplyForEnrolment(learner=nobody, cohort=cohort)) == "UNKNOWN_ID"
    assert desk.refused("admin", ApplyForEnrolment(learner=nobody, cohort=nowhere)) == "UNKNOWN_ID"
    assert desk.refused("approver", SelectEnrolment(enrolments=[nobody])) == "UNKNOWN_ID"


def test_no_application_once_the_training_runs(desk: Desk) -> None:
    cohort = desk.cohort("one")
    desk.start(cohort)
    command = ApplyForEnrolment(learner=person(desk), cohort=cohort)
    assert desk.refused("admin", command) == "COHORT_STATE_INVALID"


def test_the_facilitys_approver_selects_at_a_facility(desk: Desk) -> None:
    cohort = desk.cohort("one")
    _, enrolment = applied(desk, cohort)
    command = SelectEnrolment(enrolments=[enrolment])
    desk.hire("other approver", "correctional_approver", desk.elsewhere)
    desk.hire("site admin", "training_admin", desk.site)
    assert desk.refused("site admin", command) == "ROLE_FORBIDDEN"
    assert desk.refused("admin", command) == "ROLE_FORBIDDEN"
    assert desk.refused("other approver", command) == "ROLE_FORBIDDEN"
    desk.give("approver", command)


def test_the_provider_selects_where_no_facility_takes_part(desk: Desk) -> None:
    cohort = desk.cohort("own", site=desk.blk)
    _, enrolment = applied(desk, cohort)
    command = SelectEnrolment(enrolments=[enrolment])
    assert desk.refused("approver", command) == "ROLE_FORBIDDEN"
    desk.give("admin", command)


@pytest.mark.parametrize("code", ["FELONY", "IN_CUSTODY", "PRISON"])
def test_no_rejection_mentions_conviction_or_custody(desk: Desk, code: str) -> None:
    _, enrolment = applied(desk, desk.cohort("one"))
    assert desk.refused("approver", RejectEnrolment(enrolment=enrolment, code=code)) == "REASON_CODE_INVALID"


def test_another_providers_admin_is_refused(desk: Desk) -> None:
    cohort = desk.cohort("one")
    learner, enrolment = selected(desk, cohort)
    desk.hire("other admin", "training_admin", desk.elsewhere)
    for command in (
        ApplyForEnrolment(learner=learner, cohort=cohort),
        ConfirmEnrolment(learner=learner, cohort=cohort),
        AcknowledgeNotice(enrolments=[enrolment], version="2"),
        WithdrawEnrolment(enrolment=enrolment, reason="HEALTH"),
        CloseEnrolment(enrolments=[enrolment], reason="HEALTH"),
        CompleteEnrolment(enrolments=[enrolment]),
    ):
        assert desk.refused("other admin", command) == "ROLE_FORBIDDEN"


# -- confirming ----------------------------------------------------------------------------------------


def test_capacity_is_told_before_the_notice(desk: Desk) -> None:
    cohort = desk.cohort("one", capacity=1)
    confirmed(desk, cohort)
    learner, enrolment = applied(desk, cohort)
    desk.give("approver", SelectEnrolment(enrolments=[enrolment]))
    assert desk.refused("admin", ConfirmEnrolment(learner=learner, cohort=cohort)) == "COHORT_FULL"


def test_the_notice_is_told_while_there_are_seats(desk: Desk) -> None:
    cohort = desk.cohort("one")
    learner, enrolment = applied(desk, cohort)
    desk.give("approver", SelectEnrolment(enrolments=[enrolment]))
    assert (
        desk.refused("admin", ConfirmEnrolment(learner=learner, cohort=cohort)) == "NOTICE_NOT_ACKNOWLEDGED"
    )


def test_state_is_told_before_capacity(desk: Desk) -> None:
    cohort = desk.cohort("one", capacity=1)
    confirmed(desk, cohort)
    learner, _ = applied(desk, cohort)
    command = ConfirmEnrolment(learner=learner, cohort=cohort)
    assert desk.refused("admin", command) == "ENROLMENT_STATE_INVALID"
    stranger = ConfirmEnrolment(learner=person(desk), cohort=cohort)
    assert desk.refused("admin", stranger) == "ENROLMENT_STATE_INVALID"


@pytest.mark.parametrize("leave", ["withdraw", "close", "move", "transfer"])
def test_whoever_leaves_gives_the_seat_back(desk: Desk, leave: str) -> None:
    cohort, other = desk.cohort("one", capacity=1), desk.cohort("two")
    _, enrolment = confirmed(desk, cohort)
    learner, _ = selected(desk, cohort)
    command = ConfirmEnrolment(learner=learner, cohort=cohort)
    assert desk.refused("admin", command) == "COHORT_FULL"
    if leave == "withdraw":
        desk.give("admin", WithdrawEnrolment(enrolment=enrolment, reason="HEALTH"))
    elif leave == "close":
        desk.give("admin", CloseEnrolment(enrolments=[enrolment], reason="HEALTH"))
    elif leave == "move":
        desk.give("admin", MoveEnrolment(enrolment=enrolment, to=other))
    else:
        desk.give("liaison", TransferEnrolmentOut(enrolment=enrolment, reason="TRANSFERRED_OUT"))
    assert desk.give("admin", command)["seat"] == 1


def test_who_completed_keeps_the_seat(desk: Desk) -> None:
    cohort = desk.cohort("one", capacity=1)
    _, enrolment = confirmed(desk, cohort)
    desk.give("admin", CompleteEnrolment(enrolments=[enrolment]))
    desk.give("admin", CloseEnrolment(enrolments=[enrolment], reason="COMPLETED"))
    learner, _ = selected(desk, cohort)
    assert desk.refused("admin", ConfirmEnrolment(learner=learner, cohort=cohort)) == "COHORT_FULL"


# -- moving and leaving ----------------------------------------------------------------------------------


def test_who_has_a_seat_needs_one_in_the_other_cohort(desk: Desk) -> None:
    cohort, other = desk.cohort("one"), desk.cohort("two", capacity=1)
    confirmed(desk, other)
    _, seated = confirmed(desk, cohort)
    _, waiting = selected(desk, cohort)
    assert desk.refused("admin", MoveEnrolment(enrolment=seated, to=other)) == "COHORT_FULL"
    desk.give("admin", MoveEnrolment(enrolment=waiting, to=other))
    assert (state(desk, waiting).state, state(desk, waiting).cohort) == ("selected", other)


def test_the_seat_moved_to_is_taken(desk: Desk) -> None:
    cohort, other = desk.cohort("one"), desk.cohort("two", capacity=1)
    _, enrolment = confirmed(desk, cohort)
    desk.give("admin", MoveEnrolment(enrolment=enrolment, to=other))
    learner, _ = selected(desk, other)
    assert desk.refused("admin", ConfirmEnrolment(learner=learner, cohort=other)) == "COHORT_FULL"


def test_not_moved_to_where_the_person_is_enrolled(desk: Desk) -> None:
    cohort, other = desk.cohort("one"), desk.cohort("two")
    learner, enrolment = applied(desk, cohort)
    applied(desk, other, learner)
    for target in (cohort, other):
        assert desk.refused("admin", MoveEnrolment(enrolment=enrolment, to=target)) == "ENROLMENT_DUPLICATE"


def test_moved_and_confirmed_where_it_went(desk: Desk) -> None:
    cohort, other = desk.cohort("one"), desk.cohort("two")
    learner, enrolment = selected(desk, cohort)
    desk.give("admin", MoveEnrolment(enrolment=enrolment, to=other))
    gone = desk.refused("admin", ConfirmEnrolment(learner=learner, cohort=cohort))
    assert gone == "ENROLMENT_STATE_INVALID"
    desk.give("admin", ConfirmEnrolment(learner=learner, cohort=other))
    assert state(desk, enrolment).state == "confirmed"


def test_hours_move_within_one_scheme_only(desk: Desk) -> None:
    cohort = desk.cohort("one")
    foreign = desk.cohort("foreign", scheme=desk.draft_scheme("another"))
    same = desk.cohort("same")
    _, enrolment = confirmed(desk, cohort)
    desk.start(cohort)
    desk.give("teacher", attendance(cohort, enrolment, 2))
    assert desk.refused("admin", MoveEnrolment(enrolment=enrolment, to=foreign)) == "VALUE_INVALID"
    desk.give("admin", MoveEnrolment(enrolment=enrolment, to=same))
    assert (state(desk, enrolment).jp, state(desk, enrolment).state) == (8, "active")


def test_transferred_out_and_resumed_elsewhere_with_all_hours(desk: Desk) -> None:
    cohort, other = desk.cohort("one"), desk.cohort("two", capacity=1)
    _, enrolment = confirmed(desk, cohort)
    desk.start(cohort)
    desk.give("teacher", attendance(cohort, enrolment, 2))
    desk.give(
        "liaison", TransferEnrolmentOut(enrolment=enrolment, to=desk.elsewhere, reason="TRANSFERRED_OUT")
    )
    assert [event.name for event in desk.last] == ["transferred_out", "closed"]
    assert desk.memory.value(state(desk, enrolment).subject, "custody", "to") == desk.elsewhere
    assert desk.refused("teacher", attendance(cohort, enrolment, 2)) == "ENROLMENT_STATE_INVALID"
    desk.give("admin", ResumeEnrolment(enrolment=enrolment, cohort=other))
    desk.start(other)
    desk.give("teacher", attendance(other, enrolment, 2))
    assert state(desk, enrolment).jp == 16
    desk.give("admin", CompleteEnrolment(enrolments=[enrolment]))
    assert desk.last[-1].data == {"jp": 16, "total_jp": 40, "percent_x10": 400}


def test_resuming_needs_a_seat_and_a_transfer(desk: Desk) -> None:
    cohort, other = desk.cohort("one"), desk.cohort("two", capacity=1)
    _, enrolment = confirmed(desk, cohort)
    command = ResumeEnrolment(enrolment=enrolment, cohort=other)
    assert desk.refused("admin", command) == "ENROLMENT_STATE_INVALID"
    desk.give("liaison", TransferEnrolmentOut(enrolment=enrolment, reason="TRANSFERRED_OUT"))
    confirmed(desk, other)
    assert desk.refused("admin", command) == "COHORT_FULL"


@pytest.mark.parametrize("reason", ["NO_SUCH_REASON", "FELONY", "COMPLETED"])
def test_reasons_for_leaving(desk: Desk, reason: str) -> None:
    _, enrolment = confirmed(desk, desk.cohort("one"))
    withdraw = WithdrawEnrolment(enrolment=enrolment, reason=reason)
    transfer = TransferEnrolmentOut(enrolment=enrolment, reason=reason)
    assert desk.refused("admin", withdraw) == "REASON_CODE_INVALID"
    assert desk.refused("liaison", transfer) == "REASON_CODE_INVALID"
    close = desk.refused("admin", CloseEnrolment(enrolments=[enrolment], reason=reason))
    assert close == ("ENROLMENT_STATE_INVALID" if reason == "COMPLETED" else "REASON_CODE_INVALID")


def test_a_liaison_of_another_facility_is_refused(desk: Desk) -> None:
    _, enrolment = confirmed(desk, desk.cohort("one"))
    desk.hire("other liaison", "correctional_liaison", desk.elsewhere)
    transfer = TransferEnrolmentOut(enrolment=enrolment, reason="TRANSFERRED_OUT")
    context = ChangeDeliveryContext(enrolment=enrolment, context="RELEASED")
    assert desk.refused("other liaison", transfer) == "ROLE_FORBIDDEN"
    assert desk.refused("other liaison", context) == "ROLE_FORBIDDEN"


def test_a_release_says_nothing_in_the_log_and_attendance_goes_on(desk: Desk) -> None:
    cohort = desk.cohort("one")
    _, enrolment = confirmed(desk, cohort)
    desk.start(cohort)
    desk.give(
        "liaison", ChangeDeliveryContext(enrolment=enrolment, context="RELEASED", continues_at=desk.blk)
    )
    assert {key: list(value) for key, value in desk.last[-1].data.items()} == {
        "context": ["commitment"],
        "continues_at": ["commitment"],
    }
    desk.give("teacher", attendance(cohort, enrolment, 2))


# -- attendance ----------------------------------------------------------------------------------------


def running(desk: Desk) -> tuple[str, str, str]:
    cohort = desk.cohort("one")
    learner, enrolment = confirmed(desk, cohort)
    desk.start(cohort)
    return learner, cohort, enrolment


def test_only_an_instructor_of_the_cohort_records_attendance(desk: Desk) -> None:
    _, cohort, enrolment = running(desk)
    assert desk.refused("stranger", attendance(cohort, enrolment, 2)) == "ROLE_FORBIDDEN"
    assert desk.refused("admin", attendance(cohort, enrolment, 2)) == "ROLE_FORBIDDEN"
    desk.hire("second account", "instructor", desk.blk, same_person_as="colleague")
    desk.give("second account", attendance(cohort, enrolment, 2))


@pytest.mark.parametrize(
    ("today", "day", "jp", "code"),
    [
        (6, 7, 8, "OCCURRED_IN_FUTURE"),  # and no session either
        (4, 5, 9, "OCCURRED_IN_FUTURE"),  # and too many hours
        (7, 7, 9, "SESSION_NOT_SCHEDULED"),  # a Saturday, and too many hours
        (6, 5, 9, "ATTENDANCE_EXCEEDS_SESSION"),
        (6, 2, 9, "ATTENDANCE_EXCEEDS_SESSION"),  # and recorded already
        (6, 2, 8, "VALUE_INVALID"),
        (40, 3, 8, "BACKDATE_LIMIT"),
    ],
)
def test_what_attendance_is_refused_for(desk: Desk, today: int, day: int, jp: int, code: str) -> None:
    _, cohort, enrolment = running(desk)
    desk.give("teacher", attendance(cohort, enrolment, 2))
    desk.on(today)
    assert desk.refused("teacher", attendance(cohort, enrolment, day, jp)) == code


@pytest.mark.parametrize("day", [2, 7, 20])
def test_state_is_told_before_the_day(desk: Desk, day: int) -> None:
    _, cohort, enrolment = running(desk)
    desk.give("admin", WithdrawEnrolment(enrolment=enrolment, reason="HEALTH"))
    desk.on(8)
    assert desk.refused("teacher", attendance(cohort, enrolment, day, jp=9)) == "ENROLMENT_STATE_INVALID"


def test_attendance_is_dated_to_its_day(desk: Desk) -> None:
    _, cohort, enrolment = running(desk)
    desk.on(6)
    desk.give("teacher", attendance(cohort, enrolment, 3))
    assert desk.last[-1].occurred_at == "2026-03-03T03:00:00Z"  # noon in the zone
    assert desk.last[-1].data == {"session": 2, "jp": 8}


def test_paper_may_come_after_completion_but_not_after_the_end(desk: Desk) -> None:
    _, cohort, enrolment = running(desk)
    desk.give("teacher", attendance(cohort, enrolment, 2))
    desk.on(4)
    desk.give("admin", CompleteEnrolment(enrolments=[enrolment]))
    desk.give("teacher", attendance(cohort, enrolment, 3))
    assert state(desk, enrolment).percent_x10 == 400
    desk.give("admin", CloseEnrolment(enrolments=[enrolment], reason="COMPLETED"))
    assert desk.refused("teacher", attendance(cohort, enrolment, 4)) == "ENROLMENT_STATE_INVALID"


def test_one_bad_entry_refuses_the_list(desk: Desk) -> None:
    cohort = desk.cohort("one")
    _, good = confirmed(desk, cohort)
    _, waiting = selected(desk, cohort)
    desk.start(cohort)
    entries = [Attended(enrolment=good, jp=8), Attended(enrolment=waiting, jp=8)]
    command = RecordAttendance(cohort=cohort, on=date(2026, 3, 2), entries=entries)
    assert desk.refused("teacher", command) == "ENROLMENT_STATE_INVALID"
    twice = RecordAttendance(cohort=cohort, on=date(2026, 3, 2), entries=[entries[0], entries[0]])
    assert desk.refused("teacher", twice) == "VALUE_INVALID"
    assert not state(desk, good).attendance


def test_an_enrolment_of_another_cohort_is_unknown_here(desk: Desk) -> None:
    _, cohort, _ = running(desk)
    _, other = confirmed(desk, desk.cohort("two"))
    assert desk.refused("teacher", attendance(cohort, other, 2)) == "UNKNOWN_ID"


def test_a_correction_by_teacher_or_provider(desk: Desk) -> None:
    _, cohort, enrolment = running(desk)
    entry = desk.give("teacher", attendance(cohort, enrolment, 2))["request"]
    command = CorrectAttendance(enrolment=enrolment, corrects=entry, jp=4)
    assert desk.refused("stranger", command) == "ROLE_FORBIDDEN"
    too_many = command.model_copy(update={"jp": 9})
    assert desk.refused("admin", too_many) == "ATTENDANCE_EXCEEDS_SESSION"
    newer = desk.give("admin", command)["request"]
    assert desk.refused("colleague", command) == "UNKNOWN_ID"
    desk.give("colleague", command.model_copy(update={"corrects": newer, "jp": 6}))
    assert state(desk, enrolment).jp == 6


@pytest.mark.parametrize(
    ("unit", "jp", "code"),
    [("U.2", 4, "UNIT_NOT_IN_SCHEME"), ("U.1", 41, "VALUE_INVALID"), ("U.1", 40, None)],
)
def test_credit_for_a_unit_of_the_scheme(desk: Desk, unit: str, jp: int, code: str | None) -> None:
    _, _, enrolment = running(desk)
    command = RecogniseUnitCredit(enrolment=enrolment, unit=unit, jp=jp, evidence=EVIDENCE)
    if code is None:
        desk.give("admin", command)
        assert state(desk, enrolment).credits == {"U.1": 40}
    else:
        assert desk.refused("admin", command) == code


# -- two entries of one person ---------------------------------------------------------------------------


def test_a_merged_entry_neither_applies_nor_is_confirmed(desk: Desk) -> None:
    cohort = desk.cohort("one")
    survivor, duplicate = person(desk), person(desk)
    merge(desk, duplicate, survivor)
    desk.start(cohort)
    for command in (
        ApplyForEnrolment(learner=duplicate, cohort=cohort),
        ConfirmEnrolment(learner=duplicate, cohort=cohort),
    ):
        assert desk.refused("admin", command) == "PERSON_MERGED"


def test_the_survivor_goes_on_with_what_the_duplicate_began(desk: Desk) -> None:
    cohort = desk.cohort("one")
    survivor, duplicate = person(desk), person(desk)
    _, enrolment = selected(desk, cohort, duplicate)
    merge(desk, duplicate, survivor)
    assert desk.refused("admin", ApplyForEnrolment(learner=survivor, cohort=cohort)) == "ENROLMENT_DUPLICATE"
    desk.give("admin", ConfirmEnrolment(learner=survivor, cohort=cohort))
    desk.start(cohort)
    desk.give("teacher", attendance(cohort, enrolment, 2))
    assert state(desk, enrolment).learner == duplicate


def test_merged_through_two_steps(desk: Desk) -> None:
    cohort = desk.cohort("one")
    first, second, third = person(desk), person(desk), person(desk)
    selected(desk, cohort, first)
    merge(desk, first, second)
    merge(desk, second, third)
    desk.give("admin", ConfirmEnrolment(learner=third, cohort=cohort))


def test_reversing_a_merge_separates_the_entries_again(desk: Desk) -> None:
    cohort = desk.cohort("one")
    survivor, duplicate = person(desk), person(desk)
    selected(desk, cohort, duplicate)
    merge(desk, duplicate, survivor)
    desk.give("privacy", ReverseMerge(learner=duplicate))
    command = ConfirmEnrolment(learner=survivor, cohort=cohort)
    assert desk.refused("admin", command) == "ENROLMENT_STATE_INVALID"
    desk.give("admin", command.model_copy(update={"learner": duplicate}))


# -- who taught whom -------------------------------------------------------------------------------------


def who_taught(desk: Desk, learner: str, since: date) -> set[str]:
    names = {new_id(name): name for name in ("teacher", "colleague", "stranger")}
    return {names[staff] for staff in taught(desk.work("admin"), learner, since)}


def test_all_instructors_of_an_attended_session_taught_the_learner(desk: Desk) -> None:
    learner, cohort, enrolment = running(desk)
    assert who_taught(desk, learner, date.min) == set()
    desk.give("teacher", attendance(cohort, enrolment, 2))
    assert who_taught(desk, learner, date.min) == {"teacher", "colleague"}
    assert who_taught(desk, learner, date(2026, 3, 2)) == {"teacher", "colleague"}
    assert who_taught(desk, learner, date(2026, 3, 3)) == set()


def test_an_absent_learner_was_not_taught(desk: Desk) -> None:
    learner, cohort, enrolment = running(desk)
    desk.give("teacher", attendance(cohort, enrolment, 2, jp=0))
    assert who_taught(desk, learner, date.min) == set()


def test_teaching_one_entry_of_a_person_is_teaching_the_person(desk: Desk) -> None:
    learner, cohort, enrolment = running(desk)
    desk.give("teacher", attendance(cohort, enrolment, 2))
    twin = person(desk)
    assert who_taught(desk, twin, date.min) == set()
    merge(desk, learner, twin)
    assert who_taught(desk, twin, date.min) == who_taught(desk, learner, date.min) == {"teacher", "colleague"}


def test_rules_are_settings(desk: Desk) -> None:
    _, cohort, enrolment = running(desk)
    desk.rules = desk.rules.model_copy(update={"backdate_days": 60})
    desk.on(40)
    desk.give("teacher", attendance(cohort, enrolment, 3))
