"""The planner: writes steps day by day, and puts each negative test where it belongs.

An act is one command of the file, given to one subject: of the ordinary way, of a step or of a negative test. Its
way (``ways``) turns it into commands of the ledger. A test marked ``before`` is given when the act comes up that
it tries to forestall, after what prepares that act; the others at the end of their day.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ledger.domain.roles import Role
from ledger.programme.act import SUBJECT, Act
from ledger.programme.persons import ExtraPerson, FileStep, NegativeTest, Private
from ledger.programme.reading import Programme
from ledger.programme.state import Course, Person
from ledger.programme.step import Step
from ledger.programme.things import Things
from ledger.programme.vocabulary import ARGUMENTS

DAY_BEGINS = time(9)
DAY_LASTS = timedelta(hours=14)
APART = timedelta(seconds=7)

Way = Callable[["Planner", Act], None]


class Planner(Things):
    """Writes the steps of one file. ``steps`` are those of finished days; a day is finished by ``close_day``.

    ``ways`` are the ways of the file's commands, ``any_other`` that of every other command of the ledger.
    """

    def __init__(
        self,
        programme: Programme,
        people: dict[str, Person],
        courses: dict[str, Course],
        ways: Mapping[str, Way],
        any_other: Way,
    ) -> None:
        super().__init__(programme, people, courses)
        self.zone = ZoneInfo(self.file.time_zone)
        self.steps: list[Step] = []
        self._ways = ways
        self._any_other = any_other
        self._today: list[Step] = []
        self._given: list[tuple[FileStep, str, Person]] = []
        self._waiting: list[NegativeTest] = []

    # -- days --------------------------------------------------------------------------------------------

    def open_day(
        self,
        day: date,
        steps: Sequence[tuple[FileStep, str, Person]] = (),
        before: Sequence[NegativeTest] = (),
    ) -> None:
        """Begin a day, with its steps (and their places) and the tests that wait for what they would forestall."""
        self.day = day
        self._given = list(steps)
        self._waiting = list(before)

    def take_steps(self, which: Callable[[FileStep, Person], bool] = lambda _step, _person: True) -> None:
        """Take the day's steps, or those of them that are due before the others."""
        for item in [each for each in self._given if which(each[0], each[2])]:
            self._given.remove(item)
            step, place, person = item
            self.take(self.act(step, place, person=person))

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
            self.forestall(act, {command} if act.forestalled else {command, act.command})
            act.forestalled = True
            self.give(by or act.by, command, args, place=act.place, as_=as_, role=role)
            return
        self.give(by or act.by, command, args, place=act.place, as_=as_, role=role)
        self._today[-1] = replace(
            self._today[-1],
            id=act.trial.id,
            expect=act.trial.expect_error,
            production=act.trial.args.get("environment") == "production",
        )

    def forestall(
        self,
        act: Act,
        commands: Collection[str] = (),
        which: Callable[[NegativeTest], bool] = lambda _: True,
    ) -> None:
        """Give the waiting tests that come just before this act, under its own name or one of ``commands``."""
        subject, names = act.subject, commands or {act.command}
        for test in list(self._waiting):
            named = {key: test.args[key] for key in SUBJECT if key in test.args}
            if (
                test.command in names
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
            person = self.people.get(str(named)) or _stranger(str(named))
        course = self.courses.get(str(given.args.get("cohort"))) or self.course_of(person)
        return Act(given.command, given.by, args, place, person, course, trial, given.args)

    def take(self, act: Act) -> None:
        """Go an act's way; one without a way of its own is the ledger's command as it stands."""
        self._ways.get(act.command, self._any_other)(self, act)

    def ordinary(
        self, command: str, by: str, person: Person | None = None, course: Course | None = None, **args: Any
    ) -> None:
        """An act of the ordinary way."""
        place = person.place if person else course.place if course else ""
        model = ARGUMENTS[command]
        self.take(
            Act(command, by, model.model_validate(args), place, person, course or self.course_of(person))
        )


def _stranger(name: str) -> Person:
    """Whom a test names that expects UNKNOWN_ID."""
    return Person(ExtraPerson(person_id=name, private=Private(full_name=name)), "", None, "")


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
