"""The report as one HTML file that needs nothing else: no script, no picture, nothing from elsewhere."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from verifier.finding import Kind
from verifier.report import SECTIONS, continues

_STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem;padding:.8rem 1rem;border-left:.5rem solid;background:#8881}
h1.STANDS{border-color:#2a7d2a}h1.DOES_NOT_STAND{border-color:#b00020}h1.UNKNOWN{border-color:#b36b00}
h2{font-size:1.1rem;margin-top:2rem}h3{font-size:1rem;margin:1.2rem 0 .2rem}
code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;padding:.25rem .6rem .25rem 0;border-bottom:1px solid #8884;vertical-align:top}
td.n{text-align:right;white-space:nowrap}
details{margin:.5rem 0}
@media print{body{margin:0;max-width:none}details{display:block}}
"""


def to_html(report: Mapping[str, Any]) -> str:
    """Return the page for a report's data."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{escape(report['headline'])}</title><style>{_STYLE}</style></head><body>",
        f'<h1 class="{escape(report["verdict"])}">{escape(report["headline"])}</h1>',
        f"<p>{escape(report['meaning'])}</p>",
        *_examined(report["examined"]),
        *_checked(report["checked"]),
    ]
    for kind in Kind:
        parts += _findings(SECTIONS[kind], report["findings"][kind.value])
    parts += _people(report["people"])
    parts += _certificates(report["certificates"])
    return "\n".join([*parts, "</body></html>", ""])


def _examined(examined: Mapping[str, Any]) -> Iterator[str]:
    log = examined["log"] or {}
    rows = [
        ("Log", log.get("origin")),
        ("Entries in the checkpoint", log.get("size")),
        ("Root", log.get("root")),
        ("Signed by the log's key", log.get("signed_by")),
        (
            "Witnesses",
            "; ".join(f"{name} at {time}" for name, time in log.get("witnesses", {}).items()) or "none",
        ),
        ("Quorum of the policy", "met" if log.get("quorum") else "not met"),
        ("Complete up to", log.get("complete_up_to") or "not known"),
        ("Entries trusted before", examined["since"]),
        ("Entries verified", examined["entries"] - (examined["since"] or 0)),
        ("Signed acts", examined["acts"]),
        ("Accounts that acted", examined["accounts"]),
        ("Recorded", f"{examined['from']} to {examined['to']}"),
        ("Clock", examined["clock"]),
        ("Predecessor", continues(examined["predecessor"]) if examined["predecessor"] else None),
        ("Judged at", examined["now"]),
    ]
    yield "<h2>What was examined</h2><table>"
    for name, value in rows:
        if value is not None:
            yield f"<tr><th>{escape(name)}</th><td><code>{escape(_shown(value))}</code></td></tr>"
    yield "</table>"


def _shown(value: object) -> str:
    """A count with its thousands apart, anything else as it is."""
    return f"{value:,}" if type(value) is int else str(value)


def _checked(checked: list[Mapping[str, Any]]) -> Iterator[str]:
    yield "<h2>What was checked</h2><table>"
    for item in checked:
        yield f'<tr><td class="n">{item["count"]:,}</td><td>{escape(item["what"])}</td></tr>'
    yield "</table>"


def _findings(title: str, groups: list[Mapping[str, Any]]) -> Iterator[str]:
    if not groups:
        return
    yield f"<h2>{escape(title)}</h2>"
    for group in groups:
        yield f"<h3><code>{escape(group['code'])}</code> ({group['count']:,})</h3>"
        yield f"<p>{escape(group['sentence'])}</p><table>"
        for place in group["places"]:
            index = "" if place["index"] is None else f"entry {place['index']}"
            yield (
                f'<tr><td class="n">{index}</td><td><code>{escape(place["place"] or "")}</code></td>'
                f"<td>{escape(place['found'])}</td></tr>"
            )
        yield "</table>"
        if group["count"] > len(group["places"]):
            yield f"<p>… and {group['count'] - len(group['places']):,} more</p>"


def _people(people: list[Mapping[str, Any]]) -> Iterator[str]:
    if not people:
        return
    yield "<h2>Who acted</h2><table>"
    yield "<tr><th>Account</th><th>Name</th><th>Acts</th><th>Roles</th><th>From</th><th>To</th></tr>"
    for person in people:
        roles = ", ".join(f"{role} {count:,}" for role, count in person["roles"].items())
        same = f" (same person as {person['same_person_as']})" if person["same_person_as"] else ""
        cells = [person["name"] or "", person["acts"], roles, person["from"], person["to"]]
        account = f"<td><code>{escape(person['staff'] + same)}</code></td>"
        yield f"<tr>{account}{''.join(f'<td>{escape(_shown(cell))}</td>' for cell in cells)}</tr>"
    yield "</table>"


def _certificates(certificates: Mapping[str, Any]) -> Iterator[str]:
    if not certificates["total"]:
        return
    yield f"<h2>Certificates: {certificates['total']:,} issued, at {escape(certificates['at'])}</h2><table>"
    for status, count in certificates["by_status"].items():
        yield f'<tr><td class="n">{count:,}</td><td>{escape(status)}</td></tr>'
    yield "</table><details><summary>Each certificate</summary><table>"
    yield "<tr><th>Status</th><th>Kind</th><th>Number</th><th>Issued on</th><th>Valid until</th><th>Entry</th></tr>"
    for item in certificates["each"]:
        cells = [
            item["status"],
            item["kind"],
            item["number"],
            item["issued_on"],
            item["valid_until"] or "",
            item["entry"],
        ]
        yield f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in cells)}</tr>"
    yield "</table></details>"
