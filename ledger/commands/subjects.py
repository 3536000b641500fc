"""Commands over subject requests: access, correction, erasure and retention of personal data.

The privacy officer receives, verifies, holds and requests; a training issuer approves what is destroyed. The
rows and their keys are destroyed after the commit, by whoever reads ``data_destroyed``. Destroying a
learner's data covers every entry merged into theirs. A certificate is reached from a learner by its
provenance link outside the log, never by an event; here it is a subject of its own: its class ``identity`` is
destroyed by marking it as erased or under a request about it, ``provenance`` only under a request about it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from ledger.commands.command import Command, Hash, Id, ReasonCode
from ledger.commands.learners import PRIVACY, identities, require_neutral
from ledger.commands.work import Work
from ledger.domain.certificate import Certificate
from ledger.domain.learner import Learner
from ledger.domain.roles import Role
from ledger.domain.subject_request import DESTROYING, ERASURE, SubjectRequest
from ledger.errors import DomainError

if TYPE_CHECKING:
    from ledger.personal.store import PersonalStore

DataClass = Literal["identity", "custody", "contact", "evidence", "outcome", "provenance"]
CLASSES: tuple[DataClass, ...] = ("identity", "custody", "contact", "evidence", "outcome", "provenance")


class ReceiveSubjectRequest(Command):
    """Receive a request about the data of a learner or a certificate.

    RETENTION is the institution's own schedule of what is destroyed when.
    """

    roles: ClassVar = PRIVACY
    subject_kind: Literal["learner", "certificate"]
    id: Id
    kind: Literal["ACCESS", "CORRECTION", "ERASURE", "RETENTION"]

    def decide(self, work: Work) -> None:
        """Due some hours after receipt. A merged entry's requests are the survivor's."""
        if self.subject_kind == "learner":
            work.load(Learner, self.id).require_usable()
        else:
            work.load(Certificate, self.id)
        request = work.new(SubjectRequest)
        due = work.act.occurred_at + timedelta(hours=work.rulebook.request_due_hours)
        request.receive(work.act, subject=f"{self.subject_kind}/{self.id}", kind=self.kind, due=due)
        work.decision.result["subject_request"] = request.aggregate_id


class _OnRequest(Command):
    """A command over one subject request."""

    subject_request: Id

    def load(self, work: Work) -> SubjectRequest:
        """The request."""
        return work.load(SubjectRequest, self.subject_request)


class VerifySubjectRequest(_OnRequest):
    """Record that who asks is who they say."""

    roles: ClassVar = PRIVACY

    def decide(self, work: Work) -> None:
        """Once."""
        self.load(work).verify(work.act)


class PlaceHold(_OnRequest):
    """Keep this subject's data from being destroyed, for a neutral reason."""

    roles: ClassVar = PRIVACY
    reason: ReasonCode

    def decide(self, work: Work) -> None:
        """One hold a request."""
        request = self.load(work)
        request.require_state("received", "verified")
        require_neutral(work, self.reason)
        request.place_hold(work.act, reason=self.reason)


class LiftHold(_OnRequest):
    """End the hold."""

    roles: ClassVar = PRIVACY

    def decide(self, work: Work) -> None:
        """There must be one."""
        self.load(work).lift_hold(work.act)


class RequestDestruction(_OnRequest):
    """Propose which classes of the subject's data are destroyed."""

    roles: ClassVar = PRIVACY
    classes: Annotated[list[DataClass], Field(min_length=1, max_length=len(CLASSES))]

    def decide(self, work: Work) -> None:
        """Not while a hold is open."""
        request = self.load(work)
        request.require_destroying()
        work.require(
            "provenance" not in self.classes or not _of_learner(request),
            "VALUE_INVALID",
            "a learner has no data of the class provenance: it is the way back from each certificate",
            "Ask for it under a request about each certificate.",
        )
        require_no_hold(work, _subjects(work, request))
        request.request_destruction(work.act, classes=self.classes)


class DestroyData(_OnRequest):
    """Approve the destruction that another person requested; it cannot be undone."""

    roles: ClassVar = frozenset({Role.TRAINING_ISSUER})
    request: Hash

    def decide(self, work: Work) -> None:
        """Two people, and not while a hold is open."""
        request = self.load(work)
        asked = request.request_of(self.request, "destruction_requested")
        request.require_destroying()
        work.second_person(asked.actor)
        subjects = _subjects(work, request)
        require_no_hold(work, subjects)
        request.destroy(work.act, request=self.request, subjects=subjects)


class FulfilSubjectRequest(_OnRequest):
    """Record that the request was granted and done."""

    roles: ClassVar = PRIVACY

    def decide(self, work: Work) -> None:
        """An erasure is not fulfilled under a hold, nor while a certificate still says the erased person's name."""
        request = self.load(work)
        request.require_state("verified")
        if request.kind in DESTROYING:
            require_no_hold(work, _subjects(work, request))
        if request.kind == ERASURE and _of_learner(request):
            _require_certificates_erased(work, request)
        request.fulfil(work.act)


class RefuseSubjectRequest(_OnRequest):
    """Record that the request was not granted, for a neutral reason."""

    roles: ClassVar = PRIVACY
    reason: ReasonCode

    def decide(self, work: Work) -> None:
        """A hold stays until it is lifted."""
        request = self.load(work)
        request.require_state("received", "verified")
        require_neutral(work, self.reason)
        request.refuse(work.act, reason=self.reason)


def access_report(personal: PersonalStore, subject: str) -> dict[str, list[dict[str, Any]]]:
    """All that is kept outside the log about a subject (a stream's name), by class, in recorded order.

    What was destroyed is not there. Each fact has ``field``, ``value``, and the ``stream`` and ``version`` of
    the event that commits to it.
    """
    return {
        class_: [
            {"field": fact.field, "value": fact.value, "stream": fact.stream, "version": fact.version}
            for fact in personal.get(subject, class_)
        ]
        for class_ in CLASSES
    }


def _of_learner(request: SubjectRequest) -> bool:
    return request.subject.startswith(f"{Learner.NAME}/")


def _subjects(work: Work, request: SubjectRequest) -> list[str]:
    """The streams whose facts are destroyed: all entries of a learner, or the certificate alone."""
    if not _of_learner(request):
        return [request.subject]
    return [f"{Learner.NAME}/{one}" for one in identities(work, request.subject.partition("/")[2])]


def _require_certificates_erased(work: Work, request: SubjectRequest) -> None:
    """SUBJECT_REQUEST_STATE_INVALID while the name is destroyed here and stands on a certificate that leads back."""
    destroyed = {subject.partition("/")[2] for subject, class_ in request.destroyed if class_ == "identity"}
    certificates = {
        found for one in destroyed for found in work.personal.index.certificates_of(Learner.NAME, one)
    }
    remaining = [
        each for each in certificates if not work.queries.destroyed(f"{Certificate.NAME}/{each}", "identity")
    ]
    work.require(
        not remaining,
        "SUBJECT_REQUEST_STATE_INVALID",
        f"the name is destroyed here and still stands on certificates of this person: {len(remaining)} of them",
        "Mark each of them as erased (MarkCertificateErased), then fulfil the request.",
    )


def require_no_hold(work: Work, subjects: list[str]) -> None:
    """ERASURE_HOLD_ACTIVE when a hold is on one of these, or on the holder of a certificate among them."""
    for subject in _with_holders(work, subjects):
        for other in work.queries.related("subject.requests", subject):
            if work.load(SubjectRequest, other).hold is not None:
                raise DomainError(
                    "ERASURE_HOLD_ACTIVE",
                    "a hold is placed on this person's data",
                    "Lift the hold when its reason is gone; until then nothing is destroyed.",
                )


def _with_holders(work: Work, subjects: list[str]) -> list[str]:
    """These streams, and all entries of the person to whom a certificate among them still leads back."""
    found = list(subjects)
    for subject in subjects:
        aggregate, _, certificate = subject.partition("/")
        links = work.certificate_links(certificate) if aggregate == Certificate.NAME else None
        if links is not None:
            found += [f"{Learner.NAME}/{one}" for one in identities(work, links["learner"])]
    return found
