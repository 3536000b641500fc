"""Named facts that were handed to an auditor beside a bundle: do they open what the log committed to?

They come as lines that can be read twice. The first reading notes, for each fact, what the log would have to
hold and where; following the log ticks those off; the second reading tells which were not found, and gives
the names of staff. So a million facts take some tens of megabytes and are never in memory.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from verifier import facts
from verifier.errors import Error
from verifier.facts import Fact
from verifier.finding import Findings, wrong
from verifier.rules.shapes import is_fact
from verifier.seen import SeenSet

NAME = "personal.jsonl"

FACT_MALFORMED = wrong("FACT_MALFORMED", "A line of the named facts is no fact.")
FACT_WRONG = wrong(
    "FACT_WRONG", "A named fact that was handed over is not the one that the log committed to."
)
DESTROYED_DATA_KEPT = wrong(
    "DESTROYED_DATA_KEPT", "Data that the log says were destroyed were handed over: they had been kept."
)

ReadLines = Callable[[], Iterator[bytes]]


class NamedFacts:
    """The facts of a file whose lines `read` gives, from the beginning, as often as it is called."""

    def __init__(self, read: ReadLines, findings: Findings) -> None:
        self._read = read
        self._expected = SeenSet()
        self._found = SeenSet()
        for number, line in enumerate(read(), 1):
            try:
                self._expected.add(_mark(facts.parse(line)))
            except Error as error:
                findings.add(FACT_MALFORMED, f"line {number}: {error.message}", None, NAME)

    @property
    def opened(self) -> int:
        """How many opened their commitments so far."""
        return len(self._found)

    def follow(self, stream: str, version: int, data: dict[str, Any]) -> None:
        """Take an event of the log."""
        for name, value in data.items():
            if is_fact(value):
                mark = _place(stream, version, name, value["commitment"])
                if mark in self._expected:
                    self._found.add(mark)

    def finish(self, findings: Findings, destroyed: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Report what the log does not hold, or says is destroyed; return names of staff by account."""
        gone = set(destroyed)
        names: dict[str, str] = {}
        for line in self._read():
            try:
                fact = facts.parse(line)
                known = _mark(fact) in self._found
            except Error:
                continue  # was reported at the first reading
            place = f"{fact.stream}@{fact.version}"
            if not known:
                findings.add(FACT_WRONG, f"the {fact.field} of {fact.subject}", None, place)
            elif (fact.subject, fact.class_) in gone:
                findings.add(DESTROYED_DATA_KEPT, f"the {fact.class_} of {fact.subject}", None, place)
            elif fact.stream.startswith("staff/") and fact.field == "name" and type(fact.value) is str:
                names[fact.stream.removeprefix("staff/")] = fact.value
        return names


def _mark(fact: Fact) -> bytes:
    return _place(fact.stream, fact.version, fact.field, fact.commitment())


def _place(stream: str, version: int, field: str, commitment: str) -> bytes:
    return "\n".join((stream, str(version), field, commitment)).encode()
