"""Queries about certificates, their printed copies, and blank forms.

The way from a learner to a certificate is for those who issue and renew; the way back from a certificate for
the privacy_officer and, without names, for auditors, as long as its provenance is not erased.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import model_validator

from ledger.commands.command import Code, Id, Query
from ledger.commands.lookups import (
    NAMES_LEARNERS,
    PagedQuery,
    certificates_of,
    shown_certificate,
    shown_history,
)
from ledger.commands.work import Work
from ledger.domain.blank_stock import BlankStock
from ledger.domain.certificate import Certificate
from ledger.domain.learner import Learner
from ledger.domain.print_copy import PrintCopy
from ledger.domain.roles import Role

READERS = frozenset(
    {
        Role.TRAINING_ADMIN,
        Role.TRAINING_ISSUER,
        Role.COMPETENCE_ISSUER,
        Role.ASSESSMENT_SUPERVISOR,
        Role.PRINT_OPERATOR,
        Role.PRIVACY_OFFICER,
        Role.AUDITOR,
    }
)
FROM_LEARNER = READERS - {Role.PRINT_OPERATOR}
TO_LEARNER = frozenset({Role.PRIVACY_OFFICER, Role.AUDITOR})


class FindCertificates(Query):
    """Find certificates by number, or all of one learner."""

    roles: ClassVar = READERS
    number: Code | None = None
    learner: Id | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        """Either a number or a learner."""
        if (self.number is None) == (self.learner is None):
            msg = "give either number or learner"
            raise ValueError(msg)
        return self

    def answer(self, work: Work) -> dict[str, Any]:
        """``items``, none for an unknown number; a learner's only as far as their provenance leads to them."""
        if self.number is not None:
            row = work.queries.certificate_by_number(self.number)
            return {"items": [shown_certificate(work, row.id)] if row else []}
        work.require(
            work.act.role in FROM_LEARNER,
            "ROLE_FORBIDDEN",
            "who prints finds a certificate by its number",
            "Ask the issuer for the number.",
        )
        learner = work.load(Learner, self.learner or "")
        return {"items": certificates_of(work, learner.aggregate_id)}


class ShowCertificate(Query):
    """Show a certificate: what is printed, state and public status, copies, and its whole history."""

    roles: ClassVar = READERS
    certificate: Id

    def answer(self, work: Work) -> dict[str, Any]:
        """``holder`` and ``code`` are null for auditors and once destroyed, ``provenance`` once erased."""
        found = work.load(Certificate, self.certificate)
        printed, named = found.printed, work.act.role in NAMES_LEARNERS
        row = work.queries.certificate(self.certificate)
        return {
            **shown_certificate(work, self.certificate),
            "title": {"id": printed.title_id, "en": printed.title_en},
            "level": printed.level,
            "scheme_code": printed.scheme_code,
            "programme_code": printed.programme_code,
            "units": [dict(unit) for unit in printed.units],
            "jp": printed.jp,
            "zone": found.zone,
            "template": found.template,
            "template_version": found.template_version,
            "holder": work.personal.value(found.stream, "identity", "holder") if named else None,
            "code": work.personal.value(found.stream, "identity", "code") if named else None,
            "provenance": work.certificate_links(self.certificate) if work.act.role in TO_LEARNER else None,
            "under_review": bool(row and row.under_review),
            "erased": bool(row and row.erased),
            "replaces": found.replaces,
            "superseded_by": found.superseded_by,
            "renewed_by": found.renewed_by,
            "copies": _copies(work, self.certificate),
            "history": shown_history(work, found.stream),
        }


class BlanksInStock(PagedQuery):
    """List the deliveries of blank forms that have free ones left; a page holds whole deliveries."""

    roles: ClassVar = frozenset({Role.PRINT_OPERATOR})

    def answer(self, work: Work) -> dict[str, Any]:
        """Items with the free serials in order, and how many were used, spoiled or given back."""

        def show(each: str) -> dict[str, Any] | None:
            states = work.load(BlankStock, each).forms
            free = sorted(serial for serial, state in states.items() if state == "received")
            if not free:
                return None
            counts = {
                state: list(states.values()).count(state) for state in ("allocated", "spoiled", "returned")
            }
            return {"stock": each, "free": free, "received": len(states), **counts}

        return self.pages(work, "listed", BlankStock.NAME, show)


def _copies(work: Work, certificate: str) -> list[dict[str, Any]]:
    found = [work.load(PrintCopy, each) for each in work.queries.related("certificate.copies", certificate)]
    return [
        {"print_copy": each.aggregate_id, "copy": each.copy, "serial": each.serial, "state": each.state}
        for each in sorted(found, key=lambda each: each.copy)
    ]
