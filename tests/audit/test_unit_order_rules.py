"""In which order units stand matters nowhere: those of a scheme, of an order to reassess, of an attempt."""

import pytest

from tests.audit.following import Case, Cases
from tests.audit.scribe import Said, an_id
from tests.audit.test_erasure_rules import completed
from tests.audit.village import Village, s

case = Cases()
TURNED = ("U.2", "U.1")


@pytest.mark.parametrize("each", case, ids=str)
def test_an_order_of_units(each: Case) -> None:
    each.check()


def turned(v: Village) -> None:
    """A scheme that lists its second unit first, and a programme that teaches it."""
    v.scheme("turned", codes=TURNED)
    v.programme("turning", ready=False)
    adopted = {"scheme": an_id("turned"), "version": 1}
    v.by("admin", Said(s("programme", "turning"), "programme.scheme_adopted", adopted))


@case("trained")
def at_a_schemes_units_in_the_order_of_the_alphabet_for_a_renewal(v: Village) -> None:
    turned(v)
    v.admit("ana", scheme=an_id("turned"), enrolment=None, renews=True)


@case("planned")
def at_a_schemes_units_in_the_order_of_the_alphabet_after_a_training(v: Village) -> None:
    turned(v)
    completed(v, programme=an_id("turning"), scheme=an_id("turned"))
    v.admit("ana", scheme=an_id("turned"))


@case("trained")
def at_the_units_of_an_order_in_the_order_of_the_alphabet(v: Village) -> None:
    v.assess("ana")
    v.decide("ana")
    v.assessment("ana", "reassessment_ordered", "supervisor", units=list(TURNED), appeal=None)
    v.admit("again", learner="ana", attempt=2, previous=an_id("ana"), enrolment=an_id("ana"))
