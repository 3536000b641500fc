"""What an audit is asked for, and what comes out of it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from verifier.answer import Verdict as Outcome
from verifier.finding import Findings, Kind
from verifier.named import ReadLines
from verifier.policy import Policy, Verdict
from verifier.rootfile import RootFile
from verifier.rules.rulebook import Rulebook
from verifier.rules.world import Settings
from verifier.status import Statuses

DAY = 86400

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Person:
    """What one account did: acts and events, in which roles, first and last."""

    acts: int = 0
    events: int = 0
    roles: Counter[str] = field(default_factory=Counter)
    first: str = ""
    last: str = ""


@dataclass(slots=True)
class Audit:
    """The result of an audit.

    `verdict` is the checked checkpoint (None when it does not hold), `entries`, `acts` and `signatures` what
    was gone through, `people` who acted by account, `types` the events by type, `statuses` the certificates. With
    `since`, so many of the entries were trusted before, and acts, people and types are those after them.
    `predecessor` is the log that this one continues, as entry 0 names it: origin, size, root, restored.
    `rulebook` knows every matter at the end of the log; `keep` gives the state for the next audit.
    """

    findings: Findings
    now: int
    max_age: int
    verdict: Verdict | None = None
    entries: int = 0
    acts: int = 0
    signatures: int = 0
    first: str = ""
    last: str = ""
    people: dict[str, Person] = field(default_factory=dict)
    types: Counter[str] = field(default_factory=Counter)
    statuses: Statuses = field(default_factory=Statuses)
    as_was: Statuses | None = None
    moment: int | None = None
    clock: str = ""
    predecessor: dict[str, Any] | None = None
    since: int | None = None
    complete_up_to: int | None = None
    links: int = 0
    basis: int = 0
    facts: int = 0
    lists: int = 0
    humans: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    rulebook: Rulebook | None = None
    keep: Callable[[], bytes] | None = None

    def begin(self, since: int) -> None:
        """Count what was gone through from here on; the `since` entries before it were trusted."""
        self.since, self.acts, self.first, self.last = since, 0, "", ""
        self.people.clear()
        self.types.clear()

    @property
    def outcome(self) -> Outcome:
        """The verdict on the history."""
        if self.findings.has(Kind.WRONG):
            return Outcome.DOES_NOT_STAND
        return Outcome.UNKNOWN if self.findings.has(Kind.UNKNOWN) else Outcome.STANDS


@dataclass(frozen=True, slots=True)
class Request:
    """What an audit is asked for. `now` and `moment` in POSIX seconds, `max_age` in seconds.

    `moment` asks for the statuses as they then were; `jobs` is the number of processes. `since` is a signed
    checkpoint up to which the log was verified before, or the state that an audit up to there has kept; `named`
    reads the lines of named facts.
    """

    root: RootFile
    policy: Policy
    now: int
    max_age: int = DAY
    moment: int | None = None
    settings: Settings = field(default_factory=Settings)
    jobs: int = 1
    since: bytes | None = None
    named: ReadLines | None = None
