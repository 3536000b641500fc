"""Rules about impartiality exceptions, and how one lifts another rule.

An exception is requested by a supervisor and approved by a decider who is neither the requester nor anybody
it frees. It names a rule that may be lifted, people, a risk and an end. It lifts that rule, until then, for
an act that concerns everything in its scope; never the separation of assessor and decider, nor the second
person of an act of two. Every use is noted.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from verifier.event import Event
from verifier.finding import Rule, note, wrong
from verifier.rules.area import Area, on
from verifier.rules.pairs import SOD_SELF_APPROVAL
from verifier.rules.world import Thing, World

# What may be lifted, by the code that a request names.
LIFTS = {
    "SOD_ASSESSOR_TAUGHT_LEARNER": frozenset({"SOD_ASSESSOR_TAUGHT_LEARNER"}),
    "SOD_ISSUER_ASSESSED": frozenset({"SOD_ISSUER_ASSESSED"}),
    "SOD_APPEAL_PANEL_INVOLVED": frozenset({"SOD_APPEAL_PANEL_INVOLVED", "SOD_REASSESSOR_INVOLVED"}),
}

EXCEPTION_INVALID = wrong(
    "EXCEPTION_INVALID",
    "An exception was made from a rule that is never lifted, for nobody, or for a time that was past.",
)
EXCEPTION_USED = note(
    "EXCEPTION_USED",
    "A rule of separation did not hold for an act; a signed and approved exception covered it.",
)


class Exemption(Thing):
    """An impartiality exception."""

    __slots__ = ("rule", "scope", "until")

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.rule = self.until = ""
        self.scope: tuple[str, ...] = ()

    def lifts(self, rule: str, ids: Iterable[str], time: str) -> bool:
        """Tell whether it lifts a rule for an act at a time that concerns these ids."""
        covered = bool(self.scope) and set(self.scope) <= set(ids)
        return (
            self.state == "approved" and rule in LIFTS.get(self.rule, ()) and covered and time <= self.until
        )


class Exceptions(Area):
    """See the module."""

    THINGS: ClassVar = {"impartiality_exception": Exemption}

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._approved: list[Exemption] = []

    def separate(
        self, rule: Rule, staff: str, others: Iterable[str], event: Event, scope: Sequence[str]
    ) -> None:
        """Report unless this person is none of the others, or an exception lifts the rule for this act."""
        if not self.same_human(staff, others):
            return
        for exemption in self._approved:
            if exemption.lifts(rule.code, [staff, *scope], event.recorded_at):
                self.report(EXCEPTION_USED, f"{rule.code} for staff/{staff}, by {exemption.stream}")
                return
        self.report(rule, f"staff/{staff}")

    @on("impartiality_exception.requested")
    def requested(self, event: Event, exemption: Exemption) -> None:
        """For a rule that may be lifted, some people, and a time to come."""
        data = event.data
        exemption.rule, exemption.scope, exemption.until = data["rule"], tuple(data["scope"]), data["until"]
        right = exemption.rule in LIFTS and exemption.scope and exemption.until > event.recorded_at
        self.require(right, EXCEPTION_INVALID, f"from {exemption.rule} until {exemption.until}")

    @on("impartiality_exception.approved")
    def approved(self, event: Event, exemption: Exemption) -> None:
        """By nobody whom it frees; the requester is told apart as in every act of two persons."""
        freed = self.same_human(event.actor, exemption.scope)
        self.require(not freed, SOD_SELF_APPROVAL, "approved by a person whom it frees")
        self._approved.append(exemption)
