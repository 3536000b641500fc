"""What a report says in cases that no ordinary audit has: long words, unknown zones, times beyond the calendar."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.audit.auditing import LOG, audited
from tests.audit.broken import stage
from tests.audit.bundling import write_bundle
from tests.audit.scribe import an_id
from verifier import report, report_page
from verifier.audit_result import Audit, Person
from verifier.bundle import Bundle
from verifier.finding import KEPT_PER_CODE, Findings, Kind, Rule
from verifier.replay import Request, audit

NOW = 1_932_000_000  # 2031-03-23T02:40:00Z
FAR = 253_402_300_800  # the first second of the year 10000
RULE = Rule("OF_A_TEST", Kind.NOTE, "A sentence.")


def text(result: Audit) -> list[str]:
    return report.to_text(report.to_json(result)).splitlines()


def section(result: Audit, title: str) -> list[str]:
    """The lines under a title."""
    lines = text(result)
    at = lines.index(title)
    return lines[at + 1 : lines.index("", at)]


def of(*messages: str, people: dict[str, Person] | None = None) -> Audit:
    findings = Findings()
    for message in messages:
        findings.add(RULE, message)
    return Audit(findings, NOW, 86_400, people=people or {})


def test_an_audit_of_nothing_has_a_report() -> None:
    data = report.to_json(of())
    assert data["verdict"] == "STANDS"
    assert data["certificates"] == {"at": "2031-03-23T02:40:00Z", "total": 0, "by_status": {}, "each": []}
    nothing: dict[str, Any] = {
        "entries": 0,
        "acts": 0,
        "accounts": 0,
        "from": None,
        "to": None,
        "clock": None,
    }
    nothing |= {"predecessor": None, "since": None, "log": None, "now": "2031-03-23T02:40:00Z"}
    assert data["examined"] == nothing
    assert text(of())[3:] == ["", "What was examined", "  Judged at 2031-03-23T02:40:00Z.", ""]
    page = report_page.to_html(data)
    assert "<tr><th>Quorum of the policy</th><td><code>not met</code></td></tr>" in page
    assert "<tr><th>Witnesses</th><td><code>none</code></td></tr>" in page
    assert "<th>Root</th>" not in page


def found(*messages: str) -> list[str]:
    return section(of(*messages), "What a reader should know")


def test_words_and_hyphens_stay_whole() -> None:
    long = "x" * 120
    assert found(f"before {long} after") == [
        "  OF_A_TEST (1): A sentence.",
        "    - before",
        f"      {long}",
        "      after",
    ]
    hyphened = f"{'a' * 50}-{'b' * 50}"
    assert found(f"so {hyphened}")[1:] == ["    - so", f"      {hyphened}"]


@pytest.mark.parametrize(("length", "lines"), [(92, 1), (93, 2)])
def test_a_line_has_98_letters_at_most(length: int, lines: int) -> None:
    """With its indentation and the dash before it."""
    message = f"{'a' * (length - 4)} bcd"
    said = found(message)[1:]
    assert len(said) == lines
    assert max(map(len, said)) <= report.WIDTH
    assert len(f"    - {message}") <= report.WIDTH or lines == 2


def test_a_finding_without_words_is_shown_by_its_dash() -> None:
    assert found("")[1:] == ["    - "]


def test_what_is_not_kept_is_counted() -> None:
    assert found(*["again"] * KEPT_PER_CODE)[-1] == "    - again"
    more = found(*["again"] * (KEPT_PER_CODE + 1))
    assert more[0] == "  OF_A_TEST (101): A sentence."
    assert more[-2:] == ["    - again", "    … and 1 more"]


def test_everyone_is_shown_with_their_roles_who_did_most_first() -> None:
    people = {
        "b": Person(2, 2, Counter(auditor=2), "2031-01-01T00:00:00Z", "2031-01-02T00:00:00Z"),
        "a": Person(2, 3, Counter(assessor=1, auditor=2), "2031-01-03T00:00:00Z", "2031-01-04T00:00:00Z"),
        "c": Person(5, 5, Counter(auditor=5), "2031-01-05T00:00:00Z", "2031-01-06T00:00:00Z"),
    }
    result = of(people=people)
    result.humans = {"a": "c"}
    assert section(result, "Who acted") == [
        "  staff/c: 5 acts; auditor 5",
        "  staff/a, the same person as staff/c: 2 acts; auditor 2, assessor 1",
        "  staff/b: 2 acts; auditor 2",
    ]
    page = report_page.to_html(report.to_json(result, {"c": "Citra <Contoh>"}))
    assert "<td>Citra &lt;Contoh&gt;</td><td>5</td><td>auditor 5</td><td>2031-01-05T00:00:00Z</td>" in page
    assert "<td></td><td>2</td><td>auditor 2, assessor 1</td>" in page
    assert "<code>a (same person as c)</code>" in page


def test_a_certificate_of_an_unknown_zone_is_counted_apart(tmp_path: Path) -> None:
    v = stage("decided")
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"), zone="Nowhere/Near", valid_until="2034-03-20")
    v.certify("budi c", "COMPETENCE", v.decision_link("budi"))
    data = report.to_json(audited(tmp_path, v, moment=v.now))["certificates"]
    assert data["by_status"] == {"VALID": 1, "CANNOT_CHECK": 1}
    each: dict[str, Any] = {item["certificate"]: item["status"] for item in data["each"]}
    assert each == {an_id("ana c"): "CANNOT_CHECK", an_id("budi c"): "VALID"}


@pytest.mark.parametrize(("time", "shown"), [(FAR - 1, "9999-12-31T23:59:59Z"), (FAR, "after the year 9999")])
def test_a_witness_beyond_the_calendar(time: int, shown: str, tmp_path: Path) -> None:
    v = stage("staffed")
    folder = write_bundle(tmp_path / "bundle", v.entries, LOG, time, links=None)
    log = report.to_json(audit(Bundle(folder), Request(v.root, LOG.policy(), v.now)))["examined"]["log"]
    assert log["witnesses"] == {"w0": shown, "w1": shown}
