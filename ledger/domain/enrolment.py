"""Enrolment: one learner's way through one training, from the application to its end.

    applied -> selected -> confirmed -> active -> completed -> closed

A rejected application is closed with its code. Training hours (JP) are those attended and those recognised
from elsewhere; they stay when the learner moves to another cohort or leaves and is resumed. A percentage is
kept in tenths, rounded down, so that comparing it with a whole-number threshold is exact. An attendance entry
is never changed: a correction names the entry it corrects.

What a learner's release or transfer has to do with custody is a commitment; the log has neutral codes only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event
from ledger.errors import DomainError

COMPLETED = "COMPLETED"
"""The closing reason of an enrolment that ran its course; given only after completion."""

TRAINING_STATES = ("applied", "selected", "confirmed", "active")
OPEN_STATES = (*TRAINING_STATES, "completed")
FULL_SCALE = 1000

Commitment = dict[str, str]


@dataclass(frozen=True, slots=True)
class Attendance:
    """JP attended in one session. ``by`` taught and recorded it; ``hash`` is the newest entry about it."""

    cohort: str
    session: int
    jp: int
    by: str
    hash: str | None


class Enrolment(Aggregate):
    """State: who, where, the seat (None without one), the hours, and why it was closed (None while open)."""

    NAME = "enrolment"
    RELATIONS: ClassVar = {
        "applied": (("learner.enrolments", "learner", "@id"), ("cohort.enrolments", "cohort", "@id")),
        "moved": (("cohort.enrolments", "to", "@id"),),
        "resumed": (("cohort.enrolments", "cohort", "@id"),),
    }

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.learner = ""
        self.cohort = ""
        self.seat: int | None = None
        self.notice: str | None = None
        self.attendance: dict[tuple[str, int], Attendance] = {}
        self.credits: dict[str, int] = {}
        self.total_jp: int | None = None
        self.transferred = False
        self.reason: str | None = None

    # -- questions -------------------------------------------------------------------------------------

    @property
    def subject(self) -> str:
        """The stream of the person whose facts this enrolment's events commit to."""
        return f"learner/{self.learner}"

    @property
    def jp(self) -> int:
        """Training hours so far: attended and recognised."""
        return sum(entry.jp for entry in self.attendance.values()) + sum(self.credits.values())

    @property
    def percent_x10(self) -> int | None:
        """Tenths of a percent of the scheme's hours, corrections included; None before completion."""
        return None if self.total_jp is None else tenths(self.jp, self.total_jp)

    @property
    def finished(self) -> bool:
        """Whether the training was completed, closed as such or not yet closed."""
        return self.state == "completed" or (self.state == "closed" and self.reason == COMPLETED)

    # -- selection ---------------------------------------------------------------------------------------

    def apply(self, act: Act, *, learner: str, cohort: str) -> None:
        """Begin."""
        self.require_state("")
        self.record(act, "applied", learner=learner, cohort=cohort)

    def select(self, act: Act) -> None:
        """A place is meant for this person."""
        self.require_state("applied")
        self.record(act, "selected")

    def reject(self, act: Act, *, code: str) -> None:
        """No place, for a neutral reason."""
        self.require_state("applied", "selected")
        self.record(act, "rejected", code=code)

    def acknowledge_notice(self, act: Act, *, version: str) -> None:
        """The person has read the privacy notice in this version."""
        self.require_state(*OPEN_STATES)
        self.record(act, "notice_acknowledged", version=version)

    def confirm(self, act: Act, *, seat: int) -> None:
        """Take a seat; NOTICE_NOT_ACKNOWLEDGED before the privacy notice is acknowledged."""
        self.require_state("selected")
        if self.notice is None:
            raise DomainError(
                "NOTICE_NOT_ACKNOWLEDGED",
                "the person has not acknowledged the privacy notice",
                "Show the notice, record the acknowledgement, then confirm.",
            )
        self.record(act, "confirmed", seat=seat)

    # -- hours -----------------------------------------------------------------------------------------

    def require_attending(self) -> None:
        """Attendance may be entered until the enrolment is closed, since paper comes late."""
        self.require_state("confirmed", "active", "completed")

    def record_attendance(self, act: Act, *, session: int, jp: int, session_jp: int) -> None:
        """``jp`` hours of a session of ``session_jp``; ATTENDANCE_EXCEEDS_SESSION when more than it has."""
        self.require_attending()
        _require_within(jp, session_jp)
        if (self.cohort, session) in self.attendance:
            raise DomainError(
                "VALUE_INVALID",
                "attendance at this session is recorded already",
                "If it is wrong, record a correction that names the entry.",
            )
        self.record(act, "attendance_recorded", session=session, jp=jp)

    def attendance_entry(self, entry: str) -> Attendance:
        """What the payload hash ``entry`` says, if nothing newer corrects it; UNKNOWN_ID otherwise."""
        for attended in self.attendance.values():
            if attended.hash == entry:
                return attended
        raise DomainError(
            "UNKNOWN_ID",
            f"no attendance entry {entry[:16]}… stands for this enrolment",
            "Name the newest entry about the session: the record, or its last correction.",
        )

    def correct_attendance(self, act: Act, *, corrects: str, jp: int, session_jp: int) -> None:
        """Put right what the entry with this payload hash says; possible after closing too."""
        attended = self.attendance_entry(corrects)
        _require_within(jp, session_jp)
        self.record(
            act,
            "attendance_corrected",
            cohort=attended.cohort,
            session=attended.session,
            jp=jp,
            corrects=corrects,
        )

    def recognise_credit(self, act: Act, *, unit: str, jp: int, evidence: Commitment) -> None:
        """Hours of a unit gained elsewhere, once a unit."""
        self.require_state("selected", "confirmed", "active")
        if unit in self.credits:
            raise DomainError("VALUE_INVALID", f"credit for {unit} is recognised already")
        self.record(act, "unit_credit_recognised", unit=unit, jp=jp, evidence=evidence)

    def change_context(self, act: Act, *, context: Commitment, continues_at: Commitment) -> None:
        """The learner goes on under other circumstances; both facts are custody data."""
        self.require_state(*OPEN_STATES)
        self.record(act, "delivery_context_changed", context=context, continues_at=continues_at)

    # -- moving, leaving, ending -------------------------------------------------------------------------

    def move(self, act: Act, *, to: str, seat: int | None) -> None:
        """Go on in another cohort, with a seat there if there was one here."""
        self.require_state(*TRAINING_STATES)
        self.record(act, "moved", to=to, seat=seat)

    def transfer_out(self, act: Act, *, to: Commitment, reason: str) -> None:
        """Leave for another place; the hours stay and the enrolment may be resumed."""
        self.require_state(*TRAINING_STATES)
        self.record(act, "transferred_out", to=to, reason=reason)
        self.record(act, "closed", reason=reason)

    def require_transferred(self) -> None:
        """ENROLMENT_STATE_INVALID unless the learner was transferred out."""
        if not self.transferred:
            raise DomainError(
                "ENROLMENT_STATE_INVALID",
                f"this enrolment is {self.state or 'new'} and was not transferred out",
                "Only who was transferred out is resumed; others apply again.",
            )

    def resume(self, act: Act, *, cohort: str, seat: int) -> None:
        """Go on elsewhere after a transfer."""
        self.require_transferred()
        self.record(act, "resumed", cohort=cohort, seat=seat)

    def withdraw(self, act: Act, *, reason: str) -> None:
        """The learner leaves the training."""
        self.require_state(*TRAINING_STATES)
        self.record(act, "withdrawn", reason=reason)
        self.record(act, "closed", reason=reason)

    def complete(self, act: Act, *, total_jp: int) -> None:
        """The training is over; ``total_jp`` is what the scheme demands."""
        self.require_state("confirmed", "active")
        self.record(act, "completed", jp=self.jp, total_jp=total_jp, percent_x10=tenths(self.jp, total_jp))

    def close_for(self, act: Act, reason: str) -> None:
        """End it; COMPLETED closes what is completed."""
        self.require_state(*(("completed",) if reason == COMPLETED else OPEN_STATES))
        self.record(act, "closed", reason=reason)

    # -- folding ---------------------------------------------------------------------------------------

    def on_applied(self, event: Event) -> None:
        """Applied."""
        self.state = "applied"
        self.learner = event.data["learner"]
        self.cohort = event.data["cohort"]

    def on_selected(self, _event: Event) -> None:
        """Selected."""
        self.state = "selected"

    def on_rejected(self, event: Event) -> None:
        """Closed, with the code as reason."""
        self.state = "closed"
        self.reason = event.data["code"]

    def on_notice_acknowledged(self, event: Event) -> None:
        """The newest version counts."""
        self.notice = event.data["version"]

    def on_confirmed(self, event: Event) -> None:
        """Confirmed."""
        self.state = "confirmed"
        self.seat = event.data["seat"]

    def on_attendance_recorded(self, event: Event) -> None:
        """The first attendance makes the enrolment active."""
        if self.state == "confirmed":
            self.state = "active"
        session = event.data["session"]
        self.attendance[self.cohort, session] = Attendance(
            self.cohort, session, event.data["jp"], event.actor, event.hash
        )

    def on_attendance_corrected(self, event: Event) -> None:
        """Other hours; who taught stays who taught."""
        key = (event.data["cohort"], event.data["session"])
        self.attendance[key] = replace(self.attendance[key], jp=event.data["jp"], hash=event.hash)

    def on_unit_credit_recognised(self, event: Event) -> None:
        """Hours from elsewhere."""
        self.credits[event.data["unit"]] = event.data["jp"]

    def on_delivery_context_changed(self, _event: Event) -> None:
        """Attendance goes on."""

    def on_moved(self, event: Event) -> None:
        """In the other cohort from here on."""
        self.cohort = event.data["to"]
        self.seat = event.data["seat"]

    def on_transferred_out(self, _event: Event) -> None:
        """May be resumed."""
        self.transferred = True

    def on_resumed(self, event: Event) -> None:
        """Open again."""
        self.state = "active" if self.attendance else "confirmed"
        self.cohort = event.data["cohort"]
        self.seat = event.data["seat"]
        self.transferred = False
        self.reason = None

    def on_withdrawn(self, _event: Event) -> None:
        """Closed by the event that follows."""

    def on_completed(self, event: Event) -> None:
        """Completed."""
        self.state = "completed"
        self.total_jp = event.data["total_jp"]

    def on_closed(self, event: Event) -> None:
        """Closed; the seat is free."""
        self.state = "closed"
        self.reason = event.data["reason"]
        self.seat = None


def tenths(jp: int, total_jp: int) -> int:
    """Tenths of a percent, rounded down, at most 1000."""
    return min(FULL_SCALE, jp * FULL_SCALE // total_jp)


def _require_within(jp: int, session_jp: int) -> None:
    if jp > session_jp:
        raise DomainError(
            "ATTENDANCE_EXCEEDS_SESSION",
            f"{jp} JP were attended of a session of {session_jp}",
            "Check the hours; a session's hours are set when it is scheduled.",
        )
