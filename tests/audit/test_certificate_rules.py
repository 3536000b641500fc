"""Rules about certificates that the log alone shows, each part broken alone, and the last thing that is right."""

from typing import Any

import pytest

from tests.audit.following import Case
from tests.audit.resting import RestedCases
from tests.audit.scribe import Said, a_hash, an_id
from tests.audit.village import BLK, LSP, Village, s

case = RestedCases()


@pytest.mark.parametrize("each", case, ids=str)
def test_a_certificate(each: Case) -> None:
    each.check()


def competence(v: Village, name: str = "ana c", of: str = "ana", **changes: Any) -> None:
    v.certify(name, "COMPETENCE", v.decision_link(of), **changes)


def training(v: Village, name: str = "ana t", of: str = "ana", **changes: Any) -> None:
    v.certify(name, "TRAINING", v.training_link(of), **changes)


# -- what is printed ---------------------------------------------------------------------------------------------------


@case("decided")
def both_of_one_person(v: Village) -> None:
    competence(v)
    training(v)


@case("decided", "UNKNOWN_ID", "TEMPLATE_NOT_APPROVED")
def on_no_template(v: Village) -> None:
    competence(v, prepared={"template": an_id("none")})


@case("decided", "TEMPLATE_NOT_APPROVED")
def on_another_kinds_template(v: Village) -> None:
    competence(v, prepared={"template": an_id("TRAINING"), "template_hash": a_hash("template TRAINING")})


@case("decided", "TEMPLATE_NOT_APPROVED")
def on_a_version_that_is_not(v: Village) -> None:
    competence(v, prepared={"template_version": 2})


@case("decided", "TEMPLATE_NOT_APPROVED")
def on_another_text_than_was_approved(v: Village) -> None:
    competence(v, prepared={"template_hash": a_hash("other")})


@case("decided", "TEMPLATE_NOT_APPROVED")
def on_a_template_that_is_only_drafted(v: Village) -> None:
    draft = {"kind": "COMPETENCE", "version": 2, "hash": a_hash("two")}
    v.by("admin", Said(s("template", "COMPETENCE"), "template.drafted", draft))
    competence(v, prepared={"template_version": 2, "template_hash": a_hash("two")})


@case("decided", "TEMPLATE_NOT_APPROVED")
def on_a_template_that_was_retired(v: Village) -> None:
    v.by("issuer", Said(s("template", "COMPETENCE"), "template.retired", {"version": 1}))
    competence(v)


@case("decided", "CERT_CONTENT_INVALID", "CERT_DIFFERS_FROM_BASIS")
def hours_on_a_competence_certificate(v: Village) -> None:
    competence(v, prepared={"jp": 16})


@case("decided", "CERT_CONTENT_INVALID", "CERT_DIFFERS_FROM_BASIS")
def no_hours_on_a_training_certificate(v: Village) -> None:
    training(v, prepared={"jp": None})


@case("decided", "CERT_CONTENT_INVALID", "CERT_DIFFERS_FROM_BASIS")
def no_units_on_a_competence_certificate(v: Village) -> None:
    competence(v, units=())


@pytest.mark.parametrize("member", ["scheme_code", "programme_code", "title_id", "title_en"])
def test_what_is_printed_reveals_nothing(member: str) -> None:
    def go(v: Village) -> None:
        training(v, prepared={member: "Kursus Lapas"})

    word = "PUBLIC_FIELD_FORBIDDEN: a public text holds the word 'lapas'"
    case.kind("decided", go, (word, "CERT_DIFFERS_FROM_BASIS")).check()


@pytest.mark.parametrize("member", ["decree", "code", "title_id", "title_en"])
def test_what_is_printed_of_a_unit_reveals_nothing(member: str) -> None:
    def go(v: Village) -> None:
        units = v.prepared("x", "COMPETENCE").data["units"]
        competence(v, prepared={"units": [units[0], units[1] | {member: "Narapidana"}]})

    # A unit of another name is none that the decision found competent.
    changed = ("BASIS_CHANGED",) if member == "code" else ()
    case.kind("decided", go, ("PUBLIC_FIELD_FORBIDDEN", "CERT_DIFFERS_FROM_BASIS", *changed)).check()


@case("decided", "PUBLIC_FIELD_FORBIDDEN")
def a_number_that_reveals(v: Village) -> None:
    competence(v, number="LAPAS/1")


# -- number, place, dates ----------------------------------------------------------------------------------------------


@case("decided", "CERT_NUMBER_TAKEN")
def a_number_that_was_given(v: Village) -> None:
    training(v)
    training(v, "budi t", "budi", number="00001/T/2031")


@case("decided", "CERT_NUMBER_TAKEN")
def a_number_that_another_issuer_has_given(v: Village) -> None:
    training(v, number="1")
    competence(v, number="1")


@case("decided", "CERT_NUMBER_TAKEN")
def a_place_in_the_series_again(v: Village) -> None:
    training(v, seq=5)
    training(v, "budi t", "budi", seq=5)


@case("decided")
def a_place_in_the_series_after_a_gap(v: Village) -> None:
    training(v, seq=5)
    training(v, "budi t", "budi", seq=6)


@case("decided", "CERT_NUMBER_TAKEN")
def a_place_in_the_series_before_the_last(v: Village) -> None:
    training(v, seq=5)
    training(v, "budi t", "budi", seq=4)


@case("decided", "CERT_NUMBER_TAKEN")
def place_zero_in_a_series(v: Village) -> None:
    training(v, seq=0)


@case("decided")
def in_no_series(v: Village) -> None:
    training(v, seq=None, series=None)


@case("decided", "CERT_CONTENT_INVALID")
def a_place_in_no_series(v: Village) -> None:
    training(v, series=None)


@case("decided", "CERT_CONTENT_INVALID")
def no_place_in_a_series(v: Village) -> None:
    training(v, seq=None)


@pytest.mark.parametrize("series", [f"TRAINING/{LSP}/2031", f"COMPETENCE/{BLK}/2031", f"TRAINING/{BLK}/2030"])
def test_a_series_is_of_its_kind_issuer_and_year(series: str) -> None:
    case.kind("decided", lambda v: training(v, series=series), ("CERT_CONTENT_INVALID",)).check()


@case("decided")
def on_the_last_place_of_a_list(v: Village) -> None:
    training(v, index=131_071)


@case("decided", "STATUS_PLACE_TAKEN")
def on_the_place_after_the_last(v: Village) -> None:
    training(v, index=131_072)


@case("decided", "STATUS_PLACE_TAKEN")
def in_list_zero(v: Village) -> None:
    training(v, list=0)


@case("decided", "STATUS_PLACE_TAKEN")
def on_a_place_of_the_same_issuer(v: Village) -> None:
    training(v, index=7)
    training(v, "budi t", "budi", index=7)


@case("decided")
def on_the_same_place_of_other_lists(v: Village) -> None:
    training(v, index=7)
    training(v, "budi t", "budi", index=7, list=2)
    competence(v, index=7)


@case("decided", "CERT_CONTENT_INVALID", "CERT_DIFFERS_FROM_BASIS")
def issued_on_another_day(v: Village) -> None:
    competence(v, issued_on="2031-03-19")


@case("decided")
def issued_where_it_is_the_next_day_already(v: Village) -> None:
    v.set_day("2031-03-20", 16)
    competence(v, issued_on="2031-03-21", valid_until="2034-03-21")


@case("decided", "CERT_CONTENT_INVALID")
def in_another_zone(v: Village) -> None:
    competence(v, zone="Asia/Jakarta")


@case("decided", "ZONE_UNKNOWN", "CERT_DIFFERS_FROM_BASIS")
def in_no_zone(v: Village) -> None:
    competence(v, zone="Asia/Nowhere", issued_on="2031-03-19")


@case("decided", "CERT_DIFFERS_FROM_BASIS")
def valid_on_its_first_day_only(v: Village) -> None:
    competence(v, valid_until="2031-03-20")


@case("decided", "CERT_CONTENT_INVALID", "CERT_DIFFERS_FROM_BASIS")
def valid_until_the_day_before(v: Village) -> None:
    competence(v, valid_until="2031-03-19")


@case("decided", "CERT_CONTENT_INVALID", "CERT_DIFFERS_FROM_BASIS")
def a_competence_certificate_without_end(v: Village) -> None:
    competence(v, valid_until=None)


@case("decided", "CERT_CONTENT_INVALID")
def a_training_certificate_with_an_end(v: Village) -> None:
    training(v, valid_until="2034-03-20")
