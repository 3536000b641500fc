"""One step of a file: a command that one person gives at one moment. The demo and ``certledger run`` share it.

Strings in arguments that begin with ``$`` are references to earlier results: ``$learner:P1.learner`` is the
member ``learner`` of the result remembered as ``learner:P1`` (the last dot divides). ``$$`` stands for one
``$``. Nothing here gives a command or knows the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ENROL_KEY = "@enrol-key"
"""Not a command: its runner makes a key for the account ``args["account"]`` (staff id ``args["staff"]``, a
reference) and enrols it by RequestKeyEnrolment of ``by`` and EnrolKey of the account ``args["approved_by"]``."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command and who gives it.

    ``by`` is the account's username. ``role`` and ``org`` are None where the account's only fitting role is
    meant. ``at`` is where a simulated clock is set (aware). ``as_`` is the label under which the result is
    remembered.

    ``expect`` is the code with which the step must be refused, and ``id`` then the test's. Where one test is
    several commands they share both; ``may_pass`` says that a later one may bring the refusal, and once it
    came the rest are left out. ``production`` asks for the decision of a ledger in production.

    ``place`` is where in the file the step comes from, for messages.
    """

    by: str
    command: str
    args: Mapping[str, Any] = field(default_factory=dict)
    role: str | None = None
    org: str | None = None
    at: datetime | None = None
    as_: str | None = None
    expect: str | None = None
    id: str | None = None
    may_pass: bool = False
    production: bool = False
    place: str | None = None


def literal(value: Any) -> Any:
    """``value`` such that no string in it is taken for a reference."""
    if isinstance(value, str) and value.startswith("$"):
        return "$" + value
    if isinstance(value, Mapping):
        return {name: literal(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [literal(item) for item in value]
    return value


def is_reference(value: object) -> bool:
    """Whether this argument refers to an earlier result."""
    return isinstance(value, str) and value.startswith("$") and not value.startswith("$$")


def reference(label: str, member: str) -> str:
    """The argument that stands for ``member`` of the result remembered as ``label``."""
    return f"${label}.{member}"


def references(value: Any) -> Iterator[tuple[str, str]]:
    """Every (label, member) that ``value`` refers to."""
    if isinstance(value, str) and is_reference(value):
        label, _, member = value[1:].rpartition(".")
        yield label, member
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from references(item)
