"""Rules about people in training and what is recorded of their data's owners: learners, outcomes, requests.

- Correcting an identity and merging two entries of a person take two people; a merged or erased entry of a
  person is used no more, and merging maps one entry to another that stands.
- An outcome is recorded with consent only.
- A subject request is due within 72 hours; what is destroyed was requested by one person, approved by another,
  under a verified request that destroys, and under no hold. It is fulfilled under none either, and not before
  something was destroyed (`verifier.rules.basis` looks at the certificates).
"""

from typing import ClassVar

from verifier import times
from verifier.event import Event
from verifier.finding import note, wrong
from verifier.rules.area import Area, on
from verifier.rules.certificate import Certificate
from verifier.rules.pairs import REQUEST_DIFFERS, REQUEST_MISSING
from verifier.rules.world import UNKNOWN_ID, Thing, World

CLASSES = frozenset({"identity", "custody", "contact", "evidence", "outcome", "provenance"})
ERASURE = "ERASURE"
DESTROYING = frozenset({ERASURE, "RETENTION"})
REQUEST_KINDS = DESTROYING | {"ACCESS", "CORRECTION"}

PERSON_MERGED = wrong(
    "PERSON_MERGED", "An act names an entry of a person that had been merged into another one."
)
PERSON_ERASED = wrong("PERSON_ERASED", "An act concerns a person whose data had been destroyed at request.")
MERGE_INVALID = wrong(
    "MERGE_INVALID", "An entry of a person was merged into itself or into one that does not stand."
)
CONSENT_MISSING = wrong(
    "CONSENT_MISSING", "What became of a person was recorded without that person's consent."
)
REQUEST_KIND_WRONG = wrong(
    "REQUEST_KIND_WRONG",
    "A request about personal data is of an unknown kind, or destroyed data although it asks for none.",
)
REQUEST_DUE_LATE = wrong(
    "REQUEST_DUE_LATE", "A request about personal data was given a longer time than the law allows."
)
ERASURE_HOLD_ACTIVE = wrong(
    "ERASURE_HOLD_ACTIVE",
    "Data were destroyed, or a request to destroy them was closed as fulfilled, while a hold forbade it.",
)
HOLD_INVALID = wrong("HOLD_INVALID", "A hold was placed where one was, or lifted where none was.")
DESTRUCTION_INCOMPLETE = wrong(
    "DESTRUCTION_INCOMPLETE",
    "A request to destroy data was closed as fulfilled although nothing had been destroyed, or although a "
    "certificate still says the name of the person who was erased.",
)
ANSWERED_LATE = note("ANSWERED_LATE", "A request about personal data was answered after its due time.")


class Learner(Thing):
    """A person's entry.

    `into` is the survivor's stream while merged, `merged_from` the entries merged into it.
    """

    __slots__ = ("assessments", "enrolments", "into", "merged_from", "nik")

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.into: Learner | None = None
        self.merged_from: tuple[Learner, ...] = ()
        self.enrolments: tuple[Thing, ...] = ()
        self.assessments: tuple[Thing, ...] = ()
        self.nik = False

    def survivor(self) -> "Learner":
        """Return the entry that stands for the person now."""
        found = self
        while found.into is not None:  # ends, since only into what stands can anything be merged
            found = found.into
        return found

    def entries(self) -> list["Learner"]:
        """Return all entries of the person, the one that stands for them first."""
        found = [self.survivor()]
        for one in found:
            found += [other for other in one.merged_from if other not in found]
        return found


class SubjectRequest(Thing):
    """A request about a person's data.

    `hold` tells whether one is placed, `destroyed` has the (subject, class) pairs that it destroyed.
    """

    __slots__ = ("destroyed", "due", "hold", "kind", "subject")

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.subject = self.kind = self.due = ""
        self.hold = False
        self.destroyed: set[tuple[str, str]] = set()


class Learners(Area):
    """See the module. `destroyed` has the (subject, class) pairs whose data are gone."""

    THINGS: ClassVar = {"learner": Learner, "outcome": Thing, "subject_request": SubjectRequest}

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.destroyed: set[tuple[str, str]] = set()
        self.holds: dict[str, int] = {}

    def usable(self, learner_id: str) -> Learner | None:
        """Return the very entry, reported if it is unknown, merged or erased."""
        found = self.world.need(Learner, "learner", learner_id)
        if found is not None:
            self.require(found.into is None, PERSON_MERGED, f"learner/{learner_id} was merged")
            self.require_not_erased(found)
        return found

    def require_not_erased(self, learner: Learner) -> None:
        """Report if the person's identity is destroyed."""
        if self.destroyed and (learner.survivor().stream, "identity") in self.destroyed:
            self.report(PERSON_ERASED, f"{learner.stream} is erased")

    # -- identity ------------------------------------------------------------------------------------------

    @on("learner.nik_recorded")
    def nik_recorded(self, _event: Event, learner: Learner) -> None:
        """The first one; a wrong one is corrected by two people."""
        self.require(not learner.nik, REQUEST_MISSING, "a second NIK was recorded without a correction")
        learner.nik = True

    @on("learner.identity_corrected")
    def corrected(self, event: Event, learner: Learner) -> None:
        """The newest request for the field; older ones are void from here on."""
        field, request = event.data["field"], event.data["request"]
        rivals = [
            name
            for name, asked in self.world.requests.items()
            if asked.type == "learner.correction_requested"
            and asked.stream == learner.stream
            and asked.data["field"] == field
        ]
        if request in rivals:
            self.require(request == rivals[-1], REQUEST_DIFFERS, "a newer request for this field stands")
        for name in rivals:
            if name != request:
                del self.world.requests[name]
        learner.nik = learner.nik or field == "nik"
        self.require_not_erased(learner)

    @on("learner.merged")
    def merged(self, event: Event, learner: Learner) -> None:
        """Into another entry that stands."""
        into = self.world.need(Learner, "learner", event.data["into"])
        if into is None:
            return
        fits = into is not learner and into.state == "active"
        self.require(fits, MERGE_INVALID, f"{learner.stream} into {into.stream}, which is {into.state}")
        if fits:
            learner.into = into
            into.merged_from = (*into.merged_from, learner)

    @on("learner.merge_reversed")
    def merge_reversed(self, _event: Event, learner: Learner) -> None:
        """Two people after all."""
        if learner.into is not None:
            into = learner.into
            into.merged_from = tuple(other for other in into.merged_from if other is not learner)
            learner.into = None

    # -- outcomes --------------------------------------------------------------------------------------------

    @on("outcome.recorded")
    def outcome_recorded(self, event: Event, _outcome: Thing) -> None:
        """With consent."""
        self.usable(event.data["learner"])
        self.require(event.data["consent"], CONSENT_MISSING, "consent is false")

    # -- requests ------------------------------------------------------------------------------------------

    @on("subject_request.received")
    def received(self, event: Event, request: SubjectRequest) -> None:
        """Of a known kind, about somebody known, due in time."""
        data = event.data
        request.subject, request.kind, request.due = data["subject"], data["kind"], data["due"]
        request.state = "verified" if request.kind == "RETENTION" else "received"
        self.require(request.kind in REQUEST_KINDS, REQUEST_KIND_WRONG, f"the kind {request.kind!r}")
        known = self.world.things.get(request.subject)
        self.require(isinstance(known, Learner | Certificate), UNKNOWN_ID, f"there is no {request.subject}")
        limit = times.posix(event.occurred_at) + 3600 * self.world.settings.request_due_hours
        self.require(times.posix(request.due) <= limit, REQUEST_DUE_LATE, f"due at {request.due}")

    @on("subject_request.hold_placed")
    def hold_placed(self, _event: Event, request: SubjectRequest) -> None:
        """One at a time."""
        self.require(not request.hold, HOLD_INVALID, "a hold was placed twice")
        if not request.hold:
            request.hold = True
            self.holds[request.subject] = self.holds.get(request.subject, 0) + 1

    @on("subject_request.hold_lifted")
    def hold_lifted(self, _event: Event, request: SubjectRequest) -> None:
        """One that is there."""
        self.require(request.hold, HOLD_INVALID, "a hold was lifted that was not placed")
        if request.hold:
            request.hold = False
            self.holds[request.subject] -= 1

    @on("subject_request.destruction_requested")
    def destruction_requested(self, event: Event, request: SubjectRequest) -> None:
        """Of known classes, under no hold."""
        classes = event.data["classes"]
        self.require(
            classes and set(classes) <= CLASSES, REQUEST_KIND_WRONG, f"the classes {', '.join(classes)}"
        )
        self._destroying(request)
        self._no_hold(request.subject)

    @on("subject_request.data_destroyed")
    def data_destroyed(self, event: Event, request: SubjectRequest) -> None:
        """What was requested, of the request's subject or another entry of that person."""
        data, asked = event.data, self.world.requests.get(event.data["request"])
        subjects = self._subjects(request.subject)
        self.require(
            data["subject"] in subjects, REQUEST_DIFFERS, f"{data['subject']} is not the request's subject"
        )
        if asked is not None:
            requested = data["class"] in asked.data.get("classes", ())
            self.require(requested, REQUEST_DIFFERS, f"the class {data['class']} was not requested")
        self._destroying(request)
        self._no_hold(data["subject"])
        request.destroyed.add((data["subject"], data["class"]))
        self.destroyed.add((data["subject"], data["class"]))

    @on("subject_request.fulfilled")
    def fulfilled(self, event: Event, request: SubjectRequest) -> None:
        """What destroys has destroyed, and is under no hold."""
        if request.kind in DESTROYING:
            self.require(request.destroyed, DESTRUCTION_INCOMPLETE, "nothing had been destroyed")
            self._no_hold(request.subject)
        self._answered(event, request)

    @on("subject_request.refused")
    def refused(self, event: Event, request: SubjectRequest) -> None:
        """In time."""
        self._answered(event, request)

    def _answered(self, event: Event, request: SubjectRequest) -> None:
        late = event.occurred_at > request.due and request.kind != "RETENTION"
        self.require(not late, ANSWERED_LATE, f"due at {request.due}, answered at {event.occurred_at}")

    def _destroying(self, request: SubjectRequest) -> None:
        self.require(request.kind in DESTROYING, REQUEST_KIND_WRONG, f"a request of kind {request.kind}")

    def _subjects(self, subject: str) -> set[str]:
        found = self.world.things.get(subject)
        return {entry.stream for entry in found.entries()} if isinstance(found, Learner) else {subject}

    def _no_hold(self, subject: str) -> None:
        held = any(self.holds.get(one) for one in self._subjects(subject))
        self.require(not held, ERASURE_HOLD_ACTIVE, f"a hold is placed on {subject}")
