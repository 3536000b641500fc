"""The people of a programme file: who holds which role where, and who is one human with whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from ledger.domain.roles import LEDGER_WIDE, Role
from ledger.programme.institution import StaffMember
from ledger.programme.problems import REFERENCE_UNKNOWN, Problem, ProgrammeFileError
from ledger.programme.reading import Programme


class Cast:
    """Answers from the file's staff, in the file's order."""

    def __init__(self, programme: Programme) -> None:
        self._name = programme.name
        self._members = {member.staff_id: member for member in programme.file.staff}
        self._kinds = {each.org_id: each.kind for each in programme.file.organisations}

    def member(self, account: str) -> StaffMember:
        """The account's entry."""
        return self._members[account]

    def human(self, account: str) -> str:
        """The account that stands for the person behind this one."""
        while (other := self._members[account].same_person_as) is not None:
            account = other
        return account

    def humans(self, accounts: Iterable[str | None]) -> set[str]:
        """The people behind these accounts."""
        return {self.human(account) for account in accounts if account is not None}

    def holders(self, role: Role, org: str | None = None) -> Iterator[str]:
        """The accounts that hold the role, at this organisation if one is named."""
        for account, member in self._members.items():
            if role in member.roles and (org is None or role in LEDGER_WIDE or member.org_id == org):
                yield account

    def holds(self, account: str, role: Role) -> bool:
        """Whether the account holds the role."""
        return role in self._members[account].roles

    def org(self, account: str) -> str | None:
        """The account's organisation."""
        return self._members[account].org_id

    def first_of_kind(self, kind: str) -> str | None:
        """The first organisation of this kind."""
        return next((org for org, found in self._kinds.items() if found == kind), None)

    def pick(self, role: Role, org: str | None = None, *, avoid: Collection[str | None] = ()) -> str:
        """The first account with this role (at ``org``) whose human is none of the accounts to avoid.

        Raises ProgrammeFileError FILE_REFERENCE_UNKNOWN when the file has nobody.
        """
        humans = self.humans(avoid)
        for account in self.holders(role, org):
            if self.human(account) not in humans:
                return account
        where = f" at {org}" if org and role not in LEDGER_WIDE else ""
        other = " besides those who are involved" if any(self.holders(role, org)) else ""
        raise ProgrammeFileError(
            self._name, [Problem(REFERENCE_UNKNOWN, "staff", f"nobody{other} holds the role {role}{where}")]
        )
