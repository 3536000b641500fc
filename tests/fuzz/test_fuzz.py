"""No bytes make a parser fail in another way than its own, or make it believe what nobody signed."""

from __future__ import annotations

import json
import shutil
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.composition import open_house
from tests.fuzz.material import collect
from tests.fuzz.targets import Target, targets
from verifier.errors import FormatError

SIGNED = (
    "qr",
    "token",
    "credential",
    "statuslist",
    "keyfile",
    "withdrawn",
    "checkpoint",
    "proof",
    "entry",
    "pdf",
)
UNSIGNED = ("bits", "code", "jcs", "rootfile", "policy", "note", "vkey", "tile", "bundle", "witness")
SLOW = {"pdf": 15, "credential": 60, "statuslist": 40}
"""Fewer examples where one takes milliseconds."""
HUGE: dict[str, bytes] = {
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"a":' * 200_000,
    "deep CBOR": b"\x81" * 200_000,
    "endless CBOR": b"\x84\x5b" + b"\xff" * 8,
    "long CBOR": b"\x84\x5a\x7f\xff\xff\xff" + bytes(1000),
    "a long number": b"9" * 2_000_000,
    "a long line": b"A" * 2_000_000,
    "many lines": b"a\n" * 1_000_000,
    "many signatures": b"x\n\n" + b"\xe2\x80\x94 a AAAA\n" * 100_000,
    "zeros": bytes(2_000_000),
    "not UTF-8": b"\xff\xfe" * 1000,
    "lone surrogates": b'"\\ud800"' * 10_000,
    "nothing": b"",
}
MEMORY = 64 << 20
SECONDS = 10


@pytest.fixture(scope="module")
def all_targets(built_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Target]:
    folder = shutil.copytree(built_demo, tmp_path_factory.mktemp("fuzz") / "data")
    with open_house(folder) as house:
        demo = json.loads((folder / "demo.json").read_bytes())
        return targets(collect(house, demo, folder.parent / "material"))


@st.composite
def changed(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """A genuine document with pieces replaced by others, moved, doubled, cut out or made up."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 3))):
        change = draw(st.sampled_from((_other_letter, _other_letter, _other_piece, _other_lines)))
        data = change(draw, data, seeds)
    return data


def _other_letter(draw: st.DrawFn, data: bytes, _seeds: tuple[bytes, ...]) -> bytes:
    """One letter or digit for another, so that the form is kept."""
    place = draw(st.integers(0, max(0, len(data) - 1)))
    letter = draw(st.sampled_from(b"0123456789abcdefABCDEFgzZ_-+/"))
    return data[:place] + bytes([letter]) + data[place + 1 :]


def _other_piece(draw: st.DrawFn, data: bytes, seeds: tuple[bytes, ...]) -> bytes:
    start = draw(st.integers(0, len(data)))
    end = start + draw(st.sampled_from((0, 1, 1, 2, 8, 64, 1000)))
    source = draw(st.sampled_from(seeds))
    at = draw(st.integers(0, len(source)))
    made_up = st.one_of(st.binary(max_size=4), st.just(source[at : at + 16]), st.sampled_from(_PIECES))
    return data[:start] + draw(made_up) + data[end:]


def _other_lines(draw: st.DrawFn, data: bytes, _seeds: tuple[bytes, ...]) -> bytes:
    """A line lost, doubled, cut short or moved to the front."""
    lines = data.split(b"\n")
    place = draw(st.integers(0, len(lines) - 1))
    line = lines.pop(place)
    kept = draw(st.sampled_from(([], [line, line], [line[: draw(st.integers(0, 12))]])))
    return b"\n".join([*lines[:place], *kept, *lines[place:]] if draw(st.booleans()) else [*kept, *lines])


_PIECES = (b"", b"\n", b"\n\n", b'"', b",", b"}", b"\\u0000", b"-1", b"0", b"\xe2\x80\x94 ")


def test_every_target_is_thrown_at(all_targets: dict[str, Target]) -> None:
    assert all_targets.keys() == {*SIGNED, *UNSIGNED}


@pytest.mark.parametrize("name", [*SIGNED, *UNSIGNED])
def test_a_changed_document_is_refused_or_is_the_same(all_targets: dict[str, Target], name: str) -> None:
    target = all_targets[name]

    @settings(max_examples=SLOW.get(name, 300))
    @given(changed(target.seeds))
    def throw(data: bytes) -> None:
        target.throw(data)

    throw()


@pytest.mark.parametrize("name", [*SIGNED, *UNSIGNED])
def test_any_bytes_are_refused(all_targets: dict[str, Target], name: str) -> None:
    target = all_targets[name]

    @settings(max_examples=SLOW.get(name, 300))
    @given(st.binary(max_size=300))
    def throw(data: bytes) -> None:
        target.throw(data)

    throw()


@pytest.mark.parametrize("name", [*SIGNED, *UNSIGNED])
@pytest.mark.parametrize("what", HUGE)
def test_what_is_huge_or_deep_costs_little(all_targets: dict[str, Target], name: str, what: str) -> None:
    data = HUGE[what]
    begun = time.process_time()
    tracemalloc.start()
    try:
        all_targets[name].throw(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MEMORY
    assert time.process_time() - begun < SECONDS


def test_the_seeds_are_accepted(all_targets: dict[str, Target]) -> None:
    for name in SIGNED:
        target = all_targets[name]
        assert all(set(target.read(seed)) for seed in target.seeds), name
    for name in UNSIGNED:
        for seed in all_targets[name].seeds:
            list(all_targets[name].read(seed))


def test_a_target_tells_what_should_not_have_been_accepted() -> None:
    def believes(data: bytes) -> list[bytes]:
        if data == b"bad":
            raise FormatError("X", "refused")
        if data == b"worse":
            raise KeyError(data)
        return [data]

    target = Target((b"good",), believes, frozenset({b"good"}))
    target.throw(b"good")
    target.throw(b"bad")
    with pytest.raises(AssertionError, match="accepted"):
        target.throw(b"forged")
    with pytest.raises(KeyError):
        target.throw(b"worse")
