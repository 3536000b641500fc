"""Second cohorts, moving between cohorts and hours in short words, for tests of their rules."""

from typing import Any

from tests.audit.following import newcomer
from tests.audit.scribe import Said, a_fact, an_id
from tests.audit.village import BLK, LSP, Village, s


def elsewhere(v: Village) -> str:
    return newcomer(v, "training_admin", LSP)


def second(v: Village, *, started: bool = False, **changes: Any) -> None:
    """Another cohort that takes people, or has started."""
    v.plan("second", **changes)
    v.cohort("second", "enrolment_opened")
    if started:
        v.cohort("second", "started")


def move(v: Village, name: str, seat: int | None, who: str = "admin", to: str = "second") -> None:
    v.enrolment(name, "moved", who, to=an_id(to), seat=seat)


def newer(v: Village, name: str = "las", version: int = 2) -> None:
    """A cohort under another version of the scheme."""
    v.scheme(name, version)
    adopted = {"scheme": an_id(name), "version": version}
    v.by("admin", Said(s("programme", "welding"), "programme.scheme_adopted", adopted))
    second(v, scheme=an_id(name), version=version)


def correct(v: Village, session: int = 1, jp: int = 8, who: str = "teacher", **changes: Any) -> str:
    data = {"cohort": an_id("cohort"), "session": session, "jp": jp, "corrects": v.attended["ana", session]}
    return v.enrolment("ana", "attendance_corrected", who, **data | changes)


def credit(v: Village, unit: str = "U.1", jp: int = 8, who: str = "admin") -> None:
    v.enrolment("ana", "unit_credit_recognised", who, unit=unit, jp=jp, evidence=a_fact(unit))


def again(v: Village, name: str = "teacher") -> str:
    v.hire(f"{name} again", "instructor", BLK, same_person_as=name)
    return f"{name} again"
