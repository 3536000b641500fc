"""Queries about the people who are trained: who they are, where they are enrolled, what they attended.

A person is found by words of the name or by the whole NIK, through keyed tags; a NIK is never shown.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, StringConstraints, model_validator

from ledger.commands.assessments import FACILITY
from ledger.commands.candidates import same_human
from ledger.commands.command import Id, Name, Query
from ledger.commands.learners import identities
from ledger.commands.lookups import (
    Limit,
    assessments_of,
    at_own_site,
    certificates_of,
    learner_name,
    shown_enrolment,
)
from ledger.commands.work import Work
from ledger.domain.cohort import Cohort
from ledger.domain.enrolment import Enrolment
from ledger.domain.learner import FIELD_CLASSES, Learner
from ledger.domain.roles import Role
from ledger.personal.index import NAME, name_words

SEARCHERS = frozenset(
    {
        Role.TRAINING_ADMIN,
        Role.TRAINING_ISSUER,
        Role.ASSESSMENT_SUPERVISOR,
        Role.COMPETENCE_ISSUER,
        Role.PRIVACY_OFFICER,
        Role.CORRECTIONAL_LIAISON,
    }
)
BY_NIK = frozenset({Role.TRAINING_ADMIN, Role.PRIVACY_OFFICER})
READERS = SEARCHERS | {Role.CORRECTIONAL_APPROVER, Role.AUDITOR}
SEES_ASSESSMENTS = READERS - {Role.PRIVACY_OFFICER}
SEES_CERTIFICATES = READERS - FACILITY
IDENTITY = tuple(field for field, class_ in FIELD_CLASSES.items() if class_ == "identity")


class FindLearners(Query):
    """Find people by words of their name, in any order and case, or by their whole NIK.

    The newest entries do not come first: there is no order but that of random ids.
    """

    roles: ClassVar = SEARCHERS
    name: Name | None = None
    nik: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    limit: Limit = 50
    after: Annotated[int, Field(ge=0, le=1_000_000)] = 0

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        """Either a name or a NIK."""
        if (self.name is None) == (self.nik is None):
            msg = "give either name or nik"
            raise ValueError(msg)
        return self

    def answer(self, work: Work) -> dict[str, Any]:
        """``items`` with id, name, state and the entry that a merged one stands for now; ``next`` to go on."""
        found = sorted(self._found(work))
        shown = found[self.after : self.after + self.limit]
        beyond = self.after + self.limit
        return {
            "items": [_shown_learner(work, work.load(Learner, each)) for each in shown],
            "next": beyond if beyond < len(found) else None,
        }

    def _found(self, work: Work) -> set[str]:
        if self.nik is not None:
            work.require(
                work.act.role in BY_NIK,
                "ROLE_FORBIDDEN",
                f"the role {work.act.role} does not look people up by NIK",
                "Look for the name, or ask the training_admin.",
            )
            one = work.personal.index.learner_of(self.nik)
            found = {one} if one else set()
        else:
            words = name_words(self.name or "")
            tagged = [set(work.personal.index.find_subjects(NAME, word)) for word in words]
            found = set.intersection(*tagged) if tagged else set()
        known = {each for each in found if work.find(Learner, each) is not None}
        if work.act.role in FACILITY:
            return {each for each in known if _enrolments(work, each)}
        return known


class ShowLearner(Query):
    """Show a person: state, enrolments, assessments, and certificates while anything leads to them.

    The fields of the registration are for the training_admin alone who registered or trains the person, and must
    see what is to be corrected.
    """

    roles: ClassVar = READERS
    learner: Id

    def answer(self, work: Work) -> dict[str, Any]:
        """Members that a role may not see are null, not empty. Facility staff: people of their own site only."""
        learner = work.load(Learner, self.learner)
        role = work.act.role
        entries = identities(work, self.learner)
        enrolments = [found for entry in entries for found in _enrolments(work, entry)]
        work.require(
            role not in FACILITY or enrolments,
            "ROLE_FORBIDDEN",
            "this person is not enrolled at the site you act for",
            "Ask the training provider.",
        )
        return {
            **_shown_learner(work, learner),
            "entries": entries,
            "erased": sorted(
                class_
                for class_ in ("contact", "custody", "evidence", "identity", "outcome")
                if work.queries.destroyed(learner.stream, class_)
            ),
            "identity": _identity(work, learner, enrolments) if role == Role.TRAINING_ADMIN else None,
            "enrolments": [shown_enrolment(work, each) for each in enrolments],
            "assessments": self._assessments(work, entries, enrolments),
            "certificates": certificates_of(work, self.learner) if role in SEES_CERTIFICATES else None,
        }

    @staticmethod
    def _assessments(
        work: Work, entries: list[str], enrolments: list[Enrolment]
    ) -> list[dict[str, Any]] | None:
        if work.act.role not in SEES_ASSESSMENTS:
            return None
        if work.act.role in FACILITY:
            sources = [each.aggregate_id for each in enrolments]
            return [
                found for each in sources for found in assessments_of(work, "enrolment.assessments", each)
            ]
        return [found for each in entries for found in assessments_of(work, "learner.assessments", each)]


class ShowEnrolment(Query):
    """Show one enrolment with its hours, session by session, and the payload hash that a correction names."""

    roles: ClassVar = FACILITY | {
        Role.TRAINING_ADMIN,
        Role.TRAINING_ISSUER,
        Role.INSTRUCTOR,
        Role.ASSESSMENT_SUPERVISOR,
        Role.AUDITOR,
    }
    enrolment: Id

    def answer(self, work: Work) -> dict[str, Any]:
        """For the site's, the provider's and the body's people, the cohort's instructors, and auditors."""
        enrolment = work.load(Enrolment, self.enrolment)
        cohort = work.load(Cohort, enrolment.cohort)
        require_party(work, cohort)
        assessing = work.act.role in {Role.ASSESSMENT_SUPERVISOR, Role.AUDITOR, Role.TRAINING_ADMIN}
        return {
            **shown_enrolment(work, enrolment),
            "name": learner_name(work, enrolment.learner),
            "attendance": [
                {
                    "cohort": each.cohort,
                    "session": each.session,
                    "date": str(work.load(Cohort, each.cohort).sessions[each.session].day),
                    "jp": each.jp,
                    "recorded_by": each.by,
                    "entry": each.hash,
                }
                for each in enrolment.attendance.values()
            ],
            "credits": dict(enrolment.credits),
            "assessments": assessments_of(work, "enrolment.assessments", self.enrolment)
            if assessing or work.act.role in FACILITY
            else None,
        }


def require_party(work: Work, cohort: Cohort) -> None:
    """ROLE_FORBIDDEN unless the person acts for a party of this cohort, teaches it, or is an auditor."""
    role = work.act.role
    if role == Role.AUDITOR:
        return
    if role == Role.INSTRUCTOR:
        work.require(
            same_human(work, work.act.actor, cohort.instructors),
            "ROLE_FORBIDDEN",
            "only an instructor of this cohort sees its learners",
            "The training_admin assigns instructors.",
        )
    elif role in FACILITY:
        work.require_org(cohort.site)
    elif role in {Role.TRAINING_ADMIN, Role.TRAINING_ISSUER}:
        work.require_org(cohort.provider)
    else:
        work.require_org(cohort.body)


def _shown_learner(work: Work, learner: Learner) -> dict[str, Any]:
    return {
        "learner": learner.aggregate_id,
        "name": learner_name(work, learner.aggregate_id),
        "state": learner.state,
        "merged_into": learner.into,
    }


def _identity(work: Work, learner: Learner, enrolments: list[Enrolment]) -> dict[str, Any] | None:
    """The fields of the registration, for the provider that registered or trains the person."""
    _, registered = work.queries.history(learner.stream)[0]
    providers = {registered.org, *(work.load(Cohort, each.cohort).provider for each in enrolments)}
    if work.act.org not in providers:
        return None
    return {field: work.personal.value(learner.stream, "identity", field) for field in IDENTITY}


def _enrolments(work: Work, learner: str) -> list[Enrolment]:
    """The enrolments of one entry; facility staff see those of their own site."""
    found = [work.load(Enrolment, each) for each in work.queries.related("learner.enrolments", learner)]
    return [each for each in found if work.act.role not in FACILITY or at_own_site(work, each)]
