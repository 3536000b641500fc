"""`certverify qr` and `certverify credential`: what a holder shows, checked with files only, no network.

Each command has `add_…_arguments(parser)` and `run_…(args)`, which prints the answer and returns the exit
code: 0 it stands, 1 it does not, 2 that cannot be told. Errors of this package's kind are raised for the
command line to tell: a file that is missing or not to be believed is no answer about the certificate.

`args` also has `json` (print one JSON document) and `now` (an aware moment, or None for the system's clock).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from verifier import credential, keyfile, policy, proof, qr, rootfile, statuslist, withdrawn
from verifier.answer import Answer
from verifier.entry import parse_entry
from verifier.errors import Error

_LIMIT = 64 << 20
_QR_LIMIT = 4096


def add_qr_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `qr`."""
    parser.add_argument(
        "text", help="the QR's whole text, as a scanner reads it; - reads it from standard input"
    )
    _add_trust(parser)
    parser.add_argument("--withdrawn", type=Path, metavar="FILE", help="the list served at /withdrawn")


def add_credential_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `credential`."""
    parser.add_argument("file", type=Path, help="the credential, served at /v/<code>/credential.json")
    _add_trust(parser)
    parser.add_argument(
        "--status", type=Path, metavar="FILE", help="the status list that it names, /status/<n>"
    )
    parser.add_argument("--entry", type=Path, metavar="FILE", help="the log's entry of its issue")
    parser.add_argument("--proof", type=Path, metavar="FILE", help="that entry's .tlog-proof")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="the policy to check that proof with")


def run_qr(args: argparse.Namespace) -> int:
    """Answer for a QR's text."""
    keys = _key_file(args.keys, args.root)
    listed = withdrawn.parse(_read(args.withdrawn), keys) if args.withdrawn else None
    text = sys.stdin.read(_QR_LIMIT).strip() if args.text == "-" else args.text
    return _say(qr.check(text, keys, listed, _now(args)), as_json=args.json)


def run_credential(args: argparse.Namespace) -> int:
    """Answer for a credential."""
    keys = _key_file(args.keys, args.root)
    status = statuslist.parse(_read(args.status), keys) if args.status else None
    issuance = _issuance(args)
    answer = credential.check(_read(args.file), keys, status, _now(args), issuance)
    return _say(answer, as_json=args.json)


def _add_trust(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--root", type=Path, required=True, metavar="FILE", help="the root file you were given"
    )
    parser.add_argument(
        "--keys",
        type=Path,
        required=True,
        action="append",
        metavar="FILE",
        help="the key file served at /keys; again for older versions, oldest first, if custodians have changed",
    )


def _key_file(paths: Sequence[Path], root: Path) -> keyfile.KeyFile:
    trust = keyfile.Trust.of_root(rootfile.parse(_read(root)))
    file = keyfile.parse(_read(paths[0]), trust)
    for path in paths[1:]:
        trust = trust.after(file)
        file = keyfile.parse(_read(path), trust)
    return file


def _issuance(args: argparse.Namespace) -> credential.Issuance | None:
    given = (args.entry, args.proof, args.policy)
    if not any(given):
        return None
    if not all(given):
        raise Error(
            "ARGUMENTS_INCOMPLETE", "--entry, --proof and --policy belong together", "Give all three."
        )
    entry, parsed = _read(args.entry), proof.parse(_read(args.proof))
    parsed.verify(entry, policy.parse(_read(args.policy)))
    return credential.Issuance(parsed.index, parse_entry(entry).payload)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT + 1)
    except OSError as error:
        raise Error("FILE_UNREADABLE", f"{path} cannot be read: {error.strerror}") from None
    if len(data) > _LIMIT:
        raise Error("FILE_TOO_LARGE", f"{path} is larger than {_LIMIT} bytes")
    return data


def _now(args: argparse.Namespace) -> datetime:
    return args.now or datetime.now(UTC)


def _say(answer: Answer, *, as_json: bool) -> int:
    if as_json:
        lines = [json.dumps(answer.to_json(), ensure_ascii=False)]
    else:
        lines = [f"{answer.verdict.name.replace('_', ' ')}: {answer.message} [{answer.code}]"]
        for name, value in answer.facts.items():
            text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
            lines += [] if value is None else [f"  {name.replace('_', ' ')}: {_printable(str(text))}"]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(answer.verdict)


def _printable(text: str) -> str:
    """Text of a stranger, without what would move a terminal's cursor."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
