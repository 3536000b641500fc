"""All rules together: every event of every command goes through them in log order.

For each event: is its type known and its data of that type's shape; is its matter in a state that allows it;
may it be given in this role; was it entered in time; does an act of two persons have its two; then what its
area says. After the last event of a command, what the whole act must hold.

An event of an unknown type or another shape changes nothing here, so what depends on it will look odd too:
the first finding is mostly the cause of those after it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from verifier.authority import Authority
from verifier.event import Event
from verifier.finding import Rule, unknown, wrong
from verifier.links import Links
from verifier.rules import pairs, powers, shapes, states
from verifier.rules.appeals import REMEDIES, Appeals
from verifier.rules.area import Handler
from verifier.rules.assessments import Assessments
from verifier.rules.attendance import Attendance
from verifier.rules.basis import Basis
from verifier.rules.certificates import CERTIFYING, Certificates
from verifier.rules.cohorts import Cohorts
from verifier.rules.custody import Custody
from verifier.rules.decisions import Decisions
from verifier.rules.enrolments import Enrolments
from verifier.rules.exceptions import Exceptions
from verifier.rules.learners import Learners
from verifier.rules.ledger import Ledger
from verifier.rules.organisations import Organisations
from verifier.rules.partners import Partners
from verifier.rules.printing import Printing
from verifier.rules.schemes import Schemes
from verifier.rules.world import Settings, Thing, World
from verifier.times import posix

EVENT_UNKNOWN = unknown(
    "EVENT_UNKNOWN",
    "An entry is of a kind that this program does not know; a newer version of the program may.",
)
EVENT_DATA_INVALID = wrong(
    "EVENT_DATA_INVALID",
    "An entry of a known kind does not say what such an entry says, or says more than it may.",
)
BACKDATE_LIMIT = wrong(
    "BACKDATE_LIMIT", "Something was entered longer after it had happened than is allowed."
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that is looked at for a type of event. `concerns` tells that it bears on rules for whole commands."""

    prefix: str
    thing: type[Thing]
    before: frozenset[str]
    after: str
    roles: frozenset[str] | None
    handler: Handler | None
    is_request: bool
    is_second: bool
    concerns: bool


def _plan(
    event_type: str, handlers: dict[str, Handler], things: dict[str, type[Thing]], whole: frozenset[str]
) -> _Plan:
    aggregate = event_type.partition(".")[0]
    return _Plan(
        f"{aggregate}/",
        things[aggregate],
        states.BEFORE[event_type],
        states.AFTER[event_type],
        powers.roles_for(event_type),
        handlers.get(event_type),
        event_type in pairs.REQUESTS,
        event_type in pairs.PAIRS,
        event_type in whole,
    )


class Rulebook:
    """The rules at a place of the log. `report(rule, message)` records a breach at the present event."""

    def __init__(
        self, settings: Settings, authority: Authority, links: Links, report: Callable[[Rule, str], None]
    ) -> None:
        world = self.world = World(settings, report, authority.human)
        self.ledger = Ledger(world, authority)
        self.organisations = Organisations(world, authority)
        self.custody = Custody(world, authority, self.organisations)
        self.partners = Partners(world)
        self.schemes = Schemes(world, authority)
        self.cohorts = Cohorts(world, self.schemes, self.partners)
        self.learners = Learners(world)
        self.attendance = Attendance(world, self.cohorts, self.learners)
        self.enrolments = Enrolments(world, self.cohorts, self.learners, self.attendance)
        self.exceptions = Exceptions(world)
        self.assessments = Assessments(
            world, authority, self.schemes, self.learners, self.attendance, self.exceptions
        )
        self.decisions = Decisions(world, authority, self.assessments)
        self.appeals = Appeals(world, authority, self.assessments, self.exceptions)
        self.certificates = Certificates(world, self.learners)
        self.basis = Basis(world, links, self.certificates, self.assessments)
        self.printing = Printing(world)
        areas = (
            self.ledger,
            self.organisations,
            self.custody,
            self.partners,
            self.schemes,
            self.cohorts,
            self.learners,
            self.attendance,
            self.enrolments,
            self.exceptions,
            self.assessments,
            self.decisions,
            self.appeals,
            self.certificates,
            self.printing,
        )
        handlers: dict[str, Handler] = {}
        things: dict[str, type[Thing]] = {}
        for area in areas:
            handlers |= area.handlers()
            things |= area.THINGS
        self._after = (
            (frozenset({"cohort.cancelled"}), self.cohorts.after),
            (frozenset({"enrolment.transferred_out", "enrolment.withdrawn"}), self.enrolments.after),
            (frozenset({"appeal.upheld", *REMEDIES}), self.appeals.after),
            (frozenset({f"certificate.{name}" for name in CERTIFYING}), self.certificates.after),
            (frozenset({"blank_stock.allocated", "print_copy.copy_printed"}), self.printing.after),
            (frozenset({"certificate.issued", "subject_request.fulfilled"}), self.basis.after),
        )
        whole = frozenset().union(*(types for types, _ in self._after)) | pairs.PAIRS.keys()
        self._plans = {event_type: _plan(event_type, handlers, things, whole) for event_type in shapes.SHAPES}
        self._concerns = False
        self._backdate = settings.backdate_days * 86400

    def begin(self) -> None:
        """Begin a command."""
        self.world.acts = []
        self._concerns = False

    def follow(self, event: Event) -> bool:
        """Take the next event of the running command; tell whether its data have the shape of its type."""
        plan = self._plans.get(event.type)
        if plan is None:
            self.world.report(EVENT_UNKNOWN, f"an event of type {event.type}")
            return False
        odd = shapes.fits(event.type, event.data)
        if odd is not None:
            self.world.report(EVENT_DATA_INVALID, odd)
            return False
        stream = event.stream
        if not stream.startswith(plan.prefix):
            self.world.report(EVENT_DATA_INVALID, f"{event.type} stands in {stream}")
            return False
        thing = self.world.things.get(stream)
        if thing is None:
            thing = self.world.things[stream] = plan.thing(stream)
        if (
            thing.state not in plan.before
            or (plan.roles is not None and event.role not in plan.roles)
            or event.occurred_at != event.recorded_at
        ):
            self._judge(event, plan, thing)
        if plan.is_second:
            pairs.check(self.world, event)
        if plan.handler is not None:
            plan.handler(event, thing)
        if plan.after:
            thing.state = plan.after
        if plan.is_request:
            pairs.keep(self.world, event)
        if plan.concerns:
            self._concerns = True
        self.world.acts.append(event)
        return True

    def _judge(self, event: Event, plan: "_Plan", thing: Thing) -> None:
        report = self.world.report
        if thing.state not in plan.before:
            rule = states.STATE_INVALID[plan.prefix[:-1]]
            report(rule, f"{event.type} of {event.stream}, which is {thing.state or 'new'}")
        if plan.roles is not None and event.role not in plan.roles:
            report(powers.ROLE_FORBIDDEN, f"{event.type} in the role {event.role}")
        late = posix(event.recorded_at) - posix(event.occurred_at)
        if late > self._backdate:
            days = f"{late // 86400} days before it was recorded"
            report(BACKDATE_LIMIT, f"happened at {event.occurred_at}, {days}")

    def end(self) -> None:
        """End a command."""
        if not self._concerns:
            return
        events = self.world.acts
        types = {event.type for event in events}
        for concerned, after in self._after:
            if not types.isdisjoint(concerned):
                after(events)
        pairs.used(self.world, events)

    def finish(self) -> None:
        """End the log."""
        self.basis.finish()
