"""What a seal adds to a certificate's file that somebody can read: its own words and no other."""

from __future__ import annotations

import io

import pypdf

from tests.dignity.reading import objects
from tests.sealing.issuer import Issuer
from tests.sealing.seals import page


def test_the_seal_adds_no_string_but_its_own(issuer: Issuer) -> None:
    bare = page()
    before = set(objects(pypdf.PdfReader(io.BytesIO(bare)).trailer, set()))
    sealed = issuer.sealed(bare)
    after = set(objects(pypdf.PdfReader(io.BytesIO(sealed)).trailer, set()))
    added = {text for text in after - before if not text.startswith("/") and len(text) < 500}
    assert added == {"Seal", "Segel penerbit / Issuer's seal", "D:20260313021500Z"} | {
        text
        for text in added
        if len(text) == 16  # the file's new identifier
    }
