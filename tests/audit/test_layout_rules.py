"""Rules about certificates' layouts at their edges: drafted, approved by a second reader, retired."""

import pytest

from tests.audit.following import Case, Cases, newcomer
from tests.audit.scribe import Said, a_hash
from tests.audit.village import LSP, Village, s

case = Cases()
TEMPLATE = s("template", "TRAINING")


@pytest.mark.parametrize("each", case, ids=str)
def test_a_layout(each: Case) -> None:
    each.check()


def layout(v: Village, number: int, kind: str = "TRAINING", who: str = "admin", text: str = "text") -> str:
    data = {"kind": kind, "version": number, "hash": a_hash(text)}
    return v.ask(who, TEMPLATE, "template.drafted", data)


def approve(v: Village, number: int, request: str, who: str = "issuer", text: str = "text") -> None:
    v.by(
        who,
        Said(TEMPLATE, "template.approved", {"version": number, "hash": a_hash(text), "request": request}),
    )


def withdraw(v: Village, number: int = 1, who: str = "issuer") -> None:
    v.by(who, Said(TEMPLATE, "template.retired", {"version": number}))


@case("staffed", "TEMPLATE_INVALID: version 0 for TRAINING after version 0")
def a_first_layout_of_no_number(v: Village) -> None:
    layout(v, 0)


@case("staffed", "TEMPLATE_INVALID: version 2 for TRAINING after version 0")
def a_first_layout_of_the_second_number(v: Village) -> None:
    layout(v, 2)


@case("staffed")
def a_layout_drafted_afresh_and_its_successor(v: Village) -> None:
    layout(v, 1, text="older")
    approve(v, 1, layout(v, 1))
    approve(v, 2, layout(v, 2))


@case("planned", "TEMPLATE_INVALID: version 1 for TRAINING after version 1")
def an_approved_layout_drafted_again(v: Village) -> None:
    layout(v, 1)


@case("planned", "TEMPLATE_INVALID: version 3 for TRAINING after version 2")
def a_further_layout_while_one_is_a_draft(v: Village) -> None:
    layout(v, 2)
    layout(v, 3)


@case("planned", "TEMPLATE_INVALID: version 2 for COMPETENCE after version 1")
def a_layout_of_another_kind(v: Village) -> None:
    layout(v, 2, "COMPETENCE")


@case("planned", "TEMPLATE_INVALID@1: version 2 for COMPETENCE after version 1", "TEMPLATE_INVALID")
def a_layouts_kind_does_not_change_by_a_wrong_draft(v: Village) -> None:
    for _ in range(2):
        layout(v, 2, "COMPETENCE")


@case("planned", "ORG_FORBIDDEN")
def a_layout_of_another_organisation(v: Village) -> None:
    layout(v, 2, who=newcomer(v, "training_admin", LSP))


@case("staffed", "ORG_FORBIDDEN")
def a_layout_approved_by_another_organisation(v: Village) -> None:
    approve(v, 1, layout(v, 1), newcomer(v, "training_issuer", LSP))


@case("planned", "ORG_FORBIDDEN")
def a_layout_retired_by_another_organisation(v: Village) -> None:
    withdraw(v, who=newcomer(v, "training_issuer", LSP))


@case("staffed", "REQUEST_DIFFERS", "TEMPLATE_INVALID: version 1 was approved")
def another_text_approved(v: Village) -> None:
    approve(v, 1, layout(v, 1), text="another")


@case("staffed", "TEMPLATE_INVALID: version 1 was approved")
def an_older_draft_of_the_same_text_approved(v: Village) -> None:
    request = layout(v, 1)
    layout(v, 1)
    approve(v, 1, request)


@case("staffed", "REQUEST_DIFFERS", "TEMPLATE_INVALID: version 2 was approved")
def a_layout_approved_that_is_not(v: Village) -> None:
    approve(v, 2, layout(v, 1))


@case("staffed", "TEMPLATE_STATE_INVALID", "REQUEST_MISSING", "TEMPLATE_INVALID")
def a_layout_approved_twice(v: Village) -> None:
    request = layout(v, 1)
    for _ in range(2):
        approve(v, 1, request)


@case("planned", "TEMPLATE_INVALID: version 2 was retired")
def a_layout_retired_that_is_not(v: Village) -> None:
    withdraw(v, 2)


@case("planned", "TEMPLATE_INVALID: version 2 was retired")
def a_draft_of_a_layout_retired(v: Village) -> None:
    layout(v, 2)
    withdraw(v, 2)


@case("planned", "TEMPLATE_INVALID: version 1 was retired")
def a_layout_retired_twice(v: Village) -> None:
    withdraw(v)
    withdraw(v)


@case(
    "planned",
    f"TEMPLATE_STATE_INVALID: template.approved of {TEMPLATE}, which is retired",
    "REQUEST_MISSING",
    "TEMPLATE_INVALID",
)
def approved_after_the_newest_layout_was_retired(v: Village) -> None:
    withdraw(v)
    approve(v, 1, a_hash("request"))


@case("planned")
def an_older_layout_retired_while_the_newest_is_a_draft(v: Village) -> None:
    request = layout(v, 2)
    withdraw(v)
    approve(v, 2, request)


@case("planned")
def a_third_layout_after_the_second(v: Village) -> None:
    approve(v, 2, layout(v, 2))
    layout(v, 3)
