"""Writes docs/audit-rules.md: every code that an audit may tell, with its sentence.

python -m tests.audit.rule_list
"""

from pathlib import Path

from verifier import replay
from verifier.finding import RULES, Kind

AUDIT = replay.audit  # importing it has declared every rule

PAGE = Path(__file__).resolve().parents[2] / "docs/audit-rules.md"

_TITLES = {
    Kind.WRONG: "The history does not stand (exit 1)",
    Kind.UNKNOWN: "It cannot be said whether it stands (exit 2)",
    Kind.LOST: "Not checkable, and rightly so",
    Kind.NOTE: "Allowed, but to be known",
}

WRITTEN_BY = "Written by `python -m tests.audit.rule_list`"


def page() -> str:
    """The page's text."""
    lines = [
        "# What an audit may tell",
        "",
        f"{WRITTEN_BY} from the {len(RULES)} rules in `verifier/`. Codes never change their meaning.",
        "Besides these, the parsers' own codes (`JSON_NOT_CANONICAL`, `SIGNATURE_WRONG`, …) come up for bytes that are",
        "not what they claim; they count as the first kind.",
    ]
    for kind, title in _TITLES.items():
        lines += ["", f"## {title}", "", "| Code | Meaning |", "|---|---|"]
        lines += [
            f"| `{code}` | {rule.sentence} |" for code, rule in sorted(RULES.items()) if rule.kind == kind
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
