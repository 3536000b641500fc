"""Ids of a programme file: which there are, and which are named twice or not there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from ledger.programme.problems import REFERENCE_UNKNOWN, VALUE_INVALID
from ledger.programme.schema import ProgrammeFile
from ledger.programme.shape import Found, Where, near
from ledger.programme.values import Ref


def known_ids(file: ProgrammeFile) -> Mapping[str, Collection[str]]:
    """The ids of the file by what they name."""
    return {
        "organisation": {each.org_id for each in file.organisations},
        "staff": {each.staff_id for each in file.staff},
        "person": set(persons_of(file)),
        "programme": {each.programme_id for each in file.programmes},
        "scheme": {each.scheme.scheme_id for each in file.programmes},
        "agreement": {file.agreement.agreement_id} if file.agreement else set(),
        "cohort": {each.cohort_id for each in file.cohorts},
        "review": {each.review_id for each in file.facility_reviews},
    }


def persons_of(file: ProgrammeFile) -> dict[str, Where]:
    """The ids of all people, with the place of the first who has it."""
    places: dict[str, Where] = {}
    for index, learner in enumerate(file.learners):
        places.setdefault(learner.person_id, ("learners", index))
    for index, extra in enumerate(file.learners_extra):
        places.setdefault(extra.person_id, ("learners_extra", index))
    return places


def unknown_refs(value: BaseModel, where: Where, ids: Mapping[str, Collection[str]]) -> Found:
    """Ids that are not in the file, in this object and in all that it holds."""
    for name, field in type(value).model_fields.items():
        item = getattr(value, name)
        here = (*where, field.alias or name)
        ref = next((each for each in field.metadata if isinstance(each, Ref)), None) or _ref_in(
            field.annotation
        )
        if isinstance(item, BaseModel):
            yield from unknown_refs(item, here, ids)
        elif ref is not None and item is not None and ref.kind in ids:
            for place, one in _texts(item, here):
                if one not in ids[ref.kind]:
                    yield REFERENCE_UNKNOWN, place, unknown(ref.kind, one, ids[ref.kind])
        elif isinstance(item, list):
            for index, one in enumerate(item):
                if isinstance(one, BaseModel):
                    yield from unknown_refs(one, (*here, index), ids)


def _ref_in(annotation: Any) -> Ref | None:
    """The mark inside ``X | None``."""
    for part in getattr(annotation, "__args__", ()):
        for each in getattr(part, "__metadata__", ()):
            if isinstance(each, Ref):
                return each
    return None


def _texts(item: Any, here: Where) -> Iterator[tuple[Where, str]]:
    if isinstance(item, list):
        yield from (((*here, index), str(one)) for index, one in enumerate(item))
    else:
        yield here, str(item)


def unknown(kind: str, value: str, known: Collection[str]) -> str:
    """The rule that is broken when an id names nothing."""
    return f"there is no {kind} {value} in this file{near(value, known)}"


def repeated(values: Sequence[str], places: Sequence[Where]) -> Found:
    """What is given a second time, at its place."""
    first: dict[str, Where] = {}
    for value, place in zip(values, places, strict=True):
        if value in first:
            rule = f"{value} is given twice, first at {first[value][0]}[{first[value][1]}]"
            yield VALUE_INVALID, place, rule
        first.setdefault(value, place)
