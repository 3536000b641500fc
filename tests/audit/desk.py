"""The rules of authority at a place of the log: what a village writes goes through them act by act, into no bundle.

`read` tells what was told of the acts since; accounts, keys and organisations are looked at as they stand.
"""

from typing import Any, TypeVar

from tests.audit.auditing import LOG_KEY
from tests.audit.scribe import Pen, Said, an_id
from tests.audit.village import Village, s
from verifier.authority import Account, Authority
from verifier.entry import parse_entry
from verifier.event import Event
from verifier.finding import Findings, Rule
from verifier.links import Links
from verifier.rules.rulebook import Rulebook
from verifier.rules.world import Settings, Thing

T = TypeVar("T", bound=Thing)


class Desk:
    """A village of two founders and those that a test hires, and the rules that look at it."""

    def __init__(self) -> None:
        self.v = Village("admin")
        self.told: list[tuple[str, str]] = []
        self.authority = Authority(self.v.root)
        self.rulebook = Rulebook(Settings(), self.authority, Links(None, Findings()), self.tell)
        self.custody, self.organisations = self.rulebook.custody, self.rulebook.organisations
        self.ledger, self.world = self.rulebook.ledger, self.rulebook.world
        self._seen = 0

    def tell(self, rule: Rule, message: str) -> None:
        self.told.append((rule.code, message))

    def events(self) -> list[Event]:
        """The events that were not read yet; each is an act of its own here."""
        found = []
        for index in range(self._seen, len(self.v.entries)):
            event = Event.of_entry(parse_entry(self.v.entries[index]))
            event.index = event.first = index
            found.append(event)
        self._seen = len(self.v.entries)
        return found

    def read(self) -> list[str]:
        """Follow what was written since; return the codes of what the rules tell of it."""
        self.told = []
        for event in self.events():
            event.human = self.authority.human(event.actor)
            self.rulebook.begin()
            self.rulebook.follow(event)
            self.rulebook.end()
        return [code for code, _ in self.told]

    def messages(self) -> list[str]:
        """What was told of the acts that were read last, in words."""
        return [message for _, message in self.told]

    def found(self) -> "Desk":
        """Both founders' entries and one organisation, of which nothing is told."""
        self.v.found(LOG_KEY)
        self.v.organisation("blk", "training_provider")
        assert not self.read()
        return self

    def thing(self, kind: type[T], aggregate: str, name: str) -> T:
        found = self.world.things[s(aggregate, name)]
        assert isinstance(found, kind)
        return found

    def account(self, name: str) -> Account:
        return self.authority.accounts[an_id(name)]

    def says(self, who: str, aggregate: str, name: str, event: str, /, **data: Any) -> None:
        self.v.by(who, self.said(aggregate, name, event, **data))

    @staticmethod
    def said(aggregate: str, name: str, event: str, /, **data: Any) -> Said:
        return Said(s(aggregate, name), f"{aggregate}.{event}", data)

    def by_two(
        self,
        aggregate: str,
        name: str,
        asked: str,
        done: str,
        /,
        *,
        first: str = "one",
        second: str = "two",
        **data: Any,
    ) -> None:
        """An act of two custodians."""
        request = self.v.ask(first, s(aggregate, name), f"{aggregate}.{asked}", data)
        self.says(second, aggregate, name, done, **data, request=request)

    def issuer_key(self, name: str, pen: Pen | None = None, **changes: Any) -> None:
        pen = pen or Pen(name)
        data = {
            "organisation": an_id("blk"), "purpose": "credential", "alg": "ed25519", "jwk": pen.jwk,
            "thumbprint": pen.thumbprint, "kid": None, "kind": None,
        }  # fmt: skip
        self.by_two("issuer_key", name, "enrolment_requested", "enrolled", **(data | changes))
