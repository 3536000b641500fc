"""How fast and how small is an audit? Against what the fastest installed Ed25519 library can do at most.

    python -m benchmarks.audit [EVENTS]

makes two bundles of so many events (default 100,000) and measures, alternating in one run: verification of as
many different Ed25519 signatures by PyNaCl (libsodium) alone, on all cores; the whole audit on all cores; the
audit without signatures on one; an audit of the last hundredth, against a checkpoint that was trusted before and
against a kept state; the peak of memory. The first bundle ends at the decisions: its commands have one event. The
second goes on to certificates, which take three.
"""

import argparse
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.bindings import crypto_sign_open

from tests.audit import large
from tests.audit.auditing import LOG
from tests.audit.bundling import write_bundle
from verifier import merkle, replay, rootfile
from verifier.answer import Verdict
from verifier.bundle import Bundle
from verifier.event import Event
from verifier.publickey import PublicKey, SigParts
from verifier.replay import Request, audit
from verifier.signatures import Signatures, Tag

CORES = multiprocessing.cpu_count()
RAW = 20_000
ROUNDS = 5


class Unsigned(Signatures):
    """Believes every signature."""

    def add(self, _key: PublicKey, _message: bytes, _parts: Event | SigParts, _tag: Tag) -> None:
        """Count it."""
        self.count += 1


def signed(count: int) -> tuple[bytes, list[bytes]]:
    """A public key and so many different signed messages, each with its signature before it."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    messages = (b"%120d" % number for number in range(count))
    return private.public_key().public_bytes_raw(), [private.sign(each) + each for each in messages]


def raw(key: bytes, messages: list[bytes]) -> None:
    """Verify them all."""
    for each in messages:
        crypto_sign_open(each, key)


def raw_rate(key: bytes, messages: list[bytes]) -> float:
    """Verifications a second on all cores together."""
    with ProcessPoolExecutor(CORES) as pool:
        list(pool.map(raw, [key] * CORES, [messages[:10]] * CORES))
        begun = time.perf_counter()
        list(pool.map(raw, [key] * CORES, [messages] * CORES))
        return CORES * len(messages) / (time.perf_counter() - begun)


def say(text: str) -> None:
    """A line of the answer, at once."""
    print(text, flush=True)


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def peak_mb(folder: Path) -> tuple[float, float]:
    """The most memory that an audit took, in its own process and in a further one. Called in a new process."""
    root, now = rootfile.parse((folder / "root").read_bytes()), int((folder / "now").read_text())
    audit(Bundle(folder / "bundle"), Request(root, LOG.policy(), now, jobs=CORES))
    own, further = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return resource.getrusage(own).ru_maxrss / 1024, resource.getrusage(further).ru_maxrss / 1024


def make(folder: Path, events: int, certificates: bool) -> None:  # noqa: FBT001 - given to a process
    """Write the bundle, and a checkpoint of 99 of each hundred entries."""
    village = large.history(events, certificates=certificates)
    folder.mkdir()
    write_bundle(folder / "bundle", village.entries, LOG, village.now, links=village.links)
    old = len(village.entries) * 99 // 100
    leaves = [merkle.leaf_hash(entry) for entry in village.entries[:old]]
    (folder / "since").write_bytes(LOG.checkpoint(leaves, village.now))
    if not certificates:  # whose links would have to be told apart
        write_bundle(folder / "before", village.entries[:old], LOG, village.now)
    (folder / "root").write_bytes(village.root.to_bytes())
    (folder / "now").write_text(str(village.now))


def measure(folder: Path, what: str) -> None:
    """Print the figures of one bundle."""
    root, now = rootfile.parse((folder / "root").read_bytes()), int((folder / "now").read_text())

    def run(jobs: int, since: bytes | None = None, name: str = "bundle") -> replay.Audit:
        result = audit(Bundle(folder / name), Request(root, LOG.policy(), now, jobs=jobs, since=since))
        if result.outcome != Verdict.STANDS and name == "bundle":
            raise SystemExit("the bundle does not stand")
        return result

    # First, since a process begins with the peak of the one that started it.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        memory = pool.submit(peak_mb, folder).result()
    key, messages = signed(RAW)
    ratios, rates = [], []
    for _ in range(ROUNDS):
        most = raw_rate(key, messages)
        begun = time.perf_counter()
        checked = run(CORES).signatures
        rates.append(checked / (time.perf_counter() - begun))
        ratios.append(rates[-1] / most)
        say(f"raw {most:9,.0f}/s   audit {rates[-1]:9,.0f} commands/s   ratio {ratios[-1]:.2f}")
    kept, replay.Signatures = replay.Signatures, Unsigned  # type: ignore[attr-defined]
    used = time.process_time()
    result = run(1)
    used = time.process_time() - used
    replay.Signatures = kept  # type: ignore[attr-defined]
    say(
        f"{what}: {result.entries:,} events in {result.acts:,} commands; "
        f"ratio {statistics.median(ratios):.2f} (median), {max(ratios):.2f} (best) on {CORES} cores"
    )
    say(f"everything but signatures: {result.entries / used:,.0f} events a second and core")
    say(f"memory: {memory[0]:.0f} MB, each further process {memory[1]:.0f} MB at most")
    if not (folder / "before").exists():
        return
    before = run(CORES, name="before").keep
    if before is None:
        raise SystemExit("no state can be kept")
    state = before()
    whole = seconds(lambda: run(CORES))
    checkpoint = seconds(lambda: run(CORES, (folder / "since").read_bytes()))
    later = seconds(lambda: run(CORES, state))
    say(
        f"whole {whole:.2f} s; the last hundredth since a checkpoint {checkpoint:.2f} s, "
        f"since a kept state {later:.2f} s"
    )


def main() -> None:
    """Make the bundles, and measure each, in processes of their own so that none counts another's memory."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("events", type=int, nargs="?", default=100_000)
    events = parser.parse_args().events
    say(f"{CORES} cores, load average {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as name:
        for certificates in (False, True):
            folder = Path(name) / str(certificates)
            what = "with certificates" if certificates else "commands of one event"
            for work, arguments in ((make, (folder, events, certificates)), (measure, (folder, what))):
                process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
                process.start()
                process.join()
                if process.exitcode:
                    raise SystemExit(process.exitcode)


if __name__ == "__main__":
    main()
