"""Small histories that go on from a sound beginning, and what the rules of the domain tell of them.

    @case("running", "COHORT_FULL")
    def a_seat_given_twice(v: Village) -> None:
        v.seat("citra", 1)

The acts go through the rules one by one, into no bundle: signatures and places in the tree are looked at elsewhere,
so that hundreds of these take seconds. What a case lists is all that is told, in its order, and of its last act
unless `@n` says how many acts before; with nothing listed everything is right. After a colon stands the message.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from tests.audit.broken import stage
from tests.audit.scribe import Pen
from tests.audit.village import Village
from verifier.authority import Authority
from verifier.entry import parse_entry
from verifier.event import Event
from verifier.finding import Findings, Rule
from verifier.links import Links
from verifier.rules.rulebook import Rulebook
from verifier.rules.world import Settings

Go = Callable[[Village], object]


def _events(entries: list[bytes], first: int) -> list[list[Event]]:
    """The acts of these entries, which begin at a place of the log."""
    events = [Event.of_entry(parse_entry(data)) for data in entries]
    acts = [list(act) for _, act in groupby(events, key=lambda event: event.command)]
    for index, event in enumerate(events, first):
        event.index = index
    return acts


@cache
def _beginning(name: str) -> list[list[Event]]:
    return _events(stage(name).entries, 0)


class Follower:
    """The rules at the end of a village's history. `told` is what they tell of the acts that were followed."""

    def __init__(self, v: Village) -> None:
        self.told: list[tuple[int, str, str]] = []
        self.acts = 0
        self.authority = Authority(v.root)
        self.rules = Rulebook(Settings(), self.authority, Links(None, Findings()), self._tell)

    def _tell(self, rule: Rule, message: str) -> None:
        self.told.append((self.acts, rule.code, message))

    def follow(self, acts: list[list[Event]]) -> None:
        for act in acts:
            self.acts += 1
            self.rules.begin()
            for event in act:
                event.human = self.authority.human(event.actor)
                event.first = act[0].index
                self.rules.follow(event)
            self.rules.end()


def followed(begun: str, go: Go, make: Callable[[Village], Follower] = Follower) -> Follower:
    """The rules after a beginning and what follows it; nothing that was told of the beginning."""
    v = stage(begun)
    before = len(v.entries)
    go(v)
    follower = make(v)
    follower.follow(_beginning(begun))
    follower.told.clear()
    follower.follow(_events(v.entries[before:], before))
    return follower


@dataclass(frozen=True)
class Case:
    """`go` goes on from a stage; `told` is what must be told of it."""

    stage: str
    go: Go
    told: tuple[str, ...]

    def __str__(self) -> str:
        code = self.told[0].split(":")[0].split("@")[0] if self.told else "right"
        return f"{code}-{self.go.__name__}"

    def followed(self) -> Follower:
        return followed(self.stage, self.go)

    def check(self) -> None:
        found = self.followed()
        said = []
        for number, (act, code, message) in enumerate(found.told):
            wanted = self.told[number] if number < len(self.told) else ""
            name = code if act == found.acts else f"{code}@{found.acts - act}"
            said.append(f"{name}: {message}" if ": " in wanted else name)
        assert said == list(self.told), found.told


class Cases(list[Case]):
    """The cases of a test file, filled by its functions."""

    kind = Case

    def __call__(self, begun: str, *told: str) -> Callable[[Go], Go]:
        def mark(go: Go) -> Go:
            self.append(self.kind(begun, go, told))
            return go

        return mark


def newcomer(v: Village, role: str, org: str | None) -> str:
    """Somebody of another organisation, in a role of theirs; whether they hold it is not looked at here."""
    name = f"{role} of {org}"
    v.people[name] = (role, org)
    v.pens[name] = Pen(name)
    return name


def westward(v: Village) -> None:
    """An organisation whose days begin an hour later than all others', at 17:00 UTC."""
    v.organisation("west", "training_provider", zone="Asia/Jakarta")
