"""Every record that an audit knows is kept: none is forgotten in the list of those that may stand in the file."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from verifier import authority, kept, merkle, seen, status
from verifier.rules import (
    appeals,
    assessment,
    certificate,
    cohorts,
    enrolment,
    exceptions,
    learners,
    organisations,
    partners,
    printing,
    schemes,
    world,
)

RECORDS: list[type] = [
    authority.Account, authority.Key, authority.Licence, merkle.CompactRange, seen.SeenSet, status.Compromise,
    appeals.Appeal, assessment.Assessment, assessment.Decision, certificate.Certificate, cohorts.Cohort, cohorts.Session,
    enrolment.Enrolment, exceptions.Exemption, learners.Learner, learners.SubjectRequest, organisations.IssuerKey,
    organisations.Organisation, partners.Agreement, partners.Review, printing.Stock, schemes.Programme, schemes.Scheme,
    schemes.Template, schemes.Version, world.Request, world.Thing,
]  # fmt: skip


def names(record: type) -> list[str]:
    if is_dataclass(record):
        return [each.name for each in fields(record)]
    return [name for base in record.__mro__ for name in getattr(base, "__slots__", ())]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_a_record_comes_back_with_all_its_fields(record: type) -> None:
    made: Any = object.__new__(record)
    for number, name in enumerate(names(record)):
        object.__setattr__(made, name, (name, number))
    _, roots = kept.load(kept.dump(b"", {"one": made, "again": [made]}))
    found = roots["one"]
    assert type(found) is record
    assert [getattr(found, name) for name in names(record)] == [
        (name, number) for number, name in enumerate(names(record))
    ]
    assert roots["again"][0] is found
