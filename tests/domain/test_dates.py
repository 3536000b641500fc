"""Months as certificates count them: the same day of the month, or the month's last."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.dates import add_months


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2023-03-21", 36, "2026-03-21"),
        ("2026-03-13", 36, "2029-03-13"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-08-31", 3, "2026-11-30"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-01-15", -24, "2024-01-15"),
        ("2026-01-15", 0, "2026-01-15"),
    ],
)
def test_table(day: str, months: int, expected: str) -> None:
    assert add_months(date.fromisoformat(day), months).isoformat() == expected


def test_the_calendar_ends() -> None:
    assert add_months(date(2, 1, 1), -600) == date.min
    assert add_months(date(9990, 5, 1), 600) == date.max
    assert add_months(date(2, 5, 7), -12) == date(1, 5, 7)
    assert add_months(date(9998, 5, 7), 12) == date(9999, 5, 7)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(-600, 600))
def test_the_month_is_exact_and_the_day_never_grows(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == day.day or (moved.day < day.day and (moved + timedelta(days=1)).day == 1)
