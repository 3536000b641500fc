"""Rules about organisations and the keys with which they sign documents.

- An organisation is of a kind and in a zone that exist; its public name holds no forbidden word.
- An issuer's key has one purpose for ever; a thumbprint is enrolled once in the whole log, for staff and issuers
  alike.
"""

from typing import Any, ClassVar

from verifier.authority import Authority
from verifier.errors import Error
from verifier.event import Event
from verifier.finding import wrong
from verifier.publickey import PublicKey
from verifier.rules.area import Area, on
from verifier.rules.words import denied
from verifier.rules.world import ZONE_UNKNOWN, Thing, World
from verifier.times import ZoneMissingError, zone

PURPOSES = frozenset({"credential", "token", "status", "pdf"})
ORGANISATION_KINDS = frozenset(
    {
        "training_provider",
        "certification_body",
        "correctional_facility",
        "probation_office",
        "assessment_site",
    }
)

KEY_INVALID = wrong("KEY_INVALID", "A key was enrolled that is malformed, too weak or of an unknown kind.")
KEY_ENROLLED_TWICE = wrong(
    "KEY_ENROLLED_TWICE", "The same key was enrolled twice: it could sign for two persons."
)
COMPROMISE_INVALID = wrong(
    "COMPROMISE_INVALID",
    "A key was declared compromised that is not this person's, or from a size that the log did not have.",
)
ORGANISATION_INVALID = wrong("ORGANISATION_INVALID", "An organisation was registered as something unknown.")
PUBLIC_FIELD_FORBIDDEN = wrong(
    "PUBLIC_FIELD_FORBIDDEN",
    "Something that anybody may see holds a word that would reveal custody or conviction.",
)


class Organisation(Thing):
    """An organisation with its kind and the zone in which its days begin."""

    __slots__ = ("kind", "zone")

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.kind = ""
        self.zone = "UTC"


class IssuerKey(Thing):
    """A key that an organisation signs documents with; `compromised_from` is a log size, None while sound.

    `enrolled` and `ended` are leaf indexes; `kid` and `kind` are of token keys.
    """

    __slots__ = (
        "compromised_from",
        "ended",
        "enrolled",
        "kid",
        "kind",
        "organisation",
        "purpose",
        "thumbprint",
    )

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.organisation = ""
        self.purpose = ""
        self.thumbprint = ""
        self.kid: int | None = None
        self.kind: str | None = None
        self.enrolled = 0
        self.ended: int | None = None
        self.compromised_from: int | None = None


class Organisations(Area):
    """See the module."""

    THINGS: ClassVar = {"organisation": Organisation, "issuer_key": IssuerKey}

    def __init__(self, world: World, authority: Authority) -> None:
        super().__init__(world)
        self.authority = authority
        self.issuer_thumbprints: set[str] = set()

    @on("organisation.registered")
    def registered(self, event: Event, organisation: Organisation) -> None:
        """A kind that exists, a zone that exists, and no forbidden word in what is public."""
        data = event.data
        self.require(
            data["kind"] in ORGANISATION_KINDS, ORGANISATION_INVALID, f"the kind {data['kind']!r} is unknown"
        )
        self._public(data["public_name"])
        organisation.kind = data["kind"]
        try:
            zone(data["zone"])
        except ZoneMissingError as error:
            self.report(ZONE_UNKNOWN, error.message)
        else:
            organisation.zone = data["zone"]
            self.world.zones.add(data["zone"])

    @on("organisation.renamed")
    def renamed(self, event: Event, _organisation: Organisation) -> None:
        """As for registering."""
        self._public(event.data["public_name"])

    def _public(self, name: str | None) -> None:
        word = None if name is None else denied(name)
        self.require(word is None, PUBLIC_FIELD_FORBIDDEN, f"a public name holds the word {word!r}")

    @on("issuer_key.enrolled")
    def issuer_key_enrolled(self, event: Event, key: IssuerKey) -> None:
        """One purpose for ever, enrolled once."""
        data = event.data
        self.world.need(Organisation, "organisation", data["organisation"])
        self.require(data["purpose"] in PURPOSES, KEY_INVALID, f"the purpose {data['purpose']!r} is unknown")
        self.sound_key(data["jwk"], data["alg"], data["thumbprint"])
        self.require_new_key(data["thumbprint"])
        self.issuer_thumbprints.add(data["thumbprint"])
        key.organisation, key.purpose = data["organisation"], data["purpose"]
        key.thumbprint, key.kid, key.kind = data["thumbprint"], data["kid"], data["kind"]
        key.enrolled = event.index

    @on("issuer_key.retired")
    def issuer_key_retired(self, event: Event, key: IssuerKey) -> None:
        """What it signed stands."""
        key.ended = event.index

    @on("issuer_key.compromised")
    def issuer_key_compromised(self, event: Event, key: IssuerKey) -> None:
        """From a size that the log has had."""
        size = event.data["from_size"]
        self.require(size <= event.index, COMPROMISE_INVALID, f"from size {size}, at entry {event.index}")
        key.compromised_from = size
        key.ended = event.index if key.ended is None else key.ended

    # -- shared with the keys of staff ----------------------------------------------------------------------

    def require_new_key(self, thumbprint: str) -> None:
        """Require that no person and no organisation has had this key before."""
        known = thumbprint in self.authority.keys or thumbprint in self.issuer_thumbprints
        self.require(not known, KEY_ENROLLED_TWICE, f"the key {thumbprint[:12]}… was enrolled before")

    def sound_key(self, jwk: dict[str, Any], alg: str, thumbprint: str) -> PublicKey | None:
        """Return a key with the thumbprint it says; None if it is none."""
        try:
            key = PublicKey(jwk, alg)
        except Error as error:
            self.report(KEY_INVALID, error.message)
            return None
        self.require(key.thumbprint == thumbprint, KEY_INVALID, "the key has another thumbprint than it says")
        return key
