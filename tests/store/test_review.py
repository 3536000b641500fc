"""The ledger's review after compromises and the audit's are the same, whatever the history and the moment.

Both take the same random events: the ledger in its projections (on both databases), the audit as it reads them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.domain.event import Event, to_time
from ledger.issuing.standing import Standing
from ledger.projections.project import project
from tests.houses import START, Office, office
from verifier.event import Event as Read
from verifier.status import Statuses

ISSUER_KEY = {"purpose": "token", "id": 1, "jwk": {}, "alg": "ed25519", "thumbprint": "t"}
KEYS = ("one", "two", "three")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("review") / "data", request.param) as opened:
        yield opened


class Story:
    """One certificate's acts and compromises, told to both; ``index`` goes up by one with each."""

    def __init__(self, place: Office) -> None:
        self.house = place.house
        self.run = uuid.uuid4().hex
        self.index = -1
        self.read: list[Read] = []
        self._tell(f"issuer_key/{self.run}", "issuer_key.enrolled", ISSUER_KEY | {"organisation": self.run})
        self.certificate("prepared", "one", kind="TRAINING")
        number = {"number": self.run, "seq": None, "series": None}
        place_in_list = {"list": 1, "index": 7}
        days = {"issued_on": "2031-03-03", "valid_until": None, "zone": "Asia/Jayapura"}
        self.certificate("issued", "one", **number, **place_in_list, **days)

    def certificate(self, name: str, key: str, **data: Any) -> None:
        self._tell(f"certificate/{self.run}", f"certificate.{name}", data, key)

    def compromise(self, key: str, back: int) -> None:
        data = {"key": f"{key} {self.run}", "from_size": max(0, self.index + 1 - back)}
        self._tell(f"staff/{self.run}", "staff.key_compromised", data)

    def compromise_issuer(self, back: int) -> None:
        data = {"from_size": max(0, self.index + 1 - back)}
        self._tell(f"issuer_key/{self.run}", "issuer_key.compromised", data)

    def _tell(self, stream: str, name: str, data: dict[str, Any], pen: str = "custodian") -> None:
        self.index += 1
        at = to_time(START + timedelta(seconds=self.index))
        key = f"{pen} {self.run}"
        entry = b"{}\n" + json.dumps({"key": key}).encode()
        told = Event(stream, 1, f"{name}.v1", at, at, "a", "r", self.run, "c", data, "00" * 32, entry)
        with self.house.application.recorder.writing() as sql:  # type: ignore[attr-defined]
            project(sql, told, self.index)
        read = Read(
            *(f"{name}.v1", stream, 1, None, at, at, "staff/a", "r", self.run, "c", 0, b"", data),
            *(b"", b"", b"", key, "ed25519", b"", 0, 1, ()),
        )
        read.index = self.index
        self.read.append(read)

    def audited(self, until: str | None) -> bool:
        statuses = Statuses(until)
        for event in self.read:
            statuses.follow(event)
        found = statuses.find(self.run)
        return found is not None and statuses.under_review(found)


def act() -> st.SearchStrategy[tuple[str, str, int]]:
    names = ("suspended", "reinstated", "countersigned", "compromise", "compromise issuer")
    return st.tuples(st.sampled_from(names), st.sampled_from(KEYS), st.integers(0, 8))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(act(), max_size=10))
def test_ledger_and_audit_agree_now_and_at_every_past_moment(
    place: Office, acts: list[tuple[str, str, int]]
) -> None:
    story = Story(place)
    for name, key, back in acts:
        if name == "compromise":
            story.compromise(key, back)
        elif name == "compromise issuer":
            story.compromise_issuer(back)
        else:
            story.certificate(name, key)
    queries = place.house.queries
    for index in range(story.index + 1):
        at = to_time(START + timedelta(seconds=index))
        assert queries.under_review(story.run, at) == story.audited(at), (index, acts)
    now = story.audited(None)
    row = queries.certificate(story.run)
    assert row is not None
    assert row.under_review == now
    listed = bool(Standing(place.house.application.reading).fallen(story.run))
    assert listed == (now or row.state == "suspended")


# What ends a review and what begins one, spelled out: (acts after the issue with key one at index 2, under review).
TOLD: list[tuple[list[tuple[str, str, int]], bool]] = [
    ([("suspended", "two", 0), ("reinstated", "two", 0), ("compromise", "two", 1)], True),
    ([("suspended", "two", 0), ("reinstated", "two", 0), ("compromise", "two", 0)], False),
    ([("suspended", "two", 0), ("reinstated", "three", 0), ("compromise", "two", 8)], False),
    ([("compromise", "one", 8), ("countersigned", "two", 0)], False),
    ([("compromise", "one", 8), ("countersigned", "two", 0), ("compromise", "two", 1)], True),
    ([("compromise", "one", 8), ("countersigned", "two", 0), ("compromise", "two", 0)], False),
    ([("compromise", "two", 0), ("compromise", "one", 8), ("countersigned", "two", 0)], True),
    ([("compromise issuer", "", 8), ("countersigned", "two", 0), ("compromise issuer", "", 1)], False),
]


@pytest.mark.parametrize(("acts", "expected"), TOLD)
def test_what_begins_a_review_and_what_ends_it(
    place: Office, acts: list[tuple[str, str, int]], *, expected: bool
) -> None:
    story = Story(place)
    for name, key, back in acts:
        if name == "compromise":
            story.compromise(key, back)
        elif name == "compromise issuer":
            story.compromise_issuer(back)
        else:
            story.certificate(name, key)
    row = place.house.queries.certificate(story.run)
    assert row is not None
    assert (row.under_review, story.audited(None)) == (expected, expected)
