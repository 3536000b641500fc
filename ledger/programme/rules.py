"""The rulebook of the ledger on which a programme file runs: reason codes, formats, words and days of the file."""

from __future__ import annotations

from datetime import timedelta

from ledger.programme.reading import Programme
from ledger.programme.schema import ProgrammeFile
from ledger.rulebook import NumberFormats, ReasonCodes, Rulebook


def rulebook_of(programme: Programme) -> Rulebook:
    """The rulebook; limits that the file does not speak of keep their defaults."""
    file = programme.file
    formats = file.number_formats
    rulebook = Rulebook(
        time_zone=file.time_zone,
        reason_codes=ReasonCodes.model_validate(file.reason_codes.model_dump()),
        number_formats=NumberFormats(
            TRAINING=formats.training_certificate,
            COMPETENCE=formats.competence_certificate_display,
            UNIT_STATEMENT=formats.unit_statement,
        ),
        deny_words=tuple(file.public_verification.deny_words),
        holidays=frozenset(holiday.date for holiday in file.holidays),
    )
    window = _appeal_window(file, rulebook)
    return rulebook if window is None else rulebook.model_copy(update={"appeal_working_days": window})


def _appeal_window(file: ProgrammeFile, rulebook: Rulebook) -> int | None:
    """The working days from a decision to its ``appeal_until``, the longest of the file; None when it says none."""
    windows = []
    for cohort in file.cohorts:
        if cohort.dates and cohort.dates.appeal_until:
            length = (cohort.dates.appeal_until - cohort.dates.decided).days
            days = (cohort.dates.decided + timedelta(days=ahead) for ahead in range(1, length + 1))
            windows.append(sum(map(rulebook.is_working_day, days)))
    return max(windows, default=None)
