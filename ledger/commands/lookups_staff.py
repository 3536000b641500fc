"""Queries about the people who act: for key custodians all of it, for others whom they may name in a command."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.commands.command import Id, Query
from ledger.commands.lookups import PagedQuery, staff_name
from ledger.commands.staff import CUSTODIAN
from ledger.commands.work import Work
from ledger.domain.ledger import Ledger
from ledger.domain.roles import Role
from ledger.domain.staff import Staff

NAMED_BY: dict[Role, frozenset[Role]] = {
    Role.INSTRUCTOR: frozenset({Role.TRAINING_ADMIN}),
    Role.ASSESSOR: frozenset({Role.ASSESSMENT_SUPERVISOR}),
    Role.APPEAL_PANEL: frozenset({Role.ASSESSMENT_SUPERVISOR}),
    Role.CERTIFICATION_DECIDER: frozenset({Role.ASSESSMENT_SUPERVISOR, Role.CERTIFICATION_DECIDER}),
}
"""Who names holders of a role in commands, and so may list them."""


class ListStaff(PagedQuery):
    """List everybody who is registered, or proposed for registration."""

    roles: ClassVar = CUSTODIAN

    def answer(self, work: Work) -> dict[str, Any]:
        """Items with name, state and roles; the two founders come in ``founders``."""
        page = self.pages(work, "listed", Staff.NAME, lambda each: _shown_staff(work, work.load(Staff, each)))
        ledger = work.load(Ledger, work.ledger_id)
        founders = [name.partition("/")[2] for name in ledger.founders]
        return {**page, "founders": [_shown_staff(work, work.load(Staff, each)) for each in founders]}


class ShowStaff(Query):
    """Show a person with licence and keys."""

    roles: ClassVar = CUSTODIAN
    staff: Id

    def answer(self, work: Work) -> dict[str, Any]:
        """Keys by thumbprint with their status; a licence's number is a fact of its own."""
        found = work.load(Staff, self.staff)
        licence = found.licence
        number = work.personal.value(found.stream, "identity", "number")
        return {
            **_shown_staff(work, found),
            "licence": licence
            and {"number": number, "scope": sorted(licence.scope), "until": str(licence.until)},
            "keys": [
                {
                    "key": key.thumbprint,
                    "alg": key.alg,
                    "custody": key.custody,
                    "status": key.status,
                    "compromised_from": key.compromised_from,
                }
                for key in found.keys.values()
            ],
        }


class ListHolders(PagedQuery):
    """List who holds a role now, for those who name such people in commands: instructors, assessors, panels."""

    roles: ClassVar = frozenset().union(*NAMED_BY.values()) | CUSTODIAN
    role: Role

    def answer(self, work: Work) -> dict[str, Any]:
        """Items with name and organisations; an assessor's with the licence's trades and last day."""
        allowed = NAMED_BY.get(self.role, frozenset()) | CUSTODIAN
        work.require(
            work.act.role in allowed,
            "ROLE_FORBIDDEN",
            f"the role {work.act.role} names nobody of the role {self.role}",
            f"It is listed for: {', '.join(sorted(allowed))}.",
        )

        def show(each: str) -> dict[str, Any] | None:
            found = work.load(Staff, each)
            if not found.holds_anywhere(self.role):
                return None
            licence = found.licence if self.role == Role.ASSESSOR else None
            return {
                "staff": each,
                "name": staff_name(work, each),
                "orgs": sorted(org or "" for role, org in found.roles if role == self.role),
                "licence": licence and {"scope": sorted(licence.scope), "until": str(licence.until)},
            }

        return self.pages(work, "role.holders", str(self.role), show)


def _shown_staff(work: Work, staff: Staff) -> dict[str, Any]:
    return {
        "staff": staff.aggregate_id,
        "name": staff_name(work, staff.aggregate_id),
        "state": staff.state or "proposed",
        "same_person_as": staff.same_person_as,
        "roles": [{"role": role, "org": org} for role, org in sorted(staff.roles, key=str)],
    }
