"""Times, days and the calendar of the rules, compared with what Python's own calendar says."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import times
from verifier.errors import FormatError
from verifier.times import ZoneMissingError

MOMENTS = st.datetimes(timezones=st.just(UTC)).map(lambda each: each.replace(microsecond=0))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01Z", 1),
        ("1970-01-01T00:01:00Z", 60),
        ("1970-01-01T01:00:00Z", 3600),
        ("1970-01-02T00:00:00Z", 86400),
        ("1969-12-31T23:59:59Z", -1),
        ("2031-03-03T12:34:56Z", 1930307696),
    ],
)
def test_a_time_in_seconds(text: str, seconds: int) -> None:
    assert times.posix(text) == seconds
    assert times.to_text(seconds) == text


@given(MOMENTS)
def test_every_time_is_what_the_library_says(moment: datetime) -> None:
    text = moment.isoformat().replace("+00:00", "Z")
    assert times.posix(text) == round(moment.timestamp())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T08:00:00+08:00", 0),
        ("1970-01-01T00:00:00.9Z", 0),
        ("1969-12-31T23:00:00-01:00", 0),
        ("19700101T000001Z", 1),
    ],
)
def test_a_moment_that_a_person_types(text: str, seconds: int) -> None:
    assert times.parse_moment(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "now", "2026-11-23", "2026-11-23T12:00:00", "2026-02-30T00:00:00Z", "x" * 99]
)
def test_no_moment(text: str) -> None:
    with pytest.raises(FormatError) as caught:
        times.parse_moment(text)
    assert caught.value.code == "TIME_INVALID"
    assert caught.value.message == f"{text[:40]!r} is not a time like 2026-11-23T12:00:00+08:00"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1),
        ("90s", 90),
        ("30m", 1800),
        ("24h", 86400),
        ("7d", 604800),
        ("1d", 86400),
        ("9999999s", 9999999),
    ],
)
def test_a_length_of_time(text: str, seconds: int) -> None:
    assert times.parse_age(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0s",
        "01s",
        "1",
        "s",
        "1w",
        "1S",
        "-1s",
        "1.5h",
        "1h ",
        " 1h",
        "1hh",
        "10000000s",
        "\u0661s",
        "x" * 99,
    ],
)
def test_no_length_of_time(text: str) -> None:
    with pytest.raises(FormatError) as caught:
        times.parse_age(text)
    assert caught.value.code == "AGE_INVALID"
    assert caught.value.message == f"{text[:40]!r} is not a length of time like 24h or 7d"


@pytest.mark.parametrize("text", ["2026-02-28", "2024-02-29", "0001-01-01", "9999-12-31"])
def test_a_day(text: str) -> None:
    assert times.is_day(text)


@pytest.mark.parametrize(
    "text",
    ["", "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "0000-01-01", "2026-1-01", "2026-01-1", "20260101",
     "2026-W01-1", "2026-01-01T00:00:00Z", "2026-01-01\n", " 2026-01-01", "12026-01-01", "\u0662026-01-01", None,
     20260101, b"2026-01-01", ["2026-01-01"]],
)  # fmt: skip
def test_no_day(text: object) -> None:
    assert not times.is_day(text)


@pytest.mark.parametrize(
    ("seconds", "zone", "day"),
    [
        (0, "UTC", "1970-01-01"),
        (-1, "UTC", "1969-12-31"),
        (86399, "UTC", "1970-01-01"),
        (57599, "Asia/Makassar", "1970-01-01"),
        (57600, "Asia/Makassar", "1970-01-02"),
        (0, "America/New_York", "1969-12-31"),
        (0, "Etc/GMT+12", "1969-12-31"),
        (0, "America/Argentina/Buenos_Aires", "1969-12-31"),
    ],
)
def test_the_day_of_a_moment_in_a_zone(seconds: int, zone: str, day: str) -> None:
    assert times.day_of(seconds, zone) == day


@pytest.mark.parametrize(
    "name",
    ["", "Asia/Atlantis", "../etc/passwd", "/etc/passwd", "Asia", "Asia/", "A" * 33, f"Asia/{'x' * 33}",
     "Asia//Jakarta",
     "UTC\n", " UTC", "UTC\0", "Asia/Jakarta/" + "/".join("abcdefgh"), "1UTC", "Asia.Jakarta", "posixrules/x", "ä"],
)  # fmt: skip
def test_a_zone_that_is_not_known(name: str) -> None:
    with pytest.raises(ZoneMissingError) as caught:
        times.zone(name)
    assert caught.value.code == "ZONE_UNKNOWN"
    assert caught.value.message == f"this machine's time zone database has no {name[:40]!r}"
    with pytest.raises(ZoneMissingError):
        times.day_of(0, name)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-01-31", 0, "2026-01-31"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2026-11-30", 36, "2029-11-30"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-05-31", 1, "2026-06-30"),
        ("9999-11-30", 1, "9999-12-30"),
        ("9999-12-31", 1, "9999-12-31"),
        ("9999-12-01", 1, "9999-12-31"),
        ("9999-12-01", 99999, "9999-12-31"),
        ("0001-02-15", -1, "0001-01-15"),
        ("0001-01-15", -1, "0001-01-01"),
        ("0001-01-15", -99999, "0001-01-01"),
    ],
)
def test_some_months_later(day: str, months: int, later: str) -> None:
    assert times.add_months(day, months) == later


@given(st.dates(date(100, 1, 1), date(9000, 1, 1)), st.integers(-1000, 1000))
def test_months_keep_the_day_or_end_with_the_month(start: date, months: int) -> None:
    later = date.fromisoformat(times.add_months(start.isoformat(), months))
    assert (later.year - start.year) * 12 + later.month - start.month == months
    assert later.day == min(start.day, monthrange(later.year, later.month)[1])


@pytest.mark.parametrize(
    ("day", "count", "holidays", "found"),
    [
        ("2026-03-13", 0, (), "2026-03-13"),  # a Friday
        ("2026-03-13", 1, (), "2026-03-16"),
        ("2026-03-12", 1, (), "2026-03-13"),
        ("2026-03-14", 1, (), "2026-03-16"),
        ("2026-03-15", 1, (), "2026-03-16"),
        ("2026-03-13", 1, ("2026-03-16",), "2026-03-17"),
        ("2026-03-13", 1, ("2026-03-16", "2026-03-17"), "2026-03-18"),
        ("2026-03-13", 5, (), "2026-03-20"),
        ("2026-03-13", 6, (), "2026-03-23"),
        ("2026-03-13", 1, ("2026-03-14", "2026-03-13"), "2026-03-16"),
    ],
)
def test_working_days(day: str, count: int, holidays: tuple[str, ...], found: str) -> None:
    assert times.add_working_days(day, count, frozenset(holidays)) == found


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 40), st.sets(st.integers(0, 60)))
def test_so_many_working_days_lie_between(start: date, count: int, off: set[int]) -> None:
    holidays = frozenset((start + timedelta(days=each)).isoformat() for each in off)
    end = date.fromisoformat(times.add_working_days(start.isoformat(), count, holidays))
    between = [start + timedelta(days=number) for number in range(1, (end - start).days + 1)]
    working = [each for each in between if each.isoweekday() <= 5 and each.isoformat() not in holidays]
    assert len(working) == count
    assert working[-1] == end
