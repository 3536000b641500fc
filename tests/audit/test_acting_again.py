"""Who acts is looked at anew wherever it may be another answer, though the same act comes again and again."""

from pathlib import Path
from typing import Any

import pytest

from tests.audit.auditing import LOG
from tests.audit.broken import stage
from tests.audit.bundling import write_bundle
from tests.audit.scribe import Pen, Said, a_fact, an_id
from tests.audit.test_followed_whole import of, trusted, written
from tests.audit.village import BLK, LSP, Village, s
from verifier.rules.shapes import LEARNER_FIELDS


def told(folder: Path, v: Village) -> list[tuple[str, int | None]]:
    return [(each.code, each.index) for each in of(written(folder, v), v).findings]


def learner(v: Village, name: str, **changes: Any) -> None:
    data = {each: a_fact(f"{name} {each}") for each in LEARNER_FIELDS}
    v.by("admin", Said(s("learner", name), "learner.registered", data), **changes)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"role": "instructor"}, "ROLE_NOT_HELD"),
        ({"org": LSP}, "ROLE_NOT_HELD"),
        ({"actor": f"staff/{an_id('teacher')}"}, "SIGNER_NOT_AUTHORISED"),
        ({"pen": Pen("teacher")}, "SIGNER_NOT_AUTHORISED"),
    ],
)
def test_an_act_like_the_one_before_but_in_one_thing(
    changes: dict[str, Any], code: str, tmp_path: Path
) -> None:
    v = stage("staffed")
    learner(v, "ana")
    at = len(v.entries)
    learner(v, "budi", **changes)
    assert (code, at) in told(tmp_path, v)
    assert (code, at - 1) not in told(tmp_path / "again", v)


def test_a_role_that_was_taken_between_two_like_acts(tmp_path: Path) -> None:
    v = stage("staffed")
    learner(v, "ana")
    v.by("one", Said(s("staff", "admin"), "staff.role_revoked", {"role": "training_admin", "org": BLK}))
    at = len(v.entries)
    learner(v, "budi")
    assert ("ROLE_NOT_HELD", at) in told(tmp_path, v)


def test_people_are_counted_from_the_trusted_checkpoint_on(tmp_path: Path) -> None:
    v = stage("staffed")
    learner(v, "ana")
    size = len(v.entries)
    learner(v, "budi")
    learner(v, "citra")
    people = of(written(tmp_path, v), v, since=trusted(v, size)).people
    assert {name: each.acts for name, each in people.items()} == {an_id("admin"): 2}


def test_what_was_opened_is_counted_from_the_trusted_checkpoint_on(tmp_path: Path) -> None:
    v = stage("certified")

    folder = write_bundle(tmp_path / "b", v.entries, LOG, v.now, links=v.links)
    whole, none = of(folder, v), of(folder, v, since=trusted(v, len(v.entries)))
    assert whole.links > 0 < whole.basis
    assert (none.links, none.basis) == (0, 0)
