"""The status of a certificate at a moment: the first that applies, in the zone that its event names."""

import pytest

from verifier.rules.certificate import Certificate
from verifier.times import parse_moment

LAST_SECOND = parse_moment("2034-03-20T15:59:59Z")  # 23:59:59 in Makassar


def issued(state: str = "active", **changes: object) -> Certificate:
    made = Certificate("certificate/c")
    made.state, made.issued, made.zone = state, 0, "Asia/Makassar"
    made.valid_until = "2034-03-20"
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def status(
    certificate: Certificate, at: int = LAST_SECOND, *, review: bool = False, erased: bool = False
) -> str:
    return certificate.status(at, under_review=review, erased=erased)


def test_nothing_is_found_of_one_that_was_not_issued() -> None:
    fresh = Certificate("certificate/c")
    assert not fresh.is_issued
    assert (fresh.issued, fresh.copies, fresh.place) == (-1, 0, (0, 0))
    said = (
        fresh.kind,
        fresh.number,
        fresh.zone,
        fresh.key,
        fresh.scheme_code,
        fresh.programme_code,
        fresh.issued_on,
    )
    assert not any(said)
    assert status(fresh, erased=True) == "NOT_FOUND"


@pytest.mark.parametrize("index", [0, 1, 9])
def test_one_is_issued_wherever_in_the_log(index: int) -> None:
    assert issued(issued=index).is_issued


def test_valid_through_the_last_second_of_its_last_day() -> None:
    assert status(issued()) == "VALID"
    assert status(issued(), LAST_SECOND + 1) == "EXPIRED"
    assert status(issued(valid_until=None), LAST_SECOND + 1) == "VALID"


def test_the_first_that_applies() -> None:
    late = LAST_SECOND + 1
    assert status(issued("suspended")) == "SUSPENDED"
    assert status(issued(), review=True) == "SUSPENDED"
    assert status(issued("suspended"), late) == "EXPIRED"
    assert status(issued(), late, review=True) == "EXPIRED"
    assert status(issued("superseded"), late, review=True) == "REPLACED"
    assert status(issued("revoked"), late, review=True) == "REVOKED"
    for state in ("active", "suspended", "superseded", "revoked"):
        assert status(issued(state), late, erased=True) == "NO_LONGER_VERIFIABLE"
        assert status(issued(state, erased=True), late) == "NO_LONGER_VERIFIABLE"
