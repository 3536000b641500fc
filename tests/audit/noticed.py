"""Writes tests/audit/noticed.txt: what the audit tells when one act says one thing otherwise.

    python -m tests.audit.noticed

Every event of the acts in `onward` is written with each of its members changed, and by others than those who gave it,
each signed as it should be, and audited from the kept state of the beginning. A part of the file is an act; under it
stand the changes, with what is told and at which entry after the beginning; `free` is what may be said otherwise.
"""

import copy
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.audit.auditing import LOG, audited
from tests.audit.broken import STAGES, stage
from tests.audit.bundling import write_bundle
from tests.audit.onward import ONWARD, OTHERS, Done, Onward, changes
from verifier.bundle import Bundle
from verifier.finding import Kind
from verifier.replay import Audit, Request, audit

FILE = Path(__file__).parent / "noticed.txt"


def begin(name: str) -> Onward:
    """A sound beginning that goes on."""
    made = Onward()
    made.__dict__.update(copy.deepcopy(stage(name).__dict__))
    made.number = 0
    made.seen = []
    return made


def acts(name: str) -> dict[str, tuple[int, int]]:
    """The events that follow a beginning, by what they are called here: the numbers of the act and the event in it."""
    v = begin(name)
    ONWARD[name](v)
    found = {}
    for place, said in v.seen:
        act, _, event = place.partition(".")
        found[f"{name} {place} {said.type}"] = int(act), int(event)
    return found


def changed(name: str, act: int, event: int) -> Iterator[tuple[str, Onward]]:
    """The histories that end with this event changed in one place, or its act given by others."""
    v = begin(name)
    ONWARD[name](v)
    [data] = [said.data for place, said in v.seen if place == f"{act}.{event}"]
    ways = [(what, {"change": change, "event": event}) for what, change in changes(data)]
    if not event:
        ways += [(what, {"by_another": other}) for what, other in OTHERS.items()]
    for what, way in ways:
        v = begin(name)
        v.at = act
        v.__dict__.update(way)
        with suppress(Done):
            ONWARD[name](v)
        yield what, v


@cache
def kept(name: str) -> bytes:
    """The state that the audit of a beginning keeps."""
    with TemporaryDirectory() as folder:
        result = audited(Path(folder), stage(name)).keep
        assert result is not None
        return result()


def after(name: str, v: Onward) -> Audit:
    """The audit of what follows a beginning."""
    with TemporaryDirectory() as folder:
        place = write_bundle(Path(folder) / "b", v.entries, LOG, v.now, links=v.links or None)
        return audit(Bundle(place), Request(v.root, LOG.policy(), v.now, since=kept(name)))


def told(name: str, v: Onward) -> str:
    """What the audit tells, in few words."""
    begun = len(stage(name).entries)
    found = [
        item.code if item.index is None else f"{item.code}{item.index - begun:+}"
        for item in after(name, v).findings
        if item.rule.kind != Kind.LOST
    ]
    return " ".join(dict.fromkeys(found)) or "free"


def part(name: str, called: str, act: int, event: int) -> str:
    """One act's part of the file."""
    lines = [f"  {what}: {told(name, v)}" for what, v in changed(name, act, event)]
    return "\n".join([called, *lines])


def read() -> dict[str, str]:
    """What is kept, by act."""
    return {
        each.partition("\n")[0]: each for each in FILE.read_text(encoding="utf-8").strip("\n").split("\n\n")
    }


if __name__ == "__main__":
    assert set(ONWARD) == set(STAGES) - {"empty"}
    parts = [part(name, called, *place) for name in ONWARD for called, place in acts(name).items()]
    FILE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
