"""What the data of events may hold: each kind of member by values that are it and values that are not."""

from string import Formatter
from typing import Any

import pytest

from verifier.rules import shapes
from verifier.rules.shapes import LEARNER_FIELDS, SHAPES, fits
from verifier.story import SENTENCES, sentence

HASH, THUMB = "0123456789abcdef" * 4, "A" * 40 + "_-z"
FACT = {"commitment": HASH}
UNIT = {"decree": "98/2018", "code": "U.1", "title_id": "Las", "title_en": "Weld"}
LOSS = {"origin": "other.example/log", "size": 9, "root": HASH, "restored": 8}
HOURS = {"title_id": "Umum", "title_en": "General", "jp": 0}

GOOD: dict[str, list[Any]] = {
    "id": ["a", "A-z_0.9", "x" * 128],
    "text": ["x", " ", "ä" * 1000],
    "int": [0, 1, 2**53 - 1],
    "bool": [True, False],
    "day": ["2031-03-03", "2028-02-29"],
    "time": ["2031-03-03T01:02:03Z"],
    "hash": [HASH],
    "fact": [FACT],
    "thumb": [THUMB],
    "object": [{}, {"a": 1}],
    "result": ["K", "BK"],
    "results": [{}, {"U.1": "K", "U.2": "BK"}],
    "certificate": ["TRAINING", "COMPETENCE", "UNIT_STATEMENT"],
    "units": [[], [UNIT], [UNIT, UNIT]],
    "hours": [[], [HOURS], [HOURS, HOURS | {"jp": 3}]],
    "subject": ["learner/a", "certificate/b-1"],
    "predecessor": [LOSS, LOSS | {"size": 0}],
}
BAD: dict[str, list[Any]] = {
    "id": ["", "a/b", "a b", "x" * 129, "a\n", 1, None, [], ["a"]],
    "text": ["", "x" * 1001, 1, None, ["x"], {"x": 1}],
    "int": [-1, True, False, "1", None, [1]],
    "bool": [0, 1, None, "true"],
    "day": ["2031-02-29", "2031-3-3", "20310303", "2031-03-03T00:00:00Z", "", 1, None],
    "time": ["2031-03-03", "2031-03-03T01:02:03", "2031-02-29T01:02:03Z", 1, None],
    "hash": [HASH[:-1], HASH + "0", HASH.upper(), HASH + "\n", None, 1, [HASH]],
    "fact": [{}, {"commitment": "x"}, {"commitment": HASH, "a": 1}, {"other": HASH}, HASH, None, [FACT]],
    "thumb": [THUMB[:-1], THUMB + "A", THUMB[:-1] + "=", THUMB + "\n", None, 1],
    "object": [[], "", None, 1],
    "result": ["k", "", "KBK", None, 1, ["K"]],
    "results": [{"U.1": "no"}, {"U.1": "K", "U.2": None}, [], ["K"], "K", None],
    "certificate": ["training", "", None, 1, ["TRAINING"]],
    "units": [
        UNIT,
        [1],
        [None],
        [{}],
        ["text"],
        [UNIT, {}],
        [UNIT | {"jp": "8"}],
        [UNIT | {"code": ""}],
        [UNIT | {"code": 1}],
        [{name: value for name, value in UNIT.items() if name != "decree"}],
        None,
        "",
        {},
    ],
    "hours": [
        HOURS,
        [1],
        [None],
        [{}],
        [HOURS, {}],
        [HOURS | {"more": 1}],
        [HOURS | {"title_id": ""}],
        [HOURS | {"title_en": ""}],
        [HOURS | {"jp": -1}],
        [HOURS | {"jp": True}],
        [{name: value for name, value in HOURS.items() if name != "jp"}],
        [{name: value for name, value in HOURS.items() if name != "title_id"}],
        [{name: value for name, value in HOURS.items() if name != "title_en"}],
        None,
        "",
        {},
    ],
    "subject": [
        "staff/a",
        "learner/",
        "learner",
        "a",
        "",
        "learner/a/b",
        "certificate/a b",
        "XX/a",
        None,
        1,
        ["learner/a"],
    ],
    "predecessor": [
        None,
        [],
        [LOSS],
        "other.example/log",
        {},
        LOSS | {"more": 1},
        *(LOSS | {name: None} for name in LOSS),
        *({name: value for name, value in LOSS.items() if name != gone} for gone in LOSS),
    ],
}
MEMBERS = {
    event_type: dict(member.split(":") for member in shape.split() if member[0] != "[")
    for event_type, shape in SHAPES.items()
    if ":" in shape or not shape
}
MAY_HAVE = {
    event_type: dict(member[1:-1].split(":") for member in shape.split() if member[0] == "[")
    for event_type, shape in SHAPES.items()
}
SPECIAL = {"learner.correction_requested", "learner.identity_corrected"}


def good(kind: str) -> list[Any]:
    if kind.endswith("?"):
        return [*good(kind[:-1]), None]
    if kind.endswith("[]"):
        each = good(kind[:-2])
        return [[], each, each[:1] * 3]
    return GOOD[kind]


def bad(kind: str) -> list[Any]:
    if kind.endswith("?"):
        return [value for value in BAD[kind[:-1]] if value is not None]
    if kind.endswith("[]"):
        plain = kind[:-2]
        return [None, {}, "", good(plain)[0], *([good(plain)[0], value] for value in BAD[plain])]
    return BAD[kind]


def test_there_are_values_for_every_kind() -> None:
    assert {
        kind.removesuffix("?").removesuffix("[]")
        for each in (*MEMBERS.values(), *MAY_HAVE.values())
        for kind in each.values()
    } == GOOD.keys()
    assert GOOD.keys() == BAD.keys()
    assert SHAPES.keys() - MEMBERS.keys() == SPECIAL


@pytest.mark.parametrize("event_type", MEMBERS)
def test_the_data_of_an_event(event_type: str) -> None:
    members = MEMBERS[event_type]
    sample = {name: good(kind)[0] for name, kind in members.items()}
    assert fits(event_type, sample) is None
    assert fits(event_type, sample | {"one_more": 1}) == "members are missing or unknown: one_more"
    full = sample | {name: good(kind)[0] for name, kind in MAY_HAVE[event_type].items()}
    assert fits(event_type, full) is None
    assert fits(event_type, full | {"one_more": 1}) == "members are missing or unknown: one_more"
    for name, kind in (members | MAY_HAVE[event_type]).items():
        rest = {other: value for other, value in sample.items() if other != name}
        lacks = None if name in MAY_HAVE[event_type] else f"members are missing or unknown: {name}"
        assert fits(event_type, rest) == lacks
        for value in good(kind):
            assert fits(event_type, sample | {name: value}) is None, (name, value)
        for value in bad(kind):
            for base in (sample, full) if MAY_HAVE[event_type] else (sample,):
                assert fits(event_type, base | {name: value}) == f"the member {name} is not what it should be"


@pytest.mark.parametrize("event_type", SENTENCES)
def test_a_sentence_is_made_of_the_events_own_members(event_type: str) -> None:
    members = MEMBERS.get(event_type, {"field": "text"})
    shown = {name for _, name, _, _ in Formatter().parse(SENTENCES[event_type]) if name}
    assert shown <= members.keys()
    data = {name: f"<{name}>" for name in members}
    told = sentence(event_type, data)
    for name in shown - {"valid_until"}:
        assert f"<{name}>" in told
    assert told.endswith(", valid until <valid_until>") == ("valid_until" in shown)
    if "valid_until" in shown:
        assert sentence(event_type, data | {"valid_until": None}) == told.removesuffix(
            ", valid until <valid_until>"
        )


def test_yes_no_none_and_what_has_no_sentence() -> None:
    assert sentence("assessment.decided", {"award": True}) == "decided; award earned: yes"
    assert sentence("assessment.decided", {"award": False}) == "decided; award earned: no"
    assert sentence("appeal.upheld", {"remedy": None}) == "upheld the appeal: none"
    assert sentence("blank_stock.stock_received", {}) == "stock received"


def test_many_members_too_many_are_not_all_told() -> None:
    told = fits("cohort.closed", dict.fromkeys((f"member_{number:03}" for number in range(50)), 1))
    assert told is not None
    assert told.startswith("members are missing or unknown: member_000, member_001")
    assert len(told) == len("members are missing or unknown: ") + 200


@pytest.mark.parametrize("field", [*LEARNER_FIELDS, "nik"])
def test_one_fact_is_corrected_at_a_time(field: str) -> None:
    asked = {"field": field, f"requested_{field}": FACT}
    done = {"field": field, field: FACT, "request": HASH}
    assert fits("learner.correction_requested", asked) is None
    assert fits("learner.identity_corrected", done) is None
    for event_type, sample in (("learner.correction_requested", asked), ("learner.identity_corrected", done)):
        wrong: list[dict[str, Any]] = [
            *({name: value for name, value in sample.items() if name != gone} for gone in sample),
            *(sample | {name: 1} for name in sample if name != "field"),
            *(sample | {"field": name} for name in ("", "nickname", "NIK")),
            sample | {"field": None},
            sample | {"field": []},
            sample | {"more": 1},
        ]
        for data in wrong:
            assert fits(event_type, data) is not None, data


def test_no_other_fact_is_corrected() -> None:
    for field in ("nickname", "commitment"):
        assert fits("learner.correction_requested", {"field": field, f"requested_{field}": FACT}) is not None
        assert fits("learner.identity_corrected", {"field": field, field: FACT, "request": HASH}) is not None


def test_what_is_a_fact() -> None:
    assert shapes.is_fact(FACT)
    assert not any(map(shapes.is_fact, BAD["fact"]))
