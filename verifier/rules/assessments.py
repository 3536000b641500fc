"""Rules about assessing: admission, assessors, evidence, results, recommendation.

- Admitted is who completed the training with enough attendance, once; after it, each attempt has one next, at
  the units that are not yet competent or that were ordered; a renewal needs no training.
- An assessor holds the role and a licence for the trade on that day, has not taught the candidate in the
  look-back period, and is another one after an appeal. Only the assigned one assesses.
- A result rests on registered evidence.

An approved exception for a rule, the person and the matter lifts it until its end; that is noted.
"""

from sys import intern
from typing import ClassVar

from verifier.authority import Authority
from verifier.event import Event
from verifier.finding import wrong
from verifier.rules.area import Area, on
from verifier.rules.assessment import UNITS, Assessment
from verifier.rules.attendance import Attendance
from verifier.rules.enrolment import Enrolment
from verifier.rules.exceptions import Exceptions
from verifier.rules.learners import Learner, Learners
from verifier.rules.partners import ORG_FORBIDDEN
from verifier.rules.powers import ROLE_FORBIDDEN
from verifier.rules.schemes import Schemes, Version
from verifier.rules.world import World
from verifier.times import add_months

ATTENDANCE_BELOW_THRESHOLD = wrong(
    "ATTENDANCE_BELOW_THRESHOLD",
    "Somebody was admitted to an assessment who had not completed the training with enough attendance.",
)
ADMISSION_INVALID = wrong(
    "ADMISSION_INVALID",
    "An attempt at an assessment does not follow from the training or from the attempt before: other "
    "units, other results, or a second one.",
)
SOD_ASSESSOR_TAUGHT_LEARNER = wrong(
    "SOD_ASSESSOR_TAUGHT_LEARNER",
    "A person assessed somebody whom they had taught within the look-back period.",
)
SOD_REASSESSOR_INVOLVED = wrong(
    "SOD_REASSESSOR_INVOLVED", "After an appeal, the same person assessed again who had assessed before."
)
ASSESSOR_LICENCE_EXPIRED = wrong(
    "ASSESSOR_LICENCE_EXPIRED", "A person assessed without a licence that was valid on that day."
)
ASSESSOR_OUT_OF_SCOPE = wrong(
    "ASSESSOR_OUT_OF_SCOPE", "A person assessed in a trade that their licence does not cover."
)
ASSESSOR_NOT_ASSIGNED = wrong(
    "ASSESSOR_NOT_ASSIGNED",
    "Somebody assessed who was not assigned to it, or who had declared a conflict of interest.",
)
UNIT_NOT_IN_SCHEME = wrong(
    "UNIT_NOT_IN_SCHEME",
    "A result was recorded for a unit that is not one of this attempt, or of the scheme.",
)
EVIDENCE_MISSING = wrong("EVIDENCE_MISSING", "A result rests on no registered evidence.")
RESULT_INVALID = wrong(
    "RESULT_INVALID",
    "A result was recorded twice, or corrected against another entry than the one that stands.",
)
DECISION_INCOMPLETE = wrong(
    "DECISION_INCOMPLETE",
    "A recommendation or decision leaves out a unit, or says other results than those recorded.",
)


class Assessments(Area):
    """See the module."""

    THINGS: ClassVar = {"assessment": Assessment}

    def __init__(
        self,
        world: World,
        authority: Authority,
        schemes: Schemes,
        learners: Learners,
        attendance: Attendance,
        exceptions: Exceptions,
    ) -> None:
        super().__init__(world)
        self.authority = authority
        self.schemes = schemes
        self.learners = learners
        self.attendance = attendance
        self.exceptions = exceptions

    def assessors_of(self, learner: Learner) -> set[str]:
        """Return every account that was ever assigned to assess this person."""
        return {
            account
            for entry in learner.entries()
            for assessment in entry.assessments
            if isinstance(assessment, Assessment)
            for account in assessment.assessors
        }

    def scheme_of(self, assessment: Assessment) -> Version | None:
        """Return the scheme's version that is assessed."""
        return self.schemes.version(assessment.scheme, assessment.version)

    def scope(self, assessment: Assessment) -> list[str]:
        """Return what an exception may name besides the person: the assessment and the candidate's entries."""
        learner = assessment.learner
        return [assessment.id, *([entry.id for entry in learner.entries()] if learner else [])]

    def require_body(self, event: Event, version: Version | None) -> None:
        """Require that the scheme's own certification body gives the event."""
        self.require(
            version is None or event.org == version.body, ORG_FORBIDDEN, "not given by the scheme's body"
        )

    # -- admission -------------------------------------------------------------------------------------------

    @on("assessment.admitted")
    def admitted(self, event: Event, assessment: Assessment) -> None:
        """A first attempt after the training, a next one after another, or one for a renewal."""
        data = event.data
        assessment.scheme, assessment.version = intern(data["scheme"]), data["version"]
        units = tuple(map(intern, data["units"]))
        assessment.units, assessment.attempt = UNITS.setdefault(units, units), data["attempt"]
        assessment.results = {intern(unit): (result, b"") for unit, result in data["carried"].items()}
        assessment.renews = data["renews"]
        assessment.learner = self.world.need(Learner, "learner", data["learner"])
        version = self.scheme_of(assessment)
        self.require_body(event, version)
        if data["previous"] is not None:
            self._next_attempt(assessment, self.world.need(Assessment, "assessment", data["previous"]))
        elif data["enrolment"] is not None:
            self._after_training(
                assessment, self.world.need(Enrolment, "enrolment", data["enrolment"]), version
            )
        else:
            first = assessment.renews and (assessment.attempt, assessment.results) == (1, {})
            whole = version is None or sorted(assessment.units) == sorted(version.units)
            self.require(
                first and whole, ADMISSION_INVALID, "neither after a training nor for a renewal of all units"
            )
        if assessment.learner is not None:
            assessment.learner.assessments = (*assessment.learner.assessments, assessment)
            self.learners.require_not_erased(assessment.learner)
        assessment.involve(event.actor)

    def _after_training(
        self, assessment: Assessment, enrolment: Enrolment | None, version: Version | None
    ) -> None:
        if enrolment is None or enrolment.cohort is None:
            return
        cohort = enrolment.cohort
        assessment.enrolment = enrolment
        enough = enrolment.finished and enrolment.attended(cohort.threshold)
        self.require(
            enough,
            ATTENDANCE_BELOW_THRESHOLD,
            f"{enrolment.stream}: {enrolment.reached}, {cohort.threshold} % are needed",
        )
        again = enrolment.learner is not None and any(
            isinstance(other, Assessment) and other.enrolment is enrolment and other is not assessment
            for entry in enrolment.learner.entries()
            for other in entry.assessments
        )
        self.require(
            not again
            and not assessment.renews
            and (assessment.attempt, assessment.results) == (1, {})
            and (assessment.scheme, assessment.version) == (cohort.scheme, cohort.version)
            and (version is None or sorted(assessment.units) == sorted(version.units))
            and self._same_person(assessment.learner, enrolment.learner),
            ADMISSION_INVALID,
            f"the first attempt after {enrolment.stream}",
        )

    def _next_attempt(self, assessment: Assessment, before: Assessment | None) -> None:
        if before is None:
            return
        units = before.to_reassess()
        carried = {
            unit: result for unit, result in before.standing.items() if result == "K" and unit not in units
        }
        self.require(
            not before.next
            and before.state in {"decided", "final"}
            and units
            and sorted(assessment.units) == sorted(units)
            and assessment.standing == carried
            and assessment.attempt == before.attempt + 1
            and (assessment.scheme, assessment.version) == (before.scheme, before.version)
            and assessment.renews == before.renews
            and self._same_person(assessment.learner, before.learner),
            ADMISSION_INVALID,
            f"attempt {assessment.attempt} after {before.stream}",
        )
        assessment.previous, assessment.enrolment = before, before.enrolment
        before.next = True

    @staticmethod
    def _same_person(one: Learner | None, other: Learner | None) -> bool:
        return one is None or other is None or one.survivor() is other.survivor()

    # -- assessors -------------------------------------------------------------------------------------------

    @on("assessment.assessor_assigned", "assessment.assessor_replaced")
    def assessor_assigned(self, event: Event, assessment: Assessment) -> None:
        """Impartial, licensed on the day, for this trade."""
        staff = intern(event.data["assessor"])
        first = event.type == "assessment.assessor_assigned"
        self.require(
            first == (assessment.assessor is None),
            ASSESSOR_NOT_ASSIGNED,
            "assigned twice, or replaced before",
        )
        held = self.authority.holds_anywhere(staff, "assessor")
        self.require(held, ROLE_FORBIDDEN, f"staff/{staff} does not hold the role assessor")
        back = self.same_human(staff, assessment.conflicted)
        self.require(not back, ASSESSOR_NOT_ASSIGNED, "assigned again after declaring a conflict")
        version, learner, scope = self.scheme_of(assessment), assessment.learner, self.scope(assessment)
        self.require_body(event, version)
        if learner is not None:
            since = add_months(
                self.world.days(event.occurred_at)[1], -self.world.settings.teaching_lookback_months
            )
            self.exceptions.separate(
                SOD_ASSESSOR_TAUGHT_LEARNER, staff, self.attendance.taught(learner, since), event, scope
            )
        before = assessment.previous
        if before is not None and before.after_appeal:
            self.exceptions.separate(SOD_REASSESSOR_INVOLVED, staff, before.assessors, event, scope)
        self._licensed(event, staff, version)
        assessment.assessor = staff
        assessment.assessors += (staff,)
        assessment.involve(event.actor, staff)

    def _licensed(self, event: Event, staff: str, version: Version | None) -> None:
        account = self.authority.accounts.get(staff)
        licence = account.licence if account else None
        day = self.world.days(event.occurred_at)[0]
        if licence is None or licence.until < day:
            until = f"the licence ended on {licence.until}" if licence else "no licence is recorded"
            self.report(ASSESSOR_LICENCE_EXPIRED, f"staff/{staff} on {day}: {until}")
        elif version is not None:
            self.require(
                version.trade in licence.scope, ASSESSOR_OUT_OF_SCOPE, f"staff/{staff} in {version.trade}"
            )

    def _assessing(self, event: Event, assessment: Assessment) -> None:
        assigned = self.same_human(event.actor, assessment.assessors[-1:])
        free = assessment.assessor not in assessment.conflicted
        self.require(assigned and free, ASSESSOR_NOT_ASSIGNED, f"by staff/{event.actor}")
        if assessment.learner is not None:
            self.learners.require_not_erased(assessment.learner)
        assessment.involve(event.actor)

    # -- evidence and results ----------------------------------------------------------------------------------

    @on("assessment.conflict_declared")
    def conflict_declared(self, event: Event, assessment: Assessment) -> None:
        """By the assigned assessor, who does nothing more here."""
        self._assessing(event, assessment)
        if assessment.assessor is not None:
            assessment.conflicted += (assessment.assessor,)

    @on("assessment.evidence_registered")
    def evidence_registered(self, event: Event, assessment: Assessment) -> None:
        """The next ordinal."""
        self._assessing(event, assessment)
        ordinal = event.data["evidence"]
        self.require(
            ordinal == assessment.evidence + 1,
            EVIDENCE_MISSING,
            f"evidence {ordinal} after {assessment.evidence}",
        )
        assessment.evidence = max(assessment.evidence, min(ordinal, assessment.evidence + 1))

    @on("assessment.unit_result_recorded")
    def result_recorded(self, event: Event, assessment: Assessment) -> None:
        """Once a unit of this attempt, on registered evidence, under a licence valid on the day."""
        self._assessing(event, assessment)
        data, unit = event.data, event.data["unit"]
        self.require(unit in assessment.units, UNIT_NOT_IN_SCHEME, f"the unit {unit}")
        numbers = data["evidence"]
        known = numbers and all(1 <= number <= assessment.evidence for number in numbers)
        self.require(known, EVIDENCE_MISSING, f"the unit {unit} rests on {numbers} of {assessment.evidence}")
        self.require(unit not in assessment.results, RESULT_INVALID, f"the unit {unit} has a result already")
        if assessment.assessor is not None:
            self._licensed(event, assessment.assessor, self.scheme_of(assessment))
        assessment.results[intern(unit)] = (data["result"], event.digest)

    @on("assessment.no_show_recorded")
    def no_show(self, event: Event, assessment: Assessment) -> None:
        """By the assigned assessor, before anything was assessed."""
        self._assessing(event, assessment)
        assessment.absent = True

    @on("assessment.recommended")
    def recommended(self, event: Event, assessment: Assessment) -> None:
        """All units of this attempt, with the results that stand."""
        self._assessing(event, assessment)
        standing = assessment.standing
        wanted = {unit: standing.get(unit) for unit in assessment.units}
        self.require(
            event.data["results"] == wanted and assessment.units, DECISION_INCOMPLETE, "the recommendation"
        )
