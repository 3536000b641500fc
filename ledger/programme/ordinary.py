"""The ordinary acts of a day, in the order of the way: institutions first, then cohorts from planning to issue."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date

from ledger.domain.roles import Role
from ledger.programme import ceremony, cohort_way, ways_provider
from ledger.programme.institution import FacilityReview
from ledger.programme.planner import Planner
from ledger.programme.state import Course
from ledger.programme.ways_provider import scheme_approval

_Due = Callable[[Course], Collection[date | None]]
_WAY: tuple[tuple[str | None, _Due, Callable[[Planner, Course], None]], ...] = (
    ("", lambda course: [course.dates.planned], cohort_way.plan),
    ("planned", lambda course: [course.dates.enrolment_opened], cohort_way.open_enrolment),
    ("open", lambda course: [course.dates.selected], cohort_way.select),
    (None, lambda course: [course.cohort.cancelled_on], cohort_way.cancel),
    ("open", lambda course: [course.dates.confirmed], cohort_way.confirm),
    ("open", lambda course: [course.cohort.start], cohort_way.start),
    ("running", lambda course: course.sessions, cohort_way.session),
    ("running", lambda course: [max(course.sessions)], cohort_way.complete),
    ("running", lambda course: [course.dates.pre_assessment], cohort_way.pre_assess),
    ("running", lambda course: course.dates.assessed[:1], cohort_way.assess),
    ("running", lambda course: course.dates.assessed[-1:], cohort_way.recommend),
    ("running", lambda course: [course.dates.decided], cohort_way.decide),
)
"""The way of a cohort: (the stage it must be in, on which days, what happens)."""


def acts_of_day(p: Planner) -> None:
    """All that is ordinary on this day, in the order of the way."""
    _programmes(p)
    if p.file.agreement and p.file.agreement.signed_on == p.day:
        _sign(p)
    for index, review in enumerate(p.file.facility_reviews):
        if review.date == p.day:
            _review(p, review, p.programme.place("facility_reviews", index))
    for stage, due, act in _WAY:
        for course in p.courses.values():
            if (stage is None or course.stage == stage) and p.day in due(course):
                act(p, course)
    issuing = [
        course for course in p.courses.values() if course.stage == "running" and course.dates.issued == p.day
    ]
    if issuing:
        cohort_way.issue(p, issuing)


def _programmes(p: Planner) -> None:
    """Needs, approvals, and what follows once both are there."""
    day = p.day
    for index, programme in enumerate(p.file.programmes):
        need, here = programme.need, {"programme": p.ref("programme", programme.programme_id)}
        place = p.programme.place("programmes", index)
        admin = p.cast.pick(Role.TRAINING_ADMIN, ceremony.provider_of(p, programme))
        if need.recorded_on == day:
            row = {"source": need.source, "occupation": need.occupation, "demand": need.demand}
            p.give(admin, "RecordNeed", {**here, **ways_provider.plain_row(row)}, place=place)
            if programme.tags:
                p.give(admin, "TagProgramme", {**here, "tags": list(programme.tags)}, place=place)
        if programme.scheme.approved_on == day:
            _approve(p, index)
        if max(need.recorded_on, programme.scheme.approved_on) == day:
            instructors = p.refs("staff", list(dict.fromkeys(programme.instructors_offered)))
            p.give(admin, "OfferInstructors", {**here, "instructors": instructors}, place=place)
            approval = scheme_approval(programme)
            adopted = {**here, "scheme": approval["scheme"], "version": approval["version"]}
            p.give(admin, "AdoptScheme", adopted, place=place)


def _approve(p: Planner, index: int) -> None:
    """Approve a scheme once; a later version of it is drafted first."""
    programme = p.file.programmes[index]
    scheme = programme.scheme
    same = [each for each in p.file.programmes if each.scheme.scheme_id == scheme.scheme_id]
    if next(each for each in same if each.scheme.version == scheme.version) is not programme:
        return
    older = [each for each in same if each.scheme.version < scheme.version]
    if older:
        ceremony.draft_scheme(p, programme, before=max(older, key=lambda each: each.scheme.version))
    provider = ceremony.provider_of(p, programme)
    drafter = p.cast.pick(Role.TRAINING_ADMIN, provider)
    reader = p.cast.pick(Role.TRAINING_ISSUER, provider, avoid=[drafter])
    p.ordinary("ApproveScheme", reader, scheme=scheme.scheme_id)


def _sign(p: Planner) -> None:
    """Each party signs, by two people."""
    agreement = p.file.agreement
    if agreement is None:
        return
    signed: list[str] = []
    for party in agreement.parties:
        role = next(
            (
                each
                for each in (Role.CORRECTIONAL_APPROVER, Role.TRAINING_ISSUER)
                if any(p.cast.holders(each, party))
            ),
            Role.TRAINING_ISSUER,
        )
        by = p.cast.pick(role, party, avoid=signed)
        given = {"agreement": p.ref("agreement", agreement.agreement_id)}
        p.give(by, "SignAgreement", given, place="agreement", role=role)
        signed.append(by)


def _review(p: Planner, review: FacilityReview, place: str) -> None:
    """Look at every item that concerns a programme trained at the site; both sign the conclusion."""
    trained = {
        course.cohort.programme_id for course in p.courses.values() if course.site == review.site_org_id
    }
    orgs = [p.cast.org(account) for account in review.signed_by]
    provider = next((org for org in orgs if org and org != review.site_org_id), review.site_org_id)
    signers = ways_provider.review_signers(p, review)
    label = f"review:{review.review_id}"
    start = {"site": p.ref("organisation", review.site_org_id), "provider": p.ref("organisation", provider)}
    by, role = signers[0]
    p.give(by, "StartFacilityReview", start, place=place, as_=label, role=role)
    items = []
    for item in p.file.facility_checklist:
        failed = item.item_id in review.failed
        if failed or "*" in item.applies_to or trained & set(item.applies_to):
            row = {"item": item.item_id, "passed": not failed, "critical": item.critical}
            if failed and review.valid_until is not None:
                row["due"] = review.valid_until.isoformat()
            items.append(row)
    here = {"review": f"${label}.review"}
    p.give(by, "AssessItems", {**here, "items": items}, place=place, role=role)
    conclusion = {**here, "outcome": review.outcome}
    if review.valid_until is not None:
        conclusion["valid_until"] = review.valid_until.isoformat()
    for by, role in signers:
        p.give(by, "ConcludeFacilityReview", conclusion, place=place, role=role)
