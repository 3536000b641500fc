"""The names of note keys at their edges, and what is said to a key of another form."""

from __future__ import annotations

import pytest

from tests.verifier.test_note import LOG
from verifier import note
from verifier.errors import FormatError
from verifier.note import VKey

PUBLIC = LOG.key.key.data
ID = LOG.key.key_id.hex()


def named(name: str) -> VKey:
    return VKey(name, note.LOG_KEY, PUBLIC)


def refused(text: str) -> str:
    with pytest.raises(FormatError) as caught:
        note.parse_vkey(text)
    assert caught.value.code == "VKEY_INVALID"
    return caught.value.message


@pytest.mark.parametrize(
    "name", ["a", "a" * 254, "a" * 255, "é" * 255, "!", "~", "\x7f", "\u0080", "\ud7ff", "\ue000", "—"]
)
def test_a_name(name: str) -> None:
    """Of 255 characters at most; all but spaces, plus signs and control characters."""
    assert note.is_name(name)
    assert note.parse_vkey(str(named(name))) == named(name)


@pytest.mark.parametrize(
    "name",
    ["", "a" * 256, "a+", "+", "a b", " ", "a\tb", "a\nb", "a\u00a0b", "a\u2028b", "a\u3000b", "\0", "a\0", "a\x01b",
     "a\x08b", "a\x0eb", "a\x1bb", "a\x1fb", "\ud800", "a\udfff"],
)  # fmt: skip
def test_no_name(name: str) -> None:
    assert not note.is_name(name)
    with pytest.raises(FormatError, match="VKEY_INVALID: not the name or the type"):
        named(name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the form"), ("a", "the form"), (f"a+{ID}", "the form"), (f"a+{ID}+", "the form"),
        (f"+{ID}+AA==", "the form"),
        (f"a+{ID[:7]}+AA==", "the form"), (f"a+{ID}0+AA==", "the form"), ("a+0000000A+AA==", "the form"),
        ("a+0000000g+AA==", "the form"), (f"a+{ID}+AA==\n", "the form"), (f"a+{ID}+A-_A", "the form"),
        (f"a+{ID}+=", "a type and 32 bytes"), (f"a+{ID}+AA==", "a type and 32 bytes"),
        (f"a+{ID}+A", "a type and 32 bytes"),
        (str(LOG.key).replace(ID, "00000000"), "the verifier key's id"),
    ],
)  # fmt: skip
def test_what_is_said_to_a_key_of_another_form(text: str, said: str) -> None:
    assert said in refused(text)
