"""A year in small: one cohort at the facility, one certified person, one undecided, one who only applied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.api.bureau import Bureau

CERTIFIED = "Siti Contohwati Rekasari"
UNDECIDED = "Budi Fiktifanto"
APPLIED = "Siti Reka Nurhaliza, S.Pd."
UNENROLLED = "O'Reka"
NIK = "9901014702900123"


@dataclass(frozen=True, slots=True)
class Scene:
    """Ids by what they are of; ``enrolments`` and ``learners`` by the person's name."""

    bureau: Bureau
    scheme: str
    programme: str
    agreement: str
    cohort: str
    learners: dict[str, str]
    enrolments: dict[str, str]
    decided: str
    recommended: str
    training: dict[str, str]
    competence: dict[str, str]


def scene(bureau: Bureau) -> Scene:
    """Play it; it ends on Monday 10 March 2031."""
    scheme = bureau.scheme()
    bureau.templates()
    programme = bureau.programme(scheme, bureau.orgs["site"])
    agreement = bureau.ready_site()
    cohort = bureau.cohort(programme, agreement)
    learners = {
        CERTIFIED: bureau.learner(
            CERTIFIED,
            nik=NIK,
            sex="P",
            birth_date="1990-02-07",
            register_no="REG-778",
            facility=bureau.orgs["site"],
        ),
        UNDECIDED: bureau.learner(UNDECIDED),
        APPLIED: bureau.learner(APPLIED),
        UNENROLLED: bureau.learner(UNENROLLED),
    }
    enrolments = {name: bureau.enrolled(learners[name], cohort) for name in (CERTIFIED, UNDECIDED)}
    enrolments[APPLIED] = bureau.give("admin", "ApplyForEnrolment", learner=learners[APPLIED], cohort=cohort)[
        "enrolment"
    ]
    bureau.give("admin", "StartCohort", cohort=cohort)
    bureau.at(date(2031, 3, 10))
    bureau.attend(cohort, {enrolments[CERTIFIED]: 8, enrolments[UNDECIDED]: 7})
    for name in (CERTIFIED, UNDECIDED):
        bureau.give("admin", "CompleteEnrolment", enrolments=[enrolments[name]])
    decided = bureau.recommended(enrolments[CERTIFIED])
    bureau.give("decider", "RecordCertificationDecision", assessment=decided)
    return Scene(
        bureau=bureau,
        scheme=scheme,
        programme=programme,
        agreement=agreement,
        cohort=cohort,
        learners=learners,
        enrolments=enrolments,
        decided=decided,
        recommended=bureau.recommended(enrolments[UNDECIDED], "K", "BK"),
        training=bureau.give("issuer", "IssueTrainingCertificate", enrolment=enrolments[CERTIFIED]),
        competence=bureau.give("certifier", "IssueCompetenceCertificate", assessment=decided),
    )
