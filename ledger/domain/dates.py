"""Calendar arithmetic in months, as certificates and look-back periods count them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """``months`` calendar months after ``day`` (negative: before it): the same day of the month or its last.

    Past the calendar's ends (years 1 and 9999) the first or the last day there is.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year < date.min.year:
        return date.min
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
