"""The structure of a log: what must hold whatever the events say.

Rules, in the order in which they are looked at:

- every entry is canonical (`verifier.entry`);
- a stream's versions count from 1, and `prev` is the hash of its previous payload;
- a command's entries stand at consecutive indexes in order, all of them, each command once;
- `seen` is a head that this log had, before the command and after its signer's previous command, and not more
  than 24 hours older than the command when other entries had come since;
- `recorded_at` does not go back along the log by more than a preparation may live (10 minutes, 24 hours for a
  key in an HSM), is not later than the present, and `occurred_at` not later than `recorded_at`;
- the entries make up the tree of the signed root.

Not done here: signatures and who may sign (`verifier.authority`).
"""

from array import array
from collections.abc import Callable
from hashlib import sha256

from verifier import merkle, times
from verifier.event import Event
from verifier.finding import Rule, wrong
from verifier.seen import SeenSet
from verifier.suffix import Before

PREPARATION_LIFE = 600
HSM_PREPARATION_LIFE = 86400
SEEN_LIFE = 86400
CLOCK_SKEW = 120

_ROOTS_KEPT = 1 << 15
_VERSION_SIZE = 8

VERSION_WRONG = wrong(
    "VERSION_WRONG",
    "An entry does not follow the one before it about the same matter: something was removed, repeated "
    "or put in between.",
)
PREV_WRONG = wrong(
    "PREV_WRONG",
    "An entry names another predecessor than the one that stands in the log: the history of this "
    "matter was changed.",
)
PARTIAL_COMMAND = wrong(
    "PARTIAL_COMMAND",
    "One signed act of one person is not all there in its order: a part of it is missing, repeated or moved.",
)
COMMAND_REPEATED = wrong("COMMAND_REPEATED", "The same signed act stands in the log twice.")
COMMAND_DIFFERS = wrong(
    "COMMAND_DIFFERS", "The entries of one act disagree about who acted, when or in which role."
)
SEEN_WRONG = wrong(
    "SEEN_WRONG",
    "The signer had seen another history than this one before signing: this log was rewritten after "
    "the signature, or it is not the one that was shown to the signer.",
)
SEEN_AHEAD = wrong("SEEN_AHEAD", "The signer names a state of the log that came only after the act itself.")
SEEN_BEFORE_OWN = wrong(
    "SEEN_BEFORE_OWN",
    "The signer had not seen their own previous act: two versions of the history were kept.",
)
SEEN_STALE = wrong(
    "SEEN_STALE",
    "The act was recorded more than 24 hours after the first entry that its signer had not seen: it "
    "was held back or entered late.",
)
RECORDED_BACKWARDS = wrong(
    "RECORDED_BACKWARDS", "The time of recording goes back along the log: an entry was back-dated or moved."
)
RECORDED_IN_FUTURE = wrong("RECORDED_IN_FUTURE", "An entry bears a time of recording that has not come yet.")
OCCURRED_IN_FUTURE = wrong(
    "OCCURRED_IN_FUTURE", "An entry tells of something that happened after it was recorded."
)


class Structure:
    """Follows a log entry by entry. `report(rule, message, index, place)` is told what is wrong.

    `size` entries were followed; `tips` has each stream's last payload hash and version.
    """

    # What the next audit needs; roots and times of what was before are read from the bundle's tiles.
    STATE = ("_commands", "_last_of", "_newest", "_tree", "tips")

    def __init__(self, report: Callable[[Rule, str, int, str], None], now: int, before: Before) -> None:
        """`now` in POSIX seconds; `before` reads what came earlier."""
        self._report = report
        self._latest = now + CLOCK_SKEW
        self._before = before
        self._tree = merkle.CompactRange()
        # The roots at `_base` and the sizes after it, None within a command.
        self._base = 0
        self._roots: list[bytes | None] = [merkle.EMPTY_ROOT]
        self._recorded = array("q")
        self._newest = 0
        self.tips: dict[str, bytes] = {}
        self._commands = SeenSet()
        self._last_of: dict[str, int] = {}
        self._pending: list[Event] = []
        self._text, self._time = "", 0

    @property
    def size(self) -> int:
        """The number of entries followed."""
        return self._tree.size

    def root(self, size: int | None = None) -> bytes:
        """Return the root at a size that was passed, by default the present one.

        Those of late are at hand; older ones, and those within a command, are read from the bundle's tiles.
        Raises BundleError.
        """
        if size is None:
            return self._tree.root()
        found = self._roots[size - self._base] if size >= self._base else None
        return self._before.root(size) if found is None else found

    @property
    def newest(self) -> int:
        """The newest time of recording so far, POSIX seconds."""
        return self._newest

    def append(self, leaf: bytes, event: Event | None) -> list[Event] | None:
        """Take the next entry (None: it could not be read) and its leaf hash.

        Return the command it completes.
        """
        index = self._tree.size
        self._tree.append(leaf)
        if event is None:
            self._recorded.append(self._newest)
            self._broken(index)
            self._mark_root()
            return None
        if event.recorded_at != self._text:
            self._text, self._time = event.recorded_at, times.posix(event.recorded_at)
        self._recorded.append(self._time)
        self._chain(event, index)
        command = self._grouped(event, index)
        if self._pending:
            self._roots.append(None)
        else:
            self._mark_root()
        return command

    def _mark_root(self) -> None:
        # As `CompactRange.root`, without a call for each node.
        nodes = self._tree.nodes
        root = nodes[-1]
        for node in nodes[-2::-1]:
            root = sha256(b"\x01" + node + root).digest()
        self._roots.append(root)
        if len(self._roots) > 2 * _ROOTS_KEPT:
            del self._roots[:_ROOTS_KEPT]
            self._base += _ROOTS_KEPT

    def resume(self) -> None:
        """Go on after what was verified before; the fields of STATE have been given back."""
        self._base = self._before.size
        self._roots = [self._tree.root()]

    def _recorded_at(self, index: int) -> int:
        base = self._before.size
        return self._recorded[index - base] if index >= base else self._before.recorded(index)

    def finish(self) -> None:
        """Say what is left over at the end of the log."""
        self._broken(self._tree.size)

    def _chain(self, event: Event, index: int) -> None:
        known = self.tips.get(event.stream)
        wanted = None if event.prev is None else _tip(bytes.fromhex(event.prev), event.version - 1)
        if known != wanted:
            version = 0 if known is None else int.from_bytes(known[merkle.HASH_SIZE :], "big")
            if event.version != version + 1:
                message = f"version {event.version} follows version {version} of {event.stream}"
                self._report(VERSION_WRONG, message, index, event.place)
            else:
                message = "prev is not the hash of the payload before it"
                self._report(PREV_WRONG, message, index, event.place)
        # What comes after is judged by what stands here, so that one break is told once.
        self.tips[event.stream] = _tip(event.digest, event.version)

    def _grouped(self, event: Event, index: int) -> list[Event] | None:
        pending = self._pending
        if pending and (event.at != len(pending) or event.command != pending[0].command):
            self._broken(index)
            pending = self._pending
        if not pending and event.at:
            message = f"event {event.at + 1} of {event.of} of an act stands without those before it"
            self._report(PARTIAL_COMMAND, message, index, event.place)
            return None
        pending.append(event)
        if len(pending) < event.of:
            return None
        self._pending = []
        return pending

    def _broken(self, end: int) -> None:
        """Say that the act whose events end before this index is not whole."""
        if self._pending:
            first, count = self._pending[0], len(self._pending)
            message = f"{count} of {first.of} events of an act stand here"
            self._report(PARTIAL_COMMAND, message, end - count, first.place)
            self._pending = []

    def check_act(self, command: list[Event], *, in_hsm: bool) -> None:
        """Check what is the same in all events of a whole command that ends at the present size."""
        event, size = command[0], self._tree.size
        first = size - len(command)
        if not self._commands.add(event.command.encode()):
            self._report(COMMAND_REPEATED, f"the act {event.command} stands here again", first, event.place)
        recorded = self._recorded_at(first)
        self._check_seen(event, first, recorded)
        self._check_times(command, first, recorded, HSM_PREPARATION_LIFE if in_hsm else PREPARATION_LIFE)
        self._last_of[event.actor] = size - 1
        self._newest = max(self._newest, recorded)

    def _check_seen(self, event: Event, first: int, recorded: int) -> None:
        seen = event.seen_size
        if seen > first:
            message = f"the signer names a head of {seen} entries, {first} stand before the act"
            self._report(SEEN_AHEAD, message, first, event.place)
            return
        if event.seen_root != self.root(seen):
            message = f"the head of {seen} entries that the signer names never was this log's"
            self._report(SEEN_WRONG, message, first, event.place)
        last = self._last_of.get(event.actor, -1)
        if seen <= last:
            message = f"the signer names a head of {seen} entries, but signed entry {last} before"
            self._report(SEEN_BEFORE_OWN, message, first, event.place)
        late = recorded - self._recorded_at(seen)
        if late > SEEN_LIFE:
            message = f"recorded {late // 3600} hours after entry {seen}, which the signer had not seen"
            self._report(SEEN_STALE, message, first, event.place)

    def _check_times(self, command: list[Event], first: int, recorded: int, life: int) -> None:
        event = command[0]
        if recorded < self._newest - life:
            message = f"recorded at {event.recorded_at}, {self._newest - recorded} seconds before what stands above it"
            self._report(RECORDED_BACKWARDS, message, first, event.place)
        if recorded > self._latest:
            self._report(RECORDED_IN_FUTURE, f"recorded at {event.recorded_at}", first, event.place)
        for offset, each in enumerate(command):
            if each.occurred_at > each.recorded_at:
                message = f"happened at {each.occurred_at}, recorded at {each.recorded_at}"
                self._report(OCCURRED_IN_FUTURE, message, first + offset, each.place)


def _tip(digest: bytes, version: int) -> bytes:
    """Return what is kept of a stream's last payload."""
    return digest + version.to_bytes(_VERSION_SIZE, "big")
