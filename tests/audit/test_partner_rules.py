"""Rules about agreements at their edges: the parties, their signatures, and another term."""

import pytest

from tests.audit.following import Case, Cases, newcomer
from tests.audit.partnering import agreement, opened, signed
from tests.audit.scribe import an_id
from tests.audit.village import BLK, LSP, SITE, Village

case = Cases()


@pytest.mark.parametrize("each", case, ids=str)
def test_partners(each: Case) -> None:
    each.check()


# -- the parties -------------------------------------------------------------------------------------------------------


@case("staffed", "AGREEMENT_PARTIES_EQUAL")
def an_agreement_of_one(v: Village) -> None:
    v.agreement(signed=False, parties=[BLK])


@case("staffed", f"AGREEMENT_PARTIES_EQUAL: the parties are {BLK}, {SITE}, {LSP}")
def an_agreement_of_three(v: Village) -> None:
    v.agreement(signed=False, parties=[BLK, SITE, LSP])


@case("staffed", "AGREEMENT_PARTIES_EQUAL")
def an_agreement_of_two_and_one_of_them_twice(v: Village) -> None:
    v.agreement(signed=False, parties=[BLK, SITE, BLK])


@case("staffed", "UNKNOWN_ID")
def an_agreement_with_nobody(v: Village) -> None:
    v.agreement(signed=False, parties=[BLK, an_id("nobody")])


@case("staffed", "ORG_FORBIDDEN")
def an_agreement_drafted_by_neither(v: Village) -> None:
    v.agreement(signed=False, parties=[LSP, SITE])


@case("staffed")
def an_agreement_for_one_day(v: Village) -> None:
    v.agreement(until="2031-03-01")


@case("staffed", "AGREEMENT_INVALID: it ends before it starts")
def an_agreement_that_ends_the_day_before(v: Village) -> None:
    v.agreement(signed=False, until="2031-02-28")


@case("staffed", "ORG_FORBIDDEN")
def signed_for_a_party_by_another(v: Village) -> None:
    v.agreement(signed=False)
    agreement(v, "issuer", "signed", party=SITE)


@case("staffed", "ORG_FORBIDDEN")
def signed_by_who_is_no_party(v: Village) -> None:
    v.agreement(signed=False)
    agreement(v, newcomer(v, "training_issuer", LSP), "signed", party=LSP)


@case("staffed", "AGREEMENT_INVALID: this party signed twice")
def signed_again_by_the_second_party(v: Village) -> None:
    v.agreement()
    signed(v, "approver")


@case("staffed", "SOD_SELF_APPROVAL")
def signed_for_the_second_party_by_the_same_human(v: Village) -> None:
    v.hire("issuer elsewhere", "correctional_approver", SITE, same_person_as="issuer")
    v.agreement(signed=False)
    signed(v, "issuer")
    agreement(v, "issuer elsewhere", "signed", party=SITE)


@case("staffed", "AGREEMENT_INVALID")
def signed_twice_by_one_human_for_one_party(v: Village) -> None:
    v.agreement(signed=False)
    signed(v, "issuer", "issuer")


# -- amending and ending -----------------------------------------------------------------------------------------------


@case("planned")
def a_cohort_within_a_longer_term_that_both_signed(v: Village) -> None:
    agreement(v, "admin", "amended", until="2032-03-31")
    signed(v)
    v.plan(end="2032-03-31")


@case("planned", "AGREEMENT_NOT_IN_FORCE@1")
def a_cohort_after_the_longer_term(v: Village) -> None:
    agreement(v, "admin", "amended", until="2032-03-31")
    signed(v)
    v.plan(end="2032-04-01")


@case("planned", "AGREEMENT_NOT_IN_FORCE@1")
def a_cohort_within_a_longer_term_that_one_signed(v: Village) -> None:
    agreement(v, "admin", "amended", until="2032-03-31")
    signed(v, "issuer")
    v.plan(end="2032-03-31")


@case("planned")
def opened_while_a_longer_term_is_not_signed_yet(v: Village) -> None:
    agreement(v, "admin", "amended", until="2032-03-31")
    opened(v)


@case("planned")
def a_second_longer_term(v: Village) -> None:
    for until in ("2032-03-31", "2032-04-30"):
        agreement(v, "admin", "amended", until=until)
        signed(v)
    v.plan(end="2032-04-30")


@case("staffed")
def a_draft_amended_before_it_was_signed(v: Village) -> None:
    v.agreement(signed=False, until="2031-12-31")
    agreement(v, "admin", "amended", until="2032-02-28")
    signed(v)
    v.scheme()
    v.programme()
    v.plan(end="2032-02-28")


@case("staffed", "AGREEMENT_NOT_IN_FORCE@1")
def a_draft_amended_to_a_shorter_term(v: Village) -> None:
    v.agreement(signed=False)
    agreement(v, "admin", "amended", until="2032-02-27")
    v.scheme()
    v.programme()
    v.plan(end="2032-02-28")


@case("planned")
def amended_to_end_on_its_first_day(v: Village) -> None:
    agreement(v, "admin", "amended", until="2031-03-01")


@case("planned", "AGREEMENT_INVALID: it ends before it starts")
def amended_to_end_the_day_before_its_first(v: Village) -> None:
    agreement(v, "admin", "amended", until="2031-02-28")


@case("planned", "ORG_FORBIDDEN")
def amended_by_neither(v: Village) -> None:
    agreement(v, newcomer(v, "training_admin", LSP), "amended", until="2032-03-31")


@case("planned", "ORG_FORBIDDEN")
def terminated_by_neither(v: Village) -> None:
    agreement(v, newcomer(v, "training_issuer", LSP), "terminated", on="2031-12-31")
