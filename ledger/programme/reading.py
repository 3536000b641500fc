"""Reads a programme file: strict JSON of the known shape whose parts fit each other. Nothing is recorded here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ledger.programme.problems import Problem, ProgrammeFileError
from ledger.programme.references import check
from ledger.programme.schema import ProgrammeFile
from ledger.programme.shape import problems_of
from ledger.programme.strict_json import parse, place_of, read_text


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme file that was read and found sound.

    ``digest`` is the SHA-256 of its text: all that the plan draws comes from it, so one file gives one plan.
    ``raw`` is the parsed JSON, for places in messages.
    """

    name: str
    file: ProgrammeFile
    digest: bytes
    raw: Any

    def place(self, *where: int | str) -> str:
        """A place in the file, for people."""
        return place_of(self.raw, where)


def read_programme(path: Path) -> Programme:
    """The programme. Raises ProgrammeFileError, with up to twenty problems at once."""
    text = read_text(path)
    raw = parse(path, text)
    try:
        file = ProgrammeFile.model_validate(raw)
    except ValidationError as error:
        found = list(problems_of(error, (), ProgrammeFile))
    else:
        found = list(check(file))
        if not found:
            return Programme(str(path), file, hashlib.sha256(text.encode()).digest(), raw)
    raise ProgrammeFileError(
        str(path), [Problem(code, place_of(raw, where), rule) for code, where, rule in found]
    )
