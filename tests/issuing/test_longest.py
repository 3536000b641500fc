"""Whatever the commands let into a certificate, its page can hold: nothing is issued that cannot be printed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from annotated_types import MaxLen
from pydantic import TypeAdapter, ValidationError

from ledger.commands.custody import RegisterOrganisation, RenameOrganisation
from ledger.commands.learners import RegisterLearner
from ledger.commands.schemes import DraftScheme, UnitArgument
from ledger.issuing.paper import PaperUnit, default_template, render
from tests.issuing.papers import COMPETENCE, words


def longest(model: Any, field: str) -> int:
    """The most characters that the field takes, found by trying."""
    adapter: TypeAdapter[Any] = TypeAdapter(model.model_fields[field].rebuild_annotation())

    def takes(length: int) -> bool:
        try:
            adapter.validate_python("x" * length)
        except ValidationError:
            return False
        return True

    found = max(length for length in range(1, 1000) if takes(length))
    assert not takes(100_000)
    return found


UNIT = PaperUnit(
    "x" * longest(UnitArgument, "code"),
    "Mengelas pelat baja " * (longest(UnitArgument, "title_id") // 20),
    "Weld a plate of iron" * (longest(UnitArgument, "title_en") // 20),
)
LONGEST: dict[str, dict[str, Any]] = {
    "holder": {"holder": "x" * longest(RegisterLearner, "full_name")},
    "title_id": {"title_id": "x" * longest(DraftScheme, "title_id")},
    "title_en": {"title_en": "x" * longest(DraftScheme, "title_en")},
    "scheme_code": {"scheme_code": "x" * longest(DraftScheme, "code")},
    "issuer_name": {"issuer_name": "x" * longest(RegisterOrganisation, "public_name")},
    "renamed": {"issuer_name": "x" * longest(RenameOrganisation, "public_name")},
    "unit": {"units": (UNIT,)},
}


@pytest.mark.parametrize("name", LONGEST)
def test_the_longest_of_each_field_is_set(name: str) -> None:
    assert words(render(replace(COMPETENCE, **LONGEST[name]), default_template("COMPETENCE")))


def test_the_longest_of_all_fields_together_is_set() -> None:
    everything = {field: value for each in LONGEST.values() for field, value in each.items()}
    (most,) = (
        each.max_length for each in DraftScheme.model_fields["units"].metadata if isinstance(each, MaxLen)
    )
    paper = replace(COMPETENCE, **(everything | {"units": (UNIT,) * most}))
    assert words(render(paper, default_template("COMPETENCE")))
