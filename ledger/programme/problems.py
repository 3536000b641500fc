"""What is wrong with a file, said so that its author finds it: the file, the place in it, and the rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import Error

MOST = 20
"""Problems told at once."""

FIELD_UNKNOWN = "FILE_FIELD_UNKNOWN"
DATE_INVALID = "FILE_DATE_INVALID"
REFERENCE_UNKNOWN = "FILE_REFERENCE_UNKNOWN"
VALUE_INVALID = "FILE_VALUE_INVALID"
COMMAND_UNKNOWN = "FILE_COMMAND_UNKNOWN"


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule. ``place`` reads like ``learners[4] PER-5: unit_results[2].unit_code``, empty for the whole."""

    code: str
    place: str
    rule: str

    def __str__(self) -> str:
        return f"{self.place}: {self.rule}" if self.place else self.rule


class ProgrammeFileError(Error):
    """A file cannot be used; nothing of it was recorded.

    ``problems`` are those found at once, the first twenty at most; ``code`` is the first one's: FILE_UNREADABLE,
    FILE_TOO_LARGE, FILE_TRUNCATED, FILE_INVALID (no JSON, or not of this shape), FILE_FIELD_UNKNOWN,
    FILE_DATE_INVALID, FILE_REFERENCE_UNKNOWN, FILE_VALUE_INVALID or FILE_COMMAND_UNKNOWN.
    """

    def __init__(self, file: str, problems: Sequence[Problem], hint: str | None = None) -> None:
        self.file = file
        self.problems = tuple(problems[:MOST])
        if len(problems) == 1:
            message = f"{file}: {problems[0]}"
        else:
            more = f", the first {MOST} of them" if len(problems) > MOST else ""
            lines = "".join(f"\n  {problem}" for problem in self.problems)
            message = f"{file}: {len(problems)} problems{more}:{lines}"
        super().__init__(
            problems[0].code, message, hint or "Correct the file and start again; nothing was recorded."
        )
