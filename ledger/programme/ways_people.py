"""Ways of acts over people and their enrolments, from registration to what became of them."""

from __future__ import annotations

from typing import Any

from ledger.domain.roles import Role
from ledger.programme.act import Act, plain
from ledger.programme.arguments import (
    Attendance,
    Context,
    IdentityCorrection,
    Merge,
    Move,
    Outcome,
    Reason,
    Registration,
    Resumption,
    Transfer,
    TwoPersons,
)
from ledger.programme.persons import Private
from ledger.programme.planner import Planner
from ledger.programme.state import Person
from ledger.programme.step import reference

NOBODY_NAME = "Contoh Fiktif"
"""Whom a refused registration would have registered."""

_FIELDS = {"inmate_register_no": "register_no", "facility_org_id": "facility"}


def register(p: Planner, act: Act) -> None:
    """Register a person, with what the identity was checked against; or try to register one again."""
    args = act.as_(Registration)
    person = act.person
    if act.trial is not None or person is None:
        particular = {"full_name": plain(args.full_name or NOBODY_NAME)}
        if args.nik is not None:
            particular["nik"] = plain(args.nik)
        if "person" in (act.raw or {}):
            particular["learner"] = p.ref("person", str((act.raw or {})["person"]))
        p.main(act, "RegisterLearner", particular)
        return
    p.main(act, "RegisterLearner", _particulars(p, person.private), as_=f"learner:{person.id}")
    person.stage = "registered"
    kind = "PASSPORT" if person.private.passport else "KTP" if person.private.nik else "OTHER"
    p.give(
        act.by,
        "RecordIdentityEvidence",
        {
            "learner": p.ref("person", person.id),
            "kind": kind,
            "document_hash": p.document("identity", person.id),
        },
        place=act.place,
    )


def apply(p: Planner, act: Act) -> None:
    """Apply for the cohort named, else the person's own."""
    person, course = p.person(act), p.course(act)
    args = {"learner": p.ref("person", person.id), "cohort": p.ref("cohort", course.id)}
    p.main(act, "ApplyForEnrolment", args, as_=f"enrolment:{person.id}")
    if act.trial is None:
        person.stage, person.cohort = "applied", course.id


def confirm(p: Planner, act: Act) -> None:
    """Take a seat."""
    person, course = p.person(act), p.course(act)
    args = {"learner": p.ref("person", person.id), "cohort": p.ref("cohort", course.id)}
    p.main(act, "ConfirmEnrolment", args)
    if act.trial is None:
        person.stage = "confirmed"


def move(p: Planner, act: Act) -> None:
    """Go on in another cohort."""
    person, to = p.person(act), act.as_(Move).to
    p.main(act, "MoveEnrolment", {"enrolment": p.enrolment(act), "to": p.ref("cohort", to)})
    if act.trial is None:
        person.cohort = to


def transfer(p: Planner, act: Act) -> None:
    """Leave for another place."""
    person, args = p.person(act), act.as_(Transfer)
    to = {} if args.to is None else {"to": p.ref("organisation", args.to)}
    p.main(act, "TransferEnrolmentOut", {"enrolment": p.enrolment(act), "reason": plain(args.reason), **to})
    if act.trial is None:
        person.stage = "closed"


def resume(p: Planner, act: Act) -> None:
    """Go on after a transfer."""
    person, args = p.person(act), act.as_(Resumption)
    to = args.to or args.cohort
    if to is None:
        p.refuse(act, "the arguments name no cohort")
    p.main(act, "ResumeEnrolment", {"enrolment": p.enrolment(act), "cohort": p.ref("cohort", to)})
    if act.trial is None:
        person.stage, person.cohort = "confirmed", to


def withdraw(p: Planner, act: Act) -> None:
    """Leave the training."""
    person = p.person(act)
    args = {"enrolment": p.enrolment(act), "reason": plain(act.as_(Reason).reason)}
    p.main(act, "WithdrawEnrolment", args)
    if act.trial is None:
        person.stage = "closed"


def change_context(p: Planner, act: Act) -> None:
    """Go on under other circumstances."""
    args = act.as_(Context)
    to = {} if args.continues_at is None else {"continues_at": p.ref("organisation", args.continues_at)}
    given = {"enrolment": p.enrolment(act), "context": plain(args.context), **to}
    p.main(act, "ChangeDeliveryContext", given)


def attend(p: Planner, act: Act) -> None:
    """One person's hours in one session."""
    person, args = p.person(act), act.as_(Attendance)
    entries = [{"enrolment": p.enrolment(act), "jp": args.jp}]
    given = {"cohort": p.ref("cohort", p.course(act).id), "on": plain(args.date), "entries": entries}
    p.main(act, "RecordAttendance", given)
    if act.trial is None:
        person.left_jp -= args.jp


def outcome(p: Planner, act: Act) -> None:
    """What became of the person."""
    person, args = p.person(act), act.as_(Outcome)
    given = {"learner": p.ref("person", person.id), "outcome": plain(args.outcome), "consent": args.consent}
    p.main(act, "RecordOutcome", given)


def correct_identity(p: Planner, act: Act) -> None:
    """Another value for a field: the request, then the act by a second person."""
    person, args = p.person(act), act.as_(IdentityCorrection)
    label = p.label("correction", person.id)
    requester, approver = two_persons(p, act, args, Role.TRAINING_ADMIN, Role.TRAINING_ISSUER)
    field = _FIELDS.get(args.field, args.field)
    value = p.ref("organisation", args.new) if field == "facility" else plain(args.new)
    learner = p.ref("person", person.id)
    request = {"learner": learner, "field": field, "value": value}
    p.main(act, "RequestIdentityCorrection", request, by=requester, as_=label)
    p.main(act, "CorrectIdentity", {"learner": learner, "request": reference(label, "request")}, by=approver)


def propose_merge(p: Planner, act: Act) -> None:
    """Say that the duplicate is another entry of the person."""
    _propose(p, act, p.person(act), act.as_(Merge), act.by)


def approve_merge(p: Planner, act: Act) -> None:
    """Merge the duplicate into the person."""
    args, person = act.as_(Merge), p.person(act)
    label = f"merge:{args.duplicate}"
    if args.requested_by or args.approved_by:
        requester, approver = two_persons(p, act, args, Role.TRAINING_ADMIN, Role.PRIVACY_OFFICER)
        _propose(p, act, person, args, requester)
    else:
        approver = act.by
    given = {"learner": p.ref("person", args.duplicate), "request": reference(label, "request")}
    p.main(act, "ApproveMerge", given, by=approver)


def _propose(p: Planner, act: Act, person: Person, args: Merge, by: str) -> None:
    given = {"learner": p.ref("person", args.duplicate), "into": p.ref("person", person.id)}
    p.main(act, "ProposeMerge", given, by=by, as_=f"merge:{args.duplicate}")


def _particulars(p: Planner, private: Private) -> dict[str, Any]:
    """The arguments that register a person; what is not known is left out."""
    fields = {
        "full_name": private.registered_name,
        "sex": private.sex,
        "birth_date": private.birth_date,
        "birth_place": private.birth_place,
        "last_education": private.last_education,
        "nationality": private.nationality,
        "passport": private.passport,
        "alt_identity": private.alt_identity,
        "photo_ref": private.photo_ref,
        "nik_status": private.nik_status,
        "register_no": private.register_no,
        "nik": private.nik,
    }
    args = {key: plain(value) for key, value in fields.items() if value is not None}
    if private.facility_org_id is not None:
        args["facility"] = p.ref("organisation", private.facility_org_id)
    return args


def two_persons(p: Planner, act: Act, args: TwoPersons, asks: Role, approves: Role) -> tuple[str, str]:
    """(who requests, who approves): as the arguments name them, else ``by`` and someone whose role allows it."""
    requester = args.requested_by or (act.by if args.approved_by or p.cast.holds(act.by, asks) else None)
    if requester is not None:
        org = p.course_of(act.person)
        at = org.provider if org and approves in {Role.TRAINING_ISSUER, Role.TRAINING_ADMIN} else None
        default = act.by if args.requested_by else None
        return requester, args.approved_by or default or p.cast.pick(approves, at, avoid=[requester])
    return p.cast.pick(asks, avoid=[act.by]), act.by
