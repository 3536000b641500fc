"""Rules about authority itself: the founding, organisations, staff, roles, licences, keys of staff and issuers.

- Entry 0 names the origin and the root file's digest; both founders' entries repeat their root keys.
- A person is registered, given a role or a key by two custodians, neither of them that human.
- A key proves possession, and a thumbprint is enrolled once in the whole log, for staff and issuers alike.
- A compromise is declared by two custodians, neither the key's owner: nobody frees themselves of their acts.
- A person's own key is replaced by an act that the old key signs.
- A log that ends after a loss names another log, and one that continues a lost log as well; what was lost is part
  of what there was.
"""

from typing import Any, ClassVar

from verifier.authority import KEY_CUSTODIAN, LEDGER_WIDE, Account, Authority, Key, Licence
from verifier.entry import enrol_message
from verifier.errors import Error
from verifier.event import Event
from verifier.finding import unknown, wrong
from verifier.note import LOG_KEY, parse_vkey
from verifier.publickey import CUSTODIES, PublicKey, SigParts
from verifier.rules.area import Area, on
from verifier.rules.pairs import SOD_SELF_APPROVAL
from verifier.rules.words import denied
from verifier.rules.world import UNKNOWN_ID, ZONE_UNKNOWN, Thing, World
from verifier.times import ZoneMissingError, zone

ROLES = LEDGER_WIDE | {
    "correctional_liaison",
    "correctional_approver",
    "training_admin",
    "instructor",
    "assessor",
    "assessment_supervisor",
    "certification_decider",
    "training_issuer",
    "competence_issuer",
    "print_operator",
    "appeal_panel",
    "privacy_officer",
}
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

FOUNDING_WRONG = wrong(
    "FOUNDING_WRONG", "The founding entries do not name this log, this root file and its two keys."
)
ROLE_UNKNOWN = wrong(
    "ROLE_UNKNOWN", "A role was granted that does not exist, or at a place where it cannot be held."
)
KEY_INVALID = wrong("KEY_INVALID", "A key was enrolled that is malformed, too weak or of an unknown kind.")
KEY_POSSESSION_WRONG = wrong(
    "KEY_POSSESSION_WRONG", "A key was enrolled without proof that this person has it, on this ledger."
)
KEY_ENROLLED_TWICE = wrong(
    "KEY_ENROLLED_TWICE", "The same key was enrolled twice: it could sign for two persons."
)
KEY_NOT_OWN = wrong(
    "KEY_NOT_OWN", "A key was replaced by somebody else than its owner, or without its signature."
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
SUCCESSION_INVALID = wrong(
    "SUCCESSION_INVALID",
    "A log was said to continue itself, or to have lost entries while all of them are left.",
)
LOG_ENDED = unknown(
    "LOG_ENDED",
    "The log has lost entries for good and has ended. What they said is not known, so that certificates and "
    "statuses here may be out of date.",
)


def ended(data: dict[str, Any]) -> str:
    """Say how a log ended, from the data of `ledger.succeeded`."""
    return (
        f"of the {data['size']} entries that it is known to have had {data['restored']} were left; "
        f"{data['origin']} continues it"
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


class Custody(Area):
    """See the module."""

    THINGS: ClassVar = {
        "ledger": Thing,
        "organisation": Organisation,
        "issuer_key": IssuerKey,
        "staff": Thing,
    }

    def __init__(self, world: World, authority: Authority) -> None:
        super().__init__(world)
        self.authority = authority
        self.issuer_thumbprints: set[str] = set()
        self.log_keys: list[str] = []
        self.clock = ""
        self.predecessor: dict[str, Any] | None = None
        for founder in authority.root.keys:
            # The ledger's own first entries register the founders, whose streams begin later or never.
            stream = Thing(founder.staff)
            stream.state = "registered"
            world.things[founder.staff] = stream

    # -- ledger ------------------------------------------------------------------------------------------

    @on("ledger.founded")
    def founded(self, event: Event, _ledger: Thing) -> None:
        """Entry 0."""
        root, data = self.authority.root, event.data
        self.require(
            event.index == 0 and (data["origin"], data["root_file"]) == (root.origin, root.digest()),
            FOUNDING_WRONG,
            "entry 0 names another log or another root file",
        )
        self.clock = data["clock"]
        self.require(self.clock in {"system", "simulated"}, FOUNDING_WRONG, "the clock is of an unknown kind")
        self._log_key(data["log_key"])
        self._founder(event, 0)
        self.predecessor = data.get("predecessor")
        if self.predecessor is not None:
            self._loss(self.predecessor, self.predecessor["size"])

    @on("ledger.co_founded")
    def co_founded(self, event: Event, _ledger: Thing) -> None:
        """Entry 1: from here on the ledger is open."""
        self._founder(event, 1)
        self.authority.open = event.index == 1

    def _founder(self, event: Event, place: int) -> None:
        founder = self.authority.founder(place)
        key = founder.key
        said = {"alg": key.alg, "custody": founder.custody, "jwk": key.jwk, "staff": founder.staff}
        self.require(event.data["custodian"] == said, FOUNDING_WRONG, "the founder is not the root file's")
        account = Account(founder.id)
        account.roles.add((KEY_CUSTODIAN, None))
        account.ever.add(KEY_CUSTODIAN)
        self.authority.accounts[founder.id] = account
        self.authority.keys[key.thumbprint] = Key(founder.id, key, founder.custody, event.index)

    @on("ledger.log_key_rotated")
    def log_key_rotated(self, event: Event, _ledger: Thing) -> None:
        """The log's own key changes."""
        self._log_key(event.data["log_key"])

    def _log_key(self, line: str) -> None:
        try:
            key = parse_vkey(line)
        except Error as error:
            self.report(KEY_INVALID, f"the log key: {error.message}")
            return
        right = key.kind == LOG_KEY and key.name == self.authority.root.origin
        self.require(right, KEY_INVALID, "the log key is not one of this log")
        self.log_keys.append(str(key))

    @on("ledger.succession_requested")
    def succession_requested(self, event: Event, _ledger: Thing) -> None:
        """What is left stands before it."""
        self._loss(event.data, event.index)

    @on("ledger.succeeded")
    def succeeded(self, event: Event, _ledger: Thing) -> None:
        """Nothing may follow."""
        self.authority.succeeded = True
        self.report(LOG_ENDED, ended(event.data))

    def _loss(self, data: dict[str, Any], most: int) -> None:
        own, left, size = self.authority.root.origin, data["restored"], data["size"]
        self.require(data["origin"] != own, SUCCESSION_INVALID, f"{own} is named as the other log")
        self.require(
            left < size and left <= most, SUCCESSION_INVALID, f"{left} of {size} entries are said to be left"
        )

    # -- organisations and their keys ----------------------------------------------------------------------

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
        self._sound(data["jwk"], data["alg"], data["thumbprint"])
        self._once(data["thumbprint"])
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

    # -- staff -----------------------------------------------------------------------------------------------

    @on("staff.registered")
    def staff_registered(self, event: Event, staff: Thing) -> None:
        """A second account of a person names the first; nobody registers one of their own."""
        same = event.data["same_person_as"]
        if same is not None:
            self.require(same in self.authority.accounts, UNKNOWN_ID, f"there is no account {same}")
            self._not_for(same, event.human, "registered a second account of their own")
        self.authority.accounts.setdefault(staff.id, Account(staff.id)).same_person_as = same

    @on("staff.role_grant_requested")
    def role_requested(self, event: Event, staff: Thing) -> None:
        """Nobody asks for a role of their own."""
        self._not_for(staff.id, event.human, "asked for a role of their own")

    @on("staff.role_granted")
    def role_granted(self, event: Event, staff: Thing) -> None:
        """A role that exists, where it can be held."""
        role, org = event.data["role"], event.data["org"]
        self._not_for(staff.id, event.human, "granted a role to themselves")
        fits = role in ROLES and (org is None) == (role in LEDGER_WIDE)
        self.require(fits, ROLE_UNKNOWN, f"the role {role} at {org or 'the whole ledger'}")
        if org is not None:
            self.world.need(Organisation, "organisation", org)
        account = self._account(staff)
        account.roles.add((role, org))
        account.ever.add(role)

    @on("staff.role_revoked")
    def role_revoked(self, event: Event, staff: Thing) -> None:
        """The role was held."""
        held = (event.data["role"], event.data["org"])
        roles = self._account(staff).roles
        self.require(held in roles, UNKNOWN_ID, f"the role {held[0]} was not held there")
        roles.discard(held)

    @on("staff.licence_recorded")
    def licence_recorded(self, event: Event, staff: Thing) -> None:
        """The newest licence counts; nobody records one of their own."""
        self._not_for(staff.id, event.human, "recorded a licence of their own")
        self._account(staff).licence = Licence(frozenset(event.data["scope"]), event.data["until"])

    @on("staff.enrolment_requested")
    def key_requested(self, event: Event, staff: Thing) -> None:
        """Nobody asks for a key of their own: they replace theirs."""
        self._not_for(staff.id, event.human, "asked for a key of their own")

    @on("staff.key_enrolled")
    def key_enrolled(self, event: Event, staff: Thing) -> None:
        """A sound key, once, with proof of possession, by two others."""
        self._not_for(staff.id, event.human, "enrolled a key for themselves")
        self._enrol(event, staff)

    @on("staff.key_rotated")
    def key_rotated(self, event: Event, staff: Thing) -> None:
        """Signed with the key that it retires."""
        retires = event.data["retires"]
        old = self.authority.keys.get(retires)
        if old is not None and (event.actor, event.key, old.owner) == (staff.id, retires, staff.id):
            old.ended = event.index
        else:
            told = f"the key {retires[:12]}… is replaced by {event.actor} with {event.key[:12]}…"
            self.report(KEY_NOT_OWN, told)
        self._enrol(event, staff)

    @on("staff.key_retired")
    def key_retired(self, event: Event, staff: Thing) -> None:
        """What it signed stands."""
        key = self._key(event.data["key"], staff)
        if key is not None:
            key.ended = event.index

    @on("staff.compromise_requested")
    def compromise_requested(self, event: Event, staff: Thing) -> None:
        """Not by the key's owner."""
        self._not_for(staff.id, event.human, "asked to declare a key of their own compromised")

    @on("staff.key_compromised")
    def key_compromised(self, event: Event, staff: Thing) -> None:
        """Ended here, and suspect from that size on; by two others than its owner."""
        size = event.data["from_size"]
        self._not_for(staff.id, event.human, "declared a key of their own compromised")
        self.require(size <= event.index, COMPROMISE_INVALID, f"from size {size}, at entry {event.index}")
        key = self._key(event.data["key"], staff)
        if key is not None:
            key.ended = event.index if key.ended is None else key.ended
            key.compromised_from = size if key.compromised_from is None else min(size, key.compromised_from)

    # -- shared ------------------------------------------------------------------------------------------

    def _account(self, staff: Thing) -> Account:
        return self.authority.accounts.setdefault(staff.id, Account(staff.id))

    def _not_for(self, staff: str, human: str, what: str) -> None:
        self.require(self.world.human(staff) != human, SOD_SELF_APPROVAL, f"a custodian {what}")

    def _key(self, thumbprint: str, staff: Thing) -> Key | None:
        key = self.authority.keys.get(thumbprint)
        if key is None or key.owner != staff.id:
            self.report(COMPROMISE_INVALID, f"the key {thumbprint[:12]}… is not this person's")
            return None
        return key

    def _once(self, thumbprint: str) -> None:
        known = thumbprint in self.authority.keys or thumbprint in self.issuer_thumbprints
        self.require(not known, KEY_ENROLLED_TWICE, f"the key {thumbprint[:12]}… was enrolled before")

    def _sound(self, jwk: dict[str, Any], alg: str, thumbprint: str) -> PublicKey | None:
        try:
            key = PublicKey(jwk, alg)
        except Error as error:
            self.report(KEY_INVALID, error.message)
            return None
        self.require(key.thumbprint == thumbprint, KEY_INVALID, "the key has another thumbprint than it says")
        return key

    def _enrol(self, event: Event, staff: Thing) -> None:
        data, origin = event.data, self.authority.root.origin
        key = self._sound(data["jwk"], data["alg"], data["thumbprint"])
        self.require(data["custody"] in CUSTODIES, KEY_INVALID, f"the custody {data['custody']!r} is unknown")
        if key is None:
            return
        self._once(key.thumbprint)
        try:
            parts = SigParts.from_json(key.thumbprint, data["alg"], data["possession"])
            key.verify(
                enrol_message(origin, f"staff/{staff.id}", key.thumbprint),
                parts,
                self.authority.root.webauthn,
            )
        except Error as error:
            self.report(KEY_POSSESSION_WRONG, error.message)
        self.authority.keys.setdefault(key.thumbprint, Key(staff.id, key, data["custody"], event.index))
