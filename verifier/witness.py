"""A witness (C2SP tlog-witness): it cosigns a log's checkpoint only when that extends what it cosigned before.

    POST <prefix>/add-checkpoint
    old <size> LF
    <base64 hash> LF          (at most 63: a consistency proof from the old size)
    LF
    <signed checkpoint>

Answers: 200 and a cosignature line; 400 for what is not of this form, or an old size above the checkpoint's;
403 when no trusted key of the log signed it, or a signature by one does not hold; 404 for an unknown origin;
409 with `<size> LF` of type text/x.tlog.size when the old size is not the one cosigned last; 422 for a proof
that does not hold, a proof where none is due, or another root at the same size. Of two different checkpoints
of one size, both signed by the log, the second is kept: together they show to anyone that the log lied.

`add_checkpoint` decides and changes nothing; whoever calls it stores the new state before answering, one
request at a time (`verifier.witness_server`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from verifier import b64, checkpoint, jcs, merkle
from verifier.checkpoint import Checkpoint
from verifier.errors import Error, FormatError, ProofError
from verifier.note import Note, VKey

BODY_LIMIT = 1 << 17
PROOF_LIMIT = 63
STATE_LIMIT = 1 << 26
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"

_OLD = "old "


@dataclass(frozen=True, slots=True)
class Seen:
    """What was cosigned last for one log: size, root (32 bytes), and the signed note.

    `conflict` is a signed checkpoint of the same size with another root, once there was one.
    """

    size: int
    root: bytes
    signed: str
    conflict: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes
    media_type: str = TEXT_TYPE


@dataclass(frozen=True, slots=True)
class Request:
    """A parsed request, of which nothing has been verified. `proof` are 32-byte hashes."""

    old: int
    proof: tuple[bytes, ...]
    head: Checkpoint
    signed: Note


def parse_request(body: bytes) -> Request:
    """Read the body of add-checkpoint. Raises FormatError."""
    if len(body) > BODY_LIMIT:
        raise FormatError("WITNESS_REQUEST_INVALID", f"a request has at most {BODY_LIMIT} bytes")
    lines, blank, signed = body.partition(b"\n\n")
    if not blank or not lines.isascii():
        raise FormatError("WITNESS_REQUEST_INVALID", "an empty line and a checkpoint are missing")
    first, *proof = lines.decode("ascii").split("\n")
    if not first.startswith(_OLD) or len(proof) > PROOF_LIMIT:
        raise FormatError("WITNESS_REQUEST_INVALID", "the old size is missing, or the proof is too long")
    old = checkpoint.parse_size(first.removeprefix(_OLD))
    hashes = tuple(b64.decode(line, merkle.HASH_SIZE) for line in proof)
    return Request(old, hashes, *checkpoint.parse(signed))


def add_checkpoint(
    body: bytes, logs: Mapping[str, Sequence[VKey]], seen: Mapping[str, Seen], cosign: Callable[[str], str]
) -> tuple[Answer, Seen | None]:
    """Decide about a request.

    `logs` are the trusted keys and `seen` the state, both by origin; `cosign` makes a signature line, with its
    LF, on a checkpoint's text. Returns the answer, and the log's new state if there is one: it has to be stored
    before the answer leaves. Raises nothing.
    """
    try:
        request = parse_request(body)
    except FormatError as error:
        return _refuse(HTTPStatus.BAD_REQUEST, error), None
    head = request.head
    keys = logs.get(head.origin)
    if not keys:
        return _plain(HTTPStatus.NOT_FOUND, "this witness does not know the log"), None
    signers = [key for key in keys if request.signed.by(key)]
    if not signers:
        return _plain(HTTPStatus.FORBIDDEN, "no trusted key of the log signed the checkpoint"), None
    try:
        for key in signers:
            checkpoint.verify(request.signed, key)
    except Error as error:
        return _refuse(HTTPStatus.FORBIDDEN, error), None
    if request.old > head.size:
        return _plain(HTTPStatus.BAD_REQUEST, "the old size is above the checkpoint's"), None
    last = seen.get(head.origin, Seen(0, merkle.EMPTY_ROOT, ""))
    if request.old != last.size:
        return Answer(HTTPStatus.CONFLICT, f"{last.size}\n".encode(), SIZE_TYPE), None
    try:
        _check_proof(request, last)
    except ProofError as error:
        return _refuse(HTTPStatus.UNPROCESSABLE_ENTITY, error), _evidence(request, last)
    line = cosign(head.to_text())
    signed = request.signed.to_bytes().decode()
    return Answer(HTTPStatus.OK, line.encode()), Seen(head.size, head.root, signed, last.conflict)


def _check_proof(request: Request, last: Seen) -> None:
    head = request.head
    if last.size:
        merkle.verify_consistency(last.size, head.size, last.root, head.root, request.proof)
    elif request.proof:
        raise ProofError("PROOF_LENGTH", "from the empty tree there is no proof")


def _evidence(request: Request, last: Seen) -> Seen | None:
    """Return the state with the first checkpoint of the same size and another root."""
    head = request.head
    if last.conflict is not None or head.size != last.size or head.root == last.root:
        return None
    return replace(last, conflict=request.signed.to_bytes().decode())


def encode_state(seen: Mapping[str, Seen]) -> bytes:
    """Return a state file's bytes: RFC 8785 JSON, by origin."""
    return jcs.encode(
        {
            origin: {
                "conflict": each.conflict,
                "root": b64.encode(each.root),
                "signed": each.signed,
                "size": each.size,
            }
            for origin, each in seen.items()
        }
    )


def parse_state(data: bytes) -> dict[str, Seen]:
    """Read a state file. Raises FormatError WITNESS_STATE_INVALID, JSON_…, or what its checkpoints raise."""
    value = jcs.decode(data, limit=STATE_LIMIT)
    if type(value) is not dict:
        raise FormatError("WITNESS_STATE_INVALID", "the witness's state is not an object")
    found = {}
    for origin, each in value.items():
        match each:
            case {
                "size": int(size),
                "root": str(root),
                "signed": str(signed),
                "conflict": (str() | None) as conflict,
            }:
                head, _ = checkpoint.parse(signed.encode())
                if (head.origin, head.size, head.root) != (origin, size, b64.decode(root, merkle.HASH_SIZE)):
                    raise FormatError(
                        "WITNESS_STATE_INVALID", "the witness's state contradicts its own checkpoint"
                    )
                found[origin] = Seen(size, head.root, signed, conflict)
            case _:
                raise FormatError("WITNESS_STATE_INVALID", "the witness's state is not as it was written")
    return found


def _plain(status: HTTPStatus, text: str) -> Answer:
    return Answer(status, f"{text}\n".encode())


def _refuse(status: HTTPStatus, error: Error) -> Answer:
    return _plain(status, f"{error.code}: {error.message}")
