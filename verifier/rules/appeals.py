"""Rules about appeals against a certification decision.

- One appeal a decision, against the decision that stands, within the window.
- Nobody on the panel had a part before: taught, assessed, decided or acted in any attempt, filed the appeal, or
  named the panel. Members of the panel hear it and decide it.
- An upheld appeal has its remedy in the same act, and no assessment is reopened without one.

The window is counted in working days. Which days were holidays is not in the log: without a list of them, an
appeal that was late only if there were none cannot be judged.
"""

from typing import ClassVar

from verifier.authority import Authority
from verifier.event import Event
from verifier.finding import unknown, wrong
from verifier.rules.area import Area, on
from verifier.rules.assessment import Assessment
from verifier.rules.assessments import Assessments
from verifier.rules.exceptions import Exceptions
from verifier.rules.partners import ORG_FORBIDDEN
from verifier.rules.powers import ROLE_FORBIDDEN
from verifier.rules.world import Thing, World
from verifier.times import add_working_days

REMEDIES = ("assessment.reopened", "assessment.reassessment_ordered")
RESULT_CHANGED, REASSESSMENT = "UNIT_RESULT_CHANGED", "REASSESSMENT"

APPEAL_WINDOW_CLOSED = wrong("APPEAL_WINDOW_CLOSED", "An appeal was filed after the last day for it.")
APPEAL_WINDOW_UNCHECKED = unknown(
    "APPEAL_WINDOW_UNCHECKED",
    "Whether an appeal was in time depends on holidays, and no list of them was given.",
)
APPEAL_ALREADY_FILED = wrong("APPEAL_ALREADY_FILED", "A second appeal was filed against one decision.")
APPEAL_INVALID = wrong(
    "APPEAL_INVALID", "An appeal is against no decision that stood, or was heard without a panel."
)
SOD_APPEAL_PANEL_INVOLVED = wrong(
    "SOD_APPEAL_PANEL_INVOLVED", "Somebody sat on the panel of an appeal who had a part in the matter before."
)
REMEDY_WRONG = wrong(
    "REMEDY_WRONG",
    "An upheld appeal has no remedy in the same act, or an assessment was changed as by an appeal that "
    "did not say so.",
)


class Appeal(Thing):
    """An appeal with its assessment and its panel."""

    __slots__ = ("assessment", "filed_by", "panel")

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.assessment: Assessment | None = None
        self.filed_by = ""
        self.panel: tuple[str, ...] = ()


class Appeals(Area):
    """See the module."""

    THINGS: ClassVar = {"appeal": Appeal}

    def __init__(
        self, world: World, authority: Authority, assessments: Assessments, exceptions: Exceptions
    ) -> None:
        super().__init__(world)
        self.authority = authority
        self.assessments = assessments
        self.exceptions = exceptions

    @on("appeal.filed")
    def filed(self, event: Event, appeal: Appeal) -> None:
        """Against the decision that stands, once, in time."""
        appeal.filed_by = event.actor
        assessment = self.world.need(Assessment, "assessment", event.data["assessment"])
        if assessment is None:
            return
        appeal.assessment = assessment
        decision = assessment.decision
        if (
            decision is None
            or decision.digest.hex() != event.data["decision"]
            or assessment.state != "decided"
        ):
            self.report(APPEAL_INVALID, "it names no decision that stands")
            return
        self.require(not decision.appealed, APPEAL_ALREADY_FILED, "the decision was appealed before")
        decision.appealed = True
        settings = self.world.settings
        decided, day = self.world.days(decision.recorded_at)[1], self.world.days(event.occurred_at)[0]
        last = add_working_days(decided, settings.appeal_working_days, settings.holidays or frozenset())
        if day > last:
            rule = APPEAL_WINDOW_CLOSED if settings.holidays is not None else APPEAL_WINDOW_UNCHECKED
            self.report(rule, f"filed on {day}; without holidays the last day was {last}")

    @on("appeal.accepted")
    def accepted(self, event: Event, appeal: Appeal) -> None:
        """By the body that is appealed against."""
        self._body(event, appeal)

    @on("appeal.panel_assigned")
    def panel_assigned(self, event: Event, appeal: Appeal) -> None:
        """Members hold the role and had no part before."""
        self._body(event, appeal)
        appeal.panel = tuple(event.data["panel"])
        self.require(appeal.panel, APPEAL_INVALID, "the panel is empty")
        involved, scope = {appeal.filed_by, event.actor}, []
        attempt = appeal.assessment
        if attempt is not None:
            scope = self.assessments.scope(attempt)
            if attempt.learner is not None:
                involved |= self.assessments.attendance.taught(attempt.learner)
        while attempt is not None:
            involved.update(attempt.involved)
            attempt = attempt.previous
        for member in appeal.panel:
            held = self.authority.holds_anywhere(member, "appeal_panel")
            self.require(held, ROLE_FORBIDDEN, f"staff/{member} does not hold the role appeal_panel")
            self.exceptions.separate(SOD_APPEAL_PANEL_INVOLVED, member, involved, event, scope)

    @on("appeal.heard")
    def heard(self, event: Event, appeal: Appeal) -> None:
        """By a member, once there is a panel."""
        self.require(appeal.panel, APPEAL_INVALID, "heard without a panel")
        self._member(event, appeal)

    @on("appeal.upheld", "appeal.rejected")
    def upheld(self, event: Event, appeal: Appeal) -> None:
        """By a member."""
        self._member(event, appeal)

    def after(self, events: list[Event]) -> None:
        """Check what a whole act must hold: a remedy with its appeal, and an appeal with its remedy."""
        upheld = {event.id: event for event in events if event.type == "appeal.upheld"}
        remedies = {
            event.data["appeal"]: event
            for event in events
            if event.type in REMEDIES and event.data["appeal"] is not None
        }
        for name in sorted(upheld.keys() | remedies.keys()):
            appeal = self.world.find(Appeal, "appeal", name)
            fits = appeal is not None and _fits(appeal, upheld.get(name), remedies.get(name))
            self.require(fits, REMEDY_WRONG, f"appeal/{name} and what was done in this act do not fit")

    def _member(self, event: Event, appeal: Appeal) -> None:
        self.require(self.same_human(event.actor, appeal.panel), ROLE_FORBIDDEN, "by nobody of the panel")

    def _body(self, event: Event, appeal: Appeal) -> None:
        version = self.assessments.scheme_of(appeal.assessment) if appeal.assessment else None
        self.require(
            version is None or event.org == version.body, ORG_FORBIDDEN, "not given by the scheme's body"
        )


def _fits(appeal: Appeal, upheld: Event | None, remedy: Event | None) -> bool:
    """Tell whether a remedy is what the upheld appeal says."""
    if upheld is None or remedy is None or appeal.assessment is None:
        return False
    if remedy.stream != appeal.assessment.stream:
        return False
    said, done = upheld.data, remedy.data
    if said["remedy"] == RESULT_CHANGED:
        changed = remedy.type == "assessment.reopened"
        return changed and (done["unit"], done["result"]) == (said["unit"], said["result"])
    ordered = said["remedy"] == REASSESSMENT and remedy.type == "assessment.reassessment_ordered"
    return ordered and said["unit"] in {None, *(done["units"] if len(done["units"]) == 1 else ())}
