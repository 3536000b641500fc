"""Assessment: one attempt of one candidate at the units of a scheme version, up to the decision.

States: admitted → in_progress → recommended → decided → final. A correction of a result and an upheld appeal
bring a decided assessment back to ``recommended``: it needs a new decision before anything is issued on it. A
no-show is final. Unit results are K (competent) or BK (not yet competent).

A decision's id is the payload hash of its ``decided`` event. What else must hold (who may assess, attendance,
licences, the award rule) spans other aggregates and stands in the commands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ledger.domain.aggregate import Aggregate, Relation
from ledger.domain.event import Act, Event
from ledger.errors import DomainError

COMPETENT = "K"
NOT_YET_COMPETENT = "BK"


@dataclass(frozen=True, slots=True)
class Decision:
    """A certification decision: results of all units of the scheme version, and whether they earn the award.

    ``hash`` is its id, empty only within the command that makes it; times are the event's.
    """

    hash: str
    results: Mapping[str, str]
    award: bool
    occurred_at: str
    recorded_at: str


class Assessment(Aggregate):
    """``units`` are assessed in this attempt, ``carried`` are results that an earlier one left standing.

    ``assessors`` are all accounts ever assigned to it, ``involved`` all that ever acted in it, were assigned
    to it or sat on the panel that decided.
    """

    NAME = "assessment"
    RELATIONS: ClassVar[Mapping[str, tuple[Relation, ...]]] = {
        "admitted": (
            ("learner.assessments", "learner", "@id"),
            ("enrolment.assessments", "enrolment", "@id"),
        ),
    }

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.learner = ""
        self.enrolment: str | None = None
        self.scheme = ""
        self.scheme_version = 0
        self.units: tuple[str, ...] = ()
        self.carried: dict[str, str] = {}
        self.attempt = 0
        self.previous: str | None = None
        self.renews = False
        self.assessor: str | None = None
        self.assessors: set[str] = set()
        self.conflicted: set[str] = set()
        self.involved: set[str] = set()
        self.evidence: dict[int, str] = {}
        self.own_results: dict[str, str] = {}
        self.decisions: list[Decision] = []
        self.absent = False
        self.ordered: tuple[str, ...] = ()
        self.ordered_by_appeal = False
        self._result_events: dict[str, str | None] = {}

    # -- questions -------------------------------------------------------------------------------------

    @property
    def results(self) -> dict[str, str]:
        """The results as they stand, carried ones included."""
        return {**self.carried, **self.own_results}

    @property
    def decision(self) -> Decision | None:
        """The decision that stands: the newest one, unless a correction or an appeal awaits a new one."""
        return self.decisions[-1] if self.decisions and self.state == "decided" else None

    @property
    def to_reassess(self) -> tuple[str, ...]:
        """The units a next attempt is about: those ordered, else the BK ones; after a no-show all."""
        if self.absent:
            return self.units
        if self.ordered:
            return self.ordered
        return tuple(unit for unit, result in self.results.items() if result == NOT_YET_COMPETENT)

    def require_unit(self, unit: str) -> None:
        """UNIT_NOT_IN_SCHEME unless the unit is one that this attempt is about."""
        if unit not in self.units:
            raise DomainError(
                "UNIT_NOT_IN_SCHEME",
                f"the unit {unit} is carried from an earlier attempt and is not assessed again"
                if unit in self.carried
                else f"the unit {unit} is not a unit of this assessment's scheme",
                "Take the unit codes from the assessment; after BK only those units are reassessed.",
            )

    # -- admission and assessors -------------------------------------------------------------------------

    def admit(
        self,
        act: Act,
        *,
        learner: str,
        enrolment: str | None,
        scheme: str,
        version: int,
        units: Iterable[str],
        carried: Mapping[str, str] | None = None,
        attempt: int = 1,
        previous: str | None = None,
        renews: bool = False,
    ) -> None:
        """Begin an attempt; a renewal has no enrolment, a first attempt no ``previous``."""
        self.require_state("")
        self.record(
            act,
            "admitted",
            learner=learner,
            enrolment=enrolment,
            scheme=scheme,
            version=version,
            units=list(units),
            carried=dict(carried or {}),
            attempt=attempt,
            previous=previous,
            renews=renews,
        )

    def assign_assessor(self, act: Act, assessor: str) -> None:
        """The first assessor; a later one replaces."""
        self.require_assignable()
        self.record(act, "assessor_assigned", assessor=assessor)

    def require_assignable(self) -> None:
        """ASSESSMENT_STATE_INVALID unless nobody is assigned yet."""
        self.require_state("admitted")
        self._require(self.assessor is None, "an assessor is assigned already; replace that one instead")

    def declare_conflict(self, act: Act) -> None:
        """The assigned assessor has a conflict of interest and does nothing more here."""
        self.require_assessable()
        self.record(act, "conflict_declared")

    def replace_assessor(self, act: Act, assessor: str) -> None:
        """Another assessor goes on."""
        self.require_replaceable()
        self.record(act, "assessor_replaced", assessor=assessor)

    def require_replaceable(self) -> None:
        """ASSESSMENT_STATE_INVALID unless there is an assessor to replace."""
        self.require_state("admitted", "in_progress")
        self._require(self.assessor is not None, "no assessor is assigned yet; assign one instead")

    # -- evidence, results, recommendation ---------------------------------------------------------------

    def require_assessable(self) -> None:
        """ASSESSMENT_STATE_INVALID unless an assessor without a declared conflict is at work on it."""
        self.require_state("admitted", "in_progress")
        self._require(self.assessor is not None, "no assessor is assigned yet")
        self._require(
            self.assessor not in self.conflicted, "the assessor declared a conflict; another must go on"
        )

    def register_evidence(self, act: Act, *, kind: str, document: Mapping[str, str]) -> int:
        """Register one document, by the commitment to its hash; returns its ordinal, from 1."""
        self.require_assessable()
        ordinal = len(self.evidence) + 1
        self.record(act, "evidence_registered", evidence=ordinal, kind=kind, document=dict(document))
        return ordinal

    def record_result(self, act: Act, *, unit: str, result: str, evidence: Sequence[int]) -> None:
        """Record K or BK for one unit, on registered evidence; once a unit."""
        self.require_assessable()
        self.require_unit(unit)
        if not evidence or not set(evidence) <= set(self.evidence):
            raise DomainError(
                "EVIDENCE_MISSING",
                f"the result of the unit {unit} rests on no registered evidence",
                "Register the evidence and name it with the result.",
            )
        if unit in self.own_results:
            raise DomainError("VALUE_INVALID", f"the unit {unit} has a result; a supervisor can correct it")
        self.record(act, "unit_result_recorded", unit=unit, result=result, evidence=sorted(set(evidence)))

    def record_no_show(self, act: Act) -> None:
        """The candidate did not come: final, without results."""
        self.require_state("admitted")
        self.require_assessable()
        self.record(act, "no_show_recorded")

    def recommend(self, act: Act) -> None:
        """The assessor's recommendation: the results of all units of this attempt."""
        self.require_assessable()
        missing = [unit for unit in self.units if unit not in self.own_results]
        if missing:
            raise DomainError(
                "DECISION_INCOMPLETE", f"no result yet for {', '.join(missing)}", "Record every unit."
            )
        self.record(act, "recommended", results={unit: self.own_results[unit] for unit in self.units})

    def correct_result(self, act: Act, *, unit: str, result: str) -> None:
        """Correct a mistaken result, naming the event that recorded it (null: carried)."""
        self.require_state("in_progress", "recommended", "decided")
        self._require_known(unit)
        if self.results.get(unit) in {None, result}:
            raise DomainError("VALUE_INVALID", f"the unit {unit} has no result yet, or this one", None)
        self.record(
            act, "unit_result_corrected", unit=unit, result=result, corrects=self._result_events.get(unit)
        )

    # -- decision and after -----------------------------------------------------------------------------

    def require_decidable(self) -> None:
        """ASSESSMENT_STATE_INVALID unless it awaits a decision."""
        self.require_state("recommended")

    def decide(self, act: Act, *, panel: Sequence[str], plenary: str | None, award: bool) -> None:
        """The certification decision on all units, carried ones included."""
        self.require_decidable()
        self.record(act, "decided", results=self.results, panel=list(panel), plenary=plenary, award=award)

    def reopen(self, act: Act, *, appeal: str, unit: str, result: str) -> None:
        """An upheld appeal changes one result; a new decision must follow."""
        self.require_state("recommended", "decided")
        self._require_known(unit)
        if self.results.get(unit) == result:
            raise DomainError("VALUE_INVALID", f"the unit {unit} has this result already")
        self.record(act, "reopened", appeal=appeal, unit=unit, result=result)

    def order_reassessment(self, act: Act, *, units: Sequence[str], appeal: str | None) -> None:
        """These units are to be assessed again in a new attempt; after an appeal by another assessor."""
        self.require_state("recommended", "decided")
        for unit in units:
            self._require_known(unit)
        if not units or len(set(units)) != len(units):
            raise DomainError("VALUE_INVALID", "name the units to reassess, each once")
        self.record(act, "reassessment_ordered", units=list(units), appeal=appeal)

    def _require(self, condition: object, message: str) -> None:
        if not condition:
            raise DomainError(
                f"{self.STATE_CODE}_STATE_INVALID", message, "Look at the assessment's history."
            )

    def _require_known(self, unit: str) -> None:
        if unit not in self.carried:
            self.require_unit(unit)

    # -- folding ---------------------------------------------------------------------------------------

    def mutate(self, event: Event) -> None:
        """Fold, and remember who acted: an appeal panel has no one involved before."""
        super().mutate(event)
        self.involved.add(event.actor)

    def on_admitted(self, event: Event) -> None:
        """Admitted."""
        data = event.data
        self.state = "admitted"
        self.learner, self.enrolment = data["learner"], data["enrolment"]
        self.scheme, self.scheme_version = data["scheme"], data["version"]
        self.units, self.carried = tuple(data["units"]), dict(data["carried"])
        self.attempt, self.previous, self.renews = data["attempt"], data["previous"], data["renews"]

    def on_assessor_assigned(self, event: Event) -> None:
        """Assigned."""
        self.assessor = event.data["assessor"]
        self.assessors.add(event.data["assessor"])
        self.involved.add(event.data["assessor"])

    def on_conflict_declared(self, _event: Event) -> None:
        """Declared by the assessor at work, whichever of their accounts signed."""
        if self.assessor is not None:
            self.conflicted.add(self.assessor)

    def on_assessor_replaced(self, event: Event) -> None:
        """The replaced one stays among those involved."""
        self.on_assessor_assigned(event)

    def on_evidence_registered(self, event: Event) -> None:
        """Registered."""
        self.state = "in_progress"
        self.evidence[event.data["evidence"]] = event.data["kind"]

    def on_unit_result_recorded(self, event: Event) -> None:
        """Recorded."""
        self.state = "in_progress"
        self.own_results[event.data["unit"]] = event.data["result"]
        self._result_events[event.data["unit"]] = event.hash

    def on_no_show_recorded(self, _event: Event) -> None:
        """Final."""
        self.state = "final"
        self.absent = True

    def on_recommended(self, _event: Event) -> None:
        """Recommended."""
        self.state = "recommended"

    def on_unit_result_corrected(self, event: Event) -> None:
        """A result changes; what was decided on the old one awaits a new decision."""
        self.own_results[event.data["unit"]] = event.data["result"]
        self._result_events[event.data["unit"]] = event.hash
        if self.state == "decided":
            self.state = "recommended"

    def on_decided(self, event: Event) -> None:
        """Decided."""
        data = event.data
        self.state = "decided"
        self.involved.update(data["panel"])
        self.decisions.append(
            Decision(
                event.hash or "", dict(data["results"]), data["award"], event.occurred_at, event.recorded_at
            )
        )

    def on_reopened(self, event: Event) -> None:
        """Reopened."""
        self.on_unit_result_corrected(event)

    def on_reassessment_ordered(self, event: Event) -> None:
        """Ordered."""
        self.ordered = tuple(event.data["units"])
        self.ordered_by_appeal = self.ordered_by_appeal or event.data["appeal"] is not None
