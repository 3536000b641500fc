"""The one composition root: from a data folder to a ledger that works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from api.accounts import Accounts
from api.at_once import AtOnce
from api.demo_witnesses import DemoWitnesses
from api.demo_witnesses import are_here as demo_witnesses_are_here
from keys.datakeys import DataKeys
from keys.demo_authority import DemoAuthority
from keys.issuer import SERVICE, IssuerVault
from keys.keystore import Keystore
from keys.unlocked import Unlocked
from ledger import folder as folders
from ledger.aftermath import Aftermath
from ledger.application import KeptHistories, LedgerApplication
from ledger.clock import Clock, SimulatedClock, SystemClock
from ledger.commands import catalogue
from ledger.commands.work import LedgerFacts
from ledger.deciding import Decider
from ledger.documents import Documents
from ledger.domain.ledger import Ledger
from ledger.errors import StoreError
from ledger.issuing.credential import Credentials
from ledger.issuing.digests import TokenDigests
from ledger.issuing.finishing import Finishing
from ledger.issuing.issued import IssuedCertificates
from ledger.issuing.keyfile import KeyFiles
from ledger.issuing.keyring import Keyring
from ledger.issuing.lists import Lists
from ledger.issuing.seals import Seals
from ledger.issuing.standing import Standing
from ledger.issuing.token import QrTexts
from ledger.log.policies import room_of
from ledger.log.room import LogRoom
from ledger.log.witnesses import post
from ledger.personal.store import PersonalStore
from ledger.personal.tags import Tags
from ledger.press import Press
from ledger.projections.queries import Queries
from ledger.service import HARDWARE_PREPARATION_LIFE, CertificationLedger
from ledger.status import Statuses

if TYPE_CHECKING:
    from eventsourcing.persistence import InfrastructureFactory

AUTHORITY = "authority"
"""The demonstration's own certificate authority, if there is one."""


@dataclass(slots=True)
class House:
    """Everything of one opened ledger."""

    folder: folders.DataFolder
    application: LedgerApplication
    personal: PersonalStore
    datakeys: DataKeys
    queries: Queries
    ledger: CertificationLedger
    keystore: Keystore
    unlocked: Unlocked
    accounts: Accounts
    clock: Clock
    statuses: Statuses
    press: Press
    seals: Seals
    keyring: Keyring
    key_files: KeyFiles
    issued: IssuedCertificates
    qr_texts: QrTexts
    token_digests: TokenDigests
    lists: Lists
    credentials: Credentials
    room: LogRoom
    demo_witnesses: DemoWitnesses | None
    at_once: AtOnce | None
    """None on PostgreSQL."""

    def close(self) -> None:
        """Close databases and give the folder's lock back."""
        self.room.close()
        if self.demo_witnesses is not None:
            self.demo_witnesses.close()
        if self.at_once is not None:
            self.at_once.close()
        self.application.close()
        self.token_digests.close()
        self.personal.close()
        self.datakeys.close()
        self.folder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_house(
    path: Path, *, alone: bool = False, as_it_is: bool = False, clock: Clock | None = None
) -> House:
    """Open the ledger in a data folder.

    What a crash left over is settled, and what was destroyed stays destroyed; but first the database is held
    against every copy of the log that is here, since a database that was put back must not settle anything:
    StoreError LOG_ROLLED_BACK or LOG_FORKED. ``as_it_is`` leaves both out, to look and to restore.
    """
    folder = folders.open_folder(path, alone=alone)
    try:
        house = compose(folder, clock)
        _require_clock(house)
        if not as_it_is:
            house.room.check(ask_witnesses=False)
            heal(house)
        if not alone and folder.alone:
            folder.share()
    except BaseException:
        folder.close()
        raise
    return house


def _require_clock(house: House) -> None:
    """The clock is the one that entry 0 names: another one would bring expired certificates back."""
    ledger = house.application.find(Ledger, house.folder.settings.ledger)
    if ledger is not None and ledger.clock != house.folder.settings.clock:
        raise StoreError(
            "CLOCK_WRONG",
            f"this ledger was founded on a {ledger.clock} clock, and certledger.json says {house.folder.settings.clock}",
            "Put the setting `clock` back as it was.",
        )


def compose(folder: folders.DataFolder, clock: Clock | None = None) -> House:
    """Put the parts together."""
    catalogue.load()
    path, settings = folder.path, folder.settings
    datakeys = DataKeys(path / "datakeys.db", path / "master.key")
    personal = PersonalStore(path / "personal.db", datakeys)
    factory, env = _database(folder)
    application = LedgerApplication(factory, env, settings.ledger)
    queries = Queries(application.reading)
    documents = Documents(path / "documents")
    decider = Decider(
        application=application,
        queries=queries,
        personal=personal,
        tags=Tags(datakeys),
        documents=documents,
        rulebook=folder.rulebook,
        facts=LedgerFacts(settings.ledger, folder.root),
        kept=KeptHistories(application),
    )
    clock = clock or _clock(settings)
    keystore = Keystore(folder.keystore)
    vault = IssuerVault(path / "issuer-keys", datakeys.service(SERVICE))
    keyring = Keyring(application.reading, queries, vault)
    issued = IssuedCertificates(queries, personal)
    qr_texts = QrTexts(settings.base_url, keyring)
    digests = TokenDigests(path / "token-digests.db", issued, qr_texts)
    lists = Lists(
        settings.base_url, folder.root.origin, queries, keyring, Standing(application.reading), digests
    )
    ledger = CertificationLedger(decider, clock)
    # A token can be made only while the name in it is there.
    demo_witnesses = DemoWitnesses(path, folder.root.origin, clock) if demo_witnesses_are_here(path) else None
    anchor = Path(settings.anchor) if settings.anchor else None
    room = room_of(folder, application, anchor=anchor, send=demo_witnesses or post)
    credentials = Credentials(settings.base_url, issued, keyring, lists)
    authority = path / AUTHORITY
    certify = DemoAuthority(authority).chain if authority.is_dir() else None
    seals = Seals(path, keyring, certify)
    finishing = Finishing(queries, credentials, seals, room)
    press = Press(folder.papers, issued, qr_texts, documents, finishing)
    room.on_witnessed = press.prove
    ledger.after_commit += [digests.follow, Aftermath(personal).follow, room.notify, press.follow]
    return House(
        folder=folder,
        application=application,
        personal=personal,
        datakeys=datakeys,
        queries=queries,
        ledger=ledger,
        keystore=keystore,
        unlocked=Unlocked(keystore),
        accounts=Accounts(path / "accounts.json"),
        clock=clock,
        statuses=Statuses(application, queries),
        press=press,
        seals=seals,
        keyring=keyring,
        key_files=KeyFiles(path / "keyfiles", settings.base_url, folder.root, application, queries, keyring),
        issued=issued,
        qr_texts=qr_texts,
        token_digests=digests,
        lists=lists,
        credentials=credentials,
        room=room,
        demo_witnesses=demo_witnesses,
        at_once=None if settings.database else AtOnce(path),
    )


def heal(house: House) -> None:
    """Settle or remove what a crash left pending, and do every destruction that the log holds and this store missed."""
    now = house.clock.now()
    older_than = now - 2 * HARDWARE_PREPARATION_LIFE
    if house.folder.alone:
        # Nobody is left who could still append what is pending but a database that works off a last commit,
        # and that is over once it gives us its lock. So a command that was cut off can be given again at once.
        with house.application.recorder.writing():  # type: ignore[attr-defined]
            older_than = datetime.max.replace(tzinfo=UTC)
    house.personal.sweep(lambda command: house.queries.command(command) is not None, older_than)
    destroyed = house.queries.all_destroyed()
    for subject, class_, position in destroyed:
        if house.personal.destroyed_at(subject, class_) < position:
            house.token_digests.keep_before_destroying(subject, class_)
            house.personal.destroy(subject, class_, position=position)
    house.press.remove(subject for subject, class_, _ in destroyed if class_ == "identity")
    house.personal.preparations.delete_expired(now)


def _clock(settings: folders.FolderSettings) -> Clock:
    if settings.clock == "system":
        return SystemClock()
    if settings.now is None:
        return SimulatedClock(SystemClock().now(), running=True)
    return SimulatedClock(datetime.fromisoformat(settings.now), running=True)


def _database(folder: folders.DataFolder) -> tuple[type[InfrastructureFactory[Any]], dict[str, str]]:
    url = folder.settings.database
    if url is None:
        from ledger.store import sqlite

        return sqlite.Factory, {"SQLITE_DBNAME": f"file:{quote(str(folder.path / 'events.db'))}"}
    from ledger.store import postgres

    return postgres.Factory, postgres.environment(url)
