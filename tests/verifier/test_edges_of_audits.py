"""What an audit counts before there is anything to count, and how long a line of a bundle may be."""

from pathlib import Path

import pytest

from tests.verifier.test_bundle_files import fails
from verifier.audit_result import Audit, Person
from verifier.bundle import Bundle
from verifier.finding import Findings
from verifier.report import continues

LINE = 65535
"""Bytes of a line besides its end."""


def test_somebody_who_did_nothing() -> None:
    person = Person()
    assert (person.acts, person.events, person.roles, person.first, person.last) == (0, 0, {}, "", "")


def test_what_was_trusted_is_not_counted() -> None:
    audit = Audit(Findings(), now=0, max_age=0)
    audit.acts, audit.first, audit.last = 3, "2031-03-01T00:00:00Z", "2031-03-02T00:00:00Z"
    audit.people["ana"] = Person(acts=3)
    audit.types["certificate.issued"] = 3
    audit.begin(7)
    assert (audit.since, audit.acts, audit.first, audit.last) == (7, 0, "", "")
    assert (audit.people, audit.types) == ({}, {})


def test_which_log_is_continued() -> None:
    told = continues({"origin": "log.example/lost", "restored": 1200, "size": 34567})
    assert told == ("It continues log.example/lost, of which 1,200 of 34,567 entries were left after a loss.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "checkpoint").write_bytes(b"a checkpoint")
    return tmp_path


@pytest.mark.parametrize("length", [LINE - 1, LINE])
def test_a_line_of_the_longest_length(folder: Path, length: int) -> None:
    (folder / "links.jsonl").write_bytes(b"x" * length + b"\n")
    assert list(Bundle(folder).lines("links.jsonl")) == [(0, b"x" * length)]


def test_a_line_that_is_longer(folder: Path) -> None:
    (folder / "links.jsonl").write_bytes(b"x" * (LINE + 1) + b"\n")
    fails("BUNDLE_LINES", Bundle(folder).lines, "links.jsonl")
