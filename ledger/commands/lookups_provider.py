"""Queries about what training stands on: organisations, agreements, facility reviews, schemes, templates."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.commands.assessments import FACILITY
from ledger.commands.command import Id, Query
from ledger.commands.lookups import PagedQuery, organisation_name, own_or_all
from ledger.commands.work import Work
from ledger.domain.agreement import Agreement
from ledger.domain.facility_review import FacilityReview
from ledger.domain.organisation import Organisation
from ledger.domain.roles import Role
from ledger.domain.scheme import Scheme, SchemeVersion
from ledger.domain.template import Template

TRAINING = FACILITY | {Role.TRAINING_ADMIN, Role.TRAINING_ISSUER, Role.AUDITOR}


class ListOrganisations(PagedQuery):
    """List the organisations; a name that is never public is shown to those who work with it."""

    roles: ClassVar = frozenset(Role)

    def answer(self, work: Work) -> dict[str, Any]:
        """Items with id, kind, state, name, zone."""

        def show(each: str) -> dict[str, Any]:
            found = work.load(Organisation, each)
            return {
                "organisation": each,
                "kind": found.kind,
                "state": found.state,
                "name": organisation_name(work, each),
                "public_name": found.public_name,
                "zone": found.zone,
            }

        return self.pages(work, "listed", Organisation.NAME, show)


class ListAgreements(PagedQuery):
    """List agreements: one's own organisation's, an auditor all."""

    roles: ClassVar = TRAINING

    def answer(self, work: Work) -> dict[str, Any]:
        """Items with dates, state, and which parties have still to sign the newest terms."""

        def show(each: str) -> dict[str, Any]:
            found = work.load(Agreement, each)
            return {
                "agreement": each,
                "number": found.number,
                "state": found.state,
                "parties": list(found.parties),
                "from": str(found.start),
                "until": str(found.until),
                "proposed_until": str(found.amended_until) if found.amended_until else None,
                "awaits": [party for party in found.parties if party not in found.signatures]
                if found.state != "ended"
                else [],
            }

        return self.pages(work, *own_or_all(work, "org.agreements", Agreement.NAME), show)


class ListFacilityReviews(PagedQuery):
    """List facility reviews: of one's own site or provider, an auditor all."""

    roles: ClassVar = TRAINING

    def answer(self, work: Work) -> dict[str, Any]:
        """Items with site, state, last valid day, what failed, and who has signed."""

        def show(each: str) -> dict[str, Any]:
            found = work.load(FacilityReview, each)
            return {
                "review": each,
                "site": found.site,
                "provider": found.provider,
                "state": found.state,
                "valid_until": str(found.valid_until) if found.valid_until else None,
                "ready_today": found.ready_on(work.today),
                "failed": [
                    {"item": item.code, "critical": item.critical, "due": str(item.due) if item.due else None}
                    for item in found.items.values()
                    if not item.passed
                ],
                "signed_by": sorted(found.conclusions),
            }

        return self.pages(work, *own_or_all(work, "org.reviews", FacilityReview.NAME), show)


class ListSchemes(PagedQuery):
    """List the schemes with their newest version."""

    roles: ClassVar = frozenset(Role)

    def answer(self, work: Work) -> dict[str, Any]:
        """Items with code, title, trade, state and version."""

        def show(each: str) -> dict[str, Any]:
            found = work.load(Scheme, each)
            latest = found.latest
            return {
                "scheme": each,
                "state": found.state,
                "version": latest.number,
                "code": latest.code,
                "trade": latest.trade,
                "title": {"id": latest.title_id, "en": latest.title_en},
                "provider": latest.provider,
                "body": latest.body,
            }

        return self.pages(work, "listed", Scheme.NAME, show)


class ShowScheme(Query):
    """Show a scheme, every version with its units."""

    roles: ClassVar = frozenset(Role)
    scheme: Id

    def answer(self, work: Work) -> dict[str, Any]:
        """``versions``, oldest first; a draft's ``request`` is what its second reader approves."""
        found = work.load(Scheme, self.scheme)
        return {
            "scheme": self.scheme,
            "state": found.state,
            "versions": [_version(found.versions[number]) for number in sorted(found.versions)],
        }


class ListTemplates(PagedQuery):
    """List the templates with the version that certificates are issued with now."""

    roles: ClassVar = frozenset(
        {Role.TRAINING_ADMIN, Role.TRAINING_ISSUER, Role.COMPETENCE_ISSUER, Role.PRINT_OPERATOR, Role.AUDITOR}
    )

    def answer(self, work: Work) -> dict[str, Any]:
        """Items with kind, state, newest and current version, and the newest text's SHA-256."""

        def show(each: str) -> dict[str, Any]:
            found = work.load(Template, each)
            return {
                "template": each,
                "kind": found.kind,
                "state": found.state,
                "organisation": found.org,
                "version": found.latest.number,
                "sha256": found.latest.hash,
                "current_version": found.current.number if found.current else None,
            }

        return self.pages(work, "listed", Template.NAME, show)


def _version(version: SchemeVersion) -> dict[str, Any]:
    return {
        "version": version.number,
        "code": version.code,
        "trade": version.trade,
        "title": {"id": version.title_id, "en": version.title_en},
        "level": version.level,
        "total_jp": version.total_jp,
        "jp_minutes": version.jp_minutes,
        "provider": version.provider,
        "body": version.body,
        "units": [
            {
                "decree": unit.decree,
                "code": unit.code,
                "title": {"id": unit.title_id, "en": unit.title_en},
                "jp": unit.jp,
                "type": unit.type,
            }
            for unit in version.units
        ],
        "non_unit": [
            {"title": {"id": extra.title_id, "en": extra.title_en}, "jp": extra.jp}
            for extra in version.non_unit
        ],
        "approved": version.approved,
        "retired": version.retired,
        "request": None if version.approved else version.drafted,
        "award_rule": version.award_rule or None,
        "min_units": version.min_units,
        "validity_months": version.validity_months or None,
        "unit_statement": version.unit_statement if version.approved else None,
    }
