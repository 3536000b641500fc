"""The templates, compiled once for each language.

`{{ _("…") }}` in a template is replaced by its translation before Jinja compiles it, so a rendered page pays
for its facts only; `{name}` inside such a string becomes the variable of that name, escaped like any other.
Catalogues are plain text: what they hold is escaped, never trusted as HTML. Indentation is dropped, a page
has few bytes to spare.
"""

import re
from collections.abc import Callable
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension

from api.public.i18n import translator

FOLDER = Path(__file__).with_name("templates")

_WORDS = re.compile(r'\{\{ _\("([^"]*)"\) \}\}')
_PLACE = re.compile(r"\{(\w+)\}")
_INDENT = re.compile(r"^\s+", re.MULTILINE)


class _Words(Extension):
    """Puts translations and nothing else into a template's source."""

    translate: Callable[[str], str]

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        def words(match: re.Match[str]) -> str:
            return _PLACE.sub(r"{{ \1 }}", escape(self.translate(match[1])))

        return _INDENT.sub("", _WORDS.sub(words, source))


def environment(language: str, css: str) -> Environment:
    """Return the templates in `language` with `css` inside. A variable that a page forgot is an error."""
    words = type("_WordsOfOneLanguage", (_Words,), {"translate": staticmethod(translator(language))})
    templates = Environment(
        loader=FileSystemLoader(FOLDER),
        extensions=[words],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        auto_reload=False,
    )
    templates.globals["style"] = css
    return templates


def style(*more: str) -> str:
    """Return the style sheet, and after it those named, without the white space that only authors need."""
    css = "".join((FOLDER / name).read_text("utf-8") for name in ("page.css", *more))
    return re.sub(r"\s*([{};]|(?<=[a-z-]):(?= ))\s*", r"\1", css).replace(";}", "}")
