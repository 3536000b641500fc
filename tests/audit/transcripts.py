"""Writes tests/audit/transcripts: what `certverify` says at a terminal's prompt, to be read when it changes.

    python -m tests.audit.transcripts

A transcript holds commands, each after `$ `, with all that each writes and its exit code. The test runs the same
commands in the same folder and wants the same words. The folder holds what `scene` makes.
"""

import contextlib
import io
import json
import os
import re
import shlex
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.audit.auditing import LOG
from tests.audit.broken import stage
from tests.audit.bundling import write_bundle
from tests.audit.scribe import Said
from tests.audit.test_facts_and_status import issue_index, line
from tests.audit.village import BLK, Village, s
from verifier import cli, merkle, note, personal_file, proof
from verifier.checkpoint import Checkpoint
from verifier.rootfile import RootFile

FOLDER = Path(__file__).parent / "transcripts"
WIDTH = "1000"
"""Columns of the terminal: Python's versions break the lines of help at different places."""

_AFTER_9999 = 253402300800
_COMMAND = re.compile(r"^\$ certverify (.*)\n", re.MULTILINE)


def scene(folder: Path) -> None:
    """Fill a folder: a policy, a root file, named facts, and bundles that are named by what is the matter with them."""
    v = stage("certified")
    name, committed = line(s("staff", "guest"), "name", "Désirée \x1bFiktif")
    asked = v.ask(
        "one",
        s("staff", "guest"),
        "staff.registration_requested",
        {"name": committed, "same_person_as": None},
    )
    v.by("two", Said(s("staff", "guest"), "staff.registered", {"same_person_as": None, "request": asked}))
    v.grant("guest", "training_issuer", BLK)
    v.enrol("guest")
    v.people["guest"] = ("training_issuer", BLK)
    v.print("ana t")
    suspended = Said(
        s("certificate", "ana t"),
        "certificate.suspended",
        {"reason": "COMPLAINT_OPEN"},
        "2031-03-22T03:00:00Z",
    )
    v.by("guest", suspended)
    (folder / "policy").write_bytes(LOG.policy_bytes())
    (folder / "root").write_bytes(v.root.to_bytes())
    (folder / "passphrase").write_bytes(b"correct horse\r\n")
    with (folder / "personal.jsonl").open("wb") as file:
        header = personal_file.Header(date(2031, 12, 31), v.origin)
        personal_file.write(
            [name], file.write, "correct horse", header, personal_file.Cost(memory=8, iterations=1)
        )
    _bundle(folder / "sound", v)
    (folder / "empty").mkdir()
    no_tile = write_bundle(folder / "no-tile", v.entries[:3], LOG, v.now)
    (no_tile / "tile/entries/000.p/3").unlink()
    no_checkpoint = write_bundle(folder / "no-checkpoint", v.entries[:3], LOG, v.now)
    (no_checkpoint / "checkpoint").write_bytes(b"This is none.\n")
    _proofs(folder, v)
    v.links.clear()
    _bundle(folder / "no-links", v)
    v.attend("ana", session=9, who="printer")
    _bundle(folder / "faulty", v)


def _bundle(folder: Path, v: Village) -> None:
    write_bundle(folder, v.entries, LOG, v.now, links=v.links or None)


def _proofs(folder: Path, v: Village) -> None:
    """Write the proof of a certificate's issue, as its page gives it and as it must not be."""
    index, leaves = issue_index(v, "ana t"), [merkle.leaf_hash(entry) for entry in v.entries]
    entry, path = v.entries[index], tuple(merkle.inclusion_proof(leaves, index))
    kept = {
        name: proof.Proof(index, path, LOG.checkpoint(leaves, time, cosigned=by), extra).to_bytes()
        for name, time, by, extra in (
            ("proof", v.now, 2, entry),
            ("proof-seen-by-one", v.now, 1, entry),
            ("proof-of-a-far-future", _AFTER_9999, 2, entry),
            ("bare-proof", v.now, 2, None),
        )
    }
    ahead = Checkpoint(v.origin, len(leaves), merkle.root(leaves)).to_text()
    signed = [LOG.key.sign(ahead), *(LOG.witnesses[n].sign(ahead, v.now + 7200 * n) for n in (1, 0))]
    made = proof.Proof(index, path, note.Note(ahead, tuple(signed)).to_bytes(), entry)
    served = {"entry": entry.decode(), "proof": kept["proof"].decode()}
    kept |= {
        "entry": entry,
        "other-entry": v.entries[index - 1],
        "served": json.dumps(served).encode(),
        "proof-half-ahead": made.to_bytes(),
        "served-deep": b'{"entry":' + b"[" * 200_000,
        "served-cut": json.dumps(served).encode()[:-1],
        "served-without-entry": json.dumps({"proof": served["proof"]}).encode(),
        "half-a-letter": json.dumps(served | {"entry": "\ud800"}).encode(),
        "other-root": RootFile("other.example/log", v.root.keys).to_bytes(),
        "policy-without-quorum": re.sub(rb"quorum .*", b"quorum none", LOG.policy_bytes()),
    }
    for name, data in kept.items():
        (folder / name).write_bytes(data)


def commands(transcript: str) -> list[str]:
    """The commands of a transcript."""
    return _COMMAND.findall(transcript)


def run(command: str) -> str:
    """Run one here, and return what a transcript says of it."""
    out, error, code = io.StringIO(), io.StringIO(), None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        try:
            cli.main(shlex.split(command))
        except SystemExit as stopped:
            code = stopped.code
    said = f"{out.getvalue()}{error.getvalue()}"
    return f"$ certverify {command}\n{said}[{code}]\n"


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        scene(Path(made))
        os.chdir(made)
        os.environ["COLUMNS"] = WIDTH
        for file in sorted(FOLDER.glob("*.txt")):
            found = commands(file.read_text(encoding="utf-8"))
            file.write_text("\n".join(run(command) for command in found), encoding="utf-8")
