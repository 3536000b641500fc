from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.issuing import glyphs
from ledger.issuing.glyphs import FAMILIES, REPLACEMENT, printable, unprintable
from ledger.issuing.paper import default_template, render
from tests.issuing.papers import TRAINING, pymupdf

FONTS = Path(str(files("ledger.issuing"))) / "fonts"
ALL_FACES = [face for faces in FAMILIES.values() for face in faces]


@pytest.mark.parametrize("face", ALL_FACES)
def test_a_fonts_characters_are_those_that_another_reader_finds(face: str) -> None:
    font = pymupdf.Font(fontfile=str(FONTS / f"{face}.ttf"))
    ours = glyphs._characters((FONTS / f"{face}.ttf").read_bytes())
    assert ours == {code for code in font.valid_codepoints() if font.has_glyph(code)}


def test_every_bundled_font_is_used_and_listed_with_its_hash_and_licence() -> None:
    assert sorted(path.stem for path in FONTS.glob("*.ttf")) == sorted(ALL_FACES)
    table = (FONTS / "README.md").read_text(encoding="utf-8")
    for face in ALL_FACES:
        digest = hashlib.sha256((FONTS / f"{face}.ttf").read_bytes()).hexdigest()
        assert f"| {face}.ttf |" in table
        assert f"`{digest}`" in table
    for family in FAMILIES:
        licence = (FONTS / f"OFL-{family.replace(' ', '')}.txt").read_text(encoding="utf-8")
        assert "SIL OPEN FONT LICENSE Version 1.1" in licence
        assert licence.startswith("Copyright")


@pytest.mark.parametrize(
    "name",
    ["Nor'aini", "Đặng Ñandú", "محمد", "ꦱꦶꦠꦶ", "👩‍🔧", "👍🏽 🏳️‍🌈", "Raden–Ayu “R. A.” №1", "é"],
)
def test_these_are_printed_as_they_are(name: str) -> None:
    assert printable(name) == name
    assert unprintable(name) == ()


def test_what_no_font_has_becomes_one_mark_a_cluster() -> None:
    assert printable("陈大 A") == f"{REPLACEMENT}{REPLACEMENT} A"
    assert unprintable("陈大陈 A") == ("陈", "大")
    assert printable("A\U000fe4e5") == f"A{REPLACEMENT}", "private use"
    assert printable("ka\u1b44") == f"k{REPLACEMENT}", "a base and a mark that no one font has"


def test_a_name_cannot_turn_or_hide_text() -> None:
    assert printable(" A\t\u2028B \u202eC\u2066\u00ad\ufeff\u200bD\x00 ") == "A B CD"
    assert printable("e\u0301") == "\u00e9"


@settings(max_examples=150, deadline=None)
@given(name=st.text(min_size=1, max_size=30))
def test_printing_twice_changes_nothing(name: str) -> None:
    once = printable(name)
    assert printable(once) == once
    assert unicodedata.is_normalized("NFC", once)


SCRIPTS = st.characters(exclude_categories=["Cs"]) | st.sampled_from(
    "aZ é́̈ḥ محمّدًا ꦱꦶꦠꦿꦺꦴꦤꦸꦂ꧀ 👩‍🔧🙂🏽️☃ ज क्षि กำ 한\u1100\u1161 \u200d\u200c\u20e3\ufe0f\u0f71#*_\\"
)


@settings(max_examples=60, deadline=None)
@given(name=st.text(SCRIPTS, min_size=1, max_size=12))
def test_no_name_breaks_the_page(name: str) -> None:
    pdf = render(replace(TRAINING, holder=f"A {name}", title_en=f"B {name}"), default_template("TRAINING"))
    assert pdf.startswith(b"%PDF-1.7")
