"""One act of a programme file: a command given to one subject, by the ordinary way, a step or a negative test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from ledger.programme.arguments import Args
from ledger.programme.persons import NegativeTest
from ledger.programme.state import Course, Person
from ledger.programme.step import literal

SUBJECT = ("person", "cohort", "kind", "programme", "scheme", "nik")
"""The arguments that say whom and what an act is about."""

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
            subject |= {"person": self.person.id, "nik": self.person.private.nik or ""}
        if self.course is not None:
            subject["cohort"] = self.course.id
        return subject


def plain(value: Any) -> Any:
    """A value of the file as an argument: days as text, no text taken for a reference."""
    return literal(value.isoformat() if isinstance(value, date) else value)
