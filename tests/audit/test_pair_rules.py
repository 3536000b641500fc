"""Rules about acts of two persons at their edges: the request that stands, what it said, who gave it."""

import pytest

from tests.audit.following import Case, Cases
from tests.audit.scribe import Said, a_hash, an_id
from tests.audit.village import BLK, LSP, Village, s
from verifier.rules import pairs, shapes

case = Cases()
ADMIN = s("staff", "admin")
ROLE = {"role": "training_issuer", "org": BLK}


@pytest.mark.parametrize("each", case, ids=str)
def test_two_persons(each: Case) -> None:
    each.check()


def asked(v: Village, who: str = "one", name: str = "admin", **changes: str) -> str:
    return v.ask(who, s("staff", name), "staff.role_grant_requested", ROLE | changes)


def granted(v: Village, request: str, who: str = "two", name: str = "admin", **changes: str) -> None:
    v.by(who, Said(s("staff", name), "staff.role_granted", {**ROLE, **changes, "request": request}))


@case("staffed")
def two_people(v: Village) -> None:
    granted(v, asked(v))


@case(
    "staffed",
    f"REQUEST_MISSING: no open staff.role_grant_requested of {ADMIN} has the hash {a_hash('none')[:16]}…",
)
def no_request(v: Village) -> None:
    granted(v, a_hash("none"))


@case("staffed", "REQUEST_MISSING")
def a_request_used_twice(v: Village) -> None:
    request = asked(v)
    granted(v, request)
    granted(v, request)


@case("staffed")
def a_request_made_twice_and_used_twice(v: Village) -> None:
    for _ in range(2):
        granted(v, asked(v))


@case("staffed")
def two_requests_used_in_the_other_order(v: Village) -> None:
    first, second = asked(v), asked(v, role="instructor")
    granted(v, second, role="instructor")
    granted(v, first)


@case("staffed", "REQUEST_MISSING")
def a_request_of_another_kind(v: Village) -> None:
    request = v.ask(
        "one", ADMIN, "staff.compromise_requested", {"key": v.pens["admin"].thumbprint, "from_size": 9}
    )
    granted(v, request)


@case("staffed", "REQUEST_MISSING")
def a_request_about_somebody_else(v: Village) -> None:
    granted(v, asked(v, name="issuer"))


@case("staffed", "REQUEST_DIFFERS: entry 103 requested something else")
def another_role_than_requested(v: Village) -> None:
    granted(v, asked(v, role="instructor"))


@case("staffed", "REQUEST_DIFFERS")
def another_organisation_than_requested(v: Village) -> None:
    granted(v, asked(v, org=LSP))


@case("staffed", "SOD_SELF_APPROVAL: entry 103 is by the same human")
def one_person(v: Village) -> None:
    granted(v, asked(v), "one")


@case("staffed", "SOD_SELF_APPROVAL")
def one_person_with_two_accounts(v: Village) -> None:
    v.hire("first", "key_custodian", None)
    v.hire("again", "key_custodian", None, same_person_as="first")
    granted(v, asked(v, "again"), "first")


@case("staffed", "REQUEST_MISSING")
def both_halves_in_one_act(v: Village) -> None:
    request = asked(v)
    del v.entries[-1:]
    second = Said(ADMIN, "staff.role_granted", {**ROLE, "request": request})
    v.by("two", Said(ADMIN, "staff.role_grant_requested", ROLE), second)


@case("trained", "REQUEST_MISSING")
def the_request_of_another_exception(v: Village) -> None:
    stream = s("impartiality_exception", "e")
    data = {
        "rule": "SOD_ISSUER_ASSESSED", "scope": [an_id("teacher")], "risk": "X", "until": "2031-12-31T00:00:00Z",
    }  # fmt: skip
    request = v.ask("supervisor", stream, "impartiality_exception.requested", data)
    other = s("impartiality_exception", "other")
    v.ask("supervisor", other, "impartiality_exception.requested", data)
    v.by("decider", Said(other, "impartiality_exception.approved", {"request": request}))


def test_every_act_that_names_a_request_is_one_of_two_persons() -> None:
    named = {
        event for event, shape in shapes.SHAPES.items() if "request:hash" in shape or shape == "corrected"
    }
    assert named == pairs.PAIRS.keys()


@pytest.mark.parametrize("event", pairs.PAIRS)
def test_what_both_halves_say_is_compared(event: str) -> None:
    """Each member that both have, but for a fact, which is committed to anew, and what a draft says more than once."""
    request, compared = pairs.PAIRS[event]

    def members(name: str) -> set[str]:
        shape = {"requested": "field:text", "corrected": "field:text request:hash"}.get(
            shapes.SHAPES[name], shapes.SHAPES[name]
        )
        return {member.split(":")[0] for member in shape.split()}

    assert set(compared) == members(event) & members(request)
