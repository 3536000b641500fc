"""The planner: writes steps day by day, and puts each negative test where it belongs.

An act is one command of the file, given to one subject: of the ordinary way, of a step or of a negative test. Its
way (``ways``) turns it into commands of the ledger. A test marked ``before`` is given when the act comes up that
it tries to forestall, after what prepares that act; the others at the end of their day.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo

from ledger.domain.roles import Role
from ledger.programme.arguments import ARGUMENTS, Args
from ledger.programme.cast import Cast
from ledger.programme.problems import VALUE_INVALID, Problem, ProgrammeFileError
from ledger.programme.reading import Programme
from ledger.programme.references import known_ids
from ledger.programme.schema import FileStep, Learner, NegativeTest, Private
from ledger.programme.state import Attempt, Course, Person
from ledger.programme.step import Step, literal, reference

DAY_BEGINS = time(9)
DAY_LASTS = timedelta(hours=14)
APART = timedelta(seconds=7)
NOBODY = "00000000-0000-4000-8000-000000000000"
"""The id of nothing: what a test that expects UNKNOWN_ID names."""

MEMBER = {
    "organisation": "organisation",
    "staff": "staff",
    "person": "learner",
    "programme": "programme",
    "agreement": "agreement",
    "cohort": "cohort",
}
LABEL = {"organisation": "org", "person": "learner"}

A = TypeVar("A", bound=Args)


@dataclass(slots=True)
class Act:
    """One command of the file. ``args`` is its arguments' model, or None where it takes the ledger's own."""

    command: str
    by: str
    args: Args | None
    place: str
    person: Person | None = None
    course: Course | None = None
    trial: NegativeTest | None = None
    raw: Mapping[str, Any] | None = None
    forestalled: bool = False

    def as_(self, model: type[A]) -> A:
        """The arguments as this model."""
        if not isinstance(self.args, model):
            raise TypeError(self.command)
        return self.args

    @property
    def subject(self) -> dict[str, str]:
        """Whom and what it is about, as a test that would forestall it names that."""
        named = {} if self.args is None else self.args.model_dump(by_alias=True)
        subject = {key: str(named[key]) for key in ("kind", "programme", "scheme") if named.get(key)}
        if self.person is not None:
            subject["person"] = self.person.id
        if self.course is not None:
            subject["cohort"] = self.course.id
        return subject


Way = Callable[["Planner", Act], None]
WAYS: dict[str, Way] = {}


def way(*commands: str) -> Callable[[Way], Way]:
    """Register the way of these commands of the file."""

    def register(function: Way) -> Way:
        WAYS.update(dict.fromkeys(commands, function))
        return function

    return register


class Planner:
    """Writes the steps of one file. ``steps`` are those of finished days; a day is finished by ``close_day``."""

    def __init__(self, programme: Programme, people: dict[str, Person], courses: dict[str, Course]) -> None:
        self.programme = programme
        self.file = programme.file
        self.cast = Cast(programme)
        self.people = people
        self.courses = courses
        self.zone = ZoneInfo(self.file.time_zone)
        self.draw = random.Random(programme.digest)  # noqa: S311 - the order must come again for the same file
        self.steps: list[Step] = []
        self.day = date.min
        self._ids = known_ids(self.file)
        self._today: list[Step] = []
        self._waiting: list[NegativeTest] = []
        self._counts: dict[str, int] = {}
        self._serial = self.draw.randrange(1_000_000, 9_000_000)
        self._named_serials = {
            str(act.args["blanko_serial"])
            for act in (
                *self.file.negative_tests,
                *(step for each in self.file.learners for step in each.steps),
            )
            if "blanko_serial" in act.args
        }
        self.serials: list[str] = []
        self._free_serial: str | None = None

    # -- days --------------------------------------------------------------------------------------------

    def open_day(self, day: date, before: list[NegativeTest]) -> None:
        """Begin a day, with the tests that wait for the act that they would forestall."""
        self.day = day
        self._waiting = list(before)

    def close_day(self, *, first: time = DAY_BEGINS) -> None:
        """Give each step of the day its moment, in order."""
        begin = datetime.combine(self.day, first, self.zone)
        apart = min(APART, DAY_LASTS / max(len(self._today), 1))
        self.steps += [
            replace(step, at=_second(begin + apart * place)) for place, step in enumerate(self._today)
        ]
        self._today = []

    def waiting(self) -> list[NegativeTest]:
        """The tests whose act did not come up today."""
        waiting, self._waiting = self._waiting, []
        return waiting

    # -- giving ------------------------------------------------------------------------------------------

    def give(
        self,
        by: str,
        command: str,
        args: Mapping[str, Any],
        *,
        place: str,
        as_: str | None = None,
        role: Role | None = None,
    ) -> None:
        """Write a step that must be recorded."""
        held = str(role) if role is not None and self.cast.holds(by, role) else None
        self._today.append(Step(by, command, args, role=held, as_=as_, place=place))

    def main(
        self,
        act: Act,
        command: str,
        args: Mapping[str, Any],
        *,
        by: str | None = None,
        as_: str | None = None,
        role: Role | None = None,
    ) -> None:
        """Write a command that the act itself is, after the tests that would forestall it."""
        if act.trial is None:
            if not act.forestalled:
                act.forestalled = True
                self.forestall(act)
            self.give(by or act.by, command, args, place=act.place, as_=as_, role=role)
            return
        self.give(by or act.by, command, args, place=act.place, as_=as_, role=role)
        self._today[-1] = replace(
            self._today[-1],
            id=act.trial.id,
            expect=act.trial.expect_error,
            production=act.trial.args.get("environment") == "production",
        )

    def forestall(self, act: Act, which: Callable[[NegativeTest], bool] = lambda _: True) -> None:
        """Give the waiting tests that come just before this act."""
        subject = act.subject
        for test in list(self._waiting):
            named = {
                key: test.args[key]
                for key in ("person", "cohort", "kind", "programme", "scheme")
                if key in test.args
            }
            if (
                test.command == act.command
                and which(test)
                and all(subject.get(key, value) == value for key, value in named.items())
            ):
                self._waiting.remove(test)
                self.try_(test)

    def try_(self, test: NegativeTest) -> None:
        """Give a negative test now."""
        index = self.file.negative_tests.index(test)
        act = self.act(test, self.programme.place("negative_tests", index), trial=test)
        first = len(self._today)
        self.take(act)
        mine = [place for place in range(first, len(self._today)) if self._today[place].id == test.id]
        for place in mine[:-1]:
            self._today[place] = replace(self._today[place], may_pass=True)

    def act(
        self,
        given: FileStep | NegativeTest,
        place: str,
        *,
        person: Person | None = None,
        trial: NegativeTest | None = None,
    ) -> Act:
        """An act of the file."""
        model = ARGUMENTS.get(given.command)
        args = None if model is None else model.model_validate(given.args)
        named = given.args.get("person")
        if named is not None:
            person = self.people.get(str(named))
        course = self.courses.get(str(given.args.get("cohort"))) or self.course_of(person)
        return Act(given.command, given.by, args, place, person, course, trial, given.args)

    def take(self, act: Act) -> None:
        """Go an act's way; one without a way of its own is the ledger's command as it stands."""
        WAYS.get(act.command, WAYS["*"])(self, act)

    def ordinary(
        self, command: str, by: str, person: Person | None = None, course: Course | None = None, **args: Any
    ) -> None:
        """An act of the ordinary way."""
        place = person.place if person else course.place if course else ""
        model = ARGUMENTS[command]
        self.take(
            Act(command, by, model.model_validate(args), place, person, course or self.course_of(person))
        )

    # -- things ------------------------------------------------------------------------------------------

    def ref(self, kind: str, name: str) -> str:
        """The reference to an organisation, member of staff, person, programme, agreement or cohort of the file."""
        if name not in self._ids[kind]:
            return NOBODY
        return reference(f"{LABEL.get(kind, kind)}:{name}", MEMBER[kind])

    def refs(self, kind: str, names: list[str]) -> list[str]:
        """The references to several."""
        return [self.ref(kind, name) for name in names]

    def kind_of(self, name: str) -> str | None:
        """What an id of the file names."""
        return next((kind for kind in MEMBER if name in self._ids[kind]), None)

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

    def serial(self, *, use: bool) -> str:
        """A blank form in stock, none that the file names; ``use`` takes it."""
        if self._free_serial is None:
            while (serial := f"{self._serial:07d}") in self._named_serials:
                self._serial += 1
            self._serial += 1
            self._free_serial = serial
            self.serials.append(serial)
        serial = self._free_serial
        if use:
            self._free_serial = None
        return serial

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


def plain(value: Any) -> Any:
    """A value of the file as an argument: days as text, no text taken for a reference."""
    return literal(value.isoformat() if isinstance(value, date) else value)


def particulars(planner: Planner, private: Private, *, name: str | None = None) -> dict[str, Any]:
    """The arguments that register a person; what is not known is left out."""
    fields = {
        "full_name": name or private.registered_name,
        "sex": private.sex,
        "birth_date": private.birth_date,
        "birth_place": private.birth_place,
        "last_education": private.last_education,
        "nationality": private.nationality,
        "passport": private.passport,
        "alt_identity": private.alt_identity,
        "photo_ref": private.photo_ref,
        "nik_status": private.nik_status,
        "register_no": private.register_no,
        "nik": private.nik,
    }
    args = {key: plain(value) for key, value in fields.items() if value is not None}
    if private.facility_org_id is not None:
        args["facility"] = planner.ref("organisation", private.facility_org_id)
    return args


def is_learner(person: Person) -> bool:
    """Whether the person goes the whole way."""
    return isinstance(person.entry, Learner)


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
