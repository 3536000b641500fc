"""The tampering suite: thousands of seeded mutations of one bundle, not one of which may pass for something else.

    python -m tests.audit.tamper [--count 10000] [--seed 1] [--jobs N] [--write docs/tampering.md]

Exit 0 for a mutated bundle is right only if every entry, status, link and person is the original's. Otherwise
the report must say so with exit 1 or 2, name one of the codes of that kind of tampering, and, where entries
were touched, name an entry that is one of them, or the file.
"""

import argparse
import copy
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.audit import large
from tests.audit.auditing import LOG
from tests.audit.mutations import MUTATIONS, Files, Mutated, Mutation, Sound
from verifier import replay
from verifier.answer import Verdict
from verifier.bundle import Bundle, BundleError
from verifier.errors import Error
from verifier.event import Event
from verifier.finding import Kind
from verifier.publickey import PublicKey, SigParts
from verifier.replay import Audit, Request, audit
from verifier.rootfile import RootFile
from verifier.signatures import Signatures, Tag

EVENTS = 2_000


class InMemory(Bundle):
    """A bundle without a disk; where a file is missing or too large it says what the disk's says."""

    def __init__(self, files: Files) -> None:
        self.path = Path("bundle")
        self.others = []
        self.files = files
        self._file = None

    def has(self, name: str) -> bool:
        return name in self.files

    def read(self, name: str, limit: int) -> bytes:
        data = self.files.get(name)
        if data is None:
            raise BundleError("BUNDLE_FILE_MISSING", f"{name} is missing")
        if len(data) > limit:
            raise BundleError("BUNDLE_FILE_TOO_LARGE", f"{name} is larger than it may be")
        return data

    def lines(self, name: str) -> Iterator[tuple[int, bytes]]:
        offset = 0
        for line in (
            self.files[name].splitlines(keepends=True)
            if b"\r" not in self.files[name]
            else _lf(self.files[name])
        ):
            if not line.endswith(b"\n"):
                raise BundleError("BUNDLE_LINES", f"{name} has a line that is cut short")
            yield offset, line[:-1]
            offset += len(line)

    def line_at(self, name: str, offset: int) -> bytes:
        return self.files[name][offset:].partition(b"\n")[0]


def _lf(data: bytes) -> list[bytes]:
    parts = data.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


class Remembering(Signatures):
    """Verifies each signature once for all audits of this process: most are the same in every mutation."""

    known: dict[tuple[str, bytes, bytes], Error | None] = {}  # noqa: RUF012 - meant to be shared

    def add(self, key: PublicKey, message: bytes, parts: Event | SigParts, tag: Tag) -> None:
        self.count += 1
        mark = (key.thumbprint, message, parts.sig)
        if mark not in self.known:
            self.known[mark] = _verified(key, message, parts)
        fault = self.known[mark]
        if fault is not None:
            self._failed(tag, fault)


def _verified(key: PublicKey, message: bytes, parts: Event | SigParts) -> Error | None:
    try:
        key.verify(message, SigParts(parts.key, parts.alg, parts.sig))
    except Error as error:
        return error
    return None


@dataclass(frozen=True)
class Case:
    """The sound bundle with what it is judged by, and what its audit says."""

    sound: Sound
    root: RootFile
    says: tuple[Any, ...]


@lru_cache(maxsize=1)
def case() -> Case:
    """The same for every process: everything in it repeats."""
    v = large.history(EVENTS * 3 // 4, learners=8, sessions=10)
    other = copy.deepcopy(v)
    forked_at = len(v.entries)
    cohort = 1000
    while len(v.entries) < EVENTS:
        large.grow(v, cohort, learners=8, sessions=10)
        cohort += 1
    other.wait(days=1)
    for number in range(30):
        other.learner(f"another {number}")
    other.now = v.now
    other.learner("the last one")
    sound = Sound(v.entries, v.links, LOG, v.now, v.pens, v.origin, other.entries, forked_at)
    result = run(sound, v.root, sound.files)
    if result.outcome != Verdict.STANDS:
        raise SystemExit("the sound bundle does not stand")
    return Case(sound, v.root, says(result))


def run(sound: Sound, root: RootFile, files: Files) -> Audit:
    with patch.object(replay, "Signatures", Remembering):
        return audit(InMemory(files), Request(root, LOG.policy(), sound.now))


def says(result: Audit) -> tuple[Any, ...]:
    """All that a reader takes from an audit."""
    statuses, verdict = result.statuses, result.verdict
    each = [(one.id, one.number, statuses.status(one, result.now)) for one in statuses.all()]
    head = (
        None
        if verdict is None
        else (verdict.checkpoint.origin, verdict.checkpoint.size, verdict.checkpoint.root)
    )
    people = {
        staff: (person.acts, person.events, dict(person.roles)) for staff, person in result.people.items()
    }
    return (
        head,
        result.entries,
        result.acts,
        result.signatures,
        result.links,
        result.basis,
        dict(result.types),
        each,
        people,
    )


@dataclass
class Tally:
    """What came of the mutations of one kind: how often each exit code, the first codes told, and failures."""

    tried: int = 0
    exits: Counter[int] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def attempt(seed: int, number: int) -> tuple[int, int, str, str | None]:
    """One mutation: (kind, exit code, first code told, what is wrong with the audit or None)."""
    found = case()
    chance = random.Random(f"{seed}/{number}")
    which = number % len(MUTATIONS)
    mutation = MUTATIONS[which]
    mutated = mutation.go(chance, found.sound)
    result = run(found.sound, found.root, mutated.files)
    told = [item for kind in (Kind.WRONG, Kind.UNKNOWN) for item in result.findings.of(kind)]
    return which, int(result.outcome), told[0].code if told else "", judge(mutation, mutated, result, found)


def judge(mutation: Mutation, mutated: Mutated, result: Audit, found: Case) -> str | None:
    """Say what is wrong with an audit of a mutated bundle, if anything."""
    if result.outcome == Verdict.STANDS:
        return None if says(result) == found.says else "stands with another content"
    told = [item for kind in (Kind.WRONG, Kind.UNKNOWN) for item in result.findings.of(kind)]
    codes = {item.code for item in told}
    if mutation.named and not codes & mutation.named:
        return f"named {', '.join(sorted(codes))}"
    near = range(mutated.touched.start - 1, mutated.touched.stop + 1)
    unplaced = {
        "BUNDLE_INVALID",
        "BUNDLE_FILE_MISSING",
    } & codes  # the file is named, and what it holds is not known
    if mutated.touched and not unplaced and not any(item.index in near for item in told):
        if codes == {"NOT_WITNESSED"}:
            return None  # a shorter log that is sound in itself
        return f"no entry near {mutated.touched} is named"
    return None


def attempts(seed: int, numbers: Iterable[int]) -> list[tuple[int, int, str, str | None]]:
    return [attempt(seed, number) for number in numbers]


def tamper(count: int, seed: int, jobs: int) -> list[Tally]:
    """Try so many mutations, each kind as often as the others."""
    tallies = [Tally() for _ in MUTATIONS]
    chunks = [range(start, min(start + 50, count)) for start in range(0, count, 50)]
    begun, done = time.monotonic(), 0
    with ProcessPoolExecutor(jobs) as pool:
        for answers in pool.map(attempts, [seed] * len(chunks), chunks):
            for which, exit_code, code, wrong in answers:
                tally = tallies[which]
                tally.tried += 1
                tally.exits[exit_code] += 1
                tally.codes[code] += 1
                tally.failures += [] if wrong is None else [wrong]
            done += len(answers)
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{done} of {count}, {time.monotonic() - begun:.0f} s")
    return tallies


def table(tallies: list[Tally]) -> str:
    """The results as a table in Markdown."""
    lines = [
        "| Tampering | Tried | Does not stand | Cannot say | Stands, the same | First told |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for mutation, tally in zip(MUTATIONS, tallies, strict=True):
        codes = ", ".join(code for code, _ in tally.codes.most_common(4) if code)
        cells = [tally.tried, tally.exits[1], tally.exits[2], tally.exits[0]]
        lines.append(f"| {mutation.title} | {' | '.join(map(str, cells))} | {codes} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Tamper with a bundle thousands of times.")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", type=Path)
    args = parser.parse_args()
    tallies = tamper(args.count, args.seed, args.jobs)
    tried = sum(tally.tried for tally in tallies)
    failures = [
        f"{m.title}: {why}" for m, tally in zip(MUTATIONS, tallies, strict=True) for why in tally.failures
    ]
    text = f"""# Tampering

Written by `python -m tests.audit.tamper --count {args.count} --seed {args.seed} --write …`.

A bundle of {len(case().sound.entries):,} entries was changed {tried:,} times, in {len(MUTATIONS)} ways, and
audited each time under a policy that wants two of three witnesses and a bundle not older than a day.
{len(failures)} changes passed for something else than what they were, or were told without their name or
place. "Stands, the same" are changes of nothing that a reader takes from the audit: signatures of strangers
on a checkpoint, links in another order.

{table(tallies)}
"""
    if args.write:
        args.write.write_text(text, encoding="utf-8")
    sys.stdout.write(text + "".join(f"\nFAILED {failure}" for failure in failures[:50]) + "\n")
    raise SystemExit(bool(failures))


if __name__ == "__main__":
    main()
