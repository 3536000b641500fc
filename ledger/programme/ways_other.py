"""Ways of acts over authority, exceptions and copies in hand; and of any other command of the ledger, as it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ledger.commands.catalogue import COMMANDS, QUERIES
from ledger.domain.roles import LEDGER_WIDE, Role
from ledger.programme.act import Act, plain
from ledger.programme.arguments import AgreementDraft, Copy, Credit, ExceptionAsked, Merge, RoleGrant
from ledger.programme.planner import Planner
from ledger.programme.step import reference
from ledger.programme.ways_people import two_persons

_STAGES = {
    "SelectEnrolment": "selected",
    "RejectEnrolment": "closed",
    "CompleteEnrolment": "completed",
    "CloseEnrolment": "closed",
}
_APPEAL_STAGES = {"AcceptAppeal": "accepted", "HearAppeal": "heard"}
"""What commands without a way of their own make of the person's enrolment and appeal."""

_THINGS: dict[str, Callable[[Planner, Act, str], Any]] = {
    "learner": lambda p, act, _: p.ref("person", p.person(act).id),
    "cohort": lambda p, act, _: p.ref("cohort", p.course(act).id),
    "enrolment": lambda p, act, _: p.enrolment(act),
    "enrolments": lambda p, act, _: [p.enrolment(act)],
    "assessment": lambda p, act, _: p.assessment(act),
    "certificate": lambda p, act, kind: p.certificate(act, kind),
    "appeal": lambda p, act, _: p.appeal(act),
    "subject_request": lambda p, act, _: p.request(act),
}
"""What the ledger's commands ask for that follows from the person: by argument."""

_CONTEXT = ("person", "cohort", "kind", "nth", "note", "requested_by")


def grant_role(p: Planner, act: Act) -> None:
    """A role for a member of staff: the request, then the grant by a second custodian."""
    args = act.as_(RoleGrant)
    asks, approves = two_persons(p, act, args, Role.KEY_CUSTODIAN, Role.KEY_CUSTODIAN)
    label, staff = p.label("role", args.staff), p.ref("staff", args.staff)
    org = None if args.role in LEDGER_WIDE or args.org is None else p.ref("organisation", args.org)
    p.main(act, "RequestRoleGrant", {"staff": staff, "role": str(args.role), "org": org}, by=asks, as_=label)
    p.main(act, "GrantRole", {"staff": staff, "request": reference(label, "request")}, by=approves)


def approve_exception(p: Planner, act: Act) -> None:
    """An impartiality exception: the request by a supervisor, then the approval by a decider."""
    args = act.as_(ExceptionAsked)
    asks, approves = two_persons(p, act, args, Role.ASSESSMENT_SUPERVISOR, Role.CERTIFICATION_DECIDER)
    label = p.label("exception", args.rule)
    asked = {
        "rule": plain(args.rule),
        "scope": _value(p, args.scope),
        "risk": plain(args.risk),
        "until": plain(args.until),
    }
    p.main(act, "RequestException", asked, by=asks, as_=label)
    p.main(act, "ApproveException", {"exception": reference(label, "exception")}, by=approves)


def reverse_merge(p: Planner, act: Act) -> None:
    """The duplicate is somebody else after all."""
    p.main(act, "ReverseMerge", {"learner": p.ref("person", act.as_(Merge).duplicate)})


def recognise_credit(p: Planner, act: Act) -> None:
    """Hours of a unit gained elsewhere; without ``evidence`` the demo invents a document."""
    args = act.as_(Credit)
    evidence = args.evidence or p.document("credit", p.person(act).id, args.unit)
    given = {
        "enrolment": p.enrolment(act),
        "unit": plain(args.unit),
        "jp": args.jp,
        "evidence": plain(evidence),
    }
    p.main(act, "RecogniseUnitCredit", given)


def draft_agreement(p: Planner, act: Act) -> None:
    """Another agreement; what is not given is as in the file's own."""
    args, own = act.as_(AgreementDraft), p.file.agreement
    start = args.start or args.from_ or args.signed_on or (own.signed_on if own else p.day)
    given = {
        "number": plain(args.number or (own.number if own else "1")),
        "parties": p.refs("organisation", args.parties),
        "start": plain(start),
        "until": plain(args.until or args.valid_until or (own.valid_until if own else start)),
    }
    p.main(act, "DraftAgreement", given)


def hand_over(p: Planner, act: Act) -> None:
    """A printed copy reaches its holder."""
    args, person = act.as_(Copy), p.person(act)
    nth = args.nth or person.certificates.get(args.kind, 0)
    label = f"copy:{person.id}:{args.kind}:{nth}:{args.copy_number}"
    p.main(act, "HandOver", {"print_copy": reference(label, "print_copy")})


def as_it_stands(p: Planner, act: Act) -> None:
    """Any other command of the ledger: its own arguments, ids of the file in them, the person's things added."""
    model = COMMANDS.get(act.command) or QUERIES[act.command]
    raw = dict(act.raw or {})
    kind = str(raw.get("kind", "COMPETENCE"))
    given = {name: _value(p, value) for name, value in raw.items() if name in model.model_fields}
    for name in raw:
        if name not in model.model_fields and name not in _CONTEXT:
            p.refuse(
                act, f"the command has no argument {name}; it has {', '.join(sorted(model.model_fields))}"
            )
    if act.person is not None:
        for name, field in model.model_fields.items():
            if name not in given and field.is_required() and name in _THINGS:
                given[name] = _THINGS[name](p, act, kind)
    p.main(act, act.command, given)
    if act.trial is None and act.person is not None:
        person = act.person
        person.stage = _STAGES.get(act.command, person.stage)
        if act.command in _APPEAL_STAGES and person.appeals:
            person.appeals[-1].stage = _APPEAL_STAGES[act.command]
        if act.command == "OrderReassessment" and person.attempt:
            person.attempt.ordered = tuple(given.get("units", ()))


def _value(p: Planner, value: Any) -> Any:
    if isinstance(value, list):
        return [_value(p, item) for item in value]
    if isinstance(value, dict):
        return {name: _value(p, item) for name, item in value.items()}
    kind = p.kind_of(value) if isinstance(value, str) else None
    return plain(value) if kind is None else p.ref(kind, value)
