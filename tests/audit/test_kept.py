"""An audit goes on from the state that an earlier one has kept, and finds what a whole audit finds."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.audit.auditing import LOG, LOG_KEY, codes, found
from tests.audit.broken import CASES, Broken, ordinary, stage
from tests.audit.bundling import write_bundle
from tests.audit.scribe import Scribe
from tests.audit.test_rules import AREAS
from tests.audit.village import Village
from verifier import cli, kept, times
from verifier.answer import Verdict
from verifier.bundle import Bundle
from verifier.errors import Error, FormatError
from verifier.finding import RULES
from verifier.replay import Audit, Request, audit


def of(folder: Path, v: Scribe, *, since: bytes | None = None, moment: int | None = None) -> Audit:
    bundle = write_bundle(folder, v.entries, LOG, v.now, links=v.links or None)
    return audit(Bundle(bundle), Request(v.root, LOG.policy(), v.now, since=since, moment=moment))


@cache
def state_of(name: str) -> bytes:
    result = of(Path(mkdtemp()) / "b", stage(name))
    assert result.keep is not None
    return result.keep()


# Links of certificates that were looked at before are not looked at again.
BEFORE = {"NO_LINKS", "ERASURE_UNCHECKED", "BASIS_NO_LONGER_CHECKABLE"}
assert AREAS  # importing it has filled CASES
LATER = [case for case in CASES if case.stage != "empty" and case.code not in BEFORE]


@pytest.mark.parametrize("case", LATER, ids=lambda case: case.name)
def test_a_breach_after_the_kept_state(case: Broken, tmp_path: Path) -> None:
    village = stage(case.stage)
    before = len(village.entries)
    case.go(village)
    result = of(tmp_path / "b", village, since=state_of(case.stage))
    assert result.since == before
    kind = RULES[case.code].kind
    told = {item.code for item in result.findings.of(kind)}
    whole = {item.code for item in of(tmp_path / "whole", village).findings.of(kind)}
    assert case.code in told
    assert told == whole


@pytest.fixture(scope="module")
def history() -> Village:
    return ordinary(LOG_KEY)


def cut(v: Village, size: int) -> Village:
    import copy

    part = copy.deepcopy(v)
    part.entries = part.entries[:size]
    part.links = [
        line for line in v.links if any(line[line.index(b"certificate/") :][:48] in e for e in part.entries)
    ]
    return part


def test_from_any_size_to_the_end(history: Village, tmp_path: Path) -> None:
    whole = of(tmp_path / "whole", history)
    assert whole.statuses is not None
    # Around the end of a tile, and where acts of several events stand.
    for size in (2, 10, 101, 212, 255, 256, 257, len(history.entries) - 1, len(history.entries)):
        first = of(tmp_path / f"first {size}", cut(history, size))
        if found(first):
            assert "PARTIAL_COMMAND" in codes(first)
            continue
        assert first.keep is not None
        result = of(tmp_path / f"then {size}", history, since=first.keep())
        assert not found(result)
        assert result.since == size
        assert result.signatures + first.signatures == whole.signatures
        assert result.statuses is not None
        at = history.now
        told = [(c.id, result.statuses.status(c, at)) for c in result.statuses.all()]
        assert told == [(c.id, whole.statuses.status(c, at)) for c in whole.statuses.all()]


def test_a_state_of_another_history(history: Village, tmp_path: Path) -> None:
    other = cut(history, 200)
    other.wait(days=1)
    other.learner("somebody else")
    state = of(tmp_path / "a", other).keep
    assert state is not None
    assert "LOG_FORKED" in codes(of(tmp_path / "b", history, since=state()))


def test_a_state_newer_than_the_bundle(history: Village, tmp_path: Path) -> None:
    state = of(tmp_path / "a", history).keep
    assert state is not None
    old = of(tmp_path / "b", cut(history, 212), since=state())
    assert old.outcome == Verdict.UNKNOWN
    assert "OLDER_THAN_TRUSTED" in {item.code for item in old.findings}


def test_what_a_kept_state_cannot_tell(history: Village, tmp_path: Path) -> None:
    state = state_of("staffed")
    with pytest.raises(Error, match="SINCE_TOO_LITTLE"):
        of(tmp_path / "b", stage("staffed"), since=state, moment=history.now)


def test_a_damaged_state() -> None:
    state = state_of("staffed")
    for damaged in (
        state[:-1],
        state[:90] + b"x" + state[91:],
        state + b"x",
        kept.MAGIC,
        b"",
        kept.MAGIC + b"\n\n",
    ):
        with pytest.raises(FormatError, match="STATE_INVALID"):
            kept.load(damaged)


def test_a_state_of_another_program() -> None:
    checkpoint, roots = kept.load(state_of("staffed"))
    again = kept.dump(checkpoint, roots)
    assert kept.load(again)[1].keys() == roots.keys()
    with pytest.raises(FormatError, match="STATE_INVALID"):
        kept.load(again.replace(b"Account", b"Acc0unt").replace(b"\n", b"\n", 1))
    with pytest.raises(TypeError):
        kept.dump(checkpoint, {"x": 1.5})


def test_the_command_line_keeps_and_goes_on(
    history: Village, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "policy").write_bytes(LOG.policy_bytes())
    (tmp_path / "root").write_bytes(history.root.to_bytes())
    write_bundle(tmp_path / "old", cut(history, 212).entries, LOG, history.now, links=cut(history, 212).links)
    write_bundle(tmp_path / "new", history.entries, LOG, history.now, links=history.links)
    trust = [
        "--policy",
        str(tmp_path / "policy"),
        "--root",
        str(tmp_path / "root"),
        "--now",
        times.to_text(history.now),
    ]
    state = str(tmp_path / "state")
    for arguments in (
        ["bundle", str(tmp_path / "old"), "--keep", state],
        ["bundle", str(tmp_path / "new"), "--since", state],
    ):
        with pytest.raises(SystemExit) as stopped:
            cli.main([*arguments, *trust])
        assert stopped.value.code == 0
    assert "The first 212 entries were trusted already" in capsys.readouterr().out
