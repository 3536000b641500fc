"""Rules about staff: their accounts, roles, licences and keys.

- A person is registered, given a role or a key by two custodians, neither of them that human.
- A key proves possession, and a thumbprint is enrolled once in the whole log, for staff and issuers alike.
- A compromise is declared by two custodians, neither the key's owner: nobody frees themselves of their acts.
- A person's own key is replaced by an act that the old key signs.
"""

from typing import ClassVar

from verifier.authority import LEDGER_WIDE, Account, Authority, Key, Licence
from verifier.entry import enrol_message
from verifier.errors import Error
from verifier.event import Event
from verifier.finding import wrong
from verifier.publickey import CUSTODIES, SigParts
from verifier.rules.area import Area, on
from verifier.rules.organisations import COMPROMISE_INVALID, KEY_INVALID, Organisation, Organisations
from verifier.rules.pairs import SOD_SELF_APPROVAL
from verifier.rules.world import UNKNOWN_ID, Thing, World

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
ROLE_UNKNOWN = wrong(
    "ROLE_UNKNOWN", "A role was granted that does not exist, or at a place where it cannot be held."
)
KEY_POSSESSION_WRONG = wrong(
    "KEY_POSSESSION_WRONG", "A key was enrolled without proof that this person has it, on this ledger."
)
KEY_NOT_OWN = wrong(
    "KEY_NOT_OWN", "A key was replaced by somebody else than its owner, or without its signature."
)


class Custody(Area):
    """See the module."""

    THINGS: ClassVar = {"staff": Thing}

    def __init__(self, world: World, authority: Authority, organisations: Organisations) -> None:
        super().__init__(world)
        self.authority = authority
        self.organisations = organisations
        for founder in authority.root.keys:
            # The ledger's own first entries register the founders, whose streams begin later or never.
            stream = Thing(founder.staff)
            stream.state = "registered"
            world.things[founder.staff] = stream

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

    def _enrol(self, event: Event, staff: Thing) -> None:
        data, origin = event.data, self.authority.root.origin
        key = self.organisations.sound_key(data["jwk"], data["alg"], data["thumbprint"])
        self.require(data["custody"] in CUSTODIES, KEY_INVALID, f"the custody {data['custody']!r} is unknown")
        if key is None:
            return
        self.organisations.require_new_key(key.thumbprint)
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
