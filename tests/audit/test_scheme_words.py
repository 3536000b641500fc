"""No text of a scheme that may be printed holds a word that would reveal custody."""

from typing import Any

import pytest

from tests.audit.following import Case
from tests.audit.scribe import Said
from tests.audit.village import Village, s

HOURS = {"title_id": "Orientasi", "title_en": "Induction", "jp": 4}
"""Hours outside any unit."""
WORDS = {"code": "LAS/LAPAS", "title_id": "Las Lapas", "title_en": "Prison Welder"}


@pytest.mark.parametrize("name", WORDS)
def test_a_word_in_a_scheme_that_reveals(name: str) -> None:
    def go(v: Village) -> None:
        said: dict[str, Any] = {name: WORDS[name]}
        v.scheme(approved=False, **said)

    Case("staffed", go, ("PUBLIC_FIELD_FORBIDDEN",)).check()


@pytest.mark.parametrize("name", ["title_id", "title_en"])
def test_a_word_in_hours_outside_units_that_reveals(name: str) -> None:
    def go(v: Village) -> None:
        v.scheme(approved=False, non_unit=[HOURS, HOURS | {name: WORDS[name]}])

    Case("staffed", go, ("PUBLIC_FIELD_FORBIDDEN",)).check()


@pytest.mark.parametrize("name", ["decree", "code", "title_id", "title_en"])
def test_a_word_in_a_unit_that_reveals(name: str) -> None:
    def go(v: Village) -> None:
        v.scheme(approved=False)
        said = {"code": "U.3", "title_id": "Las", "title_en": "Welding"}
        v.by("admin", Said(s("scheme", "las"), "scheme.unit_added", v.unit(**said | {name: "Lapas"})))

    Case(
        "staffed", go, ("PUBLIC_FIELD_FORBIDDEN: a text that may be printed holds the word 'lapas'",)
    ).check()
