"""Checkpoints (C2SP tlog-checkpoint): a log's signed tree head.

    <origin> LF <size> LF <base64(root)> LF

as the text of a signed note (`verifier.note`), signed by a log key whose name is the origin. The size is
decimal without leading zeroes. Extension lines, which the specification allows and discourages, are refused:
this log has none, and no monitor could audit them.

Not done here: whether a checkpoint extends another (`verifier.merkle`), and who witnessed it
(`verifier.policy`).
"""

import re
from dataclasses import dataclass

from verifier import b64, merkle, note
from verifier.errors import FormatError, SignatureError

SIZE_LIMIT = 2**53 - 1

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: the log's origin, the number of its leaves and their root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def to_text(self) -> str:
        """Return the note text."""
        return f"{self.origin}\n{self.size}\n{b64.encode(self.root)}\n"


def parse_size(text: str) -> int:
    """Read a size or an index. Raises FormatError SIZE_INVALID."""
    if not _DECIMAL.fullmatch(text) or int(text) > SIZE_LIMIT:
        raise FormatError("SIZE_INVALID", "a size is decimal, without leading zeroes, below 2^53")
    return int(text)


def parse_text(text: str) -> Checkpoint:
    """Read the note text. Raises FormatError CHECKPOINT_INVALID, SIZE_INVALID or BASE64_INVALID."""
    match text.split("\n"):
        case [origin, size, root, ""] if note.is_name(origin):
            checkpoint = Checkpoint(origin, parse_size(size), b64.decode(root, merkle.HASH_SIZE))
            if checkpoint.size == 0 and checkpoint.root != merkle.EMPTY_ROOT:
                raise FormatError("CHECKPOINT_INVALID", "an empty tree has another root")
            return checkpoint
    raise FormatError("CHECKPOINT_INVALID", "a checkpoint is the three lines origin, size and root")


def parse(data: bytes) -> tuple[Checkpoint, note.Note]:
    """Read a signed checkpoint without verifying it. Raises FormatError."""
    signed = note.parse(data)
    return parse_text(signed.text), signed


def verify(signed: note.Note, key: note.VKey) -> Checkpoint:
    """Check that the log with this key signed this note, and return the tree head.

    Raises SignatureError CHECKPOINT_ORIGIN for the tree head of another log, or what `note.verify` raises.
    """
    checkpoint = parse_text(signed.text)
    if checkpoint.origin != key.name:
        raise SignatureError("CHECKPOINT_ORIGIN", "the checkpoint is of another log")
    note.verify(signed, key)
    return checkpoint
