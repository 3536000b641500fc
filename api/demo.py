"""``certledger demo``: runs a whole programme through the ordinary commands and writes ``demo.json``.

The folder is built beside its final place and moved there whole, so that nobody ever sees half a year. What a
killed run left beside it is removed by the next one.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from api import demo_witnesses, issuer_keys
from api.accounts import Account
from api.composition import AUTHORITY, House, compose
from api.desk import AccountDesk
from api.founding import Custodian, Founding, found
from keys import files
from keys.demo_authority import ROOT, DemoAuthority
from keys.passphrase import Kdf
from ledger import folder as folders
from ledger.clock import SimulatedClock
from ledger.commands.staff import EnrolKey, RequestKeyEnrolment
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from ledger.errors import StoreError
from ledger.programme.plan import CertificateDue, Plan, plan
from ledger.programme.reading import Programme, read_programme
from ledger.programme.rules import rulebook_of
from ledger.programme.runner import Runner
from ledger.programme.step import ENROL_KEY, Step

DEMO = "demo.json"
DEMO_KDF = Kdf(memory=8 * 1024, iterations=1, lanes=1)
"""Cheaper than the default: a demonstration unlocks two dozen keys at once, and their passphrases are published."""
CONTACT = "lapor@sertifikat.example.id"
BLOTTED = "(dihapus · erased)"
OUTSIDE = "outside"
"""The folder of what holders have in their hands and no ledger keeps."""
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Demo:
    """One build: the ledger being made, its people's passphrases, and what came of the file's expectations."""

    house: House
    programme: Programme
    plan: Plan
    passphrases: Mapping[str, str]
    runner: Runner
    refused: dict[str, str | None] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    """The QR's text of each certificate, as it was when it was issued."""
    issued_today: bool = False


def build(path: Path, sample: Path, port: int, progress: Progress) -> Path:
    """Build the demonstration of ``sample`` in ``path`` and return its ``demo.json``.

    Raises ProgrammeFileError for a file that cannot be run, StoreError for a folder that cannot be used,
    StepFailedError when an act does not come out as the file says.
    """
    path = path.resolve()
    programme = read_programme(sample)
    planned = plan(programme)
    building = path.with_name(f".{path.name}.building")
    with folders.holding_empty(path):  # until the end, so that two runs never build in one place
        _remove(building)
        _make(building, path)
        demo = _found(building, programme, planned, port)
        try:
            _run(demo, progress)
            _write(demo, path)
        finally:
            demo.house.close()
        (path / folders.LOCK).unlink()
        path.rmdir()
        building.rename(path)
    return path / DEMO


def is_demo(path: Path) -> bool:
    """Whether a finished demonstration lies there."""
    return (path / DEMO).is_file()


def require_same(path: Path, sample: Path | None, port: int | None) -> None:
    """Refuse to go on with a demonstration of another file or port. Raises StoreError FOLDER_NOT_EMPTY."""
    built = json.loads((path / DEMO).read_bytes())
    other_file = sample is not None and read_programme(sample).digest.hex() != built["programme"]
    if other_file or (port is not None and urlsplit(built["base_url"]).port != port):
        raise StoreError(
            "FOLDER_NOT_EMPTY",
            f"{path} holds a demonstration of another programme or for another port: {built['base_url']}",
            "Name another folder with --data; the address is in every QR, so it cannot be changed afterwards.",
        )


def _remove(building: Path) -> None:
    try:
        if building.exists():
            shutil.rmtree(building)
    except OSError as error:
        raise StoreError(
            "FOLDER_UNWRITABLE",
            f"what an interrupted run left in {building} cannot be removed: {error.strerror}",
            "Remove it by hand, or name another folder with --data.",
        ) from None


def _make(building: Path, path: Path) -> None:
    """The folder to build in; refused at the start where it could not take the other's place at the end."""
    if path.is_mount():
        raise StoreError(
            "FOLDER_UNWRITABLE",
            f"{path} is where a disk is mounted, so no finished folder can take its place",
            "Name a folder inside it with --data.",
        )
    try:
        building.mkdir(mode=0o700)
    except OSError as error:
        raise StoreError(
            "FOLDER_UNWRITABLE",
            f"{building}, where the demonstration is built, cannot be made: {error.strerror}",
            "Name a folder whose parent you may write with --data.",
        ) from None


def _found(building: Path, programme: Programme, planned: Plan, port: int) -> Demo:
    accounts = [member.staff_id for member in programme.file.staff]
    passphrases = {account: _passphrase() for account in accounts}
    one, two = planned.founders
    clock = SimulatedClock(planned.begins)
    founding = Founding(
        origin="localhost/demo",
        base_url=f"http://localhost:{port}",
        rulebook=rulebook_of(programme),
        custodians=(Custodian(one, passphrases[one]), Custodian(two, passphrases[two])),
        contact=CONTACT,
        simulated_from=planned.begins,
        kdf=DEMO_KDF,
    )
    found(building, founding, clock).close()
    demo_witnesses.set_up(building, founding.origin)
    DemoAuthority.make(building / AUTHORITY, planned.begins)
    house = compose(folders.open_folder(building), clock)
    desk = AccountDesk(house, lambda account: passphrases[account])
    runner = Runner(house.ledger, desk, programme.digest.hex())
    for account in planned.founders:
        runner.results[f"staff:{account}"] = {"staff": house.accounts.get(account).staff}
    return Demo(house, programme, planned, passphrases, runner)


def _passphrase() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(4))


def _run(demo: Demo, progress: Progress) -> None:
    clock = demo.house.clock
    steps = demo.plan.steps
    may_issue = False
    for number, step in enumerate(steps, start=1):
        if step.at is not None and isinstance(clock, SimulatedClock):
            if not may_issue and step.at.date() > demo.plan.begins.date():
                issuer_keys.enrol_all(demo.house, _custodians(demo))
                may_issue = True
            if demo.issued_today and step.at.date() > clock.now().astimezone(step.at.tzinfo).date():
                _end_day(demo)
            clock.set(step.at)
        if step.command == ENROL_KEY:
            _enrol_key(demo, step)
        else:
            _give(demo, step)
        progress(number, len(steps))
    _end_day(demo)
    if isinstance(clock, SimulatedClock):
        clock.set(demo.plan.ends)
    issuer_keys.sign_key_file(demo.house, _custodians(demo))
    settings = demo.house.folder.settings
    demo.house.folder.save_settings(settings.model_copy(update={"now": demo.plan.ends.isoformat()}))


def _end_day(demo: Demo) -> None:
    """Publish the day's log and show it to the witnesses."""
    demo.house.room.round()
    demo.house.room.ask_witnesses()
    demo.issued_today = False


def _give(demo: Demo, step: Step) -> None:
    """Give a step; of a negative test with several commands the first refusal is the answer."""
    if step.expect is not None and step.id is not None:
        if demo.refused.get(step.id) is None:
            demo.refused[step.id] = demo.runner.attempt(step)
        return
    result = demo.runner.run(step).result or {}
    if "code" in result and "certificate" in result:
        demo.issued_today = True
        demo.urls[result["certificate"]] = demo.house.press.url(result["certificate"])


def _custodians(demo: Demo) -> issuer_keys.Custodians:
    """The two founders, at the desk."""
    desk = demo.runner.desk
    one, two = (
        issuer_keys.Custodian(desk.staff_of(account), desk.signer_of(account))
        for account in demo.plan.founders
    )
    return one, two


def _enrol_key(demo: Demo, step: Step) -> None:
    """Make a person's key, and enrol it by two custodians."""
    runner, house = demo.runner, demo.house
    desk = runner.desk
    if not isinstance(desk, AccountDesk):
        raise TypeError(desk)
    arguments = runner.resolved(step.args)
    account, staff = arguments["account"], arguments["staff"]
    info, proof = desk.make_key(account, staff, DEMO_KDF)
    request = RequestKeyEnrolment(
        staff=staff, jwk=info.jwk, alg="ed25519", custody="server-held", possession=proof
    )
    asked = _as_custodian(demo, step.by, request, f"{account}-key")
    enrolment = EnrolKey(staff=staff, request=asked["request"])
    _as_custodian(demo, arguments["approved_by"], enrolment, f"{account}-key-2")
    house.accounts.add(Account(account, staff, info.thumbprint))


def _as_custodian(demo: Demo, by: str, command: Any, key: str) -> dict[str, Any]:
    desk = demo.runner.desk
    signatory = Signatory(desk.staff_of(by), Role.KEY_CUSTODIAN, None)
    receipt = demo.house.ledger.give(
        signatory, desk.signer_of(by), command, idempotency_key=f"{demo.runner.run_id}-{key}"
    )
    return dict(receipt.result)


def _write(demo: Demo, path: Path) -> None:
    """Write ``demo.json``, with the paths that the folder will have in its final place."""
    house, file = demo.house, demo.programme.file
    document = {
        "base_url": house.folder.settings.base_url,
        "programme": demo.programme.digest.hex(),
        "now": demo.plan.ends.isoformat(),
        "policy": str(path / "policy"),
        "root": str(path / "root"),
        "trust": str(path / AUTHORITY / ROOT),
        "accounts": [
            {
                "username": member.staff_id,
                "passphrase": demo.passphrases[member.staff_id],
                "roles": member.roles,
            }
            for member in file.staff
        ],
        "certificates": [_certificate(demo, due, path) for due in demo.plan.certificates],
        "refused": [
            {"id": due.id, "expected": due.expected, "got": demo.refused.get(due.id)}
            for due in demo.plan.refusals
        ],
        "status_checks": [
            {
                "at": due.check.at.isoformat(),
                "person": due.check.person,
                "kind": due.check.kind,
                "nth": due.check.nth,
                "expected": due.check.status,
                "got": _status(demo, due.label, due.check.at),
            }
            for due in demo.plan.status_checks
        ],
    }
    files.replace(
        house.folder.path / DEMO, json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"
    )


def _status(demo: Demo, label: str, at: Any) -> str:
    given = demo.runner.results.get(label)
    return demo.house.statuses.at(given["certificate"], at) if given else "NOT_FOUND"


def _certificate(demo: Demo, due: CertificateDue, path: Path) -> dict[str, Any]:
    given, house = demo.runner.results.get(due.label), demo.house
    entry: dict[str, Any] = {"person": due.person, "kind": due.kind, "nth": due.nth, "copies": due.copies}
    if given is None:
        return {
            **entry,
            "code": None,
            "number": None,
            "url": None,
            "pdf": None,
            "expected_status": due.status,
        }
    certificate, code = given["certificate"], given["code"]
    paper = house.press.path(certificate, due.copies)
    if not paper.exists():
        # The ledger has destroyed the name and its papers. What the holder still has in hand shows the same
        # QR; the demonstration keeps such a paper, with the name in print blotted out, where the ledger has none.
        blotted = house.press.paper(
            certificate,
            due.copies,
            at=demo.plan.ends,
            holder=BLOTTED,
            code=code,
            url=demo.urls[certificate],
        )
        paper = house.folder.path / OUTSIDE / paper.name
        paper.parent.mkdir(mode=0o700, exist_ok=True)
        files.replace(paper, blotted)
    return {
        **entry,
        "code": code,
        "number": given["number"],
        "url": demo.urls[certificate],
        "pdf": str(path / paper.relative_to(house.folder.path)),
        "expected_status": due.status,
    }
