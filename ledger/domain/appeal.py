"""Appeal: a candidate contests a certification decision; an uninvolved panel hears and decides it.

States: filed → accepted → heard → upheld / rejected / withdrawn. One appeal a decision. An upheld appeal has
a remedy: one unit's result is changed, or units are reassessed by another assessor. The remedy itself is
recorded on the assessment, in the same command.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ledger.domain.aggregate import Aggregate, Relation
from ledger.domain.event import Act, Event
from ledger.errors import DomainError

RESULT_CHANGED = "UNIT_RESULT_CHANGED"
REASSESSMENT = "REASSESSMENT"


class Appeal(Aggregate):
    """``assessment`` and ``decision`` (payload hash) say what is appealed; ``panel`` holds accounts."""

    NAME = "appeal"
    RELATIONS: ClassVar[Mapping[str, tuple[Relation, ...]]] = {
        "filed": (("assessment.appeals", "assessment", "@id"),),
    }

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.assessment = ""
        self.decision = ""
        self.filed_by = ""
        self.panel: tuple[str, ...] = ()

    def file(self, act: Act, *, assessment: str, decision: str, ground: str) -> None:
        """Begin."""
        self.require_state("")
        self.record(act, "filed", assessment=assessment, decision=decision, ground=ground)

    def accept(self, act: Act) -> None:
        """It will be heard."""
        self.require_state("filed")
        self.record(act, "accepted")

    def assign_panel(self, act: Act, panel: Sequence[str]) -> None:
        """Who hears it; a later panel replaces an earlier one until it has heard."""
        self.require_state("accepted")
        self.record(act, "panel_assigned", panel=list(panel))

    def hear(self, act: Act) -> None:
        """The panel has heard it."""
        self.require_hearable()
        self.record(act, "heard")

    def require_hearable(self) -> None:
        """APPEAL_STATE_INVALID unless a panel is assigned and has not heard it yet."""
        self.require_state("accepted")
        if not self.panel:
            raise DomainError(
                "APPEAL_STATE_INVALID", "no panel is assigned yet", "A supervisor assigns the panel."
            )

    def uphold(self, act: Act, *, remedy: str, unit: str | None, result: str | None) -> None:
        """The appeal succeeds; ``unit`` is the one concerned (None: all BK), ``result`` its new result."""
        self.require_state("heard")
        self.record(act, "upheld", remedy=remedy, unit=unit, result=result)

    def reject(self, act: Act) -> None:
        """The decision stands."""
        self.require_state("heard")
        self.record(act, "rejected")

    def withdraw(self, act: Act) -> None:
        """The candidate no longer contests it; the decision stands and cannot be appealed again."""
        self.require_state("filed", "accepted", "heard")
        self.record(act, "withdrawn")

    def on_filed(self, event: Event) -> None:
        """Filed."""
        self.state = "filed"
        self.assessment, self.decision = event.data["assessment"], event.data["decision"]
        self.filed_by = event.actor

    def on_accepted(self, _event: Event) -> None:
        """Accepted."""
        self.state = "accepted"

    def on_panel_assigned(self, event: Event) -> None:
        """Assigned."""
        self.panel = tuple(event.data["panel"])

    def on_heard(self, _event: Event) -> None:
        """Heard."""
        self.state = "heard"

    def on_upheld(self, _event: Event) -> None:
        """Upheld."""
        self.state = "upheld"

    def on_rejected(self, _event: Event) -> None:
        """Rejected."""
        self.state = "rejected"

    def on_withdrawn(self, _event: Event) -> None:
        """Withdrawn."""
        self.state = "withdrawn"
