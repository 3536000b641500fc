"""The Merkle tree of RFC 6962 section 2.1 and RFC 9162 section 2.1.

Leaf = SHA-256(0x00 || data), node = SHA-256(0x01 || left || right), the root of the empty tree is SHA-256 of
nothing. All hashes are 32 bytes. Proofs are lists of hashes from the leaves up, as RFC 9162 gives them.

Not done here: reading a large tree from tiles (`verifier.tile`), and who vouches for a root
(`verifier.checkpoint`).
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from verifier.errors import FormatError, ProofError

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf that holds `data`."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


class CompactRange:
    """The right edge of a tree that starts at leaf 0: enough to append to it and to know its root.

    `size` is the number of leaves; `nodes` are the roots of the full subtrees that `size` divides into,
    largest first, one for each bit set in `size`.
    """

    __slots__ = ("nodes", "size")

    def __init__(self) -> None:
        self.size = 0
        self.nodes: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf by its hash."""
        nodes, size, node = self.nodes, self.size, leaf
        # Each trailing one bit of the old size is a full subtree that the new leaf completes to one twice as
        # large.
        while size & 1:
            node = sha256(b"\x01" + nodes.pop() + node).digest()
            size >>= 1
        nodes.append(node)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add many leaves by their hashes."""
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        """Return the root of the tree at its present size."""
        if not self.nodes:
            return EMPTY_ROOT
        result = self.nodes[-1]
        for node in self.nodes[-2::-1]:
            result = node_hash(node, result)
        return result

    def copy(self) -> "CompactRange":
        """Return an independent range of the same state."""
        other = CompactRange()
        other.size, other.nodes = self.size, self.nodes.copy()
        return other

    def to_bytes(self) -> bytes:
        """Return the nodes, largest subtree first, 32 bytes each. The size is kept beside them."""
        return b"".join(self.nodes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> "CompactRange":
        """Return the range of `size` leaves from what `to_bytes` gave. Raises FormatError RANGE_INVALID."""
        if size < 0 or len(data) != HASH_SIZE * size.bit_count():
            raise FormatError(
                "RANGE_INVALID", f"{len(data)} bytes cannot be the right edge of a tree of {size} leaves"
            )
        result = cls()
        result.size = size
        result.nodes = [data[i : i + HASH_SIZE] for i in range(0, len(data), HASH_SIZE)]
        return result


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root of the tree over these leaves."""
    edge = CompactRange()
    edge.extend(leaf_hashes)
    return edge.root()


def inclusion_proofs(leaf_hashes: Sequence[bytes]) -> list[list[bytes]]:
    """Return the inclusion proof of every leaf in the tree over all of them."""
    levels = _levels(leaf_hashes)
    return [_path(levels, index) for index in range(len(leaf_hashes))]


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that leaf `index` is in the tree over these leaves. Raises ProofError PROOF_RANGE."""
    if not 0 <= index < len(leaf_hashes):
        raise ProofError("PROOF_RANGE", f"there is no leaf {index} in a tree of {len(leaf_hashes)}")
    return _path(_levels(leaf_hashes), index)


def consistency_proof(leaf_hashes: Sequence[bytes], old: int) -> list[bytes]:
    """Return the proof that the tree over the first `old` leaves is a prefix of this one.

    Raises ProofError PROOF_RANGE.
    """
    size = len(leaf_hashes)
    if not 0 < old <= size:
        raise ProofError("PROOF_RANGE", f"there is no consistency proof from size {old} to {size}")
    if old == size:
        return []
    # The largest full subtree that ends at `old` is where the two trees part: its root, then its inclusion
    # path in the new tree. The old tree's verifier knows it already when it is the whole old tree.
    levels = _levels(leaf_hashes)
    height = (old & -old).bit_length() - 1
    index = (old - 1) >> height
    return ([levels[height][index]] if index else []) + _path(levels[height:], index)


def inclusion_length(index: int, size: int) -> int:
    """Return the number of hashes in the inclusion proof of leaf `index` in a tree of `size` leaves."""
    # Up to where the path of the last leaf joins, each level has a sibling; above, only those to the left.
    inner = (index ^ (size - 1)).bit_length()
    return inner + (index >> inner).bit_count()


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Return the root that this inclusion proof leads to (RFC 9162 section 2.1.3.2). Raises ProofError."""
    if not 0 <= index < size:
        raise ProofError("PROOF_RANGE", f"there is no leaf {index} in a tree of {size}")
    _check_hashes([leaf, *proof])
    fn, sn, result = index, size - 1, leaf
    for node in proof:
        if sn == 0:
            raise ProofError("PROOF_LENGTH", "the inclusion proof is too long")
        if fn & 1 or fn == sn:
            result = node_hash(node, result)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            result = node_hash(result, node)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise ProofError("PROOF_LENGTH", "the inclusion proof is too short")
    return result


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root_hash: bytes) -> None:
    """Check that the leaf with hash `leaf` is number `index` of the tree of `size` leaves with this root.

    Raises ProofError PROOF_RANGE, PROOF_LENGTH, PROOF_HASH_SIZE or PROOF_WRONG.
    """
    if root_from_inclusion(index, size, leaf, proof) != root_hash:
        raise ProofError("PROOF_WRONG", "the inclusion proof leads to another root")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of `new` leaves extends the tree of `old` leaves (RFC 9162 section 2.1.4.2).

    An old size of 0 is refused: every tree extends the empty one, so such a proof says nothing.
    Raises ProofError PROOF_RANGE, PROOF_LENGTH, PROOF_HASH_SIZE or PROOF_WRONG.
    """
    if not 0 < old <= new:
        raise ProofError("PROOF_RANGE", f"there is no consistency proof from size {old} to {new}")
    _check_hashes([old_root, new_root, *proof])
    if old == new:
        if proof:
            raise ProofError("PROOF_LENGTH", "a consistency proof between equal sizes is empty")
        if old_root != new_root:
            raise ProofError("PROOF_WRONG", "two roots of the same size differ")
        return
    from_old, from_new = _roots_from_consistency(old, new, old_root, proof)
    if from_old != old_root or from_new != new_root:
        raise ProofError("PROOF_WRONG", "the consistency proof leads to other roots")


def _roots_from_consistency(
    old: int, new: int, old_root: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Return the two roots that a proof between unequal sizes leads to."""
    if not proof:
        raise ProofError("PROOF_LENGTH", "the consistency proof is empty")
    # A power of two is a whole subtree of the new tree, and its root is known.
    first, *path = proof if old & (old - 1) else [old_root, *proof]
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    from_old = from_new = first
    for node in path:
        if sn == 0:
            raise ProofError("PROOF_LENGTH", "the consistency proof is too long")
        if fn & 1 or fn == sn:
            from_old, from_new = node_hash(node, from_old), node_hash(node, from_new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            from_new = node_hash(from_new, node)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise ProofError("PROOF_LENGTH", "the consistency proof is too short")
    return from_old, from_new


def _levels(leaf_hashes: Sequence[bytes]) -> list[Sequence[bytes]]:
    """Return the tree's levels, leaves first.

    A last node without a sibling stands for itself one level up.
    """
    levels: list[Sequence[bytes]] = [leaf_hashes]
    while len(level := levels[-1]) > 1:
        above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) & 1:
            above.append(level[-1])
        levels.append(above)
    return levels


def _path(levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    path = []
    for level in levels:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        index >>= 1
    return path


def _check_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(item) != HASH_SIZE for item in hashes):
        raise ProofError("PROOF_HASH_SIZE", "a hash is not 32 bytes long")
