"""``certverify``: checks what a ledger shows, with files and keys that came another way, and no network.

Exit codes: 0 it stands; 1 it does not; 2 that cannot be said, or the question could not be asked.
"""

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime

# Each command: the module with its add_<command>_arguments(parser) and run_<command>(args), and a line of help.
COMMANDS: dict[str, tuple[str, str]] = {
    "bundle": ("commands_audit", "replay an exported log and report what was checked"),
    "history": ("commands_history", "tell one certificate's whole story, each line with its proof"),
    "proof": ("commands_log", "check that a certificate's entry is in a witnessed log"),
    "witness": ("commands_log", "cosign a log's checkpoints as an independent witness"),
    "credential": ("commands_holder", "check a certificate's Open Badges credential"),
    "qr": ("commands_holder", "check the text of a certificate's QR code"),
    "pdf": ("commands_pdf", "check a certificate's PDF, its seal and what is attached to it"),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; nothing but the house check happens before the packages are known to be ours."""
    from verifier.errors import Error
    from verifier.house import check_house

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    args: argparse.Namespace | None = None
    try:
        check_house()
        given = sys.argv[1:] if arguments is None else list(arguments)
        args = _parser(given[:1]).parse_args(given)
        code = int(args.run(args))
        sys.stdout.flush()
    except Error as error:
        code = _complain(error.code, error.message, error.hint, as_json=bool(args and args.json))
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 2
    except KeyboardInterrupt:
        code = _complain("INTERRUPTED", "stopped before the answer was known", None, as_json=False)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        code = _complain(
            "FILE_UNUSABLE", f"{where}{error.strerror or error}", None, as_json=bool(args and args.json)
        )
    raise SystemExit(code)


def _parser(chosen: Sequence[str]) -> argparse.ArgumentParser:
    """Only the chosen command is loaded: another may need a library that is not installed."""
    parser = argparse.ArgumentParser(
        prog="certverify",
        description="Checks what a certification ledger shows, without trusting who runs it.",
        epilog="Exit code 0: it stands. 1: it does not. 2: that cannot be said.",
        allow_abbrev=False,
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    shared.add_argument(
        "--now", type=_moment, metavar="TIME", help="judge at this time (default: this machine's clock)"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (module, text) in COMMANDS.items():
        about = f"{text[0].upper()}{text[1:]}."
        command = commands.add_parser(
            name, parents=[shared], help=text, description=about, allow_abbrev=False
        )
        if name in chosen:
            loaded = importlib.import_module(f"verifier.{module}")
            getattr(loaded, f"add_{name}_arguments")(command)
            command.set_defaults(run=getattr(loaded, f"run_{name}"))
    return parser


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError("a time has the form 2026-11-23T12:00:00+08:00")
    return moment


def _complain(code: str, message: str, hint: str | None, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": {"code": code, "message": message, "hint": hint}}, ensure_ascii=False))
    else:
        from verifier.report import printable

        print(f"certverify: {code}: {printable(message)}{f' ({hint})' if hint else ''}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
