"""Asking witnesses (C2SP tlog-witness): each of the policy's is shown every checkpoint and cosigns what grew.

Rules:
- A witness's outage delays nothing: each is asked in a thread of its own with a short time-out, and one that
  fails is left alone for a while, up to a minute.
- The size that a witness saw last is remembered. Where it says another (409), it is asked again from there.
- What a witness answers counts only as a cosignature that verifies under its key in the policy.
- A witness that knows more entries than the database, or does not accept a proof that leads to our own root,
  is the loudest alarm there is: `Answer.alarm`.

Not done here: deciding what an alarm means; at start-up it is the end (`ledger.log.room`).
"""

from __future__ import annotations

import http.client
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ledger.log import checkpoints
from verifier import b64, cosignature
from verifier.checkpoint import parse_size
from verifier.errors import Error as VerifierError
from verifier.note import Note, parse_signature

if TYPE_CHECKING:
    from ledger.application import LedgerApplication
    from ledger.log.checkpoints import Signed
    from ledger.log.tiles import StoredTiles
    from verifier.policy import Party, Policy
    from verifier.witness_server import Witness

_log = logging.getLogger(__name__)

TIMEOUT_S = 3.0
PATIENCE_S = 5.0
LONGEST_PAUSE_S = 60.0
BODY_LIMIT = 1 << 16
SIZE_TYPE = "text/x.tlog.size"

_PATH = "/add-checkpoint"

COSIGNED = "cosigned"
UNREACHABLE = "unreachable"
REFUSED = "refused"
OUTDATED = "outdated"
LARGER = "larger"
FORKED = "forked"


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: status, media type without parameters, body."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking one witness, by its name in the policy.

    ``outcome`` is one of the words above; ``size`` is the one it knows, for LARGER; ``message`` is for people.
    """

    witness: str
    outcome: str
    message: str = ""
    size: int = 0
    line: str = ""
    time: int = 0

    @property
    def alarm(self) -> bool:
        """Whether the witness knows another history than the database."""
        return self.outcome in {LARGER, FORKED}


Send = Callable[[str, bytes], Reply]
"""POSTs a body to an address. Raises OSError when nobody answers."""


def post(url: str, body: bytes) -> Reply:
    """POST over HTTP or HTTPS, following nothing and reading at most 64 KiB."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise OSError(f"{url} is no http or https address")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=TIMEOUT_S)
    try:
        connection.request("POST", parts.path, body, {"Content-Type": "application/octet-stream"})
        response = connection.getresponse()
        data = response.read(BODY_LIMIT + 1)
        if len(data) > BODY_LIMIT:
            raise OSError("the answer is too long")
        return Reply(response.status, response.getheader("Content-Type", "").partition(";")[0].strip(), data)
    except http.client.HTTPException as error:
        raise OSError(f"the answer is not HTTP: {type(error).__name__}") from None
    finally:
        connection.close()


def local(witnesses: Mapping[str, Witness]) -> Send:
    """Reach witnesses that run in this process, by their URL prefix (a demonstration's, on its own clock)."""

    def send(url: str, body: bytes) -> Reply:
        witness = witnesses.get(url.removesuffix(_PATH))
        if witness is None:
            raise OSError(f"there is no witness at {url}")
        answer = witness.add_checkpoint(body)
        return Reply(answer.status, answer.media_type.partition(";")[0], answer.body)

    return send


class Witnesses:
    """The policy's witnesses of one log. Safe for threads; each witness is asked by one at a time."""

    def __init__(
        self, application: LedgerApplication, tiles: StoredTiles, policy: Policy, send: Send = post
    ) -> None:
        self._application = application
        self._tiles = tiles
        self._policy = policy
        self._send = send
        self._busy = {name: threading.Lock() for name in policy.witnesses}
        self._failed: dict[str, tuple[int, float]] = {}

    def ask(self, signed: Signed, *, everyone: bool = False, patience: float = PATIENCE_S) -> list[Answer]:
        """Show a checkpoint to the witnesses and store their cosignatures.

        Those that have cosigned it, and those that failed a moment ago, are asked only with ``everyone``. Who
        has not answered after ``patience`` seconds is unreachable this time.
        """
        given = {key for key, _ in signed.cosignatures}
        with self._application.reading() as sql:
            seen = checkpoints.seen_by(sql)
        answers: list[Answer] = []
        threads = []
        for name, party in self._policy.witnesses.items():
            if party.url is not None and (everyone or (str(party.key) not in given and self._may_ask(name))):
                old = seen.get(str(party.key), 0)
                work = threading.Thread(
                    target=self._ask_alone, args=(name, party, old, signed, answers), daemon=True
                )
                threads.append((name, work))
                work.start()
        deadline = time.monotonic() + patience
        for _, work in threads:
            work.join(max(0.0, deadline - time.monotonic()))
        found = list(answers)  # whoever answers later is asked again
        got = {answer.witness for answer in found}
        found += [Answer(name, UNREACHABLE, "no answer in time") for name, _ in threads if name not in got]
        self._store(signed, found)
        return found

    def _store(self, signed: Signed, answers: Sequence[Answer]) -> None:
        given = [answer for answer in answers if answer.outcome == COSIGNED]
        for answer in answers:
            failures = (
                0
                if answer.outcome in {COSIGNED, OUTDATED}
                else self._failed.get(answer.witness, (0, 0))[0] + 1
            )
            pause = min(2.0 ** (failures - 1), LONGEST_PAUSE_S) if failures else 0.0
            self._failed[answer.witness] = (failures, time.monotonic() + pause)
            if failures == 1 or answer.alarm:
                _log.warning("witness %s: %s %s", answer.witness, answer.outcome, answer.message)
        if not given:
            return
        with self._application.recorder.writing() as sql:  # type: ignore[attr-defined]
            for answer in given:
                key = self._policy.witnesses[answer.witness].key
                checkpoints.cosign(sql, signed, key, answer.line, answer.time)
            best = checkpoints.best(sql, signed.head.origin, self._policy)
            if best is not None and checkpoints.is_quorum(self._policy, best):
                checkpoints.prune(sql, best.head.size)

    def _may_ask(self, name: str) -> bool:
        return time.monotonic() >= self._failed.get(name, (0, 0.0))[1]

    def _ask_alone(self, name: str, party: Party, old: int, signed: Signed, answers: list[Answer]) -> None:
        if not self._busy[name].acquire(blocking=False):
            return  # a slow answer to an earlier question is still on its way
        try:
            answers.append(self._ask(name, party, old, signed))
        except OSError as error:
            answers.append(Answer(name, UNREACHABLE, str(error)))
        except VerifierError as error:
            answers.append(Answer(name, REFUSED, f"the answer is not one: {error.message}"))
        finally:
            self._busy[name].release()

    def _ask(self, name: str, party: Party, old: int, signed: Signed) -> Answer:
        head = signed.head
        for _ in range(3):
            if old > head.size:
                return self._ahead(name, old)
            proof = self._tiles.tree(head.size).consistency_proof(old) if old else []
            reply = self._send(f"{party.url}{_PATH}", request(old, proof, signed.to_bytes()))
            if reply.status == http.client.OK:
                return _cosigned(name, party, signed, reply.body)
            stated = _stated_size(reply)
            if reply.status == http.client.UNPROCESSABLE_ENTITY or (
                reply.status == http.client.CONFLICT and stated in {None, old}
            ):
                message = f"it has cosigned another tree of {old} entries"
                return Answer(name, FORKED, message, old)
            if stated is None:
                return Answer(name, REFUSED, f"HTTP status {reply.status}")
            old = stated
        return Answer(name, REFUSED, "it names another size each time")

    def _ahead(self, name: str, size: int) -> Answer:
        """The witness knows a larger tree than the one shown.

        That is another server's, or one that the database has lost: a checkpoint is stored before anybody is
        shown it.
        """
        with self._application.reading() as sql:
            newest = checkpoints.newest(sql, "")
        signed = newest.head.size if newest else 0
        if size <= signed:
            return Answer(name, OUTDATED, f"it has seen {size} entries already", size)
        return Answer(
            name, LARGER, f"it has seen {size} entries, the database has signed no more than {signed}", size
        )


def request(old: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
    """The body of add-checkpoint."""
    lines = [f"old {old}", *map(b64.encode, proof), "", ""]
    return "\n".join(lines).encode() + checkpoint


def _stated_size(reply: Reply) -> int | None:
    if reply.status != http.client.CONFLICT or reply.media_type != SIZE_TYPE:
        return None
    return parse_size(reply.body.decode("ascii", "replace").removesuffix("\n"))


def _cosigned(name: str, party: Party, signed: Signed, body: bytes) -> Answer:
    lines = body.decode("utf-8", "replace").removesuffix("\n").split("\n")
    signatures = tuple(map(parse_signature, lines))
    given = Note(signed.head.to_text(), signatures)
    at = cosignature.verify(given, party.key)
    newest = next(
        each
        for each in signatures
        if (each.name, each.key_id) == (party.key.name, party.key.key_id)
        and int.from_bytes(each.data[:8], "big") == at
    )
    return Answer(name, COSIGNED, "", signed.head.size, newest.line().removesuffix("\n"), at)
