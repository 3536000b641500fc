"""The commands of ``certledger``, each a thin wrapper that opens the data folder and prints what came of it."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer
from eventsourcing.persistence import PersistenceError

from api.accounts import Account
from api.composition import open_house
from api.demo import DEMO, is_demo
from api.demo import build as build_demo
from api.demo import require_same as require_same_demo
from api.desk import AccountDesk
from api.founding import Custodian, Founding, found
from api.key_commands import keys
from api.log_commands import export_log, fsck, rebuild, restore
from api.metrics import serve_metrics
from api.options import DEFAULT_DATA, AsJson, Data
from api.passphrases import passphrase_of, read_passphrases
from api.printing import Request, names_in, print_batch, told, told_json
from api.serving import serve_house
from api.succession import predecessor_in, succeed
from api.terminal import complain, progress, say, say_json
from keys.errors import Error as KeysError
from ledger.commands.printing import ORIGINAL
from ledger.domain.staff import Staff
from ledger.errors import DomainError
from ledger.errors import Error as LedgerError
from ledger.programme.runner import Runner
from ledger.programme.steps import read_commands
from ledger.rulebook import Rulebook
from verifier.errors import Error as VerifierError
from verifier.rootfile import FOUNDERS

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)

SAMPLE = Path(__file__).resolve().parent.parent / "sample" / "programme-2026.json"


def run() -> None:
    """Run the command line and turn every error of ours into a message and exit code 2."""
    as_json = "--json" in sys.argv
    try:
        app()
    except (LedgerError, KeysError, VerifierError) as error:
        complain(error.code, error.message, error.hint, as_json=as_json)
        raise SystemExit(2) from None
    except (PersistenceError, sqlite3.Error) as error:
        hint = "Look at the database: space, rights, connection; then `certledger fsck`."
        complain(
            "STORE_FAILED", f"the event store cannot be used: {_first_line(error)}", hint, as_json=as_json
        )
        raise SystemExit(2) from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        complain("SYSTEM", f"{where}{error.strerror or error}", None, as_json=as_json)
        raise SystemExit(2) from None

    except Exception as error:
        if os.environ.get("CERTLEDGER_DEBUG"):
            raise
        hint = "This is a fault of certledger. CERTLEDGER_DEBUG=1 shows where; please report it."
        complain("INTERNAL", f"{type(error).__name__}: {_first_line(error)}", hint, as_json=as_json)
        raise SystemExit(2) from None


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


@app.command()
def init(
    rulebook: Annotated[Path, typer.Option(help="Reason codes, number formats, limits: a rulebook.json.")],
    base_url: Annotated[str, typer.Option(help="The public address, e.g. https://sertifikat.example.id.")],
    origin: Annotated[str, typer.Option(help="The log's name, e.g. sertifikat.example.id/log.")],
    custodian: Annotated[list[str], typer.Option(help="The two founding key custodians' account names.")],
    data: Data = DEFAULT_DATA,
    database: Annotated[
        str | None, typer.Option(help="A PostgreSQL URL; SQLite in the folder if absent.")
    ] = None,
    contact: Annotated[
        str | None,
        typer.Option(help="Where people report a forgery, as they read it; the issuer if absent."),
    ] = None,
    succeeds: Annotated[
        Path | None,
        typer.Option(help="The data folder of a ledger that ended in favour of this origin (`succeed`)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Found a new ledger: two custodians choose their passphrases, the root file and entries 0 and 1 are made."""
    if len(set(custodian)) != FOUNDERS:
        raise DomainError("VALUE_INVALID", "name two different custodians", "Give --custodian twice.")
    try:
        rules = Rulebook.model_validate_json(rulebook.read_bytes())
    except ValueError as error:
        what = " ".join(str(error).split("\n")[:3])
        raise DomainError("VALUE_INVALID", f"{rulebook} is no rulebook: {what}") from None
    predecessor = predecessor_in(succeeds, origin) if succeeds else None
    one, two = (Custodian(name, passphrase_of(name, confirm=True)) for name in custodian)
    founding = Founding(
        origin, base_url, rules, (one, two), database=database, contact=contact, predecessor=predecessor
    )
    with found(data, founding) as house:
        root = house.folder.path / "root"
    if as_json:
        say_json({"origin": origin, "root": str(root)})
    else:
        say(f"Founded {origin} in {data}. Give verifiers this root file: {root}")


@app.command()
def account(
    username: Annotated[str, typer.Argument(help="The name to sign in with.")],
    staff: Annotated[str, typer.Option(help="The staff id that RegisterStaff gave.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Make a registered person's key and account, and print what RequestKeyEnrolment needs to enrol the key.

    The person chooses the passphrase. The key signs nothing until two custodians have enrolled it.
    """
    with open_house(data) as house:
        if house.application.find(Staff, staff) is None:
            raise DomainError("UNKNOWN_ID", f"no person with the staff id {staff} is registered")
        if any(each.username == username for each in house.accounts.all()):
            raise DomainError("VALUE_INVALID", f"there is an account named {username!r} already")
        desk = AccountDesk(house, lambda name: passphrase_of(name, confirm=True))
        info, proof = desk.make_key(username, staff)
        house.accounts.add(Account(username, staff, info.thumbprint))
        say_json(
            {
                "staff": staff,
                "jwk": info.jwk,
                "alg": info.alg,
                "custody": info.custody,
                "possession": proof,
            }
        )


@app.command()
def serve(
    data: Data = DEFAULT_DATA,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(help="Port; by default the one of the base URL, or 8000.")
    ] = None,
    metrics_port: Annotated[
        int | None, typer.Option(help="Also serve Prometheus metrics on this loopback port.")
    ] = None,
) -> None:
    """Serve the public page and the staff's JSON API."""
    with open_house(data) as house:
        if metrics_port is not None:
            serve_metrics(house, metrics_port)
        serve_house(house, host, port)


@app.command()
def demo(
    data: Data = Path("demo-data"),
    sample: Annotated[
        Path | None,
        typer.Option(help="A programme file; by default the invented year that comes with the project."),
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port, also in every QR; 8000 if absent.")
    ] = None,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve it once it is built.")] = True,
    as_json: AsJson = False,
) -> None:
    """Run a whole programme through the same commands that staff use, write demo.json, and serve it."""
    if is_demo(data):
        require_same_demo(data, sample, port)
        written, told = data / DEMO, f"{data} holds a finished demonstration; going on with it."
    else:
        file = sample or SAMPLE
        with progress(f"running {file.name}") as moved:
            written = build_demo(data, file, port or 8000, moved)
        told = f"Built {written}: accounts, certificates and what was refused are listed there."
    if as_json:
        say_json({"demo": str(written)})
    else:
        say(told)
    if serve:
        with open_house(data) as house:
            serve_house(house, "127.0.0.1", None)


@app.command("run")
def run_file(
    file: Annotated[Path, typer.Argument(help="A file of commands (JSON or JSON Lines).")],
    data: Data = DEFAULT_DATA,
    passphrases: Annotated[
        Path | None, typer.Option(help="A JSON file {account: passphrase}; asked for when absent.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Give the commands of a file, each signed by the person it names. Running it again repeats nothing."""
    steps = read_commands(file)
    known = read_passphrases(passphrases)
    with open_house(data) as house:
        desk = AccountDesk(house, lambda name: known.get(name) or passphrase_of(name))
        runner = Runner(house.ledger, desk, sha256(file.read_bytes()).hexdigest())
        outcomes = []
        with progress("commands") as moved:
            for number, step in enumerate(steps, start=1):
                outcomes.append(runner.run(step))
                moved(number, len(steps))
    if as_json:
        say_json(
            [
                {"command": each.step.command, "result": each.result, "refused": each.refused}
                for each in outcomes
            ]
        )
        return
    for each in outcomes:
        what = (
            f"refused as expected: {each.refused}"
            if each.refused
            else json.dumps(each.result, ensure_ascii=False)
        )
        say(f"{each.step.command} by {each.step.by}: {what}")


@app.command("print")
def print_certificates(
    folder: Annotated[Path, typer.Argument(help="An empty or new folder for what is made.")],
    certificates: Annotated[
        list[str] | None, typer.Argument(help="Certificates by number or code, in the order of the forms.")
    ] = None,
    *,
    by: Annotated[str, typer.Option(help="The print operator's account.")],
    first_form: Annotated[str, typer.Option(help="The serial of the blank form for the first certificate.")],
    named_in: Annotated[
        Path | None, typer.Option("--from", help="A file with more of them, one a line.")
    ] = None,
    reason: Annotated[
        str, typer.Option(help="For copies after the first: why, a code of the rulebook.")
    ] = ORIGINAL,
    previous_accounted: Annotated[
        bool, typer.Option("--previous-accounted", help="The copies before these are accounted for.")
    ] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Print certificates on blank forms, each recorded: a print file, a zip of sealed PDFs, a list of the forms."""
    request = Request(
        by=by,
        certificates=[*(certificates or ()), *(names_in(named_in) if named_in else ())],
        first_form=first_form,
        reason=reason,
        previous_accounted=previous_accounted,
    )
    with open_house(data) as house, progress("certificates") as moved:
        printed = print_batch(house, AccountDesk(house, passphrase_of), request, folder, moved)
    if as_json:
        say_json(told_json(printed))
    else:
        say(told(printed))
    if printed.batch.stopped is not None:
        raise typer.Exit(1)


app.command("export")(export_log)
for command in (restore, fsck, rebuild, succeed):
    app.command()(command)
app.add_typer(keys, name="keys")
