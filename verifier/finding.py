"""What an audit finds: a rule with a stable code, where it is broken, and a sentence for a reader without tools.

Four kinds of rules:

- WRONG: the history contradicts itself, a signature or a rule of the domain. The ledger does not stand.
- UNKNOWN: something could not be checked, and why. It may be right or wrong; nobody can say from what is here.
- LOST: cannot be checked any more, or not with what was given, and nothing is wrong with that: an erased link,
  names that were not handed over.
- NOTE: allowed, but a reader should know (an exception that was used, a basis that changed after issue).

A rule is declared once, beside the code that checks it, by `wrong`, `unknown`, `lost` or `note`. Codes never change
their meaning. Codes of the parsers (`verifier.errors`) count as WRONG when they come up in a bundle.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

KEPT_PER_CODE = 100
"""Findings of one code that are kept with their place; further ones are counted."""


class Kind(StrEnum):
    """What a broken rule means for the verdict."""

    WRONG = "wrong"
    UNKNOWN = "unknown"
    LOST = "lost"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its code, what its breach means for the verdict, and one sentence that says what it means."""

    code: str
    kind: Kind
    sentence: str


RULES: dict[str, Rule] = {}
"""All declared rules by code."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach: `message` says what was found, `index` and `place` where.

    `index` is a leaf index of the log (None for what concerns no single entry), `place` the entry's stream and
    version, or the file.
    """

    rule: Rule
    message: str
    index: int | None = None
    place: str | None = None

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.rule.code


def _declare(code: str, kind: Kind, sentence: str) -> Rule:
    rule = Rule(code, kind, sentence)
    if RULES.setdefault(code, rule) != rule:
        raise ValueError(f"the code {code} is declared twice with different meanings")
    return rule


def wrong(code: str, sentence: str) -> Rule:
    """Declare a rule whose breach means that the history does not stand."""
    return _declare(code, Kind.WRONG, sentence)


def unknown(code: str, sentence: str) -> Rule:
    """Declare a reason for which something could not be checked."""
    return _declare(code, Kind.UNKNOWN, sentence)


def lost(code: str, sentence: str) -> Rule:
    """Declare something that is not checkable with what is at hand, rightly so."""
    return _declare(code, Kind.LOST, sentence)


def note(code: str, sentence: str) -> Rule:
    """Declare something that is allowed, and that a reader should know."""
    return _declare(code, Kind.NOTE, sentence)


_MALFORMED = (
    "These bytes are not in the format that they claim, so nothing can be read from them with certainty."
)


def parser_rule(code: str) -> Rule:
    """Return the rule for a code of the parsers and of `verifier.errors`."""
    return RULES.get(code) or Rule(code, Kind.WRONG, _MALFORMED)


@dataclass(slots=True)
class Findings:
    """The findings of one audit, in the order in which they were made.

    `counts` counts all by code, also those beyond KEPT_PER_CODE.
    """

    counts: Counter[str] = field(default_factory=Counter)
    _kept: list[Finding] = field(default_factory=list)
    _kinds: set[Kind] = field(default_factory=set)

    def add(self, rule: Rule, message: str, index: int | None = None, place: str | None = None) -> None:
        """Record one."""
        self.counts[rule.code] += 1
        self._kinds.add(rule.kind)
        if self.counts[rule.code] <= KEPT_PER_CODE:
            self._kept.append(Finding(rule, message, index, place))

    def has(self, kind: Kind) -> bool:
        """Tell whether there is one of this kind."""
        return kind in self._kinds

    def of(self, kind: Kind) -> list[Finding]:
        """Return the kept ones of this kind, those without an index first, then in log order."""
        found = [item for item in self._kept if item.rule.kind == kind]
        return sorted(found, key=lambda item: -1 if item.index is None else item.index)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._kept)
