"""No personal fact stands in clear where it must not: in the log's database, and after an erasure anywhere."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pymupdf

from api.composition import House

MONTHS = tuple(
    names.split()
    for names in (
        "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
        "January February March April May June July August September October November December",
    )
)


def printed_forms(day: date) -> Iterator[str]:
    """A date as people write it."""
    yield day.isoformat()
    for separator in "-/. ":
        yield separator.join((f"{day.day:02d}", f"{day.month:02d}", f"{day.year}"))
        yield separator.join((f"{day.year}", f"{day.month:02d}", f"{day.day:02d}"))
    for names in MONTHS:
        yield f"{day.day} {names[day.month - 1]} {day.year}"
        yield f"{day.day:02d} {names[day.month - 1]} {day.year}"


def private_values(private: dict[str, Any]) -> Iterator[str]:
    """Every value of a learner that must not be found."""
    for name in ("full_name", "name_at_issue", "correct_name", "nik", "inmate_register_no", "passport"):
        if private.get(name):
            yield private[name]
    yield from printed_forms(date.fromisoformat(private["birth_date"]))


def all_private_values(sample: dict[str, Any]) -> set[str]:
    people = [*sample["learners"], *sample["learners_extra"]]
    found = {value for person in people for value in private_values(person["private"])}
    found |= {member["name"] for member in sample["staff"]}
    found |= {member["met_no"] for member in sample["staff"] if member.get("met_no")}
    found |= {org["name"] for org in sample["organisations"] if org["public_name"] is None}
    return found


def encodings(value: str) -> Iterator[bytes]:
    yield value.encode()
    yield value.encode("utf-16-le")
    yield json.dumps(value)[1:-1].encode()


def found_in(data: bytes, values: set[str]) -> set[str]:
    return {value for value in values if any(form in data for form in encodings(value))}


def test_the_search_sees_what_is_planted() -> None:
    assert found_in(b"x Arif Contohman y", {"Arif Contohman", "Budi"}) == {"Arif Contohman"}
    assert "14 Maret 1990" in set(printed_forms(date(1990, 3, 14)))
    assert "14/03/1990" in set(printed_forms(date(1990, 3, 14)))


def test_no_personal_fact_stands_in_the_event_store(house: House, sample: dict[str, Any]) -> None:
    values = all_private_values(sample)
    assert len(values) > 400
    for name in ("events.db", "events.db-wal", "events.db-journal"):
        path = house.folder.path / name
        if path.exists():
            assert found_in(path.read_bytes(), values) == set(), name


def test_no_file_of_the_ledger_but_the_papers_holds_a_fact_in_clear(
    house: House, sample: dict[str, Any]
) -> None:
    values = all_private_values(sample)
    for path in house.folder.path.rglob("*"):
        if path.is_file() and path.suffix != ".pdf":
            assert found_in(path.read_bytes(), values) == set(), path.name


def readable(pdf: bytes) -> bytes:
    """What a reader sees of a PDF: its text, its metadata, its attachments."""
    opened: Any = pymupdf.open
    document = opened(stream=io.BytesIO(pdf))
    text = "".join(page.get_text() for page in document) + json.dumps(document.metadata, ensure_ascii=False)
    return text.encode() + b"".join(document.embfile_get(name) for name in document.embfile_names())


def erased_people(sample: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        learner
        for learner in sample["learners"]
        if any(due["status"] == "NO_LONGER_VERIFIABLE" for due in learner["certificates"])
    ]


def test_after_an_erasure_no_file_holds_the_person_not_even_a_paper(
    house: House, sample: dict[str, Any]
) -> None:
    people = erased_people(sample)
    assert people
    for person in people:
        values = set(private_values(person["private"]))
        for path in house.folder.path.rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                if path.suffix == ".pdf":
                    data += readable(data)
                assert found_in(data, values) == set(), path.name


def test_after_an_erasure_the_rows_and_their_keys_are_gone_and_the_log_still_verifies(house: House) -> None:
    destroyed = house.queries.all_destroyed()
    assert destroyed
    for subject, class_, _ in destroyed:
        assert house.personal.get(subject, class_) == []
        assert house.datakeys.get(subject, class_) is None


def test_nothing_in_a_certificates_entries_is_found_in_a_learners_or_cohorts(
    demo_folder: Path,
) -> None:
    """No id, hash or random value of a certificate's stream occurs in the streams of what it came from."""
    rows = (
        sqlite3.connect(demo_folder / "events.db")
        .execute("SELECT originator_id, state FROM stored_events")
        .fetchall()
    )
    tokens: dict[bool, set[str]] = {True: set(), False: set()}
    for stream, state in rows:
        kind = stream.split("/")[0]
        if kind in {"certificate", "learner", "enrolment", "cohort", "assessment", "appeal"}:
            payload = json.loads(bytes(state).split(b"\n")[0])
            tokens[kind == "certificate"] |= set(ids_in(payload["data"])) | {stream.split("/")[1]}
    shared = tokens[True] & tokens[False]
    assert not shared, shared


def ids_in(value: Any) -> Iterator[str]:
    """Every string of 32 characters or more: ids, hashes, commitments."""
    if isinstance(value, dict):
        for item in value.values():
            yield from ids_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from ids_in(item)
    elif isinstance(value, str) and len(value) >= 32 and " " not in value:
        yield value
