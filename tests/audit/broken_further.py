"""Breaches that nobody had thought of until the rule was taken out of the verifier and no test noticed."""

from typing import Any

from tests.audit.auditing import LOG_KEY
from tests.audit.broken import breaks
from tests.audit.broken_certifying import replace
from tests.audit.broken_custody import issuer_key
from tests.audit.bundling import NoteKey
from tests.audit.scribe import ORIGIN, Pen, Said, a_fact, a_hash, an_id
from tests.audit.village import Village, s
from verifier.note import WITNESS_KEY


def rotated_log_key(v: Village, key: str) -> None:
    stream = s("ledger", "this")
    asked = v.ask("one", stream, "ledger.rotation_requested", {"log_key": key})
    v.by("two", Said(stream, "ledger.log_key_rotated", {"log_key": key, "request": asked}))


# -- custody ---------------------------------------------------------------------------------------------------------


@breaks("SOD_SELF_APPROVAL", "staffed")
def granting_a_role_to_oneself(v: Village) -> None:
    v.grant("one", "auditor", None, first="two", second="one")


@breaks("SOD_SELF_APPROVAL", "staffed")
def asking_for_a_key_of_ones_own(v: Village) -> None:
    v.enrol("one", Pen("one anew"), first="one", second="two")


@breaks("SOD_SELF_APPROVAL", "staffed")
def asking_to_be_freed_of_ones_acts(v: Village) -> None:
    stream, data = s("staff", "one"), {"key": v.pens["one"].thumbprint, "from_size": 5}
    asked = v.ask("one", stream, "staff.compromise_requested", data)
    v.by("two", Said(stream, "staff.key_compromised", data | {"request": asked}))


@breaks("SOD_SELF_APPROVAL", "staffed")
def registering_a_second_account_of_ones_own(v: Village) -> None:
    v.register("again", same_person_as="two", first="one", second="two")


@breaks("UNKNOWN_ID", "staffed")
def a_second_account_of_nobody(v: Village) -> None:
    v.register("again", same_person_as="nobody")


@breaks("UNKNOWN_ID", "staffed")
def a_role_at_no_organisation(v: Village) -> None:
    v.grant("admin", "instructor", an_id("nowhere"))


@breaks("UNKNOWN_ID", "staffed")
def a_role_taken_that_was_not_held(v: Village) -> None:
    v.by("one", Said(s("staff", "admin"), "staff.role_revoked", {"role": "auditor", "org": None}))


@breaks("UNKNOWN_ID", "staffed")
def an_issuer_key_of_no_organisation(v: Village) -> None:
    issuer_key(v, "k", org="nowhere")


@breaks("KEY_INVALID", "staffed")
def an_issuer_key_under_another_name(v: Village) -> None:
    issuer_key(v, "k", thumbprint=Pen("another").thumbprint)


@breaks("KEY_INVALID", "staffed")
def a_log_key_of_a_witness(v: Village) -> None:
    rotated_log_key(v, str(NoteKey(ORIGIN, WITNESS_KEY, 5).key))


@breaks("KEY_INVALID", "staffed")
def a_log_key_that_is_none(v: Village) -> None:
    rotated_log_key(v, "nonsense")


@breaks("KEY_ENROLLED_TWICE", "staffed")
def the_key_of_a_person_for_an_issuer(v: Village) -> None:
    issuer_key(v, "k", pen=v.pens["admin"])


@breaks("KEY_ENROLLED_TWICE", "staffed")
def the_key_of_an_issuer_for_a_person(v: Village) -> None:
    issuer_key(v, "k", pen=Pen("shared"))
    v.enrol("admin", Pen("shared"))


@breaks("KEY_NOT_OWN", "staffed")
def a_key_replaced_with_another_of_ones_own(v: Village) -> None:
    old = v.pens["admin"]
    v.enrol("admin", Pen("second"))
    data = Pen("third").enrolment(an_id("admin")) | {"retires": old.thumbprint}
    v.by("admin", Said(s("staff", "admin"), "staff.key_rotated", data))


@breaks("KEY_NOT_OWN", "staffed")
def a_key_replaced_that_never_was(v: Village) -> None:
    data = Pen("third").enrolment(an_id("admin")) | {"retires": Pen("never").thumbprint}
    v.by("admin", Said(s("staff", "admin"), "staff.key_rotated", data))


@breaks("PUBLIC_FIELD_FORBIDDEN", "staffed")
def a_new_name_that_tells(v: Village) -> None:
    data = {"public_name": "BLK Lapas", "name": a_fact("name")}
    v.by("one", Said(s("organisation", "blk"), "organisation.renamed", data))


@breaks("FOUNDING_WRONG", "empty")
def a_clock_of_another_kind(v: Village) -> None:
    v.found(LOG_KEY, clock="sundial")


# -- what a certificate rests on -------------------------------------------------------------------------------------


def linked(v: Village, name: str, kind: str, value: Any, version: int = 2) -> None:
    """A certificate whose link says this."""
    v.certify(name, kind, {}, provenance=v.link(an_id(name), version, value))
    v.links.pop()  # the one that `certify` made


@breaks("LINK_WRONG", "decided")
def a_link_of_another_version(v: Village) -> None:
    linked(v, "ana t", "TRAINING", {"kind": "TRAINING", **v.training_link("ana")}, version=3)


@breaks("CERT_BASIS_WRONG", "decided")
def a_link_that_is_a_list(v: Village) -> None:
    linked(v, "ana t", "TRAINING", ["kind", "learner", "enrolment"])


@breaks("CERT_BASIS_WRONG", "decided")
def a_link_of_numbers(v: Village) -> None:
    linked(v, "ana t", "TRAINING", {"kind": "TRAINING", "learner": 1, "enrolment": 2})


@breaks("CERT_BASIS_WRONG", "decided")
def the_training_of_another(v: Village) -> None:
    v.certify("ana t", "TRAINING", {"learner": an_id("ana"), "enrolment": an_id("budi")})


@breaks("CERT_BASIS_WRONG", "decided")
def the_assessment_of_another(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana") | {"learner": an_id("budi")})


@breaks("CERT_BASIS_WRONG", "decided")
def another_decision(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana") | {"decision": a_hash("another")})


@breaks("CERT_BASIS_WRONG", "trained")
def an_assessment_that_was_not_decided(v: Village) -> None:
    v.set_day("2031-03-17")
    v.assess("ana")
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"))


@breaks("CERT_BASIS_WRONG", "running")
def a_training_that_was_not_completed(v: Village) -> None:
    v.attend("ana")
    v.certify("ana t", "TRAINING", v.training_link("ana"))


@breaks("AWARD_RULE_NOT_MET", "trained")
def not_competent_in_all_units(v: Village) -> None:
    v.set_day("2031-03-17")
    v.assess("ana", second="BK")
    v.decide("ana", {"U.1": "K", "U.2": "BK"})
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"))


@breaks("AWARD_RULE_NOT_MET", "trained")
def not_competent_though_the_decision_says_so(v: Village) -> None:
    v.set_day("2031-03-17")
    v.assess("ana", second="BK")
    v.decide("ana", {"U.1": "K", "U.2": "BK"}, award=True)
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"))


@breaks("AWARD_RULE_NOT_MET", "trained")
def competent_though_the_decision_says_no(v: Village) -> None:
    v.set_day("2031-03-17")
    v.assess("ana")
    v.decide("ana", award=False)
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"))


@breaks("AWARD_RULE_NOT_MET", "trained")
def a_statement_of_a_unit_that_was_not_reached(v: Village) -> None:
    v.set_day("2031-03-17")
    v.assess("ana", second="BK")
    v.decide("ana", {"U.1": "K", "U.2": "BK"})
    v.certify("ana u", "UNIT_STATEMENT", v.decision_link("ana"), units=("U.2",))


@breaks("AWARD_RULE_NOT_MET", "decided")
def a_statement_beside_an_award(v: Village) -> None:
    v.certify("ana u", "UNIT_STATEMENT", v.decision_link("ana"), units=("U.1",))


@breaks("UNKNOWN_ID", "decided")
def the_training_of_nobody(v: Village) -> None:
    v.certify("x t", "TRAINING", v.training_link("nobody"))


@breaks("UNKNOWN_ID", "decided")
def the_assessment_of_nobody(v: Village) -> None:
    v.certify("x c", "COMPETENCE", v.decision_link("nobody"))


# -- certificates ----------------------------------------------------------------------------------------------------


@breaks("ROLE_FORBIDDEN", "decided")
def a_training_certificate_by_the_body(v: Village) -> None:
    v.certify("ana t", "TRAINING", v.training_link("ana"), who="body")


@breaks("ROLE_FORBIDDEN", "certified")
def suspended_by_the_other_issuer(v: Village) -> None:
    v.certificate("ana c", "suspended", "issuer", reason="COMPLAINT_OPEN")


@breaks("ROLE_FORBIDDEN", "certified")
def reinstated_by_the_other_issuer(v: Village) -> None:
    v.certificate("ana c", "suspended", reason="COMPLAINT_OPEN")
    v.certificate("ana c", "reinstated", "issuer")


@breaks("ROLE_FORBIDDEN", "certified")
def countersigned_by_the_other_issuer(v: Village) -> None:
    v.certificate("ana c", "countersigned", "issuer", by=an_id("issuer"))


@breaks("ROLE_FORBIDDEN", "certified")
def renewed_by_the_other_issuer(v: Village) -> None:
    v.certificate("ana c", "renewed", "issuer", by=an_id("none"))


@breaks("ROLE_FORBIDDEN", "certified")
def superseded_by_the_other_issuer(v: Village) -> None:
    v.certificate("ana c", "superseded", "issuer", by=an_id("none"), reason="NAME_CORRECTION")


@breaks("STATUS_PLACE_TAKEN", "decided")
def a_place_in_no_list(v: Village) -> None:
    v.certify("ana t", "TRAINING", v.training_link("ana"), list=0)


@breaks("PUBLIC_FIELD_FORBIDDEN", "decided")
def a_number_that_tells(v: Village) -> None:
    v.certify("ana t", "TRAINING", v.training_link("ana"), number="1/LAPAS/2031")


@breaks("PUBLIC_FIELD_FORBIDDEN", "certified")
def a_reason_that_tells(v: Village) -> None:
    v.certificate("ana c", "suspended", reason="narapidana")


@breaks("PUBLIC_FIELD_FORBIDDEN", "certified")
def a_reason_of_replacing_that_tells(v: Village) -> None:
    v.certificate("ana c", "superseded", by=an_id("none"), reason="lapas")


@breaks("PUBLIC_FIELD_FORBIDDEN", "decided")
def a_title_that_tells(v: Village) -> None:
    for number, name in enumerate(("title_id", "title_en", "scheme_code", "programme_code")):
        said = {name: "Las Lapas"}
        v.certify(f"ana {number}", "TRAINING", v.training_link("ana"), prepared=said)


@breaks("CERT_ACT_INVALID", "decided")
def two_certificates_in_one_act(v: Village) -> None:
    said = []
    for name in ("ana", "budi"):
        said.append(v.prepared(f"{name} t", "TRAINING"))
        said.append(v.issued(f"{name} t", "TRAINING", v.training_link(name)))
    v.by("issuer", *said)


@breaks("REPLACEMENT_WRONG", "certified")
def replaced_by_one_of_another_kind(v: Village) -> None:
    until = {"valid_until": None}
    v.by(
        "issuer",
        Said(
            s("certificate", "ana c"),
            "certificate.superseded",
            {"by": an_id("x"), "reason": "NAME_CORRECTION"},
        ),
        v.prepared("x", "TRAINING"),
        v.issued("x", "TRAINING", v.training_link("ana"), replaces=an_id("ana c"), **until),
    )


@breaks("REPLACEMENT_WRONG", "certified")
def replaced_for_longer_than_before(v: Village) -> None:
    replace(v, "ana c", "ana c2", valid_until="2034-03-21")


@breaks("CERT_CONTENT_INVALID", "decided")
def a_last_day_on_a_training_certificate(v: Village) -> None:
    v.certify("ana t", "TRAINING", v.training_link("ana"), valid_until="2034-03-20")


@breaks("CERT_CONTENT_INVALID", "decided")
def a_last_day_before_the_first(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), valid_until="2031-03-19")
