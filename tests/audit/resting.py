"""As `following`, for histories that go on to certificates: with the links beside the log, and the log's end.

What is told at the end of the log stands after what is told of the last act, as if it were of that act.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from tests.audit.following import Case, Cases, Follower, Go, followed
from tests.audit.village import Village
from verifier.bundle import Bundle
from verifier.finding import Findings
from verifier.links import Links
from verifier.rules.rulebook import Rulebook
from verifier.rules.world import Settings

DEFAULTS = Settings()


class _Handed:
    """The lines of a bundle's only file."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines

    def lines(self, _name: str) -> Iterator[tuple[int, bytes]]:
        yield from enumerate(self._lines)

    def line_at(self, _name: str, number: int) -> bytes:
        return self._lines[number]


class Rested(Follower):
    """A follower with the links that were handed over; a village without any has handed none over."""

    def __init__(self, v: Village, settings: Settings = DEFAULTS) -> None:
        super().__init__(v)
        handed = cast("Bundle", _Handed(v.links)) if v.links else None
        self.links = Links(handed, Findings())
        self.rules = Rulebook(settings, self.authority, self.links, self._tell)


def rested(begun: str, go: Go, settings: Settings = DEFAULTS) -> Rested:
    """The rules at the end of a log that is a beginning and what follows it."""
    found = followed(begun, go, lambda v: Rested(v, settings))
    assert isinstance(found, Rested)
    found.rules.finish()
    return found


@dataclass(frozen=True)
class RestedCase(Case):
    """A case with its links and its end."""

    def followed(self) -> Follower:
        return rested(self.stage, self.go)


class RestedCases(Cases):
    """The cases of a test file that are looked at to the log's end."""

    kind = RestedCase
