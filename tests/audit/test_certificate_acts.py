"""Rules about acts upon certificates: what stands in one act, each part broken alone."""

from typing import Any

import pytest

from tests.audit.broken_privacy import erase
from tests.audit.following import Case
from tests.audit.resting import RestedCases, rested
from tests.audit.scribe import Said, an_id
from tests.audit.village import Village, s
from verifier.rules.certificate import Certificate

case = RestedCases()


@pytest.mark.parametrize("each", case, ids=str)
def test_an_act(each: Case) -> None:
    each.check()


def said(name: str, event: str, **data: Any) -> Said:
    return Said(s("certificate", name), f"certificate.{event}", data)


@case(
    "decided",
    "CERT_ACT_INVALID@1",
    "ROLE_FORBIDDEN",
    "ORG_FORBIDDEN",
    "CERT_ACT_INVALID: prepared in another act than issued",
    "CERT_ACT_INVALID",
)
def issued_by_another_than_prepared_it(v: Village) -> None:
    v.by("issuer", v.prepared("ana t", "TRAINING"))
    v.by("body", v.issued("ana t", "TRAINING", v.training_link("ana")))


@case("certified", "CERT_ACT_INVALID: 2 events in one act")
def superseded_together_with_something_else(v: Village) -> None:
    v.by(
        "body",
        said("ana c", "superseded", by=an_id("x"), reason="NAME_CORRECTION"),
        said("budi c", "suspended", reason="COMPLAINT_OPEN"),
    )


@case("certified", "CERT_ACT_INVALID: 2 events in one act")
def erased_together_with_something_else(v: Village) -> None:
    erase(v, "ana", "identity")
    v.by("body", said("ana c", "marked_erased"), said("budi c", "suspended", reason="COMPLAINT_OPEN"))


@case("certified", "CERT_STATE_INVALID", "ORG_FORBIDDEN", "REPLACEMENT_WRONG")
def nothing_renewed(v: Village) -> None:
    v.certificate("nothing", "renewed", by=an_id("x"))


@case(
    "certified",
    "CERT_STATE_INVALID",
    "ORG_FORBIDDEN",
    "CERT_STATE_INVALID",
    "REPLACEMENT_WRONG",
    "LINK_WRONG",
)
def one_that_replaces_itself(v: Village) -> None:
    v.by(
        "body",
        said("x", "superseded", by=an_id("x"), reason="NAME_CORRECTION"),
        v.prepared("x", "COMPETENCE"),
        v.issued("x", "COMPETENCE", v.decision_link("ana"), replaces=an_id("x")),
    )


def test_a_certificate_in_a_zone_that_is_not_known_counts_its_days_by_utc() -> None:
    found = rested(
        "decided", lambda v: v.certify("ana t", "TRAINING", v.training_link("ana"), zone="Asia/Nowhere")
    )
    made = found.rules.world.things[s("certificate", "ana t")]
    assert [code for _, code, _ in found.told] == ["ZONE_UNKNOWN"]
    assert isinstance(made, Certificate)
    assert made.zone == "UTC"
