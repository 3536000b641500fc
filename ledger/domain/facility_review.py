"""Facility review: whether a site is fit for training, by a checklist and both organisations' signatures.

The outcome follows from the items: a critical fail is NOT_READY; other fails alone, each with a date by
which it is put right, are CONDITIONAL, which counts as ready; no fail is READY. It takes effect with the
second signature: the provider's and the site's, or, at the provider's own site, those of two people of the
provider.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event
from ledger.domain.roles import Role
from ledger.errors import DomainError

READY = "READY"
CONDITIONAL = "CONDITIONAL"
NOT_READY = "NOT_READY"


@dataclass(frozen=True, slots=True)
class Item:
    """One checklist item as it was found; ``due`` is the day by which a fail is put right."""

    code: str
    passed: bool
    critical: bool
    due: date | None


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What one signature says, and whose it is."""

    actor: str
    outcome: str
    valid_until: date | None


class FacilityReview(Aggregate):
    """``concluded_at`` is (occurred, recorded) of the second signature; a site's newest review counts."""

    NAME = "facility_review"
    RELATIONS: ClassVar = {"started": (("site.reviews", "site", "@id"),)}

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.site = ""
        self.provider = ""
        self.items: dict[str, Item] = {}
        self.conclusions: dict[str, Conclusion] = {}
        self.valid_until: date | None = None
        self.concluded_at: tuple[str, str] | None = None

    # -- questions -------------------------------------------------------------------------------------

    @property
    def at_own_site(self) -> bool:
        """Whether the provider reviews a site of its own."""
        return self.site == self.provider

    def ready_on(self, day: date) -> bool:
        """Whether it is concluded ready or conditional and has not lapsed; its last day counts."""
        return (
            self.state in {"ready", "conditional"}
            and self.valid_until is not None
            and day <= self.valid_until
        )

    def outcome_of_items(self) -> str:
        """What the items say; VALUE_INVALID without items, or when a lesser fail has no date."""
        failed = [item for item in self.items.values() if not item.passed]
        if not self.items:
            raise DomainError("VALUE_INVALID", "no item has been assessed yet")
        if any(item.critical for item in failed):
            return NOT_READY
        undated = [item.code for item in failed if item.due is None]
        if undated:
            raise DomainError(
                "VALUE_INVALID",
                f"a failed item has no date by which it is put right: {', '.join(undated)}",
                "Assess the item again with a due date.",
            )
        return CONDITIONAL if failed else READY

    def require_signature_due(self, act: Act) -> str:
        """Whose signature this would be: the organisation, or the role at the provider's own site.

        FACILITY_REVIEW_STATE_INVALID when it is concluded or this party has signed; ROLE_FORBIDDEN for a role
        that does not sign here.
        """
        signer = act.role if self.at_own_site else str(act.org)
        wanted = (
            {str(Role.TRAINING_ADMIN), str(Role.TRAINING_ISSUER)}
            if self.at_own_site
            else {self.provider, self.site}
        )
        if signer not in wanted or (not self.at_own_site and act.role == Role.TRAINING_ISSUER):
            raise DomainError(
                "ROLE_FORBIDDEN",
                f"the role {act.role} does not sign this review",
                "Site and provider sign; at the provider's own site its training_admin and training_issuer.",
            )
        if signer in self.conclusions:
            raise DomainError(
                "FACILITY_REVIEW_STATE_INVALID",
                "this party has signed already",
                "The other party signs next.",
            )
        return signer

    # -- acts ------------------------------------------------------------------------------------------

    def start(self, act: Act, *, site: str, provider: str) -> None:
        """Begin a review of ``site`` for training by ``provider``."""
        self.require_state("")
        self.record(act, "started", site=site, provider=provider)

    def assess(
        self, act: Act, *, item: str, value: str | None, passed: bool, critical: bool, due: date | None
    ) -> None:
        """Record one item as found, or again; not once a party has signed."""
        if self.conclusions:
            raise DomainError(
                "FACILITY_REVIEW_STATE_INVALID",
                "a party has signed what was found",
                "Reopen the review first.",
            )
        if passed and due is not None:
            raise DomainError("VALUE_INVALID", "an item that passed has no date by which it is put right")
        self.record(
            act,
            "item_assessed",
            item=item,
            value=value,
            passed=passed,
            critical=critical,
            due=due.isoformat() if due else None,
        )

    def conclude(self, act: Act, *, outcome: str, valid_until: date | None, today: date) -> None:
        """One party's signature; VALUE_INVALID unless the outcome is what items and other party say."""
        self.require_signature_due(act)
        found = self.outcome_of_items()
        if outcome != found:
            raise DomainError("VALUE_INVALID", f"the items say {found}, not {outcome}")
        if (valid_until is None) != (outcome == NOT_READY) or (
            valid_until is not None and valid_until < today
        ):
            raise DomainError(
                "VALUE_INVALID", "a ready site has a last valid day that is not past, another has none"
            )
        if any(
            (other.outcome, other.valid_until) != (outcome, valid_until)
            for other in self.conclusions.values()
        ):
            raise DomainError(
                "VALUE_INVALID",
                "the other party signed another conclusion",
                "Agree on it, or reopen the review.",
            )
        self.record(
            act,
            "concluded",
            org=act.org,
            outcome=outcome,
            valid_until=valid_until.isoformat() if valid_until else None,
        )

    def reopen(self, act: Act) -> None:
        """Take the conclusion back; the site is not ready by this review until it is concluded again."""
        if not self.conclusions:
            raise DomainError(
                "FACILITY_REVIEW_STATE_INVALID", "nobody has signed a conclusion that could be taken back"
            )
        self.record(act, "reopened")

    # -- folding ---------------------------------------------------------------------------------------

    def on_started(self, event: Event) -> None:
        """Started."""
        self.state = "open"
        self.site = event.data["site"]
        self.provider = event.data["provider"]

    def on_item_assessed(self, event: Event) -> None:
        """The newest finding of an item counts."""
        data = event.data
        due = date.fromisoformat(data["due"]) if data["due"] else None
        self.items[data["item"]] = Item(data["item"], data["passed"], data["critical"], due)

    def on_concluded(self, event: Event) -> None:
        """The second signature concludes it."""
        data = event.data
        valid_until = date.fromisoformat(data["valid_until"]) if data["valid_until"] else None
        signer = event.role if self.at_own_site else data["org"]
        self.conclusions[signer] = Conclusion(event.actor, data["outcome"], valid_until)
        if len(self.conclusions) == len(("provider", "site")):
            self.state = data["outcome"].lower()
            self.valid_until = valid_until
            self.concluded_at = (event.occurred_at, event.recorded_at)

    def on_reopened(self, _event: Event) -> None:
        """Open again; it stays the newest review of its site."""
        self.state = "open"
        self.conclusions = {}
        self.valid_until = None
