"""Proof files (C2SP tlog-proof): all that shows, offline, that an entry is in a witnessed log.

    c2sp.org/tlog-proof@v1 LF
    [extra <base64> LF]
    index <n> LF
    <base64 hash> LF            (zero or more, leaf to root)
    LF
    <signed checkpoint, verbatim>

`extra` is not authenticated and is never believed. File extension `.tlog-proof`.

Not done here: what the entry says and who signed it (`verifier.entry`, `verifier.replay`).
"""

from dataclasses import dataclass

from verifier import b64, checkpoint, merkle
from verifier.errors import FormatError
from verifier.policy import Policy, Verdict

PROOF_LIMIT = 1 << 19
HASH_LIMIT = 63

_HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Proof:
    """A parsed proof, of which nothing has been verified. `path` are 32-byte hashes from the leaf up."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def to_bytes(self) -> bytes:
        """Return the file's bytes."""
        extra = [] if self.extra is None else [f"extra {b64.encode(self.extra)}"]
        lines = [_HEADER, *extra, f"index {self.index}", *map(b64.encode, self.path), "", ""]
        return "\n".join(lines).encode() + self.checkpoint

    def verify(self, entry: bytes, policy: Policy) -> Verdict:
        """Check that `entry` is in the log at this index, under a checkpoint of a trusted log.

        Raises what `Policy.check` and `merkle.verify_inclusion` raise. Whether enough witnesses saw it is in
        the verdict.
        """
        verdict = policy.check(self.checkpoint)
        head = verdict.checkpoint
        merkle.verify_inclusion(self.index, head.size, merkle.leaf_hash(entry), self.path, head.root)
        return verdict


def parse(data: bytes) -> Proof:
    """Read a proof file. Raises FormatError PROOF_TOO_LARGE, PROOF_INVALID, SIZE_INVALID or BASE64_INVALID.

    The checkpoint is taken as it is; `Proof.verify` reads it.
    """
    if len(data) > PROOF_LIMIT:
        raise FormatError("PROOF_TOO_LARGE", f"a proof has at most {PROOF_LIMIT} bytes")
    head, blank, signed = data.partition(b"\n\n")
    if not blank or not head.isascii():
        raise FormatError("PROOF_INVALID", "not a proof of the form c2sp.org/tlog-proof@v1")
    lines = head.decode("ascii").split("\n")
    extra = None
    if len(lines) > 1 and lines[1].startswith("extra "):
        extra = b64.decode(lines.pop(1).removeprefix("extra "))
    match lines:
        case [header, index, *path] if header == _HEADER and index.startswith("index "):
            if len(path) <= HASH_LIMIT:
                hashes = tuple(b64.decode(line, merkle.HASH_SIZE) for line in path)
                return Proof(checkpoint.parse_size(index.removeprefix("index ")), hashes, signed, extra)
    raise FormatError("PROOF_INVALID", "not a proof of the form c2sp.org/tlog-proof@v1")
