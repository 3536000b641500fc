"""Writes tests/audit/told.txt: for each history that breaks a rule, everything that its audit tells.

    python -m tests.audit.told

Under each case stand its findings: the code, the place of its entry after the sound beginning (`+0` is the first act
that follows it, `-3` an entry before, nothing is about no single entry), and the sentence. A breach often has
consequences; what else is told, and that nothing more is, is looked at by people when something changes here.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.audit import (
    broken_assessing,
    broken_certifying,
    broken_closing,
    broken_custody,
    broken_edges,
    broken_further,
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
    broken_closing,
    broken_custody,
    broken_edges,
    broken_further,
    broken_privacy,
    broken_training,
)  # importing them has filled CASES


def told(findings: Findings, begun: int) -> str:
    """What was found, after a beginning of so many entries."""
    return "".join(
        f"  {item.code}{'' if item.index is None else f' {item.index - begun:+}'}: {item.message}\n"
        for item in findings
        if item.code != "NAMES_NOT_GIVEN"  # of every audit here
    )


def of(case: Broken) -> str:
    """What a case's audit tells."""
    village = stage(case.stage)
    begun = len(village.entries)
    case.go(village)
    with TemporaryDirectory() as folder:
        return told(audited(Path(folder), village).findings, begun)


def read() -> dict[str, str]:
    """What is kept, by case."""
    parts = FILE.read_text(encoding="utf-8").split("\n\n")
    return {
        name: f"{rest}\n".replace("\n\n", "\n") for name, _, rest in (part.partition("\n") for part in parts)
    }


if __name__ == "__main__":
    FILE.write_text("\n".join(f"{case.name}\n{of(case)}" for case in CASES), encoding="utf-8")
