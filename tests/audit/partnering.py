"""Agreements and reviews of sites in short words, for tests of their rules."""

from typing import Any

from tests.audit.scribe import Said
from tests.audit.village import BLK, SITE, Village, s

AGREEMENT = s("agreement", "pks")
REVIEW = s("facility_review", "review")
UNTIL = "2031-09-01"


def agreement(v: Village, who: str, event: str, /, **data: Any) -> None:
    v.by(who, Said(AGREEMENT, f"agreement.{event}", data))


def signed(v: Village, *who: str) -> None:
    for one in who or ("issuer", "approver"):
        agreement(v, one, "signed", party=SITE if one == "approver" else BLK)


def review(v: Village, who: str, event: str, /, **data: Any) -> None:
    v.by(who, Said(REVIEW, f"facility_review.{event}", data))


def item(v: Village, name: str = "FAC-1", who: str = "liaison", **changes: Any) -> None:
    said = {"item": name, "value": None, "passed": True, "critical": False, "due": None}
    review(v, who, "item_assessed", **said | changes)


def conclude(v: Village, outcome: str, *who: str, until: str | None = UNTIL) -> None:
    for one in who or ("liaison", "admin"):
        org = v.people[one][1]
        review(v, one, "concluded", org=org, outcome=outcome, valid_until=until)


def started(v: Village, site: str = SITE, provider: str = BLK) -> None:
    review(v, "liaison" if site == SITE else "admin", "started", site=site, provider=provider)


def opened(v: Village, day: str | None = None, hour: int = 1) -> None:
    """Opening on a day, of a cohort that was planned before it."""
    v.plan(start="2031-03-10", end="2032-02-20")
    if day:
        v.set_day(day, hour)
    v.cohort("cohort", "enrolment_opened")


def own_review(v: Village, until: str = "2031-09-01") -> None:
    """A review of the provider's own site, by two of its people."""
    stream = s("facility_review", "own")
    item = {"item": "FAC-1", "value": None, "passed": True, "critical": True, "due": None}
    said = {"org": BLK, "outcome": "READY", "valid_until": until}
    v.by("admin", Said(stream, "facility_review.started", {"site": BLK, "provider": BLK}))
    v.by("admin", Said(stream, "facility_review.item_assessed", item))
    v.by("admin", Said(stream, "facility_review.concluded", said))
    v.by("issuer", Said(stream, "facility_review.concluded", said))
