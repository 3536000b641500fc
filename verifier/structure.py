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

from verifier import merkle, times
from verifier.entry import Entry, payload_hash
from verifier.finding import Rule, wrong
from verifier.seen import SeenSet

PREPARATION_LIFE = 600
HSM_PREPARATION_LIFE = 86400
SEEN_LIFE = 86400
CLOCK_SKEW = 120

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

Report = Callable[[Rule, str, int, str], None]


class Structure:
    """Follows a log entry by entry. `report(rule, message, index, place)` is told what is wrong.

    `size` entries were followed; `roots` holds the root at every size, `recorded` each entry's time.
    """

    def __init__(self, report: Report, now: int) -> None:
        """`now` in POSIX seconds."""
        self._report = report
        self._latest = now + CLOCK_SKEW
        self._tree = merkle.CompactRange()
        self._roots = bytearray(merkle.EMPTY_ROOT)
        self._recorded = array("q")
        self._newest = 0
        self.tips: dict[str, tuple[int, bytes]] = {}
        self._commands = SeenSet()
        self._last_of: dict[str, int] = {}
        self._pending: list[Entry] = []
        self._first = 0

    @property
    def size(self) -> int:
        """The number of entries followed."""
        return self._tree.size

    def root(self, size: int | None = None) -> bytes:
        """Return the root at a size that was passed, by default the present one."""
        place = (self.size if size is None else size) * merkle.HASH_SIZE
        return bytes(self._roots[place : place + merkle.HASH_SIZE])

    @property
    def newest(self) -> int:
        """The newest time of recording so far, POSIX seconds."""
        return self._newest

    def append(self, leaf: bytes, entry: Entry | None) -> list[Entry] | None:
        """Take the next entry (None: it could not be read) and its leaf hash.

        Return the command it completes.
        """
        index = self._tree.size
        self._tree.append(leaf)
        self._roots += self._tree.root()
        if entry is None:
            self._recorded.append(self._newest)
            self._broken()
            return None
        self._recorded.append(times.posix(entry.payload.recorded_at))
        self._chain(entry, index)
        return self._grouped(entry, index)

    def finish(self) -> None:
        """Say what is left over at the end of the log."""
        self._broken()

    def _chain(self, entry: Entry, index: int) -> None:
        payload = entry.payload
        version, tip = self.tips.get(payload.stream, (0, b""))
        if payload.version != version + 1:
            message = f"version {payload.version} follows version {version} of {payload.stream}"
            self._report(VERSION_WRONG, message, index, _place(entry))
        elif payload.prev != (tip.hex() if version else None):
            message = "prev is not the hash of the payload before it"
            self._report(PREV_WRONG, message, index, _place(entry))
        # What comes after is judged by what stands here, so that one break is told once.
        self.tips[payload.stream] = (payload.version, payload_hash(entry.payload_bytes))

    def _grouped(self, entry: Entry, index: int) -> list[Entry] | None:
        signature, pending = entry.signature, self._pending
        if pending and (
            signature.index != len(pending) or entry.payload.command != pending[0].payload.command
        ):
            self._broken()
            pending = self._pending
        if not pending and signature.index:
            message = (
                f"event {signature.index + 1} of {signature.size} of an act stands without those before it"
            )
            self._report(PARTIAL_COMMAND, message, index, _place(entry))
            return None
        if not pending:
            self._first = index
        pending.append(entry)
        if len(pending) < signature.size:
            return None
        self._pending = []
        return pending

    def _broken(self) -> None:
        if self._pending:
            first = self._pending[0]
            message = f"{len(self._pending)} of {first.signature.size} events of an act stand here"
            self._report(PARTIAL_COMMAND, message, self._first, _place(first))
            self._pending = []

    def check_act(self, command: list[Entry], *, in_hsm: bool) -> None:
        """Check what is the same in all events of a whole command that ends at the present size."""
        payload, first = command[0].payload, self.size - len(command)
        place = _place(command[0])
        if not self._commands.add(bytes.fromhex(payload.command.replace("-", ""))):
            self._report(COMMAND_REPEATED, f"the act {payload.command} stands here again", first, place)
        self._check_seen(command[0], first, place)
        recorded = self._recorded[first]
        self._check_times(command, first, recorded, HSM_PREPARATION_LIFE if in_hsm else PREPARATION_LIFE)
        self._last_of[payload.actor] = self.size - 1
        self._newest = max(self._newest, recorded)

    def _check_seen(self, entry: Entry, first: int, place: str) -> None:
        payload = entry.payload
        seen = payload.seen_size
        if seen > first:
            message = f"the signer names a head of {seen} entries, {first} stand before the act"
            self._report(SEEN_AHEAD, message, first, place)
            return
        if payload.seen_root != self.root(seen):
            message = f"the head of {seen} entries that the signer names never was this log's"
            self._report(SEEN_WRONG, message, first, place)
        last = self._last_of.get(payload.actor, -1)
        if seen <= last:
            message = f"the signer names a head of {seen} entries, but signed entry {last} before"
            self._report(SEEN_BEFORE_OWN, message, first, place)
        late = self._recorded[first] - self._recorded[seen]
        if seen < first and late > SEEN_LIFE:
            message = f"recorded {late // 3600} hours after entry {seen}, which the signer had not seen"
            self._report(SEEN_STALE, message, first, place)

    def _check_times(self, command: list[Entry], first: int, recorded: int, life: int) -> None:
        payload, place = command[0].payload, _place(command[0])
        if recorded < self._newest - life:
            message = f"recorded at {payload.recorded_at}, {self._newest - recorded} seconds before what stands above it"
            self._report(RECORDED_BACKWARDS, message, first, place)
        if recorded > self._latest:
            self._report(RECORDED_IN_FUTURE, f"recorded at {payload.recorded_at}", first, place)
        for offset, entry in enumerate(command):
            if entry.payload.occurred_at > entry.payload.recorded_at:
                message = f"happened at {entry.payload.occurred_at}, recorded at {entry.payload.recorded_at}"
                self._report(OCCURRED_IN_FUTURE, message, first + offset, _place(entry))


def _place(entry: Entry) -> str:
    return f"{entry.payload.stream}@{entry.payload.version}"
