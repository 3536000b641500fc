"""No word of an act can be another without the audit noticing, but for those that are free."""

import pytest

from tests.audit import noticed
from tests.audit.onward import ONWARD
from verifier.finding import Kind

KEPT = noticed.read()


@pytest.mark.parametrize("name", ONWARD)
def test_the_acts_are_sound_and_all_are_kept(name: str) -> None:
    v = noticed.begin(name)
    ONWARD[name](v)
    findings = noticed.after(name, v).findings
    assert not any(findings.has(kind) for kind in (Kind.WRONG, Kind.UNKNOWN))
    assert [called for called in KEPT if called.startswith(f"{name} ")] == list(noticed.acts(name))


@pytest.mark.parametrize("called", KEPT)
def test_what_is_told_of_each_change(called: str) -> None:
    name, place, _ = called.split(" ")
    act, _, event = place.partition(".")
    assert noticed.part(name, called, int(act), int(event)) == KEPT[called]
