"""Each rule has a history that breaks it, and the audit names the rule and the entry, and what follows from it."""

from pathlib import Path

import pytest

from tests.audit import event_list, rule_list, told
from tests.audit.auditing import audited, found
from tests.audit.broken import CASES, Broken, stage
from verifier.answer import Verdict
from verifier.finding import RULES, Kind

AREAS = told.AREAS
TOLD = told.read()
# What no act breaks: bytes, bundles and checkpoints, which have tests of their own.
ELSEWHERE = {
    "BUNDLE_FILE_MISSING",
    "BUNDLE_OTHER_FILES",
    "BUNDLE_UNREADABLE",
    "COMMAND_DIFFERS",
    "COMMAND_REPEATED",
    "DESTROYED_DATA_KEPT",
    "ENTRY_NOT_IN_LOG",
    "FACT_MALFORMED",
    "FACT_WRONG",
    "KEY_FILE_DIFFERS",
    "KEY_FILE_UNTRUSTED",
    "LOG_FORKED",
    "LOG_KEY_NOT_RECORDED",
    "LOG_ROOT_WRONG",
    "NAMES_NOT_GIVEN",
    "NOT_FRESH",
    "NOT_WITNESSED",
    "OLDER_THAN_TRUSTED",
    "ORIGIN_DIFFERS",
    "PARTIAL_COMMAND",
    "PREV_WRONG",
    "RECORDED_AFTER_WITNESS",
    "RECORDED_BACKWARDS",
    "RECORDED_IN_FUTURE",
    "SEEN_AHEAD",
    "SEEN_BEFORE_OWN",
    "SEEN_STALE",
    "SEEN_WRONG",
    "STATUS_LIST_DIFFERS",
    "STATUS_LIST_OLD",
    "STATUS_LIST_UNCHECKED",
    "STATUS_LIST_UNTRUSTED",
    "SUCCESSION_WRONG",
    "TILE_WRONG",
    "VERSION_WRONG",
    "APPEAL_WINDOW_CLOSED",
}

STAGES = sorted({case.stage for case in CASES} - {"empty"})


@pytest.mark.parametrize("name", STAGES)
def test_what_breaches_begin_with_is_sound(name: str, tmp_path: Path) -> None:
    assert not found(audited(tmp_path, stage(name)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_breach_is_named_with_its_entry(case: Broken, tmp_path: Path) -> None:
    village = stage(case.stage)
    before = len(village.entries)
    case.go(village)
    result = audited(tmp_path, village)
    kind = RULES[case.code].kind
    here = [item for item in result.findings.of(kind) if item.code == case.code]
    assert here, f"{case.code} is not among {found(result)}"
    assert all(item.index is None or item.index >= before for item in here)
    expected = {Kind.WRONG: Verdict.DOES_NOT_STAND, Kind.UNKNOWN: Verdict.UNKNOWN}.get(kind)
    assert expected is None or result.outcome == expected or result.findings.has(Kind.WRONG)
    assert told.told(result.findings, before) == TOLD[case.name]


def test_what_is_told_is_kept_for_every_case() -> None:
    assert TOLD.keys() == {case.name for case in CASES}


def test_every_rule_has_a_breach() -> None:
    assert {case.code for case in CASES} | ELSEWHERE == RULES.keys()


def test_the_list_of_rules_is_current() -> None:
    assert rule_list.PAGE.read_text(encoding="utf-8") == rule_list.page()


def test_the_list_of_events_is_current() -> None:
    assert event_list.PAGE.read_text(encoding="utf-8") == event_list.page()
