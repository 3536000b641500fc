"""A forbidden word is found however it is disguised, and no honest text is refused."""

from __future__ import annotations

import unicodedata

import pytest

from ledger.rulebook import Rulebook
from tests.houses import RULES
from verifier.rules.words import denied
from verifier.words import as_read, mixed_word, words_of


def rulebook(*words: str) -> Rulebook:
    """A rulebook with these forbidden words; a copy would keep what the other had made of its own."""
    return Rulebook.model_validate(RULES.model_dump() | {"deny_words": words})


RULE = rulebook("lapas", "warga binaan", "prison")

DISGUISED = {
    "plain": "Di Lapas Contoh",
    "zero-width space": "Di La\u200bpas Contoh",
    "soft hyphen": "La\u00adpas",
    "combining grapheme joiner": "La\u034fpas",
    "word joiner and byte order mark": "\ufeffLa\u2060pas",
    "hangul filler": "La\u3164pas",
    "variation selector": "La\ufe0fpas",
    "tag": "La\U000e0041pas",
    "control": "La\x07pas",
    "full width": "\uff2c\uff41\uff50\uff41\uff53",
    "mathematical bold": "\U0001d425\U0001d41a\U0001d429\U0001d41a\U0001d42c",
    "accent": "L\u00e1pas",
    "combining low line": "l\u0332a\u0332p\u0332a\u0332s\u0332",
    "Cyrillic a": "L\u0430pas",
    "Cyrillic p": "la\u0440as",
    "Greek alpha": "L\u03b1pas",
    "Greek capitals": "L\u0391\u03a1\u0391S",
    "palochka and Cyrillic": "\u04cf\u0430\u0440\u0430\u0455",
    "dotless i": "war\u0261a b\u0131naan",
    "small capitals": "\u029f\u1d00\u1d18\u1d00\ua731",
    "camel hump": "rumahLapasBaru",
    "dividers": "x_lapas-2/3.y",
    "two words in full width": "Warga\u3000Binaan",
}
HONEST = [
    "Teknik Pengelasan SMAW 3G (Juru Las), 50 \u00b5g, 10 k\u2126, caf\u00e9 na\u00efve",
    "\u0645\u062d\u0645\u0651\u062f \u0628\u0646 \u0639\u0628\u062f\u0627\u0644\u0644\u0647",
    "\u0641\u0627\u0637\u0645\u0647\u200c\u0632\u0647\u0631\u0627 Contoh",
    "\ua98f\ua9ab\ua9b8\ua9bf\ua9ae \ua997\ua9ae",
    "\u041c\u043e\u0441\u043a\u0432\u0430 Jakarta \u0391\u03b8\u03ae\u03bd\u03b1",
    "\u6771\u4eac \ud55c\uad6d\uc5b4 \u0e44\u0e17\u0e22",
    "kelapasan urutan prisonerless",
    "O'Brien \u0141ukasz \u00d8rsted stra\u00dfe",
]


@pytest.mark.parametrize("text", DISGUISED.values(), ids=DISGUISED)
def test_a_disguised_word_is_found_by_ledger_and_audit(text: str) -> None:
    for form in ("NFC", "NFD"):
        given = unicodedata.normalize(form, text)
        assert RULE.denied_word(given) in {"lapas", "warga binaan"}
        assert denied(given) in {"lapas", "warga binaan"}
        assert "which must never be public" in (RULE.forbidden(given) or "")


def test_a_forbidden_word_of_the_list_may_be_disguised_itself() -> None:
    assert rulebook("L\u0430p\u200bas").denied_word("lapas") == "lapas"


@pytest.mark.parametrize("text", HONEST)
def test_an_honest_text_is_not_refused(text: str) -> None:
    for form in ("NFC", "NFD", "NFKC"):
        given = unicodedata.normalize(form, text)
        assert RULE.forbidden(given) is None
        assert denied(given) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Juru L\u0430s", "L\u0430s"),
        ("W\u0435lder", "W\u0435lder"),
        ("\u0391kademi Las", "\u0391kademi"),
        ("We\u200bld\u0435r", "Weld\u0435r"),
    ],
)
def test_a_word_that_mixes_scripts_is_refused_with_a_message_of_its_own(text: str, word: str) -> None:
    assert mixed_word(text) == word
    assert RULE.forbidden(text) == f"the word {word!r}, in which letters of two scripts look alike"


def test_letters_and_digits_make_words_and_the_rest_divides_them() -> None:
    assert words_of("SKM_12-b/C.d rumahLapasBLK2 EnglishABCText") == (
        "skm 12 b c d rumah lapas blk 2 english abc text"
    )


@pytest.mark.parametrize("code", range(0x80))
def test_what_is_ascii_is_read_as_it_stands_but_for_controls(code: int) -> None:
    one = chr(code)
    unseen = not one.isprintable() and not one.isspace()
    assert as_read(f"a{one}b") == ("ab" if unseen else f"a{one}b")
