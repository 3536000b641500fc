"""The kept skeletons give, byte for byte, what the templates give."""

import gzip
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment

from api.public.pages import Pages
from api.public.skeleton import Skeleton, marker
from api.public.view import Beside, CertificateView, Kind, Status
from tests.public.fixture_site import CODE_OF, NOW, VIEWS, Settings

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60)
CODE = CODE_OF["VALID"]


@st.composite
def views(draw: st.DrawFn) -> CertificateView:
    optional: dict[str, Any] = {
        name: draw(st.none() | TEXT)
        for name in ("holder", "number", "title_id", "title_en", "scheme_code", "issuer")
    }
    return CertificateView(
        status=draw(st.sampled_from([status for status in Status if status is not Status.VALID])),
        checked_at=NOW,
        kind=draw(st.none() | st.sampled_from(Kind)),
        level=draw(st.none() | st.integers(1, 9)),
        units=draw(st.none() | st.lists(st.tuples(TEXT, TEXT, st.none() | TEXT), max_size=4).map(tuple)),
        issued_on=draw(st.none() | st.dates(date(2000, 1, 1))),
        valid_until=draw(st.none() | st.dates(date(2000, 1, 1))),
        zone=draw(st.sampled_from([None, "WIB", "Asia/Makassar"])),
        log_size=draw(st.none() | st.integers(0, 2**40)),
        witnesses=draw(st.none() | st.integers(0, 5)),
        **optional,
    )


@settings(max_examples=150, deadline=None)
@given(views(), st.sampled_from(["id", "en"]))
def test_a_filled_skeleton_is_the_rendered_page(view: CertificateView, language: str) -> None:
    warm, cold = Pages(Settings(), Beside()), Pages(Settings(), Beside())
    blank = replace(view, holder=view.holder and "x", number=view.number and "x", issuer=view.issuer and "x")
    warm.certificate(blank, CODE, language)  # cut with other facts of, mostly, the same shape
    page = warm.certificate(view, CODE, language)
    assert page.plain() == cold.certificate(view, CODE, language).plain()
    assert gzip.decompress(page.gzipped()) == page.plain()


@settings(max_examples=100, deadline=None)
@given(st.tuples(TEXT, TEXT | st.none(), TEXT | st.none()), st.integers(0, 700))
def test_a_skeleton_gives_what_jinja_gives(facts: tuple[str, str | None, str | None], padding: int) -> None:
    source = (
        "<p>{{ a }}</p>"
        + "é-" * padding
        + "{% if b %}<i title='{{ b }}'>{{ a }}</i>{% endif %}{{ c }}{{ a }}!"
    )
    template = Environment(loader=DictLoader({"t": source}), autoescape=True).get_template("t")
    named = dict(zip("abc", facts, strict=True))
    cut = {name: None if fact is None else "other" for name, fact in named.items()}
    skeleton = Skeleton(template, {}, cut)
    # Jinja prints None as a word; our templates ask before they print.
    expected = template.render(
        {name: "None" if fact is None and name != "b" else fact for name, fact in named.items()}
    )
    filled = skeleton.plain(named)
    assert filled.decode() == expected
    assert gzip.decompress(skeleton.gzipped(named)) == filled


def test_facts_longer_than_a_stored_block_are_whole() -> None:
    template = Environment(loader=DictLoader({"t": "{{ a }}" + "x" * 400}), autoescape=True).get_template("t")
    skeleton = Skeleton(template, {}, {"a": ""})
    long = {"a": "é<" * 100_000}
    assert gzip.decompress(skeleton.gzipped(long)) == skeleton.plain(long)


def test_no_name_is_kept() -> None:
    pages = Pages(Settings(), Beside())
    pages.certificate(VIEWS["VALID"], CODE, "id").gzipped()
    (skeleton,) = pages._skeletons.values()
    kept = "".join(skeleton._pieces)
    assert "Contohwati" not in kept
    assert "LSP-CVN" not in kept
    assert marker("x") == "\0x\0"
    assert "holder" in skeleton._names
