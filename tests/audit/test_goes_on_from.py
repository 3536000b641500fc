"""An audit that goes on from what was trusted before: where it begins to verify, and what it says of another past."""

from pathlib import Path
from typing import Any

import pytest

from tests.audit.auditing import LOG
from tests.audit.broken import stage
from tests.audit.bundling import write_bundle
from tests.audit.scribe import Said, an_id
from tests.audit.test_followed_whole import NAMES, of, small, state_at, trusted, written
from tests.audit.test_head_of_log import at_checkpoint, said
from tests.audit.test_structure import registered
from tests.audit.village import Village, s
from verifier import kept
from verifier.errors import FormatError
from verifier.finding import Kind

SIZE = 6
AT = 4  # the entry that breaks a rule


@pytest.fixture(scope="module")
def breached() -> Village:
    """A log with an act in the middle that its role does not permit."""
    v = small(AT)
    v.by("one", registered("breach"), role="auditor")
    v.by("one", registered("more"))
    assert len(v.entries) == SIZE
    return v


def codes(lines: list[Any]) -> list[tuple[str, int | None]]:
    return [(code, index) for _, code, _, index, _ in lines if code != "NAMES_NOT_GIVEN"]


@pytest.mark.parametrize("size", range(SIZE + 1))
def test_what_stands_before_the_trusted_checkpoint_is_not_told(
    size: int, breached: Village, tmp_path: Path
) -> None:
    """Of a checkpoint that holds nothing, nothing was trusted."""
    result = of(written(tmp_path, breached), breached, since=trusted(breached, size))
    found = codes(said(result.findings))
    assert found == ([("ROLE_NOT_HELD", AT), ("ROLE_FORBIDDEN", AT)] if size <= AT else [])
    assert (result.since, result.signatures) == (size or None, SIZE - size)
    assert (result.entries, result.acts) == (SIZE, SIZE - size)
    one = result.people.get(an_id("one"))
    # The second entry is the other founder's.
    assert (one.acts if one else 0) == SIZE - max(size, 2) + (size < 1)


@pytest.mark.parametrize("size", [2, AT, AT + 1, SIZE])
def test_a_kept_state_is_gone_on_from_alike(size: int, breached: Village, tmp_path: Path) -> None:
    result = of(written(tmp_path, breached), breached, since=state_at(tmp_path, breached, size))
    found = codes(said(result.findings))
    assert found == ([("ROLE_NOT_HELD", AT), ("ROLE_FORBIDDEN", AT)] if size <= AT else [])
    assert (result.since, result.signatures, result.acts) == (size, SIZE - size, SIZE - size)


@pytest.mark.parametrize("as_state", [False, True], ids=["checkpoint", "state"])
def test_another_past_than_the_one_that_was_trusted(as_state: bool, tmp_path: Path) -> None:
    v, other = small(5), small(3)
    other.by("one", registered("another past"))
    since = state_at(tmp_path, other, 4) if as_state else trusted(other, 4)
    result = of(written(tmp_path, v), v, since=since)
    message = "at 4 entries it has another root than the checkpoint that was trusted"
    forked = at_checkpoint(Kind.WRONG, "LOG_FORKED", message)
    assert [each for each in said(result.findings) if each[1] == "LOG_FORKED"] == forked
    if not as_state:
        assert said(result.findings) == [*forked, NAMES]


@pytest.mark.parametrize("as_state", [False, True], ids=["checkpoint", "state"])
def test_an_older_bundle_than_the_one_that_was_trusted_is_verified_whole(
    as_state: bool, breached: Village, tmp_path: Path
) -> None:
    since = state_at(tmp_path, breached, SIZE) if as_state else trusted(breached, SIZE)
    result = of(
        write_bundle(tmp_path / "old", breached.entries[: SIZE - 1], LOG, breached.now), breached, since=since
    )
    message = f"it has {SIZE - 1} entries, the trusted one {SIZE}"
    older = at_checkpoint(Kind.UNKNOWN, "OLDER_THAN_TRUSTED", message)
    assert said(result.findings)[:1] == older
    assert codes(said(result.findings))[1:] == [("ROLE_NOT_HELD", AT), ("ROLE_FORBIDDEN", AT)]
    assert (result.since, result.signatures, result.acts) == (None, SIZE - 1, SIZE - 1)


def changed(state: bytes, checkpoint: bytes | None = None, without: str = "", **more: Any) -> bytes:
    signed, roots = kept.load(state)
    return kept.dump(
        checkpoint or signed, {name: value for name, value in roots.items() if name != without} | more
    )


def test_a_state_of_another_version_is_refused(tmp_path: Path) -> None:
    v = small(5)
    folder, state = written(tmp_path, v), state_at(tmp_path, v, 4)
    assert of(folder, v, since=changed(state)).since == 4
    for other in (
        changed(state, without="structure.tips"),
        changed(state, more=1),
        changed(state, checkpoint=trusted(v, 3)),
        changed(state, checkpoint=trusted(v, 5)),
    ):
        with pytest.raises(FormatError) as refused:
            of(folder, v, since=other)
        assert (refused.value.code, refused.value.message) == (
            "STATE_INVALID",
            "the kept state is of another version of this program",
        )


@pytest.mark.parametrize("later", [0, 1, 2])
@pytest.mark.parametrize("begun", [False, True])
def test_what_a_key_signed_since_it_was_stolen_is_suspected(later: int, begun: bool, tmp_path: Path) -> None:
    """Also of acts that were verified before, and from the entry at which it was stolen."""
    v = stage("staffed")
    first = len(v.entries)
    v.learner("ana")
    v.learner("budi")
    since = state_at(tmp_path, v, len(v.entries)) if begun else None
    pen, stream = v.pens["admin"], s("staff", "admin")
    data = {"key": pen.thumbprint, "from_size": first + later}
    asked = v.ask("one", stream, "staff.compromise_requested", data)
    v.by("two", Said(stream, "staff.key_compromised", data | {"request": asked}))
    result = of(written(tmp_path, v), v, since=since)
    message = f"signed by {stream} with {pen.thumbprint[:12]}…"
    assert [each[1:] for each in said(result.findings) if each != NAMES] == [
        ("KEY_SUSPECT", message, index, None) for index in (first, first + 1)[later:]
    ]


def test_who_signed_what_is_kept_with_the_state(tmp_path: Path) -> None:
    v = small(4)
    state = state_at(tmp_path, v, 4)
    assert kept.load(state)[1]["signed_by"].keys() == {pen.thumbprint for pen in v.founders}
    assert [list(each) for each in kept.load(state)[1]["signed_by"].values()] == [[0, 2, 3], [1]]
