"""`certverify pdf`: a certificate's sealed PDF, checked with files only, no network.

Exit codes: 0 it stands, 1 it does not, 2 that cannot be told. With `--trust` alone the seal is checked and nothing
is said of today's status; `--root` and `--keys` add the credential, `--policy` the proof, `--status` today.
"""

import argparse
from pathlib import Path

from verifier import pdf, pdf_seal, policy, statuslist, withdrawn
from verifier.commands_holder import _key_file, _now, _read, _say
from verifier.errors import Error


def add_pdf_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `pdf`."""
    parser.add_argument("file", type=Path, help="the certificate, as a PDF")
    parser.add_argument(
        "--trust",
        type=Path,
        required=True,
        metavar="FILE",
        help="certificates (PEM) of the authorities you trust",
    )
    parser.add_argument("--root", type=Path, metavar="FILE", help="the root file you were given")
    parser.add_argument(
        "--keys",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="the key file served at /keys; again for older versions, oldest first, if custodians have changed",
    )
    parser.add_argument(
        "--policy", type=Path, metavar="FILE", help="the policy to check the proof in it with"
    )
    parser.add_argument(
        "--status", type=Path, metavar="FILE", help="the status list that the credential names, /status/<n>"
    )
    parser.add_argument(
        "--withdrawn", type=Path, metavar="FILE", help="the list served at /withdrawn, for its QR"
    )


def run_pdf(args: argparse.Namespace) -> int:
    """Answer for a PDF."""
    if bool(args.keys) != bool(args.root) or ((args.status or args.withdrawn) and not args.keys):
        raise Error(
            "ARGUMENTS_INCOMPLETE",
            "--root and --keys belong together, and --status and --withdrawn need them",
            "Give the root file and the key file.",
        )
    keys = _key_file(args.keys, args.root) if args.keys else None
    against = pdf.Against(
        roots=pdf_seal.parse_roots(_read(args.trust)),
        keys=keys,
        policy=policy.parse(_read(args.policy)) if args.policy else None,
        status=statuslist.parse(_read(args.status), keys) if args.status and keys else None,
        withdrawn=withdrawn.parse(_read(args.withdrawn), keys) if args.withdrawn and keys else None,
    )
    return _say(pdf.check(_read(args.file), against, _now(args)), as_json=args.json)
