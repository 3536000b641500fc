import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import DomainError, StoreError
from ledger.personal.idempotency import Idempotency, Remembered
from ledger.personal.store import PersonalStore
from tests.personal.personal_kit import NOW, open_store, raw_bytes

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PersonalStore]:
    made = open_store(tmp_path)
    yield made
    made.close()


@pytest.fixture
def keys(store: PersonalStore) -> Idempotency:
    return store.idempotency


def code_of(call: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(DomainError) as caught:
        call(*arguments, **named)
    return caught.value.code


def test_the_same_act_gets_the_same_command_and_reply(keys: Idempotency) -> None:
    assert keys.recall("stf-1", "key-1", b"body") is None
    assert keys.remember("stf-1", "key-1", b"body", command="c1", now=NOW) == Remembered("c1", None)
    assert keys.remember("stf-1", "key-1", b"body", command="c2", now=NOW) == Remembered("c1", None)
    keys.answer("stf-1", "key-1", {"id": "l1"})
    assert keys.recall("stf-1", "key-1", b"body") == Remembered("c1", {"id": "l1"})


def test_another_body_is_refused(keys: Idempotency) -> None:
    keys.remember("stf-1", "key-1", b"body", command="c1", now=NOW)
    assert code_of(keys.recall, "stf-1", "key-1", b"bodY") == "IDEMPOTENCY_KEY_REUSED"
    assert code_of(keys.remember, "stf-1", "key-1", b"", command="c2", now=NOW) == "IDEMPOTENCY_KEY_REUSED"


def test_keys_are_of_one_actor(keys: Idempotency) -> None:
    keys.remember("stf-1", "key-1", b"body", command="c1", now=NOW)
    assert keys.recall("stf-2", "key-1", b"other") is None
    assert keys.remember("stf-2", "key-1", b"other", command="c2", now=NOW).command == "c2"


def test_neither_key_body_nor_reply_stands_in_clear(keys: Idempotency, tmp_path: Path) -> None:
    keys.remember("stf-1", "key-1-visible", b"Arif Contohman", command="c1", now=NOW)
    keys.answer("stf-1", "key-1-visible", {"name": "Arif Contohman"})
    content = raw_bytes(tmp_path)
    assert b"key-1" not in content
    assert b"Arif" not in content


def test_a_reply_is_bound_to_its_key(store: PersonalStore, keys: Idempotency, tmp_path: Path) -> None:
    for name in ("key-1", "key-2"):
        keys.remember("stf-1", name, b"body", command=name, now=NOW)
        keys.answer("stf-1", name, {"for": name})
    connection = sqlite3.connect(tmp_path / "personal.db")
    with connection:
        connection.execute(
            "UPDATE idempotency SET reply = (SELECT reply FROM idempotency WHERE command = 'key-1')"
        )
    connection.close()
    assert keys.recall("stf-1", "key-1", b"body") == Remembered("key-1", {"for": "key-1"})
    with pytest.raises(StoreError) as caught:
        keys.recall("stf-1", "key-2", b"body")
    assert caught.value.code == "PERSONAL_DAMAGED"


def test_expiry_and_forgetting(keys: Idempotency) -> None:
    keys.remember("stf-1", "old", b"body", command="c1", now=NOW)
    keys.remember("stf-1", "new", b"body", command="c2", now=NOW + DAY)
    assert keys.expire(NOW + DAY) == 1
    assert keys.recall("stf-1", "old", b"body") is None
    assert keys.recall("stf-1", "new", b"body") == Remembered("c2", None)
    keys.forget("stf-1", "new")
    assert keys.remember("stf-1", "new", b"other", command="c3", now=NOW).command == "c3"


@pytest.mark.parametrize(
    ("actor", "key"), [("stf-1", ""), ("stf-1", "a b"), ("stf-1", "k" * 201), ("stf\n1", "k"), ("", "k")]
)
def test_malformed_keys(keys: Idempotency, actor: str, key: str) -> None:
    assert code_of(keys.recall, actor, key, b"") == "VALUE_INVALID"


def test_one_of_many_racers_wins(keys: Idempotency) -> None:
    def race(number: int) -> str:
        return keys.remember("stf-1", "key-1", b"body", command=f"c{number}", now=NOW).command

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(race, range(24)))) == 1
