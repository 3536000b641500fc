"""Histories that break one rule each: a sound beginning, then acts that may not be.

A case names the code that the audit must tell, and what breaks it. `stages` are sound beginnings, each made
once and copied for every case.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from tests.audit.auditing import LOG_KEY
from tests.audit.village import Village, ordinary


@dataclass(frozen=True)
class Broken:
    """`go` breaks the rule with this code on a history of that stage."""

    code: str
    stage: str
    go: Callable[[Village], object]

    @property
    def name(self) -> str:
        return f"{self.code}-{self.go.__name__.removeprefix('_')}"


CASES: list[Broken] = []


def breaks(code: str, stage: str) -> Callable[[Callable[[Village], object]], Callable[[Village], object]]:
    def mark(go: Callable[[Village], object]) -> Callable[[Village], object]:
        CASES.append(Broken(code, stage, go))
        return go

    return mark


def _empty(v: Village) -> None:
    v.set_day("2031-03-03")


def _staffed(v: Village) -> None:
    v.set_day("2031-03-03")
    v.found(LOG_KEY)
    v.everybody()


def _planned(v: Village) -> None:
    v.until_planned(LOG_KEY)


def _open(v: Village) -> None:
    """A cohort that takes people, three learners who have applied."""
    _planned(v)
    v.set_day("2031-03-05")
    v.plan()
    v.sessions()
    v.cohort("cohort", "enrolment_opened")
    for name in ("ana", "budi", "citra"):
        v.learner(name)
        v.apply(name)


def _running(v: Village) -> None:
    """The same, two of them with a seat, on the first day of training."""
    _open(v)
    v.seat("ana", 1)
    v.seat("budi", 2)
    v.set_day("2031-03-10", 9)
    v.cohort("cohort", "started")


def _trained(v: Village) -> None:
    _planned(v)
    v.until_trained("ana", "budi")


def _decided(v: Village) -> None:
    _trained(v)
    v.until_decided("ana", "budi")
    v.set_day("2031-03-20")


def _certified(v: Village) -> None:
    _decided(v)
    for name in ("ana", "budi"):
        v.certify(f"{name} t", "TRAINING", v.training_link(name))
        v.certify(f"{name} c", "COMPETENCE", v.decision_link(name))
    v.blanks()
    v.set_day("2031-03-24")


STAGES: dict[str, Callable[[Village], None]] = {
    "empty": _empty,
    "staffed": _staffed,
    "planned": _planned,
    "open": _open,
    "running": _running,
    "trained": _trained,
    "decided": _decided,
    "certified": _certified,
}


@cache
def _built(stage: str) -> Village:
    village = Village()
    STAGES[stage](village)
    return village


def stage(name: str) -> Village:
    """A fresh copy of a sound beginning."""
    return copy.deepcopy(_built(name))


__all__ = ["CASES", "STAGES", "Broken", "breaks", "ordinary", "stage"]
