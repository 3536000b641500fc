"""``certledger keys``: the keys that organisations issue and seal with, and the file in which verifiers find them.

Rules. Making, replacing and vouching take two custodians, each with their own passphrase; looking, asking an authority
for a certificate and installing it take none, since they give nobody power. After each change the two sign the key file
at once; whether they may is looked at before anything is recorded.

A key is never taken back here: that is what ``RequestIssuerKeyCompromise`` and ``DeclareIssuerKeyCompromise`` are for.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api import issuer_keys
from api.composition import open_house
from api.desk import AccountDesk
from api.issuer_keys import Custodians
from api.key_report import look, told
from api.options import DEFAULT_DATA, AsJson, Data
from api.passphrases import passphrase_of
from api.terminal import say, say_json
from keys import files
from ledger.errors import DomainError
from ledger.issuing.seal_keys import certificates, of_signer
from ledger.issuing.seal_request import certificate_request
from ledger.issuing.sealing import Sealer

if TYPE_CHECKING:
    from api.composition import House
    from ledger.issuing.keyring import EnrolledKey
    from verifier.keyfile import KeyFile

keys = typer.Typer(no_args_is_help=True, help="The keys that organisations issue and seal with.")

TwoCustodians = Annotated[
    list[str], typer.Option("--custodian", help="The accounts of two key custodians; given twice.")
]
Organisation = Annotated[str, typer.Argument(help="The organisation's id, as `keys list` shows it.")]
PAIR = 2


@keys.command("list")
def list_keys(*, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Show the issuer keys, the seals and the key file; exit code 1 when something about them has to be done."""
    with open_house(data) as house:
        report = look(house)
    if as_json:
        say_json(report)
    else:
        say(told(report))
    if report["to_do"]:
        raise typer.Exit(1)


@keys.command()
def enrol(
    *,
    custodian: TwoCustodians,
    organisation: Annotated[
        str | None, typer.Option(help="Only this organisation's; all issuers' if absent.")
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Make and enrol every key that is missing, and sign the key file."""
    with open_house(data) as house:
        custodians = _at_desk(house, custodian)
        if organisation is not None:
            new = issuer_keys.enrol_missing(house, organisation, custodians)
        elif any(issuer_keys.issuers(house)):
            new = issuer_keys.enrol_all(house, custodians)
        else:
            raise DomainError(
                "VALUE_INVALID",
                "nobody issues certificates here yet",
                "Register a training provider or a certification body with a public name (RegisterOrganisation).",
            )
        _tell_signed(house, issuer_keys.sign_key_file(house, custodians), new, as_json=as_json)


@keys.command()
def rotate(
    *,
    issuer_key: Annotated[str, typer.Argument(help="The id of the key to replace, as `keys list` shows it.")],
    custodian: TwoCustodians,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Enrol a key in the place of another, retire that one, and sign the key file. What it signed stands."""
    with open_house(data) as house:
        custodians = _at_desk(house, custodian)
        new = issuer_keys.rotate(house, issuer_key, custodians)
        _tell_signed(house, issuer_keys.sign_key_file(house, custodians), [new], as_json=as_json)


@keys.command()
def sign(*, custodian: TwoCustodians, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Sign the key file as the log is now: after custodians have changed, and every few weeks."""
    with open_house(data) as house:
        custodians = _at_desk(house, custodian)
        _tell_signed(house, issuer_keys.sign_key_file(house, custodians), [], as_json=as_json)


@keys.command()
def request(
    *,
    organisation: Organisation,
    out: Annotated[Path, typer.Option(help="The new file to write the request to (PEM).")],
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Write a request with which an authority can certify the organisation's PDF key."""
    with open_house(data) as house:
        key, name = _pdf_key(house, organisation)
        try:
            files.create(out, certificate_request(house.keyring.signer(key), name))
        except FileExistsError:
            raise DomainError(
                "VALUE_INVALID", f"{out} is there already", "Name a new file with --out."
            ) from None
    if as_json:
        say_json({"request": str(out), "issuer_key": key.id})
    else:
        say(
            f"Wrote {out}. Have an authority certify it for signing, then: certledger keys seal {organisation}"
        )


@keys.command()
def seal(
    *,
    organisation: Organisation,
    chain: Annotated[
        Path, typer.Option(help="The certificate that the authority gave, and those above it (PEM).")
    ],
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Let the organisation's PDF key seal with a certificate, once that is found to fit."""
    with open_house(data) as house:
        key, _ = _pdf_key(house, organisation)
        sealer = Sealer(of_signer(house.keyring.signer(key), certificates(chain)))
        sealer.require_valid(house.clock.now())
        house.seals.install(organisation, chain.read_bytes())
    subject, until = sealer.certificate.subject.rfc4514_string(), sealer.certificate.not_valid_after_utc
    if as_json:
        say_json({"organisation": organisation, "certificate": subject, "until": until.isoformat()})
    else:
        say(
            f"Seals with the certificate of {subject}, until {until:%Y-%m-%d}. Start `certledger serve` anew."
        )


def _at_desk(house: House, names: list[str]) -> Custodians:
    """Two custodians with their keys unlocked, who may sign the key file.

    Raises DomainError VALUE_INVALID or UNKNOWN_ID, UnlockError, SignatureError KEY_FILE_UNTRUSTED.
    """
    if len(names) != PAIR or len(set(names)) != PAIR:
        raise DomainError("VALUE_INVALID", "name two different custodians", "Give --custodian twice.")
    desk = AccountDesk(house, passphrase_of)
    staff = [desk.staff_of(name) for name in names]  # a wrong name is told before any passphrase is asked
    one, two = (
        issuer_keys.Custodian(each, desk.signer_of(name)) for each, name in zip(staff, names, strict=True)
    )
    house.key_files.require_signers(house.clock.now(), [one.signer, two.signer])
    return one, two


def _pdf_key(house: House, organisation: str) -> tuple[EnrolledKey, str]:
    """The `pdf` key that this ledger keeps for the organisation, and the organisation's name."""
    found = house.queries.organisation(organisation)
    if found is None:
        raise DomainError("UNKNOWN_ID", f"there is no organisation {organisation}")
    if house.seals.outside(organisation) is not None:
        raise DomainError(
            "VALUE_INVALID",
            "this organisation seals with a key that is not the ledger's",
            "Have it certified where it is; seals.json in the data folder says where.",
        )
    key = house.keyring.current(organisation, "pdf")
    if key is None:
        raise DomainError(
            "UNKNOWN_ID",
            f"organisation {organisation} has no PDF key",
            f"Give it one: certledger keys enrol --organisation {organisation}",
        )
    return key, found[1] or organisation


def _tell_signed(house: House, file: KeyFile, new: list[str], *, as_json: bool) -> None:
    made = [key for key in house.keyring.all() if key.id in new]
    if as_json:
        enrolled: list[dict[str, Any]] = [
            {"issuer_key": key.id, "organisation": key.organisation, "purpose": key.purpose, "kind": key.kind}
            for key in made
        ]
        say_json({"enrolled": enrolled, "key_file": {"version": file.version, "issued_at": file.issued_at}})
        return
    for key in made:
        say(f"Enrolled {key.id}: {key.purpose} {key.kind or ''}".rstrip() + f" of {key.organisation}")
    say(f"Signed version {file.version} of the key file; it is served at /keys.")
