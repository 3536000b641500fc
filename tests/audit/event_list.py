"""Writes docs/audit-events.md: what an audit expects of each type of act.

python -m tests.audit.event_list
"""

import dataclasses
from itertools import groupby
from pathlib import Path

from tests.audit.scribe import Scribe
from verifier import authority, publickey, suffix
from verifier.authority import Authority
from verifier.finding import Findings
from verifier.links import Links
from verifier.rules import custody, learners, organisations, pairs, shapes, states, words
from verifier.rules.area import Area
from verifier.rules.powers import roles_for
from verifier.rules.rulebook import Rulebook
from verifier.rules.world import Settings
from verifier.story import SENTENCES

PAGE = Path(__file__).resolve().parents[2] / "docs/audit-events.md"
WRITTEN_BY = "Written by `python -m tests.audit.event_list`"

_HEAD = f"""\
# What an audit expects of each act

{WRITTEN_BY} from the tables in `verifier/rules/`, which state it
independently of the ledger's commands. For each type of event: the members of its data, the roles in which it may be
given (none: everybody's own), the states in which the matter must be, and the state that it is in afterwards where the
event alone decides that; and how `certverify history` tells it. At the end: which acts need two persons, which of them
no rule looks at further, and the words that members may hold. Rules that look at more than one act are in
`audit-rules.md`.

Kinds of members: `int` is not negative, `fact` a commitment to a personal fact, `thumb` the thumbprint of a key, `hash`
a SHA-256 in hex; `?` admits null, `[]` is a list. A member in brackets may be absent; a `predecessor` has the members of
`succession_requested`.
"""


def page() -> str:
    """The page's text."""
    lines = [_HEAD.rstrip()]
    for matter, types in groupby(states.STATES, key=lambda name: name.partition(".")[0]):
        rule = states.STATE_INVALID[matter]
        lines += ["", f"## {matter}", "", f"In another state: `{rule.code}`. {rule.sentence}", ""]
        lines += [
            "| Event | Data | Roles | In state | Then | In a certificate's story |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_row(event_type) for event_type in types]
    lines += ["", "## Acts of two persons", "", "| Act | After | The same in both |", "|---|---|---|"]
    lines += [
        f"| `{act}` | `{request}` | {' '.join(f'`{name}`' for name in same)} |"
        for act, (request, same) in pairs.PAIRS.items()
    ]
    lines += [
        "",
        "## Acts that no further rule looks at",
        "",
        "Their data, role, state and signature are all there is.",
    ]
    lines += ["", *(f"- `{event_type}`" for event_type in _plain())]
    lines += ["", "## Words and settings", "", "| What | Which |", "|---|---|"]
    lines += [f"| {what} | {', '.join(which)} |" for what, which in _words().items()]
    return "\n".join(lines) + "\n"


def _plain() -> list[str]:
    """Return the acts for which no area has a method of its own."""
    rulebook = Rulebook(Settings(), Authority(Scribe().root), Links(None, Findings()), print)
    areas = [part for part in suffix.parts(rulebook, {}).values() if isinstance(part, Area)]
    looked_at = {event_type for area in areas for event_type in area.handlers()}
    assert looked_at <= states.STATES.keys()
    return [event_type for event_type in states.STATES if event_type not in looked_at]


def _words() -> dict[str, list[str]]:
    settings = dataclasses.asdict(Settings())
    return {
        "Roles for the whole ledger": sorted(authority.LEDGER_WIDE),
        "Roles at an organisation": sorted(custody.ROLES - authority.LEDGER_WIDE),
        "Kinds of organisations": sorted(organisations.ORGANISATION_KINDS),
        "Purposes of an organisation's key": sorted(organisations.PURPOSES),
        "Algorithms of signatures": [*publickey.ALGS],
        "How a person's key is held": [*publickey.CUSTODIES],
        "Kinds of certificates": sorted(shapes.KINDS),
        "Results of a unit": sorted(shapes.RESULTS),
        "Classes of personal facts": sorted(learners.CLASSES),
        "What nothing public may hold": sorted(words.WORDS),
        "Settings, unless an institution has others": [
            f"`{name}` {value or 'not known'}" for name, value in settings.items()
        ],
    }


def _row(event_type: str) -> str:
    roles = roles_for(event_type)
    cells = [
        f"`{event_type.partition('.')[2]}`",
        " ".join(f"`{member}`" for member in shapes.SHAPES[event_type].split()),
        "" if roles is None else ", ".join(sorted(roles)),
        ", ".join(sorted(state or "new" for state in states.BEFORE[event_type])),
        states.AFTER[event_type],
        SENTENCES.get(event_type, ""),
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
