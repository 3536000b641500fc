"""Writes what the mutation tests gave: a table of modules, and every mutant that survived.

`reasons.txt` beside this file says why a survivor changes nothing that a test could see, where somebody has
looked and found that: a mutant's key, ` : `, the reason. Such mutants are counted as survivors like all others.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.mutation.places import Place

REASONS = Path(__file__).parent / "reasons.txt"

_HEAD = """\
# Mutation testing of `verifier/`

Written by `python -m tests.mutation.run --page FILE`; `tests/mutation/run.py` says how it is done and what is changed.
Every change of every module counts, also those that change nothing that could be seen; the last column of the list of
survivors says so where somebody has looked. The share is of those that were run. A survivor was not noticed by the
tests that it was tried on, the likeliest ones up to a limit of seconds; others may notice it.
"""


def page(results: Mapping[str, str], places: Sequence[Place]) -> str:
    """Return the page. `results` says by key how each mutant ended."""
    reasons = dict(line.split(" : ", 1) for line in REASONS.read_text(encoding="utf-8").splitlines())
    by_file: dict[str, list[Place]] = {}
    for place in places:
        by_file.setdefault(place.file, []).append(place)
    lines = [
        _HEAD,
        "| Module | Mutants | Run | A test failed | Took too long | Survived | Killed |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    total = [0, 0, 0, 0]
    for file, each in sorted(by_file.items()):
        ends = [results.get(place.key) for place in each]
        row = [len(each), ends.count("killed"), ends.count("timeout"), ends.count("survived")]
        total = [old + new for old, new in zip(total, row, strict=True)]
        lines.append(_row(f"`{file.removeprefix('verifier/')}`", row))
    lines += [_row("**all**", total), "", "## Survivors", ""]
    lines += ["| Place | In | Change | Why |", "|---|---|---|---|"]
    for file, each in sorted(by_file.items()):
        for place in each:
            if results.get(place.key) == "survived":
                scope = f"`{place.mutant.scope}`" if place.mutant.scope else ""
                what = f"`` {place.mutant.what.replace('|', chr(92) + '|')} ``"
                where = f"`{file.removeprefix('verifier/')}`:{place.mutant.line}"
                lines.append(f"| {where} | {scope} | {what} | {reasons.get(place.key, '')} |")
    return "\n".join(lines) + "\n"


def _row(name: str, row: Sequence[int]) -> str:
    count, killed, timeout, survived = row
    run = killed + timeout + survived
    share = f"{100 * (killed + timeout) / run:.1f} %" if run else ""
    return f"| {name} | {count:,} | {run:,} | {killed:,} | {timeout:,} | {survived:,} | {share} |"
