"""What holds for every act: its kind, form and stream, its state and role, its time, its second person."""

import pytest

from tests.audit.broken import stage
from tests.audit.broken_privacy import erase
from tests.audit.following import Case, Cases, followed
from tests.audit.resting import RestedCases
from tests.audit.scribe import Pen, Said, a_hash, an_id
from tests.audit.village import BLK, Village, s
from verifier.entry import parse_entry
from verifier.event import Event
from verifier.rules.area import Area, on

case = Cases()


@pytest.mark.parametrize("each", case, ids=str)
def test_an_act(each: Case) -> None:
    each.check()


UNTIL = {"until": "2032-01-01"}


def amended(at: str | None = None, **data: str) -> Said:
    """An act that a training admin of either party may give at any time."""
    return Said(s("agreement", "pks"), "agreement.amended", data or UNTIL, at)


# -- kind and form -----------------------------------------------------------------------------------------------------


@case("planned", "EVENT_UNKNOWN: an event of type cohort.praised")
def an_act_of_no_kind(v: Village) -> None:
    v.by("admin", Said(s("cohort", "x"), "cohort.praised", {}))


@case("planned", "EVENT_DATA_INVALID")
def an_act_that_says_too_little(v: Village) -> None:
    v.by("admin", Said(s("agreement", "pks"), "agreement.amended", {}))


@case("planned", "EVENT_DATA_INVALID: agreement.amended stands in template/x")
def an_act_in_a_stream_of_another_kind(v: Village) -> None:
    v.by("admin", Said("template/x", "agreement.amended", UNTIL))


def test_what_is_of_no_kind_or_form_is_not_looked_at_further() -> None:
    def answered(said: Said) -> tuple[bool, list[str]]:
        v, rules = stage("planned"), followed("planned", lambda _v: None).rules
        v.by("admin", said)
        rules.begin()
        return rules.follow(Event.of_entry(parse_entry(v.entries[-1]))), [
            event.type for event in rules.world.acts
        ]

    assert answered(amended()) == (True, ["agreement.amended"])
    assert answered(Said(s("agreement", "pks"), "agreement.praised", UNTIL)) == (False, [])
    assert answered(amended(until="tomorrow")) == (False, [])
    assert answered(Said(s("template", "pks"), "agreement.amended", UNTIL)) == (False, [])


# -- state and role ----------------------------------------------------------------------------------------------------


@case("planned", "AGREEMENT_STATE_INVALID", "ORG_FORBIDDEN")
def an_act_of_a_matter_that_has_not_begun(v: Village) -> None:
    v.by("admin", Said(s("agreement", "new"), "agreement.amended", UNTIL))


@case("planned", f"AGREEMENT_STATE_INVALID: agreement.drafted of agreement/{an_id('pks')}, which is in_force")
def an_act_that_a_state_does_not_allow(v: Village) -> None:
    v.agreement(signed=False)


@case("planned", "ROLE_FORBIDDEN: agreement.amended in the role print_operator")
def an_act_in_a_role_that_may_not(v: Village) -> None:
    v.people["admin"] = ("print_operator", BLK)
    v.by("admin", amended())


@pytest.mark.parametrize("happened", [None, "2031-03-03T01:00:00Z"])
def test_a_key_is_replaced_in_every_role(happened: str | None) -> None:
    def go(v: Village) -> None:
        data = Pen("new").enrolment(an_id("printer")) | {"retires": v.pens["printer"].thumbprint}
        v.by("printer", Said(s("staff", "printer"), "staff.key_rotated", data, happened))

    Case("planned", go, ()).check()


# -- entered in time ---------------------------------------------------------------------------------------------------


def entered(v: Village, happened: str) -> None:
    v.set_day("2031-04-03")
    v.by("admin", amended(happened))


@case("planned")
def entered_thirty_days_after_it_happened(v: Village) -> None:
    entered(v, "2031-03-04T01:00:00Z")


@case("planned", "BACKDATE_LIMIT: happened at 2031-03-04T00:59:59Z, 30 days before it was recorded")
def entered_a_second_too_late(v: Village) -> None:
    entered(v, "2031-03-04T00:59:59Z")


@case("planned", "BACKDATE_LIMIT: happened at 2031-03-02T01:00:00Z, 32 days before it was recorded")
def entered_two_days_too_late(v: Village) -> None:
    entered(v, "2031-03-02T01:00:00Z")


# -- the second person -------------------------------------------------------------------------------------------------


@case("open", "REQUEST_MISSING")
def a_second_half_without_a_first(v: Village) -> None:
    data = {"into": an_id("budi"), "request": a_hash("none")}
    v.by("privacy", Said(s("learner", "ana"), "learner.merged", data))


# -- whole acts --------------------------------------------------------------------------------------------------------

whole = RestedCases()


def test_what_a_whole_act_must_hold_is_looked_at_after_acts_of_that_kind() -> None:
    for each in whole:
        each.check()


@whole("planned", "EVENT_UNKNOWN")
def nothing_after_an_act_of_no_kind(v: Village) -> None:
    v.by("admin", Said(s("cohort", "x"), "cohort.praised", {}))


@whole("open", "LEARNER_STATE_INVALID", "REQUEST_MISSING")
def a_request_that_is_used_twice(v: Village) -> None:
    asked = v.ask("admin", s("learner", "ana"), "learner.merge_requested", {"into": an_id("budi")})
    for _ in range(2):
        v.by(
            "privacy", Said(s("learner", "ana"), "learner.merged", {"into": an_id("budi"), "request": asked})
        )


@whole("open", *["COHORT_NOT_EMPTIED"] * 3)
def a_cohort_cancelled_and_nobody_moved(v: Village) -> None:
    v.cohort("cohort", "cancelled", reason="NO_INSTRUCTOR", displaced=[])


@whole("running", "CLOSING_INVALID")
def withdrawn_and_not_closed(v: Village) -> None:
    v.enrolment("ana", "withdrawn", reason="OWN_WISH")


@whole("running", "CLOSING_INVALID")
def transferred_and_not_closed(v: Village) -> None:
    v.enrolment("ana", "transferred_out", "liaison", to={"commitment": a_hash("x")}, reason="TRANSFER")


@whole("decided", "APPEAL_STATE_INVALID", "ROLE_FORBIDDEN", "REMEDY_WRONG")
def upheld_and_nothing_done(v: Village) -> None:
    v.by("panel", Said(s("appeal", "a"), "appeal.upheld", {"remedy": "X", "unit": None, "result": None}))


@whole("decided", "REMEDY_WRONG")
def reopened_without_an_appeal(v: Village) -> None:
    v.assessment("ana", "reopened", "panel", appeal=an_id("a"), unit="U.1", result="BK")


@whole("decided", "REMEDY_WRONG")
def ordered_again_without_an_appeal(v: Village) -> None:
    v.assessment("ana", "reassessment_ordered", "panel", appeal=an_id("a"), units=["U.1"])


@whole("certified", "BLANKO_NOT_AVAILABLE")
def a_form_given_out_for_no_copy(v: Village) -> None:
    form = {"serial": "0000001", "copy": an_id("copy")}
    v.by("printer", Said(s("blank_stock", "delivery"), "blank_stock.allocated", form))


@whole("certified", "BLANKO_NOT_AVAILABLE")
def a_copy_on_no_form(v: Village) -> None:
    data = {"certificate": an_id("ana t"), "copy": 1, "reason": "ORIGINAL", "stock": an_id("delivery")}
    data |= {"serial": "0000001", "previous_accounted": False}
    v.by("printer", Said(s("print_copy", "p"), "print_copy.copy_printed", data))


@whole("certified", "ANSWERED_LATE", *["DESTRUCTION_INCOMPLETE"] * 2)
def a_person_erased_whom_two_certificates_name(v: Village) -> None:
    erase(v, "ana", "identity")
    v.by("privacy", Said(s("subject_request", "r"), "subject_request.fulfilled"))


@whole("decided", "CERT_ACT_INVALID", "LINK_UNUSED")
def a_certificate_prepared_and_not_issued(v: Village) -> None:
    v.by("issuer", v.prepared("ana t", "TRAINING"))
    v.link(an_id("ana t"), 2, v.training_link("ana"))


@whole("decided", "CERT_BASIS_WRONG")
def a_certificate_of_another_persons_training(v: Village) -> None:
    v.certify("ana t", "TRAINING", {"learner": an_id("budi"), "enrolment": an_id("ana")})


# -- how areas are put together ----------------------------------------------------------------------------------------


def test_an_area_hands_its_methods_out_by_the_types_they_are_marked_with() -> None:
    class Two(Area):
        @on("a.b", "a.c")
        def first(self) -> None: ...

        @on("a.d")
        def second(self) -> None: ...

        def unmarked(self) -> None: ...

    two = Two(followed("planned", lambda _v: None).rules.world)
    handlers: dict[str, object] = {**two.handlers()}
    assert handlers == {"a.b": two.first, "a.c": two.first, "a.d": two.second}
