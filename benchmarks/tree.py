"""How fast are the tree and its proofs? Beside `pymerkle`, in one run.

    pip install pymerkle
    python -m benchmarks.tree [--leaves 1048576]

Appending is measured in memory, leaf hashes included. Proofs come from the tiles that the ledger keeps in its
database: cold remembers nothing from one proof to the next (the system may keep pages of the file), cached has
used each tile before. pymerkle proves from its own SQLite tree, its cache emptied before each cold proof, and
answers the cached proofs a second time. Every proof of ours is verified against the root, outside the time.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from pymerkle import InmemoryTree, SqliteTree

from ledger.log import tiles
from ledger.log.tiles import StoredTiles
from ledger.store.sqlite import SqliteSql
from verifier import merkle
from verifier.tile import WIDTH

PROOFS = 5_000
COLD = 500
SLOW = 20  # proofs asked of pymerkle cold: each takes long


def rate(work: Callable[[Any], object], items: Iterable[Any]) -> float:
    """How many items a second."""
    items = list(items)
    begun = time.perf_counter()
    for item in items:
        work(item)
    return len(items) / (time.perf_counter() - begun)


def append(data: list[bytes]) -> tuple[float, float]:
    """Leaves a second in memory: ours and pymerkle's."""
    begun = time.perf_counter()
    ours = merkle.CompactRange()
    ours.extend(map(merkle.leaf_hash, data))
    seconds = time.perf_counter() - begun
    few = data[: len(data) // 10]  # its rate falls with the size: it hashes up to the root each time
    begun = time.perf_counter()
    theirs = InmemoryTree(algorithm="sha256")
    theirs.append_entries(few)
    other = time.perf_counter() - begun
    if merkle.root(map(merkle.leaf_hash, few)) != theirs.get_root():
        raise SystemExit("the two trees differ")
    return len(data) / seconds, len(few) / other


def stored(path: Path, data: list[bytes]) -> Callable[[], Any]:
    """Store the tiles of this tree and return what opens them for reading."""
    connection = sqlite3.connect(path)
    for statement in (*tiles.TABLES, "CREATE TABLE stored_events (state BLOB)"):
        connection.execute(statement.format(blob="BLOB"))
    sql = SqliteSql(connection.cursor())  # type: ignore[arg-type]
    for start in range(0, len(data), WIDTH):
        tiles.grow(sql, start, [merkle.leaf_hash(each) for each in data[start : start + WIDTH]])
    connection.commit()

    @contextmanager
    def reading() -> Iterator[SqliteSql]:
        yield SqliteSql(connection.cursor())  # type: ignore[arg-type]

    return reading


def proofs(reading: Callable[[], Any], data: list[bytes], chance: random.Random) -> None:
    """Ours, cold and cached."""
    size = len(data)
    leaves = chance.sample(range(size), PROOFS)
    sizes = chance.sample(range(1, size), PROOFS)
    warm = StoredTiles(reading)

    def cold_inclusion(index: int) -> list[bytes]:
        return StoredTiles(reading).tree(size).inclusion_proof(index)

    def cold_consistency(old: int) -> list[bytes]:
        return StoredTiles(reading).tree(size).consistency_proof(old)

    def inclusion(index: int) -> list[bytes]:
        return warm.tree(size).inclusion_proof(index)

    def consistency(old: int) -> list[bytes]:
        return warm.tree(size).consistency_proof(old)

    print(f"inclusion   cold {rate(cold_inclusion, leaves[:COLD]):9,.0f}/s", end="")
    rate(inclusion, leaves)
    print(f"   cached {rate(inclusion, leaves):9,.0f}/s")
    print(f"consistency cold {rate(cold_consistency, sizes[:COLD]):9,.0f}/s", end="")
    rate(consistency, sizes)
    print(f"   cached {rate(consistency, sizes):9,.0f}/s")
    root = warm.tree(size).root()
    edge, old_roots = merkle.CompactRange(), {}
    wanted = set(sizes)
    for each in data:
        edge.append(merkle.leaf_hash(each))
        if edge.size in wanted:
            old_roots[edge.size] = edge.root()
    if edge.root() != root:
        raise SystemExit("the tiles give another root")
    for index in leaves:
        merkle.verify_inclusion(index, size, merkle.leaf_hash(data[index]), inclusion(index), root)
    for old in sizes:
        merkle.verify_consistency(old, size, old_roots[old], root, consistency(old))


def their_proofs(path: Path, data: list[bytes], chance: random.Random) -> None:
    """Those of pymerkle, from its SQLite tree."""
    size = len(data)
    with closing(SqliteTree(str(path), algorithm="sha256")) as tree:
        tree.append_entries(data)
        leaves = [1 + each for each in chance.sample(range(size), PROOFS // 5)]
        sizes = chance.sample(range(1, size), PROOFS // 5)

        def cold(prove: Callable[[int], object]) -> Callable[[int], object]:
            def one(item: int) -> object:
                tree.cache.clear()
                return prove(item)

            return one

        def inclusion(index: int) -> object:
            return tree.prove_inclusion(index, size)

        def consistency(old: int) -> object:
            return tree.prove_consistency(old, size)

        for name, prove, items in (("inclusion", inclusion, leaves), ("consistency", consistency, sizes)):
            print(f"  pymerkle {name:11} cold {rate(cold(prove), items[:SLOW]):9,.1f}/s", end="", flush=True)
            rate(prove, items)
            print(f"   cached {rate(prove, items):9,.0f}/s")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leaves", type=int, default=1 << 20)
    size = parser.parse_args().leaves // WIDTH * WIDTH
    data = [each.to_bytes(8, "big") * 16 for each in range(size)]
    chance = random.Random(1)  # noqa: S311 - which proofs are asked for
    print(f"{size:,} leaves of 128 bytes, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    ours, theirs = append(data)
    print(f"append in memory {ours:9,.0f}/s   pymerkle {theirs:9,.0f}/s   ratio {ours / theirs:.1f}")
    with tempfile.TemporaryDirectory() as name:
        proofs(stored(Path(name) / "tiles.db", data), data, chance)
        their_proofs(Path(name) / "pymerkle.db", data, chance)


if __name__ == "__main__":
    main()
