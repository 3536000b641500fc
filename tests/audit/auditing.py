"""What tests of the audit share: an audit of entries that were written here, and what it found."""

from pathlib import Path
from typing import Any

from tests.audit.bundling import Log, write_bundle
from tests.audit.scribe import ORIGIN, Scribe
from verifier.answer import Verdict
from verifier.bundle import Bundle
from verifier.finding import Kind
from verifier.replay import Audit, Request, audit

LOG = Log.named(ORIGIN)
LOG_KEY = str(LOG.key.key)


def audited(folder: Path, scribe: Scribe, **options: Any) -> Audit:
    """Audit what the scribe has written, witnessed at the scribe's present time."""
    bundle = write_bundle(folder / "bundle", scribe.entries, LOG, scribe.now, links=scribe.links or None)
    return audit(Bundle(bundle), Request(scribe.root, LOG.policy(), scribe.now, **options))


def codes(result: Audit, kind: Kind = Kind.WRONG) -> set[str]:
    return {finding.code for finding in result.findings.of(kind)}


def found(result: Audit) -> list[tuple[str, int | None, str]]:
    """Everything that bears on the verdict, to be shown when a test fails."""
    return [
        (finding.code, finding.index, finding.message)
        for kind in (Kind.WRONG, Kind.UNKNOWN)
        for finding in result.findings.of(kind)
    ]


def stands(result: Audit) -> bool:
    assert not found(result)
    return result.outcome == Verdict.STANDS
