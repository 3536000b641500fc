"""Commands over appeals: filing within the window, an uninvolved panel, the outcome and its remedy.

The window counts working days from the day on which the decision was recorded, so that entering a decision
late shortens nobody's time; a filing counts on the day on which it happened. An upheld appeal is recorded
together with its remedy on the assessment.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ledger.commands.admissions import SUPERVISOR
from ledger.commands.assessments import Result
from ledger.commands.candidates import (
    act_day,
    exception_scope,
    require_holders,
    same_human,
    scheme_of,
    taught_ever,
)
from ledger.commands.command import Code, Command, Id, ReasonCode
from ledger.commands.learners import ADMIN, survivor
from ledger.commands.reasons import require_reason
from ledger.commands.work import Work
from ledger.domain.appeal import REASSESSMENT, RESULT_CHANGED, Appeal
from ledger.domain.assessment import NOT_YET_COMPETENT, Assessment
from ledger.domain.event import from_time
from ledger.domain.roles import Role

PANEL = frozenset({Role.APPEAL_PANEL})


class FileAppeal(Command):
    """Appeal against the decision of an assessment, on the candidate's behalf."""

    roles: ClassVar = ADMIN
    assessment: Id
    ground: ReasonCode

    def decide(self, work: Work) -> None:
        """Within the window, and once for a decision."""
        assessment = work.load(Assessment, self.assessment)
        survivor(work, assessment.learner)
        assessment.require_state("decided")
        decision = assessment.decisions[-1]
        decided_on = from_time(decision.recorded_at).astimezone(work.act.zone).date()
        last_day = work.rulebook.add_working_days(decided_on, work.rulebook.appeal_working_days)
        work.require(
            act_day(work) <= last_day,
            "APPEAL_WINDOW_CLOSED",
            f"the last day to appeal was {last_day}",
            "The decision stands; the candidate may ask for a new assessment.",
        )
        work.claim(
            "appeal",
            decision.hash,
            "APPEAL_ALREADY_FILED",
            "an appeal against this decision was filed already",
        )
        require_reason(work, work.rulebook.reason_codes.appeal_ground, self.ground)
        appeal = work.new(Appeal)
        appeal.file(work.act, assessment=self.assessment, decision=decision.hash, ground=self.ground)
        work.decision.result["appeal"] = appeal.aggregate_id


class AcceptAppeal(Command):
    """Accept an appeal for a hearing."""

    roles: ClassVar = SUPERVISOR
    appeal: Id

    def decide(self, work: Work) -> None:
        """By the certification body that is appealed against."""
        appeal, assessment = _loaded(work, self.appeal)
        work.require_org(scheme_of(work, assessment).body)
        appeal.accept(work.act)


class AssignAppealPanel(Command):
    """Name the panel that hears an appeal."""

    roles: ClassVar = SUPERVISOR
    appeal: Id
    panel: Annotated[list[Id], Field(min_length=1, max_length=20)]

    def decide(self, work: Work) -> None:
        """Nobody who acted in this or an earlier attempt, taught, filed this or names the panel."""
        appeal, assessment = _loaded(work, self.appeal)
        panel = list(dict.fromkeys(self.panel))
        require_holders(work, panel, Role.APPEAL_PANEL)
        work.require_org(scheme_of(work, assessment).body)
        appeal.require_state("accepted")
        involved = {appeal.filed_by, work.act.actor, *taught_ever(work, assessment.learner)}
        attempt: Assessment | None = assessment
        while attempt is not None:
            involved |= attempt.involved
            attempt = work.load(Assessment, attempt.previous) if attempt.previous else None
        for member in panel:
            work.separate_person(
                "SOD_APPEAL_PANEL_INVOLVED",
                member,
                involved,
                "a member of the panel was involved before",
                scope=exception_scope(work, assessment),
            )
        appeal.assign_panel(work.act, panel)


class HearAppeal(Command):
    """Record that the panel has heard the appeal."""

    roles: ClassVar = PANEL
    appeal: Id

    def decide(self, work: Work) -> None:
        """By a member of the panel."""
        appeal, _ = _loaded(work, self.appeal)
        _require_member(work, appeal)
        appeal.hear(work.act)


class DecideAppeal(Command):
    """Decide an appeal.

    UPHELD has a remedy: UNIT_RESULT_CHANGED names ``unit`` and ``result``; REASSESSMENT may name one
    ``unit``, otherwise all BK units are assessed again.
    """

    roles: ClassVar = PANEL
    appeal: Id
    outcome: Literal["UPHELD", "REJECTED"]
    remedy: Literal["UNIT_RESULT_CHANGED", "REASSESSMENT"] | None = None
    unit: Code | None = None
    result: Result | None = None

    def decide(self, work: Work) -> None:
        """By a member of the panel that heard it; the certification decision that follows is not theirs."""
        appeal, assessment = _loaded(work, self.appeal)
        _require_member(work, appeal)
        appeal.require_state("heard")
        if self.outcome == "REJECTED":
            work.require(
                (self.remedy, self.unit, self.result) == (None, None, None),
                "VALUE_INVALID",
                "a rejected appeal has no remedy",
            )
            appeal.reject(work.act)
        elif self.remedy == RESULT_CHANGED and self.unit and self.result:
            appeal.uphold(work.act, remedy=RESULT_CHANGED, unit=self.unit, result=self.result)
            assessment.reopen(work.act, appeal=self.appeal, unit=self.unit, result=self.result)
        elif self.remedy == REASSESSMENT and self.result is None:
            not_yet = [unit for unit, result in assessment.results.items() if result == NOT_YET_COMPETENT]
            appeal.uphold(work.act, remedy=REASSESSMENT, unit=self.unit, result=None)
            assessment.order_reassessment(
                work.act, units=[self.unit] if self.unit else not_yet, appeal=self.appeal
            )
        else:
            work.refuse(
                "VALUE_INVALID",
                "an upheld appeal needs its remedy: a unit with its new result, or a reassessment",
            )


class WithdrawAppeal(Command):
    """Record that the candidate withdraws the appeal."""

    roles: ClassVar = ADMIN
    appeal: Id

    def decide(self, work: Work) -> None:
        """Before it is decided."""
        work.load(Appeal, self.appeal).withdraw(work.act)


def _loaded(work: Work, appeal_id: str) -> tuple[Appeal, Assessment]:
    appeal = work.load(Appeal, appeal_id)
    return appeal, work.load(Assessment, appeal.assessment)


def _require_member(work: Work, appeal: Appeal) -> None:
    work.require(
        not appeal.panel or same_human(work, work.act.actor, appeal.panel),
        "ROLE_FORBIDDEN",
        "only members of this appeal's panel hear and decide it",
    )
