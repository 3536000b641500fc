"""Rules about blank forms and printed copies at their edges."""

from typing import Any

import pytest

from tests.audit.following import Case, Cases, followed
from tests.audit.scribe import Said, an_id
from tests.audit.village import Village, s

case = Cases()
STOCK = s("blank_stock", "delivery")


@pytest.mark.parametrize("each", case, ids=str)
def test_printing(each: Case) -> None:
    each.check()


def received(v: Village, *serials: str, name: str = "second") -> None:
    v.blanks(name, serials)


def form(v: Village, event: str, serial: str, name: str = "delivery") -> None:
    v.by("printer", Said(s("blank_stock", name), f"blank_stock.{event}", {"serial": serial}))


# -- forms -------------------------------------------------------------------------------------------------------------


@case("certified")
def a_delivery_of_one_form(v: Village) -> None:
    received(v, "0000003")


@case("certified", "BLANKO_RECEIVED_TWICE")
def a_delivery_of_none(v: Village) -> None:
    received(v)


@case("certified", "BLANKO_RECEIVED_TWICE: a serial was received before")
def a_form_twice_in_one_delivery(v: Village) -> None:
    received(v, "0000003", "0000003")


@case("certified", "BLANKO_RECEIVED_TWICE")
def a_form_of_an_earlier_delivery(v: Village) -> None:
    received(v, "0000003", "0000002")


@case("certified", "BLANKO_RECEIVED_TWICE")
def a_form_that_was_used_received_again(v: Village) -> None:
    v.print("ana t")
    received(v, "0000001")


@case("certified", "BLANKO_RECEIVED_TWICE@1", "BLANKO_NOT_AVAILABLE: the form 0000002")
def a_form_received_twice_lies_in_its_first_delivery(v: Village) -> None:
    received(v, "0000003", "0000002")
    form(v, "spoiled", "0000002", "second")


@pytest.mark.parametrize("first", ["spoiled", "returned"])
@pytest.mark.parametrize("second", ["spoiled", "returned"])
def test_a_form_is_used_once(first: str, second: str) -> None:
    def go(v: Village) -> None:
        form(v, first, "0000001")
        form(v, second, "0000001")

    Case("certified", go, ("BLANKO_NOT_AVAILABLE: the form 0000001",)).check()


@case("certified")
def another_form_after_one_was_spoiled(v: Village) -> None:
    form(v, "spoiled", "0000001")
    v.print("ana t", serial="0000002")


@case("certified", "BLANKO_NOT_AVAILABLE")
def a_form_that_was_not_received(v: Village) -> None:
    form(v, "spoiled", "0000003")


@case("certified", "BLANKO_NOT_AVAILABLE")
def a_form_of_another_delivery(v: Village) -> None:
    received(v, "0000003")
    form(v, "spoiled", "0000003")


# -- copies ------------------------------------------------------------------------------------------------------------


def printed(name: str = "c", serial: str = "0000001", *, of: str = "ana t", **changes: Any) -> Said:
    data = {
        "certificate": an_id(of), "copy": 1, "reason": "ORIGINAL", "stock": an_id("delivery"), "serial": serial,
        "previous_accounted": False,
    }  # fmt: skip
    return Said(s("print_copy", name), "print_copy.copy_printed", data | changes)


def taken(copy: str = "c", serial: str = "0000001") -> Said:
    return Said(STOCK, "blank_stock.allocated", {"serial": serial, "copy": an_id(copy)})


@case("certified")
def a_first_and_a_second_copy(v: Village) -> None:
    v.print("ana t")
    v.print("ana t", 2, "0000002")


@case("certified")
def first_copies_of_two_certificates_in_one_act(v: Village) -> None:
    v.by("printer", taken(), printed(), taken("d", "0000002"), printed("d", "0000002", of="ana c"))


@case("certified", "UNKNOWN_ID")
def a_copy_of_no_certificate(v: Village) -> None:
    v.by("printer", taken(), printed(of="nothing"))


@case("certified", "COPY_INVALID: copy 3 after 1")
def a_copy_left_out(v: Village) -> None:
    v.print("ana t")
    v.print("ana t", 3, "0000002")


@case("certified", "COPY_INVALID: copy 1 after 1")
def the_first_copy_twice(v: Village) -> None:
    v.print("ana t")
    v.by("printer", taken("d", "0000002"), printed("d", "0000002"))


@case("certified", "COPY_INVALID@2: copy 3 after 0", "COPY_INVALID@1: copy 2 after 3")
def the_highest_copy_counts(v: Village) -> None:
    received(v, "0000003", "0000004", name="more")
    v.print("ana t", 3)
    v.print("ana t", 2, "0000002")
    data: dict[str, Any] = {"stock": an_id("more"), "copy": 4, "reason": "LOST", "previous_accounted": True}
    stock = Said(s("blank_stock", "more"), "blank_stock.allocated", {"serial": "0000003", "copy": an_id("e")})
    v.by("printer", stock, printed("e", "0000003", **data))


@case("certified", "COPY_INVALID: copy 1 for LOST")
def a_first_copy_for_a_loss(v: Village) -> None:
    v.print("ana t", reason="LOST")


@case("certified", "COPY_INVALID: copy 2 for ORIGINAL")
def a_second_original(v: Village) -> None:
    v.print("ana t")
    v.print("ana t", 2, "0000002", reason="ORIGINAL")


@case("certified", "COPY_NOT_ACCOUNTED: copy 1 of " + s("certificate", "ana t"))
def a_second_copy_while_the_first_is_unaccounted_for(v: Village) -> None:
    v.print("ana t")
    v.print("ana t", 2, "0000002", previous_accounted=False)


@case("certified", "COPY_INVALID: the certificate is suspended")
def a_copy_of_a_suspended_certificate(v: Village) -> None:
    v.certificate("ana c", "suspended", reason="COMPLAINT_OPEN")
    v.print("ana c")


@case("certified", "COPY_INVALID: the certificate is erased")
def a_copy_of_an_erased_certificate(v: Village) -> None:
    erase_certificate(v)
    v.print("ana t")


def erase_certificate(v: Village) -> None:
    """Its holder's name is destroyed, and that is marked."""
    v.set_day("2031-03-24")
    stream = s("subject_request", "r")
    data = {"subject": s("certificate", "ana t"), "kind": "ERASURE", "due": v.time}
    v.by("privacy", Said(stream, "subject_request.received", data))
    v.by("privacy", Said(stream, "subject_request.verified"))
    asked = v.ask("privacy", stream, "subject_request.destruction_requested", {"classes": ["identity"]})
    done = {"class": "identity", "subject": s("certificate", "ana t"), "request": asked}
    v.by("issuer", Said(stream, "subject_request.data_destroyed", done))
    v.certificate("ana t", "marked_erased", "privacy")


# -- a copy and its form -----------------------------------------------------------------------------------------------

ACTS: dict[str, tuple[str, ...]] = {
    "a copy without its form": ("copy",),
    "a form without its copy": ("form",),
    "a form for another copy": ("copy", "form for another"),
    "another form than the copy says": ("copy", "another form"),
    "two forms for one copy": ("copy", "form", "another form"),
    "a copy that names another delivery": ("copy of another delivery", "form"),
}


@pytest.mark.parametrize("name", ACTS)
def test_a_copy_takes_its_form_in_the_same_act(name: str) -> None:
    def go(v: Village) -> None:
        said = {
            "copy": printed(), "form": taken(), "form for another": taken("d"), "another form": taken("c", "0000002"),
            "copy of another delivery": printed(stock=an_id("other")),
        }  # fmt: skip
        v.by("printer", *(said[each] for each in ACTS[name]))

    said = "BLANKO_NOT_AVAILABLE: a copy was printed without its form, or a form used without one"
    Case("certified", go, (said,)).check()


def test_the_copies_of_a_certificate_are_known() -> None:
    def go(v: Village) -> None:
        v.print("ana t")
        v.print("ana t", 2, "0000002")

    copies = [s("print_copy", f"ana t copy {number}") for number in (1, 2)]
    assert followed("certified", go).rules.printing.copies == {s("certificate", "ana t"): tuple(copies)}
