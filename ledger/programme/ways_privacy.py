"""Ways of acts over subject requests: what a person asks about their data, and erasing them."""

from __future__ import annotations

from ledger.domain.roles import Role
from ledger.programme.act import Act, plain
from ledger.programme.arguments import Erasure, Reason, SubjectRequest
from ledger.programme.planner import Planner
from ledger.programme.state import Request
from ledger.programme.step import reference
from ledger.programme.ways_people import two_persons

_PERSON = "identity"


def receive(p: Planner, act: Act) -> None:
    """Receive a request about the person; who asks is verified at once."""
    _receive(p, act, act.as_(SubjectRequest).kind, act.by)


def place_hold(p: Planner, act: Act) -> None:
    """Keep the data while something is open."""
    given = {"subject_request": p.request(act), "reason": plain(act.as_(Reason).reason)}
    p.main(act, "PlaceHold", given)


def lift_hold(p: Planner, act: Act) -> None:
    """It is open no more."""
    p.main(act, "LiftHold", {"subject_request": p.request(act)})


def refuse(p: Planner, act: Act) -> None:
    """Not granted."""
    given = {"subject_request": p.request(act), "reason": plain(act.as_(Reason).reason)}
    p.main(act, "RefuseSubjectRequest", given)
    if act.trial is None:
        p.person(act).requests[-1].open = False


def erase(p: Planner, act: Act) -> None:
    """Destruction requested, approved by a second person, certificates marked, request fulfilled.

    A person whose request was not received yet asks now.
    """
    args, person = act.as_(Erasure), p.person(act)
    requester, approver = two_persons(p, act, args, Role.PRIVACY_OFFICER, Role.TRAINING_ISSUER)
    if not any(request.open for request in person.requests):
        officer = (
            requester if p.cast.holds(requester, Role.PRIVACY_OFFICER) else p.cast.pick(Role.PRIVACY_OFFICER)
        )
        _receive(p, Act("ReceiveSubjectRequest", officer, None, act.place, person), "ERASURE", officer)
    request = p.request(act)
    label = p.label("destruction", person.id)
    classes = {"subject_request": request, "classes": plain(args.classes)}
    p.main(act, "RequestDestruction", classes, by=requester, as_=label)
    approval = {"subject_request": request, "request": reference(label, "request")}
    p.main(act, "DestroyData", approval, by=approver)
    if act.trial is not None:
        return
    if _PERSON in args.classes:
        for kind, count in person.certificates.items():
            for nth in range(1, count + 1):
                p.give(
                    requester,
                    "MarkCertificateErased",
                    {"certificate": reference(f"cert:{person.id}:{kind}:{nth}", "certificate")},
                    place=act.place,
                    role=Role.PRIVACY_OFFICER,
                )
    p.give(requester, "FulfilSubjectRequest", {"subject_request": request}, place=act.place)
    person.requests[-1].open = False


def _receive(p: Planner, act: Act, kind: str, by: str) -> None:
    person = p.person(act)
    label = f"request:{person.id}:{len(person.requests) + 1}"
    given = {"subject_kind": "learner", "id": p.ref("person", person.id), "kind": kind}
    p.main(act, "ReceiveSubjectRequest", given, by=by, as_=label)
    if act.trial is None:
        person.requests.append(Request(label))
        if kind != "RETENTION":
            verified = {"subject_request": reference(label, "subject_request")}
            p.give(by, "VerifySubjectRequest", verified, place=act.place)
