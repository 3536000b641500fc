"""Each word that would reveal custody or conviction is found by itself, in a sentence and disguised."""

import pytest

from verifier.rules.words import denied
from verifier.words import as_read, mixed_word, words_of

WORDS = (
    "lapas", "rutan", "bapas", "lembaga pemasyarakatan", "pemasyarakatan", "narapidana", "napi", "tahanan",
    "terpidana", "warga binaan", "wbp", "penjara", "pidana", "custody", "conviction", "convict", "correctional",
    "criminal", "detainee", "detention", "inmate", "jail", "prison", "prisoner",
)  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_each_word_is_found_wherever_it_stands(word: str) -> None:
    for text in (word, word.upper(), f"Balai {word}", f"{word} contoh", f"Di {word.title()}, Jakarta"):
        assert denied(text) == word
    assert denied(f"{word}x") is None
    assert denied(f"x{word}") == (word.split()[1] if word.startswith("lembaga") else None)


def test_the_first_in_the_text_is_named() -> None:
    assert denied("prison di lapas") == "prison"
    assert denied("LAPAS Prison") == "lapas"
    assert denied("lembaga-pemasyarakatan") == "lembaga pemasyarakatan"
    assert denied("Balai Latihan Kerja Contoh") is None
    assert denied("") is None


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("\u041b\u0410\u0420\u0410\u0405", "\u041bAPAS"),  # Cyrillic capitals; el looks like no Latin letter
        ("PRIS\u00d8N", "PRISON"),
        ("\u0141APAS \u0110I \u0126AJI", "LAPAS DI HAJI"),
        ("la\u0600pas", "lapas"),  # a format character that Unicode does not call ignorable
        ("la\u070fpas", "lapas"),
        ("l\u20ddapas", "lapas"),  # a circle around the letter
        ("10 \u00b5g, 10 \u03bcg", "10 ug, 10 ug"),
    ],
)
def test_a_text_as_it_is_read(text: str, read: str) -> None:
    assert as_read(text) == read


def test_all_letters_of_a_word_are_looked_at() -> None:
    assert words_of("LAS 3G di BLKJakarta") == "las 3 g di blk jakarta"
    assert words_of("") == ""


def test_latin_letters_beside_accents_are_of_one_script() -> None:
    for text in ("Xerox caf\u00e9", "\u00e9X", "Linux \u041c\u043e\u0441\u043a\u0432\u0430", "x\u00f1"):
        assert mixed_word(text) is None
    assert mixed_word("Xer\u043ex") == "Xer\u043ex"
