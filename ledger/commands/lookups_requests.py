"""Queries about what waits for a second person, and what became of a command.

A request is shown to those who may approve it in the role and organisation they act in, to the person who made
it, and to auditors. What it proposes is shown as far as it stands in the log; the value of an identity
correction, and the name of a person to be registered, to whoever may approve them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

from pydantic import StringConstraints, model_validator

from ledger.commands.assessments import DECIDER
from ledger.commands.command import Id, Query
from ledger.commands.learners import PRIVACY
from ledger.commands.lifecycle import ISSUERS
from ledger.commands.lookups import SCANNED_AT_MOST, PagedQuery, learner_name, staff_name
from ledger.commands.schemes import SECOND_READER
from ledger.commands.staff import CUSTODIAN
from ledger.commands.work import Work
from ledger.domain.aggregate import Aggregate
from ledger.domain.certificate import ISSUER_ROLE, Certificate
from ledger.domain.event import Event
from ledger.domain.impartiality_exception import ImpartialityException
from ledger.domain.issuer_key import IssuerKey
from ledger.domain.learner import FIELD_CLASSES, Learner
from ledger.domain.ledger import Ledger
from ledger.domain.roles import Role
from ledger.domain.scheme import Scheme
from ledger.domain.staff import Staff
from ledger.domain.subject_request import SubjectRequest
from ledger.domain.template import Template

IdempotencyKey = Annotated[str, StringConstraints(pattern=r"^[!-~]{8,200}$")]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of request: the act that answers it, who gives that act, and in which states it can (any, if none)."""

    aggregate: type[Aggregate]
    act: str
    roles: frozenset[Role]
    states: tuple[str, ...] = ()


KINDS: dict[str, _Kind] = {
    "staff.registration_requested.v1": _Kind(Staff, "RegisterStaff", CUSTODIAN, ("",)),
    "staff.role_grant_requested.v1": _Kind(Staff, "GrantRole", CUSTODIAN),
    "staff.enrolment_requested.v1": _Kind(Staff, "EnrolKey", CUSTODIAN),
    "staff.compromise_requested.v1": _Kind(Staff, "DeclareKeyCompromise", CUSTODIAN),
    "issuer_key.enrolment_requested.v1": _Kind(IssuerKey, "EnrolIssuerKey", CUSTODIAN, ("",)),
    "issuer_key.compromise_requested.v1": _Kind(
        IssuerKey, "DeclareIssuerKeyCompromise", CUSTODIAN, ("enrolled", "retired")
    ),
    "ledger.rotation_requested.v1": _Kind(Ledger, "RotateLogKey", CUSTODIAN, ("open",)),
    "ledger.succession_requested.v1": _Kind(Ledger, "SucceedLedger", CUSTODIAN, ("open",)),
    "scheme.drafted.v1": _Kind(Scheme, "ApproveScheme", SECOND_READER),
    "template.drafted.v1": _Kind(Template, "ApproveTemplate", SECOND_READER),
    "learner.correction_requested.v1": _Kind(Learner, "CorrectIdentity", SECOND_READER, ("active",)),
    "learner.merge_requested.v1": _Kind(Learner, "ApproveMerge", PRIVACY, ("active",)),
    "certificate.revocation_requested.v1": _Kind(
        Certificate, "RevokeCertificate", ISSUERS, ("active", "suspended")
    ),
    "subject_request.destruction_requested.v1": _Kind(
        SubjectRequest, "DestroyData", SECOND_READER, ("verified",)
    ),
    "impartiality_exception.requested.v1": _Kind(
        ImpartialityException, "ApproveException", DECIDER, ("requested",)
    ),
}
"""By the event that asks."""


class OpenRequests(PagedQuery):
    """List two-person acts that wait for their second person, with the payload hash that the act names.

    Agreements and facility reviews, which each party signs once, are in their own lists.
    """

    roles: ClassVar = frozenset(Role)

    def answer(self, work: Work) -> dict[str, Any]:
        """Oldest first. Items name the command that answers them and the id it is about."""
        rows = work.queries.open_requests(after=self.after, limit=SCANNED_AT_MOST)
        return self.fill(rows, lambda row: _shown(work, *row))


class CommandStatus(Query):
    """Ask what became of a command, by its id or by the idempotency key that it was sent with.

    For one's own commands; an auditor may ask by any id, and is not told its result.
    """

    roles: ClassVar = frozenset(Role)
    command: Id | None = None
    idempotency_key: IdempotencyKey | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        """Either an id or a key."""
        if (self.command is None) == (self.idempotency_key is None):
            msg = "give either command or idempotency_key"
            raise ValueError(msg)
        return self

    def answer(self, work: Work) -> dict[str, Any]:
        """``recorded`` false: it never came into the log, and may be given again with the same key."""
        command = self.command or work.own_command(self.idempotency_key or "")
        found = work.queries.recorded(command) if command else None
        if found is None:
            unknown = {"first_index": None, "events": 0, "result": None}
            return {"recorded": False, "command": self.command, **unknown}
        actor, first, events, reply = found
        own = work.human(actor) == work.act.human
        work.require(
            own or work.act.role == Role.AUDITOR,
            "ROLE_FORBIDDEN",
            "this is another person's command",
            "Ask about your own commands.",
        )
        result = work.reply_to(command or "", reply) if own and reply is not None else None
        return {
            "recorded": True,
            "command": command,
            "first_index": first,
            "events": events,
            "result": result,
        }


def _shown(work: Work, request: str, stream: str, topic: str) -> dict[str, Any] | None:
    """The request as it is listed; None for who may not see it, or when it can no longer be answered."""
    kind = KINDS.get(topic)
    aggregate_id = stream.partition("/")[2]
    found = work.find(kind.aggregate, aggregate_id) if kind else None
    if kind is None or found is None or (kind.states and found.state not in kind.states):
        return None
    asked = _event_of(work, found, request, topic)
    if asked is None:
        return None
    own = work.human(asked.actor) == work.act.human
    approves = work.act.role in kind.roles and _fits(work, found)
    if not (own or approves or work.act.role == Role.AUDITOR):
        return None
    return {
        "request": request,
        "act": kind.act,
        "about": kind.aggregate.NAME,
        "id": aggregate_id,
        "requested_by": asked.actor,
        "requested_by_you": own,
        "recorded_at": asked.recorded_at,
        "proposed": _proposed(work, found, asked, private=approves),
    }


def _event_of(work: Work, found: Aggregate, request: str, topic: str) -> Event | None:
    """The event that asks; None when a newer request or draft has replaced it."""
    if isinstance(found, Learner) and topic.endswith("correction_requested.v1"):
        rivals = [
            event
            for event in found.requests.values()
            if event.type == topic and request in found.requests
            if event.data["field"] == found.requests[request].data["field"]
        ]
        return rivals[-1] if rivals and rivals[-1].hash == request else None
    if topic.endswith("_requested.v1"):
        return found.requests.get(request)
    return next((event for _, event in work.queries.history(found.stream) if event.hash == request), None)


def _fits(work: Work, found: Aggregate) -> bool:
    """Whether the organisation, and for a certificate its kind, are the asker's."""
    if isinstance(found, Certificate):
        return ISSUER_ROLE[found.printed.kind] == work.act.role and found.org == work.act.org
    if isinstance(found, Scheme):
        return found.latest.provider == work.act.org
    if isinstance(found, Template):
        return found.org == work.act.org
    return True


def _proposed(work: Work, found: Aggregate, asked: Event, *, private: bool) -> dict[str, Any]:
    """What is asked for, without commitments, keys and proofs; private values for who may approve them."""
    shown = {name: asked.data[name] for name in _SHOWN if name in asked.data}
    for private_value in _PRIVATE if private else ():
        shown.update(private_value(work, found, asked))
    return shown


_SHOWN = (
    "role",
    "org",
    "same_person_as",
    "thumbprint",
    "custody",
    "key",
    "from_size",
    "organisation",
    "purpose",
    "kind",
    "kid",
    "log_key",
    "origin",
    "size",
    "root",
    "version",
    "code",
    "hash",
    "field",
    "into",
    "reason",
    "classes",
    "rule",
    "scope",
    "risk",
    "until",
)


def _correction(work: Work, found: Aggregate, asked: Event) -> dict[str, Any]:
    if not isinstance(found, Learner) or "field" not in asked.data:
        return {}
    field = asked.data["field"]
    class_ = FIELD_CLASSES.get(field, "identity")
    return {
        "name": learner_name(work, found.aggregate_id),
        "value": work.personal.value(found.stream, class_, f"requested_{field}"),
        "instead_of": work.personal.value(found.stream, class_, field),
    }


def _registration(work: Work, found: Aggregate, _asked: Event) -> dict[str, Any]:
    return {"name": staff_name(work, found.aggregate_id)} if isinstance(found, Staff) else {}


_PRIVATE: tuple[Callable[[Work, Aggregate, Event], dict[str, Any]], ...] = (_correction, _registration)
