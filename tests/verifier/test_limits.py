"""Each limit of the log's formats at its edge: the last that is accepted, and the first that is not."""

import pytest

from tests.verifier.test_note import HEAD, LOG, ORIGIN, WITNESSES, Signer, policy_text, signed
from verifier import checkpoint, cosignature, merkle, note, policy, proof, tile
from verifier.errors import Error, FormatError, SignatureError
from verifier.tile import Tile


def refused(what: object, *arguments: object) -> str:
    assert callable(what)
    with pytest.raises(Error) as error:
        what(*arguments)
    return error.value.code


# ---------------------------------------------------------------- notes


def test_a_note_of_a_quarter_of_a_mebibyte() -> None:
    line = LOG.sign("x\n").line()
    room = 262144 - len(f"\n\n{line}".encode())
    for more in (0, 1):
        data = f"{'x' * (room + more)}\n\n{line}".encode()
        if more:
            assert refused(note.parse, data) == "NOTE_TOO_LARGE"
        else:
            assert len(note.parse(data).text) == room + 1


def test_sixty_four_signatures() -> None:
    line = WITNESSES[0].sign(HEAD.to_text())
    assert len(note.parse(signed(*[line] * 64)).signatures) == 64
    assert refused(note.parse, signed(*[line] * 65)) == "NOTE_INVALID"


def test_a_note_needs_its_empty_line_and_its_last_line_end() -> None:
    line = LOG.sign("x\n").line()
    assert note.parse(f"x\n\n{line}".encode()).text == "x\n"
    for data in (line, f"x\n{line}", f"x\n\n{line[:-1]}", f"x\n\n{line}\n", f"x\0\n\n{line}"):
        assert refused(note.parse, data.encode()) == "NOTE_INVALID"
    assert refused(note.parse, f"x\n\n{line}".encode() + b"\xff") == "NOTE_INVALID"


def test_a_signature_is_more_than_its_key_id() -> None:
    assert note.parse_signature("— a AAAAAAA=").data == b"\0"
    for line in ("— a AAAAAA==", "— a A", "- a AAAAAAA=", "— a AAAAAAA= x", "— a"):
        assert refused(note.parse_signature, line) == "NOTE_INVALID"


def test_a_name_of_255_characters() -> None:
    public = LOG.key.key.data
    for name in ("n" * 255, "!", "ä"):
        assert note.parse_vkey(str(note.VKey(name, note.LOG_KEY, public))).name == name
    for name in ("n" * 256, "", "a+b", "a b", "a\x1f", "a\u2003b", "\ud800", "\udfff"):
        assert not note.is_name(name)
        assert refused(note.VKey, name, note.LOG_KEY, public) == "VKEY_INVALID"
    assert note.is_name("\ue000")
    assert note.is_name("\ud7ff")


def test_keys_are_equal_by_all_that_they_are() -> None:
    public = LOG.key.key.data
    same, other = note.VKey(ORIGIN, note.LOG_KEY, public), note.VKey(ORIGIN, note.WITNESS_KEY, public)
    assert same == LOG.key
    assert hash(same) == hash(LOG.key)
    assert other != LOG.key
    assert LOG.key != str(LOG.key)
    assert {LOG.key: 1}.get(same) == 1
    assert {LOG.key: 1}.get(other) is None
    for kind in (0, 2, 3, 5, 6):
        assert refused(note.VKey, ORIGIN, kind, public) == "VKEY_INVALID"


# ---------------------------------------------------------------- checkpoints and cosignatures


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("1", 1), ("9007199254740991", 2**53 - 1)])
def test_a_size(text: str, number: int) -> None:
    assert checkpoint.parse_size(text) == number


@pytest.mark.parametrize(
    "text", ["", "00", "01", "-0", "9007199254740992", "10000000000000000", "1\n", "1 ", "x1"]
)
def test_no_size(text: str) -> None:
    assert refused(checkpoint.parse_size, text) == "SIZE_INVALID"


def test_what_is_wrong_with_a_checkpoint_has_its_code() -> None:
    root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="  # of the empty tree
    assert checkpoint.parse_text(f"a\n0\n{root}\n").root == merkle.EMPTY_ROOT
    assert checkpoint.parse_text(f"a\n1\n{root}\n").size == 1
    for text, code in (
        (f"a\n0\n{'A' * 43}=\n", "CHECKPOINT_INVALID"),
        (f"a\n1\n{root}", "CHECKPOINT_INVALID"),
        (f"a\n1\n{root}\nmore\n", "CHECKPOINT_INVALID"),
        (f"a b\n1\n{root}\n", "CHECKPOINT_INVALID"),
        (f"a\nx\n{root}\n", "SIZE_INVALID"),
        ("a\n1\nAAAA\n", "BASE64_INVALID"),
    ):
        assert refused(checkpoint.parse_text, text) == code


@pytest.mark.parametrize("time", [0, 1, 2**63 - 1])
def test_the_times_that_a_cosignature_can_bear(time: int) -> None:
    text, witness = HEAD.to_text(), WITNESSES[0]
    assert cosignature.verify(note.parse(signed(witness.sign(text, time))), witness.key) == time


def test_a_time_that_it_cannot_bear() -> None:
    text, witness = HEAD.to_text(), WITNESSES[0]
    late = cosignature.encode(2**63, witness.private.sign(f"cosignature/v1\ntime {2**63}\n{text}".encode()))
    spoilt = note.parse(signed(witness.key.signature(late)))
    assert refused(cosignature.verify, spoilt, witness.key) == "SIGNATURE_WRONG"
    for time in (-1, 2**63):
        assert refused(cosignature.message, text, time) == "COSIGNATURE_TIME"


# ---------------------------------------------------------------- policies


def test_a_policy_of_64_kibibytes() -> None:
    text = policy_text("quorum w0")
    for room, fits in ((65536 - len(text), True), (65537 - len(text), False)):
        data = text + b"#" * (room - 1) + b"\n"
        if fits:
            assert len(data) == 65536
            assert policy.parse(data).quorum == "w0"
        else:
            assert refused(policy.parse, data) == "POLICY_INVALID"


@pytest.mark.parametrize("kind", ["log", "witness", "group"])
def test_sixty_four_lines_of_each_kind(kind: str) -> None:
    def lines(count: int) -> bytes:
        made = {
            "log": [f"log {Signer('l', note.LOG_KEY, 50 + i).key}" for i in range(count)],
            "witness": [f"witness v{i} {Signer('v', note.WITNESS_KEY, 50 + i).key}" for i in range(count)],
            "group": [f"group g{i} any v{i}" for i in range(count)],
        }
        kept = made["witness"][:64] + made["group"] if kind == "group" else made[kind]
        return "\n".join([*kept, "quorum none", ""]).encode()

    found = policy.parse(lines(64))
    assert len({"log": found.logs, "witness": found.witnesses, "group": found.groups}[kind]) == 64
    with pytest.raises(FormatError, match=r"line (65|129) of the policy"):
        policy.parse(lines(65))


def test_where_a_log_and_a_witness_are_reached() -> None:
    text = f"log {LOG.key} https://log.example\nwitness w {WITNESSES[0].key}\twww.example\nquorum w\n"
    found = policy.parse(text.encode())
    assert (found.logs[0].url, found.witnesses["w"].url) == ("https://log.example", "www.example")
    for line in (
        f"log {LOG.key} a b",
        f"witness w {WITNESSES[0].key} a b",
        "group g any",
        "log",
        "witness w",
    ):
        assert refused(policy.parse, f"{line}\nquorum none\n".encode()) == "POLICY_INVALID"


def test_what_is_a_comment_and_what_is_none() -> None:
    assert policy.parse(policy_text("#comment", "  #", "#", "quorum w0")).quorum == "w0"
    for line in ("quorum#", "comment#", "w# quorum w0"):
        assert refused(policy.parse, policy_text(line, "quorum w0")) == "POLICY_INVALID"
    assert refused(policy.parse, b"") == "POLICY_INVALID"
    assert refused(policy.parse, policy_text("quorum w0") + b"#") == "POLICY_INVALID"


@pytest.mark.parametrize(("count", "threshold"), [("1", 1), ("3", 3), ("all", 3), ("any", 1)])
def test_how_many_a_group_wants(count: str, threshold: int) -> None:
    assert (
        policy.parse(policy_text(f"group g {count} w0 w1 w2", "quorum g")).groups["g"].threshold == threshold
    )


@pytest.mark.parametrize("count", ["0", "4", "00", "1x", "x1", "-1", "1000", "All", "none"])
def test_how_many_a_group_cannot_want(count: str) -> None:
    assert refused(policy.parse, policy_text(f"group g {count} w0 w1 w2", "quorum g")) == "POLICY_INVALID"


def test_a_trusted_log_that_did_not_sign_is_not_asked_for() -> None:
    other = Signer("other.example/log", note.LOG_KEY, 33)
    trusted = policy.parse(f"log {other.key}\nlog {LOG.key}\nquorum none\n".encode())
    assert trusted.check(signed(LOG.sign(HEAD.to_text()))).log == LOG.key
    with pytest.raises(SignatureError, match="SIGNATURE_WRONG"):
        trusted.check(signed(LOG.sign(HEAD.to_text()), other.key.signature(bytes(64))))


# ---------------------------------------------------------------- tiles


@pytest.mark.parametrize("index", [0, 999, 1000, 999_999, 1_000_000, 2**53 - 1])
def test_a_path_round_its_groups(index: int) -> None:
    place = Tile(tile.ENTRIES, index, 255)
    assert tile.parse_path(place.path()) == place


@pytest.mark.parametrize("index", [2**53, 10**16, 10**18 - 1, 10**18])
def test_a_path_beyond_all_sizes(index: int) -> None:
    assert refused(tile.parse_path, Tile(0, index).path()) == "TILE_PATH_INVALID"


def test_a_path_of_endless_groups() -> None:
    assert refused(tile.parse_path, f"tile/0/{'x001/' * 5000}000") == "TILE_PATH_INVALID"


def test_new_tiles_are_those_that_were_not_there() -> None:
    """By what C2SP says: a tile is there as soon as it has a hash, and changes only in its width."""

    def all_of(size: int) -> set[Tile]:
        found, level = set(), 0
        while size:
            full, rest = divmod(size, 256)
            found |= {Tile(level, number) for number in range(full)} | (
                {Tile(level, full, rest)} if rest else set()
            )
            level, size = level + 1, full
        return found

    for old in (0, 1, 255, 256, 257, 511, 512, 65535, 65536, 65537):
        for size in (old, old + 1, old + 255, old + 256, old + 257, old + 70000):
            assert set(tile.tiles(size, old)) == all_of(size) - all_of(old)


def test_a_hash_tile_of_two() -> None:
    a, b = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
    assert tile.parse_hashes(Tile(0, 0, 2), a + b) == [a, b]
    for data in (a, a + b + a, a + b[:-1], b""):
        assert refused(tile.parse_hashes, Tile(0, 0, 2), data) == "TILE_SIZE"


def test_tiles_grow_leaf_by_leaf_and_level_by_level() -> None:
    builder = tile.TileBuilder()
    leaves = [merkle.leaf_hash(number.to_bytes(3, "big")) for number in range(600)]
    for size, leaf in enumerate(leaves, 1):
        full = builder.append(leaf)
        assert builder.size == size
        at = size // 256 - 1
        assert full == ([(Tile(0, at), b"".join(leaves[at * 256 : size]))] if size % 256 == 0 else [])
    halves = merkle.root(leaves[:256]) + merkle.root(leaves[256:512])
    assert builder.partial_tiles() == [(Tile(0, 2, 88), b"".join(leaves[512:])), (Tile(1, 0, 2), halves)]
    stored = dict(builder.partial_tiles())
    again = tile.TileBuilder.resume(600, stored.__getitem__)
    assert again.partial_tiles() == builder.partial_tiles()
    assert again.size == 600
    even = tile.TileBuilder.resume(512, {Tile(1, 0, 2): halves}.__getitem__)
    assert even.partial_tiles() == [(Tile(1, 0, 2), halves)]
    assert even.append(leaves[0]) == []
    assert even.partial_tiles() == [(Tile(0, 2, 1), leaves[0]), (Tile(1, 0, 2), halves)]


# ---------------------------------------------------------------- proof files


def test_a_proof_has_at_most_63_hashes() -> None:
    head = signed(LOG.sign(HEAD.to_text()))
    line = f"{'A' * 43}=\n"
    for count, fits in ((63, True), (64, False)):
        data = f"c2sp.org/tlog-proof@v1\nindex 0\n{line * count}\n".encode() + head
        if fits:
            assert len(proof.parse(data).path) == 63
        else:
            assert refused(proof.parse, data) == "PROOF_INVALID"
