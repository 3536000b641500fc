"""What a slow suite found: printed while it runs, and kept as docs/results/<name>.txt for the repository.

A report says what was done, on what machine, what was counted, and every check by name. It has no times of
day and no paths, so that two runs differ only in what they measured.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.store.sqlite import wal_is_safe

if TYPE_CHECKING:
    from tests.slow.racing import Run

RESULTS = Path(__file__).resolve().parents[2] / "docs" / "results"


class Report:
    """Lines and checks of one suite."""

    def __init__(self, name: str, title: str) -> None:
        self.name = name
        self.failed = 0
        self._lines: list[str] = []
        self._begun = time.monotonic()
        self.line(title)
        self.line(f"Run it: python -m tests.slow.{name}")
        self.line(f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, {_versions()}")
        self.line("")

    def line(self, text: str) -> None:
        """One line, on the terminal too."""
        self._lines.append(text)
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def check(self, what: str, holds: object, *, told: str = "") -> None:
        """One thing that must hold; ``told`` says more when it does not."""
        self.line(f"  {'ok  ' if holds else 'FAIL'} {what}{'' if holds or not told else f': {told}'}")
        self.failed += not holds

    def race(self, database: str, what: str, run: Run) -> None:
        """What a race was and came to."""
        self.line(f"{database}: {what}; {run.seconds:.1f} s, slowest answer {run.slowest:.2f} s")
        self.line(f"  outcomes: {', '.join(f'{code} {count}' for code, count in run.codes.items())}")
        self.line(f"  {run.conflicts} appends lost inside the transaction and were decided again")

    def end(self) -> None:
        """Write the file, and leave with 1 when a check failed."""
        self.line("")
        self.line(
            f"{'All checks hold' if not self.failed else f'{self.failed} CHECKS FAILED'}; {self._took()}."
        )
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / f"{self.name}.txt").write_text("\n".join(self._lines) + "\n", encoding="utf-8")
        raise SystemExit(1 if self.failed else 0)

    def _took(self) -> str:
        return f"it took {time.monotonic() - self._begun:.0f} s"


def _versions() -> str:
    mode = "WAL" if wal_is_safe() else "TRUNCATE"
    return f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version} (journal {mode}, synchronous FULL)"
