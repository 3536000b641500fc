"""What acts refer to: people and things of the file, and what earlier steps made of them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Collection
from datetime import date
from typing import NoReturn

from ledger.programme.act import Act
from ledger.programme.cast import Cast
from ledger.programme.ids import known_ids
from ledger.programme.problems import VALUE_INVALID, Problem, ProgrammeFileError
from ledger.programme.reading import Programme
from ledger.programme.state import Attempt, Course, Person
from ledger.programme.step import reference

NOBODY = "00000000-0000-4000-8000-000000000000"
"""The id of nothing: what a test that expects UNKNOWN_ID names."""

SPARE_BLANKS = 20

_MEMBER = {
    "organisation": "organisation",
    "staff": "staff",
    "person": "learner",
    "programme": "programme",
    "agreement": "agreement",
    "cohort": "cohort",
    "review": "review",
    "scheme": "scheme",
}
_LABEL = {"organisation": "org", "person": "learner"}


class Blanks:
    """Blank forms, whose serials the outside world gives: seven digits, none that the file names but by a step."""

    def __init__(self, draw: random.Random, named: Collection[str], by_steps: Collection[str]) -> None:
        self._next = draw.randrange(1_000_000, 9_000_000)
        self._named = named
        self._free: str | None = None
        self.received = list(by_steps)

    def free(self, *, use: bool) -> str:
        """A form in stock; ``use`` takes it."""
        if self._free is None:
            while (serial := f"{self._next:07d}") in self._named:
                self._next += 1
            self._next += 1
            self._free = serial
            self.received.append(serial)
        serial = self._free
        if use:
            self._free = None
        return serial

    def stock(self) -> list[str]:
        """Every form that must be received, and some to spare."""
        for _ in range(SPARE_BLANKS):
            self.free(use=True)
        return self.received


class Things:
    """The file with its people, cohorts and what is known of them on the day that is planned."""

    def __init__(self, programme: Programme, people: dict[str, Person], courses: dict[str, Course]) -> None:
        self.programme = programme
        self.file = programme.file
        self.cast = Cast(programme)
        self.people = people
        self.courses = courses
        self.day = date.min
        self.draw = random.Random(programme.digest)  # noqa: S311 - the order must come again for the same file
        steps = [
            str(step.args["blanko_serial"])
            for learner in self.file.learners
            for step in learner.steps
            if "blanko_serial" in step.args
        ]
        tests = [
            str(test.args["blanko_serial"])
            for test in self.file.negative_tests
            if "blanko_serial" in test.args
        ]
        self.blanks = Blanks(self.draw, {*steps, *tests}, dict.fromkeys(steps))
        self._ids = known_ids(self.file)
        self._schemes = [programme.scheme for programme in self.file.programmes]
        self._counts: dict[str, int] = {}

    def ref(self, kind: str, name: str) -> str:
        """The reference to an organisation, member of staff, person, programme … of the file (a kind of ``ids``)."""
        if name not in self._ids[kind]:
            return NOBODY
        if kind == "scheme":
            name = f"{name}:{min(each.version for each in self._schemes if each.scheme_id == name)}"
        return reference(f"{_LABEL.get(kind, kind)}:{name}", _MEMBER[kind])

    def refs(self, kind: str, names: list[str]) -> list[str]:
        """The references to several."""
        return [self.ref(kind, name) for name in names]

    def kind_of(self, name: str) -> str | None:
        """What an id of the file names."""
        return next((kind for kind in _MEMBER if name in self._ids[kind]), None)

    def enrolment(self, act: Act) -> str:
        """The reference to the person's enrolment."""
        person = self.person(act)
        if not person.stage or person.stage == "registered":
            return self.nothing(act, "the person has no enrolment")
        return reference(f"enrolment:{person.id}", "enrolment")

    def attempt(self, act: Act) -> Attempt:
        """The person's newest assessment."""
        person = self.person(act)
        if person.attempt is None:
            self.refuse(act, "the person has not been admitted to an assessment by that day")
        return person.attempt

    def assessment(self, act: Act) -> str:
        """The reference to it."""
        person = self.person(act)
        if person.attempt is None:
            return self.nothing(act, "the person has not been admitted to an assessment by that day")
        return reference(person.attempt.label, "assessment")

    def appeal(self, act: Act) -> str:
        """The reference to the person's newest appeal."""
        person = self.person(act)
        if not person.appeals:
            return self.nothing(act, "the person has filed no appeal by that day")
        return reference(person.appeals[-1].label, "appeal")

    def request(self, act: Act) -> str:
        """The reference to the person's newest subject request."""
        person = self.person(act)
        if not person.requests:
            return self.nothing(act, "no subject request of this person was received by that day")
        return reference(person.requests[-1].label, "subject_request")

    def certificate(self, act: Act, kind: str, nth: int | None = None, *, member: str = "certificate") -> str:
        """The reference to the person's newest certificate of a kind, or the nth."""
        return self.certificate_of(act, self.person(act), kind, nth, member=member)

    def certificate_of(
        self, act: Act, person: Person, kind: str, nth: int | None = None, *, member: str = "certificate"
    ) -> str:
        """The same, of another person."""
        count = person.certificates.get(kind, 0)
        if not count or (nth or 1) > count:
            return self.nothing(
                act, f"{person.id} has no {kind} certificate{f' {nth}' if nth else ''} by that day"
            )
        return reference(f"cert:{person.id}:{kind}:{nth or count}", member)

    def person(self, act: Act) -> Person:
        """The person whom the act is about."""
        if act.person is None:
            self.refuse(act, "the arguments name no person")
        return act.person

    def involved(self, person: Person) -> set[str]:
        """The humans who assessed the person, or teach the cohort."""
        course = self.course_of(person)
        teachers = (course.cohort.instructors or []) if course else []
        return self.cast.humans([*teachers, *(attempt.assessor for attempt in person.attempts)])

    def course_of(self, person: Person | None) -> Course | None:
        """The cohort in which the person is now."""
        return self.courses.get(person.cohort or "") if person else None

    def course(self, act: Act) -> Course:
        """The cohort that the act is about."""
        if act.course is None:
            self.refuse(act, "neither a cohort nor a person in one is named")
        return act.course

    def label(self, kind: str, name: str) -> str:
        """A fresh label for another thing of a kind that a name has several of."""
        key = f"{kind}:{name}"
        self._counts[key] = self._counts.get(key, 0) + 1
        return f"{key}:{self._counts[key]}"

    def document(self, *parts: str) -> str:
        """The SHA-256 of a document that the outside world would hold."""
        return hashlib.sha256(
            b"\0".join((self.programme.digest, *(part.encode() for part in parts)))
        ).hexdigest()

    # -- refusing ----------------------------------------------------------------------------------------

    def nothing(self, act: Act, rule: str) -> str:
        """The id of nothing for a test that asks for what is not there; an error of the file for a step."""
        if act.trial is None:
            self.refuse(act, rule)
        return NOBODY

    def refuse(self, act: Act, rule: str) -> NoReturn:
        """ProgrammeFileError: the act cannot be planned."""
        raise ProgrammeFileError(
            self.programme.name, [Problem(VALUE_INVALID, act.place, f"{act.command} on {self.day}: {rule}")]
        )
