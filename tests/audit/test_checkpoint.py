"""Who vouches for a bundle, and since when: log key, quorum, age, forks, a checkpoint trusted before."""

from pathlib import Path
from typing import Any

import pytest

from tests.audit.auditing import LOG, LOG_KEY, codes, found
from tests.audit.broken import ordinary
from tests.audit.bundling import Log, write_bundle
from tests.audit.scribe import Scribe
from tests.audit.village import Village
from verifier import merkle
from verifier.answer import Verdict
from verifier.bundle import Bundle
from verifier.errors import Error
from verifier.finding import Kind
from verifier.policy import Policy
from verifier.replay import Audit, Request, audit

HOUR = 3600


@pytest.fixture(scope="module")
def history() -> Village:
    return ordinary(LOG_KEY)


def of(
    folder: Path, v: Scribe, policy: Policy | None = None, now: int | None = None, **options: Any
) -> Audit:
    return audit(Bundle(folder), Request(v.root, policy or LOG.policy(), now or v.now, **options))


def test_too_few_witnesses(history: Village, tmp_path: Path) -> None:
    for cosigned in (0, 1):
        folder = write_bundle(
            tmp_path / str(cosigned),
            history.entries,
            LOG,
            history.now,
            links=history.links,
            cosigned=cosigned,
        )
        result = of(folder, history)
        assert codes(result, Kind.UNKNOWN) == {"NOT_WITNESSED"}
        assert result.outcome == Verdict.UNKNOWN


def test_a_policy_without_witnesses_shows_nothing(history: Village, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", history.entries, LOG, history.now, links=history.links)
    result = of(folder, history, Log.named(history.origin, witnesses=0).policy())
    assert codes(result, Kind.UNKNOWN) == {"NOT_WITNESSED"}


def test_an_old_bundle_is_complete_up_to_its_time(history: Village, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", history.entries, LOG, history.now, links=history.links)
    assert of(folder, history, now=history.now + 24 * HOUR).outcome == Verdict.STANDS
    old = of(folder, history, now=history.now + 24 * HOUR + 1)
    assert codes(old, Kind.UNKNOWN) == {"NOT_FRESH"}
    assert old.complete_up_to == history.now
    assert of(folder, history, now=history.now + 300 * HOUR, max_age=301 * HOUR).outcome == Verdict.STANDS


def test_one_fresh_witness_does_not_make_a_quorum_fresh(history: Village, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", history.entries, LOG, history.now, links=history.links)
    text = (folder / "checkpoint").read_bytes()
    later = history.now + 30 * HOUR
    note_text = text.decode().partition("\n\n")[0] + "\n"
    (folder / "checkpoint").write_bytes(text + LOG.witnesses[2].sign(note_text, later).line().encode())
    result = of(folder, history, now=later)
    assert codes(result, Kind.UNKNOWN) == {"NOT_FRESH"}
    assert result.complete_up_to == history.now


def test_a_witness_from_the_future(history: Village, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", history.entries, LOG, history.now + HOUR, links=history.links)
    assert codes(of(folder, history), Kind.UNKNOWN) == {"NOT_FRESH"}


def test_a_stolen_log_key_signs_a_changed_log(history: Village, tmp_path: Path) -> None:
    entries = history.entries[:-1]
    folder = write_bundle(tmp_path / "b", entries, LOG, history.now, links=history.links, cosigned=1)
    assert of(folder, history).outcome == Verdict.UNKNOWN


def test_a_key_that_the_policy_does_not_know(history: Village, tmp_path: Path) -> None:
    stranger = Log.named(history.origin, seed=7)
    folder = write_bundle(tmp_path / "b", history.entries, stranger, history.now, links=history.links)
    assert codes(of(folder, history)) == {"NOTE_UNSIGNED"}


def test_a_bad_signature_by_a_known_key(history: Village, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", history.entries, LOG, history.now, links=history.links)
    text = (folder / "checkpoint").read_text()
    head, _, lines = text.partition("\n\n")
    (folder / "checkpoint").write_text(
        head.replace(f"\n{len(history.entries)}\n", f"\n{len(history.entries) - 1}\n") + "\n\n" + lines
    )
    assert codes(of(folder, history)) == {"SIGNATURE_WRONG"}


def test_a_checkpoint_of_another_log(history: Village, tmp_path: Path) -> None:
    other = Log.named("other.example/log")
    folder = write_bundle(tmp_path / "b", history.entries, other, history.now, links=history.links)
    assert codes(of(folder, history, other.policy())) == {"ORIGIN_DIFFERS"}


def test_the_root_is_another(history: Village, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", history.entries, LOG, history.now, links=history.links)
    leaves = [merkle.leaf_hash(entry) for entry in [*history.entries[:-1], b"other"]]
    (folder / "checkpoint").write_bytes(LOG.checkpoint(leaves, history.now))
    assert codes(of(folder, history)) == {"LOG_ROOT_WRONG"}


def test_a_tile_is_another(history: Village, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", history.entries, LOG, history.now, links=history.links)
    path = folder / "tile/0/000"
    data = bytearray(path.read_bytes())
    data[5 * 32] ^= 1
    path.write_bytes(data)
    result = of(folder, history)
    assert [(item.code, item.index) for item in result.findings.of(Kind.WRONG)] == [("ENTRY_NOT_IN_LOG", 5)]


def test_a_tile_above_is_another(history: Village, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", history.entries, LOG, history.now, links=history.links)
    path = folder / "tile/1/000.p/1"
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    assert codes(of(folder, history)) == {"TILE_WRONG"}


# -- a checkpoint that was trusted before ---------------------------------------------------------------------------


def trusted(v: Scribe, size: int) -> bytes:
    return LOG.checkpoint([merkle.leaf_hash(entry) for entry in v.entries[:size]], v.now)


def test_only_what_is_new_is_verified(history: Village, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", history.entries, LOG, history.now, links=history.links)
    size = len(history.entries) - 3
    result = of(folder, history, since=trusted(history, size))
    assert result.outcome == Verdict.STANDS
    assert result.since == size
    assert 0 < result.signatures <= 3
    assert of(folder, history, since=trusted(history, len(history.entries))).signatures == 0


def test_what_is_new_is_held_to_what_was_before(tmp_path: Path) -> None:
    v = ordinary(LOG_KEY)
    size = len(v.entries)
    v.certify("again c", "COMPETENCE", v.decision_link("ana"))
    folder = write_bundle(tmp_path / "b", v.entries, LOG, v.now, links=v.links)
    assert codes(of(folder, v, since=trusted(v, size))) == {"CERT_ALREADY_ISSUED"}


def test_a_fork_before_the_trusted_checkpoint(history: Village, tmp_path: Path) -> None:
    other = ordinary(LOG_KEY)
    size = len(other.entries)
    other.certificate("ana c", "suspended", reason="COMPLAINT_OPEN")
    history_longer = [*history.entries[:-2], *other.entries[-1:]]
    folder = write_bundle(tmp_path / "b", history_longer, LOG, history.now, links=history.links)
    result = of(folder, history, since=trusted(history, size - 1))
    assert "LOG_FORKED" in codes(result)


def test_a_bundle_older_than_what_was_trusted(history: Village, tmp_path: Path) -> None:
    old = ordinary(LOG_KEY)
    old.entries = old.entries[:-1]
    folder = write_bundle(tmp_path / "b", old.entries, LOG, history.now, links=history.links)
    result = of(folder, history, since=trusted(history, len(history.entries)))
    assert codes(result, Kind.UNKNOWN) == {"OLDER_THAN_TRUSTED"}


def test_a_trusted_checkpoint_by_a_stranger(history: Village, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", history.entries, LOG, history.now, links=history.links)
    leaves = [merkle.leaf_hash(entry) for entry in history.entries]
    stranger = Log.named(history.origin, seed=7).checkpoint(leaves, history.now)
    with pytest.raises(Error, match="NOTE_UNSIGNED"):
        of(folder, history, since=stranger)
    assert not found(of(folder, history))
