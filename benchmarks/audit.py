"""How fast and how small is an audit? Against what the fastest installed Ed25519 library can do at most.

    python -m benchmarks.audit [EVENTS]

makes a bundle of so many events in commands of one event (default 100,000), and measures, alternating in one
run: raw verification of Ed25519 signatures on all cores; the whole audit on all cores; the audit without
signatures on one; an audit of the last hundredth against a checkpoint trusted before; the peak of memory.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.audit import large
from tests.audit.auditing import LOG
from tests.audit.bundling import write_bundle
from verifier import merkle, replay, rootfile
from verifier.answer import Verdict
from verifier.bundle import Bundle
from verifier.ed25519 import VerifyKey
from verifier.event import Event
from verifier.publickey import PublicKey, SigParts
from verifier.replay import Request, audit
from verifier.signatures import Signatures, Tag

CORES = multiprocessing.cpu_count()
RAW = 4_000
ROUNDS = 3


class Unsigned(Signatures):
    """Believes every signature."""

    def add(self, _key: PublicKey, _message: bytes, _parts: Event | SigParts, _tag: Tag) -> None:
        """Count it."""
        self.count += 1


def say(text: str) -> None:
    """A line of the answer."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def raw(count: int) -> float:
    """Seconds of processor time that one core needs for so many verifications."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    key, message = VerifyKey(private.public_key().public_bytes_raw()), b"m" * 120
    signature = private.sign(message)
    for _ in range(count):
        key.verify(message, signature)
    return 0.0


def raw_rate() -> float:
    """Verifications a second on all cores together."""
    with ProcessPoolExecutor(CORES) as pool:
        list(pool.map(raw, [10] * CORES))
        begun = time.perf_counter()
        list(pool.map(raw, [RAW] * CORES))
        return CORES * RAW / (time.perf_counter() - begun)


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def peak_mb(who: int) -> float:
    """The most memory so far, of this process or of the largest of its children."""
    return resource.getrusage(who).ru_maxrss / 1024


def main() -> None:
    """Make a bundle and measure."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # In a process of its own, so that its memory is not counted here.
        maker = multiprocessing.get_context("spawn").Process(target=make, args=(folder, events))
        maker.start()
        maker.join()
        measure(folder)


def make(folder: Path, events: int) -> None:
    """Write the bundle, and a checkpoint of 99 of each hundred entries."""
    village = large.history(events)
    write_bundle(folder / "bundle", village.entries, LOG, village.now, links=village.links)
    old = len(village.entries) * 99 // 100
    leaves = [merkle.leaf_hash(entry) for entry in village.entries[:old]]
    (folder / "since").write_bytes(LOG.checkpoint(leaves, village.now))
    (folder / "root").write_bytes(village.root.to_bytes())
    (folder / "now").write_text(str(village.now))


def measure(folder: Path) -> None:
    """Print the figures."""
    root, now = rootfile.parse((folder / "root").read_bytes()), int((folder / "now").read_text())

    def run(jobs: int, since: bytes | None = None) -> int:
        result = audit(Bundle(folder / "bundle"), Request(root, LOG.policy(), now, jobs=jobs, since=since))
        if result.outcome != Verdict.STANDS:
            raise SystemExit("the bundle does not stand")
        return result.signatures

    ratios, rates = [], []
    signed = 0
    for _ in range(ROUNDS):
        most = raw_rate()
        begun = time.perf_counter()
        signed = run(CORES)
        rates.append(signed / (time.perf_counter() - begun))
        ratios.append(rates[-1] / most)
        say(f"raw {most:9,.0f}/s   audit {rates[-1]:9,.0f} signatures/s   ratio {ratios[-1]:.2f}")
    memory = peak_mb(resource.RUSAGE_SELF), peak_mb(resource.RUSAGE_CHILDREN)
    since = seconds(lambda: run(CORES, (folder / "since").read_bytes()))
    entries = sum(1 for _ in (folder / "bundle" / "links.jsonl").open())
    kept, replay.Signatures = replay.Signatures, Unsigned  # type: ignore[attr-defined]
    used = time.process_time()
    run(1)
    used = time.process_time() - used
    replay.Signatures = kept  # type: ignore[attr-defined]
    say(f"best ratio {max(ratios):.2f} on {CORES} cores, {signed:,} signatures, {entries:,} certificates")
    say(f"everything but signatures: {signed / used:,.0f} commands a second and core of processor time")
    say(f"the last hundredth: {since:.1f} s")
    say(f"memory: {memory[0]:.0f} MB, each further process {memory[1]:.0f} MB at most")


if __name__ == "__main__":
    main()
