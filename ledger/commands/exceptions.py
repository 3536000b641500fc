"""Commands over impartiality exceptions: a supervisor requests, a decider who is not concerned approves."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, ClassVar

from pydantic import Field

from ledger.commands.command import Command, Day, Id, ReasonCode
from ledger.commands.learners import require_neutral
from ledger.commands.work import Work
from ledger.domain.assessment import Assessment
from ledger.domain.impartiality_exception import ImpartialityException
from ledger.domain.learner import Learner
from ledger.domain.roles import Role
from ledger.domain.staff import Staff


class RequestException(Command):
    """Ask that a rule of separation be lifted through the day ``until``.

    ``scope`` are ids of the staff whom it frees and, to narrow it, of learners and assessments; ``risk`` is a
    code.
    """

    roles: ClassVar = frozenset({Role.ASSESSMENT_SUPERVISOR})
    rule: ReasonCode
    scope: Annotated[list[Id], Field(min_length=1, max_length=50)]
    risk: ReasonCode
    until: Day

    def decide(self, work: Work) -> None:
        """VALUE_INVALID for a rule that is never lifted, or a scope without a member of staff."""
        for found in self.scope:
            if not any(work.find(kind, found) for kind in (Staff, Learner, Assessment)):
                work.load(Staff, found)
        work.require(
            any(work.find(Staff, found) for found in self.scope),
            "VALUE_INVALID",
            "the scope names nobody of staff",
            "Name the account that the exception frees.",
        )
        require_neutral(work, self.risk)
        exception = work.new(ImpartialityException)
        exception.ask(
            work.act,
            rule=self.rule,
            scope=self.scope,
            risk=self.risk,
            until=datetime.combine(self.until, time(23, 59, 59), work.act.zone),
        )
        work.decision.result["exception"] = exception.aggregate_id


class ApproveException(Command):
    """Approve what a supervisor requested."""

    roles: ClassVar = frozenset({Role.CERTIFICATION_DECIDER})
    exception: Id

    def decide(self, work: Work) -> None:
        """SOD_SELF_APPROVAL for the requester and for whoever it frees."""
        exception = work.load(ImpartialityException, self.exception)
        exception.require_state("requested")
        for person in (exception.requester, *exception.scope):
            if work.find(Staff, person) is not None:
                work.second_person(person)
        exception.approve(work.act)


class EndException(Command):
    """End an exception before its time, or turn its request down."""

    roles: ClassVar = frozenset({Role.ASSESSMENT_SUPERVISOR, Role.CERTIFICATION_DECIDER})
    exception: Id

    def decide(self, work: Work) -> None:
        """While it is requested or approved."""
        work.load(ImpartialityException, self.exception).end(work.act)
