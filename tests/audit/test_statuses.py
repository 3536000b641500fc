"""Statuses by what bears on them, followed with the rules' certificates and without them; and the published bits."""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from tests.audit.auditing import audited, found
from tests.audit.broken import stage
from tests.audit.broken_custody import issuer_key
from tests.audit.broken_privacy import destroy, receive
from tests.audit.scribe import Pen, Said, an_id
from tests.audit.test_facts_and_status import compromise, issue_index
from tests.audit.village import BLK, LSP, Village, s
from verifier import reader, times
from verifier.event import Event
from verifier.rules.certificate import Certificate
from verifier.rules.certificates import STATUS_LIST_BITS
from verifier.rules.world import Thing, World
from verifier.status import Statuses

NAMES = ("ana t", "ana c", "budi t", "budi c")


@cache
def event_of(entry: bytes) -> Event:
    return reader.read(entry)


def followed(v: Village, until: str | None = None, world: object = None) -> Statuses:
    """What is known without an audit, up to a moment; the rules' certificates are those of `world`, if any."""
    statuses = Statuses(until, cast("World | None", world))
    for index, entry in enumerate(v.entries):
        event = event_of(entry)
        event.index = index
        statuses.follow(event)
    return statuses


def read(statuses: Statuses, at: int, names: Iterable[str] = NAMES) -> dict[str, str]:
    told = {}
    for name in names:
        certificate = statuses.find(an_id(name))
        if certificate is not None:
            told[name] = statuses.status(certificate, at)
    return told


def bits_of(statuses: Statuses) -> dict[tuple[str, int], set[int]]:
    """The bits that are set, the first being the highest of the first byte."""
    return {
        place: {
            8 * at + bit
            for at, byte in enumerate(data)
            if byte
            for bit in range(8)
            if f"{byte:08b}"[bit] == "1"
        }
        for place, data in statuses.bits().items()
    }


def certified() -> Village:
    """Four certificates of two issuers, whose bits are in several bytes of their lists."""
    v = stage("decided")
    for place, (name, kind) in zip(
        (7, 16, 23, 41), (("ana t", "T"), ("ana c", "C"), ("budi t", "T"), ("budi c", "C")), strict=True
    ):
        v.places = place - 1
        learner = name.split()[0]
        if kind == "T":
            v.certify(name, "TRAINING", v.training_link(learner))
        else:
            v.certify(name, "COMPETENCE", v.decision_link(learner))
    v.set_day("2031-03-24")
    return v


PLACES = {"ana t": (BLK, 7), "ana c": (LSP, 16), "budi t": (BLK, 23), "budi c": (LSP, 41)}


def nothing_more(_v: Village) -> None:
    """They stand."""


def revoked(v: Village) -> None:
    v.revoke("ana c")


def suspended(v: Village) -> None:
    v.certificate("budi t", "suspended", "issuer", reason="COMPLAINT_OPEN")


def suspended_and_reinstated(v: Village) -> None:
    suspended(v)
    v.certificate("budi t", "reinstated", "issuer")


def replaced(v: Village) -> None:
    v.certify("ana c 2", "COMPETENCE", v.decision_link("ana"), replaces=an_id("ana c"))
    v.certificate("ana c", "superseded", by=an_id("ana c 2"), reason="DATA_CORRECTED")


def marked(v: Village) -> None:
    erased(v)
    v.certificate("ana c", "marked_erased", "privacy")


def only_marked(v: Village) -> None:
    """Nothing was destroyed, and yet it says so."""
    v.certificate("ana c", "marked_erased", "privacy")


def erased(v: Village) -> None:
    receive(v, subject=s("certificate", "ana c"))
    v.by("privacy", Said(s("subject_request", "r"), "subject_request.verified"))
    destroy(v, "ana c", "identity", aggregate="certificate")


def contact_destroyed(v: Village) -> None:
    receive(v, subject=s("certificate", "ana c"))
    v.by("privacy", Said(s("subject_request", "r"), "subject_request.verified"))
    destroy(v, "ana c", "provenance", aggregate="certificate")


def issuer_key_stolen(v: Village, from_size: int = 0) -> None:
    issuer_key(v, "k")
    asked = v.ask("one", s("issuer_key", "k"), "issuer_key.compromise_requested", {"from_size": from_size})
    data = {"from_size": from_size, "request": asked}
    v.by("two", Said(s("issuer_key", "k"), "issuer_key.compromised", data))


def issuer_key_stolen_later(v: Village) -> None:
    """From the log size on that was reached with the issue of the first of the two."""
    issuer_key_stolen(v, issue_index(v, "ana c") + 1)


def issuer_key_stolen_then(v: Village) -> None:
    issuer_key_stolen(v, issue_index(v, "budi c"))


def key_stolen(v: Village) -> None:
    compromise(v, issue_index(v, "ana c"))


def key_stolen_later(v: Village) -> None:
    compromise(v, issue_index(v, "ana c") + 1)


def countersigned(v: Village) -> None:
    key_stolen(v)
    v.certificate("ana c", "countersigned", "other body", by=an_id("other body"))


def stolen_again(v: Village) -> None:
    """An issuer's key is declared stolen after the countersignature."""
    countersigned(v)
    issuer_key_stolen(v)


def reinstated_after_the_theft(v: Village) -> None:
    """A sound key reinstated it, and that is no countersignature."""
    key_stolen(v)
    v.certificate("ana c", "suspended", "other body", reason="COMPLAINT_OPEN")
    v.certificate("ana c", "reinstated", "other body")


def countersigned_with_the_stolen_key(v: Village) -> None:
    """The issuer's theft is countersigned with a key that was stolen by then as well."""
    issuer_key_stolen(v)
    size = len(v.entries)
    v.certificate("ana c", "countersigned", "body", by=an_id("body"))
    v.certificate("budi c", "countersigned", "other body", by=an_id("other body"))
    compromise(v, size)


def countersigned_by_the_thief(v: Village) -> None:
    """With a key that had been declared stolen."""
    key_stolen(v)
    v.certificate("ana c", "countersigned", "body", by=an_id("body"))


REVIEW = "SUSPENDED"
CASES: dict[Callable[[Village], object], dict[str, str]] = {
    nothing_more: {},
    revoked: {"ana c": "REVOKED"},
    suspended: {"budi t": "SUSPENDED"},
    suspended_and_reinstated: {},
    replaced: {"ana c": "REPLACED"},
    only_marked: {"ana c": "NO_LONGER_VERIFIABLE"},
    marked: {"ana c": "NO_LONGER_VERIFIABLE"},
    erased: {"ana c": "NO_LONGER_VERIFIABLE"},
    contact_destroyed: {},
    issuer_key_stolen: {"ana c": REVIEW, "budi c": REVIEW},
    issuer_key_stolen_later: {"budi c": REVIEW},
    issuer_key_stolen_then: {"budi c": REVIEW},
    key_stolen: {"ana c": REVIEW, "budi c": REVIEW},
    key_stolen_later: {"budi c": REVIEW},
    countersigned: {"budi c": REVIEW},
    stolen_again: {"ana c": REVIEW, "budi c": REVIEW},
    reinstated_after_the_theft: {"ana c": REVIEW, "budi c": REVIEW},
    countersigned_by_the_thief: {"ana c": REVIEW, "budi c": REVIEW},
    countersigned_with_the_stolen_key: {"ana c": REVIEW},
}


def places(go: Callable[[Village], object]) -> dict[tuple[str, int], set[int]]:
    """The bits that are to be set."""
    found: dict[tuple[str, int], set[int]] = {(BLK, 1): set(), (LSP, 1): set()}
    for name in CASES[go]:
        organisation, place = PLACES[name]
        found[organisation, 1].add(place)
    return found


@pytest.mark.parametrize("go", CASES, ids=lambda go: go.__name__)
def test_a_status_and_its_bit_follow_from_the_log(go: Callable[[Village], object], tmp_path: Path) -> None:
    v = certified()
    go(v)
    statuses = audited(tmp_path, v).statuses
    assert read(statuses, v.now) == dict.fromkeys(NAMES, "VALID") | CASES[go]
    assert bits_of(statuses) == places(go)
    assert {len(data) for data in statuses.bits().values()} == {131_072 // 8}


def test_and_they_follow_without_an_audit() -> None:
    """From the entries alone, and with the certificates that the rules would know, if these are given."""
    for go, changed in CASES.items():
        v = certified()
        go(v)
        statuses = followed(v)
        assert read(statuses, v.now) == dict.fromkeys(NAMES, "VALID") | changed, go
        assert bits_of(statuses) == places(go), go
    v = certified()
    v.by("issuer", v.prepared("citra t", "TRAINING"))
    v.revoke("ana c")
    for number, (org, purpose) in enumerate(KEYS):
        issuer_key(v, f"key {number}", org=org, purpose=purpose, pen=Pen(f"pen {number}"))
    assert followed(v).issuers == [LSP, BLK]
    assert len(followed(v).all()) == len(NAMES)
    streams = {s("certificate", name): Certificate(s("certificate", name)) for name in NAMES[:2]}
    for certificate in streams.values():
        certificate.issued = 1
    other = s("certificate", "budi t")
    world = SimpleNamespace(things=streams | {other: Thing(other)})
    assert followed(v, world=world).all() == list(streams.values())
    v.entries = [entry for entry in v.entries if b"certificate.issued" not in entry]
    assert followed(v, world=world).all() == []


KEYS = [("blk", "credential"), ("lsp", "status"), ("blk", "pdf"), ("lsp", "status"), ("blk", "status")]
"""Issuer keys by organisation and purpose; lists are of those with a status key, each once, in their order."""


def test_as_it_was_is_what_had_been_recorded_by_then() -> None:
    v = certified()
    suspended(v)
    v.set_day("2031-03-25")
    revoked(v)
    moment = times.parse_moment
    for at, expected in (
        ("2031-03-19T23:59:59Z", {}),
        ("2031-03-20T01:00:00Z", dict.fromkeys(NAMES, "VALID")),
        ("2031-03-24T00:59:59Z", dict.fromkeys(NAMES, "VALID")),
        ("2031-03-24T01:00:00Z", dict.fromkeys(NAMES, "VALID") | {"budi t": "SUSPENDED"}),
        ("2031-03-25T01:00:00Z", dict.fromkeys(NAMES, "VALID") | CASES[suspended] | CASES[revoked]),
    ):
        statuses = followed(v, at)
        assert read(statuses, moment(at)) == expected
        assert [certificate.number for certificate in statuses.all()] == (
            ["00001/T/2031", "00001/C/2031", "00002/T/2031", "00002/C/2031"] if expected else []
        )


def test_a_certificate_is_found_by_id_stream_or_number_once_it_is_issued(tmp_path: Path) -> None:
    v = certified()
    v.by("issuer", v.prepared("citra t", "TRAINING"))
    result = audited(tmp_path, v)
    for statuses in (result.statuses, followed(v)):
        for name in (an_id("budi c"), s("certificate", "budi c"), "00002/C/2031"):
            certificate = statuses.find(name)
            assert certificate is not None
            assert certificate.id == an_id("budi c")
            assert (certificate.kind, certificate.org, certificate.zone) == (
                "COMPETENCE",
                LSP,
                "Asia/Makassar",
            )
            assert (certificate.issued_on, certificate.valid_until) == ("2031-03-20", "2034-03-20")
            assert certificate.issued == issue_index(v, "budi c")
        for name in ("", "00003/C/2031", an_id("citra t"), s("certificate", "citra t"), an_id("ana")):
            assert statuses.find(name) is None
        assert len(statuses.all()) == len(NAMES)


def test_places_outside_a_list_have_no_bit() -> None:
    v = stage("decided")
    names = ("ana t", "budi t")
    for name, place in zip(names, (STATUS_LIST_BITS, STATUS_LIST_BITS - 1), strict=True):
        v.places = place - 1
        v.certify(name, "TRAINING", v.training_link(name.split()[0]))
        v.certificate(name, "suspended", "issuer", reason="COMPLAINT_OPEN")
    assert bits_of(followed(v)) == {(BLK, 1): {STATUS_LIST_BITS - 1}}


def test_issuers_stand_in_the_order_of_their_first_status_keys(tmp_path: Path) -> None:
    v = certified()
    for number, (org, purpose) in enumerate(KEYS):
        issuer_key(v, f"key {number}", org=org, purpose=purpose, pen=Pen(f"pen {number}"))
    result = audited(tmp_path, v)
    assert not found(result)
    assert result.statuses.issuers == followed(v).issuers == [LSP, BLK]
