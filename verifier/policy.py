"""Policies (C2SP tlog-policy): which logs and witnesses a verifier trusts, and how many witnesses it wants.

    log <vkey> [url]
    witness <name> <vkey> [url]
    group <name> all|any|<k> <name>…
    quorum <name>|none

Lines end in LF; words are parted by spaces and tabs; empty lines and those that begin with `#` do not count;
other control characters are not allowed. Bytes beyond ASCII are opaque. A group or the quorum refers to names
of earlier lines; each name is a member once at most; there is exactly one quorum. No public key occurs twice
among the logs, nor among the witnesses.

Stricter than the specification in one point: a log's key is no witness's, since a log cannot vouch for
itself. For the same reason the file must name only witnesses that others than the log's operator run, which
no program can check.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from verifier import checkpoint, cosignature, note
from verifier.checkpoint import Checkpoint
from verifier.errors import FormatError, SignatureError
from verifier.note import Note, VKey

POLICY_LIMIT = 1 << 16
LINE_LIMIT = 64  # of each kind

_BYTES = re.compile(rb"[\t\n\x20-\x7e\x80-\xff]*")
_WORDS = re.compile(r"[^ \t]+")
_COUNT = re.compile(r"[1-9][0-9]{0,2}")
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Party:
    """A log or a witness: its key, and where it is reached (or None)."""

    key: VKey
    url: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """A set of witnesses and groups, of which `threshold` have to witness a checkpoint."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A checkpoint signed by a trusted log.

    `times` has, for each trusted witness that cosigned it, by its name in the policy, the newest
    cosignature's POSIX time. `witnessed` tells whether they are the quorum.
    """

    checkpoint: Checkpoint
    note: Note
    log: VKey
    times: Mapping[str, int]
    witnessed: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed policy. `quorum` is a name, or None when no witness is demanded."""

    logs: tuple[Party, ...]
    witnesses: Mapping[str, Party]
    groups: Mapping[str, Group]
    quorum: str | None

    def is_quorum(self, names: Iterable[str]) -> bool:
        """Tell whether the witnesses with these names are enough."""
        if self.quorum is None:
            return True
        done = set(names) & self.witnesses.keys()
        # Groups refer to earlier ones only, so that one pass in their order settles all.
        for name, group in self.groups.items():
            if sum(member in done for member in group.members) >= group.threshold:
                done.add(name)
        return self.quorum in done

    def check(self, data: bytes) -> Verdict:
        """Verify a signed checkpoint.

        Every signature by a known log or witness has to hold. Raises FormatError for the bytes,
        SignatureError NOTE_UNSIGNED when no trusted log of that origin signed it, SIGNATURE_WRONG for a bad
        signature. A missing quorum is no error: see `Verdict.witnessed`.
        """
        head, signed = checkpoint.parse(data)
        signers = [log.key for log in self.logs if signed.by(log.key)]
        for key in signers:
            note.verify(signed, key)
        log = next((key for key in signers if key.name == head.origin), None)
        if log is None:
            raise SignatureError("NOTE_UNSIGNED", f"no trusted log named {head.origin} signed the checkpoint")
        times = {
            name: cosignature.verify(signed, witness.key)
            for name, witness in self.witnesses.items()
            if signed.by(witness.key)
        }
        return Verdict(head, signed, log, times, self.is_quorum(times))

    def is_fresh(self, verdict: Verdict, earliest: int, latest: int) -> bool:
        """Tell whether a quorum cosigned within these POSIX times, both included.

        Without a quorum nothing shows freshness.
        """
        within = [name for name, time in verdict.times.items() if earliest <= time <= latest]
        return self.quorum is not None and self.is_quorum(within)


def parse(data: bytes) -> Policy:
    """Read a policy file. Raises FormatError POLICY_INVALID, VKEY_INVALID or a PublicKeyError."""
    if len(data) > POLICY_LIMIT or not _BYTES.fullmatch(data):
        raise FormatError("POLICY_INVALID", "the policy is too large or has control characters")
    if not data.endswith(b"\n"):
        raise FormatError("POLICY_INVALID", "the policy's last line has no end")
    builder = _Builder()
    # surrogateescape keeps bytes beyond ASCII apart without giving them a meaning.
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        words = _WORDS.findall(line)
        if words and not words[0].startswith("#"):
            try:
                builder.take(words)
            except FormatError as error:
                raise type(error)(error.code, f"line {number} of the policy: {error.message}") from None
    return builder.build()


class _Builder:
    """A policy as far as it has been read."""

    def __init__(self) -> None:
        self.logs: list[Party] = []
        self.witnesses: dict[str, Party] = {}
        self.groups: dict[str, Group] = {}
        self.members: set[str] = set()
        self.quorum: str | None = None

    def take(self, words: list[str]) -> None:
        match words:
            case ["log", vkey, *url] if len(url) <= 1 and len(self.logs) < LINE_LIMIT:
                self.logs.append(self._party(note.LOG_KEY, vkey, url, self.logs))
            case ["witness", name, vkey, *url] if len(url) <= 1 and len(self.witnesses) < LINE_LIMIT:
                self._new(name)
                self.witnesses[name] = self._party(note.WITNESS_KEY, vkey, url, self.witnesses.values())
            case ["group", name, count, *members] if len(self.groups) < LINE_LIMIT:
                self._new(name)
                self.groups[name] = self._group(count, members)
            case ["quorum", name] if self.quorum is None:
                if name != _NONE:
                    self._known(name)
                self.quorum = name
            case _:
                raise FormatError("POLICY_INVALID", "not a line of the format, repeated or one too many")

    def build(self) -> Policy:
        if self.quorum is None:
            raise FormatError("POLICY_INVALID", "the policy has no quorum line")
        log_keys = {log.key.key.data for log in self.logs}
        if any(witness.key.key.data in log_keys for witness in self.witnesses.values()):
            raise FormatError("POLICY_INVALID", "a log cannot be its own witness")
        quorum = None if self.quorum == _NONE else self.quorum
        return Policy(tuple(self.logs), self.witnesses, self.groups, quorum)

    def _party(self, kind: int, vkey: str, url: list[str], others: Iterable[Party]) -> Party:
        key = note.parse_vkey(vkey)
        if key.kind != kind:
            raise FormatError("POLICY_INVALID", "a log has a key of type 1, a witness one of type 4")
        if any(other.key.key.data == key.key.data for other in others):
            raise FormatError("POLICY_INVALID", "a public key occurs twice")
        return Party(key, next(iter(url), None))

    def _group(self, count: str, members: list[str]) -> Group:
        for member in members:
            self._known(member)
            if member in self.members:
                raise FormatError("POLICY_INVALID", f"{member} is a member twice")
            self.members.add(member)
        number = int(count) if _COUNT.fullmatch(count) else 0
        threshold = {"all": len(members), "any": 1}.get(count, number)
        if not 1 <= threshold <= len(members):
            raise FormatError("POLICY_INVALID", "a group wants all, any or a number of its members")
        return Group(threshold, tuple(members))

    def _new(self, name: str) -> None:
        if name == _NONE or name in self.witnesses or name in self.groups:
            raise FormatError("POLICY_INVALID", f"the name {name} is taken")

    def _known(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise FormatError("POLICY_INVALID", f"no earlier line defines {name}")
