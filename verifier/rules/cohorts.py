"""Rules about cohorts: planned under a ready programme, opened at a ready site, held session by session.

- A cohort is planned under a synchronised programme, by the scheme's version that it adopted, inside the dates
  of an agreement between provider and site; only the provider's own site does without one.
- Enrolment opens while the agreement is in force, the scheme approved and the site's newest review ready.
- At most one session a day, inside the cohort's dates, held by an instructor of the cohort.
- A cancelled cohort leaves no enrolment open in it.
"""

from typing import ClassVar

from verifier.event import Event
from verifier.finding import wrong
from verifier.rules.area import Area, on
from verifier.rules.organisations import Organisation
from verifier.rules.partners import ORG_FORBIDDEN, Agreement, Partners
from verifier.rules.powers import ROLE_FORBIDDEN
from verifier.rules.schemes import Programme, Schemes
from verifier.rules.world import Thing, World

PROGRAMME_NOT_READY = wrong(
    "PROGRAMME_NOT_READY",
    "A training was planned before the need was recorded, instructors were offered and a scheme was "
    "adopted, or otherwise than its programme says.",
)
AGREEMENT_NOT_IN_FORCE = wrong(
    "AGREEMENT_NOT_IN_FORCE",
    "A training was planned or opened outside an agreement between provider and site.",
)
FACILITY_NOT_READY = wrong(
    "FACILITY_NOT_READY", "A training was opened at a site that no review in force says to be fit."
)
SESSION_INVALID = wrong(
    "SESSION_INVALID",
    "A session lies outside its training, falls on the day of another, or was held and cancelled.",
)
SESSION_NOT_SCHEDULED = wrong(
    "SESSION_NOT_SCHEDULED", "Something was recorded about a session that was not scheduled."
)
COHORT_INVALID = wrong(
    "COHORT_INVALID", "A training ends before it starts, has no seat, or names an instructor twice."
)
COHORT_NOT_EMPTIED = wrong(
    "COHORT_NOT_EMPTIED", "A training was cancelled while somebody was still enrolled in it."
)

COHORT_NOT_OPEN = wrong(
    "COHORT_NOT_OPEN",
    "Somebody was taken into, or recorded as attending, a training that did not take people or run then.",
)


class Cohort(Thing):
    """`sessions` by number, `seats` the taken ones, `enrolments` the streams of those in it."""

    __slots__ = (
        "agreement",
        "body",
        "capacity",
        "end",
        "enrolments",
        "instructors",
        "programme",
        "provider",
        "scheme",
        "seats",
        "sessions",
        "site",
        "start",
        "threshold",
        "version",
    )

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.programme = self.scheme = self.site = self.provider = self.body = ""
        self.agreement: str | None = None
        self.version = self.capacity = self.threshold = 0
        self.start = self.end = ""
        self.instructors: list[str] = []
        self.sessions: dict[int, Session] = {}
        self.seats: set[int] = set()
        self.enrolments: set[str] = set()


class Session:
    """One session: its day, its training hours, who held it, whether it was cancelled."""

    __slots__ = ("cancelled", "day", "held_by", "jp")

    def __init__(self, day: str, jp: int) -> None:
        self.day = day
        self.jp = jp
        self.held_by: tuple[str, ...] = ()
        self.cancelled = False


class Cohorts(Area):
    """See the module."""

    THINGS: ClassVar = {"cohort": Cohort}

    def __init__(self, world: World, schemes: Schemes, partners: Partners) -> None:
        super().__init__(world)
        self.schemes = schemes
        self.partners = partners

    def require_state(self, cohort: Cohort, *states: str) -> None:
        """Require that a cohort takes people, or that it runs."""
        self.require(cohort.state in states, COHORT_NOT_OPEN, f"{cohort.stream} is {cohort.state}")

    @on("cohort.planned")
    def planned(self, event: Event, cohort: Cohort) -> None:
        """As its programme, agreement and scheme say."""
        data = event.data
        cohort.programme, cohort.agreement, cohort.site = data["programme"], data["agreement"], data["site"]
        cohort.scheme, cohort.version = data["scheme"], data["version"]
        cohort.provider, cohort.body = data["provider"], data["body"]
        cohort.capacity, cohort.threshold = data["capacity"], data["threshold"]
        self._own(event, cohort)
        self.world.need(Organisation, "organisation", cohort.site)
        programme = self.world.need(Programme, "programme", cohort.programme)
        if programme is not None:
            self.require(
                programme.state == "synchronised"
                and programme.provider == cohort.provider
                and programme.adopted == (cohort.scheme, cohort.version)
                and programme.threshold == cohort.threshold,
                PROGRAMME_NOT_READY,
                f"the programme is {programme.state}, or says otherwise",
            )
        version = self.schemes.approved(cohort.scheme, cohort.version)
        body = version is None or version.body == cohort.body
        self.require(body, PROGRAMME_NOT_READY, "another certification body than the scheme's")
        self._dates(cohort, data["start"], data["end"])
        self.require(cohort.capacity >= 1, COHORT_INVALID, "it has no seat")

    @on("cohort.instructor_assigned")
    def instructor_assigned(self, event: Event, cohort: Cohort) -> None:
        """Who holds the role, once."""
        staff = event.data["instructor"]
        self._own(event, cohort)
        self.schemes.require_instructor(staff)
        self.require(staff not in cohort.instructors, COHORT_INVALID, "an instructor is assigned twice")
        cohort.instructors.append(staff)

    @on("cohort.session_scheduled")
    def session_scheduled(self, event: Event, cohort: Cohort) -> None:
        """The next number, on a free day inside the dates."""
        data = event.data
        self._own(event, cohort)
        day = data["date"]
        number = data["session"] == len(cohort.sessions) + 1
        taken = any(found.day == day and not found.cancelled for found in cohort.sessions.values())
        inside = cohort.start <= day <= cohort.end
        self.require(number and inside and not taken, SESSION_INVALID, f"session {data['session']} on {day}")
        cohort.sessions[data["session"]] = Session(day, data["jp"])

    @on("cohort.enrolment_opened")
    def enrolment_opened(self, event: Event, cohort: Cohort) -> None:
        """Agreement in force, scheme approved, site ready: on the day of recording."""
        self._own(event, cohort)
        days = self.world.days(event.recorded_at)
        if cohort.agreement is not None:
            agreement = self.world.need(Agreement, "agreement", cohort.agreement)
            if agreement is not None:
                in_force = any(map(agreement.in_force, days))
                self.require(in_force, AGREEMENT_NOT_IN_FORCE, f"opened on {days[0]}")
        self.schemes.approved(cohort.scheme, cohort.version)
        ready = self.partners.is_ready(cohort.site, days)
        self.require(ready, FACILITY_NOT_READY, f"opened on {days[0]} at organisation/{cohort.site}")

    @on("cohort.started", "cohort.closed")
    def started(self, event: Event, cohort: Cohort) -> None:
        """By the provider."""
        self._own(event, cohort)

    @on("cohort.session_held")
    def session_held(self, event: Event, cohort: Cohort) -> None:
        """By an instructor of the cohort, who says so for nobody else, and not before its day."""
        data = event.data
        own = data["instructor"] == event.actor and self.same_human(event.actor, cohort.instructors)
        self.require(own, ROLE_FORBIDDEN, "held by nobody who is an instructor of this cohort")
        session = self.standing_session(cohort, data["session"])
        if session is not None:
            early = session.day > self.world.days(event.recorded_at)[1]
            self.require(not early, SESSION_INVALID, f"the session of {session.day} was held before its day")
            twice = event.actor in session.held_by
            self.require(not twice, SESSION_INVALID, "one instructor held the session twice")
            session.held_by = (*session.held_by, event.actor)

    @on("cohort.session_cancelled")
    def session_cancelled(self, event: Event, cohort: Cohort) -> None:
        """One that was not held."""
        self._own(event, cohort)
        session = self.standing_session(cohort, event.data["session"])
        if session is not None:
            self.require(not session.held_by, SESSION_INVALID, "a session was held and cancelled")
            session.cancelled = True

    @on("cohort.rescheduled")
    def rescheduled(self, event: Event, cohort: Cohort) -> None:
        """Inside the agreement, with every session that stays inside the new dates."""
        self._own(event, cohort)
        self._dates(cohort, event.data["start"], event.data["end"])
        for session in cohort.sessions.values():
            inside = session.cancelled or cohort.start <= session.day <= cohort.end
            self.require(inside, SESSION_INVALID, f"the session of {session.day} is left outside")

    @on("cohort.cancelled")
    def cancelled(self, event: Event, cohort: Cohort) -> None:
        """By the provider; nobody is left in it after the act."""
        self._own(event, cohort)

    def after(self, events: list[Event]) -> None:
        """Check what a whole act must hold: whoever was enrolled in a cancelled cohort is not any more."""
        for event in events:
            cohort = self.world.find(Cohort, "cohort", event.id) if event.type == "cohort.cancelled" else None
            for stream in sorted(cohort.enrolments) if cohort else ():
                state = self.world.things[stream].state
                self.require(state == "closed", COHORT_NOT_EMPTIED, f"{stream} is {state}")

    def standing_session(self, cohort: Cohort, number: int) -> Session | None:
        """Return a session that is scheduled and not cancelled, or report that there is none."""
        found = cohort.sessions.get(number)
        if found is None or found.cancelled:
            self.report(SESSION_NOT_SCHEDULED, f"session {number} of {cohort.stream}")
            return None
        return found

    def _own(self, event: Event, cohort: Cohort) -> None:
        self.require(event.org == cohort.provider, ORG_FORBIDDEN, "not given by the cohort's provider")

    def _dates(self, cohort: Cohort, start: str, end: str) -> None:
        cohort.start, cohort.end = start, end
        self.require(start <= end, COHORT_INVALID, "it ends before it starts")
        if cohort.agreement is None:
            own = cohort.site == cohort.provider
            self.require(own, AGREEMENT_NOT_IN_FORCE, "no agreement is named for another organisation's site")
            return
        agreement = self.world.need(Agreement, "agreement", cohort.agreement)
        if agreement is not None:
            parties = {cohort.provider, cohort.site}
            between = parties <= set(agreement.parties)
            covered = between and agreement.covers(start, end)
            self.require(covered, AGREEMENT_NOT_IN_FORCE, f"{start} to {end} is not covered by the agreement")
