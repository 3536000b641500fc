"""Programme: a trade that is to be trained, and what must be known before a cohort is planned.

It is synchronised once the need of the labour market is recorded, instructors are offered and a scheme is
adopted, in any order. It runs while cohorts run; that is read from the cohorts, not recorded twice.
"""

from __future__ import annotations

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event
from ledger.domain.roles import Role
from ledger.errors import DomainError


class Programme(Aggregate):
    """``scheme`` is the adopted (scheme id, version); cohorts demand ``min_attendance_pct`` percent.

    ``provider`` is the training provider that took it up: the organisation of the first training_admin who
    acted on it, None while only a facility has proposed it.
    """

    NAME = "programme"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.facility: str | None = None
        self.provider: str | None = None
        self.code = ""
        self.trade = ""
        self.min_attendance_pct = 0
        self.need_recorded = False
        self.instructors: tuple[str, ...] = ()
        self.scheme: tuple[str, int] | None = None
        self.tags: tuple[str, ...] = ()

    # -- questions -------------------------------------------------------------------------------------

    def require_ready(self) -> tuple[str, int]:
        """The adopted (scheme, version); PROGRAMME_NOT_READY unless the programme is synchronised."""
        if self.state != "synchronised" or self.scheme is None:
            missing = [
                name
                for name, there in (
                    ("a recorded need", self.need_recorded),
                    ("offered instructors", self.instructors),
                    ("an adopted scheme", self.scheme),
                )
                if not there
            ]
            raise DomainError(
                "PROGRAMME_NOT_READY",
                f"this programme {'lacks ' + ' and '.join(missing) if missing else 'has ended'}",
                "Record the need, offer instructors and adopt an approved scheme before planning a cohort.",
            )
        return self.scheme

    # -- acts ------------------------------------------------------------------------------------------

    def propose(
        self,
        act: Act,
        *,
        facility: str | None,
        code: str,
        trade: str,
        min_attendance_pct: int,
        minutes: str | None,
        sector: dict[str, str] | None,
    ) -> None:
        """Begin; ``minutes`` is the SHA-256 of the meeting's minutes, ``sector`` a commitment."""
        self.require_state("")
        self.record(
            act,
            "proposed",
            facility=facility,
            code=code,
            trade=trade,
            min_attendance_pct=min_attendance_pct,
            minutes=minutes,
            sector=sector,
        )

    def record_need(
        self, act: Act, *, source: dict[str, str], occupation: dict[str, str], demand: int
    ) -> None:
        """The labour market's need: commitments to source and occupation, and a number of people."""
        self.require_state("proposed", "synchronised")
        self.record(act, "need_recorded", source=source, occupation=occupation, demand=demand)

    def offer_instructors(self, act: Act, instructors: list[str]) -> None:
        """The instructors (staff ids) who can teach it; a later offer replaces this one."""
        self.require_state("proposed", "synchronised")
        self.record(act, "instructors_offered", instructors=instructors)

    def adopt_scheme(self, act: Act, *, scheme: str, version: int) -> None:
        """The scheme that later cohorts follow; cohorts already planned keep theirs."""
        self.require_state("proposed", "synchronised")
        self.record(act, "scheme_adopted", scheme=scheme, version=version)

    def tag(self, act: Act, tags: list[str]) -> None:
        """The action programmes it belongs to; later tags replace these."""
        self.require_state("proposed", "synchronised")
        self.record(act, "tagged", tags=sorted(set(tags)))

    def end(self, act: Act) -> None:
        """No further cohort is planned under it."""
        self.require_state("proposed", "synchronised")
        self.record(act, "ended")

    # -- folding ---------------------------------------------------------------------------------------

    def mutate(self, event: Event) -> None:
        """Fold one event; the first training_admin's organisation takes the programme up."""
        super().mutate(event)
        if self.provider is None and event.role == Role.TRAINING_ADMIN:
            self.provider = event.org
        if self.state == "proposed" and self.need_recorded and self.instructors and self.scheme:
            self.state = "synchronised"

    def on_proposed(self, event: Event) -> None:
        """Proposed."""
        data = event.data
        self.state = "proposed"
        self.facility = data["facility"]
        self.code = data["code"]
        self.trade = data["trade"]
        self.min_attendance_pct = data["min_attendance_pct"]

    def on_need_recorded(self, _event: Event) -> None:
        """Recorded."""
        self.need_recorded = True

    def on_instructors_offered(self, event: Event) -> None:
        """The newest offer counts."""
        self.instructors = tuple(event.data["instructors"])

    def on_scheme_adopted(self, event: Event) -> None:
        """The newest adoption counts."""
        self.scheme = (event.data["scheme"], event.data["version"])

    def on_tagged(self, event: Event) -> None:
        """The newest tags count."""
        self.tags = tuple(event.data["tags"])

    def on_ended(self, _event: Event) -> None:
        """Ended."""
        self.state = "ended"
