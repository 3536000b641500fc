"""The ceremony's day: everybody and everything that must be there before the first dated act.

Founding itself is not here: the first two key custodians of the file found the ledger, and their accounts are
known as ``staff:<id>`` before the first step. Whoever is registered, granted a role or given a key is so by two
custodians, neither of them the same human.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

from ledger.domain.roles import LEDGER_WIDE, Role
from ledger.issuing.paper import default_template
from ledger.programme.act import plain
from ledger.programme.institution import Organisation, StaffMember, TrainingProgramme
from ledger.programme.planner import Planner
from ledger.programme.problems import REFERENCE_UNKNOWN, VALUE_INVALID, Problem, ProgrammeFileError
from ledger.programme.references import FOUNDERS
from ledger.programme.step import ENROL_KEY, literal, reference
from ledger.programme.ways_provider import scheme_label, unit_rows

BLANKS_AT_ONCE = 1000
KINDS = ("TRAINING", "COMPETENCE", "UNIT_STATEMENT")


def founders(members: list[StaffMember]) -> tuple[str, ...]:
    """The two accounts that found the ledger."""
    custodians = [member.staff_id for member in members if Role.KEY_CUSTODIAN in member.roles]
    return tuple(custodians[:FOUNDERS])


def hold(p: Planner) -> None:
    """Organisations, staff, roles, licences and keys; then what has no day of its own."""
    active = list(founders(p.file.staff))
    for index, organisation in enumerate(p.file.organisations):
        _organisation(p, organisation, active[0], p.programme.place("organisations", index))
    for member in _in_order(p.file.staff):
        place = p.programme.place("staff", p.file.staff.index(member))
        if member.staff_id not in active:
            _register(p, member, active, place)
    for member in _in_order(p.file.staff):
        place = p.programme.place("staff", p.file.staff.index(member))
        if member.staff_id in founders(p.file.staff):
            _authorise(p, member, active, place)
    for index, programme in enumerate(p.file.programmes):
        _propose(p, programme, p.programme.place("programmes", index))
    _draft_agreement(p)
    for programme in first_versions(p.file.programmes):
        draft_scheme(p, programme)
    _templates(p)
    _blanks(p)


def _in_order(members: list[StaffMember]) -> Iterator[StaffMember]:
    """Custodians first, and an account after the other accounts of its human that it names."""
    known: set[str] = set()
    rest = sorted(members, key=lambda member: Role.KEY_CUSTODIAN not in member.roles)
    while rest:
        ready = next(each for each in rest if each.same_person_as is None or each.same_person_as in known)
        rest.remove(ready)
        known.add(ready.staff_id)
        yield ready


def _organisation(p: Planner, organisation: Organisation, by: str, place: str) -> None:
    public = organisation.public_name if organisation.public else None
    args: dict[str, Any] = {
        "kind": organisation.kind,
        "name": plain(organisation.name),
        "public_name": plain(public),
        "zone": p.file.time_zone,
    }
    if organisation.licence_no is not None:
        args["licence"] = organisation.licence_no
    p.give(by, "RegisterOrganisation", args, place=place, as_=f"org:{organisation.org_id}")


def _pair(p: Planner, member: StaffMember, active: list[str], place: str) -> tuple[str, str]:
    """Two custodians for this person; FILE_VALUE_INVALID when there are none but the person."""
    for first, second in permutations(active, 2):
        if len(p.cast.humans([first, second, member.staff_id])) > FOUNDERS:
            return first, second
    raise ProgrammeFileError(
        p.programme.name,
        [
            Problem(
                VALUE_INVALID,
                place,
                "two key custodians besides this person must register people, grant roles and enrol keys",
            )
        ],
    )


def _register(p: Planner, member: StaffMember, active: list[str], place: str) -> None:
    asks, approves = _pair(p, member, active, place)
    label = f"staff:{member.staff_id}"
    request: dict[str, Any] = {"name": plain(member.name)}
    if member.same_person_as is not None:
        request["same_person_as"] = p.ref("staff", member.same_person_as)
    p.give(asks, "RequestStaffRegistration", request, place=place, as_=label)
    staff = {"staff": reference(label, "staff"), "request": reference(label, "request")}
    p.give(approves, "RegisterStaff", staff, place=place)
    _authorise(p, member, active, place)
    key = {"staff": reference(label, "staff"), "account": member.staff_id, "approved_by": approves}
    p.give(asks, ENROL_KEY, key, place=place)
    if Role.KEY_CUSTODIAN in member.roles:
        active.append(member.staff_id)


def _authorise(p: Planner, member: StaffMember, active: list[str], place: str) -> None:
    """Roles and licence; a founder's role of key custodian comes from founding."""
    staff = p.ref("staff", member.staff_id)
    founder = member.staff_id in founders(p.file.staff)
    for role in member.roles:
        if founder and role == Role.KEY_CUSTODIAN:
            continue
        asks, approves = _pair(p, member, active, place)
        label = f"role:{member.staff_id}:{role}"
        org = None if role in LEDGER_WIDE or member.org_id is None else p.ref("organisation", member.org_id)
        p.give(
            asks, "RequestRoleGrant", {"staff": staff, "role": str(role), "org": org}, place=place, as_=label
        )
        p.give(approves, "GrantRole", {"staff": staff, "request": reference(label, "request")}, place=place)
    if member.licence_valid_until is not None:
        asks = _pair(p, member, active, place)[0]
        licence = {
            "staff": staff,
            "number": plain(member.met_no),
            "scope": list(member.fields),
            "until": plain(member.licence_valid_until),
        }
        p.give(asks, "RecordLicence", licence, place=place)


# -- what has no day of its own ------------------------------------------------------------------------------


def _propose(p: Planner, programme: TrainingProgramme, place: str) -> None:
    site = next((course.site for course in _courses(p, programme) if course.at_facility), None)
    by = next(p.cast.holders(Role.CORRECTIONAL_LIAISON, site), None) if site else None
    args: dict[str, Any] = {
        "code": programme.code,
        "trade": trade_of(p, programme),
        "min_attendance_pct": programme.min_attendance_pct,
    }
    if site is not None:
        args["facility"] = p.ref("organisation", site)
    if programme.sector is not None:
        args["sector"] = plain(programme.sector)
    by = by or p.cast.pick(Role.TRAINING_ADMIN, provider_of(p, programme))
    label = f"programme:{programme.programme_id}"
    p.give(by, "ProposeProgramme", args, place=place, as_=label)


def _draft_agreement(p: Planner) -> None:
    agreement = p.file.agreement
    if agreement is None:
        return
    party = next((org for org in agreement.parties if any(p.cast.holders(Role.TRAINING_ADMIN, org))), None)
    terms = {
        "number": agreement.number,
        "parties": p.refs("organisation", agreement.parties),
        "start": plain(agreement.signed_on),
        "until": plain(agreement.valid_until),
    }
    by = p.cast.pick(Role.TRAINING_ADMIN, party or agreement.parties[1])
    p.give(by, "DraftAgreement", terms, place="agreement", as_=f"agreement:{agreement.agreement_id}")


def first_versions(programmes: list[TrainingProgramme]) -> Iterator[TrainingProgramme]:
    """The programme with the lowest version of each scheme; later versions are drafted when they are approved."""
    first: dict[str, TrainingProgramme] = {}
    for programme in programmes:
        known = first.get(programme.scheme.scheme_id)
        if known is None or programme.scheme.version < known.scheme.version:
            first[programme.scheme.scheme_id] = programme
    yield from first.values()


def draft_scheme(
    p: Planner, programme: TrainingProgramme, *, before: TrainingProgramme | None = None
) -> None:
    """Draft a scheme with the programme's curriculum, as the next version after ``before``."""
    provider, body = provider_of(p, programme), body_of(p, programme)
    args: dict[str, Any] = {
        "code": programme.scheme.scheme_code,
        "trade": trade_of(p, programme),
        "title_id": plain(programme.title_id),
        "title_en": plain(programme.title_en),
        "level": programme.kkni_level,
        "total_jp": programme.total_jp,
        "jp_minutes": programme.jp_minutes,
        "non_unit": literal([extra.model_dump() for extra in programme.non_unit]),
        "body": p.ref("organisation", body),
        "units": unit_rows(programme),
    }
    if before is not None:
        args["scheme"] = reference(scheme_label(before), "scheme")
    by = p.cast.pick(Role.TRAINING_ADMIN, provider)
    place = p.programme.place("programmes", p.file.programmes.index(programme))
    p.give(by, "DraftScheme", args, place=place, as_=scheme_label(programme))


def _templates(p: Planner) -> None:
    if not p.file.programmes:
        return
    provider = provider_of(p, p.file.programmes[0])
    drafter = p.cast.pick(Role.TRAINING_ADMIN, provider)
    reader = p.cast.pick(Role.TRAINING_ISSUER, provider, avoid=[drafter])
    for kind in KINDS:
        label, text = f"template:{kind}", literal(default_template(kind))
        p.give(drafter, "DraftTemplate", {"kind": kind, "text": text}, place="", as_=label)
        approval = {
            "template": reference(label, "template"),
            "version": reference(label, "version"),
            "text": text,
        }
        p.give(reader, "ApproveTemplate", approval, place="")


def _blanks(p: Planner) -> None:
    """As many forms as the plan prints, and some to spare: the ceremony is planned last, when that is known."""
    serials = p.blanks.stock()
    operator = p.cast.pick(Role.PRINT_OPERATOR)
    for first in range(0, len(serials), BLANKS_AT_ONCE):
        part = {"serials": serials[first : first + BLANKS_AT_ONCE]}
        p.give(operator, "ReceiveBlanks", part, place="")


# -- what the file says indirectly -----------------------------------------------------------------------------


def _courses(p: Planner, programme: TrainingProgramme) -> list[Any]:
    return [course for course in p.courses.values() if course.programme is programme]


def provider_of(p: Planner, programme: TrainingProgramme) -> str:
    """The training provider: of the programme's cohorts, else the file's first."""
    found = next((course.provider for course in _courses(p, programme)), None)
    return found or _first(p, "training_provider", programme)


def body_of(p: Planner, programme: TrainingProgramme) -> str:
    """The certification body: that of the cohorts' supervisor, else the file's first."""
    found = next((course.body for course in _courses(p, programme)), None)
    return found or _first(p, "certification_body", programme)


def _first(p: Planner, kind: str, programme: TrainingProgramme) -> str:
    found = p.cast.first_of_kind(kind)
    if found is None:
        place = p.programme.place("programmes", p.file.programmes.index(programme))
        problem = Problem(REFERENCE_UNKNOWN, place, f"no organisation of the kind {kind} is in this file")
        raise ProgrammeFileError(p.programme.name, [problem])
    return found


def trade_of(p: Planner, programme: TrainingProgramme) -> str:
    """The trade that the offered instructors share; where they share several, one that its assessors have too."""
    offered = [p.cast.member(staff).fields for staff in programme.instructors_offered]
    shared = [trade for trade in offered[0] if all(trade in fields for fields in offered)]
    if not shared:
        place = p.programme.place("programmes", p.file.programmes.index(programme), "instructors_offered")
        problem = Problem(VALUE_INVALID, place, "these instructors have no trade (field) in common")
        raise ProgrammeFileError(p.programme.name, [problem])
    assessors = [
        set(p.cast.member(staff).fields)
        for course in _courses(p, programme)
        for staff in course.cohort.assessors or []
    ]
    return next((trade for trade in shared if any(trade in fields for fields in assessors)), shared[0])
