"""Writes tests/audit/told.txt: for each history that breaks a rule, everything that its audit tells.

    python -m tests.audit.told

A line is a case, then each code with the place of its entry after the sound beginning: `CODE+0` is the first act
that follows it, `CODE-3` an entry before, `CODE` alone is about no single entry. A breach often has consequences;
what else is told, and that nothing more is, is looked at by people when a line changes.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.audit import (
    broken_assessing,
    broken_certifying,
    broken_custody,
    broken_edges,
    broken_privacy,
    broken_training,
)
from tests.audit.auditing import audited
from tests.audit.broken import CASES, Broken, stage
from verifier.finding import Findings

FILE = Path(__file__).parent / "told.txt"
AREAS = (
    broken_assessing,
    broken_certifying,
    broken_custody,
    broken_edges,
    broken_privacy,
    broken_training,
)  # importing them has filled CASES


def told(findings: Findings, begun: int) -> str:
    """What was found, after a beginning of so many entries."""
    return " ".join(
        item.code if item.index is None else f"{item.code}{item.index - begun:+}"
        for item in findings
        if item.code != "NAMES_NOT_GIVEN"  # of every audit here
    )


def line(case: Broken) -> str:
    """A case's line."""
    village = stage(case.stage)
    begun = len(village.entries)
    case.go(village)
    with TemporaryDirectory() as folder:
        return f"{case.name}: {told(audited(Path(folder), village).findings, begun)}"


if __name__ == "__main__":
    FILE.write_text("".join(f"{line(case)}\n" for case in CASES), encoding="utf-8")
