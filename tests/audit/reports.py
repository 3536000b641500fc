"""Writes tests/audit/reports: what an auditor gets to read, to be looked at by people when it changes.

    python -m tests.audit.reports

Each report is the text, the data of `--json` and the page of `--html` of one audit: a history that stands, one
with a fault of every kind, one that cannot be judged, and one that goes on from a kept state.
"""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

from tests.audit.auditing import LOG, audited
from tests.audit.broken import stage
from tests.audit.broken_privacy import erase
from tests.audit.bundling import write_bundle
from tests.audit.scribe import Said, an_id
from tests.audit.test_facts_and_status import line
from tests.audit.village import BLK, s
from verifier import report, report_page, times
from verifier.bundle import Bundle
from verifier.replay import Audit, Request, audit

FOLDER = Path(__file__).parent / "reports"


def stands() -> Audit:
    """Names were handed over; two accounts are one person; asked for the statuses of an earlier day."""
    v = stage("certified")
    name, committed = line(s("staff", "guest"), "name", "Gilang <Fiktif>")
    said = {"name": committed, "same_person_as": an_id("admin")}
    asked = v.ask("one", s("staff", "guest"), "staff.registration_requested", said)
    again = {"same_person_as": an_id("admin"), "request": asked}
    v.by("two", Said(s("staff", "guest"), "staff.registered", again))
    v.grant("guest", "training_issuer", BLK)
    v.enrol("guest")
    v.people["guest"] = ("training_issuer", BLK)
    v.certificate("ana t", "suspended", "guest", reason="COMPLAINT_OPEN")
    v.set_day("2031-04-02")
    v.revoke("ana c")
    moment = times.parse_moment("2031-03-31T00:00:00Z")
    return audited(Path(mkdtemp()), v, named=lambda: iter([name]), moment=moment)


def does_not_stand() -> Audit:
    """Something wrong at many places, something that could not be checked, something erased, something to know."""
    v = stage("certified")
    v.set_day("2031-03-25")
    for number in range(51):
        v.attend("ana", session=9, who="printer" if number % 2 else "admin")
    erase(v, "budi", "identity")
    v.links = v.links[1:]
    folder = write_bundle(Path(mkdtemp()) / "bundle", v.entries, LOG, v.now, links=v.links, cosigned=1)
    (folder / "notes.txt").write_text("not of the bundle")
    return audit(Bundle(folder), Request(v.root, LOG.policy(), v.now + 3600))


def cannot_say() -> Audit:
    """No links are in the bundle, and no witness has confirmed it."""
    v = stage("decided")
    folder = write_bundle(Path(mkdtemp()) / "bundle", v.entries, LOG, v.now, links=None, cosigned=0)
    return audit(Bundle(folder), Request(v.root, LOG.policy(), v.now))


def goes_on() -> Audit:
    """Only what came after the kept state is verified."""
    v = stage("staffed")
    kept = audited(Path(mkdtemp()), v).keep
    assert kept is not None
    v.set_day("2031-03-04")
    v.agreement()
    return audited(Path(mkdtemp()), v, since=kept())


ALL: dict[str, Callable[[], Audit]] = {
    each.__name__.replace("_", "-"): each for each in (stands, does_not_stand, cannot_say, goes_on)
}


def written(result: Audit) -> dict[str, str]:
    """The files of one report by their endings."""
    data = report.to_json(result, result.names)
    text = report.to_text(data)
    if result.moment is not None:
        text += "\n".join(report.status_lines(data)) + "\n"
    return {
        "txt": text,
        "json": json.dumps(data, ensure_ascii=False, indent=1) + "\n",
        "html": report_page.to_html(data),
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, make in ALL.items():
        for ending, text in written(make()).items():
            (FOLDER / f"{name}.{ending}").write_text(text, encoding="utf-8")
