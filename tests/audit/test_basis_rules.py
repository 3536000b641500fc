"""Rules about what a certificate rests on, each part broken alone, and the last thing that is right."""

from typing import Any

import pytest

from tests.audit.broken_assessing import exception
from tests.audit.broken_privacy import erase, merge
from tests.audit.following import Case
from tests.audit.resting import RestedCases, rested
from tests.audit.scribe import Said, an_id
from tests.audit.village import LSP, Village, s

case = RestedCases()


@pytest.mark.parametrize("each", case, ids=str)
def test_a_basis(each: Case) -> None:
    each.check()


def competence(v: Village, of: str = "ana", learner: str | None = None, **changes: Any) -> None:
    v.certify(f"{of} c", "COMPETENCE", v.decision_link(of, learner) | changes.pop("link", {}), **changes)


def training(v: Village, of: str = "ana", **changes: Any) -> None:
    v.certify(f"{of} t", "TRAINING", v.training_link(of) | changes.pop("link", {}), **changes)


# -- the link ----------------------------------------------------------------------------------------------------------


def test_what_was_opened_and_checked_is_counted() -> None:
    def two_and_one_of_another_kind(v: Village) -> None:
        training(v)
        competence(v)
        training(v, "budi", link={"kind": "UNIT_STATEMENT"})

    found = rested("decided", two_and_one_of_another_kind)
    assert [code for _, code, _ in found.told] == ["CERT_BASIS_WRONG"]
    assert (found.links.opened, found.rules.basis.checked) == (3, 2)


@case("decided", "CERT_BASIS_WRONG")
def a_link_that_names_another_kind(v: Village) -> None:
    competence(v, link={"kind": "UNIT_STATEMENT"})


@case("decided", "CERT_BASIS_WRONG")
def a_link_that_names_something_more(v: Village) -> None:
    training(v, link={"assessment": an_id("ana")})


@case("decided", "CERT_BASIS_WRONG")
def a_link_that_names_what_it_does_not_replace(v: Village) -> None:
    training(v, link={"replaces": an_id("x")})


@case("certified", "CERT_BASIS_WRONG")
def a_link_that_names_another_than_it_replaces(v: Village) -> None:
    old, new = s("certificate", "ana t"), "ana t2"
    v.by(
        "issuer",
        Said(old, "certificate.superseded", {"by": an_id(new), "reason": "NAME_CORRECTION"}),
        v.prepared(new, "TRAINING"),
        v.issued(
            new,
            "TRAINING",
            v.training_link("ana"),
            replaces=an_id("ana t"),
            provenance=v.link(
                an_id(new), 2, {"kind": "TRAINING", **v.training_link("ana"), "replaces": an_id("x")}
            ),
        ),
    )
    v.links.pop()  # the one that `issued` made


@case("decided", "LINK_WRONG")
def a_link_of_another_version(v: Village) -> None:
    value = {"kind": "TRAINING", **v.training_link("ana")}
    training(v, provenance=v.link(an_id("ana t"), 1, value))
    v.links.pop()


@case("decided", "CERT_BASIS_WRONG@1", "ERASURE_UNCHECKED")
def the_holder_by_a_link_that_is_a_list(v: Village) -> None:
    training(v, provenance=v.link(an_id("ana t"), 2, ["learner"]))  # type: ignore[arg-type]
    v.links.pop()
    v.certificate("ana t", "marked_erased", "privacy")


@case(
    "decided",
    "CERT_STATE_INVALID",
    "ROLE_FORBIDDEN: for  it is the competence_issuer's",
    "ORG_FORBIDDEN",
    "CERT_ACT_INVALID: prepared in another act than issued",
    "UNKNOWN_ID",
    "CERT_ACT_INVALID",
)
def issued_and_never_prepared(v: Village) -> None:
    v.by("issuer", v.issued("ana t", "TRAINING", v.training_link("ana"), seq=None, series=None))


@case("decided", "UNKNOWN_ID")
def a_holder_who_is_not_known(v: Village) -> None:
    training(v, link={"learner": an_id("nobody")})


@case("decided", "UNKNOWN_ID")
def a_holder_of_a_decision_who_is_not_known(v: Village) -> None:
    competence(v, link={"learner": an_id("nobody")})


@case("decided", "CERT_BASIS_WRONG")
def another_holder_of_a_training(v: Village) -> None:
    training(v, link={"learner": an_id("budi")})


@case("decided")
def a_holder_whose_entries_were_merged(v: Village) -> None:
    v.learner("ana double")
    merge(v, "ana double", "ana")
    training(v, link={"learner": an_id("ana double")})
    competence(v, link={"learner": an_id("ana double")})


@case("decided", "PERSON_ERASED")
def a_holder_who_was_erased(v: Village) -> None:
    erase(v, "ana", "identity")
    training(v)


@case("decided", "NO_LINKS: 2 certificates")
def no_links(v: Village) -> None:
    training(v)
    competence(v)
    v.links.clear()


@case("decided", "LINK_MISSING")
def one_link_of_two(v: Village) -> None:
    training(v)
    competence(v)
    v.links.pop()


# -- who issues --------------------------------------------------------------------------------------------------------


def by_the_assessor(v: Village, matter: str) -> None:
    v.grant("assessor", "competence_issuer", LSP)
    exception(v, "SOD_ISSUER_ASSESSED", "assessor", matter)
    v.assess("attempt", learner="ana")
    v.decide("attempt")
    v.people["assessor"] = ("competence_issuer", LSP)
    competence(v, "attempt", "ana", who="assessor")


@case("trained", "EXCEPTION_USED")
def the_assessor_issues_by_an_exception_for_the_learner(v: Village) -> None:
    by_the_assessor(v, "ana")


@case("trained", "SOD_ISSUER_ASSESSED")
def the_assessor_issues_by_an_exception_for_another(v: Village) -> None:
    by_the_assessor(v, "budi")


# -- a training --------------------------------------------------------------------------------------------------------


def half(v: Village, threshold: int) -> None:
    """A certificate of a training with this threshold, of which ana attended one of two equal sessions."""
    v.set_day("2031-03-05")
    v.programme("half", min_attendance_pct=threshold)
    v.plan(programme=an_id("half"), threshold=threshold)
    v.sessions()
    v.cohort("cohort", "enrolment_opened")
    v.learner("ana")
    v.apply("ana")
    v.seat("ana", 1)
    v.set_day("2031-03-10", 9)
    v.cohort("cohort", "started")
    v.attend("ana")
    v.complete("ana", 8)
    training(v)


@case("planned")
def a_training_with_just_enough_attendance(v: Village) -> None:
    half(v, 50)


@case(
    "planned",
    "AWARD_RULE_NOT_MET: certificate/1d91fd22-ee29-4534-b684-55be94fa0ebb: attended 50.0 %, 51 % are needed",
    "BASIS_CHANGED",
)
def a_training_with_a_percent_too_little_attendance(v: Village) -> None:
    half(v, 51)


@case("decided", "UNKNOWN_ID")
def a_training_that_is_not_known(v: Village) -> None:
    training(v, link={"enrolment": an_id("none")})


@case("open", "UNKNOWN_ID@1")
def a_training_in_no_cohort(v: Village) -> None:
    v.apply("ana", "none", enrolment="stray")
    training(v, link={"enrolment": an_id("stray")})


@case("open", "UNKNOWN_ID@1")
def a_training_of_nobody(v: Village) -> None:
    v.apply("nobody")
    training(v, link={"enrolment": an_id("nobody")})


@case("decided", "CERT_ALREADY_ISSUED")
def two_of_one_training(v: Village) -> None:
    training(v)
    v.certify("ana t2", "TRAINING", v.training_link("ana"))


@case("decided", "CERT_ALREADY_ISSUED")
def one_of_a_training_whose_first_was_revoked(v: Village) -> None:
    training(v)
    asked = v.certificate("ana t", "revocation_requested", "supervisor", reason="ISSUED_IN_ERROR")
    v.certificate("ana t", "revoked", "issuer", reason="ISSUED_IN_ERROR", request=asked)
    v.certify("ana t2", "TRAINING", v.training_link("ana"))


SAID = {"scheme_code": "X", "programme_code": "X", "title_id": "X", "title_en": "X", "level": 3, "jp": 17}


@pytest.mark.parametrize("member", SAID)
def test_a_training_certificate_says_what_the_scheme_says(member: str) -> None:
    told = f"CERT_DIFFERS_FROM_BASIS: certificate/{an_id('ana t')}: {member}"
    case.kind("decided", lambda v: training(v, prepared={member: SAID[member]}), (told,)).check()


@pytest.mark.parametrize("member", sorted(SAID.keys() - {"jp"}))
def test_a_competence_certificate_says_what_the_scheme_says(member: str) -> None:
    told = f"CERT_DIFFERS_FROM_BASIS: certificate/{an_id('ana c')}: {member}"
    case.kind("decided", lambda v: competence(v, prepared={member: SAID[member]}), (told,)).check()


@case("decided", f"CERT_DIFFERS_FROM_BASIS: certificate/{an_id('ana t')}: title_id, level")
def two_members_that_differ(v: Village) -> None:
    training(v, prepared={"level": 9, "title_id": "X"})


@pytest.mark.parametrize("member", ["decree", "title_id", "title_en"])
def test_a_unit_is_the_schemes(member: str) -> None:
    def go(v: Village) -> None:
        units = v.prepared("x", "COMPETENCE").data["units"]
        competence(v, prepared={"units": [units[0], units[1] | {member: "X"}]})

    case.kind("decided", go, (f"CERT_DIFFERS_FROM_BASIS: certificate/{an_id('ana c')}: units",)).check()


@case("decided")
def units_in_another_order(v: Village) -> None:
    competence(v, units=("U.2", "U.1"))
