"""Nothing that the public can reach says where somebody was trained, or anything private, of two whole programmes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.composition import open_house
from tests.dignity import forbidden
from tests.dignity.forbidden import MONTHS, Forbidden, cut, dates_in
from tests.dignity.planting import MORE, PLANTS, in_address, in_header
from tests.dignity.walk import Answer, Walk
from tests.programme.other import other_file

SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "programme-2026.json"
STATUSES = {"VALID", "EXPIRED", "SUSPENDED", "REVOKED", "REPLACED", "NO_LONGER_VERIFIABLE"}
ERRORS = {400, 401, 404, 405, 413, 429, 500, 503}


@dataclass(frozen=True, slots=True, repr=False)
class Walked:
    """One walk: the file, what it forbids, everything that was answered, and what was read and found in it."""

    file: dict[str, Any]
    forbidden: Forbidden
    unknown_routes: set[str]
    answers: dict[str, list[Answer]]
    parts: set[tuple[str, str]]
    found: set[tuple[str, str, str]]

    @property
    def all(self) -> list[Answer]:
        return [answer for answers in self.answers.values() for answer in answers]


def walked(file: dict[str, Any], built: Path, folder: Path) -> Walked:
    shutil.copytree(built, folder)
    with open_house(folder) as house:
        walk = Walk(house, json.loads((folder / "demo.json").read_bytes()))
        unknown, answers = walk.unknown_routes(), walk.answers()
    forbids = forbidden.of_file(file)
    parts, found = set(), set()
    for answer in (each for of_route in answers.values() for each in of_route):
        for part, text in answer.texts():
            parts.add((answer.kind, part))
            found |= {(answer.address, part, what) for what in answer.forbidden_in(text, forbids)}
    return Walked(file, forbids, unknown, answers, parts, found)


@pytest.fixture(scope="module")
def sample(built_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    return walked(json.loads(SAMPLE.read_bytes()), built_demo, tmp_path_factory.mktemp("walk") / "data")


@pytest.fixture(scope="module")
def other(built_other: Path, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    return walked(other_file(), built_other, tmp_path_factory.mktemp("walk") / "data")


@pytest.fixture(params=["sample", "other"])
def walk(request: pytest.FixtureRequest) -> Walked:
    found: Walked = request.getfixturevalue(request.param)
    return found


# -- the walk ----------------------------------------------------------------------------------------------------


def test_every_public_route_is_walked_and_answers(walk: Walked) -> None:
    assert walk.unknown_routes == set()
    for route, answers in walk.answers.items():
        assert any(answer.status in {200, 303} for answer in answers) or route == "errors", route


def test_the_walk_comes_by_every_status_and_every_error(sample: Walked) -> None:
    shown = {
        json.loads(answer.body)["status"]
        for answer in sample.answers["GET /v/{code}"]
        if answer.media_type == "application/json"
    }
    assert shown == STATUSES | {"NOT_FOUND"}
    assert {answer.status for answer in sample.all} >= ERRORS
    assert any(b"CANNOT_CHECK" in answer.body for answer in sample.answers["errors"])
    assert {answer.address for answer in sample.answers["errors"] if answer.status < 400} == set()
    languages = {dict(answer.headers).get("content-language") for answer in sample.all}
    assert languages == {"id", "en", None}


def test_nothing_forbidden_is_found_anywhere(walk: Walked) -> None:
    assert walk.found == set()


# -- the walk sees -----------------------------------------------------------------------------------------------


def test_every_part_that_the_walk_reads_has_a_planted_text(sample: Walked) -> None:
    beside = {(kind, part) for kind, part in sample.parts if part in {"address", "header"}}
    assert sample.parts - beside == PLANTS.keys() - NOWHERE_YET


NOWHERE_YET = {("image/png", "code"), ("text/plain", "percent-encoded text")}
"""Parts that the sample's own surfaces do not have."""


def seen(answer: Answer, part: str, plant: Callable[[Answer, str], Answer], forbidden: Forbidden) -> None:
    for word in forbidden.words[:2]:
        changed = plant(answer, f"di_{word}_sini")
        texts = [text for name, text in changed.texts() if name == part]
        assert any(word in changed.forbidden_in(text, forbidden) for text in texts)


@pytest.mark.parametrize(("kind", "part"), PLANTS)
def test_a_planted_word_is_found(sample: Walked, kind: str, part: str) -> None:
    answer = next(
        answer
        for answer in sample.all
        if answer.kind == kind
        and (part in {name for name, _ in answer.texts()} or (kind, part) in NOWHERE_YET)
    )
    seen(answer, part, PLANTS[kind, part], sample.forbidden)


@pytest.mark.parametrize("place", MORE)
def test_a_planted_word_is_found_in(sample: Walked, place: str) -> None:
    kind, part, plant = MORE[place]
    answer = next(answer for answer in sample.all if answer.kind == kind and b"tlog-proof" in answer.body)
    seen(answer, part, plant, sample.forbidden)


def test_a_planted_word_is_found_in_the_headers_and_the_address_of_every_kind(sample: Walked) -> None:
    for answer in {answer.kind: answer for answer in sample.all}.values():
        seen(answer, "header", in_header, sample.forbidden)
        seen(answer, "address", in_address, sample.forbidden)


def test_a_name_is_found_where_no_certificate_is_spoken_of(sample: Walked) -> None:
    name = next(iter(sample.forbidden.names))
    for answer in {answer.kind: answer for answer in sample.all if not answer.certificate}.values():
        headers = dict(in_header(answer, name).texts())["header"]
        assert name in answer.forbidden_in(headers, sample.forbidden)


# -- what is looked for ------------------------------------------------------------------------------------------


def test_a_file_forbids_its_words_and_all_that_is_private_in_it(sample: Walked) -> None:
    for learner in sample.file["learners"]:
        private = learner["private"]
        for name in ("nik", "inmate_register_no"):
            if private.get(name):
                assert private[name] in sample.forbidden.found_in(f"x {private[name]} y")
        assert private["birth_date"] in sample.forbidden.found_in(private["birth_date"])
    for organisation in sample.file["organisations"]:
        hidden = not organisation["public"]
        assert (organisation["name"] in sample.forbidden.found_in(organisation["name"])) is hidden


def spellings(words: str) -> list[str]:
    parts = cut(words).split()
    camel = "x" + "".join(part.capitalize() for part in parts)
    humps = [camel] if all(len(part) > 1 for part in parts) else []
    return [words, words.upper(), *humps, *(f"x{mark}{mark.join(parts)}{mark}y" for mark in "_-/. ,:\n\"'<>")]


def test_a_word_is_found_however_it_is_written(sample: Walked) -> None:
    for words in sample.forbidden.words:
        for text in spellings(words):
            assert words in sample.forbidden.found_in(text), text
    for innocent in ("urutan", "Rutanto", "xlapas", "lapasx", "napi1", "correctionals"):
        assert sample.forbidden.found_in(innocent) == set(), innocent
    assert sample.forbidden.found_in("correctional_liaison ORG-LAPAS-1") == {
        *("correctional", "lapas", "ORG-LAPAS", "ORG-LAPAS-1")
    }


@pytest.mark.parametrize(
    "text",
    [
        *("1990-05-06", "06-05-1990", "6-5-1990", "06/05/1990", "6/5/1990", "05/06/1990", "6 / 5 / 1990"),
        *("06.05.1990", "1990.05.06", "1990/5/6", "06/05/90", "6.5.90", "19900506", "06051990", "06 05 1990"),
        *(
            "06-Mei-1990",
            "6May1990",
            "6 Mei 1990",
            "06 MEI 1990",
            "6 May 1990",
            "May 6, 1990",
            "6th May, 1990",
        ),
        *("1990 Mei 6", "2026-06-05-1990", "116-05-1990"),
    ],
)
def test_a_birth_date_is_found_in_every_printed_form(text: str) -> None:
    assert date(1990, 5, 6) in dates_in(text)


def test_every_name_of_a_month_is_known() -> None:
    for names in MONTHS:
        for number, name in enumerate(names.split(), start=1):
            assert date(1984, number, 29) in dates_in(f"lahir 29 {name.title()} 1984,")


@pytest.mark.parametrize(
    "grouped",
    ["{0}{1}{2}{3}", "{0} {1} {2} {3}", "{0}-{1}-{2}-{3}", "{0}.{1}.{2}.{3}", "NIK:{0}{1}/{2} {3}."],
)
def test_a_nik_is_found_however_it_is_grouped(sample: Walked, grouped: str) -> None:
    nik = min(sample.forbidden.niks)
    text = grouped.format(*(nik[place : place + 4] for place in range(0, 16, 4)))
    assert nik in sample.forbidden.found_in(text)
    assert sample.forbidden.found_in(text.replace(nik[-1], "x")) == set()


def test_random_values_are_no_words() -> None:
    forbids = Forbidden(("wbp",), frozenset(), frozenset(), frozenset({date(1990, 5, 6)}), frozenset())
    assert forbids.found_in("9uKx/wbp/Zk3+Q7vT0aaB1cD2eF3gH4=") == set()
    assert forbids.found_in("17283606644319900506297201652432") == set()
    assert forbids.found_in("a-long-path-of-words/wbp/and-more-words") == {"wbp"}
