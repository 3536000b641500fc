"""What the queries of staff share: pages, who may see names, and how things are shown in a list.

Least rights, in this order: a query is answered for its roles only; facility staff see their own site's people
and nothing about an assessment before it is decided; names go to roles that need them and never to auditors,
deciders or key custodians. What the log itself says (ids, codes, dates, states) is no secret from staff.

A query records nothing and remembers nothing. Lists come newest first, page by page: ``next`` of one page is
``after`` of the next, and null at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import Field

from ledger.commands.assessments import FACILITY
from ledger.commands.command import Query
from ledger.commands.learners import identities
from ledger.commands.work import Work
from ledger.domain.assessment import Assessment
from ledger.domain.certificate import Certificate
from ledger.domain.cohort import Cohort
from ledger.domain.enrolment import Enrolment, tenths
from ledger.domain.learner import Learner
from ledger.domain.organisation import Organisation
from ledger.domain.roles import Role
from ledger.domain.scheme import Scheme
from ledger.domain.staff import Staff

R = TypeVar("R")

NAMES_LEARNERS = FACILITY | {
    Role.TRAINING_ADMIN,
    Role.TRAINING_ISSUER,
    Role.INSTRUCTOR,
    Role.ASSESSOR,
    Role.ASSESSMENT_SUPERVISOR,
    Role.COMPETENCE_ISSUER,
    Role.PRINT_OPERATOR,
    Role.APPEAL_PANEL,
    Role.PRIVACY_OFFICER,
}
"""Who deals with people by name. Deciders decide on records; auditors follow ids."""

NAMES_SITES = FACILITY | {
    Role.TRAINING_ADMIN,
    Role.TRAINING_ISSUER,
    Role.INSTRUCTOR,
    Role.ASSESSMENT_SUPERVISOR,
    Role.KEY_CUSTODIAN,
    Role.PRIVACY_OFFICER,
}
"""Who may read the name of an organisation that has no public one."""

CODES = ("reason", "ground", "remedy", "unit", "result", "request")
"""The members of events that say why and how, in codes."""

SCANNED_AT_MOST = 500

Limit = Annotated[int, Field(ge=1, le=100)]
After = Annotated[int, Field(ge=0, le=2**53 - 1)]


class PagedQuery(Query):
    """A query whose answer is a page: ``items``, and ``next`` to go on after."""

    limit: Limit = 50
    after: After | None = None

    def pages(
        self,
        work: Work,
        kind: str,
        source: str,
        show: Callable[[str], dict[str, Any] | None],
        *,
        newest_first: bool = True,
    ) -> dict[str, Any]:
        """A page of what is related to ``source``; ``show`` gives None for what is left out."""
        rows = work.queries.page(
            kind, source, after=self.after, limit=SCANNED_AT_MOST, newest_first=newest_first
        )
        return self.fill(rows, show)

    def fill(
        self, rows: Sequence[tuple[R, int]], show: Callable[[R], dict[str, Any] | None]
    ) -> dict[str, Any]:
        """A page from the next SCANNED_AT_MOST rows, each with its position.

        A page may be short, even empty, and yet have a ``next``: no more rows than that are looked at.
        """
        items: list[dict[str, Any]] = []
        more = len(rows) == SCANNED_AT_MOST
        for place, (row, position) in enumerate(rows, start=1):
            shown = show(row)
            if shown is not None:
                items.append(shown)
            if len(items) == self.limit:
                return {"items": items, "next": position if more or place < len(rows) else None}
        return {"items": items, "next": rows[-1][1] if more else None}


def own_or_all(work: Work, relation: str, aggregate: str) -> tuple[str, str]:
    """Where to page: an auditor goes through all, others through what their organisation is a party of."""
    return ("listed", aggregate) if work.act.role == Role.AUDITOR else (relation, work.act.org or "")


# -- people --------------------------------------------------------------------------------------------------


def learner_name(work: Work, learner: str) -> str | None:
    """The person's name for a role that needs it; None for others, and once it is destroyed."""
    if work.act.role not in NAMES_LEARNERS:
        return None
    for entry in (learner, *identities(work, learner)):
        name = work.personal.value(f"{Learner.NAME}/{entry}", "identity", "full_name")
        if name is not None:
            return str(name)
    return None


def staff_name(work: Work, staff: str) -> str | None:
    """A member of staff's name; the two founders have none here."""
    name = work.personal.value(f"{Staff.NAME}/{staff}", "identity", "name")
    return None if name is None else str(name)


def organisation_name(work: Work, organisation: str) -> str | None:
    """Its public name, or its private one for a role that works with it."""
    found = work.queries.organisation(organisation)
    if found is None or found[1] is not None:
        return found[1] if found else None
    if work.act.role not in NAMES_SITES:
        return None
    name = work.personal.value(f"{Organisation.NAME}/{organisation}", "custody", "name")
    return None if name is None else str(name)


# -- training and assessment -----------------------------------------------------------------------------------


def at_own_site(work: Work, enrolment: Enrolment) -> bool:
    """Whether facility staff may see this enrolment: it is of a cohort at their own site."""
    return work.load(Cohort, enrolment.cohort).site == work.act.org


def shown_enrolment(work: Work, enrolment: Enrolment) -> dict[str, Any]:
    """An enrolment in a list: state, seat, hours, and tenths of a percent of the scheme's hours so far."""
    cohort = work.load(Cohort, enrolment.cohort)
    total = work.load(Scheme, cohort.scheme).at(cohort.scheme_version).total_jp
    percent = tenths(enrolment.jp, total)
    return {
        "enrolment": enrolment.aggregate_id,
        "learner": enrolment.learner,
        "cohort": enrolment.cohort,
        "state": enrolment.state,
        "reason": enrolment.reason,
        "seat": enrolment.seat,
        "notice": enrolment.notice,
        "jp": enrolment.jp,
        "total_jp": total,
        "percent_x10": percent,
        "enough": percent >= cohort.threshold * 10,
    }


def shown_assessment(assessment: Assessment) -> dict[str, Any]:
    """An assessment in a list: no results, but whether it is decided and earned the award."""
    decision = assessment.decision
    return {
        "assessment": assessment.aggregate_id,
        "enrolment": assessment.enrolment,
        "attempt": assessment.attempt,
        "state": assessment.state,
        "decided": decision is not None,
        "award": decision.award if decision else None,
    }


def assessments_of(work: Work, relation: str, source: str) -> list[dict[str, Any]]:
    """The assessments of a learner or an enrolment; facility staff see the decided ones only."""
    found = [work.load(Assessment, each) for each in work.queries.related(relation, source)]
    seen = [each for each in found if work.act.role not in FACILITY or each.decision is not None]
    return [shown_assessment(each) for each in seen]


def provider_of(work: Work, assessment: Assessment) -> str | None:
    """The training provider of who is assessed; None for a renewal, which needs no training."""
    if assessment.enrolment is None:
        return None
    return work.load(Cohort, work.load(Enrolment, assessment.enrolment).cohort).provider


# -- history -----------------------------------------------------------------------------------------------------


def shown_history(work: Work, stream: str) -> list[dict[str, Any]]:
    """Who did what in which role and when, with each payload's hash, and the codes that say why and how."""
    return [
        {
            "event": event.type,
            "version": event.originator_version,
            "index": index,
            "hash": event.hash,
            "occurred_at": event.occurred_at,
            "recorded_at": event.recorded_at,
            "actor": event.actor,
            "role": event.role,
            "org": event.org,
            "command": event.command,
            "codes": {name: event.data[name] for name in CODES if event.data.get(name) is not None},
        }
        for index, event in work.queries.history(stream)
    ]


# -- certificates ----------------------------------------------------------------------------------------------


def shown_certificate(work: Work, certificate_id: str) -> dict[str, Any]:
    """A certificate in a list, with the status that the public is shown now."""
    certificate = work.load(Certificate, certificate_id)
    row = work.queries.certificate(certificate_id)
    return {
        "certificate": certificate_id,
        "kind": certificate.printed.kind,
        "number": certificate.number,
        "issuer": certificate.org,
        "issued_on": str(certificate.issued_on),
        "valid_until": str(certificate.valid_until) if certificate.valid_until else None,
        "state": certificate.state,
        "status": certificate.public_status(
            erased=bool(row and row.erased), under_review=bool(row and row.under_review), at=work.act.now
        ),
    }


def certificates_of(work: Work, learner: str) -> list[dict[str, Any]]:
    """The certificates of a person, under any entry, as far as the way back from them still exists."""
    found = {
        each: None
        for entry in identities(work, learner)
        for each in work.personal.index.certificates_of("learner", entry)
    }
    return [shown_certificate(work, each) for each in sorted(found) if work.find(Certificate, each)]
