from typing import Any

import pytest

from ledger.domain.scheme import Scheme, SchemeVersion, award
from tests.domain.folding import act, refused, settle


def unit(code: str, jp: int = 10) -> dict[str, Any]:
    return {
        "decree": "98/2018",
        "code": code,
        "title_id": f"Judul {code}",
        "title_en": f"Title {code}",
        "jp": jp,
        "type": "core",
    }


def draft(
    scheme: Scheme, *codes: str, total: int | None = None, by: str = "ani", version: int | None = None
) -> int:
    return scheme.draft(
        act(by),
        code="SKM/1",
        trade="LAS",
        title_id="Juru",
        title_en="Worker",
        level=2,
        total_jp=10 * len(codes) + 6 if total is None else total,
        jp_minutes=45,
        non_unit=[{"title_id": "Lain", "title_en": "Other", "jp": 6}],
        provider="blk",
        body="lsp",
        units=[unit(code) for code in codes],
        version=version,
    )


def drafted(*codes: str, total: int | None = None) -> Scheme:
    scheme = Scheme("s")
    draft(scheme, *(codes or ("U1", "U2", "U3")), total=total)
    return scheme


def approve(scheme: Scheme, **changes: Any) -> None:
    arguments: dict[str, Any] = {
        "version": scheme.latest.number,
        "award_rule": "ALL_UNITS",
        "min_units": None,
        "validity_months": 36,
        "unit_statement": True,
        "total_jp": scheme.latest.total_jp,
    }
    scheme.approve(act("bram", role="training_issuer"), **arguments | changes)


def test_an_approved_version_says_what_was_drafted_and_decided() -> None:
    scheme = drafted()
    approve(scheme, award_rule="CLUSTER", min_units=2, validity_months=24, unit_statement=False)
    version = settle(scheme).require_approved(1)
    assert version.unit_codes == ("U1", "U2", "U3")
    assert (version.award_rule, version.min_units, version.validity_months) == ("CLUSTER", 2, 24)
    assert version.unit_statement is False
    assert version.planned_jp == version.total_jp == 36
    assert version.unit("U2").title_en == "Title U2"
    with refused("UNIT_NOT_IN_SCHEME"):
        version.unit("U9")


def test_the_approval_names_its_draft() -> None:
    scheme = settle(drafted())
    approve(scheme)
    assert scheme.pending[-1].data["request"] == scheme.latest.drafted
    assert scheme.latest.drafted is not None


def test_a_draft_is_not_approved() -> None:
    with refused("SCHEME_STATE_INVALID"):
        drafted().require_approved(1)


def test_a_version_that_is_not_there() -> None:
    with refused("UNKNOWN_ID"):
        drafted().require_approved(2)


@pytest.mark.parametrize(("drafted_total", "read_total"), [(36, 35), (35, 35), (35, 36), (999, 999)])
def test_hours_add_up(drafted_total: int, read_total: int) -> None:
    scheme = drafted(total=drafted_total)
    with refused("JP_MISMATCH", scheme):
        approve(scheme, total_jp=read_total)


@pytest.mark.parametrize(
    ("award_rule", "min_units"), [("ALL_UNITS", 1), ("CLUSTER", None), ("CLUSTER", 0), ("CLUSTER", 4)]
)
def test_an_award_rule_that_makes_no_sense(award_rule: str, min_units: int | None) -> None:
    scheme = drafted()
    with refused("VALUE_INVALID", scheme):
        approve(scheme, award_rule=award_rule, min_units=min_units)


def test_an_approved_version_is_locked() -> None:
    scheme = drafted()
    approve(scheme)
    with refused("SCHEME_VERSION_LOCKED", scheme):
        scheme.add_units(act(), [unit("U4")])
    with refused("SCHEME_VERSION_LOCKED", scheme):
        approve(scheme)


def test_a_unit_occurs_once_in_a_version() -> None:
    scheme = drafted("U1", "U2")
    for codes in (["U2"], ["U3", "U3"]):
        with refused("VALUE_INVALID", scheme):
            scheme.add_units(act(), [unit(code) for code in codes])


def test_a_new_version_leaves_the_old_one_as_it_was() -> None:
    scheme = drafted("U1", "U2")
    approve(scheme)
    before = scheme.at(1)
    assert draft(scheme, "U1", "U3") == 2
    folded = settle(scheme)
    assert folded.at(1).unit_codes == before.unit_codes
    assert folded.require_approved(1).number == 1
    assert folded.state == "draft"
    with refused("SCHEME_STATE_INVALID"):
        folded.require_approved(2)


def test_a_body_keeps_its_own_numbers_but_does_not_go_back() -> None:
    scheme = Scheme("s")
    assert draft(scheme, "U1", version=3) == 3
    for wrong in (2, 4):
        with refused("VALUE_INVALID", scheme):
            draft(scheme, "U1", version=wrong)
    assert draft(scheme, "U2", version=3) == 3
    approve(scheme)
    for wrong in (1, 3):
        with refused("VALUE_INVALID", scheme):
            draft(scheme, "U1", version=wrong)
    assert draft(scheme, "U1") == 4
    approve(scheme)
    assert draft(scheme, "U1", version=6) == 6
    assert settle(scheme).require_approved(3).unit_codes == ("U2",)


def test_a_draft_may_be_drafted_afresh() -> None:
    scheme = drafted("U1", "U2")
    assert draft(scheme, "U7", by="dian") == 1
    folded = settle(scheme)
    assert folded.at(1).unit_codes == ("U7",)
    assert set(folded.at(1).authors) == {"dian"}


def test_who_adds_a_unit_is_an_author() -> None:
    scheme = drafted("U1")
    scheme.add_units(act("dian"), [unit("U2")])
    assert set(settle(scheme).latest.authors) == {"ani", "dian"}


def test_a_retired_version_plans_nothing_new() -> None:
    scheme = drafted()
    with refused("SCHEME_STATE_INVALID", scheme):
        scheme.retire(act(), 1)
    approve(scheme)
    scheme.retire(act(), 1)
    with refused("SCHEME_STATE_INVALID", scheme):
        settle(scheme).require_approved(1)
    assert settle(scheme).at(1).approved
    assert settle(scheme).state == "retired"
    with refused("SCHEME_STATE_INVALID", scheme):
        scheme.retire(act(), 1)
    with refused("SCHEME_VERSION_LOCKED", scheme):
        approve(scheme)


def test_retiring_an_old_version_leaves_the_newest() -> None:
    scheme = drafted()
    approve(scheme)
    draft(scheme, "U1")
    approve(scheme)
    scheme.retire(act(), 1)
    assert settle(scheme).state == "approved"


def version(award_rule: str, min_units: int | None, units: int) -> SchemeVersion:
    scheme = drafted(*(f"U{number}" for number in range(1, units + 1)))
    approve(scheme, award_rule=award_rule, min_units=min_units)
    return scheme.latest


@pytest.mark.parametrize(
    ("rule", "min_units", "units", "competent", "listed"),
    [
        ("ALL_UNITS", None, 3, "1 2 3", "1 2 3"),
        ("ALL_UNITS", None, 3, "1 3", None),
        ("ALL_UNITS", None, 1, "", None),
        ("CLUSTER", 2, 4, "4 1", "1 4"),
        ("CLUSTER", 2, 4, "1 2 3", "1 2 3"),
        ("CLUSTER", 2, 4, "3", None),
        ("CLUSTER", 2, 4, "", None),
        ("CLUSTER", 4, 4, "1 2 3", None),
    ],
)
def test_award(rule: str, min_units: int | None, units: int, competent: str, listed: str | None) -> None:
    results = {f"U{number}": "BK" for number in range(1, units + 1)}
    results |= {f"U{number}": "K" for number in competent.split()}
    wanted = None if listed is None else tuple(f"U{number}" for number in listed.split())
    assert award(version(rule, min_units, units), results) == wanted


def test_a_unit_without_result_is_not_competent() -> None:
    assert award(version("ALL_UNITS", None, 2), {"U1": "K"}) is None


def test_a_unit_of_another_scheme_does_not_count() -> None:
    assert award(version("CLUSTER", 2, 3), {"U1": "K", "X": "K"}) is None
