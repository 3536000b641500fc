"""Rules about the log itself: its founding, its own key, its end after a loss.

- Entry 0 names the origin and the root file's digest; both founders' entries repeat their root keys.
- A log that ends after a loss names another log, and one that continues a lost log as well; what was lost is part
  of what there was.
"""

from typing import Any, ClassVar

from verifier.authority import KEY_CUSTODIAN, Account, Authority, Key
from verifier.errors import Error
from verifier.event import Event
from verifier.finding import unknown, wrong
from verifier.note import LOG_KEY, parse_vkey
from verifier.rules.area import Area, on
from verifier.rules.organisations import KEY_INVALID
from verifier.rules.world import Thing, World

FOUNDING_WRONG = wrong(
    "FOUNDING_WRONG", "The founding entries do not name this log, this root file and its two keys."
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


class Ledger(Area):
    """See the module."""

    THINGS: ClassVar = {"ledger": Thing}

    def __init__(self, world: World, authority: Authority) -> None:
        super().__init__(world)
        self.authority = authority
        self.log_keys: list[str] = []
        self.clock = ""
        self.predecessor: dict[str, Any] | None = None

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
