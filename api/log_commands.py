"""The commands that look at the whole log, carry it out of the folder and bring it back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.auditing import export_bundle, published_lists, restore_entries, told_export, told_recovery
from api.composition import open_house
from api.options import DEFAULT_DATA, AsJson, Data
from api.passphrases import passphrase_of
from api.terminal import progress, say, say_json
from ledger.errors import DomainError, StoreError
from ledger.fsck import Finding
from ledger.fsck import fsck as check_store
from ledger.log.export import Named
from ledger.rebuild import rebuild as rebuild_projections


def export_log(
    folder: Annotated[Path, typer.Argument(help="An empty or new folder for the auditor.")],
    *,
    data: Data = DEFAULT_DATA,
    named: Annotated[
        bool, typer.Option("--named", help="Also the names, encrypted under a passphrase.")
    ] = False,
    destroy_by: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="By when the auditor must destroy the names."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write what an auditor needs to replay the whole history offline with certverify."""
    if named and destroy_by is None:
        raise DomainError("VALUE_INVALID", "names go out with a date", "Give --destroy-by YYYY-MM-DD.")
    with open_house(data) as house, progress("entries") as moved:
        facts = (
            Named(passphrase_of("export", confirm=True), destroy_by.date()) if named and destroy_by else None
        )
        done = export_bundle(
            house, house.room, folder, files=published_lists(house), named=facts, progress=moved
        )
    if as_json:
        say_json(asdict(done))
    else:
        say(told_export(done, folder, house.room.succession))


def restore(
    source: Annotated[Path, typer.Argument(help="A published log folder, or an auditor's export.")],
    *,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Append the entries that the source has and the database has lost, until the witnessed root is met."""
    with open_house(data, alone=True, as_it_is=True) as house, progress("entries") as moved:
        done = restore_entries(house, house.room, source, progress=moved)
        house.room.check()
    if as_json:
        say_json(asdict(done))
    else:
        say(told_recovery(done))
    if done.known > done.size:
        raise typer.Exit(1)


def fsck(*, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Read the whole store and name the first entry that is wrong, and how."""
    with open_house(data, as_it_is=True) as house, progress("entries") as moved:
        count, finding = check_store(house.application, house.queries, house.folder.root, progress=moved)
        if finding is None:
            try:
                house.room.check(ask_witnesses=False)
            except StoreError as error:  # sound in itself, and not what was signed or published before
                finding = Finding(count, "checkpoint", error.code, error.message)
    if as_json:
        found_json = finding and {"index": finding.index, "place": finding.place, "code": finding.code}
        say_json({"entries": count, "finding": found_json, "message": finding and finding.message})
    elif finding is None:
        say(
            f"{count} entries read: every one is as it was signed, in its place, and the tree's root is right."
        )
    else:
        say(f"Entry {finding.index} ({finding.place}) is wrong. {finding.code}: {finding.message}")
    if finding is not None:
        raise typer.Exit(1)


def rebuild(*, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Derive every projection again from the log and prove that it comes out equal."""
    with open_house(data, alone=True) as house, progress("events") as moved:
        rebuilt = rebuild_projections(house.application, progress=moved)
    differing = {table: count for table, count in rebuilt.differing.items() if count}
    if as_json:
        say_json({"events": rebuilt.events, "differing": differing})
    elif differing:
        rows = ", ".join(f"{table}: {count} rows" for table, count in differing.items())
        say(f"{rebuilt.events} events projected. These tables differed and were put right: {rows}.")
    else:
        say(f"{rebuilt.events} events projected: every table came out equal.")
    if differing:
        raise typer.Exit(1)
