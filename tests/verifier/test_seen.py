"""The small set of ids against Python's own, with its growth in view and its key changed."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import seen
from verifier.seen import SeenSet


@given(st.lists(st.binary(max_size=3)))
def test_it_answers_as_a_set_does(items: list[bytes]) -> None:
    ours, theirs = SeenSet(), set[bytes]()
    for item in items:
        assert (item in ours) == (item in theirs)
        assert ours.add(item) == (item not in theirs)
        theirs.add(item)
        assert item in ours
        assert len(ours) == len(theirs)


def test_it_grows_at_three_quarters_and_loses_nothing() -> None:
    ours = SeenSet()
    assert len(ours._table) == 1024
    for number in range(5000):
        assert ours.add(str(number).encode())
        slots = len(ours._table)
        assert slots & (slots - 1) == 0
        assert len(ours) * 4 <= slots * 3
        # A set that has just grown is more than three eighths full; memory is what this set is for.
        assert slots == 1024 or len(ours) * 8 >= slots * 3
    assert len(ours) == sum(mark != 0 for mark in ours._table) == 5000
    for number in range(5000):
        assert str(number).encode() in ours
        assert not ours.add(str(number).encode())
    assert b"5000" not in ours
    assert len(ours) == 5000


def test_what_falls_on_one_place_is_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """All marks on the last slot: the search goes on at the first, and ends at the first empty one."""
    monkeypatch.setattr(SeenSet, "_mark", lambda _self, item: (int(item) << 10) + 1023)
    ours = SeenSet()
    for number in range(300):
        assert ours.add(str(number).encode())
    assert ours._table[1023] == 1023
    assert list(ours._table[:299]) == [(number << 10) + 1023 for number in range(1, 300)]
    assert ours._table[299] == 0
    assert all(str(number).encode() in ours for number in range(300))
    assert b"300" not in ours


def test_nobody_can_choose_what_falls_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each set has its own key of 128 bits, and keeps 64 bits of the hash under it."""
    asked: list[int] = []
    real = secrets.token_bytes

    def token_bytes(size: int) -> bytes:
        asked.append(size)
        return real(size)

    monkeypatch.setattr(secrets, "token_bytes", token_bytes)
    one, two = SeenSet(), SeenSet()
    assert asked == [16, 16]
    assert one._mark(b"x") != two._mark(b"x")
    assert one._mark(b"x") != one._mark(b"y")
    assert max(one._mark(bytes([number])) for number in range(100)) >= 2**60


def test_a_mark_is_never_the_empty_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    class Zero:
        def __init__(self, _data: bytes) -> None:
            pass

        def digest(self) -> bytes:
            return bytes(32)

    monkeypatch.setattr(seen, "sha256", Zero)
    ours = SeenSet()
    assert ours.add(b"x")
    assert not ours.add(b"x")
    assert len(ours) == 1
