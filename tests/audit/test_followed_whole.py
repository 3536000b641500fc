"""What an audit follows, from where, how it counts, and what it says where it has to stop."""

import gc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.audit.auditing import LOG, LOG_KEY
from tests.audit.bundling import write_bundle
from tests.audit.scribe import START, an_id
from tests.audit.test_head_of_log import said
from tests.audit.test_structure import registered
from tests.audit.village import Village, s
from verifier import merkle
from verifier.audit_result import Audit, Person, Request
from verifier.bundle import Bundle
from verifier.finding import Kind
from verifier.replay import audit

# Said of every audit here.
NAMES = (Kind.LOST, "NAMES_NOT_GIVEN", "staff, holders and evidence", None, None)


def small(size: int) -> Village:
    """A log of so many entries: founded by two, then one organisation after the other."""
    v = Village()
    v.found(LOG_KEY)
    for number in range(size - 2):
        v.now += 1
        v.by("one", registered(str(number)))
    return v


def written(folder: Path, v: Village) -> Path:
    return write_bundle(folder / "bundle", v.entries, LOG, v.now)


def of(folder: Path, v: Village, *progress: Callable[[int, int], None], **options: Any) -> Audit:
    return audit(Bundle(folder), Request(v.root, LOG.policy(), v.now, **options), *progress)


def trusted(v: Village, size: int) -> bytes:
    return LOG.checkpoint([merkle.leaf_hash(entry) for entry in v.entries[:size]], v.now)


def state_at(folder: Path, v: Village, size: int) -> bytes:
    """What an audit of the first entries keeps."""
    result = of(write_bundle(folder / "first", v.entries[:size], LOG, v.now), v)
    assert result.keep is not None
    return result.keep()


# -- counting --------------------------------------------------------------------------------------------------------


def test_what_is_counted(tmp_path: Path) -> None:
    v = small(3)
    v.now += 60
    v.by("one", registered("x"), registered("y"))
    last = v.time
    seen: list[tuple[int, int]] = []
    result = of(written(tmp_path, v), v, lambda *step: seen.append(step))
    assert said(result.findings) == [NAMES]
    assert (result.entries, result.acts, result.signatures, result.since) == (5, 4, 4, None)
    assert (result.first, result.last) == (START, last)
    assert result.people == {
        an_id("one"): Person(3, 4, Counter(key_custodian=3), START, last),
        an_id("two"): Person(1, 1, Counter(key_custodian=1), START, START),
    }
    assert result.types == {"ledger.founded": 1, "ledger.co_founded": 1, "organisation.registered": 3}
    assert seen == [(5, 5)]


def test_the_last_time_is_the_latest(tmp_path: Path) -> None:
    v = small(3)
    latest = v.time
    v.by("one", registered("x"), recorded_at=START, occurred_at=START)
    result = of(written(tmp_path, v), v)
    assert (result.last, result.people[an_id("one")].last) == (latest, START)


@pytest.fixture(scope="module")
def two_tiles() -> Village:
    return small(258)


def test_progress_is_told_after_each_tile(two_tiles: Village, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    of(written(tmp_path, two_tiles), two_tiles, lambda *step: seen.append(step))
    assert seen == [(256, 258), (258, 258)]


@pytest.mark.parametrize("collecting", [True, False])
@pytest.mark.parametrize("fails", [False, True])
def test_looking_for_circles_is_put_back_as_it_was(collecting: bool, fails: bool, tmp_path: Path) -> None:
    v = small(2)
    during: list[bool] = []

    def progress(_done: int, _total: int) -> None:
        during.append(gc.isenabled())
        if fails:
            raise KeyboardInterrupt

    before = gc.isenabled()
    try:
        (gc.enable if collecting else gc.disable)()
        try:
            of(written(tmp_path, v), v, progress)
        except KeyboardInterrupt:
            assert fails
        assert gc.isenabled() is collecting
    finally:
        (gc.enable if before else gc.disable)()
    assert during == [False]


# -- where it stops --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begun", [None, 256, 257])
def test_a_missing_tile_of_entries_stops_it(begun: int | None, two_tiles: Village, tmp_path: Path) -> None:
    v = two_tiles
    since = None if begun is None else state_at(tmp_path, v, begun)
    folder = written(tmp_path, v)
    (folder / "tile/entries/001.p/2").unlink()
    result = of(folder, v, since=since)
    first = begun or 256
    message = f"tile/entries/001.p/2 is missing; nothing from entry {first} on could be followed"
    assert said(result.findings) == [(Kind.UNKNOWN, "BUNDLE_FILE_MISSING", message, None, None)]
    assert (result.entries, result.signatures) == (first, 256 if begun is None else 0)


@pytest.mark.parametrize("begun", [None, 256, 257])
def test_a_broken_tile_of_entries_ends_what_is_followed(
    begun: int | None, two_tiles: Village, tmp_path: Path
) -> None:
    v = two_tiles
    since = None if begun is None else state_at(tmp_path, v, begun)
    folder = written(tmp_path, v)
    (folder / "tile/entries/001.p/2").write_bytes(b"\0")
    result = of(folder, v, since=since)
    first = begun or 256
    path = "tile/entries/001.p/2"
    message = f"{path} is not a bundle of 2 entries; nothing from entry {first} on could be followed"
    assert said(result.findings) == [(Kind.WRONG, "BUNDLE_INVALID", message, first, path), NAMES]
    assert result.entries == first


def test_an_entry_that_cannot_be_read_keeps_its_place(tmp_path: Path) -> None:
    v = small(5)
    v.entries[4] = b"nothing"
    result = of(written(tmp_path, v), v)
    message = "an entry is two lines, without a line end after the second"
    assert said(result.findings) == [(Kind.WRONG, "ENTRY_LINES", message, 4, "entry 4"), NAMES]
    assert (result.entries, result.acts) == (5, 4)


def test_a_signature_is_told_at_the_first_event_of_its_act(tmp_path: Path) -> None:
    v = small(3)
    v.by("one", registered("x"), registered("y"))
    for number in (3, 4):
        line = v.entries[number]
        at = line.index(b'"sig":"') + 7
        v.entries[number] = line[:at] + (b"B" if line[at : at + 1] == b"A" else b"A") + line[at + 1 :]
    [(kind, code, _, index, place), *rest] = said(of(written(tmp_path, v), v).findings)
    assert (kind, code, index, place) == (Kind.WRONG, "SIGNATURE_WRONG", 3, f"{s('organisation', 'x')}@1")
    assert rest == [NAMES]


def test_other_files_are_named_as_far_as_there_is_room(tmp_path: Path) -> None:
    v = small(2)
    folder = written(tmp_path, v)
    for name in ("b" * 120, "a", "c" * 120):
        (folder / name).write_bytes(b"")
    [finding] = [each for each in said(of(folder, v).findings) if each != NAMES]
    message = f"a, {'b' * 120}, {'c' * 120}"[:200]
    assert finding == (Kind.NOTE, "BUNDLE_OTHER_FILES", message, None, None)
