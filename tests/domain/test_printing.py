from collections.abc import Callable
from typing import Any

import pytest

from ledger.domain.blank_stock import BlankStock
from ledger.domain.print_copy import PrintCopy
from tests.domain.folding import act, refused, settle

USES: dict[str, Callable[[BlankStock, str], None]] = {
    "allocated": lambda stock, serial: stock.allocate(act(), serial, "copy"),
    "spoiled": lambda stock, serial: stock.spoil(act(), serial),
    "returned": lambda stock, serial: stock.give_back(act(), serial),
}


def stock(*, again: BlankStock | None = None) -> BlankStock:
    found = again or BlankStock("b")
    found.receive(act(), ["0000101", "0000102"])
    return found


@pytest.mark.parametrize("first", USES)
@pytest.mark.parametrize("second", USES)
def test_a_form_is_used_once(first: str, second: str) -> None:
    forms = stock()
    USES[first](forms, "0000101")
    assert settle(forms).forms == {"0000101": first, "0000102": "received"}
    with refused("BLANKO_NOT_AVAILABLE", forms):
        USES[second](forms, "0000101")
    USES[second](forms, "0000102")


def test_a_form_that_was_never_received() -> None:
    forms = stock()
    with refused("BLANKO_NOT_AVAILABLE", forms):
        forms.spoil(act(), "0000103")


def test_a_delivery_names_a_form_once() -> None:
    forms = BlankStock("b")
    with refused("VALUE_INVALID", forms):
        forms.receive(act(), ["0000101", "0000101"])


def printed(*, again: PrintCopy | None = None, **changes: Any) -> PrintCopy:
    arguments: dict[str, Any] = {
        "certificate": "c",
        "copy": 1,
        "last": 0,
        "reason": "ORIGINAL",
        "stock": "b",
        "serial": "0000101",
        "previous_accounted": False,
    }
    copy = again or PrintCopy("p")
    copy.print(act(), **arguments | changes)
    return copy


def test_the_original_needs_no_account_of_a_copy_before() -> None:
    assert settle(printed()).copy == 1


def test_a_further_copy_needs_it() -> None:
    with refused("COPY_NOT_ACCOUNTED"):
        printed(copy=2, last=1)
    assert printed(copy=2, last=1, previous_accounted=True).copy == 2


@pytest.mark.parametrize(("copy", "last"), [(1, 1), (3, 1), (2, 2), (2, 0)])
def test_copies_follow_each_other(copy: int, last: int) -> None:
    with refused("VALUE_INVALID"):
        printed(copy=copy, last=last, previous_accounted=True)


def test_a_copy_is_handed_over_once() -> None:
    copy = printed()
    copy.hand_over(act())
    assert settle(copy).state == "handed_over"
    with refused("PRINT_COPY_STATE_INVALID", copy):
        copy.hand_over(act())
    assert copy.pending[-1].data == {}


def test_a_delivery_begins_once() -> None:
    forms = stock()
    with refused("BLANK_STOCK_STATE_INVALID", forms):
        stock(again=forms)


def test_a_copy_begins_once() -> None:
    copy = printed()
    with refused("PRINT_COPY_STATE_INVALID", copy):
        printed(again=copy)
