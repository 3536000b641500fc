"""What commands on assessments, appeals and certificates ask about people: who assessed and taught whom.

Several entries of one person count as one: who assessed any of them assessed the person. The entry that
stands for the person carries on what was begun under another.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ledger.commands.enrolments import taught
from ledger.commands.learners import identities, survivor, usable_learner
from ledger.commands.work import Work
from ledger.domain.assessment import Assessment
from ledger.domain.dates import add_months
from ledger.domain.scheme import Scheme, SchemeVersion
from ledger.domain.staff import Staff


def act_day(work: Work) -> date:
    """The day on which the act happened, in the ledger's zone."""
    return work.act.occurred_at.astimezone(work.act.zone).date()


def scheme_of(work: Work, assessment: Assessment) -> SchemeVersion:
    """The scheme version that is assessed."""
    return work.load(Scheme, assessment.scheme).at(assessment.scheme_version)


def certifiable(work: Work, learner: str, *, ready: bool) -> str:
    """The id that stands for the person now; PERSON_MERGED or PERSON_ERASED when the record leads nowhere.

    ``ready`` says that this record is complete: then a merge since does not void it, and it counts for the
    entry that the person's other entries were merged into.
    """
    return (survivor(work, learner) if ready else usable_learner(work, learner)).aggregate_id


def assessors_of(work: Work, learner: str) -> set[str]:
    """Every account that was ever assigned to assess this person."""
    return {
        assessor
        for entry in identities(work, learner)
        for found in work.queries.related("learner.assessments", entry)
        for assessor in work.load(Assessment, found).assessors
    }


def taught_lately(work: Work, learner: str) -> set[str]:
    """Every account that taught this person in the look-back period before the act."""
    return taught(work, learner, add_months(act_day(work), -work.rulebook.teaching_lookback_months))


def taught_ever(work: Work, learner: str) -> set[str]:
    """Every account that ever taught this person."""
    return taught(work, learner, date.min)


def exception_scope(work: Work, assessment: Assessment) -> list[str]:
    """What an impartiality exception may name besides the person who acts."""
    return [assessment.aggregate_id, *identities(work, assessment.learner)]


def same_human(work: Work, staff: str, others: Iterable[str]) -> bool:
    """Whether one of these accounts is the same person's."""
    human = work.human(staff)
    return any(work.human(other) == human for other in others)


def require_holders(work: Work, accounts: Iterable[str], role: str, org: str | None = None) -> None:
    """ROLE_FORBIDDEN unless each account holds ``role`` now, at ``org`` or anywhere."""
    for account in accounts:
        staff = work.load(Staff, account)
        work.require(
            staff.holds(role, org) if org else staff.holds_anywhere(role),
            "ROLE_FORBIDDEN",
            f"a person named here does not hold the role {role}",
            "Name somebody who holds it; two key custodians grant roles.",
        )
