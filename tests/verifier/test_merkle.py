"""The tree against outside vectors and against RFC 9162's own recursive definitions."""

import base64
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import merkle
from verifier.errors import Error

VECTORS = Path(__file__).resolve().parents[2] / "../shared/vectors/merkle"
LEAVES = [merkle.leaf_hash(bytes([i, i])) for i in range(80)]


def cases(kind: str) -> list[Any]:
    files = sorted((VECTORS / kind).rglob("*.json"))
    if not files:
        return [pytest.param({}, marks=pytest.mark.skip(reason=f"no vectors in {VECTORS / kind}"))]
    return [
        pytest.param(json.loads(path.read_text()), id=str(path.relative_to(VECTORS / kind))) for path in files
    ]


def mth(data: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word for word, over the leaves' data."""
    if not data:
        return sha256().digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = 1
    while k * 2 < len(data):
        k *= 2
    return sha256(b"\x01" + mth(data[:k]) + mth(data[k:])).digest()


def path(m: int, data: list[bytes]) -> list[bytes]:
    """RFC 9162 section 2.1.3.1."""
    if len(data) == 1:
        return []
    k = 1
    while k * 2 < len(data):
        k *= 2
    if m < k:
        return [*path(m, data[:k]), mth(data[k:])]
    return [*path(m - k, data[k:]), mth(data[:k])]


def subproof(m: int, data: list[bytes], b: bool) -> list[bytes]:
    """RFC 9162 section 2.1.4.1."""
    if m == len(data):
        return [] if b else [mth(data)]
    k = 1
    while k * 2 < len(data):
        k *= 2
    if m <= k:
        return [*subproof(m, data[:k], b), mth(data[k:])]
    return [*subproof(m - k, data[k:], False), mth(data[:k])]


def test_known_roots() -> None:
    # RFC 6962 leaf and node prefixes as in the certificate-transparency reference test vectors.
    assert merkle.EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    leaves = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        bytes.fromhex("40414243"),
        bytes.fromhex("5051525354555657"),
        bytes.fromhex("606162636465666768696a6b6c6d6e6f"),
    ]
    root = merkle.root(map(merkle.leaf_hash, leaves))
    assert root.hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@pytest.mark.parametrize("case", cases("inclusion"))
def test_inclusion_vector(case: dict[str, Any]) -> None:
    root, leaf = base64.b64decode(case["root"] or ""), base64.b64decode(case["leafHash"] or "")
    proof = [base64.b64decode(node) for node in case["proof"] or []]
    try:
        merkle.verify_inclusion(case["leafIdx"], case["treeSize"], leaf, proof, root)
    except Error:
        assert case["wantErr"]
    else:
        assert not case["wantErr"]


@pytest.mark.parametrize("case", cases("consistency"))
def test_consistency_vector(case: dict[str, Any]) -> None:
    old_root, new_root = base64.b64decode(case["root1"] or ""), base64.b64decode(case["root2"] or "")
    proof = [base64.b64decode(node) for node in case["proof"] or []]
    try:
        merkle.verify_consistency(case["size1"], case["size2"], old_root, new_root, proof)
        accepted = True
    except Error:
        accepted = False
    # The one valid case whose "don't care" root is no hash is refused on purpose.
    assert accepted == (not case["wantErr"] and len(old_root) == 32)


@given(st.lists(st.binary(max_size=4), max_size=40))
def test_tree_is_the_rfcs(data: list[bytes]) -> None:
    hashes = [merkle.leaf_hash(item) for item in data]
    root = merkle.root(hashes)
    assert root == mth(data)
    assert merkle.inclusion_proofs(hashes) == [path(m, data) for m in range(len(data))]
    for old in range(1, len(data) + 1):
        proof = merkle.consistency_proof(hashes, old)
        assert proof == subproof(old, data, True)
        merkle.verify_consistency(old, len(data), mth(data[:old]), root, proof)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 33, 64, 80])
def test_every_inclusion_proof_verifies_and_no_other_place_does(size: int) -> None:
    hashes = LEAVES[:size]
    root = merkle.root(hashes)
    for index in range(size):
        proof = merkle.inclusion_proof(hashes, index)
        assert len(proof) == merkle.inclusion_length(index, size)
        merkle.verify_inclusion(index, size, hashes[index], proof, root)
        other = (index + 1) % size
        if other != index:
            with pytest.raises(Error):
                merkle.verify_inclusion(other, size, hashes[index], proof, root)
        with pytest.raises(Error, match="PROOF_LENGTH"):
            merkle.verify_inclusion(index, size, hashes[index], [*proof, root], root)


@given(st.integers(0, 300), st.integers(0, 300))
def test_compact_range_resumes_anywhere(cut: int, more: int) -> None:
    leaves = [merkle.leaf_hash(i.to_bytes(2, "big")) for i in range(cut + more)]
    edge = merkle.CompactRange()
    edge.extend(leaves[:cut])
    again = merkle.CompactRange.from_bytes(cut, edge.to_bytes())
    copy = edge.copy()
    again.extend(leaves[cut:])
    assert (again.size, again.root()) == (cut + more, merkle.root(leaves))
    # What was copied from must not move with the copy.
    copy.append(LEAVES[0])
    assert edge.root() == merkle.root(leaves[:cut])


@pytest.mark.parametrize(("old", "new"), [(1, 2), (4, 7), (6, 8), (7, 12), (5, 5)])
def test_consistency_binds_both_roots(old: int, new: int) -> None:
    proof = merkle.consistency_proof(LEAVES[:new], old)
    roots = merkle.root(LEAVES[:old]), merkle.root(LEAVES[:new])
    merkle.verify_consistency(old, new, *roots, proof)
    for wrong in ((LEAVES[0][::-1], roots[1]), (roots[0], LEAVES[0][::-1])):
        with pytest.raises(Error, match="PROOF_WRONG"):
            merkle.verify_consistency(old, new, *wrong, proof)


def test_refusals() -> None:
    with pytest.raises(Error, match="RANGE_INVALID"):
        merkle.CompactRange.from_bytes(3, bytes(32))
    with pytest.raises(Error, match="RANGE_INVALID"):
        merkle.CompactRange.from_bytes(-1, bytes(32))
    for index in (-1, 2):
        with pytest.raises(Error, match="PROOF_RANGE"):
            merkle.inclusion_proof(LEAVES[:2], index)
        with pytest.raises(Error, match="PROOF_RANGE"):
            merkle.verify_inclusion(index, 2, LEAVES[0], [LEAVES[1]], LEAVES[0])
    for old in (0, 3):
        with pytest.raises(Error, match="PROOF_RANGE"):
            merkle.consistency_proof(LEAVES[:2], old)


def code_of(what: Callable[..., object], *arguments: Any) -> str:
    with pytest.raises(Error) as refused:
        what(*arguments)
    return refused.value.code


@pytest.mark.parametrize("new", range(2, 20))
def test_every_consistency_proof_of_a_wrong_length_is_refused_for_that(new: int) -> None:
    roots = [merkle.root(LEAVES[:size]) for size in range(new + 1)]
    for old in range(1, new):
        proof = merkle.consistency_proof(LEAVES[:new], old)
        merkle.verify_consistency(old, new, roots[old], roots[new], proof)
        for wrong in ([], proof[:-1], [*proof, LEAVES[0]], [*proof, *proof]):
            said = code_of(merkle.verify_consistency, old, new, roots[old], roots[new], wrong)
            assert said == "PROOF_LENGTH", (old, wrong)


def test_a_consistency_proof_between_equal_sizes_is_empty() -> None:
    root = merkle.root(LEAVES[:5])
    merkle.verify_consistency(5, 5, root, root, [])
    assert code_of(merkle.verify_consistency, 5, 5, root, root, [LEAVES[0]]) == "PROOF_LENGTH"
    assert code_of(merkle.verify_consistency, 5, 5, root, LEAVES[0], []) == "PROOF_WRONG"


def test_sizes_that_no_proof_is_between() -> None:
    root = merkle.root(LEAVES[:5])
    for old, new in ((0, 5), (6, 5), (-1, 5)):
        assert code_of(merkle.verify_consistency, old, new, root, root, []) == "PROOF_RANGE"


@pytest.mark.parametrize("odd", [b"", bytes(31), bytes(33), bytes(64)])
def test_what_is_no_hash_is_refused_before_anything_is_hashed(odd: bytes) -> None:
    proof = merkle.inclusion_proof(LEAVES[:4], 1)
    root = merkle.root(LEAVES[:4])
    assert code_of(merkle.verify_inclusion, 1, 4, odd, proof, root) == "PROOF_HASH_SIZE"
    assert code_of(merkle.verify_inclusion, 1, 4, LEAVES[1], [proof[0], odd], root) == "PROOF_HASH_SIZE"
    old = merkle.root(LEAVES[:3])
    proof = merkle.consistency_proof(LEAVES[:4], 3)
    for three in ((odd, root, proof), (old, odd, proof), (old, root, [*proof[:-1], odd])):
        assert code_of(merkle.verify_consistency, 3, 4, *three) == "PROOF_HASH_SIZE"


def test_an_inclusion_proof_that_leads_elsewhere_or_is_cut() -> None:
    proof, root = merkle.inclusion_proof(LEAVES[:4], 1), merkle.root(LEAVES[:4])
    assert code_of(merkle.verify_inclusion, 1, 4, LEAVES[1], proof, LEAVES[0]) == "PROOF_WRONG"
    assert code_of(merkle.verify_inclusion, 1, 4, LEAVES[1], proof[:1], root) == "PROOF_LENGTH"
    assert code_of(merkle.verify_inclusion, 4, 4, LEAVES[1], proof, root) == "PROOF_RANGE"
    assert code_of(merkle.verify_inclusion, 0, 0, LEAVES[1], [], root) == "PROOF_RANGE"
