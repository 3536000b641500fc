"""Rules about a learner's way through a training: application, seat, moving, leaving, completion.

- One enrolment a person and cohort; a seat within the capacity, one person each, after the privacy notice.
- A unit is recognised once. Percentages are recomputed, never believed.
- Who is moved or resumed takes hours along in the same scheme only. Leaving closes the enrolment in the same
  act, for a neutral reason.
"""

from typing import ClassVar

from verifier.event import Event
from verifier.finding import wrong
from verifier.rules.area import Area, on
from verifier.rules.attendance import Attendance
from verifier.rules.cohorts import Cohort, Cohorts
from verifier.rules.enrolment import COMPLETED, Enrolment
from verifier.rules.learners import Learners
from verifier.rules.organisations import PUBLIC_FIELD_FORBIDDEN, Organisation
from verifier.rules.partners import ORG_FORBIDDEN
from verifier.rules.powers import ROLE_FORBIDDEN
from verifier.rules.schemes import Version
from verifier.rules.words import denied
from verifier.rules.world import World

ENROLMENT_DUPLICATE = wrong("ENROLMENT_DUPLICATE", "One person was enrolled twice in one training.")
COHORT_FULL = wrong("COHORT_FULL", "A seat was given twice, or one that the training does not have.")
NOTICE_NOT_ACKNOWLEDGED = wrong(
    "NOTICE_NOT_ACKNOWLEDGED", "A person was confirmed before acknowledging the privacy notice."
)
CREDIT_INVALID = wrong(
    "CREDIT_INVALID", "More hours were recognised for a unit than it has, or a unit was recognised twice."
)
COMPLETION_WRONG = wrong(
    "COMPLETION_WRONG",
    "The hours or the percentage of a completed training are not those that the attendance entries make.",
)
HOURS_NOT_COUNTED = wrong(
    "HOURS_NOT_COUNTED", "A learner took hours along into another scheme, in which they do not count."
)
CLOSING_INVALID = wrong(
    "CLOSING_INVALID",
    "An enrolment was left without being closed in the same act, closed as completed without being so, "
    "or resumed without a transfer.",
)


class Enrolments(Area):
    """See the module."""

    THINGS: ClassVar = {"enrolment": Enrolment}

    def __init__(self, world: World, cohorts: Cohorts, learners: Learners, attendance: Attendance) -> None:
        super().__init__(world)
        self.cohorts = cohorts
        self.learners = learners
        self.attendance = attendance

    # -- selection -------------------------------------------------------------------------------------------

    @on("enrolment.applied")
    def applied(self, event: Event, enrolment: Enrolment) -> None:
        """To an open cohort, once a person."""
        enrolment.learner = self.learners.usable(event.data["learner"])
        enrolment.cohort = self.world.need(Cohort, "cohort", event.data["cohort"])
        if enrolment.learner is not None:
            enrolment.learner.enrolments = (*enrolment.learner.enrolments, enrolment)
        if enrolment.cohort is not None:
            self._enter(enrolment, enrolment.cohort, "open")
            self._provider(event, enrolment)

    @on("enrolment.selected", "enrolment.rejected")
    def selected(self, event: Event, enrolment: Enrolment) -> None:
        """By the facility's approver where a facility takes part, by the provider elsewhere."""
        cohort = enrolment.cohort
        if cohort is not None:
            site = self.world.find(Organisation, "organisation", cohort.site)
            facility = site is not None and site.kind == "correctional_facility"
            role = "correctional_approver" if facility else "training_admin"
            self.require(event.role == role, ROLE_FORBIDDEN, f"here it is for the {role}")
            self.require(
                event.org == (cohort.site if facility else cohort.provider),
                ORG_FORBIDDEN,
                "another organisation's cohort",
            )
        if event.type == "enrolment.rejected":
            self._reason(event.data["code"])
            self._leave(enrolment)
        self._not_erased(enrolment)

    @on("enrolment.notice_acknowledged")
    def notice(self, event: Event, enrolment: Enrolment) -> None:
        """The privacy notice, in some version."""
        self._provider(event, enrolment)
        enrolment.notice = True

    @on("enrolment.confirmed")
    def confirmed(self, event: Event, enrolment: Enrolment) -> None:
        """A free seat, after the notice, of a cohort that is open."""
        self._provider(event, enrolment)
        self.require(enrolment.notice, NOTICE_NOT_ACKNOWLEDGED, "confirmed without the notice")
        cohort = enrolment.cohort
        if cohort is not None:
            self.cohorts.require_state(cohort, "open")
            self._sit(enrolment, cohort, event.data["seat"])

    # -- hours -----------------------------------------------------------------------------------------------

    @on("enrolment.unit_credit_recognised")
    def credit(self, event: Event, enrolment: Enrolment) -> None:
        """A unit of the cohort's scheme, once, no more hours than it has."""
        self._provider(event, enrolment)
        unit, jp = event.data["unit"], event.data["jp"]
        version = self._version(enrolment)
        within = version is not None and unit in version.units and jp <= version.units[unit][3]
        once = all(known != unit for known, _ in enrolment.credits)
        self.require(once and within, CREDIT_INVALID, f"{jp} JP for {unit}")
        enrolment.credits = (*enrolment.credits, (unit, jp))

    @on("enrolment.delivery_context_changed")
    def context_changed(self, event: Event, enrolment: Enrolment) -> None:
        """By the site's own liaison."""
        self._site(event, enrolment)

    # -- moving, leaving, ending -------------------------------------------------------------------------------

    @on("enrolment.moved")
    def moved(self, event: Event, enrolment: Enrolment) -> None:
        """To a cohort that takes people; with a seat if there was one; hours in the same scheme only."""
        self._provider(event, enrolment)
        target = self.world.need(Cohort, "cohort", event.data["to"])
        seat, old = event.data["seat"], enrolment.cohort
        self.require(
            (seat is None) == (enrolment.seat is None), COHORT_FULL, "a seat was lost or won by moving"
        )
        if target is None or old is None:
            return
        under_way = enrolment.state == "active"
        if under_way:
            self._same_scheme(old, target)
        self._leave(enrolment)
        self._enter(enrolment, target, *(("open", "running") if under_way else ("open",)))
        if seat is not None:
            self._sit(enrolment, target, seat)

    @on("enrolment.transferred_out")
    def transferred_out(self, event: Event, enrolment: Enrolment) -> None:
        """By the site's own liaison; closed in the same act."""
        self._site(event, enrolment)
        enrolment.transferred = True

    @on("enrolment.withdrawn")
    def withdrawn(self, event: Event, enrolment: Enrolment) -> None:
        """By the provider; closed in the same act."""
        self._provider(event, enrolment)

    @on("enrolment.resumed")
    def resumed(self, event: Event, enrolment: Enrolment) -> None:
        """Only after a transfer, in the same scheme, with a seat."""
        self.require(enrolment.transferred, CLOSING_INVALID, "resumed without a transfer")
        cohort, old = self.world.need(Cohort, "cohort", event.data["cohort"]), enrolment.cohort
        enrolment.state = "active" if enrolment.attendance else "confirmed"
        enrolment.transferred = False
        if cohort is None or old is None:
            return
        self._same_scheme(old, cohort)
        self._enter(enrolment, cohort, "open", "running")
        self._sit(enrolment, cohort, event.data["seat"])
        self._provider(event, enrolment)

    @on("enrolment.completed")
    def completed(self, event: Event, enrolment: Enrolment) -> None:
        """With the hours and the percentage that the entries make."""
        self._provider(event, enrolment)
        data = event.data
        enrolment.total_jp = data["total_jp"]
        version = self._version(enrolment)
        total = version.total_jp if version else None
        found = (enrolment.jp, total, enrolment.tenths)
        said = (data["jp"], data["total_jp"], data["percent_x10"])
        self.require(
            found == said,
            COMPLETION_WRONG,
            f"{said} is written, the entries make {found} (JP, of, tenths of a percent)",
        )

    @on("enrolment.closed")
    def closed(self, event: Event, enrolment: Enrolment) -> None:
        """As completed only what is; in the act that the learner leaves with, or by the provider."""
        reason = event.data["reason"]
        left = [other for other in self.world.acts if other.stream == enrolment.stream]
        leaving = any(other.type in _LEAVING for other in left)
        if event.role == "correctional_liaison":
            self.require(leaving, ROLE_FORBIDDEN, "a liaison closes by a transfer only")
        else:
            self._provider(event, enrolment)
        done = reason != COMPLETED or enrolment.state == "completed"
        self.require(done, CLOSING_INVALID, "closed as completed without being so")
        self._reason(reason)
        if reason != COMPLETED:
            self._leave(enrolment)
        enrolment.reason = reason

    def after(self, events: list[Event]) -> None:
        """Check what a whole act must hold: who leaves is closed in it."""
        closed = {event.stream for event in events if event.type == "enrolment.closed"}
        for event in events:
            if event.type in _LEAVING and event.stream not in closed:
                self.report(CLOSING_INVALID, f"{event.stream} was left and not closed")

    # -- shared ------------------------------------------------------------------------------------------------

    def _version(self, enrolment: Enrolment) -> Version | None:
        cohort = enrolment.cohort
        return None if cohort is None else self.cohorts.schemes.version(cohort.scheme, cohort.version)

    def _enter(self, enrolment: Enrolment, cohort: Cohort, *states: str) -> None:
        self.cohorts.require_state(cohort, *states)
        enrolment.cohort = cohort
        people = enrolment.learner.entries() if enrolment.learner else []
        streams = {other.stream for person in people for other in person.enrolments}
        double = (cohort.enrolments & streams) - {enrolment.stream}
        self.require(not double, ENROLMENT_DUPLICATE, f"{', '.join(sorted(double))} is of the same person")
        cohort.enrolments.add(enrolment.stream)
        place = self.attendance.number(cohort.stream)
        enrolment.marked = sum(
            {1 << entry.session for entry in enrolment.sessions() if entry.cohort == place}
        )

    def _leave(self, enrolment: Enrolment) -> None:
        if enrolment.cohort is not None:
            enrolment.cohort.enrolments.discard(enrolment.stream)
            if enrolment.seat is not None:
                enrolment.cohort.seats.discard(enrolment.seat)
        enrolment.seat = None

    def _sit(self, enrolment: Enrolment, cohort: Cohort, seat: int) -> None:
        free = 1 <= seat <= cohort.capacity and seat not in cohort.seats
        self.require(free, COHORT_FULL, f"seat {seat} of {cohort.capacity}")
        cohort.seats.add(seat)
        enrolment.seat = seat

    def _same_scheme(self, old: Cohort, new: Cohort) -> None:
        same = (old.scheme, old.version) == (new.scheme, new.version)
        self.require(same, HOURS_NOT_COUNTED, f"from {old.stream} to {new.stream}")

    def _provider(self, event: Event, enrolment: Enrolment) -> None:
        right = enrolment.cohort is None or event.org == enrolment.cohort.provider
        self.require(right, ORG_FORBIDDEN, "not given by the cohort's provider")
        self._not_erased(enrolment)

    def _site(self, event: Event, enrolment: Enrolment) -> None:
        right = enrolment.cohort is None or event.org == enrolment.cohort.site
        self.require(right, ORG_FORBIDDEN, "not given by the training's site")
        self._not_erased(enrolment)

    def _not_erased(self, enrolment: Enrolment) -> None:
        if enrolment.learner is not None:
            self.learners.require_not_erased(enrolment.learner)

    def _reason(self, reason: str) -> None:
        word = denied(reason)
        self.require(word is None, PUBLIC_FIELD_FORBIDDEN, f"a reason holds the word {word!r}")


_LEAVING = frozenset({"enrolment.transferred_out", "enrolment.withdrawn"})
