"""What sealing costs, and a batch of certificates: credential, token, proof, page, seal, print file and zip.

    python -m benchmarks.batch [--count N] [--processes P]

The issuer is made here, in memory; no ledger is needed. What counts is the processor's time, of this process and
of those that set pages; divided by the processes it is the time that the batch takes on a machine with nothing
else to do. Batches are left nowhere.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ledger.issuing.batch import Order, file_name, make_batch
from ledger.issuing.paper import default_template
from ledger.issuing.seal_keys import of_signer
from ledger.issuing.sealing import Sealer
from tests.sealing.issuer import NAME, NOW, Facts, Issuer
from tests.sealing.seals import AT, page
from verifier import code, pdf

ROUNDS = 50
GIVEN = (
    "Arif",
    "Budi",
    "Citra",
    "Dewi",
    "Eka",
    "Fajar",
    "Gita",
    "Hadi",
    "Indah",
    "Joko",
    "Kartika",
    "Lestari",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        issuer = Issuer(Path(folder) / "seal")
        sealer = Sealer(of_signer(issuer.pdf_key, issuer.authority.chain(issuer.pdf_key, NAME)))
        _seal(issuer, sealer)
        _batch(issuer, sealer, Path(folder) / "out", args.count, args.processes)


def _seal(issuer: Issuer, sealer: Sealer) -> None:
    sealed, whole, against = sealer.seal(page(), AT), issuer.certificate(), issuer.against()
    print(f"a page of {len(page()):,} bytes; its seal adds {len(sealed) - len(page()):,}")
    for what, work in (
        ("seal", lambda: sealer.seal(page(), AT)),
        ("check all parts", lambda: pdf.check(whole, against, NOW)),
    ):
        begun = time.process_time()
        for _ in range(ROUNDS):
            work()
        print(f"{what}: {1000 * (time.process_time() - begun) / ROUNDS:.1f} ms of processor time")


def _batch(issuer: Issuer, sealer: Sealer, out: Path, count: int, processes: int) -> None:
    begun, before = time.perf_counter(), os.times()
    made = make_batch(_orders(issuer, sealer, count), out, processes=processes)
    passed, after = time.perf_counter() - begun, os.times()
    here = after.user + after.system - before.user - before.system
    there = after.children_user + after.children_system - before.children_user - before.children_system
    sizes = " + ".join(f"{path.stat().st_size / 1e6:.1f} MB" for path in (*made.print_files, made.zip_file))
    print(f"{made.count} certificates ({sizes}) by {processes} processes and this one")
    print(f"processor: {here:.1f} s here, {there:.1f} s there, {1000 * (here + there) / count:.0f} ms each")
    load = os.getloadavg()[0]
    print(f"clock: {passed:.1f} s at a load of {load:.1f}")


def _orders(issuer: Issuer, sealer: Sealer, count: int) -> Iterator[Order]:
    source = default_template("COMPETENCE")
    for number in range(count):
        holder = f"{GIVEN[number % len(GIVEN)]} {GIVEN[7 * number // 3 % len(GIVEN)]} Contohman"
        facts = Facts(
            number=f"{number:07}/LSP-FIKSI/LAS/2026", holder=holder, code=code.make(7919 * number + 1)
        )
        yield Order(
            name=file_name(facts.number),
            paper=issuer.paper(facts),
            template_source=source,
            attachments=issuer.attached(facts),
            sealer=sealer,
            sealed_at=AT,
        )


if __name__ == "__main__":
    main()
