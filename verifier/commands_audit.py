"""`certverify bundle`: the audit of an exported log, as text, JSON and one HTML file."""

import argparse
import getpass
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from verifier import jcs, personal_file, policy, report, report_page, rootfile, times
from verifier.answer import Verdict
from verifier.audit_result import DAY, Audit, Request
from verifier.bundle import Bundle
from verifier.errors import Error, FormatError
from verifier.finding import Kind
from verifier.named import ReadLines
from verifier.replay import audit
from verifier.rules.world import Settings
from verifier.terminal import progress, style_of

_FILE_LIMIT = 1 << 20
_JOBS_LIMIT = 256
_MOST = 100_000
_SETTINGS = frozenset(
    {"backdate_days", "teaching_lookback_months", "appeal_working_days", "request_due_hours", "holidays"}
)


def add_bundle_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `bundle`."""
    parser.add_argument("folder", type=Path, help="the folder that was exported")
    add_trust(parser)
    parser.add_argument(
        "--since",
        type=Path,
        metavar="FILE",
        help="verify only what came after this checkpoint, or kept state, which you trust",
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FILE", help="keep the state here, for --since of the next audit"
    )
    parser.add_argument(
        "--at", metavar="MOMENT", help="show every certificate's status as it was at this time"
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="also write the report as one HTML file")


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Declare what every audit needs: what it is checked against, and how it is judged."""
    parser.add_argument(
        "--policy",
        type=Path,
        required=True,
        metavar="FILE",
        help="the policy file you were given: log and witnesses",
    )
    parser.add_argument(
        "--root",
        type=Path,
        required=True,
        metavar="FILE",
        help="the root file you were given: the founders' keys",
    )
    parser.add_argument(
        "--max-age",
        type=_age,
        default=DAY,
        metavar="AGE",
        help="how long ago a quorum may have confirmed it (default 24h)",
    )
    parser.add_argument(
        "--personal", type=Path, metavar="FILE", help="the encrypted personal.jsonl, for names and facts"
    )
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="its passphrase (default: ask)")
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="the institution's limits and holidays, as JSON"
    )
    parser.add_argument(
        "--jobs",
        type=_jobs,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes that verify (default: one a core)",
    )


def run_bundle(args: argparse.Namespace) -> int:
    """Audit a bundle and print the report."""
    names: dict[str, str] = {}
    result = audited(args, names)
    data = report.to_json(result, names)
    if args.html:
        args.html.write_text(report_page.to_html(data), encoding="utf-8")
    if args.keep and result.keep is not None and result.outcome != Verdict.DOES_NOT_STAND:
        args.keep.write_bytes(result.keep())
    if args.json:
        sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(_text(result, data, args))
    return int(result.outcome)


def _text(result: Audit, data: dict[str, object], args: argparse.Namespace) -> str:
    if result.verdict is None and not result.entries:
        # Nothing could even begin: one line says it all.
        finding = next(item for kind in (Kind.WRONG, Kind.UNKNOWN) for item in result.findings.of(kind))
        return f"{report.HEADLINES[result.outcome]} {finding.code}: {report.printable(finding.message)}\n"
    text = report.to_text(data, style_of(sys.stdout))
    if args.at:
        text += "\n".join(report.status_lines(data)) + "\n"
    return text


def audited(args: argparse.Namespace, names: dict[str, str]) -> Audit:
    """Run the audit that the arguments ask for; `names` is filled with names of staff, where there are any.

    Raises Error for arguments that cannot be used.
    """
    root = rootfile.parse(read_file(args.root))
    request = Request(
        root=root,
        policy=policy.parse(read_file(args.policy)),
        now=now_of(args),
        max_age=args.max_age,
        moment=times.parse_moment(args.at) if getattr(args, "at", None) else None,
        settings=_settings(args.settings) if args.settings else Settings(),
        jobs=args.jobs,
        since=args.since.read_bytes() if getattr(args, "since", None) else None,
        named=_named(args, root.origin) if args.personal else None,
    )
    result = audit(Bundle(args.folder), request, progress("verifying"))
    names.update(result.names)
    return result


def _named(args: argparse.Namespace, origin: str) -> ReadLines:
    """Return what reads the named facts' lines from the beginning."""
    if args.passphrase_file:
        passphrase = read_file(args.passphrase_file).decode("utf-8", "replace").rstrip("\r\n")
    elif sys.stdin.isatty():
        passphrase = getpass.getpass("Passphrase of the personal facts: ")
    else:
        raise Error("PASSPHRASE_MISSING", "the personal facts are encrypted", "Give --passphrase-file FILE.")

    def read() -> Iterator[bytes]:
        with args.personal.open("rb") as file:
            header, lines = personal_file.read(file, passphrase)
            if header.origin != origin:
                raise Error("PERSONAL_FILE_OTHER", f"the personal facts are of the log {header.origin}")
            yield from lines

    return read


def _settings(path: Path) -> Settings:
    value = jcs.decode(read_file(path).strip())
    if type(value) is not dict or not value.keys() <= _SETTINGS:
        raise FormatError(
            "SETTINGS_INVALID", f"settings are an object with some of {', '.join(sorted(_SETTINGS))}"
        )
    holidays = value.pop("holidays", None)
    counts = all(type(number) is int and 0 <= number <= _MOST for number in value.values())
    listed = holidays is None or (type(holidays) is list and all(map(times.is_day, holidays)))
    if not counts or not listed:
        raise FormatError("SETTINGS_INVALID", "a setting is no number, or a holiday no day YYYY-MM-DD")
    return Settings(**value, holidays=None if holidays is None else frozenset(holidays))


def _age(text: str) -> int:
    try:
        return times.parse_age(text)
    except Error as error:
        raise argparse.ArgumentTypeError(error.message) from None


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _JOBS_LIMIT:
        raise argparse.ArgumentTypeError(f"a number of processes from 1 to {_JOBS_LIMIT}")
    return int(text)


def now_of(args: argparse.Namespace) -> int:
    """Return the time to judge at, POSIX seconds."""
    return int(args.now.timestamp()) if args.now else int(time.time())


def read_file(path: Path) -> bytes:
    """Return a small file's bytes. Raises Error FILE_UNREADABLE or FILE_TOO_LARGE."""
    try:
        with path.open("rb") as file:
            data = file.read(_FILE_LIMIT + 1)
    except OSError as error:
        raise Error("FILE_UNREADABLE", f"{path} cannot be read: {error.strerror}") from None
    if len(data) > _FILE_LIMIT:
        raise Error("FILE_TOO_LARGE", f"{path} is larger than {_FILE_LIMIT} bytes")
    return data
