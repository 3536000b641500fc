"""Commands of key custodians over organisations, issuer keys and the ledger itself."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, StringConstraints

from ledger.commands.command import Code, Command, Hash, Id, PublicName, Text
from ledger.commands.staff import CUSTODIAN
from ledger.commands.work import Work
from ledger.domain.issuer_key import IssuerKey
from ledger.domain.ledger import Ledger
from ledger.domain.organisation import Organisation
from ledger.errors import DomainError
from ledger.rulebook import known_zone
from verifier.errors import Error as VerifierError
from verifier.publickey import PublicKey

VerifierKeyLine = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]
Origin = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]
OrganisationKind = Literal[
    "training_provider", "certification_body", "correctional_facility", "probation_office", "assessment_site"
]


class RegisterOrganisation(Command):
    """Register an organisation; ``public_name`` is absent when its name must never be public."""

    roles: ClassVar = CUSTODIAN
    kind: OrganisationKind
    name: Text
    public_name: PublicName | None
    zone: Annotated[str, AfterValidator(known_zone)]
    licence: Code | None = None

    def decide(self, work: Work) -> None:
        """A public name holds no forbidden word."""
        _public(work, self.public_name)
        organisation = work.new(Organisation)
        name = work.fact(
            organisation, "custody" if self.public_name is None else "contact", "name", self.name
        )
        organisation.register(
            work.act,
            kind=self.kind,
            public_name=self.public_name,
            zone=self.zone,
            name=name,
            licence=self.licence,
        )
        work.decision.result["organisation"] = organisation.aggregate_id


class RenameOrganisation(Command):
    """Give an organisation a new name."""

    roles: ClassVar = CUSTODIAN
    organisation: Id
    name: Text
    public_name: PublicName | None

    def decide(self, work: Work) -> None:
        """As for registering."""
        organisation = work.load(Organisation, self.organisation)
        organisation.require_state("registered")
        _public(work, self.public_name)
        name = work.fact(
            organisation, "custody" if self.public_name is None else "contact", "name", self.name
        )
        organisation.rename(work.act, public_name=self.public_name, name=name)


class CloseOrganisation(Command):
    """End an organisation's part in the ledger."""

    roles: ClassVar = CUSTODIAN
    organisation: Id

    def decide(self, work: Work) -> None:
        """It must be open."""
        work.load(Organisation, self.organisation).close(work.act)


class RequestIssuerKey(Command):
    """Propose an issuer key; a token key has a one-byte ``kid`` and the certificate ``kind`` it signs for."""

    roles: ClassVar = CUSTODIAN
    organisation: Id
    purpose: Literal["credential", "token", "status", "pdf"]
    alg: Literal["ed25519", "es256"]
    jwk: dict[str, str]
    kid: Annotated[int, Field(ge=0, le=255)] | None = None
    kind: Literal["TRAINING", "COMPETENCE", "UNIT_STATEMENT"] | None = None

    def decide(self, work: Work) -> None:
        """A key is enrolled once and has one purpose for ever."""
        work.load(Organisation, self.organisation)
        try:
            thumbprint = PublicKey(self.jwk, self.alg).thumbprint
        except VerifierError as error:
            raise DomainError(
                "VALUE_INVALID", f"the issuer key is unsound: {error.message}", error.hint
            ) from None
        work.claim("key", thumbprint, "VALUE_INVALID", "this key is enrolled already; a key is enrolled once")
        key = work.new(IssuerKey)
        key.request(
            work.act,
            {
                "organisation": self.organisation,
                "purpose": self.purpose,
                "alg": self.alg,
                "jwk": dict(self.jwk),
                "thumbprint": thumbprint,
                "kid": self.kid,
                "kind": self.kind,
            },
        )
        work.decision.result["issuer_key"] = key.aggregate_id


class EnrolIssuerKey(Command):
    """Enrol the issuer key that another custodian proposed."""

    roles: ClassVar = CUSTODIAN
    issuer_key: Id
    request: Hash

    def decide(self, work: Work) -> None:
        """Two custodians."""
        key = work.load(IssuerKey, self.issuer_key)
        work.second_person(key.request_of(self.request, "enrolment_requested").actor)
        key.enrol(work.act, self.request)


class RetireIssuerKey(Command):
    """End an issuer key; its certificates stand."""

    roles: ClassVar = CUSTODIAN
    issuer_key: Id

    def decide(self, work: Work) -> None:
        """It must be enrolled."""
        work.load(IssuerKey, self.issuer_key).retire(work.act)


class RequestIssuerKeyCompromise(Command):
    """Propose to declare an issuer key compromised from a log size on."""

    roles: ClassVar = CUSTODIAN
    issuer_key: Id
    from_size: Annotated[int, Field(ge=0)]

    def decide(self, work: Work) -> None:
        """It must be known."""
        work.load(IssuerKey, self.issuer_key).request_compromise(work.act, from_size=self.from_size)


class DeclareIssuerKeyCompromise(Command):
    """Declare it, as another custodian proposed."""

    roles: ClassVar = CUSTODIAN
    issuer_key: Id
    request: Hash

    def decide(self, work: Work) -> None:
        """Two custodians."""
        key = work.load(IssuerKey, self.issuer_key)
        work.second_person(key.request_of(self.request, "compromise_requested").actor)
        key.declare_compromise(work.act, self.request)


class RequestLogKeyRotation(Command):
    """Propose a new log key (a verifier key line)."""

    roles: ClassVar = CUSTODIAN
    log_key: VerifierKeyLine

    def decide(self, work: Work) -> None:
        """The ledger is open."""
        work.load(Ledger, work.ledger_id).request_rotation(work.act, log_key=self.log_key)


class RotateLogKey(Command):
    """Give the log the key that another custodian proposed."""

    roles: ClassVar = CUSTODIAN
    request: Hash

    def decide(self, work: Work) -> None:
        """Two custodians."""
        ledger = work.load(Ledger, work.ledger_id)
        work.second_person(ledger.request_of(self.request, "rotation_requested").actor)
        ledger.rotate_log_key(work.act, self.request)


class RequestSuccession(Command):
    """Propose the log that follows this one after a loss.

    ``origin`` is that log's; ``size`` and ``root`` are of this log's last witnessed checkpoint, and ``restored`` of its
    entries are left.
    """

    roles: ClassVar = CUSTODIAN
    origin: Origin
    size: Annotated[int, Field(ge=0)]
    root: Hash
    restored: Annotated[int, Field(ge=0)]

    def decide(self, work: Work) -> None:
        """The ledger is open, the other log is another one, and something is lost."""
        work.load(Ledger, work.ledger_id).request_succession(
            work.act, origin=self.origin, size=self.size, root=self.root, restored=self.restored
        )


class SucceedLedger(Command):
    """End this ledger in favour of its successor, as another custodian proposed."""

    roles: ClassVar = CUSTODIAN
    request: Hash

    def decide(self, work: Work) -> None:
        """Two custodians."""
        ledger = work.load(Ledger, work.ledger_id)
        work.second_person(ledger.request_of(self.request, "succession_requested").actor)
        ledger.succeed(work.act, self.request)


def _public(work: Work, name: str | None) -> None:
    forbidden = work.rulebook.forbidden(name) if name else None
    if forbidden:
        raise DomainError(
            "PUBLIC_FIELD_FORBIDDEN",
            f"the public name contains {forbidden}",
            "Write each word in letters of one script, or leave the public name out: then this organisation's name"
            " is never shown to the public.",
        )
