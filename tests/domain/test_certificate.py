"""The certificate's states, its public status and what its events say. Tables come from the rules."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest

from ledger.domain.certificate import Certificate, Content, last_valid_day, public_status
from ledger.errors import DomainError
from tests.domain.history import History, act

FACT = {"commitment": "00" * 32}
UNIT = {
    "decree": "Kepmenaker 98/2018",
    "code": "C.24LAS01.001.1",
    "title_id": "Persiapan",
    "title_en": "Prepare",
}
CONTENT = Content(
    kind="COMPETENCE",
    scheme_code="SKM/1",
    programme_code="LAS",
    title_id="Juru Las",
    title_en="Welder",
    level=2,
    units=(UNIT,),
    jp=None,
)
Step = Callable[[Certificate], None]

STEPS: dict[str, Step] = {
    "prepare": lambda c: c.prepare(act(), CONTENT, template="t", version=3, template_hash="bb" * 32),
    "issue": lambda c: c.issue(
        act(),
        number="0000001/LSP/LAS/2026",
        place=(1, "COMPETENCE/org/2026"),
        issued_on=date(2026, 3, 13),
        valid_until=date(2029, 3, 13),
        zone="Asia/Makassar",
        status=(1, 77),
        holder=FACT,
        code=FACT,
        provenance=FACT,
        replaces=None,
    ),
    "suspend": lambda c: c.suspend(act(), "COMPLAINT_OPEN"),
    "reinstate": lambda c: c.reinstate(act()),
    "request": lambda c: c.request_revocation(act("supervisor"), "ISSUED_IN_ERROR"),
    "revoke": lambda c: c.revoke(act(), next(iter(c.requests), "")),
    "supersede": lambda c: c.supersede(act(), by="newer", reason="NAME_CORRECTION"),
    "renew": lambda c: c.renew(act(), "newer"),
    "countersign": lambda c: c.countersign(act("second issuer")),
    "erase": lambda c: c.mark_erased(act()),
}
WAYS: dict[str, list[str]] = {
    "new": [],
    "prepared": ["prepare"],
    "active": ["prepare", "issue"],
    "requested": ["prepare", "issue", "request"],
    "suspended": ["prepare", "issue", "suspend"],
    "revoked": ["prepare", "issue", "request", "revoke"],
    "superseded": ["prepare", "issue", "supersede"],
    "renewed": ["prepare", "issue", "renew"],
    "erased": ["prepare", "issue", "erase"],
}
STATES = {"new": "", "requested": "active", "renewed": "active", "erased": "active"}
STANDING = {"active", "requested", "renewed", "erased"}
ALLOWED: dict[str, set[str]] = {
    "prepare": {"new"},
    "issue": {"prepared"},
    "suspend": STANDING,
    "reinstate": {"suspended"},
    "request": STANDING | {"suspended"},
    "revoke": {"requested"},
    "supersede": STANDING,
    "renew": STANDING - {"renewed"},
    "countersign": STANDING | {"suspended"},
    "erase": (STANDING - {"erased"}) | {"suspended", "revoked", "superseded"},
}


def reached(*steps: str) -> History[Certificate]:
    history = History(Certificate)
    for step in steps:
        history.do(STEPS[step])
    return history


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_in_each_state(way: str, step: str) -> None:
    history = reached(*WAYS[way])
    assert history.now.state == STATES.get(way, way)
    if way in ALLOWED[step]:
        history.do(STEPS[step])
        return
    with pytest.raises(DomainError) as caught:
        STEPS[step](history.now)
    standing = STANDING | {"suspended"}
    expected = "UNKNOWN_ID" if step == "revoke" and way in standing else "CERT_STATE_INVALID"
    assert caught.value.code == expected


def test_every_countersignature_is_kept() -> None:
    assert (
        reached(*WAYS["active"], "countersign", "countersign").now.countersigned_by == ["second issuer"] * 2
    )


def test_only_competence_is_renewed() -> None:
    history = History(Certificate)
    training = replace(CONTENT, kind="TRAINING")
    history.do(lambda c: c.prepare(act(), training, template="t", version=1, template_hash=""))
    history.do(STEPS["issue"])
    with pytest.raises(DomainError) as caught:
        history.now.renew(act(), "newer")
    assert caught.value.code == "VALUE_INVALID"


def test_revoking_keeps_the_reason_that_was_requested_and_names_the_request() -> None:
    history = reached("prepare", "issue")
    request = history.do(STEPS["request"])
    history.do(lambda c: c.revoke(act(), request))
    assert dict(history.events[-1].data) == {"reason": "ISSUED_IN_ERROR", "request": request}


def test_what_is_printed_comes_back_from_the_log() -> None:
    certificate = reached(*WAYS["active"]).now
    assert certificate.printed == CONTENT
    assert (certificate.org, certificate.number, certificate.zone) == (
        "org",
        "0000001/LSP/LAS/2026",
        "Asia/Makassar",
    )
    assert (certificate.issued_on, certificate.valid_until) == (date(2026, 3, 13), date(2029, 3, 13))


PREPARED = {
    "kind",
    "scheme_code",
    "programme_code",
    "title_id",
    "title_en",
    "level",
    "units",
    "jp",
    "template",
    "template_version",
    "template_hash",
}
ISSUED = {
    "number",
    "seq",
    "series",
    "issued_on",
    "valid_until",
    "zone",
    "list",
    "index",
    "holder",
    "code",
    "provenance",
    "replaces",
}


def test_the_events_have_exactly_these_members_and_no_way_back() -> None:
    prepared, issued = reached(*WAYS["active"]).events
    assert set(prepared.data) == PREPARED
    assert set(issued.data) == ISSUED
    for event in (prepared, issued):
        text = json.dumps(dict(event.data))
        assert not any(word in text for word in ("learner", "enrolment", "cohort", "assessment", "site"))
    for secret in ("holder", "code", "provenance"):
        assert set(issued.data[secret]) == {"commitment"}


@pytest.mark.parametrize(
    ("issued", "months", "last"),
    [
        ("2023-03-21", 36, "2026-03-21"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
    ],
)
def test_the_last_valid_day(issued: str, months: int, last: str) -> None:
    assert last_valid_day(date.fromisoformat(issued), months).isoformat() == last


UNTIL = date(2026, 3, 21)


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        ("2026-03-21T23:59:59+08:00", "Asia/Makassar", "VALID"),
        ("2026-03-22T00:00:00+08:00", "Asia/Makassar", "EXPIRED"),
        ("2026-03-21T16:00:00+00:00", "Asia/Makassar", "EXPIRED"),
        ("2026-03-21T16:00:00+00:00", "Asia/Jakarta", "VALID"),
        ("2026-03-21T17:00:00+00:00", "Asia/Jakarta", "EXPIRED"),
        ("2026-03-21T15:00:00+00:00", "Asia/Jayapura", "EXPIRED"),
        ("2026-03-21T14:59:59+00:00", "Asia/Jayapura", "VALID"),
    ],
)
def test_it_is_valid_through_its_last_day_in_its_own_zone(at: str, zone: str, expected: str) -> None:
    moment = datetime.fromisoformat(at)
    status = public_status(
        "active", erased=False, valid_until=UNTIL, zone=zone, under_review=False, at=moment
    )
    assert status == expected


ORDER = ["NO_LONGER_VERIFIABLE", "REVOKED", "REPLACED", "EXPIRED", "SUSPENDED", "VALID"]


@pytest.mark.parametrize("erased", [True, False])
@pytest.mark.parametrize("state", ["revoked", "superseded", "suspended", "active"])
@pytest.mark.parametrize("expired", [True, False])
@pytest.mark.parametrize("under_review", [True, False])
def test_the_first_status_that_applies(erased: bool, state: str, expired: bool, under_review: bool) -> None:
    applies = {
        "NO_LONGER_VERIFIABLE": erased,
        "REVOKED": state == "revoked",
        "REPLACED": state == "superseded",
        "EXPIRED": expired,
        "SUSPENDED": state == "suspended" or under_review,
        "VALID": True,
    }
    at = datetime.fromisoformat("2027-01-01T00:00:00+00:00" if expired else "2026-01-01T00:00:00+00:00")
    status = public_status(
        state, erased=erased, valid_until=UNTIL, zone="Asia/Jakarta", under_review=under_review, at=at
    )
    assert status == next(name for name in ORDER if applies[name])


def test_without_a_last_day_it_never_expires() -> None:
    at = datetime.fromisoformat("2126-01-01T00:00:00+00:00")
    status = public_status(
        "active", erased=False, valid_until=None, zone="Asia/Jakarta", under_review=False, at=at
    )
    assert status == "VALID"


def test_what_was_not_issued_has_no_status() -> None:
    with pytest.raises(DomainError, match="CERT_STATE_INVALID"):
        reached("prepare").now.public_status(
            erased=False, under_review=False, at=datetime.fromisoformat("2026-01-01T00:00:00+00:00")
        )
