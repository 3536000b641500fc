"""Which units a certificate lists, by the scheme's rule of award; none when the rule is not met."""

import pytest

from verifier.rules import schemes


def version(rule: str, least: int | None = None, *units: str) -> schemes.Version:
    made = schemes.Version(1, "SKM", "LAS", "Las", "Welding", 2, 24, 0, "p", "b", "d", ["a"])
    made.units = {code: ("98/2018", code, code, 8) for code in units or ("U.3", "U.1", "U.2")}
    made.award_rule, made.min_units = rule, least
    return made


AWARDS: list[tuple[str, int | None, dict[str, str], tuple[str, ...] | None]] = [
    ("ALL_UNITS", None, {"U.1": "K", "U.2": "K", "U.3": "K"}, ("U.3", "U.1", "U.2")),
    ("ALL_UNITS", None, {"U.1": "K", "U.2": "K", "U.3": "BK"}, None),
    ("ALL_UNITS", None, {"U.1": "K", "U.2": "K"}, None),
    ("ALL_UNITS", 1, {"U.1": "K", "U.2": "K"}, None),
    ("CLUSTER", 2, {"U.1": "K", "U.2": "BK", "U.3": "K"}, ("U.3", "U.1")),
    ("CLUSTER", 2, {"U.1": "K", "U.2": "K", "U.3": "K"}, ("U.3", "U.1", "U.2")),
    ("CLUSTER", 2, {"U.1": "K", "U.2": "BK", "U.3": "BK"}, None),
    ("CLUSTER", 1, {"U.2": "K"}, ("U.2",)),
    ("CLUSTER", 1, {"U.2": "BK"}, None),
    ("CLUSTER", None, {"U.1": "K", "U.2": "K"}, None),
    ("CLUSTER", None, {"U.1": "K", "U.2": "K", "U.3": "K"}, ("U.3", "U.1", "U.2")),
    ("CLUSTER", 1, {"U.9": "K"}, None),
]


@pytest.mark.parametrize(("rule", "least", "results", "listed"), AWARDS)
def test_the_units_that_a_certificate_lists(
    rule: str, least: int | None, results: dict[str, str], listed: tuple[str, ...] | None
) -> None:
    assert version(rule, least).award(results) == listed


def test_nothing_is_awarded_of_a_scheme_without_units() -> None:
    made = version("ALL_UNITS")
    made.units = {}
    assert made.award({}) is None


def test_a_version_is_neither_approved_nor_retired_at_first() -> None:
    made = schemes.Version(1, "SKM", "LAS", "Las", "Welding", 2, 24, 0, "p", "b", "d", ["a"])
    assert not made.approved
    assert not made.retired
    assert not made.unit_statement
    assert (made.units, made.award_rule, made.min_units, made.validity_months) == ({}, "", None, 0)
