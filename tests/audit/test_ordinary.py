"""A history without a fault stands, and says what was checked."""

from pathlib import Path

from tests.audit.auditing import LOG_KEY, audited, stands
from tests.audit.village import ordinary
from verifier import report


def test_an_ordinary_history_stands(tmp_path: Path) -> None:
    village = ordinary(LOG_KEY)
    result = audited(tmp_path, village)
    assert stands(result)
    assert result.entries == len(village.entries)
    assert (result.links, result.basis) == (5, 5)
    assert report.to_json(result)["certificates"]["by_status"] == {"VALID": 4, "REVOKED": 1}
