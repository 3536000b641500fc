"""Ways of acts over certificates: issuing with the first printed copy, replacing, suspending, revoking, printing."""

from __future__ import annotations

from typing import Any

from ledger.domain.certificate import ISSUER_ROLE
from ledger.domain.roles import Role
from ledger.programme.act import Act, plain
from ledger.programme.arguments import Issuing, OnCertificate, Printing, Revocation, UnitIssuing, WithReason
from ledger.programme.planner import Planner
from ledger.programme.step import reference

COMMAND_OF = {"TRAINING": "IssueTrainingCertificate", "COMPETENCE": "IssueCompetenceCertificate"}
_KIND_OF = {
    "IssueTrainingCertificate": "TRAINING",
    "IssueCompetenceCertificate": "COMPETENCE",
    "IssueUnitStatement": "UNIT_STATEMENT",
}


def issue(p: Planner, act: Act) -> None:
    """Issue, on the enrolment or on the newest assessment."""
    args, kind = act.as_(Issuing), _KIND_OF[act.command]
    given: dict[str, Any] = (
        {"enrolment": p.enrolment(act)} if kind == "TRAINING" else {"assessment": p.assessment(act)}
    )
    if isinstance(args, UnitIssuing) and args.units is not None:
        given["units"] = plain(args.units)
    if args.number_of is not None:
        other = p.people.get(args.number_of)
        given["number"] = (
            p.certificate_of(act, other, kind, member="number") if other else p.nothing(act, "no such person")
        )
    elif args.number is not None:
        given["number"] = plain(args.number)
    p.main(act, act.command, given, as_=_next_label(p, act, kind))
    if act.trial is None:
        issued(p, act, kind)


def supersede(p: Planner, act: Act) -> None:
    """Replace a certificate by a new one."""
    args = act.as_(WithReason)
    given = {"certificate": p.certificate(act, args.kind, args.nth), "reason": plain(args.reason)}
    label = _next_label(p, act, args.kind)
    p.main(act, "SupersedeCertificate", given, as_=label, role=ISSUER_ROLE[args.kind])
    if act.trial is None:
        issued(p, act, args.kind)


def renew(p: Planner, act: Act) -> None:
    """Issue a new one on the newest assessment, with dates of its own."""
    args = act.as_(OnCertificate)
    given = {"certificate": p.certificate(act, args.kind, args.nth), "assessment": p.assessment(act)}
    p.main(act, "RenewCertificate", given, as_=_next_label(p, act, args.kind))
    if act.trial is None:
        issued(p, act, args.kind)


def suspend(p: Planner, act: Act) -> None:
    """It does not stand for now."""
    args = act.as_(WithReason)
    given = {"certificate": p.certificate(act, args.kind, args.nth), "reason": plain(args.reason)}
    p.main(act, "SuspendCertificate", given, role=ISSUER_ROLE[args.kind])


def reinstate(p: Planner, act: Act) -> None:
    """It stands again."""
    args = act.as_(OnCertificate)
    given = {"certificate": p.certificate(act, args.kind, args.nth)}
    p.main(act, "ReinstateCertificate", given, role=ISSUER_ROLE[args.kind])


def revoke(p: Planner, act: Act) -> None:
    """The request, then the act by a second person: an issuer of this kind."""
    args = act.as_(Revocation)
    certificate = p.certificate(act, args.kind, args.nth)
    role = ISSUER_ROLE[args.kind]
    approver = args.approved_by or act.by
    requester = args.requested_by or (act.by if args.approved_by else None)
    if requester is None:
        requester = p.cast.pick(Role.ASSESSMENT_SUPERVISOR, avoid=[approver])
    label = p.label("revocation", p.person(act).id)
    supervises = p.cast.holds(requester, Role.ASSESSMENT_SUPERVISOR)
    p.main(
        act,
        "RequestRevocation",
        {"certificate": certificate, "reason": plain(args.reason)},
        by=requester,
        as_=label,
        role=Role.ASSESSMENT_SUPERVISOR if supervises else role,
    )
    given = {"certificate": certificate, "request": reference(label, "request")}
    p.main(act, "RevokeCertificate", given, by=approver, role=role)


def print_copy(p: Planner, act: Act) -> None:
    """Print a copy on a blank form."""
    args = act.as_(Printing)
    certificate = p.certificate(act, args.kind, args.nth)
    nth = args.nth or p.person(act).certificates.get(args.kind, 0)
    p.main(
        act,
        "PrintCopy",
        {
            "certificate": certificate,
            "copy_number": args.copy_number,
            "reason": plain(args.reason),
            "blanko_serial": plain(args.blanko_serial) or p.blanks.free(use=act.trial is None),
            "previous_accounted": args.previous_copy_accounted,
        },
        as_=f"copy:{p.person(act).id}:{args.kind}:{nth}:{args.copy_number}",
    )


def issued(p: Planner, act: Act, kind: str) -> None:
    """Count the certificate; one issued by a step is printed at once."""
    person = p.person(act)
    person.certificates[kind] = person.certificates.get(kind, 0) + 1
    if act.raw is not None:
        print_first(p, act, kind)


def print_first(p: Planner, act: Act, kind: str) -> None:
    """Copy 1 of the newest certificate, on the day of issue."""
    certificate = p.certificate(act, kind)
    printing = {
        "certificate": certificate,
        "copy_number": 1,
        "reason": "ORIGINAL",
        "blanko_serial": p.blanks.free(use=True),
    }
    person = p.person(act)
    label = f"copy:{person.id}:{kind}:{person.certificates[kind]}:1"
    p.give(p.cast.pick(Role.PRINT_OPERATOR), "PrintCopy", printing, place=act.place, as_=label)


def _next_label(p: Planner, act: Act, kind: str) -> str:
    person = p.person(act)
    return f"cert:{person.id}:{kind}:{person.certificates.get(kind, 0) + 1}"
