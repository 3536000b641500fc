"""What is known of a training: the hours that stand, and who has taught whom since when."""

from typing import Any

from tests.audit.broken_privacy import merge
from tests.audit.enrolling import again, correct, credit
from tests.audit.following import followed, newcomer
from tests.audit.scribe import an_id
from tests.audit.village import BLK, Village, s
from verifier.rules.enrolment import Attended, Enrolment
from verifier.rules.learners import Learner

ANA = s("enrolment", "ana")
FIRST, SECOND = "2031-03-10", "2031-03-11"


def enrolment(go: Any) -> tuple[Enrolment, list[str]]:
    rules = followed("running", go).rules
    found = rules.world.things[ANA]
    assert isinstance(found, Enrolment)
    return found, rules.attendance.names


def test_an_attendance_is_kept_with_its_cohort_session_hours_recorder_and_entry() -> None:
    hashes: list[str] = []

    def go(v: Village) -> None:
        v.attend("budi")
        v.attend("ana", 1, jp=5, who=again(v))
        v.set_day(SECOND)
        v.attend("ana", 2)
        hashes.extend((v.attended["ana", 1], correct(v, 2, 7)))

    found, names = enrolment(go)
    one, two = found.sessions()
    assert isinstance(one, Attended)
    assert (names[one.cohort], one.session, one.jp, names[one.by]) == (
        s("cohort", "cohort"),
        1,
        5,
        an_id("teacher again"),
    )
    assert (names[two.cohort], two.session, two.jp, names[two.by]) == (
        s("cohort", "cohort"),
        2,
        7,
        an_id("teacher"),
    )
    assert [one.hash.hex(), two.hash.hex()] == [name[:32] for name in hashes]
    assert (found.jp, found.tenths) == (12, None)
    assert len(names) == len(set(names)) == 3


def test_tenths_of_a_percent_stand_once_it_is_completed() -> None:
    def go(v: Village) -> None:
        v.attend("ana", jp=5)
        credit(v, "U.2", 2)
        v.complete("ana", 7)

    found, _ = enrolment(go)
    assert (found.jp, found.total_jp, found.tenths) == (7, 16, 437)
    assert found.reached == "attended 43.7 %"


def test_a_share_is_attended_up_to_the_last_tenth_of_a_percent() -> None:
    def half(v: Village) -> None:
        v.attend("ana")
        v.complete("ana", 8)

    found, _ = enrolment(half)
    assert found.attended(50)
    assert not found.attended(51)
    open_still, _ = enrolment(lambda v: v.attend("ana"))
    assert open_still.attended(0)
    assert not open_still.attended(1)


def test_nothing_is_attended_of_a_scheme_that_is_said_to_have_no_hours() -> None:
    found, _ = enrolment(lambda v: v.complete("ana", 0, total_jp=0))
    assert found.reached == "attended 0.0 %"


def test_nothing_is_reached_before_completion() -> None:
    found, _ = enrolment(lambda v: v.attend("ana"))
    assert found.reached == "not completed"


# -- who has taught ----------------------------------------------------------------------------------------------------


def taught(go: Any, since: str = "", name: str = "ana") -> set[str]:
    rules = followed("running", go).rules
    learner = rules.world.things[s("learner", name)]
    assert isinstance(learner, Learner)
    return rules.attendance.taught(learner, since)


def names(*people: str) -> set[str]:
    return {an_id(name) for name in people}


def test_nobody_taught_who_attended_nothing() -> None:
    def go(v: Village) -> None:
        v.attend("ana", jp=0)
        v.attend("budi")

    assert taught(go) == set()
    assert taught(go, name="budi") == names("teacher")


def test_all_instructors_of_the_cohort_taught_and_who_held_or_recorded_it() -> None:
    def go(v: Village) -> None:
        v.cohort("cohort", "instructor_assigned", instructor=an_id("second teacher"))
        stranger = newcomer(v, "instructor", BLK)
        v.cohort("cohort", "session_held", stranger, session=1, instructor=an_id(stranger))
        v.attend("ana", who=again(v))

    assert taught(go) == names("teacher", "second teacher", f"instructor of {BLK}", "teacher again")


def test_teaching_counts_from_a_day_on() -> None:
    def go(v: Village) -> None:
        v.set_day(SECOND)
        v.attend("ana", 1)
        v.attend("ana", 2, who=again(v))

    assert taught(go, FIRST) == names("teacher", "teacher again")
    assert taught(go, SECOND) == names("teacher", "teacher again")
    assert taught(go, "2031-03-12") == set()


def test_only_the_sessions_that_were_attended_since_are_looked_at() -> None:
    def go(v: Village) -> None:
        stranger = newcomer(v, "instructor", BLK)
        v.cohort("cohort", "session_held", stranger, session=1, instructor=an_id(stranger))
        v.set_day(SECOND)
        v.attend("ana", 1, who=again(v))
        v.attend("ana", 2)

    assert taught(go, SECOND) == names("teacher")


def test_who_taught_a_person_under_a_former_entry_or_in_another_cohort_taught_the_person() -> None:
    def go(v: Village) -> None:
        v.attend("budi")
        v.plan("second", start=FIRST)
        v.cohort("second", "instructor_assigned", instructor=an_id("second teacher"))
        v.sessions("second")
        v.cohort("second", "enrolment_opened")
        v.apply("ana", "second", enrolment="x")
        v.seat("x", 1)
        v.cohort("second", "started")
        v.attend("x")
        merge(v, "budi", "ana")

    assert taught(go) == taught(go, name="budi") == names("teacher", "second teacher")
