"""Fuzzes the verifier's parsers with atheris (coverage-guided, libFuzzer), each for some time.

    pip install atheris
    python -m tests.fuzz TARGET… [--seconds N] [--write docs/results/fuzz.md]

Without a target all are fuzzed, one after the other. Each begins with the genuine documents of a demonstration that
is built first. A finding is an exception that is not the verifier's own, something accepted that is not genuine, one
input that takes longer than twenty seconds, or more than 1,500 MB of memory; the input is then shown.

Atheris is no dependency of the project: it has no wheels for every machine. `tests.fuzz.test_fuzz` throws at the same
targets in the ordinary tests.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from api.composition import open_house
from api.demo import build
from tests.fuzz.material import Material, collect
from tests.fuzz.targets import Target, targets

SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "programme-2026.json"
FLAGS = ("-timeout=20", "-rss_limit_mb=1500", "-seed=1", "-print_final_stats=1", "-verbosity=1")
_STATE = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/")
_PEAK = re.compile(r"stat::peak_rss_mb:\s+(\d+)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one target's fuzzing came to."""

    name: str
    seeds: int
    executions: int
    coverage: int
    features: int
    corpus: int
    peak: str
    finding: str

    def row(self) -> str:
        """As a row of the table."""
        return (
            f"| {self.name} | {self.seeds} | {self.executions:,} | {self.coverage} | {self.features} "
            f"| {self.corpus} | {self.peak} | {self.finding or 'none'} |"
        )


def material(folder: Path) -> Material:
    """Build a demonstration and take what it publishes."""
    build(folder / "demo", SAMPLE, 8000, lambda _done, _total: None)
    with open_house(folder / "demo") as house:
        demo = json.loads((folder / "demo" / "demo.json").read_bytes())
        return collect(house, demo, folder / "material")


def fuzz(name: str, target: Target, given: Material, seconds: int) -> Outcome:
    """Fuzz one target in a process of its own."""
    with tempfile.TemporaryDirectory() as place:
        corpus = Path(place, "corpus")
        corpus.mkdir()
        for number, seed in enumerate(target.seeds):
            (corpus / str(number)).write_bytes(seed)
        flags = (*FLAGS, f"-max_total_time={seconds}", f"-artifact_prefix={place}/found-")
        run = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.under_atheris", name, str(given.folder), *flags, str(corpus)],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        found = [path.read_bytes()[:200] for path in Path(place).glob("found-*")]
    state = _STATE.findall(run.stderr)
    if not state:
        raise SystemExit(f"{name} could not be fuzzed:\n{run.stderr[-2000:]}")
    if run.returncode:
        sys.stdout.write(run.stderr[-4000:])
    executions, coverage, features, kept = (
        max(column) for column in zip(*(map(int, each) for each in state), strict=True)
    )
    peak = _PEAK.findall(run.stderr)
    finding = f"{found}" if found else f"exit code {run.returncode}" if run.returncode else ""
    return Outcome(
        name, len(target.seeds), executions, coverage, features, kept, peak[-1] if peak else "", finding
    )


def main() -> None:
    """All targets, or some."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("target", nargs="*")
    parser.add_argument("--seconds", type=int, default=90, help="for each target (default: %(default)s)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table there too")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        given = material(Path(place))
        all_targets = targets(given)
        if unknown := set(args.target) - all_targets.keys():
            parser.error(f"no such target: {', '.join(unknown)}; there are {', '.join(all_targets)}")
        outcomes = []
        for name in args.target or all_targets:
            outcomes.append(fuzz(name, all_targets[name], given, args.seconds))
            sys.stdout.write(outcomes[-1].row() + "\n")
            sys.stdout.flush()
    if args.write:
        args.write.write_text(report(outcomes, args.seconds), encoding="utf-8")
    raise SystemExit(any(outcome.finding for outcome in outcomes))


def report(outcomes: list[Outcome], seconds: int) -> str:
    """The page for the repository."""
    total = sum(outcome.executions for outcome in outcomes)
    findings = sum(bool(outcome.finding) for outcome in outcomes)
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    return "\n".join(
        [
            "# Fuzzing of the verifier's parsers",
            "",
            f"`python -m tests.fuzz --seconds {seconds} --write docs/results/fuzz.md`",
            "",
            f"atheris {version('atheris')}, {machine}; {seconds} seconds a target on two cores that others used too.",
            "Each target began with genuine documents of a demonstration. A finding is an exception that is not the",
            "verifier's own, something accepted that is not genuine, an input of more than twenty seconds, or more than",
            "1,500 MB of memory. Coverage counts places in `verifier/`; features are libFuzzer's finer count.",
            "",
            f"**{total:,} inputs, {findings} findings.**",
            "",
            "| Target | Seeds | Inputs | Coverage | Features | Corpus | Peak MB | Findings |",
            "|---|---:|---:|---:|---:|---:|---:|---|",
            *(outcome.row() for outcome in outcomes),
            "",
        ]
    )


if __name__ == "__main__":
    main()
