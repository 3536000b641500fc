"""Witnesses' cosignatures, version 1 (C2SP tlog-cosignature, Ed25519).

A line of the checkpoint's note by a key of type 0x04. Its signature is

    u64be time || Ed25519 signature[64]

over

    cosignature/v1 LF
    time <time> LF
    <the whole text of the checkpoint>

with the time in POSIX seconds, decimal without leading zeroes, below 2^63. It says: at that time this was the
largest consistent tree of that log that the witness had seen.

Not done here: how many witnesses are enough (`verifier.policy`), and what a witness checks before it signs.
"""

from verifier import note
from verifier.errors import FormatError, PublicKeyError, SignatureError

TIME_LIMIT = 2**63 - 1

_TIME_SIZE = 8


def message(text: str, time: int) -> bytes:
    """Return what a witness signs for a checkpoint's note text at a POSIX time.

    Raises FormatError COSIGNATURE_TIME.
    """
    if not 0 <= time <= TIME_LIMIT:
        raise FormatError("COSIGNATURE_TIME", "a cosignature's time is below 2^63")
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def encode(time: int, signature: bytes) -> bytes:
    """Return a cosignature's bytes, as they follow the key id."""
    return time.to_bytes(_TIME_SIZE, "big") + signature


def verify(signed: note.Note, key: note.VKey) -> int:
    """Check this witness's cosignatures on a checkpoint and return the newest one's time, in POSIX seconds.

    Raises SignatureError NOTE_UNSIGNED when it has none there, SIGNATURE_WRONG when one does not hold;
    PublicKeyError KEY_KIND_WRONG for a log's key.
    """
    if key.kind != note.WITNESS_KEY:
        raise PublicKeyError("KEY_KIND_WRONG", "a log's key does not cosign")
    times = []
    for data in signed.by(key):
        time = int.from_bytes(data[:_TIME_SIZE], "big")
        if time > TIME_LIMIT:
            raise SignatureError("SIGNATURE_WRONG", f"the cosignature by {key.name} is malformed")
        key.key.verify(message(signed.text, time), data[_TIME_SIZE:])
        times.append(time)
    if not times:
        raise SignatureError("NOTE_UNSIGNED", f"the checkpoint has no cosignature by {key.name}")
    return max(times)
