from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import DomainError
from ledger.personal.preparations import Preparations
from ledger.personal.store import PersonalStore
from tests.personal.personal_kit import NOW, open_store, raw_bytes

SOON = NOW + timedelta(minutes=10)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PersonalStore]:
    made = open_store(tmp_path)
    yield made
    made.close()


@pytest.fixture
def preparations(store: PersonalStore) -> Preparations:
    return store.preparations


def code_of(call: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(DomainError) as caught:
        call(*arguments, **named)
    return caught.value.code


def test_a_preparation_is_taken_once(preparations: Preparations) -> None:
    name = preparations.store("stf-1", b"content", expires_at=SOON)
    assert preparations.take_once(name, "stf-1", now=NOW) == b"content"
    assert code_of(preparations.take_once, name, "stf-1", now=NOW) == "PREPARATION_USED"


def test_it_is_of_one_person(preparations: Preparations) -> None:
    name = preparations.store("stf-1", b"content", expires_at=SOON)
    assert code_of(preparations.take_once, name, "stf-2", now=NOW) == "PREPARATION_UNKNOWN"
    assert code_of(preparations.take_once, "no-such-id", "stf-1", now=NOW) == "PREPARATION_UNKNOWN"
    assert preparations.take_once(name, "stf-1", now=NOW) == b"content"
    assert code_of(preparations.store, "a b", b"", expires_at=SOON) == "VALUE_INVALID"


def test_it_expires(preparations: Preparations) -> None:
    first = preparations.store("stf-1", b"content", expires_at=SOON)
    later = preparations.store("stf-1", b"later", expires_at=SOON + timedelta(minutes=1))
    assert code_of(preparations.take_once, first, "stf-1", now=SOON) == "PREPARATION_EXPIRED"
    assert preparations.delete_expired(SOON) == 1
    assert code_of(preparations.take_once, first, "stf-1", now=SOON) == "PREPARATION_UNKNOWN"
    assert preparations.take_once(later, "stf-1", now=SOON) == b"later"


def test_its_content_is_sealed_and_gone_when_taken(preparations: Preparations, tmp_path: Path) -> None:
    content = b"Arif Contohman" * 600
    name = preparations.store("stf-1", content, expires_at=SOON)
    assert b"Arif" not in raw_bytes(tmp_path)
    with preparations._database.reading() as connection:
        sealed = connection.execute("SELECT sealed FROM preparation").fetchone()[0]
    assert sealed[40:90] in raw_bytes(tmp_path)
    assert preparations.take_once(name, "stf-1", now=NOW) == content
    assert not any(sealed[n : n + 50] in raw_bytes(tmp_path) for n in range(0, len(sealed) - 50, 700))


def test_one_of_many_racers_takes_it(preparations: Preparations) -> None:
    name = preparations.store("stf-1", b"content", expires_at=SOON)

    def take(number: int) -> bytes | str:
        try:
            return preparations.take_once(name, "stf-1", now=NOW)
        except DomainError as error:
            return error.code

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(take, range(12)))
    assert results.count(b"content") == 1
    assert results.count("PREPARATION_USED") == 11
