"""Breaches about certificates, what they rest on, their numbers, their later life, and their copies."""

from tests.audit.broken import breaks
from tests.audit.broken_custody import issuer_key
from tests.audit.scribe import Said, a_fact, a_hash, an_id
from tests.audit.village import BLK, LSP, UNITS, Village, s


@breaks("AWARD_RULE_NOT_MET", "running")
def a_training_certificate_below_the_threshold(v: Village) -> None:
    v.attend("ana")
    v.complete("ana", 8)
    v.certify("ana t", "TRAINING", v.training_link("ana"))


@breaks("AWARD_RULE_NOT_MET", "trained")
def a_competence_certificate_without_the_award(v: Village) -> None:
    v.assess("ana", "BK")
    v.decide("ana", {"U.1": "K", "U.2": "BK"})
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), units=("U.1",))


@breaks("AWARD_RULE_NOT_MET", "decided")
def a_statement_where_the_award_was_earned(v: Village) -> None:
    v.certify("ana u", "UNIT_STATEMENT", v.decision_link("ana"), units=("U.1",))


@breaks("AWARD_RULE_NOT_MET", "trained")
def a_statement_of_a_unit_not_competent(v: Village) -> None:
    v.assess("ana", "BK")
    v.decide("ana", {"U.1": "K", "U.2": "BK"})
    v.certify("ana u", "UNIT_STATEMENT", v.decision_link("ana"))


@breaks("CERT_BASIS_WRONG", "running")
def a_certificate_of_a_training_not_completed(v: Village) -> None:
    v.certify("ana t", "TRAINING", v.training_link("ana"))


@breaks("CERT_BASIS_WRONG", "decided")
def a_certificate_for_another_person(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana", "budi"))


@breaks("CERT_BASIS_WRONG", "decided")
def a_decision_that_was_corrected_since(v: Village) -> None:
    data = {"unit": "U.1", "result": "BK", "corrects": v.results["ana", "U.1"]}
    v.assessment("ana", "unit_result_corrected", "supervisor", **data)
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"))


@breaks("CERT_BASIS_WRONG", "trained")
def a_certificate_before_the_decision(v: Village) -> None:
    v.assess("ana")
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"))


@breaks("CERT_BASIS_WRONG", "decided")
def a_link_of_another_kind(v: Village) -> None:
    v.certify("ana t", "TRAINING", v.decision_link("ana"))


@breaks("CERT_DIFFERS_FROM_BASIS", "decided")
def valid_too_long(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), valid_until="2036-03-20")


@breaks("CERT_DIFFERS_FROM_BASIS", "decided")
def a_unit_left_out(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), units=("U.1",))


@breaks("CERT_DIFFERS_FROM_BASIS", "decided")
def a_higher_level_than_the_scheme(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), prepared={"level": 5})


@breaks("CERT_DIFFERS_FROM_BASIS", "decided")
def more_hours_than_the_scheme(v: Village) -> None:
    v.certify("ana t", "TRAINING", v.training_link("ana"), prepared={"jp": 160})


@breaks("SOD_ISSUER_ASSESSED", "trained")
def the_assessor_issues(v: Village) -> None:
    v.grant("assessor", "competence_issuer", LSP)
    v.assess("ana")
    v.decide("ana")
    said = [v.prepared("ana c", "COMPETENCE"), v.issued("ana c", "COMPETENCE", v.decision_link("ana"))]
    v.by("assessor", *said, role="competence_issuer", org=LSP)


@breaks("CERT_ALREADY_ISSUED", "certified")
def a_second_certificate_on_one_decision(v: Village) -> None:
    v.certify("ana c2", "COMPETENCE", v.decision_link("ana"))


@breaks("CERT_ALREADY_ISSUED", "certified")
def a_second_certificate_on_one_training(v: Village) -> None:
    v.certify("ana t2", "TRAINING", v.training_link("ana"))


@breaks("CERT_ALREADY_ISSUED", "certified")
def a_decision_used_again_after_a_revocation(v: Village) -> None:
    v.revoke("ana c")
    v.certify("ana c2", "COMPETENCE", v.decision_link("ana"))


@breaks("LINK_WRONG", "decided")
def a_link_that_opens_nothing(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), provenance=a_fact("another"))


@breaks("LINK_MISSING", "certified")
def a_link_left_out(v: Village) -> None:
    v.certify("citra c", "COMPETENCE", v.decision_link("ana"))
    v.links.pop()


@breaks("LINK_UNUSED", "certified")
def a_link_of_no_certificate(v: Village) -> None:
    v.link(an_id("nobody"), 2, v.training_link("ana"))


@breaks("LINK_INVALID", "certified")
def a_line_that_is_no_link(v: Village) -> None:
    v.links.append(b'{"a":1}')


@breaks("LINK_INVALID", "certified")
def two_links_of_one_certificate(v: Village) -> None:
    v.links.append(v.links[0])


@breaks("NO_LINKS", "certified")
def no_links_at_all(v: Village) -> None:
    v.links.clear()


@breaks("CERT_ACT_INVALID", "decided")
def two_certificates_in_one_act(v: Village) -> None:
    said = []
    for name in ("ana", "budi"):
        said += [
            v.prepared(f"{name} c", "COMPETENCE"),
            v.issued(f"{name} c", "COMPETENCE", v.decision_link(name)),
        ]
    v.by("body", *said)


@breaks("CERT_ACT_INVALID", "decided")
def prepared_in_another_act(v: Village) -> None:
    v.by("body", v.prepared("ana c", "COMPETENCE"))
    v.by("body", v.issued("ana c", "COMPETENCE", v.decision_link("ana")))


@breaks("CERT_CONTENT_INVALID", "decided")
def units_on_a_training_certificate(v: Village) -> None:
    units = [{"decree": "98/2018", "code": "U.1", "title_id": "Judul U.1", "title_en": "Title U.1"}]
    v.certify("ana t", "TRAINING", v.training_link("ana"), prepared={"units": units})


@breaks("CERT_CONTENT_INVALID", "decided")
def a_competence_certificate_without_end(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), valid_until=None)


@breaks("CERT_CONTENT_INVALID", "decided")
def dated_before_its_recording(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), issued_on="2031-03-19", valid_until="2034-03-19")


@breaks("CERT_CONTENT_INVALID", "decided")
def in_another_zone_than_its_issuer(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), zone="Asia/Jakarta")


@breaks("CERT_CONTENT_INVALID", "decided")
def numbered_in_another_series(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), series=f"TRAINING/{BLK}/2031")


@breaks("CERT_CONTENT_INVALID", "decided")
def a_series_without_a_place_in_it(v: Village) -> None:
    v.certify("ana t", "TRAINING", v.training_link("ana"), seq=None)


@breaks("CERT_NUMBER_TAKEN", "certified")
def a_number_given_twice(v: Village) -> None:
    v.assess("ana x", learner="ana")
    v.certify("x c", "COMPETENCE", v.decision_link("ana"), number="00001/C/2031", seq=None, series=None)


@breaks("CERT_NUMBER_TAKEN", "certified")
def a_place_in_a_series_given_twice(v: Village) -> None:
    v.certify("x c", "COMPETENCE", v.decision_link("ana"), number="other", seq=1)


@breaks("STATUS_PLACE_TAKEN", "certified")
def a_place_in_the_status_list_given_twice(v: Village) -> None:
    v.certify("x c", "COMPETENCE", v.decision_link("ana"), index=2)


@breaks("STATUS_PLACE_TAKEN", "decided")
def a_place_beyond_the_status_list(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), index=131_072)


@breaks("TEMPLATE_NOT_APPROVED", "decided")
def on_a_layout_nobody_approved(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), prepared={"template_hash": a_hash("other")})


@breaks("TEMPLATE_NOT_APPROVED", "decided")
def on_the_layout_of_another_kind(v: Village) -> None:
    prepared = {"template": an_id("TRAINING"), "template_hash": a_hash("template TRAINING")}
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), prepared=prepared)


@breaks("PUBLIC_FIELD_FORBIDDEN", "decided")
def a_number_that_reveals(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), number="LAPAS/1")


@breaks("ROLE_FORBIDDEN", "decided")
def a_competence_certificate_by_the_provider(v: Village) -> None:
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), who="issuer")


@breaks("CERT_STATE_INVALID", "certified")
def reinstated_without_suspension(v: Village) -> None:
    v.certificate("ana c", "reinstated")


@breaks("CERT_STATE_INVALID", "certified")
def suspended_after_revocation(v: Village) -> None:
    v.revoke("ana c")
    v.certificate("ana c", "suspended", reason="COMPLAINT_OPEN")


@breaks("SOD_SELF_APPROVAL", "certified")
def revoked_by_who_asked(v: Village) -> None:
    v.revoke("ana c", first="body", second="body")


@breaks("REQUEST_MISSING", "certified")
def revoked_without_a_request(v: Village) -> None:
    v.certificate("ana c", "revoked", reason="ISSUED_IN_ERROR", request=a_hash("none"))


@breaks("REQUEST_DIFFERS", "certified")
def revoked_for_another_reason(v: Village) -> None:
    asked = v.certificate("ana c", "revocation_requested", "supervisor", reason="ISSUED_IN_ERROR")
    v.certificate("ana c", "revoked", reason="MISUSE_BY_HOLDER", request=asked)


@breaks("ORG_FORBIDDEN", "certified")
def suspended_by_another_issuer(v: Village) -> None:
    v.hire("stranger", "competence_issuer", BLK)
    v.certificate("ana c", "suspended", "stranger", reason="COMPLAINT_OPEN")


@breaks("REPLACEMENT_WRONG", "certified")
def replaced_by_nothing(v: Village) -> None:
    v.certificate("ana c", "superseded", by=an_id("nothing"), reason="NAME_CORRECTION")


@breaks("REPLACEMENT_WRONG", "certified")
def a_replacement_that_is_valid_longer(v: Village) -> None:
    replace(v, "ana c", "ana c2", valid_until="2035-01-01")


@breaks("REPLACEMENT_WRONG", "certified")
def a_replacement_that_the_old_one_does_not_know(v: Village) -> None:
    v.certify(
        "ana c2", "COMPETENCE", v.decision_link("ana"), replaces=an_id("ana c"), valid_until="2034-03-20"
    )


@breaks("REPLACEMENT_WRONG", "certified")
def a_training_certificate_renewed(v: Village) -> None:
    v.certificate("ana t", "renewed", "issuer", by=an_id("none"))


@breaks("CERT_BASIS_WRONG", "certified")
def renewed_on_the_old_assessment(v: Village) -> None:
    said = [
        Said(s("certificate", "ana c"), "certificate.renewed", {"by": an_id("ana c2")}),
        v.prepared("ana c2", "COMPETENCE"),
        v.issued("ana c2", "COMPETENCE", v.decision_link("ana")),
    ]
    v.by("body", *said)


@breaks("COUNTERSIGN_INVALID", "certified")
def countersigned_for_another(v: Village) -> None:
    v.certificate("ana c", "countersigned", by=an_id("other body"))


@breaks("KEY_SUSPECT", "certified")
def a_compromise_seen_late(v: Village) -> None:
    # Counted from the size at which the breach begins, so that the suspect acts are the case's own.
    size = len(v.entries)
    v.certificate("ana c", "suspended", reason="COMPLAINT_OPEN")
    stream, data = s("staff", "body"), {"key": v.pens["body"].thumbprint, "from_size": size}
    asked = v.ask("one", stream, "staff.compromise_requested", data)
    v.by("two", Said(stream, "staff.key_compromised", data | {"request": asked}))


@breaks("BASIS_CHANGED", "certified")
def a_result_corrected_after_the_issue(v: Village) -> None:
    data = {"unit": "U.1", "result": "BK", "corrects": v.results["ana", "U.1"]}
    v.assessment("ana", "unit_result_corrected", "supervisor", **data)


@breaks("COMPROMISE_INVALID", "certified")
def an_issuer_key_compromised_from_tomorrow(v: Village) -> None:
    issuer_key(v, "k")
    asked = v.ask("one", s("issuer_key", "k"), "issuer_key.compromise_requested", {"from_size": 99_999})
    v.by("two", Said(s("issuer_key", "k"), "issuer_key.compromised", {"from_size": 99_999, "request": asked}))


# -- copies --------------------------------------------------------------------------------------------------------


@breaks("BLANKO_NOT_AVAILABLE", "certified")
def a_form_used_twice(v: Village) -> None:
    v.print("ana t")
    v.print("budi t")


@breaks("BLANKO_NOT_AVAILABLE", "certified")
def a_copy_without_a_form(v: Village) -> None:
    data = {"certificate": an_id("ana t"), "copy": 1, "reason": "ORIGINAL", "stock": an_id("delivery")}
    data |= {"serial": "0000001", "previous_accounted": False}
    v.by("printer", Said(s("print_copy", "p"), "print_copy.copy_printed", data))


@breaks("BLANKO_RECEIVED_TWICE", "certified")
def a_form_received_twice(v: Village) -> None:
    v.blanks("again", ("0000002", "0000003"))


@breaks("BLANK_STOCK_STATE_INVALID", "certified")
def a_form_of_no_delivery(v: Village) -> None:
    v.by("printer", Said(s("blank_stock", "none"), "blank_stock.spoiled", {"serial": "0000009"}))


@breaks("COPY_NOT_ACCOUNTED", "certified")
def a_copy_while_one_is_lost(v: Village) -> None:
    v.print("ana t")
    v.print("ana t", 2, "0000002", previous_accounted=False)


@breaks("COPY_INVALID", "certified")
def copy_two_first(v: Village) -> None:
    v.print("ana t", 2)


@breaks("COPY_INVALID", "certified")
def a_copy_of_a_revoked_certificate(v: Village) -> None:
    v.revoke("ana c")
    v.print("ana c")


@breaks("COPY_INVALID", "certified")
def a_second_original(v: Village) -> None:
    v.print("ana t")
    v.print("ana t", 2, "0000002", reason="ORIGINAL")


@breaks("PRINT_COPY_STATE_INVALID", "certified")
def handed_over_twice(v: Village) -> None:
    v.print("ana t")
    for _ in range(2):
        v.by("printer", Said(s("print_copy", "ana t copy 1"), "print_copy.handed_over"))


def replace(v: Village, old: str, new: str, **changes: str) -> None:
    """Replace a COMPETENCE certificate, in one act."""
    until = {"valid_until": "2034-03-20"} | changes
    said = [
        Said(
            s("certificate", old), "certificate.superseded", {"by": an_id(new), "reason": "NAME_CORRECTION"}
        ),
        v.prepared(new, "COMPETENCE", UNITS),
        v.issued(new, "COMPETENCE", v.decision_link(old.split(maxsplit=1)[0]), replaces=an_id(old), **until),
    ]
    v.by("body", *said)
