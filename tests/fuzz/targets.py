"""The parsers and checks that read what strangers send, each as something to throw bytes at.

Whatever the bytes: a refusal is one of the verifier's own errors, and what is accepted is one of the genuine
documents that the fuzzer began with. What carries no signature is instead written again, and must come out as
the same bytes. `tests.fuzz.test_fuzz` throws bytes made by hypothesis, `python -m tests.fuzz` those of atheris.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from tests.fuzz.material import Material
from verifier import (
    code,
    credential,
    entry,
    jcs,
    keyfile,
    note,
    pdf,
    pdf_seal,
    policy,
    proof,
    qr,
    rootfile,
    shape,
    statuslist,
    tile,
    token,
    withdrawn,
    witness,
)
from verifier.answer import Answer, Verdict
from verifier.errors import Error
from verifier.pdf_page import Page

Accepted = Iterable[Hashable]
"""What was believed, as values to compare; empty where the format carries no signature."""


@dataclass(frozen=True, slots=True)
class Target:
    """Something to throw bytes at: ``read`` raises the verifier's Error, or returns what it accepted."""

    seeds: tuple[bytes, ...]
    read: Callable[[bytes], Accepted]
    genuine: frozenset[Hashable]

    def throw(self, data: bytes) -> None:
        """Raises whatever is no refusal, and AssertionError when something else than the genuine is accepted."""
        try:
            accepted = set(self.read(data))
        except Error:
            return
        assert accepted <= self.genuine, f"accepted: {accepted - self.genuine}"


class _Signed:
    """What says yes to signed documents only, and what it checks them against."""

    def __init__(self, given: Material) -> None:
        self._root = rootfile.parse(given.one("root"))
        self._trust = keyfile.Trust.of_root(self._root)
        self._keys = keyfile.parse(given.one("keys"), self._trust)
        self._withdrawn = withdrawn.parse(given.one("withdrawn"), self._keys)
        self._policy = policy.parse(given.one("policy"))
        lists = (statuslist.parse(data, self._keys) for data in given.all("status"))
        self._lists = {each.url.encode(): each for each in lists}
        self._roots = pdf_seal.parse_roots(given.one("trust"))
        self._now = given.now
        self._pages = [text.partition(b"#")[0].decode() for text in given.all("qr")]
        self._proven = given.all("proven")

    def qr(self, data: bytes) -> Accepted:
        text = data.decode("utf-8", "surrogateescape")
        return _believed(qr.check(text, self._keys, self._withdrawn, self._now), text)

    def token(self, data: bytes) -> Accepted:
        assert token.parse(data).to_bytes() == data
        for page in self._pages:
            yield from self.qr(f"{page}#{token.to_digits(data)}".encode())

    def credential(self, data: bytes) -> Accepted:
        status = next((each for url, each in self._lists.items() if url in data), None)
        answer = credential.check(data, self._keys, status, self._now)
        # Its JSON may be spelled in any way, so the value is compared.
        return _believed(answer, jcs.encode(shape.parse_object(data, len(data))) if answer.facts else None)

    def statuslist(self, data: bytes) -> Accepted:
        return [statuslist.parse(data, self._keys)]

    def keyfile(self, data: bytes) -> Accepted:
        keyfile.parse(data, self._trust)
        return [data]

    def withdrawn(self, data: bytes) -> Accepted:
        return withdrawn.parse(data, self._keys).values()

    def checkpoint(self, data: bytes) -> Accepted:
        verdict = self._policy.check(data)
        return [verdict.checkpoint, *verdict.times.items()]

    def proof(self, data: bytes) -> Accepted:
        found = proof.parse(data)
        assert proof.parse(found.to_bytes()) == found
        for proven in self._proven:
            try:
                verdict = found.verify(proven, self._policy)
            except Error:
                continue
            yield (proven, found.index, found.path, verdict.checkpoint)

    def entry(self, data: bytes) -> Accepted:
        found = entry.parse_entry(data)
        for one in self._root.keys:
            if one.key.thumbprint == found.signature.key:
                entry.verify_entry(found, self._root.origin, one.key)
                yield data

    def pdf(self, data: bytes) -> Accepted:
        status = next(iter(self._lists.values()))
        against = pdf.Against(self._roots, self._keys, self._policy, status, self._withdrawn)
        answer = pdf.check(data, against, self._now, lambda _: Page(None, None))
        return [] if answer.verdict is Verdict.DOES_NOT_STAND else [data]


def targets(given: Material) -> dict[str, Target]:
    """All targets over this material."""
    signed = _Signed(given)
    texts, notes, entries = given.all("qr"), given.one("checkpoint"), given.all("entry")
    tokens = [_big_endian(text.partition(b"#")[2]) for text in texts]
    believing: dict[str, tuple[Iterable[bytes], Callable[[bytes], Accepted]]] = {
        "qr": (texts, signed.qr),
        "token": (tokens, signed.token),
        "credential": (given.all("credential"), signed.credential),
        "statuslist": (given.all("status"), signed.statuslist),
        "keyfile": ([given.one("keys")], signed.keyfile),
        "withdrawn": ([given.one("withdrawn")], signed.withdrawn),
        "checkpoint": ([notes], signed.checkpoint),
        "proof": (given.all("proof"), signed.proof),
        "entry": (entries, signed.entry),
        "pdf": (given.all("pdf")[:1], signed.pdf),
    }
    spelling: dict[str, tuple[Iterable[bytes], Callable[[bytes], Accepted]]] = {
        "bits": ([statuslist.encode(bytes(1 << 14)).encode()], read_bits),
        "code": ([text.partition(b"#")[0][-code.LENGTH :] for text in texts], read_code),
        "jcs": ([given.one("root"), b'{"a":[-1,"",null,true]}'], read_jcs),
        "rootfile": ([given.one("root")], read_root),
        "policy": ([given.one("policy")], read_policy),
        "note": ([notes], read_note),
        "vkey": ([word for word in given.one("policy").split() if b"+" in word], read_vkey),
        "tile": ([b"tile/0/x001/x234/067", b"tile/entries/000.p/5"], read_tile),
        "bundle": ([tile.encode_bundle(entries[:5])], read_bundle),
        "witness": ([b"old 0\n\n" + notes], read_request),
    }
    return {
        name: Target(tuple(seeds), read, frozenset(each for seed in seeds for each in read(seed)))
        for name, (seeds, read) in (believing | spelling).items()
    }


def _believed(answer: Answer, what: Hashable) -> Accepted:
    """A certificate that says something of itself had a signature that holds."""
    return [what] if answer.facts or answer.verdict is Verdict.STANDS else []


def _big_endian(digits: bytes) -> bytes:
    number = int(digits)
    return number.to_bytes((number.bit_length() + 7) // 8)


def read_bits(data: bytes) -> Accepted:
    """The bits of a status list can be packed again."""
    bits = statuslist.decode(data.decode("latin-1"))
    assert statuslist.decode(statuslist.encode(bits)) == bits
    return []


def read_code(data: bytes) -> Accepted:
    """Any code has one canonical form, and no other last character fits."""
    found = code.normalise(data.decode("utf-8", "surrogateescape"))
    assert code.normalise(found) == code.normalise(code.display(found).lower()) == found
    for other in set(code.ALPHABET) - {found[-1]}:
        try:
            code.normalise(found[:-1] + other)
        except Error:
            continue
        raise AssertionError(f"two codes differ in their check character only: {found}")
    return []


def read_jcs(data: bytes) -> Accepted:
    """One spelling for each value."""
    assert jcs.encode(jcs.decode(data)) == data
    return []


def read_root(data: bytes) -> Accepted:
    """One spelling for each root file."""
    assert rootfile.parse(data).to_bytes() == data
    return []


def read_policy(data: bytes) -> Accepted:
    """A policy can be asked."""
    assert policy.parse(data).is_quorum(()) in {True, False}
    return []


def read_note(data: bytes) -> Accepted:
    """A note is read as it was written; base64 may be spelled in several ways."""
    found = note.parse(data)
    assert note.parse(found.to_bytes()) == found
    return []


def read_vkey(data: bytes) -> Accepted:
    """A key says its name."""
    assert note.is_name(note.parse_vkey(data.decode("utf-8", "surrogateescape")).name)
    return []


def read_tile(data: bytes) -> Accepted:
    """One path for each tile."""
    text = data.decode("utf-8", "surrogateescape")
    assert tile.parse_path(text).path() == text
    return []


def read_bundle(data: bytes) -> Accepted:
    """A bundle is its entries."""
    assert tile.encode_bundle(tile.parse_bundle(tile.parse_path("tile/entries/000.p/5"), data)) == data
    return []


def read_request(data: bytes) -> Accepted:
    """A request to a witness is read whole."""
    assert witness.parse_request(data).old >= 0
    return []
