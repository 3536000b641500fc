"""Cohorts: what planning and opening need, seats, sessions, cancelling."""

from datetime import date
from typing import Any

import pytest

from ledger.commands.agreements import TerminateAgreement
from ledger.commands.cohorts import (
    AssignInstructor,
    CancelCohort,
    CancelSession,
    CloseCohort,
    HoldSession,
    OpenEnrolment,
    RescheduleCohort,
    ScheduleSessions,
    SessionArgument,
    StartCohort,
    free_seat,
)
from ledger.commands.facilities import ReopenFacilityReview
from ledger.commands.programmes import EndProgramme
from ledger.commands.schemes import RetireScheme
from ledger.domain.cohort import Cohort
from ledger.domain.enrolment import Enrolment
from ledger.domain.programme import Programme
from ledger.errors import DomainError
from tests.domain.desk import new_id
from tests.domain.office import Office


@pytest.fixture
def office() -> Office:
    return Office()


# -- planning ------------------------------------------------------------------------------------------


def test_what_a_plan_records(office: Office) -> None:
    cohort = office.memory.find(Cohort, office.planned())
    assert cohort is not None
    assert (cohort.threshold, cohort.provider, cohort.body) == (80, office.blk, office.other)
    assert (cohort.scheme_version, cohort.jp_per_day, cohort.state) == (1, 8, "planned")


def test_programme_comes_before_agreement_and_agreement_before_scheme(office: Office) -> None:
    programme = office.proposed()
    assert office.refused("admin", office.plan(programme=programme)) == "PROGRAMME_NOT_READY"
    programme = office.ready_programme()
    loaded = office.memory.find(Programme, programme)
    assert loaded is not None
    assert loaded.scheme is not None
    office.give("issuer", RetireScheme(scheme=loaded.scheme[0], version=1))
    assert office.refused("admin", office.plan(programme=programme)) == "AGREEMENT_NOT_IN_FORCE"
    covered = office.plan(programme=programme, agreement=office.agreement())
    assert office.refused("admin", covered) == "SCHEME_STATE_INVALID"
    office.give("admin", EndProgramme(programme=programme))
    assert office.refused("admin", covered) == "PROGRAMME_NOT_READY"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"agreement": None}, "AGREEMENT_NOT_IN_FORCE"),
        ({"start": "2026-02-28"}, "AGREEMENT_NOT_IN_FORCE"),
        ({"end": "2027-01-01"}, "AGREEMENT_NOT_IN_FORCE"),
        ({"start": "2026-04-01"}, "VALUE_INVALID"),
        ({"site": new_id("elsewhere")}, "AGREEMENT_NOT_IN_FORCE"),
        ({"site": new_id("blk"), "agreement": None}, None),
        ({"site": new_id("nobody")}, "UNKNOWN_ID"),
        ({"agreement": new_id("nobody")}, "UNKNOWN_ID"),
        ({"programme": new_id("nobody")}, "UNKNOWN_ID"),
    ],
)
def test_what_a_plan_needs(office: Office, change: dict[str, Any], code: str | None) -> None:
    arguments = {"programme": office.ready_programme(), "agreement": office.agreement(signed=False)}
    command = office.plan(**arguments | change)
    if code is None:
        office.give("admin", command)
    else:
        assert office.refused("admin", command) == code


def test_another_provider_plans_nothing_under_it(office: Office) -> None:
    command = office.plan(programme=office.ready_programme(), agreement=office.agreement())
    assert office.refused("admin elsewhere", command) == "ROLE_FORBIDDEN"


# -- opening -------------------------------------------------------------------------------------------


def test_opening_needs_agreement_then_site(office: Office) -> None:
    unsigned = office.plan(programme=office.ready_programme(), agreement=office.agreement(signed=False))
    early = OpenEnrolment(cohort=str(office.give("admin", unsigned)["cohort"]))
    command = OpenEnrolment(cohort=office.planned())
    assert office.refused("admin", early) == "AGREEMENT_NOT_IN_FORCE"
    assert office.refused("admin", command) == "FACILITY_NOT_READY"
    office.review()
    assert office.refused("admin", early) == "AGREEMENT_NOT_IN_FORCE"
    assert office.refused("admin elsewhere", command) == "ROLE_FORBIDDEN"
    office.give("admin", command)
    assert office.refused("admin", command) == "COHORT_STATE_INVALID"


def test_a_retired_scheme_opens_nothing(office: Office) -> None:
    cohort = office.planned()
    loaded = office.memory.find(Cohort, cohort)
    assert loaded is not None
    office.give("issuer", RetireScheme(scheme=loaded.scheme, version=1))
    assert office.refused("admin", OpenEnrolment(cohort=cohort)) == "SCHEME_STATE_INVALID"


def test_a_terminated_agreement_opens_nothing(office: Office) -> None:
    cohort = office.planned()
    loaded = office.memory.find(Cohort, cohort)
    assert loaded is not None
    office.give("issuer", TerminateAgreement(agreement=str(loaded.agreement)))
    assert office.refused("admin", OpenEnrolment(cohort=cohort)) == "AGREEMENT_NOT_IN_FORCE"


def test_the_newest_concluded_review_counts(office: Office) -> None:
    cohort = office.planned()
    command = OpenEnrolment(cohort=cohort)
    office.review()
    office.on(3)
    newest = office.review(passed=False, until=None)
    assert office.refused("admin", command) == "FACILITY_NOT_READY"
    office.give("admin", ReopenFacilityReview(review=newest))
    assert office.refused("admin", command) == "FACILITY_NOT_READY"
    office.on(4)
    office.review()
    office.give("admin", command)


def test_a_review_lapses_after_its_last_day(office: Office) -> None:
    cohort = office.planned()
    office.review(until="2026-03-05")
    office.on(6)
    assert office.refused("admin", OpenEnrolment(cohort=cohort)) == "FACILITY_NOT_READY"
    office.on(5)
    office.give("admin", OpenEnrolment(cohort=cohort))


def test_the_own_site_needs_no_agreement_but_a_review(office: Office) -> None:
    command = office.plan(programme=office.ready_programme(), site=office.blk)
    cohort = str(office.give("admin", command)["cohort"])
    assert office.refused("admin", OpenEnrolment(cohort=cohort)) == "FACILITY_NOT_READY"


# -- running -------------------------------------------------------------------------------------------


def running(office: Office) -> str:
    cohort = office.planned()
    office.review()
    day = SessionArgument(date=date(2026, 3, 4))
    office.give_all(
        "admin",
        AssignInstructor(cohort=cohort, instructor=new_id("teacher")),
        ScheduleSessions(cohort=cohort, sessions=(day, SessionArgument(date=date(2026, 3, 6), jp=4))),
        OpenEnrolment(cohort=cohort),
        StartCohort(cohort=cohort),
    )
    return cohort


def test_an_instructor_of_the_cohort_holds_its_sessions(office: Office) -> None:
    cohort = running(office)
    office.on(5)
    hold = HoldSession(cohort=cohort, on=date(2026, 3, 4))
    assert office.refused("stranger", hold) == "ROLE_FORBIDDEN"
    assert (
        office.refused("teacher", HoldSession(cohort=cohort, on=date(2026, 3, 5))) == "SESSION_NOT_SCHEDULED"
    )
    assert office.refused("teacher", HoldSession(cohort=cohort, on=date(2026, 3, 6))) == "OCCURRED_IN_FUTURE"
    office.give("teacher", hold)
    assert office.last[-1].data == {"session": 1, "instructor": new_id("teacher")}
    assert office.last[-1].occurred_at.startswith("2026-03-04")
    assert office.refused("admin", CancelSession(cohort=cohort, date=date(2026, 3, 4))) == "VALUE_INVALID"
    office.give("admin", CancelSession(cohort=cohort, date=date(2026, 3, 6)))


def test_paper_comes_late_but_not_for_ever(office: Office) -> None:
    cohort = running(office)
    office.on(36)
    assert office.refused("teacher", HoldSession(cohort=cohort, on=date(2026, 3, 4))) == "BACKDATE_LIMIT"


def test_only_instructors_are_assigned(office: Office) -> None:
    cohort = office.planned()
    for name, code in (("issuer", "ROLE_FORBIDDEN"), ("nobody", "UNKNOWN_ID")):
        command = AssignInstructor(cohort=cohort, instructor=new_id(name))
        assert office.refused("admin", command) == code


def test_new_dates_stay_inside_the_agreement(office: Office) -> None:
    cohort = running(office)

    def reschedule(end: date) -> RescheduleCohort:
        return RescheduleCohort(cohort=cohort, start=date(2026, 3, 2), end=end)

    assert office.refused("admin", reschedule(date(2027, 1, 1))) == "AGREEMENT_NOT_IN_FORCE"
    office.give("admin", reschedule(date(2026, 12, 31)))
    assert [event.name for event in office.last] == ["session_cancelled", "session_cancelled", "rescheduled"]


def test_every_act_on_a_cohort_is_its_providers(office: Office) -> None:
    cohort = running(office)
    for command in (
        AssignInstructor(cohort=cohort, instructor=new_id("colleague")),
        ScheduleSessions(cohort=cohort, sessions=(SessionArgument(date=date(2026, 3, 9)),)),
        StartCohort(cohort=cohort),
        CancelSession(cohort=cohort, date=date(2026, 3, 4)),
        RescheduleCohort(cohort=cohort, start=date(2026, 3, 2), end=date(2026, 3, 31)),
        CancelCohort(cohort=cohort, reason="BUDGET"),
        CloseCohort(cohort=cohort),
    ):
        assert office.refused("admin elsewhere", command) == "ROLE_FORBIDDEN"
    office.give("admin", CloseCohort(cohort=cohort))


def test_the_cohorts_state_comes_before_all_else(office: Office) -> None:
    cohort = running(office)
    loaded = office.memory.find(Cohort, cohort)
    assert loaded is not None
    planned = office.planned()
    office.give("admin", AssignInstructor(cohort=planned, instructor=new_id("teacher")))
    unscheduled = HoldSession(cohort=planned, on=date(2026, 3, 5))
    assert office.refused("teacher", unscheduled) == "COHORT_STATE_INVALID"
    office.give("issuer", TerminateAgreement(agreement=str(loaded.agreement)))
    assert office.refused("admin", OpenEnrolment(cohort=cohort)) == "COHORT_STATE_INVALID"
    office.give("admin", CloseCohort(cohort=cohort))
    late = RescheduleCohort(cohort=cohort, start=date(2026, 3, 2), end=date(2027, 3, 2))
    assert office.refused("admin", late) == "COHORT_STATE_INVALID"
    assert office.refused("admin", CancelCohort(cohort=cohort, reason="WEATHER")) == "COHORT_STATE_INVALID"


def test_a_day_without_session_is_told_before_the_day_is_judged(office: Office) -> None:
    cohort = running(office)
    tomorrow = HoldSession(cohort=cohort, on=date(2026, 3, 5))
    assert office.refused("teacher", tomorrow) == "SESSION_NOT_SCHEDULED"


# -- seats ---------------------------------------------------------------------------------------------


def test_the_lowest_free_seat_is_given_until_none_is_left(office: Office) -> None:
    cohort = office.planned()  # two seats
    work = office.work("admin")
    assert free_seat(work, cohort) == 1
    work.claim("seat", f"{cohort}/1", "COHORT_FULL", "taken by this very command")
    assert free_seat(work, cohort) == 2
    office.memory.rows.add(("seat", f"{cohort}/2"))
    with pytest.raises(DomainError, match="COHORT_FULL"):
        free_seat(work, cohort)
    assert free_seat(office.work("admin"), cohort) == 1


# -- cancelling ----------------------------------------------------------------------------------------


def enrolment(
    office: Office,
    name: str,
    cohort: str,
    *,
    moved_to: str | None = None,
    seat: int | None = None,
    withdrawn: bool = False,
) -> str:
    found = office.begin(Enrolment, name)
    act = office.act("admin")
    found.apply(act, learner=new_id(f"learner {name}"), cohort=cohort)
    if seat is not None:
        found.select(act)
        found.acknowledge_notice(act, version="1")
        found.confirm(act, seat=seat)
        office.memory.rows |= {("seat", f"{cohort}/{seat}"), ("enrolment", f"{found.learner}/{cohort}")}
    if moved_to is not None:
        found.move(act, to=moved_to, seat=None)
    if withdrawn:
        found.withdraw(act, reason="HEALTH")
    office.save()
    return found.aggregate_id


def test_cancelling_closes_or_has_moved_every_enrolment(office: Office) -> None:
    cohort, other = office.planned(), office.planned()
    seated = enrolment(office, "seated", cohort, seat=1)
    moved = enrolment(office, "moved", cohort, moved_to=other)
    applied = enrolment(office, "applied", cohort)
    enrolment(office, "left", cohort, withdrawn=True)
    assert office.refused("admin", CancelCohort(cohort=cohort, reason="WEATHER")) == "REASON_CODE_INVALID"
    assert office.refused("admin", CancelCohort(cohort=cohort, reason="FELONY")) == "REASON_CODE_INVALID"
    office.give("admin", CancelCohort(cohort=cohort, reason="BUDGET"))
    data = {(event.originator_id, event.name): dict(event.data) for event in office.last}
    assert data == {
        (f"cohort/{cohort}", "cancelled"): {"reason": "BUDGET", "displaced": [moved]},
        (f"enrolment/{seated}", "closed"): {"reason": "PROGRAMME_CANCELLED"},
        (f"enrolment/{applied}", "closed"): {"reason": "PROGRAMME_CANCELLED"},
    }
    assert not [key for kind, key in office.memory.rows if kind in {"seat", "enrolment"}]
    assert office.refused("admin", CancelCohort(cohort=cohort, reason="BUDGET")) == "COHORT_STATE_INVALID"
