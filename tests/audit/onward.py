"""How a history goes on after each sound beginning: ordinary acts, of which tests change one in one place."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tests.audit.auditing import LOG_KEY
from tests.audit.broken_assessing import exception, hearing
from tests.audit.broken_certifying import replace
from tests.audit.broken_custody import issuer_key
from tests.audit.broken_privacy import destroy, receive
from tests.audit.scribe import Pen, Said, a_fact, a_hash, an_id
from tests.audit.village import BLK, LSP, SITE, Village, s


def staffed(v: Village) -> None:
    """Keys, accounts and organisations; then agreement, scheme, layouts, programme, review."""
    v.set_day("2031-03-04")
    v.organisation("other", "training_provider")
    v.by(
        "one",
        Said(s("organisation", "other"), "organisation.renamed", {"public_name": "B", "name": a_fact("b")}),
    )
    v.register("guest", same_person_as="admin")
    v.grant("guest", "auditor", None)
    v.enrol("guest")
    v.licence("guest")
    v.by("one", Said(s("staff", "guest"), "staff.role_revoked", {"role": "auditor", "org": None}))
    new, old = Pen("admin anew"), v.pens["admin"]
    rotated = new.enrolment(an_id("admin")) | {"retires": old.thumbprint}
    v.by("admin", Said(s("staff", "admin"), "staff.key_rotated", rotated))
    v.pens["admin"] = new
    compromised = {"key": old.thumbprint, "from_size": len(v.entries)}
    asked = v.ask("one", s("staff", "admin"), "staff.compromise_requested", compromised)
    v.by("two", Said(s("staff", "admin"), "staff.key_compromised", compromised | {"request": asked}))
    v.by("one", Said(s("staff", "guest"), "staff.key_retired", {"key": v.pens["guest"].thumbprint}))
    issuer_key(v, "k")
    asked = v.ask("one", s("issuer_key", "k"), "issuer_key.compromise_requested", {"from_size": 3})
    v.by("two", Said(s("issuer_key", "k"), "issuer_key.compromised", {"from_size": 3, "request": asked}))
    asked = v.ask("one", s("ledger", "this"), "ledger.rotation_requested", {"log_key": LOG_KEY})
    v.by("two", Said(s("ledger", "this"), "ledger.log_key_rotated", {"log_key": LOG_KEY, "request": asked}))
    v.by("one", Said(s("organisation", "other"), "organisation.closed"))
    v.agreement()
    v.by("admin", Said(s("agreement", "pks"), "agreement.amended", {"until": "2032-06-30"}))
    v.scheme()
    v.template("TRAINING")
    v.programme()
    v.review()


def planned(v: Village) -> None:
    """A cohort, its sessions, learners who apply."""
    v.set_day("2031-03-05")
    v.by("admin", Said(s("programme", "welding"), "programme.tagged", {"tags": ["WOMEN"]}))
    v.plan()
    v.sessions()
    v.cohort("cohort", "enrolment_opened")
    v.learner("ana")
    v.by("admin", Said(s("learner", "ana"), "learner.nik_recorded", {"nik": a_fact("nik")}))
    document = {"kind": "PASSPORT", "document": a_fact("document")}
    v.by("admin", Said(s("learner", "ana"), "learner.identity_evidence_recorded", document))
    v.apply("ana")
    v.by("admin", Said(s("agreement", "pks"), "agreement.amended", {"until": "2032-06-30"}))
    v.by("issuer", Said(s("agreement", "pks"), "agreement.terminated", {"on": "2031-12-31"}))


def opened(v: Village) -> None:
    """Seats, a correction, people who are one."""
    v.seat("ana", 1)
    v.enrolment("budi", "selected", who="approver")
    v.enrolment("budi", "rejected", who="approver", code="OTHER")
    asked = {"field": "sex", "requested_sex": a_fact("sex")}
    request = v.ask("admin", s("learner", "ana"), "learner.correction_requested", asked)
    done = {"field": "sex", "sex": a_fact("sex"), "request": request}
    v.by("issuer", Said(s("learner", "ana"), "learner.identity_corrected", done))
    request = v.ask("admin", s("learner", "citra"), "learner.merge_requested", {"into": an_id("ana")})
    merged = {"into": an_id("ana"), "request": request}
    v.by("privacy", Said(s("learner", "citra"), "learner.merged", merged))
    v.cohort("cohort", "rescheduled", start="2031-03-10", end="2031-03-15")


def running(v: Village) -> None:
    """Attendance, its correction, credit, completion."""
    v.cohort("cohort", "session_held", "teacher", session=1, instructor=an_id("teacher"))
    v.attend("ana")
    v.attend("budi", jp=4)
    fixed = {"cohort": an_id("cohort"), "session": 1, "jp": 6, "corrects": v.attended["budi", 1]}
    v.enrolment("budi", "attendance_corrected", "teacher", **fixed)
    v.enrolment("budi", "unit_credit_recognised", unit="U.1", jp=2, evidence=a_fact("credit"))
    v.cohort("cohort", "session_cancelled", session=2)
    v.set_day("2031-03-14")
    v.complete("ana", jp=8)
    left = s("enrolment", "budi")
    v.by(
        "admin",
        Said(left, "enrolment.withdrawn", {"reason": "HEALTH"}),
        Said(left, "enrolment.closed", {"reason": "HEALTH"}),
    )
    v.cohort("cohort", "closed")


def trained(v: Village) -> None:
    """Two are assessed and decided, one after a conflict and a correction."""
    v.set_day("2031-03-17")
    v.admit("ana")
    v.assign("ana")
    v.assessment("ana", "conflict_declared")
    v.assessment("ana", "assessor_replaced", "supervisor", assessor=an_id("other assessor"))
    v.evidence("ana", who="other assessor")
    v.result("ana", "U.1", who="other assessor")
    v.result("ana", "U.2", "BK", who="other assessor")
    mend = {"unit": "U.2", "result": "K", "corrects": v.results["ana", "U.2"]}
    v.assessment("ana", "unit_result_corrected", "supervisor", **mend)
    v.assessment("ana", "recommended", "other assessor", results={"U.1": "K", "U.2": "K"})
    v.decide("ana")
    v.admit("budi")
    v.assign("budi")
    v.assessment("budi", "no_show_recorded")


def decided(v: Village) -> None:
    """Certificates of every kind, an exception, an appeal and its remedy."""
    v.certify("ana t", "TRAINING", v.training_link("ana"))
    v.certify("budi c", "COMPETENCE", v.decision_link("budi"))
    exception(v, "SOD_ASSESSOR_TAUGHT_LEARNER", "teacher", "ana")
    v.by("supervisor", Said(s("impartiality_exception", "e"), "impartiality_exception.ended"))
    hearing(v)
    upheld = {"remedy": "UNIT_RESULT_CHANGED", "unit": "U.1", "result": "BK"}
    reopened = {"appeal": an_id("a"), "unit": "U.1", "result": "BK"}
    v.by(
        "panel",
        Said(s("appeal", "a"), "appeal.upheld", upheld),
        Said(s("assessment", "ana"), "assessment.reopened", reopened),
    )
    v.decide("ana", {"U.1": "BK", "U.2": "K"})
    v.certify("ana u", "UNIT_STATEMENT", v.decision_link("ana"), units=("U.2",))


def certified(v: Village) -> None:
    """What may happen to a certificate, on paper and to somebody's data."""
    v.certificate("ana t", "suspended", "issuer", reason="COMPLAINT_OPEN")
    v.certificate("ana t", "reinstated", "issuer")
    v.print("ana t")
    v.by("printer", Said(s("print_copy", "ana t copy 1"), "print_copy.handed_over"))
    v.by("printer", Said(s("blank_stock", "delivery"), "blank_stock.spoiled", {"serial": "0000002"}))
    v.revoke("budi c")
    replace(v, "ana c", "ana c2")
    outcome = {"learner": an_id("budi"), "outcome": a_fact("work"), "consent": True}
    v.by("admin", Said(s("outcome", "o"), "outcome.recorded", outcome))
    receive(v)
    stream = s("subject_request", "r")
    v.by("privacy", Said(stream, "subject_request.verified"))
    v.by("privacy", Said(stream, "subject_request.hold_placed", {"reason": "OPEN_APPEAL"}))
    v.by("privacy", Said(stream, "subject_request.hold_lifted"))
    destroy(v, "ana", "identity")
    for name in ("ana t", "ana c", "ana c2"):
        v.certificate(name, "marked_erased", "privacy")
    v.by("privacy", Said(stream, "subject_request.fulfilled"))


ONWARD: dict[str, Callable[[Village], None]] = {
    "staffed": staffed,
    "planned": planned,
    "open": opened,
    "running": running,
    "trained": trained,
    "decided": decided,
    "certified": certified,
}


# ---------------------------------------------------------------- one act, changed in one place


class Done(Exception):  # noqa: N818 - it ends a history, and is no error
    """The changed act has been written."""


Change = tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]
"""What is changed, in words, and an event's data with the change."""


def changes(data: dict[str, Any]) -> Iterator[Change]:
    """Every member of an event's data changed, in each of a few ways that fit its kind."""
    for name, value in data.items():
        for what, new in _others(value):
            yield f"{name} {what}", partial(_with, name, new)


def _with(name: str, new: Any, data: dict[str, Any]) -> dict[str, Any]:
    return data | {name: new}


def _others(value: Any) -> Iterator[tuple[str, Any]]:
    match value:
        case bool():
            yield "turned round", not value
        case int():
            yield "one more", value + 1
            if value:
                yield "one less", value - 1
        case list():
            yield "without the last", value[:-1]
            yield "with a stranger", [*value, an_id("nobody")]
        case {"commitment": _}:
            yield "another fact", a_fact("another")
        case dict():
            yield "empty", {}
        case str():
            yield from _other_words(value)
        case None:
            yield "something", "x"
    if value is not None:
        yield "nothing", None


def _other_words(value: str) -> Iterator[tuple[str, str]]:
    if len(value) == 64:
        yield "another", a_hash("another")
    elif len(value) == 36:
        yield "a stranger", an_id("nobody")
        yield "somebody else", an_id("budi" if value != an_id("budi") else "ana")
    elif len(value) == 10 and value[4] == "-":
        yield "a day later", f"{value[:-2]}{int(value[-2:]) % 28 + 1:02}"
        yield "long ago", f"19{value[2:]}"
    else:
        yield "another word", f"{value}X"


class Onward(Village):
    """Goes on up to act number `at`, of which event `event` is written with `change`; then it is done."""

    at = -1
    event = 0
    number = 0
    change: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    by_another: dict[str, Any] | None = None
    seen: list[tuple[str, Said]]

    def act(self, who: str, role: str, org: str | None, *said: Said, **changes: Any) -> list[str]:
        self.number += 1
        if self.at < 0:
            self.seen += [(f"{self.number - 1}.{place}", each) for place, each in enumerate(said)]
        if self.number - 1 != self.at:
            return super().act(who, role, org, *said, **changes)
        written = list(said)
        if self.change is not None:
            old = written[self.event]
            written[self.event] = Said(old.stream, old.type, self.change(old.data), old.at)
        other = {"who": who, "role": role, "org": org} | (self.by_another or {})
        super().act(other["who"], other["role"], other["org"], *written, **changes)
        raise Done


OTHERS: dict[str, dict[str, Any]] = {
    "by the one custodian": {"who": "one"},
    "by the other custodian": {"who": "two"},
    "by the other assessor": {"who": "other assessor"},
    "by the other decider": {"who": "other decider"},
    "by the second teacher": {"who": "second teacher"},
    "as an auditor": {"role": "auditor"},
    "for nobody": {"org": None},
    "for the provider": {"org": BLK},
    "for the body": {"org": LSP},
    "for the facility": {"org": SITE},
}
"""The same act by other people, in another role, for other organisations."""
