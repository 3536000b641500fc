"""An attempt at an assessment with its results, and the decision on it, as the rules see them."""

from verifier.event import Event
from verifier.rules.certificate import Certified
from verifier.rules.enrolment import Enrolment
from verifier.rules.learners import Learner
from verifier.rules.world import Thing

_RESULTS: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
UNITS: dict[tuple[str, ...], tuple[str, ...]] = {}


class Decision:
    """A certification decision: its payload's hash, the results by unit, whether they earn the award.

    And its day's time.
    """

    __slots__ = ("appealed", "award", "digest", "recorded_at", "results")

    def __init__(self, event: Event) -> None:
        self.digest = event.digest
        # Most decisions are alike: one object for all equal ones.
        results: dict[str, str] = event.data["results"]
        self.results = _RESULTS.setdefault(tuple(results.items()), results)
        self.award: bool = event.data["award"]
        self.recorded_at = event.recorded_at
        self.appealed = False


class Assessment(Thing):
    """One attempt. `results` maps a unit to (result, the entry's payload hash, empty when carried).

    `assessors` are all ever assigned, `involved` all who acted, were assigned or decided.
    """

    __slots__ = (
        "absent",
        "after_appeal",
        "assessor",
        "assessors",
        "attempt",
        "certified",
        "conflicted",
        "decision",
        "enrolment",
        "evidence",
        "involved",
        "learner",
        "next",
        "ordered",
        "previous",
        "renews",
        "results",
        "scheme",
        "units",
        "version",
    )

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.learner: Learner | None = None
        self.enrolment: Enrolment | None = None
        self.previous: Assessment | None = None
        self.next = False
        self.scheme = ""
        self.version = 0
        self.attempt = 0
        self.renews = False
        self.units: tuple[str, ...] = ()
        self.results: dict[str, tuple[str, bytes]] = {}
        self.evidence = 0
        self.assessor: str | None = None
        self.assessors: tuple[str, ...] = ()
        self.conflicted: tuple[str, ...] = ()
        self.involved: tuple[str, ...] = ()
        self.decision: Decision | None = None
        self.absent = False
        self.ordered: tuple[str, ...] = ()
        self.after_appeal = False
        self.certified: Certified = ()

    @property
    def standing(self) -> dict[str, str]:
        """The results as they stand."""
        return {unit: result for unit, (result, _) in self.results.items()}

    def to_reassess(self) -> tuple[str, ...]:
        """Return the units that a next attempt is about."""
        if self.absent:
            return self.units
        return self.ordered or tuple(unit for unit, result in self.standing.items() if result == "BK")

    def involve(self, *accounts: str) -> None:
        """Remember who had a part in it."""
        self.involved = tuple(dict.fromkeys((*self.involved, *accounts)))
