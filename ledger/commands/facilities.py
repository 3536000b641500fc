"""Commands over facility reviews: site and provider sign, or two people at the provider's own site."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from ledger.commands.command import Code, Command, Day, Id
from ledger.commands.work import Work
from ledger.domain.facility_review import FacilityReview
from ledger.domain.organisation import Organisation
from ledger.domain.roles import Role

REVIEWERS = frozenset({Role.TRAINING_ADMIN, Role.CORRECTIONAL_LIAISON})


class ItemArgument(BaseModel):
    """A checklist item as found; ``value`` was measured or counted, by ``due`` a fail is put right."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    item: Code
    value: Code | None = None
    passed: bool
    critical: bool
    due: Day | None = None


class StartFacilityReview(Command):
    """Begin to review a site for training by a provider."""

    roles: ClassVar = REVIEWERS
    site: Id
    provider: Id

    def decide(self, work: Work) -> None:
        """A training_admin for the own provider, a liaison for the own site."""
        work.load(Organisation, self.site)
        work.load(Organisation, self.provider)
        work.require_org(self.provider if work.act.role == Role.TRAINING_ADMIN else self.site)
        review = work.new(FacilityReview)
        review.start(work.act, site=self.site, provider=self.provider)
        work.decision.result["review"] = review.aggregate_id


class AssessItems(Command):
    """Record checklist items as they were found."""

    roles: ClassVar = REVIEWERS
    review: Id
    items: Annotated[list[ItemArgument], Field(min_length=1, max_length=300)]

    def decide(self, work: Work) -> None:
        """While neither party has signed."""
        review = _review(work, self.review)
        for found in self.items:
            review.assess(
                work.act,
                item=found.item,
                value=found.value,
                passed=found.passed,
                critical=found.critical,
                due=found.due,
            )


class ConcludeFacilityReview(Command):
    """Sign the outcome for one's party; with the second signature it takes effect."""

    roles: ClassVar = REVIEWERS | {Role.TRAINING_ISSUER}
    review: Id
    outcome: Literal["READY", "CONDITIONAL", "NOT_READY"]
    valid_until: Day | None = None

    def decide(self, work: Work) -> None:
        """Once for each party, by two people, and both say what the items say."""
        review = _review(work, self.review)
        review.require_state("open")
        signers = [conclusion.actor for conclusion in review.conclusions.values()]
        if review.at_own_site:  # one person cannot stand for both signatures there, whatever the role
            for signer in signers:
                work.second_person(signer)
        review.require_signature_due(work.act)
        for signer in signers:
            work.second_person(signer)
        review.conclude(work.act, outcome=self.outcome, valid_until=self.valid_until, today=work.today)


class ReopenFacilityReview(Command):
    """Take a review's conclusion back; its site is not ready until it is concluded again."""

    roles: ClassVar = REVIEWERS
    review: Id

    def decide(self, work: Work) -> None:
        """By either party."""
        _review(work, self.review).reopen(work.act)


def require_ready_site(work: Work, site: str, day: date) -> None:
    """FACILITY_NOT_READY unless the newest concluded review of the site says that it is ready on ``day``."""
    reviews = [work.load(FacilityReview, found) for found in work.queries.related("site.reviews", site)]
    concluded = [review for review in reviews if review.concluded_at is not None]
    newest = max(concluded, key=lambda review: review.concluded_at or ("", ""), default=None)
    work.require(
        newest is not None and newest.ready_on(day),
        "FACILITY_NOT_READY",
        f"no review says that this site is ready on {day}",
        "Review the site; both organisations sign the conclusion.",
    )


def _review(work: Work, review_id: str) -> FacilityReview:
    review = work.load(FacilityReview, review_id)
    work.require_org(review.site, review.provider)
    return review
