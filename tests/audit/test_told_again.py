"""An audit that goes on from a kept state tells of every breach what a whole audit tells, word for word."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.audit import told
from tests.audit.auditing import LOG, audited
from tests.audit.broken import CASES, STAGES, stage
from tests.audit.bundling import write_bundle
from verifier.bundle import Bundle
from verifier.replay import Request, audit

AREAS = told.AREAS
TOLD = told.read()
BEGINNINGS = [name for name in STAGES if name != "empty"]
# Links of certificates that were looked at before are not looked at again.
BEFORE = {"NO_LINKS", "ERASURE_UNCHECKED", "BASIS_NO_LONGER_CHECKABLE"}


@cache
def prepared(name: str) -> tuple[TemporaryDirectory[str], int, dict[str, tuple[Path, Request]]]:
    """The bundles of all breaches after one beginning, and what is asked of them."""
    folder = TemporaryDirectory()
    begun = len(stage(name).entries)
    kept = audited(Path(folder.name), stage(name)).keep
    assert kept is not None
    state, asked = kept(), {}
    for case in CASES:
        if case.stage == name and case.code not in BEFORE:
            village = stage(name)
            case.go(village)
            place = Path(folder.name) / case.name
            write_bundle(place, village.entries, LOG, village.now, links=village.links or None)
            asked[case.name] = place, Request(village.root, LOG.policy(), village.now, since=state)
    return folder, begun, asked


@pytest.mark.parametrize("name", BEGINNINGS)
def test_what_is_told_from_a_kept_state(name: str) -> None:
    _, begun, asked = prepared(name)
    for case, (place, request) in asked.items():
        result = audit(Bundle(place), request)
        assert result.since == begun
        assert told.told(result.findings, begun) == TOLD[case], case
