"""Rules about schemes at their edges: versions and their authors, units, hours, the rule of award, retiring."""

from typing import Any

import pytest

from tests.audit.following import Case, Cases, newcomer
from tests.audit.scribe import Said, an_id
from tests.audit.village import LSP, Village, s

case = Cases()
SCHEME = s("scheme", "las")
HOURS = {"title_id": "Orientasi", "title_en": "Induction", "jp": 4}
"""Hours outside any unit."""


@pytest.mark.parametrize("each", case, ids=str)
def test_a_scheme(each: Case) -> None:
    each.check()


def unit(v: Village, code: str = "U.3", who: str = "admin", **changes: Any) -> None:
    v.by(who, Said(SCHEME, "scheme.unit_added", v.unit(code, **changes)))


def retire(v: Village, version: int = 1, who: str = "issuer") -> None:
    v.by(who, Said(SCHEME, "scheme.retired", {"version": version}))


def drafted(v: Village, version: int = 1, **changes: Any) -> None:
    """A draft with no unit in it."""
    data = {
        "code": "SKM/1", "version": version, "trade": "LAS", "title_id": "Juru Las", "title_en": "Welder", "level": 2,
        "total_jp": 8, "jp_minutes": 45, "non_unit": [], "provider": an_id("blk"), "body": LSP,
    }  # fmt: skip
    v.drafts[f"las@{version}"] = v.by("admin", Said(SCHEME, "scheme.drafted", data | changes))[0]


# -- versions ----------------------------------------------------------------------------------------------------------


@case("staffed")
def a_first_version_of_any_number(v: Village) -> None:
    v.scheme(version=3)


@case("staffed", "SCHEME_INVALID@1: version 0 after version 0", "SCHEME_INVALID")
def a_version_of_no_number_twice(v: Village) -> None:
    drafted(v, 0)
    drafted(v, 0)


@case("planned")
def a_later_version_that_leaves_out_a_number(v: Village) -> None:
    v.scheme(version=3)


@case("planned")
def a_draft_made_again(v: Village) -> None:
    v.scheme(version=2, approved=False)
    v.scheme(version=2)


@case("planned", "SCHEME_INVALID: version 3 after version 2")
def a_further_version_while_one_is_a_draft(v: Village) -> None:
    v.scheme(version=2, approved=False)
    drafted(v, 3)


@case("planned", "SCHEME_INVALID: version 1 after version 2")
def an_approved_version_drafted_while_a_later_one_is_a_draft(v: Village) -> None:
    v.scheme(version=2, approved=False)
    drafted(v, 1)


@case("planned", "SCHEME_INVALID: version 1 after version 2")
def an_older_version_drafted_after_a_later_one_was_approved(v: Village) -> None:
    v.scheme(version=2)
    drafted(v, 1)


@case("planned", "SCHEME_VERSION_LOCKED: version 1 was drafted again")
def an_approved_version_drafted_again(v: Village) -> None:
    drafted(v)


@case("staffed", "UNKNOWN_ID")
def a_body_that_is_not(v: Village) -> None:
    drafted(v, body=an_id("nobody"))


@case("staffed", "ORG_FORBIDDEN: drafted for another provider")
def drafted_for_another_provider(v: Village) -> None:
    drafted(v, provider=LSP)


@case("planned", "ORG_FORBIDDEN: another provider's scheme")
def a_version_of_another_providers_scheme(v: Village) -> None:
    v.people["admin"] = ("training_admin", LSP)
    drafted(v, 2, provider=LSP)


# -- units -------------------------------------------------------------------------------------------------------------


@case("staffed", "SCHEME_STATE_INVALID")
def a_unit_of_no_scheme(v: Village) -> None:
    unit(v)


@case("planned", "SCHEME_STATE_INVALID", "SCHEME_VERSION_LOCKED: a unit was added to version 1")
def a_unit_of_an_approved_version(v: Village) -> None:
    unit(v)


@case("staffed", "ORG_FORBIDDEN")
def a_unit_by_another_provider(v: Village) -> None:
    v.scheme(approved=False)
    unit(v, who=newcomer(v, "training_admin", LSP))


@case("staffed", "SCHEME_INVALID: the unit U.2 occurs twice")
def a_unit_twice(v: Village) -> None:
    v.scheme(approved=False)
    unit(v, "U.2")


@case("planned")
def a_unit_of_an_earlier_version_again(v: Village) -> None:
    v.scheme(version=2, approved=False, total_jp=24)
    unit(v)
    v.approve_scheme(version=2)


@case("staffed", "SOD_SELF_APPROVAL: approved by an author")
def approved_by_who_added_a_unit_only(v: Village) -> None:
    writer = newcomer(v, "training_admin", an_id("blk"))
    v.scheme(approved=False, total_jp=24)
    unit(v, who=writer)
    v.approve_scheme(who=writer)


@case(
    "staffed", "SOD_SELF_APPROVAL: entry 103 is by the same human", "SOD_SELF_APPROVAL: approved by an author"
)
def approved_by_who_drafted_it_and_added_no_unit(v: Village) -> None:
    drafted(v)
    unit(v, "U.1", newcomer(v, "training_admin", an_id("blk")))
    v.approve_scheme(who="admin")


# -- approving ---------------------------------------------------------------------------------------------------------


@case("staffed", "REQUEST_DIFFERS", "UNKNOWN_ID: there is no version 2 to approve")
def approving_a_version_that_is_not(v: Village) -> None:
    v.scheme(approved=False)
    v.by("issuer", Said(SCHEME, "scheme.approved", approval(v.drafts["las@1"], version=2)))


def approval(request: str, **changes: Any) -> dict[str, Any]:
    data = {
        "version": 1,
        "award_rule": "ALL_UNITS",
        "min_units": None,
        "validity_months": 36,
        "unit_statement": True,
    }
    return {**data, "request": request, **changes}


@case(
    "staffed",
    "SCHEME_STATE_INVALID",
    "REQUEST_MISSING",
    "SCHEME_VERSION_LOCKED: version 1 was approved again",
)
def approved_twice(v: Village) -> None:
    v.scheme()
    v.approve_scheme()


@case("staffed", "ORG_FORBIDDEN")
def approved_by_another_provider(v: Village) -> None:
    v.scheme(approved=False)
    who = newcomer(v, "training_issuer", LSP)
    v.by(who, Said(SCHEME, "scheme.approved", approval(v.drafts["las@1"])))


@case("staffed", "REQUEST_MISSING: the draft that stands is a newer one")
def approved_by_the_request_of_an_older_draft(v: Village) -> None:
    drafted(v, title_en="Another")
    old = v.drafts["las@1"]
    v.scheme(approved=False)
    v.approve_scheme(request=old)


@case("staffed")
def hours_outside_units_are_counted(v: Village) -> None:
    v.scheme(total_jp=23, non_unit=[HOURS, HOURS | {"jp": 3}])


@case("staffed", "JP_MISMATCH: 23 JP are planned, 22 said")
def an_hour_too_many(v: Village) -> None:
    v.scheme(total_jp=22, non_unit=[HOURS, HOURS | {"jp": 3}])


@case("staffed", "JP_MISMATCH: 16 JP are planned, 17 said")
def an_hour_too_few(v: Village) -> None:
    v.scheme(total_jp=17)


@case("staffed", "SCHEME_INVALID: the award rule ALL_UNITS")
def a_scheme_without_units(v: Village) -> None:
    drafted(v, total_jp=4, non_unit=[HOURS])
    v.approve_scheme()


RULES: dict[str, tuple[dict[str, Any], bool]] = {
    "all units": ({}, True),
    "all units and a number": ({"min_units": 2}, False),
    "a cluster of none": ({"award_rule": "CLUSTER", "min_units": 0}, False),
    "a cluster of one": ({"award_rule": "CLUSTER", "min_units": 1}, True),
    "a cluster of all": ({"award_rule": "CLUSTER", "min_units": 2}, True),
    "a cluster of more than all": ({"award_rule": "CLUSTER", "min_units": 3}, False),
    "a cluster of no number": ({"award_rule": "CLUSTER"}, False),
    "no rule": ({"award_rule": "GOODWILL"}, False),
    "valid for no month": ({"validity_months": 0}, False),
    "valid for a month": ({"validity_months": 1}, True),
}


@pytest.mark.parametrize("name", RULES)
def test_the_award_rules_that_may_be(name: str) -> None:
    said, right = RULES[name]

    def go(v: Village) -> None:
        v.scheme(approved=False)
        v.approve_scheme(**said)

    Case("staffed", go, () if right else ("SCHEME_INVALID",)).check()


# -- retiring ----------------------------------------------------------------------------------------------------------


@case("planned", "SCHEME_NOT_APPROVED: version 1 was retired")
def retired_twice(v: Village) -> None:
    retire(v)
    retire(v)


@case("planned", "SCHEME_NOT_APPROVED: version 2 was retired")
def a_draft_retired(v: Village) -> None:
    v.scheme(version=2, approved=False)
    retire(v, 2)


@case("planned", "SCHEME_NOT_APPROVED: version 2 was retired")
def a_version_retired_that_is_not(v: Village) -> None:
    retire(v, 2)


@case("planned", "ORG_FORBIDDEN")
def retired_by_another_provider(v: Village) -> None:
    retire(v, who=newcomer(v, "training_issuer", LSP))


@case(
    "planned",
    "SCHEME_STATE_INVALID: scheme.unit_added of " + SCHEME + ", which is retired",
    "SCHEME_VERSION_LOCKED",
)
def a_unit_after_the_newest_version_was_retired(v: Village) -> None:
    retire(v)
    unit(v)


@case("planned")
def an_older_version_retired_while_the_newest_is_a_draft(v: Village) -> None:
    v.scheme(version=2, approved=False, total_jp=24)
    retire(v)
    unit(v)
    v.approve_scheme(version=2)


@case("planned")
def a_version_after_all_were_retired(v: Village) -> None:
    retire(v)
    v.scheme(version=2)
