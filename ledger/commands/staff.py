"""Commands over staff authority: who is registered, in which role, with which licence and key.

All are two-person acts of key custodians but a person's own key rotation, and the ending of something.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from ledger.commands.command import Code, Command, Hash, Id, Name
from ledger.commands.work import Work
from ledger.domain.organisation import Organisation
from ledger.domain.roles import LEDGER_WIDE, Role
from ledger.domain.staff import Staff
from ledger.errors import DomainError
from verifier.entry import enrol_message
from verifier.errors import Error as VerifierError
from verifier.publickey import PublicKey, SigParts

CUSTODIAN = frozenset({Role.KEY_CUSTODIAN})
Thumbprint = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
Alg = Literal["ed25519", "es256", "webauthn-ed25519", "webauthn-es256"]


class RequestStaffRegistration(Command):
    """Propose a person for registration; ``same_person_as`` links a second account of one human."""

    roles: ClassVar = CUSTODIAN
    name: Name
    same_person_as: Id | None = None

    def decide(self, work: Work) -> None:
        """Nothing may be refused but an unknown link."""
        if self.same_person_as is not None:
            work.load(Staff, self.same_person_as)
        staff = work.new(Staff)
        name = work.fact(staff, "identity", "name", self.name)
        staff.request_registration(work.act, name=name, same_person_as=self.same_person_as)
        work.decision.result["staff"] = staff.aggregate_id


class RegisterStaff(Command):
    """Register the person whom another custodian proposed."""

    roles: ClassVar = CUSTODIAN
    staff: Id
    request: Hash

    def decide(self, work: Work) -> None:
        """Two custodians; nobody registers an account of their own."""
        staff = work.load(Staff, self.staff)
        asked = staff.request_of(self.request, "registration_requested")
        work.second_person(asked.actor)
        if asked.data["same_person_as"] is not None:
            _not_for_oneself(work, asked.data["same_person_as"])
        staff.register(work.act, self.request)


class RequestRoleGrant(Command):
    """Propose a role for a person at an organisation (none for key_custodian and auditor)."""

    roles: ClassVar = CUSTODIAN
    staff: Id
    role: Role
    org: Id | None

    def decide(self, work: Work) -> None:
        """Nobody proposes a role for themselves."""
        staff = work.load(Staff, self.staff)
        if self.org is not None:
            work.load(Organisation, self.org)
        _not_for_oneself(work, self.staff)
        staff.request_role(work.act, role=self.role, org=self.org)


class GrantRole(Command):
    """Grant the role that another custodian proposed."""

    roles: ClassVar = CUSTODIAN
    staff: Id
    request: Hash

    def decide(self, work: Work) -> None:
        """Two custodians, and not for oneself."""
        staff = work.load(Staff, self.staff)
        work.second_person(staff.request_of(self.request, "role_grant_requested").actor)
        _not_for_oneself(work, self.staff)
        staff.grant_role(work.act, self.request)


class RevokeRole(Command):
    """End a role."""

    roles: ClassVar = CUSTODIAN
    staff: Id
    role: Role
    org: Id | None

    def decide(self, work: Work) -> None:
        """It must be held."""
        org = None if self.role in LEDGER_WIDE else self.org
        work.load(Staff, self.staff).revoke_role(work.act, role=self.role, org=org)


class RecordLicence(Command):
    """Record an assessor's licence: its number (outside the log), the trades it covers, its last valid day."""

    roles: ClassVar = CUSTODIAN
    staff: Id
    number: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    scope: Annotated[list[Code], Field(min_length=1, max_length=50)]
    until: date

    def decide(self, work: Work) -> None:
        """Nobody records a licence of their own."""
        staff = work.load(Staff, self.staff)
        _not_for_oneself(work, self.staff)
        number = work.fact(staff, "identity", "number", self.number)
        staff.record_licence(work.act, number=number, scope=list(self.scope), until=self.until)


class _NewKey(Command):
    """A public key with its proof of possession: a signature object by the key over the enrolment message."""

    jwk: dict[str, str]
    alg: Alg
    custody: Literal["server-held", "device", "hsm"]
    possession: dict[str, str]

    def checked(self, work: Work, staff_id: str) -> dict[str, Any]:
        """The event's members; VALUE_INVALID when the key is unsound or its possession is not proven."""
        try:
            key = PublicKey(self.jwk, self.alg)
            parts = SigParts.from_json(key.thumbprint, self.alg, dict(self.possession))
            key.verify(
                enrol_message(work.origin, f"staff/{staff_id}", key.thumbprint), parts, work.root.webauthn
            )
        except VerifierError as error:
            raise DomainError(
                "VALUE_INVALID",
                f"the new key cannot be enrolled: {error.message}",
                "Make the proof of possession again, for this person, on this ledger.",
            ) from None
        work.claim(
            "key", key.thumbprint, "VALUE_INVALID", "this key is enrolled already; a key is enrolled once"
        )
        return {
            "thumbprint": key.thumbprint,
            "jwk": dict(self.jwk),
            "alg": self.alg,
            "custody": self.custody,
            "possession": dict(self.possession),
        }


class RequestKeyEnrolment(_NewKey):
    """Propose a key for another person."""

    roles: ClassVar = CUSTODIAN
    staff: Id

    def decide(self, work: Work) -> None:
        """A key proves possession, is enrolled once, and is not one's own."""
        staff = work.load(Staff, self.staff)
        _not_for_oneself(work, self.staff)
        staff.request_key(work.act, self.checked(work, self.staff))


class EnrolKey(Command):
    """Enrol the key that another custodian proposed."""

    roles: ClassVar = CUSTODIAN
    staff: Id
    request: Hash

    def decide(self, work: Work) -> None:
        """Two custodians, and not for oneself."""
        staff = work.load(Staff, self.staff)
        work.second_person(staff.request_of(self.request, "enrolment_requested").actor)
        _not_for_oneself(work, self.staff)
        staff.enrol_key(work.act, self.request)


class RotateKey(_NewKey):
    """Replace one's own key; signed with the old one, which retires."""

    roles: ClassVar = frozenset(Role)
    retires: Thumbprint

    def decide(self, work: Work) -> None:
        """One's own act, with the very key that it ends."""
        staff = work.load(Staff, work.act.actor)
        work.require(
            self.retires == work.signing_key,
            "VALUE_INVALID",
            "a key is rotated by its own last signature",
            "Sign this with the key that it retires.",
        )
        staff.rotate_key(work.act, retires=self.retires, key=self.checked(work, work.act.actor))


class RetireKey(Command):
    """End a key; what it signed stands."""

    roles: ClassVar = CUSTODIAN
    staff: Id
    key: Thumbprint

    def decide(self, work: Work) -> None:
        """It must be enrolled."""
        work.load(Staff, self.staff).retire_key(work.act, self.key)


class RequestKeyCompromise(Command):
    """Propose to declare a key compromised from a log size on."""

    roles: ClassVar = CUSTODIAN
    staff: Id
    key: Thumbprint
    from_size: Annotated[int, Field(ge=0)]

    def decide(self, work: Work) -> None:
        """A compromise may not free the declarer's own acts."""
        staff = work.load(Staff, self.staff)
        _not_for_oneself(work, self.staff)
        staff.request_compromise(work.act, thumbprint=self.key, from_size=self.from_size)


class DeclareKeyCompromise(Command):
    """Declare it, as another custodian proposed: certificates it signed since then are suspended until countersigned."""

    roles: ClassVar = CUSTODIAN
    staff: Id
    request: Hash

    def decide(self, work: Work) -> None:
        """Two custodians, neither of them the key's owner."""
        staff = work.load(Staff, self.staff)
        work.second_person(staff.request_of(self.request, "compromise_requested").actor)
        _not_for_oneself(work, self.staff)
        staff.declare_compromise(work.act, self.request)


def _not_for_oneself(work: Work, staff_id: str) -> None:
    """Granting or approving anything for oneself, or for the same human, is refused."""
    if work.human(staff_id) == work.act.human:
        raise DomainError(
            "SOD_SELF_APPROVAL",
            "nobody requests or approves authority for themselves",
            "Another key custodian must do this.",
        )
