"""What one act finds while another is on its way: it waits or decides again, and is never told what was not so.

The other act is made to happen at a certain step, by hand; ``tests/slow`` has the same as races.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from ledger.commands.certificates import IssueCompetenceCertificate
from ledger.commands.enrolments import ConfirmEnrolment
from ledger.commands.work import Link
from ledger.domain.roles import Role
from ledger.projections.queries import Queries
from tests.houses import START
from tests.slow.candidates import School
from tests.store.refusing import NIK, SITE, refused, register


def test_a_certificate_that_is_not_in_the_log_yet_hinders_nobody(school: School) -> None:
    """Facts come before events: another issuer's, whose act may still be refused."""
    (assessment,) = school.decided(1)
    link = Link(str(uuid.uuid4()), "assessment", assessment)
    school.place.house.personal.put([], pending=str(uuid.uuid4()), now=START, links=[link])
    issuer = school.hire(Role.COMPETENCE_ISSUER, school.lsp)
    assert "certificate" in school.give(issuer, IssueCompetenceCertificate(assessment=assessment))


def test_a_refusal_on_what_never_stood_together_is_decided_again(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The only seat seems taken while somebody gives one back; the history moved on, so it is looked at again."""
    cohort = school.cohort(1)
    (learner,), _ = school.selected(cohort, 1)
    is_claimed = Queries.is_claimed
    looks: list[str] = []

    def first_taken(self: Queries, kind: str, key: str) -> bool:
        if kind == "seat" and len(looks) < 2:  # twice: a refusal is looked at again on unkept histories
            looks.append(key)
            school.place.custody(SITE)
            return True
        return is_claimed(self, kind, key)

    monkeypatch.setattr(Queries, "is_claimed", first_taken)
    assert "seat" in school.give(school.admin, ConfirmEnrolment(learner=learner, cohort=cohort))
    assert looks


def test_a_refusal_while_nothing_moved_stands(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort = school.cohort(1)
    (learner,), _ = school.selected(cohort, 1)
    monkeypatch.setattr(Queries, "is_claimed", lambda *_: True)
    command = ConfirmEnrolment(learner=learner, cohort=cohort)
    assert refused(lambda: school.give(school.admin, command)) == "COHORT_FULL"


@pytest.mark.parametrize("happened", [True, False])
def test_a_nik_that_another_act_is_giving_is_waited_for(
    school: School, monkeypatch: pytest.MonkeyPatch, happened: bool
) -> None:
    """Whether it was given is known only once the other act is recorded or not."""
    personal, other = school.place.house.personal, str(uuid.uuid4())
    personal.put([], pending=other, now=START, niks={NIK: str(uuid.uuid4())})
    waits: list[Any] = []

    def end_the_other(seconds: float) -> None:
        if not waits:
            (personal.settle if happened else personal.discard)(other)
        waits.append(seconds)

    monkeypatch.setattr("time.sleep", end_the_other)
    if happened:
        assert refused(lambda: school.give(school.admin, register(nik=NIK))) == "NIK_ALREADY_USED"
    else:
        learner = school.give(school.admin, register(nik=NIK))["learner"]
        assert personal.index.learner_of(NIK) == learner
    assert len(waits) == 1
    monkeypatch.undo()
    personal.index.release_nik(NIK, personal.index.learner_of(NIK) or "")
