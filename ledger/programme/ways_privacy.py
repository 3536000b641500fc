"""Ways of acts over subject requests: what a person asks about their data, and erasing them."""

from __future__ import annotations

from ledger.domain.roles import Role
from ledger.programme.act import Act, plain
from ledger.programme.arguments import Erasure, Reason, SubjectRequest
from ledger.programme.planner import Planner
from ledger.programme.state import Request
from ledger.programme.step import reference
from ledger.programme.ways_people import two_persons

_PERSON, _WAY_BACK = "identity", "provenance"


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

    A person whose request was not received yet asks now. The way back from a certificate is no data of the
    person's own: the class provenance is asked for and destroyed for each certificate.
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
    own = [each for each in args.classes if each != _WAY_BACK or act.trial is not None]
    if not own:
        p.refuse(act, f"beside {_WAY_BACK} there must be a class of the person's own")
    classes = {"subject_request": request, "classes": plain(own)}
    p.main(act, "RequestDestruction", classes, by=requester, as_=label)
    approval = {"subject_request": request, "request": reference(label, "request")}
    p.main(act, "DestroyData", approval, by=approver)
    if act.trial is not None:
        return
    certificates = [
        f"cert:{person.id}:{kind}:{nth}"
        for kind, count in person.certificates.items()
        for nth in range(1, count + 1)
    ]
    for each in certificates:
        certificate = reference(each, "certificate")
        if _PERSON in args.classes:
            p.give(
                requester,
                "MarkCertificateErased",
                {"certificate": certificate},
                place=act.place,
                role=Role.PRIVACY_OFFICER,
            )
        if _WAY_BACK in args.classes:
            _destroy_way_back(p, act, each, requester, approver)
    p.give(requester, "FulfilSubjectRequest", {"subject_request": request}, place=act.place)
    person.requests[-1].open = False


def _destroy_way_back(p: Planner, act: Act, label: str, requester: str, approver: str) -> None:
    given = {"subject_kind": "certificate", "id": reference(label, "certificate"), "kind": "ERASURE"}
    asked, approved = f"request:{label}", f"destruction:{label}"
    request = {"subject_request": reference(asked, "subject_request")}
    p.give(requester, "ReceiveSubjectRequest", given, place=act.place, as_=asked)
    p.give(requester, "VerifySubjectRequest", request, place=act.place)
    classes = {**request, "classes": [_WAY_BACK]}
    p.give(requester, "RequestDestruction", classes, place=act.place, as_=approved)
    approval = {**request, "request": reference(approved, "request")}
    p.give(approver, "DestroyData", approval, place=act.place)
    p.give(requester, "FulfilSubjectRequest", request, place=act.place)


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
