"""Impartiality exception: lifts one rule of separation for named people, for a named risk and a limited time.

A centre of three people cannot keep every rule. An exception is requested by one person, approved by
another who is not concerned, and shown to auditors. It never lifts assessor = decider, nor the second
person of an act of two.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import ClassVar

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event, from_time, to_time
from ledger.errors import DomainError

LIFTABLE = frozenset({"SOD_ASSESSOR_TAUGHT_LEARNER", "SOD_ISSUER_ASSESSED", "SOD_APPEAL_PANEL_INVOLVED"})
"""The rules that an exception may lift."""


class ImpartialityException(Aggregate):
    """``scope`` are ids of staff (one at least), learners and assessments; ``until`` is its last moment."""

    NAME = "impartiality_exception"
    RELATIONS: ClassVar = {"requested": (("rule.exceptions", "rule", "@id"),)}

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.rule = ""
        self.scope: tuple[str, ...] = ()
        self.until = ""
        self.requester = ""
        self.request: str | None = None

    # -- questions -------------------------------------------------------------------------------------

    def lifts(self, rule: str, ids: Collection[str], now: datetime) -> bool:
        """Whether ``rule`` is lifted now for an act that concerns ``ids``: the whole scope is among them."""
        concerned = bool(self.scope) and set(self.scope) <= set(ids)
        return self.state == "approved" and self.rule == rule and concerned and now <= from_time(self.until)

    # -- acts ------------------------------------------------------------------------------------------

    def ask(self, act: Act, *, rule: str, scope: Sequence[str], risk: str, until: datetime) -> None:
        """Begin; VALUE_INVALID for a rule that is never lifted, or a time that is past."""
        self.require_state("")
        if rule not in LIFTABLE:
            raise DomainError(
                "VALUE_INVALID",
                f"the rule {rule} is never lifted",
                f"An exception may lift {', '.join(sorted(LIFTABLE))}.",
            )
        if until <= act.now:
            raise DomainError("VALUE_INVALID", "the exception would end before it begins")
        self.record(act, "requested", rule=rule, scope=sorted(set(scope)), risk=risk, until=to_time(until))

    def approve(self, act: Act) -> None:
        """The second person's signature; it lifts the rule from now on."""
        self.require_state("requested")
        self.record(act, "approved", request=self.request)

    def end(self, act: Act) -> None:
        """End it, or turn the request down, before its time."""
        self.require_state("requested", "approved")
        self.record(act, "ended")

    # -- folding ---------------------------------------------------------------------------------------

    def on_requested(self, event: Event) -> None:
        """Requested."""
        self.state = "requested"
        self.rule = event.data["rule"]
        self.scope = tuple(event.data["scope"])
        self.until = event.data["until"]
        self.requester = event.actor
        self.request = event.hash

    def on_approved(self, _event: Event) -> None:
        """Approved."""
        self.state = "approved"

    def on_ended(self, _event: Event) -> None:
        """Ended."""
        self.state = "ended"
