"""The vault of issuer keys: a stolen folder signs nothing, an altered file opens nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from keys.errors import Error, KeystoreError, UnlockError
from keys.issuer import IssuerVault
from verifier.publickey import PublicKey

SERVICE_KEY = bytes(range(32))


@pytest.mark.parametrize("alg", ["ed25519", "es256"])
def test_a_key_signs_again_after_a_restart(tmp_path: Path, alg: str) -> None:
    made = IssuerVault(tmp_path / "keys", SERVICE_KEY).create(alg)
    again = IssuerVault(tmp_path / "keys", SERVICE_KEY).signer(made.thumbprint)
    PublicKey(made.jwk, alg).verify(b"message", again.sign(b"message"))
    assert again.raw() == made.raw()


def test_the_private_key_stands_nowhere_in_clear(tmp_path: Path) -> None:
    made = IssuerVault(tmp_path / "keys", SERVICE_KEY).create("ed25519")
    (file,) = (tmp_path / "keys").iterdir()
    data = file.read_bytes()
    assert made.raw() not in data
    assert made.raw().hex() not in data.decode()
    assert file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_another_service_key_opens_nothing(tmp_path: Path) -> None:
    made = IssuerVault(tmp_path / "keys", SERVICE_KEY).create("ed25519")
    with pytest.raises(KeystoreError, match="KEYSTORE_DAMAGED"):
        IssuerVault(tmp_path / "keys", bytes(32)).signer(made.thumbprint)


def test_no_altered_file_opens(tmp_path: Path) -> None:
    vault = IssuerVault(tmp_path / "keys", SERVICE_KEY)
    one, two = vault.create("ed25519"), vault.create("ed25519")
    path = tmp_path / "keys" / f"{one.thumbprint}.json"
    content = json.loads(path.read_bytes())
    other = json.loads((tmp_path / "keys" / f"{two.thumbprint}.json").read_bytes())
    for name in content:
        altered = {**content, name: other[name] if other[name] != content[name] else "es256"}
        path.write_bytes(json.dumps(altered, separators=(",", ":"), sort_keys=True).encode())
        with pytest.raises(Error):
            IssuerVault(tmp_path / "keys", SERVICE_KEY).signer(one.thumbprint)
    shutil.copy(tmp_path / "keys" / f"{two.thumbprint}.json", path)
    with pytest.raises(KeystoreError, match="KEYSTORE_DAMAGED"):
        IssuerVault(tmp_path / "keys", SERVICE_KEY).signer(one.thumbprint)


@pytest.mark.parametrize("name", ["../master", "", "x" * 43, "a/b"])
def test_no_other_name_is_a_key(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnlockError, match="KEY_UNKNOWN"):
        IssuerVault(tmp_path / "keys", SERVICE_KEY).signer(name)


def test_a_folder_or_file_open_to_others_is_refused(tmp_path: Path) -> None:
    vault = IssuerVault(tmp_path / "keys", SERVICE_KEY)
    made = vault.create("ed25519")
    (tmp_path / "keys" / f"{made.thumbprint}.json").chmod(0o644)
    with pytest.raises(Error, match="FILE_OPEN_TO_OTHERS"):
        IssuerVault(tmp_path / "keys", SERVICE_KEY).signer(made.thumbprint)
    (tmp_path / "keys").chmod(0o755)
    with pytest.raises(Error, match="FILE_OPEN_TO_OTHERS"):
        IssuerVault(tmp_path / "keys", SERVICE_KEY)


def test_other_algorithms_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Error, match="KEY_ALGORITHM"):
        IssuerVault(tmp_path / "keys", SERVICE_KEY).create("rsa")
