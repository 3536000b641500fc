"""A cheap phone reads the printed QR in bad light, askew, stained and folded; what it reads is right."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import zxingcpp

from tests.worn.pictures import FOCAL, QR_MM, SCENARIOS, Printed, photograph, shot_of
from tests.worn.reading import by_zxing, papers, pictures

EACH = 6
LEAST = 0.75


@pytest.fixture(scope="module")
def sheets(built_demo: Path) -> list[Printed]:
    return papers(built_demo)


def test_three_quarters_of_the_pictures_are_read_and_none_is_read_wrongly(sheets: list[Printed]) -> None:
    read: Counter[str] = Counter()
    for scenario, paper, picture in pictures(sheets, EACH):
        texts = by_zxing(picture)
        assert set(texts) <= {paper.text}
        read[scenario] += bool(texts)
    assert read.total() >= LEAST * EACH * len(SCENARIOS), read
    assert read["ordinary"] == EACH


def test_a_paper_that_is_worn_four_times_as_much_is_hardly_read_and_never_wrongly(
    sheets: list[Printed],
) -> None:
    read: Counter[str] = Counter()
    for scenario, paper, picture in pictures(sheets, 2, strength=4):
        if scenario not in {"ordinary", "rotation"}:  # these have no strength
            texts = by_zxing(picture)
            assert set(texts) <= {paper.text}
            read[scenario] += bool(texts)
    assert read.total() <= len(read), read


def test_the_code_is_as_large_in_the_picture_as_the_camera_and_the_distance_make_it(
    sheets: list[Printed],
) -> None:
    for seed in range(5):
        shot = shot_of("ordinary", seed)
        (code,) = zxingcpp.read_barcodes(photograph(sheets[0], shot))
        across = (code.position.top_left.x - code.position.bottom_right.x) ** 2
        down = (code.position.top_left.y - code.position.bottom_right.y) ** 2
        expected = QR_MM * FOCAL / shot.distance
        assert ((across + down) / 2) ** 0.5 == pytest.approx(expected, rel=0.08)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_seed_gives_one_picture_and_another_seed_another(sheets: list[Printed], scenario: str) -> None:
    one, same, other = (
        photograph(sheets[0], shot_of(scenario, seed)).convert("L").tobytes() for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other


def test_the_papers_are_of_every_kind_and_have_the_longest_texts(
    sheets: list[Printed], built_demo: Path
) -> None:
    assert len(sheets) == 5  # the sample has one unit statement
    assert max(len(paper.text) for paper in sheets) > 500
