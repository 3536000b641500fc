"""What one certificate costs complete, and 500 of them: issued one by one, then printed by `certledger print`.

    python -m benchmarks.batch [--count N]

A ledger of its own is filled by the ordinary commands: a scheme of four units, learners who come to a certificate
of training and one of competence, a demonstration's witnesses and authority. What counts is the processor's time, of
all processes, since others use the machine too; halved it is the time that the batch takes on two cores with nothing
else to do.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

from api import demo_witnesses, issuer_keys
from api.composition import AUTHORITY, House, open_house
from api.desk import AccountDesk
from api.issuer_keys import Custodian
from keys.demo_authority import DemoAuthority
from ledger.clock import SimulatedClock
from ledger.commands.certificates import IssueCompetenceCertificate, IssueTrainingCertificate
from ledger.commands.command import Command
from ledger.commands.printing import PrintCopy, ReceiveBlanks
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from ledger.domain.staff import Staff
from ledger.issuing.paper import render
from tests.api.bureau import UNIT, Bureau, bureau, passphrase_of

SINGLE = 20
"""How many are measured one by one before the batch."""
COHORT = 25
TITLES = (
    ("Melaksanakan Persiapan Tempat Kerja", "Prepare the workplace"),
    ("Menetapkan Proses dan Peralatan Las", "Determine welding process and equipment"),
    (
        "Membuat Sambungan Las Fillet Sesuai WPS untuk Pengelasan Pelat ke Pelat dan Pipa ke Pipa",
        "Make fillet weld joints to WPS (plate-plate, pipe-pipe) by the process used",
    ),
    (
        "Membuat Sambungan Las Kampuh (Groove) Sesuai WPS untuk Pengelasan Pelat ke Pelat",
        "Make groove weld joints to WPS, plate to plate, by the process used",
    ),
)
UNITS = [
    {**UNIT, "code": f"C.24LAS01.{place:03}.1", "title_id": title_id, "title_en": title_en, "jp": 8}
    for place, (title_id, title_en) in enumerate(TITLES)
]
GIVEN = (
    "Arif",
    "Budi",
    "Citra",
    "Dewi",
    "Eka",
    "Fajar",
    "Gita",
    "Hadi",
    "Indah",
    "Joko",
    "Kartika",
    "Lestari",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=500)
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        commands = _filled(data, args.count + SINGLE)
        with open_house(data) as house:
            _receive_forms(house, args.count + SINGLE)
            _single(house, commands[:SINGLE])
            numbers = _issued(house, commands[SINGLE:])
        _printed(data, numbers, Path(folder) / "out")
    print(f"load: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


# -- the ledger ----------------------------------------------------------------------------------------------


def _filled(data: Path, certificates: int) -> list[Command]:
    """A ledger, and the commands that issue so many certificates, training and competence in turn."""
    commands: list[Command] = []
    with bureau(data) as place:
        place.templates()
        one, two = (Custodian(staff, place.office.signers[staff]) for staff in place.office.custodians)
        issuer_keys.enrol_all(place.house, (one, two))
        programme, agreement = place.programme(_scheme(place), place.orgs["site"]), place.ready_site()
        people = (certificates + 1) // 2
        cohorts = {
            place.cohort(programme, agreement, capacity=COHORT): range(first, min(first + COHORT, people))
            for first in range(0, people, COHORT)
        }
        enrolled = {
            cohort: [place.enrolled(place.learner(_name(each)), cohort) for each in members]
            for cohort, members in cohorts.items()
        }
        for cohort in enrolled:
            place.give("admin", "StartCohort", cohort=cohort)
        place.at(date(2031, 3, 10))
        for cohort, enrolments in enrolled.items():
            place.attend(cohort, dict.fromkeys(enrolments, 8))
            place.give("admin", "CompleteEnrolment", enrolments=enrolments)
            for enrolment in enrolments:
                commands.append(IssueTrainingCertificate(enrolment=enrolment))
                commands.append(IssueCompetenceCertificate(assessment=_decided(place, enrolment)))
        clock, settings = place.house.clock, place.house.folder.settings
        if not isinstance(clock, SimulatedClock):
            raise TypeError(clock)
        place.house.folder.save_settings(settings.model_copy(update={"now": clock.now().isoformat()}))
        DemoAuthority.make(data / AUTHORITY, clock.now())
        demo_witnesses.set_up(data, place.house.folder.root.origin)
    return commands[:certificates]


def _scheme(place: Bureau) -> str:
    draft = {
        "code": "SKM/CONTOH/0001/2/2031",
        "trade": "LAS",
        "title_id": "Juru Las Pelat Proses SMAW (Fillet dan Groove) - Kualifikasi II",
        "title_en": "Plate Welder, SMAW (Fillet and Groove) - Level II",
        "level": 2,
        "total_jp": 40,
        "body": place.orgs["lsp"],
        "units": UNITS,
        "non_unit": [{"title_id": "Umum", "title_en": "General", "jp": 8}],
    }
    scheme = place.give("admin", "DraftScheme", **draft)["scheme"]
    approve = {"award_rule": "ALL_UNITS", "validity_months": 36, "unit_statement": True, "total_jp": 40}
    place.give("issuer", "ApproveScheme", scheme=scheme, version=1, **approve)
    return str(scheme)


def _decided(place: Bureau, enrolment: str) -> str:
    """An assessment of this person, decided."""
    assessment = place.give("supervisor", "AdmitToAssessment", enrolment=enrolment)["assessment"]
    place.give("supervisor", "AssignAssessor", assessment=assessment, assessor=place.staff["assessor"])
    evidence = [{"kind": "FORM", "sha256": "ab" * 32}]
    results = [{"unit": unit["code"], "result": "K", "evidence": evidence} for unit in UNITS]
    place.give("assessor", "RecordUnitResult", assessment=assessment, results=results)
    place.give("assessor", "Recommend", assessment=assessment)
    place.give("decider", "RecordCertificationDecision", assessment=assessment)
    return str(assessment)


def _name(place: int) -> str:
    return f"{GIVEN[place % len(GIVEN)]} {GIVEN[place // len(GIVEN) % len(GIVEN)]} Contohman"


def _at_desk(house: House, name: str) -> Callable[[Command], dict[str, Any]]:
    """One of the bureau's people, with the key unlocked, ready to give commands."""
    desk = AccountDesk(house, passphrase_of)
    staff, signer = desk.staff_of(name), desk.signer_of(name)
    found = house.application.find(Staff, staff)
    if found is None:
        raise LookupError(name)
    ((role, org),) = found.roles
    signatory = Signatory(staff, Role(role), org)

    def give(command: Command) -> dict[str, Any]:
        return dict(house.ledger.give(signatory, signer, command, idempotency_key=str(uuid.uuid4())).result)

    return give


def _receive_forms(house: House, forms: int) -> None:
    printer = _at_desk(house, "printer")
    for first in range(0, forms, 1000):
        serials = [f"{serial:07}" for serial in range(first, min(first + 1000, forms))]
        printer(ReceiveBlanks(serials=serials))


# -- what is measured ----------------------------------------------------------------------------------------


def _single(house: House, commands: Sequence[Command]) -> None:
    """Each from the command to the sealed PDF in the folder, and what parts of that cost by themselves."""
    issue, printer = _issuer(house), _at_desk(house, "printer")
    spent: dict[str, list[float]] = {}

    def timed(what: str, act: Callable[[], Any]) -> Any:
        began = time.process_time()
        result = act()
        spent.setdefault(what, []).append(1000 * (time.process_time() - began))
        return result

    for form, command in enumerate(commands):
        certificate = timed("event", partial(issue, command))["certificate"]
        timed("publishing", partial(_publish, house))
        copy = PrintCopy(
            certificate=certificate, copy_number=1, reason="ORIGINAL", blanko_serial=f"{form:07}"
        )
        timed("paper", partial(printer, copy))
        timed("token", partial(house.press.url, certificate))
        timed("credential", partial(house.credentials.of, certificate))
        order = house.press.order(certificate, 1)
        if order.sealer is None or not order.is_proven:
            raise AssertionError(order)
        page = timed(
            "page", partial(render, order.paper, order.template_source, attachments=order.attachments)
        )
        timed("seal", partial(order.sealer.seal, page, house.clock.now()))
    median = {what: statistics.median(each) for what, each in spent.items()}
    most = max(map(sum, zip(spent["event"], spent["paper"], strict=True)))
    print(f"one certificate, processor time, median of {len(commands)} of training and competence in turn:")
    print(
        f"  event, token, both proofs, QR, PDF, seal: {median['event'] + median['paper']:.0f} ms, {most:.0f} at most"
    )
    print(f"    the event {median['event']:.0f}, the recorded copy with its paper {median['paper']:.0f};")
    parts = ", ".join(f"{part} {median[part]:.1f}" for part in ("token", "credential", "page", "seal"))
    print(f"    of that {parts} (the page with its QR, the credential with both proofs)")
    print(
        f"  the log signed, published and shown to three witnesses: {median['publishing']:.0f} ms, for all at once"
    )


def _issued(house: House, commands: Sequence[Command]) -> list[str]:
    """Issue them one by one, as a person would; their numbers."""
    issue = _issuer(house)
    began, spent = time.perf_counter(), time.process_time()
    numbers = [issue(command)["number"] for command in commands]
    _publish(house)
    passed, spent = time.perf_counter() - began, time.process_time() - spent
    print(f"{len(numbers)} certificates issued: {spent:.1f} s of processor, {passed:.1f} s by the clock")
    return numbers


def _printed(data: Path, numbers: Sequence[str], out: Path) -> None:
    """The command as people give it, in processes of its own."""
    listed = out.with_name("numbers.txt")
    listed.write_text("\n".join(numbers), encoding="utf-8")
    options = ["--from", str(listed), "--by", "printer", "--first-form", f"{SINGLE:07}", "--data", str(data)]
    secret = {"CERTLEDGER_PASSPHRASE_PRINTER": passphrase_of("printer")}
    began = time.perf_counter()
    with Popen(  # noqa: S603 - this project's own command
        [sys.executable, "-m", "api.cli", "print", str(out), *options],
        env={**os.environ, **secret},
        stdout=DEVNULL,
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    passed, spent = time.perf_counter() - began, used.ru_utime + used.ru_stime
    if process.returncode:
        raise SystemExit(process.returncode)
    sizes = ", ".join(f"{path.name} {path.stat().st_size / 1e6:.1f} MB" for path in sorted(out.iterdir()))
    print(f"{len(numbers)} certificates printed: {sizes}")
    print(
        f"  {spent:.1f} s of processor in all processes, {spent / 2:.1f} s on each of two cores,"
        f" {passed:.1f} s by the clock, {used.ru_maxrss / 1024:.0f} MB at most in one process"
    )


def _issuer(house: House) -> Callable[[Command], dict[str, Any]]:
    """Gives a command that issues, by whom it is for."""
    of_kind: dict[type[Command], Callable[[Command], dict[str, Any]]] = {
        IssueTrainingCertificate: _at_desk(house, "issuer"),
        IssueCompetenceCertificate: _at_desk(house, "certifier"),
    }
    return lambda command: of_kind[type(command)](command)


def _publish(house: House) -> None:
    house.room.round()
    house.room.ask_witnesses()


if __name__ == "__main__":
    main()
