"""Rules about the hours that a learner attends, and who has taught whom.

Hours are those of sessions that were scheduled, no more than a session has, recorded by an instructor of the
cohort, once; a correction names the entry that stands.
"""

from verifier.event import Event
from verifier.finding import wrong
from verifier.rules.area import Area, on
from verifier.rules.cohorts import Cohort, Cohorts
from verifier.rules.enrolment import FULL, MARK_SIZE, PACKED, Enrolment
from verifier.rules.learners import Learner, Learners
from verifier.rules.partners import ORG_FORBIDDEN
from verifier.rules.powers import ROLE_FORBIDDEN
from verifier.rules.world import World

BEGUN = ("running", "closed")

ATTENDANCE_EXCEEDS_SESSION = wrong(
    "ATTENDANCE_EXCEEDS_SESSION", "More hours were recorded for a person than the session had."
)
ATTENDANCE_INVALID = wrong(
    "ATTENDANCE_INVALID",
    "Attendance was recorded twice for a session, or corrected against another entry than the one that "
    "stands.",
)


class Attendance(Area):
    """See the module. `names` numbers cohorts' streams and accounts."""

    def __init__(self, world: World, cohorts: Cohorts, learners: Learners) -> None:
        super().__init__(world)
        self.cohorts = cohorts
        self.learners = learners
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}

    def taught(self, learner: Learner, since: str = "") -> set[str]:
        """Return the accounts that taught this person on or after a day, under any entry of the person.

        Teaching is a session that the learner attended: all instructors of the cohort, who held it and who
        recorded the attendance.
        """
        found: set[str] = set()
        for entry in learner.entries():
            for enrolment in entry.enrolments:
                if isinstance(enrolment, Enrolment):
                    found |= self._teachers(enrolment, since)
        return found

    def _teachers(self, enrolment: Enrolment, since: str) -> set[str]:
        found: set[str] = set()
        for place, number, jp, by, _ in PACKED.iter_unpack(enrolment.attendance):
            cohort = self.world.things[self.names[place]]
            if jp and isinstance(cohort, Cohort) and cohort.sessions[number].day >= since:
                found |= {self.names[by], *cohort.instructors, *cohort.sessions[number].held_by}
        return found

    def number(self, name: str) -> int:
        """Return the number of a cohort's stream or an account."""
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self.names)
            self.names.append(name)
        return number

    @on("enrolment.attendance_recorded")
    def attendance_recorded(self, event: Event, enrolment: Enrolment) -> None:
        """By an instructor of the cohort, once a session, no more hours than it has, not before its day."""
        # Most events of a national log are these, so nothing is said before it is needed.
        cohort, number, jp = enrolment.cohort, event.data["session"], event.data["jp"]
        if enrolment.state == "confirmed":
            enrolment.state = "active"
        if cohort is None:
            return
        if cohort.state not in BEGUN:
            self.cohorts.require_state(cohort, *BEGUN)
        self._instructor(event, cohort)
        session = self.cohorts.standing_session(cohort, number)
        if session is None:
            return
        if jp > session.jp:
            self.report(ATTENDANCE_EXCEEDS_SESSION, f"{jp} JP of {session.jp}")
        # In UTC; a zone may be up to a day ahead.
        if session.day > event.recorded_at[:10] and session.day > self.world.days(event.recorded_at)[1]:
            self.report(ATTENDANCE_INVALID, f"recorded before the session of {session.day}")
        if enrolment.marked >> number & 1:
            self.report(ATTENDANCE_INVALID, f"session {number} was recorded before")
        enrolment.marked |= 1 << number
        place, by = self.number(cohort.stream), self.number(event.actor)
        enrolment.attendance += PACKED.pack(place, number, min(jp, FULL), by, event.digest)
        if enrolment.learner is not None:
            self.learners.require_not_erased(enrolment.learner)

    @on("enrolment.attendance_corrected")
    def attendance_corrected(self, event: Event, enrolment: Enrolment) -> None:
        """Of the newest entry about the session, no more hours than it has."""
        data, named = event.data, bytes.fromhex(event.data["corrects"])[:MARK_SIZE]
        cohort = self.world.need(Cohort, "cohort", data["cohort"])
        entries = list(enrolment.sessions())
        found = next((place for place, entry in enumerate(entries) if entry.hash == named), None)
        if cohort is None or found is None:
            self.report(ATTENDANCE_INVALID, f"no standing entry has the hash {data['corrects'][:16]}…")
            return
        entry = entries[found]
        same = (self.names[entry.cohort], entry.session) == (cohort.stream, data["session"])
        self.require(same, ATTENDANCE_INVALID, "the corrected entry is about another session")
        session = cohort.sessions.get(entry.session)
        within = session is not None and data["jp"] <= session.jp
        self.require(within, ATTENDANCE_EXCEEDS_SESSION, f"{data['jp']} JP")
        if event.role == "instructor":
            self._instructor(event, cohort)
        else:
            self.require(event.org == cohort.provider, ORG_FORBIDDEN, "another provider's cohort")
        entries[found] = entry._replace(jp=min(data["jp"], FULL), hash=event.digest)
        enrolment.attendance = b"".join(PACKED.pack(*entry) for entry in entries)

    def _instructor(self, event: Event, cohort: Cohort) -> None:
        own = event.actor in cohort.instructors or self.same_human(event.actor, cohort.instructors)
        self.require(own, ROLE_FORBIDDEN, "recorded by nobody who is an instructor of this cohort")
