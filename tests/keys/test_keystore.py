import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from keys import files
from keys.errors import Error
from keys.keystore import Keystore
from keys.passphrase import Kdf
from verifier import jcs
from verifier.publickey import PublicKey

QUICK = Kdf(memory=64, iterations=1)
PASSPHRASE = "benar kuda baterai staples"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keystore"


@pytest.fixture
def keystore(folder: Path) -> Keystore:
    return Keystore(folder)


def refused(code: str, call: Any, *arguments: Any, **named: Any) -> Error:
    with pytest.raises(Error) as caught:
        call(*arguments, **named)
    assert caught.value.code == code
    return caught.value


@pytest.mark.parametrize("alg", ["ed25519", "es256"])
def test_a_key_signs_after_it_is_unlocked(keystore: Keystore, alg: str) -> None:
    info = keystore.create("stf-1", PASSPHRASE, alg, QUICK)
    signer = keystore.unlock(info.thumbprint, PASSPHRASE)
    PublicKey(info.jwk, alg).verify(b"message", signer.sign(b"message"))
    assert (signer.thumbprint, signer.alg, signer.jwk) == (info.thumbprint, alg, info.jwk)
    assert (info.custody, info.owner) == ("server-held", "stf-1")


def test_a_wrong_passphrase_opens_nothing_and_is_not_repeated(keystore: Keystore) -> None:
    info = keystore.create("stf-1", PASSPHRASE, kdf=QUICK)
    for wrong in ("benar kuda baterai staplez", "", "x" * 2000, "\ud800" * 12):
        error = refused("PASSPHRASE_WRONG", keystore.unlock, info.thumbprint, wrong)
        assert not wrong or wrong not in str(error)


def test_the_same_passphrase_in_another_normal_form_opens(keystore: Keystore) -> None:
    info = keystore.create("stf-1", "kafe\u0301 kafe\u0301 kafe\u0301", kdf=QUICK)
    assert keystore.unlock(info.thumbprint, "kaf\u00e9 kaf\u00e9 kaf\u00e9").jwk == info.jwk


@pytest.mark.parametrize("weak", ["", "too short", "e\u0301" * 11, "new\nline in the middle", "x" * 1025])
def test_a_weak_passphrase_makes_no_key(keystore: Keystore, folder: Path, weak: str) -> None:
    refused("PASSPHRASE_WEAK", keystore.create, "stf-1", weak, kdf=QUICK)
    assert not list(folder.iterdir())


def test_files_and_folder_are_closed_to_others(keystore: Keystore, folder: Path) -> None:
    info = keystore.create("stf-1", PASSPHRASE, kdf=QUICK)
    path = folder / f"{info.thumbprint}.json"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in folder.iterdir()] == [path.name]  # no temporary file is left
    path.chmod(0o640)
    refused("FILE_OPEN_TO_OTHERS", keystore.unlock, info.thumbprint, PASSPHRASE)
    folder.chmod(0o755)
    refused("FILE_OPEN_TO_OTHERS", Keystore, folder)


def test_the_private_key_is_not_in_the_file(keystore: Keystore, folder: Path) -> None:
    info = keystore.create("stf-1", PASSPHRASE, kdf=QUICK)
    raw = keystore.unlock(info.thumbprint, PASSPHRASE).raw()
    content = (folder / f"{info.thumbprint}.json").read_bytes()
    assert raw not in content
    assert raw.hex().encode() not in content
    assert jcs.encode(json.loads(content)) == content


def paths_of(value: Any, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from paths_of(item, (*prefix, name))
    else:
        yield prefix


def test_each_tampered_member_is_noticed(keystore: Keystore, folder: Path) -> None:
    """Any member changed to another value of its form: none opens, and none makes a traceback."""
    info = keystore.create("stf-1", PASSPHRASE, kdf=QUICK)
    other = keystore.create("stf-2", PASSPHRASE, kdf=QUICK)
    path = folder / f"{info.thumbprint}.json"
    good = json.loads(path.read_bytes())
    foreign = json.loads((folder / f"{other.thumbprint}.json").read_bytes())
    variants = {
        ("alg",): "es256",
        ("custody",): "hsm",
        ("format",): "certledger/key/v2",
        ("kdf", "name"): "argon2i",
        ("kdf", "iterations"): 2,
        ("kdf", "lanes"): 2,
        ("kdf", "memory"): 65,
        ("cipher", "name"): "A128GCM",
        ("jwk", "kty"): "EC",
        ("jwk", "crv"): "P-256",
    }
    seen = []
    for place in paths_of(good):
        bad = json.loads(json.dumps(good))
        target, source = bad, foreign
        for name in place[:-1]:
            target, source = target[name], source[name]
        target[place[-1]] = variants.get(place, source[place[-1]])
        assert bad != good, place
        path.write_bytes(jcs.encode(bad))
        with pytest.raises(Error) as caught:
            keystore.unlock(info.thumbprint, PASSPHRASE)
        seen.append((place, caught.value.code))
    codes = dict(seen)
    assert codes["owner",] == codes["kdf", "salt"] == codes["kdf", "memory"] == "PASSPHRASE_WRONG"
    assert codes["cipher", "ciphertext"] == codes["cipher", "nonce"] == "PASSPHRASE_WRONG"
    assert codes["jwk", "x"] == codes["thumbprint",] == codes["alg",] == "KEYSTORE_DAMAGED"
    assert len(codes) == 16
    path.write_bytes(jcs.encode(good))
    assert keystore.unlock(info.thumbprint, PASSPHRASE).jwk == info.jwk


def test_a_whole_file_in_the_place_of_another_is_noticed(keystore: Keystore, folder: Path) -> None:
    mine = keystore.create("stf-1", PASSPHRASE, kdf=QUICK)
    other = keystore.create("stf-2", PASSPHRASE, kdf=QUICK)
    (folder / f"{mine.thumbprint}.json").write_bytes((folder / f"{other.thumbprint}.json").read_bytes())
    refused("KEYSTORE_DAMAGED", keystore.unlock, mine.thumbprint, PASSPHRASE)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"null", b"[1]", b'{"a":1.5}', b"\xff", b"x" * 5000, b'{"format":"certledger/key/v1"}'],
)
def test_rubbish_is_no_key(keystore: Keystore, folder: Path, content: bytes) -> None:
    info = keystore.create("stf-1", PASSPHRASE, kdf=QUICK)
    (folder / f"{info.thumbprint}.json").write_bytes(content)
    with pytest.raises(Error):
        keystore.unlock(info.thumbprint, PASSPHRASE)


@pytest.mark.parametrize(
    ("memory", "iterations", "lanes"),
    [
        (1 << 21, 1, 1),
        (64, 1000, 1),
        (1 << 20, 1, 64),
        (7, 1, 1),
        (64, 0, 1),
        (64, 1, 0),
        (True, 1, 1),
        ("64", 1, 1),
    ],
)
def test_absurd_derivation_is_refused_before_any_work(
    keystore: Keystore, folder: Path, memory: Any, iterations: int, lanes: int
) -> None:
    refused("KEYSTORE_KDF", Kdf, memory, iterations, lanes)
    info = keystore.create("stf-1", PASSPHRASE, kdf=QUICK)
    path = folder / f"{info.thumbprint}.json"
    content = json.loads(path.read_bytes())
    content["kdf"] |= {"memory": memory, "iterations": iterations, "lanes": lanes}
    path.write_bytes(jcs.encode(content))
    refused("KEYSTORE_KDF", keystore.unlock, info.thumbprint, PASSPHRASE)


@pytest.mark.parametrize("name", ["../secret", "", "a" * 43, "a" * 42 + "/", "a" * 44])
def test_unknown_names_are_unknown_keys(keystore: Keystore, name: str) -> None:
    refused("KEY_UNKNOWN", keystore.unlock, name, PASSPHRASE)


def test_a_symbolic_link_is_not_followed(keystore: Keystore, folder: Path, tmp_path: Path) -> None:
    info = keystore.create("stf-1", PASSPHRASE, kdf=QUICK)
    path = folder / f"{info.thumbprint}.json"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    refused("FILE_UNREADABLE", keystore.unlock, info.thumbprint, PASSPHRASE)


def test_keys_are_listed_by_owner(keystore: Keystore, folder: Path) -> None:
    mine = keystore.create("stf-1", PASSPHRASE, kdf=QUICK)
    other = keystore.create("stf-2", PASSPHRASE, "es256", QUICK)
    assert {each.thumbprint for each in keystore.list()} == {mine.thumbprint, other.thumbprint}
    assert keystore.list("stf-1") == [mine]
    assert keystore.info(other.thumbprint) == other
    files.create(folder / "stray.json", b"{}")
    refused("KEYSTORE_DAMAGED", keystore.list)


def test_owner_and_algorithm_are_checked(keystore: Keystore) -> None:
    refused("KEYSTORE_OWNER", keystore.create, "staff/1", PASSPHRASE, kdf=QUICK)
    refused("KEY_ALGORITHM", keystore.create, "stf-1", PASSPHRASE, "webauthn-es256", QUICK)


def test_a_changed_passphrase_opens_the_same_key(keystore: Keystore, folder: Path) -> None:
    info = keystore.create("stf-1", PASSPHRASE, kdf=QUICK)
    before = (folder / f"{info.thumbprint}.json").read_bytes()
    refused("PASSPHRASE_WRONG", keystore.change_passphrase, info.thumbprint, "x" * 12, "y" * 12, QUICK)
    refused("PASSPHRASE_WEAK", keystore.change_passphrase, info.thumbprint, PASSPHRASE, "short", QUICK)
    assert (folder / f"{info.thumbprint}.json").read_bytes() == before
    keystore.change_passphrase(info.thumbprint, PASSPHRASE, "a wholly new passphrase", QUICK)
    refused("PASSPHRASE_WRONG", keystore.unlock, info.thumbprint, PASSPHRASE)
    assert keystore.unlock(info.thumbprint, "a wholly new passphrase").jwk == info.jwk
    salts = [
        json.loads(each)["kdf"]["salt"]
        for each in (before, (folder / f"{info.thumbprint}.json").read_bytes())
    ]
    assert salts[0] != salts[1]


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_failing_disk_leaves_the_old_file(
    keystore: Keystore, folder: Path, monkeypatch: pytest.MonkeyPatch, call: Any
) -> None:
    info = keystore.create("stf-1", PASSPHRASE, kdf=QUICK)
    before = (folder / f"{info.thumbprint}.json").read_bytes()

    def fail(*arguments: Any) -> NoReturn:
        raise OSError(28, "No space left on device")

    if call == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr("pathlib.Path.replace", fail)
    new = "a wholly new passphrase"
    refused("KEYSTORE_WRITE", keystore.change_passphrase, info.thumbprint, PASSPHRASE, new, QUICK)
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == {f"{info.thumbprint}.json": before}


def test_the_default_derivation_is_the_expensive_one(keystore: Keystore, folder: Path) -> None:
    info = keystore.create("stf-1", PASSPHRASE)
    kdf = json.loads((folder / f"{info.thumbprint}.json").read_bytes())["kdf"]
    assert (kdf["name"], kdf["memory"], kdf["iterations"], kdf["lanes"]) == ("argon2id", 65536, 3, 1)
