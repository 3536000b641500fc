"""What an audit found, as plain data and as text that a lawyer can read.

The data are what `--json` prints and what the text and the page are made of: verdict, what was examined, what
was checked, what is wrong and where and what it means, what could not be checked and why, what a reader
should know, who acted, and how the certificates stand.

Texts from the log are strangers' texts: whatever is not printable is replaced.
"""

import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from verifier import b64, times
from verifier.answer import Verdict
from verifier.audit_result import Audit
from verifier.errors import Error
from verifier.finding import Finding, Kind
from verifier.rules.certificate import STATUSES
from verifier.status import Statuses

WIDTH = 98
CANNOT_CHECK = "CANNOT_CHECK"

HEADLINES = {
    Verdict.STANDS: "THE HISTORY STANDS.",
    Verdict.DOES_NOT_STAND: "THE HISTORY DOES NOT STAND.",
    Verdict.UNKNOWN: "WHETHER THE HISTORY STANDS CANNOT BE SAID FROM THIS BUNDLE.",
}
MEANINGS = {
    Verdict.STANDS: "Everything that can be checked was checked, nothing is wrong, and independent witnesses "
    "have confirmed that this is the whole history up to the time below.",
    Verdict.DOES_NOT_STAND: "At least one thing in it is wrong. It is named below with its place and its "
    "meaning. The first is often the cause of others.",
    Verdict.UNKNOWN: "Nothing that was checked is wrong, but something that bears on the answer could not be "
    "checked. It is named below.",
}
MEANING_SINCE = (
    "Everything that can be checked of what came after the entries that were trusted before was checked, nothing of "
    "it is wrong, and independent witnesses have confirmed that this is the whole history up to the time below."
)
SECTIONS = {
    Kind.WRONG: "What is wrong",
    Kind.UNKNOWN: "What could not be checked, and leaves the answer open",
    Kind.LOST: "What is not checkable, and need not be",
    Kind.NOTE: "What a reader should know",
}


def to_json(audit: Audit, names: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the report as plain data. `names` are names of staff by account, where they were handed over."""
    goes_on = audit.since is not None and audit.outcome == Verdict.STANDS
    return {
        "verdict": audit.outcome.name,
        "exit": int(audit.outcome),
        "headline": HEADLINES[audit.outcome],
        "meaning": MEANING_SINCE if goes_on else MEANINGS[audit.outcome],
        "examined": _examined(audit),
        "checked": _checked(audit),
        "findings": {kind.value: _findings(audit, kind) for kind in Kind},
        "people": _people(audit, names or {}),
        "certificates": _certificates(audit),
    }


def _examined(audit: Audit) -> dict[str, Any]:
    verdict = audit.verdict
    examined: dict[str, Any] = {
        "now": times.to_text(audit.now),
        "entries": audit.entries,
        "acts": audit.acts,
        "accounts": len(audit.people),
        "from": audit.first or None,
        "to": audit.last or None,
        "clock": audit.clock or None,
        "predecessor": audit.predecessor,
        "since": audit.since,
        "log": None,
    }
    if verdict is not None:
        head = verdict.checkpoint
        examined["log"] = {
            "origin": head.origin,
            "size": head.size,
            "root": b64.encode(head.root),
            "signed_by": verdict.log.key_id.hex(),
            "witnesses": {name: _time(time) for name, time in sorted(verdict.times.items())},
            "quorum": verdict.witnessed,
            "complete_up_to": _time(audit.complete_up_to) if audit.complete_up_to is not None else None,
        }
    return examined


def _time(seconds: int) -> str:
    return times.to_text(seconds) if seconds < _FAR else "after the year 9999"


_FAR = 253402300800


def _checked(audit: Audit) -> list[dict[str, Any]]:
    trusted = audit.since or 0
    rows: list[tuple[str, int]] = [
        (
            "entries that are canonical, and stand in their stream, their act and the log's tree",
            audit.entries - trusted,
        ),
        ("entries before them that were trusted already and not verified again", trusted),
        ("signed acts that are whole, by a key, a person and a role that could sign there", audit.acts),
        ("signatures verified", audit.signatures),
        ("events held to the rules of the domain", audit.types.total()),
        ("certificates whose decision or training was looked at", audit.basis),
        ("links that open their commitment in the log", audit.links),
        ("named facts that open their commitment in the log", audit.facts),
        ("status lists compared with the log, bit for bit", audit.lists),
    ]
    return [{"what": what, "count": count} for what, count in rows]


def _findings(audit: Audit, kind: Kind) -> list[dict[str, Any]]:
    grouped: dict[str, list[Finding]] = {}
    for finding in audit.findings.of(kind):
        grouped.setdefault(finding.code, []).append(finding)
    return [
        {
            "code": code,
            "sentence": found[0].rule.sentence,
            "count": audit.findings.counts[code],
            "places": [
                {
                    "index": item.index,
                    "place": printable(item.place or "") or None,
                    "found": printable(item.message),
                }
                for item in found
            ],
        }
        for code, found in grouped.items()
    ]


def _people(audit: Audit, names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "staff": printable(staff),
            "name": printable(names[staff]) if staff in names else None,
            "same_person_as": audit.humans.get(staff),
            "acts": person.acts,
            "events": person.events,
            "roles": dict(person.roles.most_common()),
            "from": person.first,
            "to": person.last,
        }
        for staff, person in sorted(audit.people.items(), key=lambda item: (-item[1].acts, item[0]))
    ]


def _certificates(audit: Audit) -> dict[str, Any]:
    statuses = audit.as_was or audit.statuses
    at = audit.now if audit.moment is None else audit.moment
    each = [
        {
            "certificate": found.id,
            "number": printable(found.number),
            "kind": found.kind,
            "issued_on": found.issued_on,
            "valid_until": found.valid_until,
            "status": status_of(statuses, found, at),
            "entry": found.issued,
        }
        for found in statuses.all()
    ]
    counts = Counter(item["status"] for item in each)
    order = [*STATUSES, CANNOT_CHECK]
    by_status = {status: counts[status] for status in order if counts[status]}
    return {"at": times.to_text(at), "total": len(each), "by_status": by_status, "each": each}


def status_of(statuses: Statuses, certificate: Any, at: int) -> str:
    """Return a certificate's status, CANNOT_CHECK where its days have no known zone."""
    try:
        return statuses.status(certificate, at)
    except Error:
        return CANNOT_CHECK


def printable(text: str) -> str:
    """Return a text without what would move a terminal's cursor or turn its direction."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


# -- text ------------------------------------------------------------------------------------------------------

Style = Callable[[str, str], str]
"""Colours a text: (kind of finding, or `good`, `bold`, `dim`; text)."""


def plain(_style: str, text: str) -> str:
    """Colour nothing."""
    return text


def to_text(report: Mapping[str, Any], style: Style = plain) -> str:
    """Return the report as text, lines of at most WIDTH characters where they can be broken."""
    tone = {"STANDS": "good", "DOES_NOT_STAND": "wrong"}.get(report["verdict"], "unknown")
    lines = [style(tone, report["headline"]), *_wrapped(report["meaning"]), ""]
    lines += _section("What was examined", _examined_lines(report["examined"]), style)
    checked = [f"{item['count']:>9,}  {item['what']}" for item in report["checked"] if item["count"]]
    lines += _section("What was checked", checked, style)
    for kind in Kind:
        lines += _section(
            SECTIONS[kind], list(_finding_lines(report["findings"][kind.value], kind, style)), style
        )
    lines += _section("Who acted", list(_people_lines(report["people"])), style)
    lines += _section("Certificates", list(_certificate_lines(report["certificates"])), style)
    return "\n".join(lines) + "\n"


def _section(title: str, lines: list[str], style: Style) -> list[str]:
    return [style("bold", title), *(f"  {line}" if line else "" for line in lines), ""] if lines else []


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH - len(indent) - 2, break_long_words=False, break_on_hyphens=False) or [
        ""
    ]


def _examined_lines(examined: Mapping[str, Any]) -> list[str]:
    log, lines = examined["log"], []
    if log is not None:
        lines.append(f"The log {log['origin']}, as its checkpoint of {log['size']:,} entries says.")
        lines.append(f"Root {log['root']}, signed by the log's key {log['signed_by']}.")
        seen = [f"{name} at {time}" for name, time in log["witnesses"].items()]
        quorum = "the quorum" if log["quorum"] else "too few for the quorum"
        lines += _wrapped(f"Confirmed by {len(seen)} witnesses ({quorum}): {'; '.join(seen) or 'none'}.")
        if log["complete_up_to"]:
            lines.append(f"Complete up to {log['complete_up_to']}.")
    if examined["since"] is not None:
        lines.append(
            f"The first {examined['since']:,} entries were trusted already; only what came after was verified."
        )
    if examined["acts"]:
        lines += _wrapped(
            f"{examined['entries'] - (examined['since'] or 0):,} entries: {examined['acts']:,} signed acts by "
            f"{examined['accounts']:,} accounts, "
            f"recorded from {examined['from']} to {examined['to']}."
        )
    if examined["predecessor"]:
        lines += _wrapped(continues(examined["predecessor"]))
    if examined["clock"] == "simulated":
        lines.append(
            "The ledger runs on a simulated clock: it is a demonstration, and its dates are invented."
        )
    lines.append(f"Judged at {examined['now']}.")
    return lines


def continues(predecessor: Mapping[str, Any]) -> str:
    """Say which log this one continues."""
    return (
        f"It continues {printable(predecessor['origin'])}, of which {predecessor['restored']:,} of "
        f"{predecessor['size']:,} entries were left after a loss."
    )


def _finding_lines(groups: list[Mapping[str, Any]], kind: Kind, style: Style) -> Iterator[str]:
    for number, group in enumerate(groups):
        if number:
            yield ""
        yield from _wrapped(f"{style(kind.value, group['code'])} ({group['count']:,}): {group['sentence']}")
        for place in group["places"]:
            where = [] if place["index"] is None else [f"entry {place['index']}"]
            where += [place["place"]] if place["place"] else []
            text = f"{', '.join(where)}: {place['found']}" if where else place["found"]
            yield from (
                f"  {'-' if not line else ' '} {part}" for line, part in enumerate(_wrapped(text, "    "))
            )
        if group["count"] > len(group["places"]):
            yield f"  … and {group['count'] - len(group['places']):,} more"


def _people_lines(people: list[Mapping[str, Any]]) -> Iterator[str]:
    for person in people:
        roles = ", ".join(f"{role} {count:,}" for role, count in person["roles"].items())
        name = f" ({person['name']})" if person["name"] else ""
        same = f", the same person as staff/{person['same_person_as']}" if person["same_person_as"] else ""
        yield from _wrapped(f"staff/{person['staff']}{name}{same}: {person['acts']:,} acts; {roles}")


def _certificate_lines(certificates: Mapping[str, Any]) -> Iterator[str]:
    if not certificates["total"]:
        return
    yield f"{certificates['total']:,} issued; at {certificates['at']}:"
    for status, count in certificates["by_status"].items():
        yield f"{count:>9,}  {status}"


def status_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line for each certificate with its status."""
    for item in report["certificates"]["each"]:
        yield f"{item['status']:<21} {item['kind']:<14} {item['number']}  certificate/{item['certificate']}"
