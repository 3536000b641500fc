"""`certverify proof` and `certverify witness`: a certificate's place in the log, and a witness of one's own.

A proof is the JSON that a certificate's page serves at /v/<code>/proof, or the `.tlog-proof` file beside it
with the entry in its `extra` line; or a plain `.tlog-proof` with `--entry`.
"""

import argparse
import json
import sys
from pathlib import Path

from verifier import policy, proof, rootfile, times, witness_server
from verifier.answer import Answer, Verdict
from verifier.commands_audit import now_of, read_file
from verifier.entry import parse_entry
from verifier.errors import Error, FormatError
from verifier.report import printable
from verifier.structure import CLOCK_SKEW


def add_proof_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `proof`."""
    parser.add_argument("file", type=Path, help="the proof, as a certificate's page gives it")
    parser.add_argument(
        "--entry", type=Path, metavar="FILE", help="the entry, where the proof does not hold it"
    )
    parser.add_argument(
        "--policy", type=Path, required=True, metavar="FILE", help="the policy file you were given"
    )
    parser.add_argument(
        "--root", type=Path, metavar="FILE", help="the root file you were given, to compare the log's name"
    )


def run_proof(args: argparse.Namespace) -> int:
    """Check that an entry is in a log that the policy trusts, and that a quorum has witnessed it."""
    entry, parsed = _read(args)
    trusted = policy.parse(read_file(args.policy))
    answer = answer_proof(entry, parsed, trusted, now_of(args))
    if args.root and answer.verdict != Verdict.DOES_NOT_STAND:
        origin = rootfile.parse(read_file(args.root)).origin
        if answer.facts["log"] != origin:
            answer = Answer(
                Verdict.DOES_NOT_STAND, "ORIGIN_DIFFERS", f"the proof is of another log than {origin}"
            )
    if args.json:
        sys.stdout.write(json.dumps(answer.to_json(), ensure_ascii=False) + "\n")
    else:
        lines = [f"{answer.verdict.name.replace('_', ' ')}: {answer.message} [{answer.code}]"]
        lines += [
            f"  {name.replace('_', ' ')}: {printable(str(value))}" for name, value in answer.facts.items()
        ]
        sys.stdout.write("\n".join(lines) + "\n")
    return int(answer.verdict)


def _read(args: argparse.Namespace) -> tuple[bytes, proof.Proof]:
    data = read_file(args.file)
    if data.startswith(b"{"):
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            value = None
        match value:
            case {"entry": str(entry), "proof": str(text)}:
                try:
                    return entry.encode(), proof.parse(text.encode())
                except UnicodeEncodeError:
                    pass
        raise FormatError("PROOF_INVALID", "not the JSON of a certificate's proof")
    parsed = proof.parse(data)
    entry_bytes = read_file(args.entry) if args.entry else parsed.extra
    if entry_bytes is None:
        raise Error("ENTRY_MISSING", "this proof does not hold its entry", "Give --entry FILE.")
    return entry_bytes, parsed


def answer_proof(entry: bytes, parsed: proof.Proof, trusted: policy.Policy, now: int) -> Answer:
    """Say whether an entry is proven to be in a log that this policy trusts, at a time in POSIX seconds."""
    try:
        payload = parse_entry(entry).payload
        verdict = parsed.verify(entry, trusted)
    except Error as error:
        return Answer(Verdict.DOES_NOT_STAND, error.code, error.message)
    head = verdict.checkpoint
    facts = {
        "log": head.origin,
        "entry": parsed.index,
        "log_size": head.size,
        "event": payload.type,
        "stream": payload.stream,
        "recorded_at": payload.recorded_at,
        "witnesses": {
            name: times.to_text(min(time, _LATEST)) for name, time in sorted(verdict.times.items())
        },
    }
    if any(time > now + CLOCK_SKEW for time in verdict.times.values()):
        return Answer(Verdict.UNKNOWN, "WITNESSED_IN_FUTURE", "a witness's time has not come yet", facts)
    if not verdict.witnessed or trusted.quorum is None:
        message = f"the entry is in the log, but {len(verdict.times)} witnesses are too few to know that others see it"
        return Answer(Verdict.UNKNOWN, "NOT_WITNESSED", message, facts)
    return Answer(
        Verdict.STANDS,
        "PROVEN",
        "the entry is in the log, and a quorum of witnesses has seen it there",
        facts,
    )


_LATEST = 253402300799  # the end of the year 9999


def add_witness_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `witness`."""
    parser.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="the witness's key; made if it is not there"
    )
    parser.add_argument(
        "--state", type=Path, required=True, metavar="FILE", help="what was cosigned; back it up with the key"
    )
    parser.add_argument("--name", metavar="NAME", help="the witness's name, for a new key")
    parser.add_argument(
        "--log", action="append", default=[], metavar="VKEY", help="a log to witness; may be repeated"
    )
    parser.add_argument("--policy", type=Path, metavar="FILE", help="take the logs from this policy file")
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen (default 127.0.0.1)"
    )
    parser.add_argument(
        "--port", type=_port, default=8765, metavar="N", help="which port (default 8765; 0 takes a free one)"
    )
    parser.add_argument("--prefix", default="", metavar="PATH", help="what stands before /add-checkpoint")


def run_witness(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    witness_server.run_witness(
        args.key,
        args.state,
        logs=args.log,
        policy_file=args.policy,
        name=args.name,
        host=args.host,
        port=args.port,
        prefix=args.prefix,
        announce=_announce,
    )
    return 0


def _announce(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:  # noqa: PLR2004 - the largest port there is
        raise argparse.ArgumentTypeError("a port from 0 to 65535")
    return int(text)
