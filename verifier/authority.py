"""Who may sign, judged by the place in the log: accounts, people, roles, licences and keys.

An act counts only if, by the entries before it, its key was enrolled for its actor and was neither retired,
replaced nor declared compromised, its actor is registered, and its actor held its role at its organisation
(key_custodian and auditor: for the whole ledger, org null). The signer's clock says nothing here.

Entries 0 and 1 are the root file's two keys in its order, each registering its holder as key custodian;
before both stand, nobody else may act. Accounts that are linked as one person are one human.

Not done here: what may be enrolled and granted by whom (`verifier.rules.custody`), and which act needs which
role (`verifier.rules.powers`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from verifier.event import Event
from verifier.finding import Rule, note, wrong
from verifier.publickey import PublicKey
from verifier.rootfile import FOUNDERS, RootFile, RootKey

KEY_CUSTODIAN = "key_custodian"
LEDGER_WIDE = frozenset({KEY_CUSTODIAN, "auditor"})

LEDGER_NOT_OPEN = wrong(
    "LEDGER_NOT_OPEN",
    "The first two entries are not the two founders' of the root file, or somebody acted before both "
    "had signed or after the ledger was closed.",
)
SIGNER_NOT_AUTHORISED = wrong(
    "SIGNER_NOT_AUTHORISED",
    "The signing key was not one that this person could sign with at this place of the log: unknown, "
    "retired, or declared stolen.",
)
ROLE_NOT_HELD = wrong(
    "ROLE_NOT_HELD", "A person acted in a role that they did not hold there at that place of the log."
)
KEY_SUSPECT = note(
    "KEY_SUSPECT",
    "An act was signed with a key that was later declared compromised from before this act on; "
    "certificates issued so are under review until countersigned.",
)


@dataclass(slots=True)
class Key:
    """An enrolled key.

    `ended` is the leaf index that ended it, `compromised_from` a log size; None while neither.
    """

    owner: str
    public: PublicKey
    custody: str
    enrolled: int
    ended: int | None = None
    compromised_from: int | None = None


@dataclass(frozen=True, slots=True)
class Licence:
    """An assessor's licence: the trades that it covers, and its last valid day."""

    scope: frozenset[str]
    until: str


@dataclass(slots=True)
class Account:
    """A member of staff as the log knows them. `roles` are (role, org or None) held now, `ever` those ever held."""

    staff: str
    same_person_as: str | None = None
    roles: set[tuple[str, str | None]] = field(default_factory=set)
    ever: set[str] = field(default_factory=set)
    licence: Licence | None = None


class Authority:
    """Accounts and keys at the present place of the log."""

    STATE = ("accounts", "keys", "open", "succeeded")

    def __init__(self, root: RootFile) -> None:
        self.root = root
        self.accounts: dict[str, Account] = {}
        self.keys: dict[str, Key] = {}
        self.open = False
        self.succeeded = False

    def human(self, staff: str) -> str:
        """Return the account that stands for the person behind an account."""
        passed: list[str] = []
        while staff not in passed:
            passed.append(staff)
            account = self.accounts.get(staff)
            if account is None or account.same_person_as is None:
                return staff
            staff = account.same_person_as
        return min(passed[passed.index(staff) :])  # accounts linked in a ring are one person too

    def holds(self, staff: str, role: str, org: str | None) -> bool:
        """Tell whether the role is held now at that organisation, or for the whole ledger."""
        account = self.accounts.get(staff)
        return account is not None and (role, org) in account.roles

    def holds_anywhere(self, staff: str, role: str) -> bool:
        """Tell whether the role is held now at any organisation."""
        account = self.accounts.get(staff)
        return account is not None and any(held == role for held, _ in account.roles)

    def ever_held(self, role: str) -> set[str]:
        """Return the accounts that hold, or have held, a role."""
        return {staff for staff, account in self.accounts.items() if role in account.ever}

    def founder(self, place: int) -> RootKey:
        """Return the root key of entry 0 or 1."""
        return self.root.keys[place]

    def key_of(self, command: list[Event], first: int, report: Callable[[Rule, str], None]) -> Key | None:
        """Return the key that may sign this command at this place; report why there is none."""
        event = command[0]
        if first < FOUNDERS:
            return self._founding_key(command, first, report)
        if not self.open or self.succeeded:
            report(
                LEDGER_NOT_OPEN,
                "the ledger has been succeeded" if self.succeeded else "the founders have not both signed",
            )
        key = self.keys.get(event.key)
        if key is None or key.owner != event.actor:
            whose = "nobody's" if key is None else "another account's"
            report(SIGNER_NOT_AUTHORISED, f"the key {event.key[:12]}… is {whose} here")
            return None
        if key.ended is not None:
            report(SIGNER_NOT_AUTHORISED, f"the key {event.key[:12]}… was ended by entry {key.ended}")
        self._check_role(event, report)
        return key

    def _check_role(self, event: Event, report: Callable[[Rule, str], None]) -> None:
        role, org = event.role, event.org
        if (org is None) != (role in LEDGER_WIDE):
            where = "for the whole ledger" if org else "at an organisation"
            report(ROLE_NOT_HELD, f"{role} is held {where}, not so")
        elif not self.holds(event.actor, role, org):
            at = f" at {org}" if org else ""
            report(ROLE_NOT_HELD, f"staff/{event.actor} does not hold {role}{at} here")

    def _founding_key(
        self, command: list[Event], first: int, report: Callable[[Rule, str], None]
    ) -> Key | None:
        founder, event = self.founder(first), command[0]
        wanted = ("ledger.founded", "ledger.co_founded")[first]
        if (
            len(command) != 1
            or (event.type, event.actor, event.key) != (wanted, founder.id, founder.key.thumbprint)
            or (event.role, event.org) != (KEY_CUSTODIAN, None)
        ):
            report(LEDGER_NOT_OPEN, f"entry {first} is not {wanted} by founder {first + 1} of the root file")
            return None
        return Key(founder.id, founder.key, founder.custody, first)
