"""The words of the public pages: complete in both languages, and never a word of custody."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from starlette.testclient import TestClient

from api.public.i18n import translator
from api.public.templates import FOLDER, environment
from tests.dignity.forbidden import cut
from tests.public.fixture_site import CODES, Settings, Views, application

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = [ROOT / "sample/programme-2026.json", ROOT / "../shared/sample/programme-2026.json"]
CATALOGUE = FOLDER.parent / "locale/id/LC_MESSAGES/messages.po"


def _strings() -> set[str]:
    found = extract_from_dir(FOLDER, method_map=[("**.html", "jinja2")])
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def test_every_string_has_a_translation_and_no_translation_is_left_over() -> None:
    with CATALOGUE.open("rb") as file:
        translated = {
            str(message.id) for message in read_po(file, locale="id") if message.id and message.string
        }
    assert translated == _strings()
    assert len(translated) > 80


def test_every_string_is_replaced_before_a_page_is_rendered() -> None:
    # What the substitution misses would be an undefined `_` at run time.
    for path in FOLDER.rglob("*.html"):
        source = path.read_text("utf-8")
        assert source.count('_("') == len(re.findall(r'\{\{ _\("[^"]*"\) \}\}', source)), path


def test_a_translation_names_the_same_facts() -> None:
    indonesian = translator("id")
    for text in _strings():
        wanted, got = (
            {name for _, name, _, _ in Formatter().parse(words) if name} for words in (text, indonesian(text))
        )
        assert wanted == got, text


def test_no_text_stands_in_a_template_outside_the_catalogue() -> None:
    # `Bahasa Indonesia` and `English` are the same in every language.
    for path in FOLDER.rglob("*.html"):
        text = re.sub(r"(?s)\{\{.*?\}\}|\{%.*?%\}|<[^>]*>", " ", path.read_text("utf-8"))
        text = re.sub(r"Bahasa Indonesia|English", "", text)
        assert not re.findall(r"[A-Za-z]{2,}", text), path


@pytest.fixture(scope="module")
def rules() -> dict[str, Any]:
    path = next((path for path in SAMPLES if path.exists()), None)
    if path is None:
        pytest.skip("no sample programme here")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))["public_verification"]
    return found


def test_no_source_of_a_page_has_a_word_of_custody(rules: dict[str, Any]) -> None:
    for file in [*FOLDER.rglob("*.*"), CATALOGUE]:  # comments and names of classes too
        words = f" {cut(file.name + file.read_text('utf-8'))} "
        assert [word for word in rules["deny_words"] if f" {cut(word)} " in words] == [], file


def test_json_has_only_allowed_members(rules: dict[str, Any]) -> None:
    def members(value: Any, prefix: str = "") -> Iterator[str]:
        if isinstance(value, dict):
            for name, member in value.items():
                yield from members(member, f"{prefix}.{name}" if prefix else name)
        elif isinstance(value, list):
            for member in value:
                yield from members(member, f"{prefix}[]")
        else:
            yield prefix

    client = TestClient(application(Views(), Settings()))
    allowed = rules["allow"]
    for code in CODES:
        for name in members(client.get(f"/v/{code}.json").json()):
            assert any(
                name == rule or name.startswith(f"{rule}.") or rule.startswith((f"{name}.", f"{name}["))
                for rule in allowed
            )


def test_a_catalogue_is_text_and_its_places_are_escaped_facts() -> None:
    template = environment("en", "").from_string('{{ _("a < b & {fact}") }}')
    assert template.render(fact="<x>") == "a &lt; b &amp; &lt;x&gt;"
