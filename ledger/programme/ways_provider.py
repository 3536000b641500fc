"""Ways of the provider's acts over cohorts, schemes and templates."""

from __future__ import annotations

from typing import Any

from ledger.domain.roles import Role
from ledger.programme.act import Act, plain
from ledger.programme.arguments import Curriculum, Planning, SchemeApproval, TemplateText
from ledger.programme.institution import FacilityReview, TrainingProgramme
from ledger.programme.planner import Planner
from ledger.programme.step import reference
from ledger.programme.things import NOBODY


def open_enrolment(p: Planner, act: Act) -> None:
    """Let learners apply."""
    course = p.course(act)
    p.main(act, "OpenEnrolment", {"cohort": p.ref("cohort", course.id)})
    if act.trial is None:
        course.stage = "open"


def plan_cohort(p: Planner, act: Act) -> None:
    """Plan a cohort; of what the arguments leave out, the cohorts of the programme have an example."""
    args = act.as_(Planning)
    sister = next(
        (course.cohort for course in p.courses.values() if course.cohort.programme_id == args.programme), None
    )
    site = args.site or (sister.delivery_site_org_id if sister else None)
    given: dict[str, Any] = {
        "programme": p.ref("programme", args.programme),
        "site": p.ref("organisation", site) if site else NOBODY,
        "capacity": args.capacity or (sister.capacity if sister else 10),
        "start": plain(args.start),
        "end": plain(args.end),
        "jp_per_day": args.jp_per_day or (sister.jp_per_day if sister else None) or 8,
    }
    if args.agreement is not None:
        given["agreement"] = p.ref("agreement", args.agreement)
    p.main(act, "PlanCohort", given)


def approve_scheme(p: Planner, act: Act) -> None:
    """Approve a scheme as the file has it, or with another total."""
    args = act.as_(SchemeApproval)
    programme = next((each for each in p.file.programmes if each.scheme.scheme_id == args.scheme), None)
    if programme is None:
        p.refuse(act, f"there is no scheme {args.scheme}")
    total = programme.total_jp if args.total_jp is None else args.total_jp
    p.main(act, "ApproveScheme", scheme_approval(programme) | {"total_jp": total})


def scheme_approval(programme: TrainingProgramme) -> dict[str, Any]:
    """The arguments that approve a programme's scheme."""
    scheme = programme.scheme
    approval: dict[str, Any] = {
        "scheme": reference(scheme_label(programme), "scheme"),
        "version": reference(scheme_label(programme), "version"),
        "award_rule": scheme.award_rule,
        "validity_months": scheme.validity_months,
        "unit_statement": scheme.unit_statement,
        "total_jp": programme.total_jp,
    }
    if programme.min_units_for_award is not None:
        approval["min_units"] = programme.min_units_for_award
    return approval


def scheme_label(programme: TrainingProgramme) -> str:
    """The label under which a scheme's version is remembered."""
    return f"scheme:{programme.scheme.scheme_id}:{programme.scheme.version}"


def unit_rows(programme: TrainingProgramme) -> list[dict[str, Any]]:
    """The units as arguments."""
    return [
        {
            "decree": plain(unit.skkni_decree),
            "code": unit.unit_code,
            "title_id": plain(unit.title_id),
            "title_en": plain(unit.title_en),
            "jp": unit.jp,
            "type": unit.unit_type,
        }
        for unit in programme.units
    ]


def amend(p: Planner, act: Act) -> None:
    """Add a unit to the scheme of a programme."""
    wanted = act.as_(Curriculum).programme
    programme = next((each for each in p.file.programmes if each.programme_id == wanted), None)
    if programme is None:
        p.refuse(act, f"there is no programme {wanted}")
    given = {"scheme": reference(scheme_label(programme), "scheme"), "units": unit_rows(programme)[-1:]}
    p.main(act, "AmendCurriculum", given)


def approve_template(p: Planner, act: Act) -> None:
    """Approve a text as a template: there is a draft for it, by somebody else of the same organisation."""
    args = act.as_(TemplateText)
    label = p.label("draft", args.kind)
    org = p.cast.org(act.by)
    drafter = p.cast.pick(
        Role.TRAINING_ADMIN, org if any(p.cast.holders(Role.TRAINING_ADMIN, org)) else None, avoid=[act.by]
    )
    text = plain(args.text) if act.trial is None else f"{args.kind}: draft"
    p.give(drafter, "DraftTemplate", {"kind": args.kind, "text": text}, place=act.place, as_=label)
    given = {
        "template": reference(label, "template"),
        "version": reference(label, "version"),
        "text": plain(args.text),
    }
    p.main(act, "ApproveTemplate", given)


def plain_row(row: dict[str, Any]) -> dict[str, Any]:
    """Every value of a row as an argument."""
    return {name: plain(value) for name, value in row.items()}


def review_signers(p: Planner, review: FacilityReview) -> list[tuple[str, Role]]:
    """Who signs a review in which role; at a provider's own site first its admin, then its issuer."""
    if all(p.cast.org(account) == review.site_org_id for account in review.signed_by):
        admin, issuer = review.signed_by
        if not (p.cast.holds(admin, Role.TRAINING_ADMIN) and p.cast.holds(issuer, Role.TRAINING_ISSUER)):
            admin, issuer = issuer, admin
        return [(admin, Role.TRAINING_ADMIN), (issuer, Role.TRAINING_ISSUER)]
    liaison = Role.CORRECTIONAL_LIAISON
    return [
        (account, liaison if p.cast.holds(account, liaison) else Role.TRAINING_ADMIN)
        for account in review.signed_by
    ]
