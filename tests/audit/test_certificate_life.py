"""Rules about what becomes of a certificate: acts, replacing, renewing and erasing, each part broken alone."""

from typing import Any

import pytest

from tests.audit.broken_certifying import replace
from tests.audit.broken_privacy import destroy, erase, receive
from tests.audit.following import Case
from tests.audit.resting import RestedCases, rested
from tests.audit.scribe import Said, an_id
from tests.audit.village import BLK, UNITS, Village, s
from verifier.rules.certificate import Certificate

case = RestedCases()


@pytest.mark.parametrize("each", case, ids=str)
def test_a_life(each: Case) -> None:
    each.check()


def said(name: str, event: str, **data: Any) -> Said:
    return Said(s("certificate", name), f"certificate.{event}", data)


# -- in one act --------------------------------------------------------------------------------------------------------


@case(
    "decided",
    "CERT_ACT_INVALID@1",
    "CERT_ACT_INVALID: prepared in another act than issued",
    "CERT_ACT_INVALID",
)
def issued_in_an_act_after_it_was_prepared(v: Village) -> None:
    v.by("issuer", v.prepared("ana t", "TRAINING"))
    v.by("issuer", v.issued("ana t", "TRAINING", v.training_link("ana")))


@case("decided", "CERT_ACT_INVALID", "LINK_UNUSED")
def prepared_and_never_issued(v: Village) -> None:
    v.by("issuer", v.prepared("ana t", "TRAINING"))
    v.link(an_id("ana t"), 2, v.training_link("ana"))


@case("decided", "ROLE_FORBIDDEN", "CERT_ACT_INVALID")
def prepared_by_an_issuer_of_other_kinds(v: Village) -> None:
    v.by("body", v.prepared("ana t", "TRAINING"))


@case("decided", "CERT_ACT_INVALID: 3 events in one act")
def issued_together_with_something_else(v: Village) -> None:
    v.by(
        "issuer",
        v.prepared("ana t", "TRAINING"),
        v.issued("ana t", "TRAINING", v.training_link("ana")),
        Said(s("template", "TRAINING"), "template.retired", {"version": 1}),
    )


@case("decided", "CERT_ACT_INVALID: 4 events in one act")
def two_in_one_act(v: Village) -> None:
    both = [
        each
        for name in ("ana", "budi")
        for each in (
            v.prepared(f"{name} t", "TRAINING"),
            v.issued(f"{name} t", "TRAINING", v.training_link(name)),
        )
    ]
    v.by("issuer", *both)


# -- acts upon it ------------------------------------------------------------------------------------------------------


@case("certified")
def suspended_reinstated_and_revoked(v: Village) -> None:
    v.certificate("ana c", "suspended", reason="COMPLAINT_OPEN")
    v.certificate("ana c", "reinstated")
    v.revoke("ana c")


@case("certified")
def suspended_and_something_else_in_one_act(v: Village) -> None:
    v.by("body", *(said(name, "suspended", reason="COMPLAINT_OPEN") for name in ("ana c", "budi c")))


@pytest.mark.parametrize("event", ["suspended", "revocation_requested"])
def test_by_its_issuer_in_public_words(event: str) -> None:
    def by(who: str, reason: str, *told: str) -> None:
        case.kind("certified", lambda v: v.certificate("ana c", event, who, reason=reason), told).check()

    by("body", "COMPLAINT_OPEN")
    by(
        "issuer",
        "COMPLAINT_OPEN",
        "ROLE_FORBIDDEN: for COMPETENCE it is the competence_issuer's",
        "ORG_FORBIDDEN",
    )
    by("body", "lapas", "PUBLIC_FIELD_FORBIDDEN")


@case("certified")
def a_supervisor_asks_for_a_revocation(v: Village) -> None:
    v.certificate("ana t", "revocation_requested", "supervisor", reason="ISSUED_IN_ERROR")


@case("certified", "ORG_FORBIDDEN")
def suspended_by_an_issuer_elsewhere(v: Village) -> None:
    v.people["body"] = ("competence_issuer", BLK)
    v.certificate("ana c", "suspended", reason="COMPLAINT_OPEN")


@case("certified", "ROLE_FORBIDDEN", "ORG_FORBIDDEN")
def countersigned_by_an_issuer_of_other_kinds(v: Village) -> None:
    v.certificate("ana c", "countersigned", "issuer", by=an_id("issuer"))


@case("certified", "COUNTERSIGN_INVALID")
def countersigned_in_anothers_name(v: Village) -> None:
    v.certificate("ana c", "countersigned", by=an_id("other body"))


@case("certified")
def countersigned(v: Village) -> None:
    v.certificate("ana c", "countersigned", by=an_id("body"))


# -- replaced ----------------------------------------------------------------------------------------------------------


def test_one_that_is_replaced_names_the_other() -> None:
    found = rested("certified", lambda v: replace(v, "ana c", "ana c2"))
    old, new = (found.rules.world.things[s("certificate", name)] for name in ("ana c", "ana c2"))
    assert not found.told
    assert isinstance(old, Certificate)
    assert isinstance(new, Certificate)
    assert (old.state, old.superseded_by) == ("superseded", new.id)
    assert (new.state, new.replaces) == ("active", old.id)
    assert found.rules.certificates.all[-1] is new
    assert len(found.rules.certificates.all) == 5


@case("certified")
def one_replaced_after_the_other(v: Village) -> None:
    replace(v, "ana c", "ana c2")
    v.by("body", *replacing(v, "ana c2", "ana c3"))


@case("certified")
def one_that_has_expired_replaced(v: Village) -> None:
    v.set_day("2034-06-01")
    v.by("body", *replacing(v, "ana c", "ana c2"))


def replacing(v: Village, old: str, new: str, *, by: str | None = None, **changes: Any) -> list[Said]:
    """The three events of replacing a COMPETENCE certificate of ana's."""
    until = {"replaces": an_id(old), "valid_until": "2034-03-20"} | changes
    return [
        said(old, "superseded", by=an_id(by or new), reason="NAME_CORRECTION"),
        v.prepared(new, "COMPETENCE", UNITS),
        v.issued(new, "COMPETENCE", v.decision_link("ana"), **until),
    ]


@case("certified", "REPLACEMENT_WRONG")
def replaced_by_a_name_that_is_not_the_new_one(v: Village) -> None:
    v.by("body", *replacing(v, "ana c", "ana c2", by="another"))


@case("certified", "REPLACEMENT_WRONG", "CERT_DIFFERS_FROM_BASIS", "CERT_ALREADY_ISSUED")
def replaced_by_one_that_does_not_say_so(v: Village) -> None:
    v.by("body", *replacing(v, "ana c", "ana c2", replaces=None))


@case("certified", "REPLACEMENT_WRONG")
def replaced_with_another_last_day(v: Village) -> None:
    v.by("body", *replacing(v, "ana c", "ana c2", valid_until="2034-03-21"))


@case("certified", "REPLACEMENT_WRONG")
def replaced_by_itself(v: Village) -> None:
    v.certificate("ana c", "superseded", by=an_id("ana c"), reason="NAME_CORRECTION")


@case("certified", "CERT_STATE_INVALID", "ORG_FORBIDDEN", "REPLACEMENT_WRONG", "CERT_ALREADY_ISSUED")
def one_that_is_not_replaced(v: Village) -> None:
    v.by("body", *replacing(v, "nothing", "ana c2"))


@case("certified", "CERT_ACT_INVALID")
def two_replaced_by_one(v: Village) -> None:
    one, *rest = replacing(v, "ana c", "ana c2")
    v.by("body", one, said("budi c", "superseded", by=an_id("ana c2"), reason="NAME_CORRECTION"), *rest)


@case("certified", "CERT_ACT_INVALID")
def replaced_together_with_a_suspension(v: Village) -> None:
    v.by("body", *replacing(v, "ana c", "ana c2"), said("budi c", "suspended", reason="COMPLAINT_OPEN"))


@case("certified", "PUBLIC_FIELD_FORBIDDEN", "REPLACEMENT_WRONG")
def replaced_for_a_reason_that_reveals(v: Village) -> None:
    v.certificate("ana c", "superseded", by=an_id("none"), reason="LAPAS")


# -- renewed -----------------------------------------------------------------------------------------------------------


def renewing(
    v: Village, new: str = "ana c2", old: str = "ana c", attempt: str = "renewal", **changes: Any
) -> None:
    """A renewal on a new assessment, in one act."""
    v.assess(attempt, learner="ana", enrolment=None, renews=True)
    v.decide(attempt)
    v.by(
        "body",
        said(old, "renewed", by=an_id(new)),
        v.prepared(new, "COMPETENCE", **changes.pop("prepared", {})),
        v.issued(new, "COMPETENCE", v.decision_link(attempt, "ana"), **changes),
    )


def test_one_that_is_renewed_names_the_other() -> None:
    found = rested("certified", renewing)
    old = found.rules.world.things[s("certificate", "ana c")]
    assert not found.told
    assert isinstance(old, Certificate)
    assert (old.state, old.renewed) == ("active", an_id("ana c2"))


@case("certified", "REPLACEMENT_WRONG")
def renewed_twice(v: Village) -> None:
    renewing(v)
    renewing(v, "ana c3", attempt="another renewal")


@case("certified", "REPLACEMENT_WRONG@1", "REPLACEMENT_WRONG@1", "REPLACEMENT_WRONG")
def a_training_certificate_renewed(v: Village) -> None:
    v.certificate("ana t", "renewed", "issuer", by=an_id("none"))
    v.certificate("ana c", "renewed", by=an_id("none"))


@case("certified", "REPLACEMENT_WRONG", "CERT_DIFFERS_FROM_BASIS")
def renewed_in_another_scheme(v: Village) -> None:
    renewing(v, prepared={"scheme_code": "SKM/2"})


@case("certified", "REPLACEMENT_WRONG")
def renewed_by_one_that_replaces_it(v: Village) -> None:
    renewing(v, replaces=an_id("ana c"))


# -- erased ------------------------------------------------------------------------------------------------------------


@case("certified")
def erased_after_the_holders_identity(v: Village) -> None:
    erase(v, "ana", "identity")
    v.certificate("ana c", "marked_erased", "privacy")


@case("certified")
def erased_after_its_own_identity(v: Village) -> None:
    receive(v, subject=s("certificate", "ana c"))
    v.by("privacy", Said(s("subject_request", "r"), "subject_request.verified"))
    destroy(v, "ana c", "identity", aggregate="certificate")
    v.certificate("ana c", "marked_erased", "privacy")


@case("certified", "ERASED_WITHOUT_DESTRUCTION")
def erased_after_something_else_of_the_holders(v: Village) -> None:
    erase(v, "ana", "custody")
    v.certificate("ana c", "marked_erased", "privacy")


@case("certified", "ERASED_WITHOUT_DESTRUCTION")
def erased_after_another_persons_identity(v: Village) -> None:
    erase(v, "budi", "identity")
    v.certificate("ana c", "marked_erased", "privacy")


@case("certified")
def erased_by_its_issuer(v: Village) -> None:
    erase(v, "ana", "identity")
    v.certificate("ana c", "marked_erased")


@case("certified", "ROLE_FORBIDDEN", "ORG_FORBIDDEN")
def erased_by_the_issuer_of_other_kinds(v: Village) -> None:
    erase(v, "ana", "identity")
    v.certificate("ana c", "marked_erased", "issuer")


@case("certified", "CERT_ACT_INVALID: marked as erased twice")
def erased_twice(v: Village) -> None:
    erase(v, "ana", "identity")
    v.certificate("ana c", "marked_erased", "privacy")
    v.certificate("ana c", "marked_erased", "privacy")


@case("certified", "CERT_ACT_INVALID: 2 events in one act")
def two_erased_in_one_act(v: Village) -> None:
    erase(v, "ana", "identity")
    v.by("privacy", said("ana c", "marked_erased"), said("ana t", "marked_erased"))


@case("certified", "ERASURE_UNCHECKED", "LINK_MISSING")
def erased_without_a_way_to_the_holder(v: Village) -> None:
    v.links = [line for line in v.links if an_id("ana c").encode() not in line]
    v.certificate("ana c", "marked_erased", "privacy")
