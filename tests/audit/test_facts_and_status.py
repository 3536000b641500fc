"""Named facts that are handed over, statuses at a moment, settings of an institution."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.audit.auditing import LOG_KEY, audited, codes, found
from tests.audit.broken import stage
from tests.audit.broken_assessing import file_appeal
from tests.audit.broken_custody import issuer_key
from tests.audit.broken_privacy import destroy, receive
from tests.audit.scribe import Said, Scribe, an_id
from tests.audit.village import Village, s
from verifier import fact, jcs, times
from verifier.finding import Kind
from verifier.replay import Audit
from verifier.rules.world import Settings


def line(
    stream: str, field: str, value: Any, version: int = 1, class_: str = "identity"
) -> tuple[bytes, dict[str, str]]:
    """A named fact's line, and the commitment that the event holds."""
    salt = sha256(f"{stream} {field}".encode()).digest()
    committed = fact.commitment(salt, class_, field, stream, stream, value, version)
    members = {"class": class_, "field": field, "salt": salt.hex(), "stream": stream, "subject": stream}
    return jcs.encode(members | {"value": value, "version": version}), {"commitment": committed}


@pytest.fixture
def named() -> tuple[Village, list[bytes]]:
    v = stage("open")
    name, committed = line(s("learner", "dewi"), "full_name", "Dewi Contoh")
    v.learner("dewi", full_name=committed)
    staff, committed = line(s("staff", "guest"), "name", "Gilang Fiktif")
    stream = s("staff", "guest")
    v.by("one", Said(stream, "staff.registration_requested", {"name": committed, "same_person_as": None}))
    return v, [name, staff]


def test_facts_open_their_commitments(named: tuple[Village, list[bytes]], tmp_path: Path) -> None:
    v, lines = named
    result = audited(tmp_path, v, named=lambda: iter(lines))
    assert not found(result)
    assert result.facts == 2
    assert result.names == {an_id("guest"): "Gilang Fiktif"}
    assert "NAMES_NOT_GIVEN" not in result.findings.counts


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"Dewi Contoh", b"Devi Contoh", "FACT_WRONG"),
        (b'"field":"full_name"', b'"field":"nick_name"', "FACT_WRONG"),
        (b'"version":1', b'"version":2', "FACT_WRONG"),
        (b'"class":"identity"', b'"class":"contact"', "FACT_WRONG"),
        (b'"salt":"', b'"salt":"00', "FACT_MALFORMED"),
        (b'{"class"', b'{ "class"', "FACT_MALFORMED"),
    ],
)
def test_a_fact_that_was_changed(
    named: tuple[Village, list[bytes]], old: bytes, new: bytes, code: str, tmp_path: Path
) -> None:
    v, lines = named
    changed = [lines[0].replace(old, new), lines[1]]
    assert codes(audited(tmp_path, v, named=lambda: iter(changed))) == {code}


def test_a_fact_that_the_log_says_is_destroyed(named: tuple[Village, list[bytes]], tmp_path: Path) -> None:
    v, lines = named
    receive(v, subject=s("learner", "dewi"))
    v.by("privacy", Said(s("subject_request", "r"), "subject_request.verified"))
    destroy(v, "dewi", "identity")
    assert codes(audited(tmp_path, v, named=lambda: iter(lines))) == {"DESTROYED_DATA_KEPT"}


# -- statuses --------------------------------------------------------------------------------------------------------


def status(folder: Path, v: Scribe, name: str, at: str | None = None) -> str:
    moment = None if at is None else times.parse_moment(at)
    result = audited(folder, v, moment=moment)
    statuses = result.as_was or result.statuses
    assert statuses is not None
    certificate = statuses.find(an_id(name))
    return "NOT_FOUND" if certificate is None else statuses.status(certificate, moment or v.now)


def test_a_status_as_it_was(tmp_path: Path) -> None:
    v = stage("certified")
    v.certificate("ana c", "suspended", reason="COMPLAINT_OPEN")
    v.set_day("2031-04-01")
    v.revoke("ana c")
    for number, (at, expected) in enumerate(
        [
            ("2031-03-19T00:00:00Z", "NOT_FOUND"),
            ("2031-03-20T02:00:00Z", "VALID"),
            ("2031-03-24T00:59:59Z", "VALID"),
            ("2031-03-24T01:00:00Z", "SUSPENDED"),
            ("2031-04-01T00:59:59Z", "SUSPENDED"),
            ("2031-04-01T01:00:00Z", "REVOKED"),
        ]
    ):
        assert status(tmp_path / str(number), v, "ana c", at) == expected


def test_valid_through_its_last_day_in_its_zone(tmp_path: Path) -> None:
    v = stage("certified")
    assert status(tmp_path / "a", v, "ana c", "2034-03-20T15:59:59Z") == "VALID"
    assert status(tmp_path / "b", v, "ana c", "2034-03-20T16:00:00Z") == "EXPIRED"
    assert status(tmp_path / "c", v, "ana t", "2090-01-01T00:00:00Z") == "VALID"


def compromise(v: Village, from_size: int) -> None:
    stream, data = s("staff", "body"), {"key": v.pens["body"].thumbprint, "from_size": from_size}
    asked = v.ask("one", stream, "staff.compromise_requested", data)
    v.by("two", Said(stream, "staff.key_compromised", data | {"request": asked}))


def issue_index(v: Village, name: str) -> int:
    mark = an_id(name).encode()
    return next(i for i, entry in enumerate(v.entries) if b"certificate.issued" in entry and mark in entry)


def test_under_review_after_a_compromise_until_countersigned(tmp_path: Path) -> None:
    v = stage("certified")
    first, second = sorted((issue_index(v, "ana c"), issue_index(v, "budi c")))
    assert first < second
    compromise(v, first + 1)
    assert status(tmp_path / "a", v, "ana c") == "VALID"
    assert status(tmp_path / "b", v, "budi c") == "SUSPENDED"
    v.certificate("budi c", "countersigned", "other body", by=an_id("other body"))
    assert status(tmp_path / "c", v, "budi c") == "VALID"
    assert not found(audited(tmp_path / "d", v))


def test_a_compromised_issuer_key_puts_its_organisations_certificates_under_review(tmp_path: Path) -> None:
    v = stage("certified")
    issuer_key(v, "k")
    asked = v.ask("one", s("issuer_key", "k"), "issuer_key.compromise_requested", {"from_size": 0})
    v.by("two", Said(s("issuer_key", "k"), "issuer_key.compromised", {"from_size": 0, "request": asked}))
    assert status(tmp_path / "a", v, "ana c") == "SUSPENDED"
    assert status(tmp_path / "b", v, "ana t") == "VALID"


def test_erased_once_the_name_on_it_is_destroyed_though_nobody_marks_it(tmp_path: Path) -> None:
    v = stage("certified")
    receive(v, subject=s("certificate", "ana c"))
    v.by("privacy", Said(s("subject_request", "r"), "subject_request.verified"))
    destroy(v, "ana c", "provenance", aggregate="certificate")
    assert status(tmp_path / "a", v, "ana c") == "VALID"
    destroy(v, "ana c", "identity", aggregate="certificate")
    assert status(tmp_path / "b", v, "ana c") == "NO_LONGER_VERIFIABLE"
    assert status(tmp_path / "c", v, "ana c", "2031-03-20T02:00:00Z") == "VALID"


def test_what_a_stolen_key_reinstated_or_countersigned_is_under_review(tmp_path: Path) -> None:
    v = stage("certified")
    v.certificate("ana c", "suspended", "other body", reason="COMPLAINT_OPEN")
    size = len(v.entries)
    v.certificate("ana c", "reinstated")
    assert status(tmp_path / "a", v, "ana c") == "VALID"
    compromise(v, size)
    assert status(tmp_path / "b", v, "ana c") == "SUSPENDED"
    v.certificate("ana c", "countersigned", "other body", by=an_id("other body"))
    assert status(tmp_path / "c", v, "ana c") == "VALID"


def test_bits_of_the_status_lists(tmp_path: Path) -> None:
    v = stage("certified")
    v.revoke("ana c")
    v.certificate("budi t", "suspended", "issuer", reason="COMPLAINT_OPEN")
    result = audited(tmp_path, v)
    assert result.statuses is not None
    lists = result.statuses.bits()
    assert {
        place: [i for i in range(64) if bits[i >> 3] & 0x80 >> (i & 7)] for place, bits in lists.items()
    } == {
        (an_id("blk"), 1): [3],
        (an_id("lsp"), 1): [2],
    }
    assert {len(bits) for bits in lists.values()} == {131_072 // 8}


# -- settings --------------------------------------------------------------------------------------------------------


def late_appeal(day: str) -> Village:
    v = stage("decided")
    v.set_day(day)
    file_appeal(v)
    return v


def appeal(folder: Path, day: str, settings: Settings) -> Audit:
    return audited(folder, late_appeal(day), settings=settings)


def test_the_appeal_window_with_holidays(tmp_path: Path) -> None:
    # Decided on a Tuesday; the fifth working day after it is the next Tuesday.
    none, one = Settings(holidays=frozenset()), Settings(holidays=frozenset({"2031-03-20"}))
    assert not found(appeal(tmp_path / "a", "2031-03-25", none))
    assert codes(appeal(tmp_path / "b", "2031-03-26", none)) == {"APPEAL_WINDOW_CLOSED"}
    assert not found(appeal(tmp_path / "c", "2031-03-26", one))
    unknown = appeal(tmp_path / "d", "2031-03-26", Settings())
    assert codes(unknown, Kind.UNKNOWN) == {"APPEAL_WINDOW_UNCHECKED"}


def test_an_institution_may_allow_longer_back_entry(tmp_path: Path) -> None:
    v = stage("staffed")
    v.by("one", Said(s("organisation", "blk"), "organisation.closed", at="2031-01-04T01:00:00Z"))
    assert codes(audited(tmp_path / "a", v)) == {"BACKDATE_LIMIT"}
    assert not found(audited(tmp_path / "b", v, settings=Settings(backdate_days=90)))


def test_the_log_key_of_the_fixture(tmp_path: Path) -> None:
    assert LOG_KEY.startswith("audit.example/log+")
    assert not found(audited(tmp_path, stage("planned")))
