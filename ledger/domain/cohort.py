"""Cohort: one run of a programme at one site, with its dates, sessions, instructors and seats.

At most one session is held on a day, so that a day names a session. Seats are unique rows, not state, since
two confirmations may race. What a cohort needs from programme, agreement, scheme and site is the commands'
to check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event
from ledger.errors import DomainError

_ALIVE = ("planned", "open", "running")


@dataclass(frozen=True, slots=True)
class Session:
    """One session: ``number`` counts from 1 in the cohort, ``jp`` is its length, ``held_by`` accounts."""

    number: int
    day: date
    jp: int
    held_by: tuple[str, ...] = ()
    cancelled: bool = False


class Cohort(Aggregate):
    """``threshold`` is the attendance, in percent, that completion of the training needs."""

    NAME = "cohort"
    RELATIONS: ClassVar = {
        "planned": (("programme.cohorts", "programme", "@id"),),
        "instructor_assigned": (("instructor.cohorts", "instructor", "@id"),),
    }

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.programme = ""
        self.scheme = ""
        self.scheme_version = 0
        self.agreement: str | None = None
        self.site = ""
        self.provider = ""
        self.body = ""
        self.capacity = 0
        self.start = date.min
        self.end = date.min
        self.jp_per_day = 0
        self.threshold = 0
        self.instructors: tuple[str, ...] = ()
        self.sessions: dict[int, Session] = {}

    # -- questions -------------------------------------------------------------------------------------

    @property
    def at_own_site(self) -> bool:
        """Whether the provider trains at a site of its own, with no facility."""
        return self.site == self.provider

    def session_on(self, day: date) -> Session | None:
        """The session scheduled on this day and not cancelled."""
        return next(
            (found for found in self.sessions.values() if found.day == day and not found.cancelled), None
        )

    def require_session(self, day: date) -> Session:
        """The session on this day; SESSION_NOT_SCHEDULED when there is none."""
        found = self.session_on(day)
        if found is None:
            raise DomainError(
                "SESSION_NOT_SCHEDULED",
                f"no session of this cohort is scheduled on {day}",
                "Check the day against the cohort's sessions; an added session is scheduled first.",
            )
        return found

    # -- acts ------------------------------------------------------------------------------------------

    def plan(
        self,
        act: Act,
        *,
        programme: str,
        scheme: str,
        version: int,
        agreement: str | None,
        site: str,
        provider: str,
        body: str,
        capacity: int,
        start: date,
        end: date,
        jp_per_day: int,
        threshold: int,
    ) -> None:
        """Begin; VALUE_INVALID when it would end before it starts."""
        self.require_state("")
        _require_order(start, end)
        self.record(
            act,
            "planned",
            programme=programme,
            scheme=scheme,
            version=version,
            agreement=agreement,
            site=site,
            provider=provider,
            body=body,
            capacity=capacity,
            start=start.isoformat(),
            end=end.isoformat(),
            jp_per_day=jp_per_day,
            threshold=threshold,
        )

    def assign_instructor(self, act: Act, instructor: str) -> None:
        """One more instructor (staff id)."""
        self.require_state(*_ALIVE)
        if instructor in self.instructors:
            raise DomainError("VALUE_INVALID", "this instructor is assigned already")
        self.record(act, "instructor_assigned", instructor=instructor)

    def schedule(self, act: Act, sessions: Sequence[tuple[date, int | None]]) -> None:
        """Schedule sessions as (day, JP or None for the cohort's JP a day), inside its dates, one a day."""
        self.require_state(*_ALIVE)
        for day, jp in sessions:
            if not self.start <= day <= self.end:
                raise DomainError(
                    "VALUE_INVALID", f"{day} lies outside the cohort, {self.start} to {self.end}"
                )
            if self.session_on(day) is not None:
                raise DomainError("VALUE_INVALID", f"a session is scheduled on {day} already")
            self.record(
                act,
                "session_scheduled",
                session=len(self.sessions) + 1,
                date=day.isoformat(),
                jp=self.jp_per_day if jp is None else jp,
            )

    def open_enrolment(self, act: Act) -> None:
        """Learners may apply from now on."""
        self.require_state("planned")
        self.record(act, "enrolment_opened")

    def begin(self, act: Act) -> None:
        """The training starts."""
        self.require_state("open")
        self.record(act, "started")

    def hold_session(self, act: Act, *, day: date, instructor: str) -> None:
        """The session of this day was held by this instructor; two who teach together record it each."""
        self.require_state("running")
        session = self.require_session(day)
        if instructor in session.held_by:
            raise DomainError("VALUE_INVALID", f"the session on {day} is recorded as held already")
        self.record(act, "session_held", session=session.number, instructor=instructor)

    def cancel_session(self, act: Act, day: date) -> None:
        """The session of this day is not held."""
        self.require_state(*_ALIVE)
        session = self.require_session(day)
        if session.held_by:
            raise DomainError("VALUE_INVALID", f"the session on {day} was held and cannot be cancelled")
        self.record(act, "session_cancelled", session=session.number)

    def reschedule(
        self, act: Act, *, start: date, end: date, sessions: Sequence[tuple[date, int | None]], today: date
    ) -> None:
        """New dates; sessions from today on that were not held are cancelled, the given ones scheduled.

        VALUE_INVALID when a session that stays would lie outside the new dates.
        """
        self.require_state(*_ALIVE)
        _require_order(start, end)
        standing = [session for session in self.sessions.values() if not session.cancelled]
        dropped = [session for session in standing if session.day >= today and not session.held_by]
        if any(not start <= session.day <= end for session in standing if session not in dropped):
            raise DomainError(
                "VALUE_INVALID", "a session that is past or was held would lie outside the new dates"
            )
        for session in dropped:
            self.record(act, "session_cancelled", session=session.number)
        self.record(act, "rescheduled", start=start.isoformat(), end=end.isoformat())
        self.schedule(act, sessions)

    def cancel(self, act: Act, *, reason: str, displaced: Sequence[str]) -> None:
        """It does not take place, or not to its end; ``displaced`` enrolments moved to another cohort."""
        self.require_state(*_ALIVE)
        self.record(act, "cancelled", reason=reason, displaced=list(displaced))

    def close(self, act: Act) -> None:
        """Everything about it is done."""
        self.require_state("running")
        self.record(act, "closed")

    # -- folding ---------------------------------------------------------------------------------------

    def on_planned(self, event: Event) -> None:
        """Planned."""
        data = event.data
        self.state = "planned"
        self.programme = data["programme"]
        self.scheme = data["scheme"]
        self.scheme_version = data["version"]
        self.agreement = data["agreement"]
        self.site = data["site"]
        self.provider = data["provider"]
        self.body = data["body"]
        self.capacity = data["capacity"]
        self.start = date.fromisoformat(data["start"])
        self.end = date.fromisoformat(data["end"])
        self.jp_per_day = data["jp_per_day"]
        self.threshold = data["threshold"]

    def on_instructor_assigned(self, event: Event) -> None:
        """Assigned."""
        self.instructors = (*self.instructors, event.data["instructor"])

    def on_session_scheduled(self, event: Event) -> None:
        """Scheduled."""
        data = event.data
        number = data["session"]
        self.sessions[number] = Session(number, date.fromisoformat(data["date"]), data["jp"])

    def on_enrolment_opened(self, _event: Event) -> None:
        """Opened."""
        self.state = "open"

    def on_started(self, _event: Event) -> None:
        """Started."""
        self.state = "running"

    def on_session_held(self, event: Event) -> None:
        """Held."""
        session = self.sessions[event.data["session"]]
        held_by = (*session.held_by, event.data["instructor"])
        self.sessions[session.number] = replace(session, held_by=held_by)

    def on_session_cancelled(self, event: Event) -> None:
        """Cancelled."""
        session = self.sessions[event.data["session"]]
        self.sessions[session.number] = replace(session, cancelled=True)

    def on_rescheduled(self, event: Event) -> None:
        """Rescheduled."""
        self.start = date.fromisoformat(event.data["start"])
        self.end = date.fromisoformat(event.data["end"])

    def on_cancelled(self, _event: Event) -> None:
        """Cancelled."""
        self.state = "cancelled"

    def on_closed(self, _event: Event) -> None:
        """Closed."""
        self.state = "closed"


def _require_order(start: date, end: date) -> None:
    if end < start:
        raise DomainError("VALUE_INVALID", f"it would end on {end}, before it starts on {start}")
