"""What an auditor gets to read is what is kept in tests/audit/reports, as text, data and page."""

import json
import textwrap

import pytest

from tests.audit import reports
from verifier import report
from verifier.finding import Kind

ENDINGS = {"stands": 0, "does-not-stand": 1, "cannot-say": 2, "goes-on": 0}


@pytest.mark.parametrize("name", reports.ALL)
def test_a_report_is_what_is_kept(name: str) -> None:
    result = reports.ALL[name]()
    assert int(result.outcome) == ENDINGS[name]
    for ending, text in reports.written(result).items():
        assert text == (reports.FOLDER / f"{name}.{ending}").read_text(encoding="utf-8")


def test_they_show_what_there_is_to_see() -> None:
    """Every kind of finding, every part of a report, and what is too long to be shown whole."""
    kept = {name: json.loads((reports.FOLDER / f"{name}.json").read_text("utf-8")) for name in reports.ALL}
    for kind in Kind:
        assert any(data["findings"][kind.value] for data in kept.values()), kind
    *rows, _published = kept["stands"]["checked"]
    for row, what in enumerate(rows):
        assert any(data["checked"][row]["count"] for data in kept.values()), what
    assert any(group["count"] > len(group["places"]) for group in kept["does-not-stand"]["findings"]["wrong"])
    assert {data["verdict"] for data in kept.values()} == {"STANDS", "DOES_NOT_STAND", "UNKNOWN"}
    text = textwrap.dedent((reports.FOLDER / "does-not-stand.txt").read_text("utf-8"))
    assert max(map(len, text.splitlines())) <= report.WIDTH
