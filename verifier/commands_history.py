"""`certverify history`: one certificate's whole story from a bundle, once the bundle is audited."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from verifier import b64, history, report
from verifier.answer import Verdict
from verifier.audit_result import Audit
from verifier.bundle import Bundle
from verifier.commands_audit import add_trust, audited
from verifier.errors import Error
from verifier.history import Line
from verifier.rules.certificate import Certificate
from verifier.terminal import style_of


def add_history_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `history`."""
    parser.add_argument("certificate", help="the certificate's id or its number")
    parser.add_argument(
        "--bundle",
        type=Path,
        required=True,
        metavar="FOLDER",
        dest="folder",
        help="the folder that was exported",
    )
    parser.add_argument("--all", action="store_true", help="tell every session, unit and item as well")
    add_trust(parser)


def run_history(args: argparse.Namespace) -> int:
    """Audit the bundle, then tell the story; the exit code is the audit's."""
    names: dict[str, str] = {}
    result = audited(args, names)
    bundle = Bundle(args.folder)
    certificate = result.statuses.find(args.certificate)
    if certificate is None or result.rulebook is None:
        raise Error(
            "CERTIFICATE_UNKNOWN",
            f"no certificate {args.certificate[:80]!r} was issued in this log",
            _why(result),
        )
    link = history.link_of(bundle, certificate)
    wanted = history.streams(result.rulebook, certificate, link)
    lines = list(history.tell(bundle, result, wanted, everything=args.all))
    status = report.status_of(result.statuses, certificate, result.now)
    if args.json:
        sys.stdout.write(
            json.dumps(_to_json(result, certificate, status, link, lines, names), ensure_ascii=False) + "\n"
        )
    else:
        sys.stdout.write(_to_text(result, certificate, status, link, lines, names))
    return int(result.outcome)


def _why(result: Audit) -> str | None:
    return (
        None if result.outcome == Verdict.STANDS else "The audit found faults; certverify bundle tells them."
    )


def _to_json(
    result: Audit,
    certificate: Certificate,
    status: str,
    link: Any,
    lines: list[Line],
    names: Mapping[str, str],
) -> dict[str, Any]:
    return {
        "verdict": result.outcome.name,
        "certificate": certificate.id,
        "number": report.printable(certificate.number),
        "kind": certificate.kind,
        "status": status,
        "predecessor": result.predecessor,
        "linked": link is not None,
        "lines": [
            {
                "entry": line.index,
                "recorded_at": line.recorded_at,
                "occurred_at": line.occurred_at,
                "staff": line.staff,
                "name": names.get(line.staff),
                "role": line.role,
                "org": line.org,
                "stream": line.stream,
                "type": line.type,
                "text": report.printable(line.text),
                "proof": [b64.encode(node) for node in line.proof],
            }
            for line in lines
        ],
    }


def _to_text(
    result: Audit,
    certificate: Certificate,
    status: str,
    link: Any,
    lines: list[Line],
    names: Mapping[str, str],
) -> str:
    style = style_of(sys.stdout)
    tone = {"STANDS": "good", "DOES_NOT_STAND": "wrong"}.get(result.outcome.name, "unknown")
    shown = [
        style(tone, report.HEADLINES[result.outcome]),
        f"{certificate.kind} {report.printable(certificate.number)} (certificate/{certificate.id}): {status}",
    ]
    if result.predecessor is not None:
        shown.append(f"The log: {report.continues(result.predecessor)}")
    if link is None:
        shown.append(
            "Nothing leads from it to the training or decision that it rests on: that way was "
            "destroyed, or not handed over."
        )
    shown.append("")
    for line in lines:
        who = report.printable(names.get(line.staff) or f"staff/{line.staff}")
        when = (
            line.recorded_at
            if line.occurred_at == line.recorded_at
            else f"{line.recorded_at} (of {line.occurred_at})"
        )
        shown.append(f"{when}  {who}, {line.role}: {report.printable(line.text)}")
        shown.append(
            style(
                "dim",
                f"    {report.printable(line.stream)}, entry {line.index}, in the signed tree by "
                f"{len(line.proof)} hashes",
            )
        )
    return "\n".join(shown) + "\n"
