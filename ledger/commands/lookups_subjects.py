"""Queries of the privacy officer: requests of people about their data, and all that is kept about them."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.commands.command import Id, Query
from ledger.commands.learners import PRIVACY, identities
from ledger.commands.lookups import PagedQuery
from ledger.commands.subjects import access_report
from ledger.commands.work import Work
from ledger.domain.certificate import Certificate
from ledger.domain.learner import Learner
from ledger.domain.subject_request import RETENTION, SubjectRequest


class ListSubjectRequests(PagedQuery):
    """List requests about personal data: those still open unless ``open`` is false."""

    roles: ClassVar = PRIVACY
    open: bool = True

    def answer(self, work: Work) -> dict[str, Any]:
        """Items with subject, kind, state, due time, an open hold and what was destroyed."""

        def show(each: str) -> dict[str, Any] | None:
            found = work.load(SubjectRequest, each)
            if self.open and found.state not in {"received", "verified"} and found.hold is None:
                return None
            return {
                "subject_request": each,
                "subject": found.subject,
                "kind": found.kind,
                "state": found.state,
                "due": found.due,
                "hold": found.hold,
                "destroyed": sorted(list(place) for place in found.destroyed),
            }

        return self.pages(work, "listed", SubjectRequest.NAME, show)


class AccessReport(Query):
    """Give all that is kept about the person, or the certificate, of a verified request."""

    roles: ClassVar = PRIVACY
    subject_request: Id

    def answer(self, work: Work) -> dict[str, Any]:
        """``subjects`` by stream and class: every entry of the person, and each certificate that leads back."""
        request = work.load(SubjectRequest, self.subject_request)
        request.require_state("verified", "fulfilled")
        work.require(
            request.kind != RETENTION,
            "SUBJECT_REQUEST_STATE_INVALID",
            "nobody has asked: this is the institution's own schedule",
            "Receive a request of kind ACCESS and verify who asks.",
        )
        return {
            "subject_request": self.subject_request,
            "kind": request.kind,
            "due": request.due,
            "subjects": {each: access_report(work.personal, each) for each in _subjects(work, request)},
        }


def _subjects(work: Work, request: SubjectRequest) -> list[str]:
    aggregate, _, subject = request.subject.partition("/")
    if aggregate != Learner.NAME:
        return [request.subject]
    entries = identities(work, subject)
    certificates = {
        found for entry in entries for found in work.personal.index.certificates_of("learner", entry)
    }
    return [
        *(f"{Learner.NAME}/{entry}" for entry in entries),
        *(f"{Certificate.NAME}/{each}" for each in sorted(certificates)),
    ]
