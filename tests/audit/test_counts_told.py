"""What a report counts: what was verified now apart from what was trusted before, and large numbers for people."""

from pathlib import Path

import pytest

from tests.audit.auditing import LOG, LOG_KEY, audited
from tests.audit.test_kept import cut
from tests.audit.village import Village, ordinary
from verifier import merkle, report, report_page
from verifier.replay import Audit

ENTRIES = "entries that are canonical, and stand in their stream, their act and the log's tree"
TRUSTED = "entries before them that were trusted already and not verified again"


@pytest.fixture(scope="module")
def history() -> Village:
    return ordinary(LOG_KEY)


def begun(v: Village, size: int) -> bytes:
    """The checkpoint at an earlier size."""
    return LOG.checkpoint([merkle.leaf_hash(entry) for entry in v.entries[:size]], v.now)


def boundary(v: Village, back: int) -> int:
    """The size before the act to which the entry so far from the end belongs."""
    size = len(v.entries) - back
    while b'"index":0,' not in v.entries[size]:
        size -= 1
    return size


def counted(result: Audit) -> dict[str, int]:
    return {row["what"]: row["count"] for row in report.to_json(result)["checked"]}


def test_a_whole_audit_trusted_nothing(history: Village, tmp_path: Path) -> None:
    counts = counted(audited(tmp_path, history))
    assert counts[ENTRIES] == counts["events held to the rules of the domain"] == len(history.entries)
    assert counts[TRUSTED] == 0


@pytest.mark.parametrize("back", [1, 30, 60])
def test_only_what_came_after_is_counted_as_verified(history: Village, tmp_path: Path, back: int) -> None:
    """From a checkpoint, where all is read again, and from a kept state, where it is not: the same counts."""
    size, whole = boundary(history, back), audited(tmp_path / "whole", history)
    keep = audited(tmp_path / "before", cut(history, size)).keep
    assert keep is not None
    from_checkpoint = audited(tmp_path / "a", history, since=begun(history, size))
    from_state = audited(tmp_path / "b", history, since=keep())
    back = len(history.entries) - size
    assert (from_checkpoint.outcome, from_state.outcome) == (whole.outcome, whole.outcome)
    counts = counted(from_checkpoint)
    assert (counts[ENTRIES], counts[TRUSTED]) == (back, size)
    assert counts["events held to the rules of the domain"] == back
    acts = "signed acts that are whole, by a key, a person and a role that could sign there"
    assert counts[acts] == counts["signatures verified"] == from_checkpoint.acts <= back
    assert counts == counted(from_state)
    for found in (from_checkpoint, from_state):
        data = report.to_json(found)
        assert sum(person["acts"] for person in data["people"]) == counts[acts]
        assert data["examined"]["from"] >= report.to_json(whole)["examined"]["from"]
        assert data["meaning"] == report.MEANING_SINCE
        text, page = report.to_text(data), report_page.to_html(data)
        assert f"The first {size} entries were trusted already; only what came after was verified." in text
        assert f"\n  {back} entries: {counts[acts]} signed acts by " in text
        assert f"<tr><th>Entries trusted before</th><td><code>{size}</code></td></tr>" in page
        assert f"<tr><th>Entries verified</th><td><code>{back}</code></td></tr>" in page


def test_people_see_thousands_apart_and_programs_numbers(history: Village, tmp_path: Path) -> None:
    data = report.to_json(audited(tmp_path, history))
    examined, (person, *_) = data["examined"], data["people"]
    examined |= {"entries": 1234567, "acts": 1000001, "accounts": 2345, "since": 34567}
    examined["log"]["size"] = 1234567
    person |= {"acts": 45678, "roles": {"instructor": 45678}}
    data["checked"][0]["count"] = 1200000
    data["findings"]["lost"][0]["count"] = 5678
    text, page = report.to_text(data), report_page.to_html(data)
    for shown in (
        "checkpoint of 1,234,567 entries",
        "The first 34,567 entries were trusted already",
        "1,200,000 entries: 1,000,001 signed acts by 2,345 accounts",
        "45,678 acts; instructor 45,678",
        "1,200,000  entries that are canonical",
        "NAMES_NOT_GIVEN (5,678)",
    ):
        assert shown in " ".join(text.split("\n  ")), shown
    for shown in (
        "<tr><th>Entries in the checkpoint</th><td><code>1,234,567</code>",
        "<tr><th>Entries trusted before</th><td><code>34,567</code>",
        "<tr><th>Entries verified</th><td><code>1,200,000</code>",
        "<tr><th>Signed acts</th><td><code>1,000,001</code>",
        "<tr><th>Accounts that acted</th><td><code>2,345</code>",
        "<td>45,678</td><td>instructor 45,678</td>",
        '<td class="n">1,200,000</td>',
        "<code>NAMES_NOT_GIVEN</code> (5,678)",
    ):
        assert shown in page, shown
    assert type(report.to_json(audited(tmp_path / "again", history))["examined"]["entries"]) is int
