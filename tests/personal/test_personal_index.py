from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.commands.work import Link
from ledger.errors import Error
from ledger.personal.index import SubjectTag
from ledger.personal.store import PersonalStore
from tests.personal.personal_kit import NOW, fact, open_store, raw_bytes

NIK, OTHER_NIK = "9901011403909001", "9901010211879002"
CODE = "0123456789ABC"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PersonalStore]:
    made = open_store(tmp_path)
    yield made
    made.close()


def code_of(call: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(Error) as caught:
        call(*arguments, **named)
    return caught.value.code


def put(store: PersonalStore, command: str, *, settle: bool = True, **rows: Any) -> None:
    store.put(rows.pop("facts", []), pending=command, now=NOW, **rows)
    if settle:
        store.settle(command)


def test_a_nik_leads_to_one_learner(store: PersonalStore) -> None:
    put(store, "c1", niks={NIK: "learner/l1"})
    assert store.index.learner_of(NIK) == "l1"
    assert store.index.learner_of(OTHER_NIK) is None
    assert (
        code_of(store.put, [fact("x")], pending="c2", now=NOW, niks={NIK: "learner/l2"})
        == "CONCURRENCY_CONFLICT"
    )
    assert list(store.places()) == []
    put(store, "c3", niks={NIK: "l1"})
    assert store.index.learner_of(NIK) == "l1"


def test_a_pending_nik_is_claimed_already_and_free_after_a_discard(store: PersonalStore) -> None:
    put(store, "c1", niks={NIK: "learner/l1"}, settle=False)
    assert code_of(store.put, [], pending="c2", now=NOW, niks={NIK: "learner/l2"}) == "CONCURRENCY_CONFLICT"
    store.discard("c1")
    assert store.index.learner_of(NIK) is None
    put(store, "c2", niks={NIK: "learner/l2"})
    assert store.index.learner_of(NIK) == "l2"


@pytest.mark.parametrize("settled_first", [True, False])
def test_each_of_two_commands_takes_back_only_its_own(store: PersonalStore, settled_first: bool) -> None:
    rows = {
        "niks": {NIK: "l1"},
        "codes": {CODE: "x1"},
        "links": [Link("x1", "decision", "d1")],
        "tags": [SubjectTag("l1", "name", "Arif")],
    }
    put(store, "lost", settle=False, **rows)
    put(store, "done", settle=False, **rows)
    for act in (store.settle, store.discard) if settled_first else (store.discard, store.settle):
        act("done" if act == store.settle else "lost")
    index = store.index
    assert (index.learner_of(NIK), index.certificate_of(CODE)) == ("l1", "x1")
    assert (index.certificates_of("decision", "d1"), index.find_subjects("name", "arif")) == (["x1"], ["l1"])


def test_both_settled_leave_one_row(store: PersonalStore) -> None:
    for command in ("c1", "c2"):
        put(store, command, links=[Link("x1", "decision", "d1")], settle=False)
    store.settle("c1")
    store.settle("c2")
    assert store.index.certificates_of("decision", "d1") == ["x1"]


def test_what_is_settled_is_not_discarded(store: PersonalStore) -> None:
    rows: dict[str, Any] = {
        "facts": [fact("Arif")],
        "niks": {NIK: "l1"},
        "codes": {CODE: "x1"},
        "links": [Link("x1", "decision", "d1")],
        "tags": [SubjectTag("l1", "name", "Arif")],
    }
    put(store, "c1", **rows)
    store.discard("c1")
    index = store.index
    assert (index.learner_of(NIK), index.certificate_of(CODE)) == ("l1", "x1")
    assert (index.certificates_of("decision", "d1"), index.find_subjects("name", "arif")) == (["x1"], ["l1"])
    assert store.get("learner/l1", "identity") == [fact("Arif")]


def test_a_nik_is_given_back_by_its_learner_only(store: PersonalStore) -> None:
    put(store, "c1", niks={NIK: "learner/l1"})
    store.index.release_nik(NIK, "learner/l2")
    assert store.index.learner_of(NIK) == "l1"
    store.index.release_nik(NIK, "learner/l1")
    store.index.release_nik(NIK, "learner/l1")
    put(store, "c2", niks={NIK: "learner/l2"})
    assert store.index.learner_of(NIK) == "l2"


def test_a_nik_is_given_to_another_whoever_had_it(store: PersonalStore) -> None:
    put(store, "c1", niks={NIK: "learner/l1"})
    store.index.transfer_niks("learner/l1", "learner/l2")
    store.index.give_nik(NIK, "learner/l1")
    store.index.give_nik(NIK, "learner/l1")
    assert store.index.learner_of(NIK) == "l1"


def test_a_code_leads_to_one_certificate(store: PersonalStore) -> None:
    put(store, "c1", codes={CODE: "certificate/x1"})
    assert store.index.certificate_of(CODE) == "x1"
    assert store.index.certificate_of("0123456789ABD") is None
    assert code_of(store.put, [], pending="c2", now=NOW, codes={CODE: "certificate/x2"}) == "CODE_TAKEN"
    assert store.index.certificate_of(CODE) == "x1"


def test_the_way_back_is_found_and_forgotten(store: PersonalStore) -> None:
    links = [Link("x1", "decision", "d1"), Link("x1", "learner", "learner/l1"), Link("x2", "learner", "l1")]
    put(store, "c1", links=links)
    assert store.index.certificates_of("decision", "d1") == ["x1"]
    assert sorted(store.index.certificates_of("learner", "l1")) == ["x1", "x2"]
    assert store.index.certificates_of("enrolment", "l1") == []
    store.index.unlink("certificate/x1")
    assert store.index.certificates_of("decision", "d1") == []
    assert store.index.certificates_of("learner", "l1") == ["x2"]


def test_names_are_found_however_they_are_spaced(store: PersonalStore) -> None:
    put(store, "c1", tags=[SubjectTag("learner/l1", "name", "Arif  Contohman")])
    put(store, "c2", tags=[SubjectTag("learner/l2", "name", "ARIF CONTOHMAN")])
    assert sorted(store.index.find_subjects("name", " arif contohman")) == ["l1", "l2"]
    assert store.index.find_subjects("name", "arif") == []
    assert store.index.find_subjects("birth", "arif contohman") == []


def test_nothing_that_is_indexed_stands_in_clear(store: PersonalStore, tmp_path: Path) -> None:
    put(
        store,
        "c1",
        niks={NIK: "l1"},
        codes={CODE: "x1"},
        links=[Link("x1", "decision", "dddddddd-decision")],
        tags=[SubjectTag("l1", "name", "Arif Contohman")],
    )
    content = raw_bytes(tmp_path).lower()
    for clear in (NIK.encode(), CODE.lower().encode(), b"dddddddd", b"arif"):
        assert clear not in content


def test_tags_are_of_this_store_alone(store: PersonalStore, tmp_path: Path) -> None:
    """Another store's tag of the same NIK differs, so that nobody can try NIKs without the keys."""
    other = tmp_path / "other"
    other.mkdir()
    second = open_store(other)
    assert store.index._nik_tag(NIK) != second.index._nik_tag(NIK)
    second.close()


def test_destruction_takes_the_index_rows_along(store: PersonalStore) -> None:
    put(
        store,
        "c1",
        facts=[
            fact("Arif"),
            fact("Arif", subject="certificate/x1"),
            fact("d1", subject="certificate/x1", class_="provenance", field="decision"),
        ],
        niks={NIK: "l1"},
        codes={CODE: "x1"},
        links=[Link("x1", "decision", "d1")],
        tags=[SubjectTag("l1", "name", "Arif"), SubjectTag("x1", "name", "Arif")],
    )
    store.destroy("certificate/x1", "provenance", position=7)
    assert store.index.certificates_of("decision", "d1") == []
    assert store.index.learner_of(NIK) == "l1"
    store.destroy("learner/l1", "custody", position=7)
    assert store.index.learner_of(NIK) == "l1"
    store.destroy("learner/l1", "identity", position=7)
    assert store.index.learner_of(NIK) is None
    assert store.index.find_subjects("name", "arif") == ["x1"]
    store.destroy("certificate/x1", "identity", position=7)
    assert store.index.find_subjects("name", "arif") == []
    assert (
        store.index.certificate_of(CODE) == "x1"
    )  # it must still answer that it cannot be verified any more
