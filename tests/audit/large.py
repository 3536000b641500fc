"""Large histories without a fault, for the tampering suite and for measuring.

    python -m tests.audit.large FOLDER EVENTS

writes a bundle of about so many events, nearly all in commands of one event, with its policy, root file and
the time to judge it at.
"""

import sys
from datetime import date, timedelta
from pathlib import Path

from tests.audit.auditing import LOG, LOG_KEY
from tests.audit.bundling import write_bundle
from tests.audit.scribe import Said, an_id
from tests.audit.village import UNITS, Village, s
from verifier import times

SESSIONS = 20
SEATS = 20


def grow(
    v: Village, cohort: int, *, learners: int = SEATS, sessions: int = SESSIONS, certificates: bool = True
) -> None:
    """One more cohort from its planning to the printed certificates, or to the decisions only."""
    name = f"cohort {cohort}"
    names = [f"learner {cohort}/{number}" for number in range(learners)]
    start = date.fromisoformat(v.time[:10]) + timedelta(days=1)
    days = [start + timedelta(days=number) for number in range(sessions)]
    v.plan(name, capacity=learners, start=days[0].isoformat(), end=days[-1].isoformat())
    v.by("admin", *(_session(name, number, day) for number, day in enumerate(days, 1)))
    v.cohort(name, "enrolment_opened")
    for number, each in enumerate(names, 1):
        v.learner(each)
        v.apply(each, name)
        v.seat(each, number)
    v.set_day(days[0].isoformat())
    v.cohort(name, "started")
    for number, day in enumerate(days, 1):
        v.set_day(day.isoformat(), 9)
        v.cohort(name, "session_held", "teacher", session=number, instructor=an_id("teacher"))
        for each in names:
            v.attend(each, number)
    v.wait(days=1)
    total = 8 * sessions
    for each in names:
        v.complete(each, total, total_jp=total, percent_x10=1000)
        v.assess(each)
    for each in names:
        v.decide(each)
    if not certificates:
        return
    v.wait(days=1)
    v.blanks(f"delivery {cohort}", tuple(f"{cohort * learners + number:07}" for number in range(learners)))
    for number, each in enumerate(names):
        v.certify(f"{each} t", "TRAINING", v.training_link(each), prepared={"jp": total})
        v.certify(f"{each} c", "COMPETENCE", v.decision_link(each))
        serial, copy = f"{cohort * learners + number:07}", f"{each} copy"
        data = {
            "certificate": an_id(f"{each} t"),
            "copy": 1,
            "reason": "ORIGINAL",
            "stock": an_id(f"delivery {cohort}"),
        }
        v.by(
            "printer",
            Said(
                s("blank_stock", f"delivery {cohort}"),
                "blank_stock.allocated",
                {"serial": serial, "copy": an_id(copy)},
            ),
            Said(
                s("print_copy", copy),
                "print_copy.copy_printed",
                data | {"serial": serial, "previous_accounted": False},
            ),
        )


def _session(cohort: str, number: int, day: date) -> Said:
    return Said(
        s("cohort", cohort), "cohort.session_scheduled", {"session": number, "date": day.isoformat(), "jp": 8}
    )


def village(sessions: int = SESSIONS) -> Village:
    """Everything that cohorts need, valid for decades; the scheme's hours are those of so many sessions."""
    v = Village()
    v.set_day("2031-03-03")
    v.found(LOG_KEY)
    v.everybody()
    for name in ("assessor", "other assessor"):
        v.licence(name, until="2199-12-31")
    v.agreement(until="2199-12-31")
    stream = s("scheme", "las")
    total = 8 * sessions
    units = [Said(stream, "scheme.unit_added", v.unit(code, jp=total // len(UNITS))) for code in UNITS]
    draft = {
        "code": "SKM/1",
        "version": 1,
        "trade": "LAS",
        "title_id": "Juru Las",
        "title_en": "Welder",
        "level": 2,
    }
    draft |= {
        "total_jp": total,
        "jp_minutes": 45,
        "non_unit": [],
        "provider": an_id("blk"),
        "body": an_id("lsp"),
    }
    v.drafts["las@1"] = v.by("admin", Said(stream, "scheme.drafted", draft), *units)[0]
    v.approve_scheme()
    for kind in ("TRAINING", "COMPETENCE", "UNIT_STATEMENT"):
        v.template(kind)
    v.programme()
    v.review(until="2199-12-31")
    return v


def history(
    events: int, *, learners: int = SEATS, sessions: int = SESSIONS, certificates: bool = True
) -> Village:
    """At least so many events."""
    v, cohort = village(sessions), 0
    while len(v.entries) < events:
        grow(v, cohort, learners=learners, sessions=sessions, certificates=certificates)
        cohort += 1
        v.forget()
    return v


def main() -> None:
    folder, events = Path(sys.argv[1]), int(sys.argv[2])
    v = history(events)
    write_bundle(folder / "bundle", v.entries, LOG, v.now, links=v.links)
    (folder / "policy").write_bytes(LOG.policy_bytes())
    (folder / "root").write_bytes(v.root.to_bytes())
    (folder / "now").write_text(times.to_text(v.now) + "\n")
    sys.stdout.write(f"{len(v.entries)} entries\n")


if __name__ == "__main__":
    main()
