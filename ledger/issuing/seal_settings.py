"""Which key seals in whose name: ``seals.json`` in the data folder, written by hand or by ``certledger keys seal``.

    {"seals": {"<organisation>": {"key": "issuer", "chain": "seals/<organisation>.pem"},
               "<organisation>": {"key": "file", "path": "/…/seal.p12", "passphrase": {"env": "SEAL_PASSPHRASE"}},
               "<organisation>": {"key": "token", "module": "/usr/lib/softhsm/libsofthsm2.so", "token": "office",
                                  "label": "seal", "pin": {"file": "/…/pin"}, "above": "/…/authority.pem"}},
     "timestamps": {"url": "http://tsa.example.id", "roots": "/…/roots.pem"}}

Rules. ``issuer`` is the organisation's own `pdf` key, which this ledger keeps, with the certificate that an authority
gave for it; ``file`` is a PEM or PKCS#12 file, ``token`` a PKCS#11 token. No secret stands here: a passphrase or a PIN
comes from the environment, or from a file that is closed to others. Paths are seen from the data folder. With
``timestamps`` (an authority of RFC 3161, and the roots that it and the seals end in) every seal is one that lasts
(B-LTA), else none is (B-B).

It is read when the ledger is opened, as all settings are, and opens no key itself (``ledger.issuing.seals``).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from keys import files
from ledger.errors import Error, StoreError

SETTINGS = "seals.json"
CHAINS = "seals"
"""The folder in the data folder for certificates that ``certledger keys seal`` installs."""

_SECRET_LIMIT = 1024
_Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(_Strict):
    """Where a passphrase or a PIN is: in the environment, or alone in a file of mode 0600."""

    env: _Text | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _one(self) -> Secret:
        if (self.env is None) == (self.file is None):
            raise ValueError("give either env or file")
        return self

    def read(self, folder: Path) -> str:
        """The secret. Raises Error SEAL_SECRET_MISSING, keys.errors.Error FILE_…."""
        if self.env is not None:
            found = os.environ.get(self.env)
            if found is None:
                raise _no_secret(f"the environment has no {self.env}")
            return found
        path = folder / (self.file or "")
        try:
            return files.read_secret(path, _SECRET_LIMIT).decode().rstrip("\r\n")
        except FileNotFoundError:
            raise _no_secret(f"{path} is not there") from None
        except UnicodeDecodeError:
            raise _no_secret(f"{path} is no text") from None


class IssuerKeySeal(_Strict):
    """The organisation's `pdf` issuer key; ``chain`` is a PEM file, its certificate and those above it."""

    key: Literal["issuer"] = "issuer"
    chain: Path


class FileSeal(_Strict):
    """A PEM or PKCS#12 file with key and certificates."""

    key: Literal["file"]
    path: Path
    passphrase: Secret | None = None


class TokenSeal(_Strict):
    """A key in a PKCS#11 token; ``above`` is a PEM file of the certificates that the token does not hold."""

    key: Literal["token"]
    module: Path
    token: _Text
    label: _Text
    pin: Secret | None = None
    above: Path | None = None


class Timestamps(_Strict):
    """The authority that stamps seals with the time, and a PEM file of roots."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$")]
    roots: Path


class SealSettings(_Strict):
    """What ``seals.json`` holds, by organisation."""

    seals: dict[str, Annotated[IssuerKeySeal | FileSeal | TokenSeal, Field(discriminator="key")]] = Field(
        default_factory=dict
    )
    timestamps: Timestamps | None = None


def read(folder: Path) -> SealSettings:
    """The settings of a data folder, empty where there is no file. Raises StoreError SEALS_INVALID."""
    path = folder / SETTINGS
    try:
        return SealSettings.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return SealSettings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise StoreError(
            "SEALS_INVALID", f"{path}: {f'{where}: ' if where else ''}{first['msg']}", "Correct it by hand."
        ) from None


def save(folder: Path, settings: SealSettings) -> None:
    """Write them anew."""
    text = settings.model_dump_json(indent=1, exclude_none=True)
    files.replace(folder / SETTINGS, text.encode() + b"\n")


def _no_secret(why: str) -> Error:
    return Error(
        "SEAL_SECRET_MISSING",
        f"a seal's key cannot be opened: {why}",
        f"{SETTINGS} names where its passphrase or PIN is.",
    )
