"""Rules about what partners agree on before any training: agreements and reviews of sites.

- An agreement is between two different organisations; each signs once, by a person of its own, two humans.
- A review's outcome follows from its items: a critical fail is NOT_READY, other fails, each with a date, are
  CONDITIONAL, none is READY. Site and provider sign it; at the provider's own site two people of the provider.
"""

from typing import ClassVar

from verifier.event import Event
from verifier.finding import wrong
from verifier.rules.area import Area, on
from verifier.rules.organisations import Organisation
from verifier.rules.pairs import SOD_SELF_APPROVAL
from verifier.rules.world import Thing

READY, CONDITIONAL, NOT_READY = "READY", "CONDITIONAL", "NOT_READY"
BOTH = 2

AGREEMENT_PARTIES_EQUAL = wrong(
    "AGREEMENT_PARTIES_EQUAL", "An agreement names one organisation as both parties, or not two."
)
AGREEMENT_INVALID = wrong(
    "AGREEMENT_INVALID", "An agreement ends before it starts, or was signed twice for one party."
)
ORG_FORBIDDEN = wrong(
    "ORG_FORBIDDEN", "A person acted for another organisation than the one that this matter concerns."
)
REVIEW_OUTCOME_WRONG = wrong(
    "REVIEW_OUTCOME_WRONG", "A site was signed for as fit although its checklist says otherwise."
)
REVIEW_SIGNATURE_WRONG = wrong(
    "REVIEW_SIGNATURE_WRONG",
    "A review of a site was signed by a party that does not sign it, or twice by one party.",
)


class Agreement(Thing):
    """`signers` maps each party that has signed the newest terms to the human who did.

    `amended` is the last day of the newest terms, if they were amended after both had signed.
    """

    __slots__ = ("amended", "parties", "signed", "signers", "start", "terminated", "until")

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.parties: tuple[str, ...] = ()
        self.start = self.until = ""
        self.amended: str | None = None
        self.signers: dict[str, str] = {}
        self.signed = False
        self.terminated: str | None = None

    def covers(self, start: str, end: str) -> bool:
        """Tell whether these days lie inside its dates."""
        return self.state != "ended" and self.start <= start and end <= self.until

    def in_force(self, day: str) -> bool:
        """Tell whether both had signed, and the day lies inside its dates and before any termination."""
        ended = self.terminated is not None and day >= self.terminated
        return self.signed and self.start <= day <= self.until and not ended


class Review(Thing):
    """`items` maps each item to (passed, critical, has a date).

    `signed` each signer to (human, outcome, day). `concluded` is when that happened and when it was recorded.
    """

    __slots__ = ("concluded", "items", "provider", "signed", "site", "valid_until")

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.site = self.provider = ""
        self.items: dict[str, tuple[bool, bool, bool]] = {}
        self.signed: dict[str, tuple[str, str, str | None]] = {}
        self.valid_until: str | None = None
        self.concluded = ("", "")

    def ready(self, day: str) -> bool:
        """Tell whether it says that the site is fit on a day; its last day counts."""
        return (
            self.state in {"ready", "conditional"}
            and self.valid_until is not None
            and day <= self.valid_until
        )

    def outcome(self) -> str | None:
        """Return what the items say; None if they say nothing yet."""
        failed = [(critical, dated) for passed, critical, dated in self.items.values() if not passed]
        if not self.items:
            return None
        if any(critical for critical, _ in failed):
            return NOT_READY
        if any(not dated for _, dated in failed):
            return None
        return CONDITIONAL if failed else READY


class Partners(Area):
    """See the module. `reviews` lists the reviews of each site."""

    THINGS: ClassVar = {"agreement": Agreement, "facility_review": Review}

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.reviews: dict[str, list[Review]] = {}

    def is_ready(self, site: str, days: tuple[str, str]) -> bool:
        """Tell whether the newest concluded review of a site says that it is fit, on one of these days."""
        newest = max(self.reviews.get(site, ()), key=lambda review: review.concluded, default=None)
        return newest is not None and any(map(newest.ready, days))

    # -- agreements ----------------------------------------------------------------------------------------

    @on("agreement.drafted")
    def drafted(self, event: Event, agreement: Agreement) -> None:
        """Two different organisations, one of them the drafter's."""
        data = event.data
        parties = agreement.parties = tuple(data["parties"])
        two = len(parties) == len(set(parties)) == BOTH
        self.require(two, AGREEMENT_PARTIES_EQUAL, f"the parties are {', '.join(parties)}")
        for party in parties:
            self.world.need(Organisation, "organisation", party)
        self.require(event.org in parties, ORG_FORBIDDEN, "drafted by neither party")
        agreement.start, agreement.until = data["from"], data["until"]
        self.require(agreement.start <= agreement.until, AGREEMENT_INVALID, "it ends before it starts")

    @on("agreement.signed")
    def signed(self, event: Event, agreement: Agreement) -> None:
        """With the second party's signature the newest terms hold."""
        party = event.data["party"]
        right = event.org == party and party in agreement.parties
        self.require(right, ORG_FORBIDDEN, f"signed for {party} by somebody of {event.org}")
        self.require(party not in agreement.signers, AGREEMENT_INVALID, "this party signed twice")
        others = [human for other, human in agreement.signers.items() if other != party]
        self.require(event.human not in others, SOD_SELF_APPROVAL, "one human signed for both parties")
        agreement.signers[party] = event.human
        if set(agreement.signers) >= set(agreement.parties):
            agreement.state = "in_force"
            agreement.signed = True
            agreement.until = agreement.amended or agreement.until

    @on("agreement.amended")
    def amended(self, event: Event, agreement: Agreement) -> None:
        """Another last day, which holds once both have signed again."""
        until = event.data["until"]
        self.require(event.org in agreement.parties, ORG_FORBIDDEN, "amended by neither party")
        self.require(agreement.start <= until, AGREEMENT_INVALID, "it ends before it starts")
        agreement.signers.clear()
        if agreement.signed:
            agreement.amended = until
        else:
            agreement.until = until

    @on("agreement.terminated")
    def terminated(self, event: Event, agreement: Agreement) -> None:
        """By a party."""
        self.require(event.org in agreement.parties, ORG_FORBIDDEN, "terminated by neither party")
        agreement.terminated = event.data["on"]

    # -- reviews of sites ------------------------------------------------------------------------------------

    @on("facility_review.started")
    def started(self, event: Event, review: Review) -> None:
        """A site and a provider that exist, by one of them."""
        review.site, review.provider = event.data["site"], event.data["provider"]
        for party in (review.site, review.provider):
            self.world.need(Organisation, "organisation", party)
        self._party(event, review)
        self.reviews.setdefault(review.site, []).append(review)

    @on("facility_review.item_assessed")
    def assessed(self, event: Event, review: Review) -> None:
        """Only while nobody has signed."""
        data = event.data
        self._party(event, review)
        self.require(not review.signed, REVIEW_SIGNATURE_WRONG, "an item changed after a party had signed")
        review.items[data["item"]] = (data["passed"], data["critical"], data["due"] is not None)

    @on("facility_review.concluded")
    def concluded(self, event: Event, review: Review) -> None:
        """Two parties, two humans, one outcome: that of the items."""
        data, outcome, until = event.data, event.data["outcome"], event.data["valid_until"]
        own = review.site == review.provider
        signer = event.role if own else str(event.org)
        wanted = {"training_admin", "training_issuer"} if own else {review.site, review.provider}
        right = signer in wanted and data["org"] == event.org and (own or event.role != "training_issuer")
        self._party(event, review)
        self.require(right and signer not in review.signed, REVIEW_SIGNATURE_WRONG, f"signed by {signer}")
        self.require(
            outcome == review.outcome(),
            REVIEW_OUTCOME_WRONG,
            f"the items say {review.outcome()}, not {outcome}",
        )
        self.require(
            (until is None) == (outcome == NOT_READY),
            REVIEW_OUTCOME_WRONG,
            "a last valid day is missing, or is one too many",
        )
        for human, other, day in review.signed.values():
            self.require(human != event.human, SOD_SELF_APPROVAL, "one human signed for both parties")
            self.require(
                (other, day) == (outcome, until),
                REVIEW_OUTCOME_WRONG,
                "the parties signed different outcomes",
            )
        review.signed[signer] = (event.human, outcome, until)
        if len(review.signed) == BOTH:
            review.state = outcome.lower()
            review.valid_until = until
            review.concluded = (event.occurred_at, event.recorded_at)

    @on("facility_review.reopened")
    def reopened(self, event: Event, review: Review) -> None:
        """The conclusion is taken back, if there was one."""
        self._party(event, review)
        self.require(review.signed, REVIEW_SIGNATURE_WRONG, "nobody had signed what was taken back")
        review.signed.clear()

    def _party(self, event: Event, review: Review) -> None:
        self.require(
            event.org in {review.site, review.provider},
            ORG_FORBIDDEN,
            "neither the site's nor the provider's",
        )
