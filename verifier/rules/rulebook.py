"""All rules together: every event of every command goes through them in log order.

For each event: is its type known and its data of that type's shape; is its matter in a state that allows it;
may it be given in this role; was it entered in time; does an act of two persons have its two; then what its
area says. After the last event of a command, what the whole act must hold.

An event of an unknown type or another shape changes nothing here, so what depends on it will look odd too:
the first finding is mostly the cause of those after it.
"""

from collections.abc import Callable

from verifier.authority import Authority
from verifier.event import Event
from verifier.finding import Rule, unknown, wrong
from verifier.links import Links
from verifier.rules import pairs, powers, shapes, states
from verifier.rules.appeals import REMEDIES, Appeals
from verifier.rules.area import Handler
from verifier.rules.assessments import Assessments
from verifier.rules.basis import Basis
from verifier.rules.certificates import CERTIFYING, Certificates
from verifier.rules.cohorts import Cohorts
from verifier.rules.custody import Custody
from verifier.rules.enrolments import Enrolments
from verifier.rules.exceptions import Exceptions
from verifier.rules.learners import Learners
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


class Rulebook:
    """The rules at a place of the log. `report(rule, message)` records a breach at the present event."""

    def __init__(
        self, settings: Settings, authority: Authority, links: Links, report: Callable[[Rule, str], None]
    ) -> None:
        world = self.world = World(settings, report, authority.human)
        self.custody = Custody(world, authority)
        self.partners = Partners(world)
        self.schemes = Schemes(world, authority)
        self.cohorts = Cohorts(world, self.schemes, self.partners)
        self.learners = Learners(world)
        self.enrolments = Enrolments(world, self.cohorts, self.learners)
        self.exceptions = Exceptions(world)
        self.assessments = Assessments(
            world, authority, self.schemes, self.learners, self.enrolments, self.exceptions
        )
        self.appeals = Appeals(world, authority, self.assessments, self.exceptions)
        self.certificates = Certificates(world, self.learners)
        self.basis = Basis(world, links, self.certificates, self.assessments)
        self.printing = Printing(world)
        areas = (
            self.custody,
            self.partners,
            self.schemes,
            self.cohorts,
            self.learners,
            self.enrolments,
            self.exceptions,
            self.assessments,
            self.appeals,
            self.certificates,
            self.printing,
        )
        self._handlers: dict[str, Handler] = {}
        self._things: dict[str, type[Thing]] = {}
        for area in areas:
            self._handlers |= area.handlers()
            self._things |= area.THINGS
        self._after = (
            (frozenset({"cohort.cancelled"}), self.cohorts.after),
            (frozenset({"enrolment.transferred_out", "enrolment.withdrawn"}), self.enrolments.after),
            (frozenset({"appeal.upheld", *REMEDIES}), self.appeals.after),
            (frozenset({f"certificate.{name}" for name in CERTIFYING}), self.certificates.after),
            (frozenset({"blank_stock.allocated", "print_copy.copy_printed"}), self.printing.after),
            (frozenset({"certificate.issued"}), self.basis.after),
        )
        self._whole = frozenset().union(*(types for types, _ in self._after)) | pairs.PAIRS.keys()
        self._concerns = False
        self._backdate = settings.backdate_days * 86400

    def begin(self) -> None:
        """Begin a command."""
        self.world.acts = []
        self._concerns = False

    def follow(self, event: Event) -> bool:
        """Take the next event of the running command; tell whether its data have the shape of its type."""
        event_type = event.type
        if event_type not in shapes.SHAPES:
            self.world.report(EVENT_UNKNOWN, f"an event of type {event_type}")
            return False
        odd = shapes.fits(event_type, event.data)
        if odd is not None:
            self.world.report(EVENT_DATA_INVALID, odd)
            return False
        aggregate = event_type.partition(".")[0]
        if event.stream.partition("/")[0] != aggregate:
            self.world.report(EVENT_DATA_INVALID, f"{event_type} stands in {event.stream}")
            return False
        thing = self.world.things.get(event.stream)
        if thing is None:
            thing = self.world.things[event.stream] = self._things[aggregate](event.stream)
        self._judge(event, aggregate, thing)
        handler = self._handlers.get(event_type)
        if handler is not None:
            handler(event, thing)
        after = states.AFTER.get(event_type)
        if after is not None:
            thing.state = after
        if event_type in pairs.REQUESTS:
            pairs.keep(self.world, event)
        if event_type in self._whole:
            self._concerns = True
        self.world.acts.append(event)
        return True

    def _judge(self, event: Event, aggregate: str, thing: Thing) -> None:
        report = self.world.report
        if thing.state not in states.BEFORE[event.type]:
            report(
                states.STATE_INVALID[aggregate],
                f"{event.type} of {event.stream}, which is {thing.state or 'new'}",
            )
        if not powers.may(event.type, event.role):
            report(powers.ROLE_FORBIDDEN, f"{event.type} in the role {event.role}")
        if event.occurred_at != event.recorded_at:
            late = posix(event.recorded_at) - posix(event.occurred_at)
            if late > self._backdate:
                report(
                    BACKDATE_LIMIT,
                    f"happened at {event.occurred_at}, {late // 86400} days before it was recorded",
                )
        if event.type in pairs.PAIRS:
            pairs.check(self.world, event)

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
