import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keys.errors import Error
from keys.keystore import Keystore
from keys.passphrase import Kdf
from keys.unlocked import Unlocked

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSPHRASE = "benar kuda baterai staples"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def keystore(tmp_path: Path) -> Keystore:
    return Keystore(tmp_path / "keystore")


@pytest.fixture
def key(keystore: Keystore) -> str:
    return keystore.create("stf-1", PASSPHRASE, kdf=Kdf(64, 1)).thumbprint


@pytest.fixture
def unlocked(keystore: Keystore) -> Unlocked:
    return Unlocked(keystore, idle=10 * MINUTE)


def code_of(call: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(Error) as caught:
        call(*arguments, **named)
    return caught.value.code


def test_a_key_is_locked_until_its_owner_unlocks_it(unlocked: Unlocked, key: str) -> None:
    assert code_of(unlocked.signer, key, owner="stf-1", now=NOW) == "KEY_LOCKED"
    assert code_of(unlocked.unlock, key, "wrong wrong wrong", owner="stf-1", now=NOW) == "PASSPHRASE_WRONG"
    assert code_of(unlocked.signer, key, owner="stf-1", now=NOW) == "KEY_LOCKED"
    unlocked.unlock(key, PASSPHRASE, owner="stf-1", now=NOW)
    assert unlocked.signer(key, owner="stf-1", now=NOW).thumbprint == key


def test_nobody_uses_the_key_of_another(unlocked: Unlocked, key: str) -> None:
    assert code_of(unlocked.unlock, key, PASSPHRASE, owner="stf-2", now=NOW) == "KEY_UNKNOWN"
    unlocked.unlock(key, PASSPHRASE, owner="stf-1", now=NOW)
    assert code_of(unlocked.signer, key, owner="stf-2", now=NOW) == "KEY_LOCKED"
    assert not unlocked.is_unlocked(key, owner="stf-2", now=NOW)


def test_use_puts_the_end_off_and_asking_does_not(unlocked: Unlocked, key: str) -> None:
    unlocked.unlock(key, PASSPHRASE, owner="stf-1", now=NOW)
    unlocked.signer(key, owner="stf-1", now=NOW + 9 * MINUTE)
    assert unlocked.is_unlocked(key, owner="stf-1", now=NOW + 19 * MINUTE)
    assert (
        code_of(unlocked.signer, key, owner="stf-1", now=NOW + 19 * MINUTE + timedelta(seconds=1))
        == "KEY_LOCKED"
    )
    assert (
        code_of(unlocked.signer, key, owner="stf-1", now=NOW) == "KEY_LOCKED"
    )  # a clock set back opens nothing again


def test_lock_and_sign_out(unlocked: Unlocked, keystore: Keystore, key: str) -> None:
    other = keystore.create("stf-2", PASSPHRASE, kdf=Kdf(64, 1)).thumbprint
    for name, owner in ((key, "stf-1"), (other, "stf-2")):
        unlocked.unlock(name, PASSPHRASE, owner=owner, now=NOW)
    unlocked.lock_owner("stf-1")
    assert not unlocked.is_unlocked(key, owner="stf-1", now=NOW)
    assert unlocked.is_unlocked(other, owner="stf-2", now=NOW)
    unlocked.lock(other)
    unlocked.lock(other)
    assert code_of(unlocked.signer, other, owner="stf-2", now=NOW) == "KEY_LOCKED"


def test_nothing_is_logged(
    unlocked: Unlocked, key: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    unlocked.unlock(key, PASSPHRASE, owner="stf-1", now=NOW)
    code_of(unlocked.unlock, key, "wrong wrong wrong", owner="stf-1", now=NOW)
    assert (caplog.records, *capfd.readouterr()) == ([], "", "")


def test_many_threads(unlocked: Unlocked, key: str) -> None:
    def use(number: int) -> str:
        if number % 10 == 0:
            unlocked.lock(key)
        unlocked.unlock(key, PASSPHRASE, owner="stf-1", now=NOW)
        try:
            return unlocked.signer(key, owner="stf-1", now=NOW + number * MINUTE / 100).thumbprint
        except Error as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(use, range(200))) <= {key, "KEY_LOCKED"}
