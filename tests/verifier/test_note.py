"""Notes, checkpoints, cosignatures, policies and proof files; against vectors of C2SP and Go for notes."""

import base64
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier import checkpoint, cosignature, merkle, note, policy, proof
from verifier.checkpoint import Checkpoint
from verifier.errors import Error, FormatError, PublicKeyError, SignatureError

VECTORS = Path(__file__).resolve().parents[2] / "../shared/vectors/c2sp/notes.json"
VECTOR_FILE: dict[str, Any] = json.loads(VECTORS.read_text()) if VECTORS.exists() else {}
needs_vectors = pytest.mark.skipif(not VECTOR_FILE, reason=f"no vectors at {VECTORS}")

ORIGIN = "ledger.example/log"
HEAD = Checkpoint(ORIGIN, 3, merkle.root([merkle.leaf_hash(item) for item in (b"a", b"b", b"c")]))
# From the text of C2SP tlog-cosignature.
C2SP_TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


class Signer:
    """A log or a witness with its private key."""

    def __init__(self, name: str, kind: int, seed: int) -> None:
        self.private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.key = note.VKey(name, kind, self.private.public_key().public_bytes_raw())

    def sign(self, text: str, time: int = 0) -> note.NoteSignature:
        if self.key.kind == note.LOG_KEY:
            return self.key.signature(self.private.sign(text.encode()))
        return self.key.signature(
            cosignature.encode(time, self.private.sign(cosignature.message(text, time)))
        )


LOG = Signer(ORIGIN, note.LOG_KEY, 1)
WITNESSES = [Signer(f"witness{i}.example", note.WITNESS_KEY, 10 + i) for i in range(4)]


def signed(*signatures: note.NoteSignature, text: str | None = None) -> bytes:
    return note.Note(text or HEAD.to_text(), signatures).to_bytes()


# ---------------------------------------------------------------- notes


def vectors(name: str) -> list[Any]:
    return VECTOR_FILE.get(name) or [
        pytest.param({}, marks=pytest.mark.skip(reason=f"no vectors at {VECTORS}"))
    ]


@pytest.mark.parametrize("case", vectors("notes"))
def test_c2sp_note(case: dict[str, Any]) -> None:
    key = note.parse_vkey(case["vkey"])
    assert str(key) == case["vkey"]
    try:
        note.verify(note.parse(case["note"].encode()), key)
        accepted = True
    except Error:
        accepted = False
    assert accepted == case["want"], case["name"]
    if accepted:
        assert note.parse(case["note"].encode()).to_bytes() == case["note"].encode()


@pytest.mark.parametrize("vkey", vectors("bad_vkeys"))
def test_c2sp_bad_vkey(vkey: str) -> None:
    with pytest.raises(FormatError, match="VKEY_INVALID"):
        note.parse_vkey(vkey)


@needs_vectors
def test_c2sp_signer() -> None:
    seed = base64.b64decode(VECTOR_FILE["signer"]["skey"].split("+", 4)[4])[1:]
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key = note.VKey("PeterNeumann", note.LOG_KEY, private.public_key().public_bytes_raw())
    known = next(case for case in VECTOR_FILE["notes"] if case["name"] == "go sumdb/note example")
    text = note.parse(known["note"].encode()).text
    made = note.Note(text, (key.signature(private.sign(text.encode())),))
    assert made.to_bytes() == known["note"].encode()


def test_key_id() -> None:
    public = LOG.key.key.data
    for kind in (1, 4):
        digest = sha256(b"ledger.example/log\n" + bytes([kind]) + public).digest()
        assert note.VKey(ORIGIN, kind, public).key_id == digest[:4]


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1],
        lambda data: data.replace(b"\n\n", b"\n"),
        lambda data: data.replace("—".encode(), b"-"),
        lambda data: data.replace(b"ledger.example/log\n", b"ledger.example/log\t\n"),
        lambda data: data.replace(b"ledger.example/log\n", b"ledger.example/\xff\n"),
        lambda data: data + b"\n",
        lambda data: data + "— a+b AAAAAAAA\n".encode(),
        lambda data: data + "— a\u00a0b AAAAAAAA\n".encode(),
        lambda data: data + "— a\u2028b AAAAAAAA\n".encode(),
        lambda data: data + "—  AAAAAAAA\n".encode(),
        lambda data: data + "— a AAAAAA==\n".encode(),
        lambda data: data + "— a AAAAAAB=\n".encode(),
        lambda data: data + "— a AAAAAAAA \n".encode(),
        lambda data: data + "— a AAAAAAAA\n".encode() * 64,
        lambda data: data.ljust(note.NOTE_LIMIT + 1, b"\n"),
        lambda _: b"",
        lambda _: b"\n\n",
        lambda _: b"text\n",
    ],
)
def test_malformed_notes(change: Callable[[bytes], bytes]) -> None:
    data = signed(LOG.sign(HEAD.to_text()))
    note.verify(note.parse(data), LOG.key)
    with pytest.raises(FormatError, match="NOTE_"):
        note.parse(change(data))


def test_text_ends_at_the_last_empty_line() -> None:
    text = "first\n\nsecond\n"
    parsed = note.parse(signed(LOG.sign(text), text=text))
    assert parsed.text == text
    note.verify(parsed, LOG.key)


def test_at_least_sixteen_signatures() -> None:
    others = [Signer(f"other{i}.example", note.LOG_KEY, 100 + i) for i in range(16)]
    parsed = note.parse(signed(*(item.sign(HEAD.to_text()) for item in others), LOG.sign(HEAD.to_text())))
    note.verify(parsed, LOG.key)
    # As large as the lines of ML-DSA-44 are.
    large = note.NoteSignature("pq.example", b"\x01\x02\x03\x04", bytes(2428))
    note.verify(note.parse(signed(*[large] * 20, LOG.sign(HEAD.to_text()))), LOG.key)


def test_who_signed() -> None:
    text = HEAD.to_text()
    same_name = Signer(ORIGIN, note.LOG_KEY, 9)
    with pytest.raises(SignatureError, match="NOTE_UNSIGNED"):
        note.verify(note.parse(signed(same_name.sign(text))), LOG.key)
    # A line with the known name and id that does not hold spoils the note, in either order.
    bad = LOG.key.signature(same_name.private.sign(text.encode()))
    for lines in ([bad, LOG.sign(text)], [LOG.sign(text), bad], [bad]):
        with pytest.raises(SignatureError, match="SIGNATURE_WRONG"):
            note.verify(note.parse(signed(*lines)), LOG.key)
    with pytest.raises(PublicKeyError, match="KEY_KIND_WRONG"):
        note.verify(note.parse(signed(LOG.sign(text))), WITNESSES[0].key)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "a+b",
        str(LOG.key) + "\n",
        str(LOG.key).replace("+", " ", 1),
        " " + str(LOG.key),
        str(LOG.key)[:-1],
        str(LOG.key).replace("ledger", "ledge", 1),
        "\ud800" + str(LOG.key),
        "x" * 300 + str(LOG.key),
    ],
)
def test_bad_vkeys(vkey: str) -> None:
    assert note.parse_vkey(str(LOG.key)) == LOG.key
    with pytest.raises(FormatError, match="VKEY_INVALID"):
        note.parse_vkey(vkey)


def test_weak_vkey() -> None:
    with pytest.raises(PublicKeyError, match="KEY_SMALL_ORDER"):
        note.VKey(ORIGIN, note.LOG_KEY, bytes(32))


# ---------------------------------------------------------------- checkpoints


def test_checkpoint_round_trip() -> None:
    assert checkpoint.parse_text(C2SP_TEXT) == Checkpoint(
        "example.com/behind-the-sofa",
        20852163,
        base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="),
    )
    assert checkpoint.parse_text(C2SP_TEXT).to_text() == C2SP_TEXT
    empty = Checkpoint(ORIGIN, 0, merkle.EMPTY_ROOT)
    assert checkpoint.parse_text(empty.to_text()) == empty
    head, parsed = checkpoint.parse(signed(LOG.sign(HEAD.to_text())))
    assert head == HEAD == checkpoint.verify(parsed, LOG.key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        C2SP_TEXT[:-1],
        C2SP_TEXT + "extension\n",
        C2SP_TEXT + "\n",
        C2SP_TEXT.replace("20852163", "020852163"),
        C2SP_TEXT.replace("20852163", "+1"),
        C2SP_TEXT.replace("20852163", "-1"),
        C2SP_TEXT.replace("20852163", "1_0"),
        C2SP_TEXT.replace("20852163", "\u0661"),
        C2SP_TEXT.replace("20852163", " 1"),
        C2SP_TEXT.replace("20852163", "9007199254740992"),
        C2SP_TEXT.replace("20852163", "9" * 5000),
        C2SP_TEXT.replace("20852163", "0"),
        C2SP_TEXT.replace("q2I=", "q2J="),
        C2SP_TEXT.replace("q2I=", ""),
        C2SP_TEXT.replace("example.com", "exa mple.com"),
    ],
)
def test_bad_checkpoint(text: str) -> None:
    with pytest.raises(FormatError):
        checkpoint.parse_text(text)


def test_checkpoint_of_another_log() -> None:
    other = Signer("ledger.example/other", note.LOG_KEY, 1)
    parsed = note.parse(signed(LOG.sign(HEAD.to_text()), other.sign(HEAD.to_text())))
    with pytest.raises(SignatureError, match="CHECKPOINT_ORIGIN"):
        checkpoint.verify(parsed, other.key)


# ---------------------------------------------------------------- cosignatures


def test_cosigned_message_of_c2sp() -> None:
    assert cosignature.message(C2SP_TEXT, 1679315147) == (
        b"cosignature/v1\ntime 1679315147\n" + C2SP_TEXT.encode()
    )


def test_cosignature() -> None:
    text, witness = HEAD.to_text(), WITNESSES[0]
    line = witness.sign(text, 1700000000)
    assert line.data[:8] == (1700000000).to_bytes(8, "big")
    assert cosignature.verify(note.parse(signed(LOG.sign(text), line)), witness.key) == 1700000000
    newest = note.parse(signed(line, witness.sign(text, 1700000009), witness.sign(text, 1)))
    assert cosignature.verify(newest, witness.key) == 1700000009
    with pytest.raises(SignatureError, match="NOTE_UNSIGNED"):
        cosignature.verify(note.parse(signed(line)), WITNESSES[1].key)
    with pytest.raises(PublicKeyError, match="KEY_KIND_WRONG"):
        cosignature.verify(note.parse(signed(line)), LOG.key)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: (5).to_bytes(8, "big") + data[8:],
        lambda data: data[8:],
        lambda data: data + b"\x00",
        lambda data: data[:-1],
        lambda data: b"\x80" + data[1:],
        lambda data: data[:8] + WITNESSES[0].private.sign(HEAD.to_text().encode()),
    ],
)
def test_bad_cosignature(change: Callable[[bytes], bytes]) -> None:
    text, witness = HEAD.to_text(), WITNESSES[0]
    bad = witness.key.signature(change(witness.sign(text, 1700000000).data))
    with pytest.raises(SignatureError, match="SIGNATURE_WRONG"):
        cosignature.verify(note.parse(signed(bad, witness.sign(text, 1))), witness.key)


@pytest.mark.parametrize("time", [-1, 2**63])
def test_cosignature_time(time: int) -> None:
    with pytest.raises(FormatError, match="COSIGNATURE_TIME"):
        cosignature.message(C2SP_TEXT, time)


# ---------------------------------------------------------------- policies


def policy_text(*lines: str, witnesses: int = 3) -> bytes:
    named = [f"witness w{i} {WITNESSES[i].key}" for i in range(witnesses)]
    return "".join(f"{line}\n" for line in [f"log {LOG.key}", *named, *lines]).encode()


def test_policy_of_c2sp_shape() -> None:
    # The shape of the specification's example: two of X, any of Y, all groups.
    data = policy_text(
        "# comment",
        "  \t # another, with bytes beyond ASCII: é",
        "",
        "group X 2 w0 w1 w2",
        f"\twitness  y0 \t{WITNESSES[3].key} https://witness.example/ ",
        "group Y any y0",
        "group both all X Y",
        "quorum both",
    )
    found = policy.parse(data)
    assert found.logs == (policy.Party(LOG.key, None),)
    assert found.witnesses["y0"].url == "https://witness.example/"
    enough = {("w0", "w1", "y0"), ("w1", "w2", "y0"), ("w0", "w2", "y0"), ("w0", "w1", "w2", "y0")}
    for bits in range(16):
        names = tuple(name for i, name in enumerate(["w0", "w1", "w2", "y0"]) if bits >> i & 1)
        assert found.is_quorum(names) == (names in enough)
    # A group's name is no witness, whoever claims it.
    assert not found.is_quorum(["both", "X"])


def test_quorum_of_one_witness_or_none() -> None:
    one = policy.parse(policy_text("quorum w1"))
    assert one.is_quorum(["w1"])
    assert not one.is_quorum(["w0", "w2"])
    none = policy.parse(policy_text("quorum none"))
    assert none.quorum is None
    assert none.is_quorum([])


def test_names_are_opaque_bytes() -> None:
    kelvin = policy.parse(policy_text("group \u212a any w0", "group K any w1", "quorum K"))
    assert kelvin.is_quorum(["w1"])
    assert not kelvin.is_quorum(["w0"])
    policy.parse(b"witness \xff " + str(WITNESSES[0].key).encode() + b"\nquorum \xff\n")


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["quorum"],
        ["quorum w0 w1"],
        ["quorum w9"],
        ["quorum w0", "quorum w0"],
        ["quorum none", "quorum none"],
        ["quorum g", "group g any w0"],
        ["group g any", "quorum none"],
        ["group g 0 w0", "quorum none"],
        ["group g 2 w0", "quorum none"],
        ["group g 01 w0", "quorum none"],
        ["group g +1 w0", "quorum none"],
        ["group g some w0", "quorum none"],
        ["group g any none", "quorum none"],
        ["group none any w0", "quorum none"],
        ["group w0 any w1", "quorum none"],
        ["group g any g", "quorum none"],
        ["group g any w0 w0", "quorum none"],
        ["group g any w0", "group h any w0", "quorum none"],
        ["group g any w0", "group g any w1", "quorum none"],
        [f"log {LOG.key}", "quorum none"],
        [f"log {Signer('other', note.LOG_KEY, 1).key}", "quorum none"],
        [f"log {WITNESSES[3].key}", "quorum none"],
        [f"log {LOG.key} https://a b", "quorum none"],
        ["log", "quorum none"],
        [f"witness w3 {WITNESSES[0].key}", "quorum none"],
        [f"witness w0 {WITNESSES[3].key}", "quorum none"],
        [f"witness none {WITNESSES[3].key}", "quorum none"],
        [f"witness w3 {Signer('other', note.LOG_KEY, 5).key}", "quorum none"],
        [f"witness w3 {Signer('other', note.WITNESS_KEY, 1).key}", "quorum none"],
        ["trust me", "quorum none"],
        ["Quorum none"],
        ["quorum none\r"],
        ["quorum none\x00"],
        ["quorum none\x7f"],
        ["quorum\u00a0none"],
        ["#" * 70000, "quorum none"],
    ],
)
def test_bad_policy(lines: list[str]) -> None:
    with pytest.raises(FormatError, match="POLICY_INVALID"):
        policy.parse(policy_text(*lines))


def test_policy_errors_name_the_line() -> None:
    with pytest.raises(FormatError, match=r"VKEY_INVALID: line 5 of the policy"):
        policy.parse(policy_text("log x", "quorum none"))
    with pytest.raises(FormatError, match="POLICY_INVALID"):
        policy.parse(policy_text("quorum none")[:-1])


def test_policy_takes_32_of_each() -> None:
    logs = [f"log {Signer('l', note.LOG_KEY, 50 + i).key}" for i in range(32)]
    witnesses = [f"witness v{i} {Signer('v', note.WITNESS_KEY, 90 + i).key}" for i in range(32)]
    groups = [f"group g{i} any v{i}" for i in range(32)]
    policy.parse("\n".join([*logs, *witnesses, *groups, "quorum g0", ""]).encode())


def test_checkpoint_under_a_policy() -> None:
    trusted = policy.parse(policy_text("group g 2 w0 w1 w2", "quorum g"))
    text = HEAD.to_text()
    lines = [LOG.sign(text), WITNESSES[0].sign(text, 100), WITNESSES[2].sign(text, 200)]
    verdict = trusted.check(signed(*lines, WITNESSES[3].sign(text, 300)))
    assert (verdict.checkpoint, verdict.log, verdict.witnessed) == (HEAD, LOG.key, True)
    assert verdict.times == {"w0": 100, "w2": 200}
    assert trusted.is_fresh(verdict, 100, 200)
    assert not trusted.is_fresh(verdict, 101, 200)
    assert not trusted.is_fresh(verdict, 100, 199)
    alone = trusted.check(signed(*lines[:2]))
    assert not alone.witnessed
    assert alone.times == {"w0": 100}
    none = policy.parse(policy_text("quorum none"))
    assert none.check(signed(lines[0])).witnessed
    assert not none.is_fresh(none.check(signed(*lines)), 0, 2**40)


def test_checkpoints_that_a_policy_refuses() -> None:
    trusted = policy.parse(policy_text("quorum w0"))
    text = HEAD.to_text()
    for lines in ([WITNESSES[0].sign(text, 1)], [Signer(ORIGIN, note.LOG_KEY, 7).sign(text)]):
        with pytest.raises(SignatureError, match="NOTE_UNSIGNED"):
            trusted.check(signed(*lines))
    # A trusted log's key does not speak for another origin.
    elsewhere = Checkpoint("ledger.example/other", 3, HEAD.root).to_text()
    with pytest.raises(SignatureError, match="NOTE_UNSIGNED"):
        trusted.check(signed(LOG.sign(elsewhere), text=elsewhere))
    bad = WITNESSES[0].key.signature(bytes(72))
    with pytest.raises(SignatureError, match="SIGNATURE_WRONG"):
        trusted.check(signed(LOG.sign(text), bad))
    with pytest.raises(SignatureError, match="SIGNATURE_WRONG"):
        trusted.check(signed(LOG.sign(text), LOG.key.signature(bytes(64))))


# ---------------------------------------------------------------- proof files


def made_proof(extra: bytes | None = None) -> proof.Proof:
    leaves = [merkle.leaf_hash(item) for item in (b"a", b"b", b"c")]
    text = HEAD.to_text()
    return proof.Proof(
        1,
        tuple(merkle.inclusion_proof(leaves, 1)),
        signed(LOG.sign(text), WITNESSES[0].sign(text, 100)),
        extra,
    )


@pytest.mark.parametrize("extra", [None, b"", b"more"])
def test_proof_file(extra: bytes | None) -> None:
    trusted = policy.parse(policy_text("quorum w0"))
    data = made_proof(extra).to_bytes()
    lines = data.decode().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    if extra is not None:
        assert lines.pop(1) == f"extra {base64.b64encode(extra).decode()}"
    assert lines[1] == "index 1"
    assert [base64.b64decode(line) for line in lines[2:4]] == list(made_proof().path)
    assert "\n".join(lines[4:]).encode() == b"\n" + made_proof().checkpoint
    read = proof.parse(data)
    assert read == made_proof(extra)
    assert read.verify(b"b", trusted).witnessed
    with pytest.raises(Error, match="PROOF_WRONG"):
        read.verify(b"a", trusted)


def test_proof_of_a_tree_of_one() -> None:
    head = Checkpoint(ORIGIN, 1, merkle.leaf_hash(b"only"))
    only = proof.Proof(0, (), signed(LOG.sign(head.to_text()), text=head.to_text()))
    assert proof.parse(only.to_bytes()) == only
    only.verify(b"only", policy.parse(policy_text("quorum none")))


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda data: data.replace(b"@v1", b"@v2"),
        lambda data: data.replace(b"\n\n", b"\n"),
        lambda data: data.replace(b"index 1", b"index 01"),
        lambda data: data.replace(b"index 1", b"index  1"),
        lambda data: data.replace(b"index 1", b"index"),
        lambda data: data.replace(b"index 1\n", b""),
        lambda data: data.replace(b"index 1\n", b"extra AA==\nextra AA==\nindex 1\n"),
        lambda data: data.replace(b"index 1\n", b"extra AB==\nindex 1\n"),
        lambda data: data.replace(b"index 1\n", b"index 1\nextra AA==\n"),
        lambda data: data.replace(b"index 1\n", b"index 1\n" + (b"A" * 43 + b"=\n") * 64),
        lambda data: data.replace(b"index 1\n", b"index 1\nAAAA\n"),
        lambda data: data.replace(b"index 1\n", b"index 1\r\n"),
        lambda data: b"\xff" + data,
        lambda data: data.ljust(proof.PROOF_LIMIT + 1),
    ],
)
def test_bad_proof_file(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(FormatError):
        proof.parse(change(made_proof().to_bytes()))
