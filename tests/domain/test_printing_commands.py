"""Blank forms and printed copies."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ledger.commands.printing import HandOver, PrintCopy, ReceiveBlanks, ReturnBlank, SpoilBlank
from ledger.domain.certificate import Certificate, Content
from tests.domain.desk import new_id
from tests.domain.office import Office

CERTIFICATE = new_id("certificate")


@pytest.fixture
def office() -> Office:
    office = Office()
    office.give("printer", ReceiveBlanks(serials=["0000001", "0000002", "0000003"]))
    certificate = office.begin(Certificate, "certificate")
    content = Content(
        kind="COMPETENCE",
        scheme_code="S",
        programme_code="P",
        title_id="a",
        title_en="b",
        level=2,
        units=(),
        jp=None,
    )
    act = office.act("issuer")
    certificate.prepare(act, content, template=new_id("template"), version=1, template_hash="0" * 64)
    certificate.issue(
        act,
        number="1/X",
        place=None,
        issued_on=date(2026, 3, 2),
        valid_until=None,
        zone="Asia/Jayapura",
        status=(1, 5),
        holder={},
        code={},
        provenance={},
        replaces=None,
    )
    office.save()
    return office


def a_copy(number: int = 1, **changes: Any) -> PrintCopy:
    arguments: dict[str, Any] = {
        "certificate": CERTIFICATE,
        "copy_number": number,
        "reason": "ORIGINAL" if number == 1 else "LOST",
        "blanko_serial": f"000000{number}",
        "previous_accounted": number > 1,
    }
    return PrintCopy(**arguments | changes)


def change(office: Office, do: Callable[[Certificate], None]) -> None:
    certificate = office.memory.find(Certificate, CERTIFICATE)
    assert certificate is not None
    do(certificate)
    office._scene.append(certificate)
    office.save()


def test_a_copy_takes_a_form(office: Office) -> None:
    copy = office.give("printer", a_copy())["print_copy"]
    assert {event.type: dict(event.data) for event in office.last}["blank_stock.allocated.v1"] == {
        "serial": "0000001",
        "copy": copy,
    }
    assert ("copy", f"{CERTIFICATE}/1") in office.memory.rows  # so that two at once cannot both be copy 1
    office.give("printer", HandOver(print_copy=copy))
    assert office.refused("printer", HandOver(print_copy=copy)) == "PRINT_COPY_STATE_INVALID"


def test_a_second_copy_is_accounted_for(office: Office) -> None:
    office.give("printer", a_copy())
    assert office.refused("printer", a_copy(2, previous_accounted=False)) == "COPY_NOT_ACCOUNTED"
    office.give("printer", a_copy(2))
    assert office.refused("printer", a_copy(2, blanko_serial="0000003")) == "VALUE_INVALID"


@pytest.mark.parametrize("serial", ["0000000", "0000001"])
def test_a_form_must_be_there(office: Office, serial: str) -> None:
    office.give("printer", a_copy())
    unaccounted = a_copy(2, blanko_serial=serial, previous_accounted=False)
    assert office.refused("printer", unaccounted) == "BLANKO_NOT_AVAILABLE"


def test_forms_that_were_spoiled_or_given_back(office: Office) -> None:
    office.give("printer", SpoilBlank(serial="0000001"))
    office.give("printer", ReturnBlank(serial="0000002"))
    for serial in ("0000001", "0000002", "0000009"):
        assert office.refused("printer", a_copy(blanko_serial=serial)) == "BLANKO_NOT_AVAILABLE"
        assert office.refused("printer", SpoilBlank(serial=serial)) == "BLANKO_NOT_AVAILABLE"
        assert office.refused("printer", ReturnBlank(serial=serial)) == "BLANKO_NOT_AVAILABLE"


@pytest.mark.parametrize(
    ("number", "reason"), [(1, "LOST"), (1, "CONVICTION"), (2, "ORIGINAL"), (2, "FELONY")]
)
def test_each_copy_has_its_reasons(office: Office, number: int, reason: str) -> None:
    assert office.refused("printer", a_copy(number, reason=reason)) == "REASON_CODE_INVALID"


def test_the_first_copy_is_the_first(office: Office) -> None:
    assert office.refused("printer", a_copy(2)) == "VALUE_INVALID"


def test_a_serial_is_received_once(office: Office) -> None:
    assert office.refused("printer", ReceiveBlanks(serials=["0000004", "0000003"])) == "VALUE_INVALID"
    assert office.refused("admin", ReceiveBlanks(serials=["0000004"])) == "ROLE_FORBIDDEN"


def test_what_does_not_stand_is_not_printed(office: Office) -> None:
    change(office, lambda certificate: certificate.suspend(office.act("issuer"), "COMPLAINT"))
    assert office.refused("printer", a_copy(reason="CONVICTION")) == "CERT_STATE_INVALID"
    change(office, lambda certificate: certificate.reinstate(office.act("issuer")))
    office.give("printer", a_copy())


def test_what_nobody_is_named_on_is_not_printed(office: Office) -> None:
    change(office, lambda certificate: certificate.mark_erased(office.act("issuer")))
    assert office.refused("printer", a_copy()) == "PERSON_ERASED"


def test_a_certificate_that_is_not_there(office: Office) -> None:
    assert office.refused("printer", a_copy(certificate=new_id("nobody"))) == "UNKNOWN_ID"
