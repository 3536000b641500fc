"""Rules about deciding: the certification decision, what corrects a result before or after it, reassessment.

- A decision covers every unit with the results that stand; it names those who decided, whoever gives it among
  them. Nobody of them has assessed or taught the candidate, which no exception lifts for assessing.
- The award is what the scheme's own rule makes of the results.
- A correction names the entry that stands, and a decision on the old result awaits a new one.
"""

from sys import intern

from verifier.authority import Authority
from verifier.event import Event
from verifier.finding import wrong
from verifier.rules.area import Area, on
from verifier.rules.assessment import Assessment, Decision
from verifier.rules.assessments import DECISION_INCOMPLETE, RESULT_INVALID, Assessments
from verifier.rules.learners import Learner
from verifier.rules.powers import ROLE_FORBIDDEN
from verifier.rules.world import World

SOD_DECIDER_ASSESSED = wrong(
    "SOD_DECIDER_ASSESSED",
    "A person decided on the certification of somebody whom they had assessed or taught.",
)
DECISION_PANEL_WRONG = wrong(
    "DECISION_PANEL_WRONG", "A decision names no panel, or one on which the person who gave it did not sit."
)
AWARD_WRONG = wrong(
    "AWARD_WRONG", "A decision says that the award was earned, or not, against the scheme's own rule."
)
REASSESSMENT_INVALID = wrong(
    "REASSESSMENT_INVALID", "A reassessment names no unit of the assessment, or one twice."
)


class Decisions(Area):
    """See the module."""

    def __init__(self, world: World, authority: Authority, assessments: Assessments) -> None:
        super().__init__(world)
        self.authority = authority
        self.assessments = assessments

    # -- decision ------------------------------------------------------------------------------------------------

    @on("assessment.decided")
    def decided(self, event: Event, assessment: Assessment) -> None:
        """By deciders of the body who neither assessed nor taught, on every unit, as the award rule says."""
        data, version, learner = event.data, self.assessments.scheme_of(assessment), assessment.learner
        panel = list(dict.fromkeys([event.actor, *map(intern, data["panel"])]))
        self.assessments.require_body(event, version)
        if event.actor not in data["panel"]:
            sat = ", ".join(f"staff/{member}" for member in data["panel"]) or "nobody"
            self.report(DECISION_PANEL_WRONG, f"given by staff/{event.actor}, on the panel: {sat}")
        for member in panel:
            held = self.authority.holds(member, "certification_decider", event.org)
            self.require(held, ROLE_FORBIDDEN, f"staff/{member} decided without being a decider there")
        if learner is not None:
            self._separate_deciders(event, assessment, learner, panel)
            self.assessments.learners.require_not_erased(learner)
        self.require(
            data["results"] == assessment.standing, DECISION_INCOMPLETE, "other results than those that stand"
        )
        if version is not None:
            missing = [unit for unit in version.units if unit not in data["results"]]
            self.require(not missing, DECISION_INCOMPLETE, f"it leaves out {', '.join(missing)}")
            earned = version.award(data["results"]) is not None
            self.require(
                earned == data["award"], AWARD_WRONG, f"award is {data['award']}, the rule says {earned}"
            )
        assessment.decision = Decision(event)
        assessment.involve(event.actor, *panel)

    def _separate_deciders(
        self, event: Event, assessment: Assessment, learner: Learner, panel: list[str]
    ) -> None:
        assessed, taught = self.assessments.assessors_of(learner), self.assessments.attendance.taught(learner)
        for member in panel:
            if self.same_human(member, assessed):
                self.report(SOD_DECIDER_ASSESSED, f"staff/{member} assessed this candidate")
            else:
                self.assessments.exceptions.separate(
                    SOD_DECIDER_ASSESSED, member, taught, event, self.assessments.scope(assessment)
                )

    @on("assessment.reassessment_ordered")
    def reassessment_ordered(self, event: Event, assessment: Assessment) -> None:
        """Units of this assessment, each once; by the body, or by an appeal."""
        units, appeal = event.data["units"], event.data["appeal"]
        known = (
            units
            and len(set(units)) == len(units)
            and set(units) <= assessment.results.keys() | set(assessment.units)
        )
        self.require(known, REASSESSMENT_INVALID, f"the units {', '.join(units)}")
        self.require(
            (appeal is not None) == (event.role == "appeal_panel"), ROLE_FORBIDDEN, f"ordered by {event.role}"
        )
        if appeal is None:
            self.assessments.require_body(event, self.assessments.scheme_of(assessment))
        assessment.ordered = tuple(units)
        assessment.after_appeal = assessment.after_appeal or appeal is not None
        assessment.involve(event.actor)

    # -- what changes a result -------------------------------------------------------------------------------------

    @on("assessment.unit_result_corrected")
    def result_corrected(self, event: Event, assessment: Assessment) -> None:
        """Another result, naming the entry that stands; a decision on the old one awaits a new one."""
        self.assessments.require_body(event, self.assessments.scheme_of(assessment))
        unit, result = event.data["unit"], event.data["result"]
        before, corrects = assessment.results.get(unit), bytes.fromhex(event.data["corrects"] or "")
        right = before is not None and before[0] != result and before[1] == corrects
        old = before[0] if before else "nothing"
        self.require(right, RESULT_INVALID, f"the unit {unit} was corrected from {old} to {result}")
        self._change(event, assessment, unit, result)

    @on("assessment.reopened")
    def reopened(self, event: Event, assessment: Assessment) -> None:
        """By an appeal; what it says is checked with the appeal."""
        unit, result = event.data["unit"], event.data["result"]
        before = assessment.standing.get(unit, "nothing")
        right = unit in assessment.results and before != result
        self.require(right, RESULT_INVALID, f"the unit {unit} was changed from {before}")
        self._change(event, assessment, unit, result)

    @staticmethod
    def _change(event: Event, assessment: Assessment, unit: str, result: str) -> None:
        assessment.results[intern(unit)] = (result, event.digest)
        if assessment.state == "decided":
            assessment.state = "recommended"
        assessment.involve(event.actor)
