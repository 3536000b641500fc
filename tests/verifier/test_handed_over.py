"""Facts that are handed over beside a log: their lines, the links of certificates, and what an auditor is told."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from verifier import fact, facts, jcs
from verifier.bundle import Bundle
from verifier.errors import CodeError, Error, FormatError
from verifier.facts import Fact
from verifier.finding import KEPT_PER_CODE, RULES, Finding, Findings, Kind, Rule, lost, note, unknown, wrong
from verifier.links import Links
from verifier.named import NamedFacts

SALT = bytes(range(32))
STREAM = "staff/a"
LINE: dict[str, Any] = {
    "class": "identity",
    "field": "name",
    "salt": SALT.hex(),
    "stream": STREAM,
    "subject": STREAM,
    "value": "Gilang Fiktif",
    "version": 1,
}


def told(findings: Findings) -> list[tuple[str, str, str | None]]:
    return [(each.code, each.message, each.place) for each in findings]


# -- a fact's line -------------------------------------------------------------------------------------------------


def test_a_line_is_read() -> None:
    read = facts.parse(jcs.encode(LINE))
    assert read == Fact("identity", "name", SALT, STREAM, STREAM, "Gilang Fiktif", 1)
    committed = fact.commitment(SALT, "identity", "name", STREAM, STREAM, "Gilang Fiktif", 1)
    assert read.commitment() == committed
    assert read.opens({"commitment": committed})


def without(name: str) -> dict[str, Any]:
    return {member: value for member, value in LINE.items() if member != name}


@pytest.mark.parametrize(
    "value",
    [
        [],
        "fact",
        *({**LINE, name: 1} for name in ("class", "field", "salt", "stream", "subject")),
        *({**LINE, "version": version} for version in ("1", True, None)),
        *(without(name) for name in LINE),
        LINE | {"more": 1},
        *(LINE | {"salt": salt} for salt in ("", "00" * 31, "00" * 33, "0" * 63, "AB" * 32, "zz" * 32)),
        LINE | {"salt": "0" * 63 + "\n"},
        LINE | {"salt": "00 " * 32},
    ],
)
def test_what_is_no_fact(value: object) -> None:
    with pytest.raises(FormatError) as error:
        facts.parse(jcs.encode(value))
    assert error.value.code == "FACT_MALFORMED"


@pytest.mark.parametrize(
    "committed",
    [
        None,
        [],
        "text",
        {},
        {"commitment": None},
        {"commitment": 5},
        {"commitment": "é"},
        {"commitment": "00"},
    ],
)
def test_what_a_fact_does_not_open(committed: object) -> None:
    assert facts.parse(jcs.encode(LINE)).opens(committed) is False


def test_a_fact_without_a_canonical_value_opens_nothing() -> None:
    odd = Fact("identity", "name", SALT, STREAM, STREAM, "\ud800", 1)
    assert odd.opens({"commitment": "00" * 32}) is False


# -- named facts ----------------------------------------------------------------------------------------------------


def named(*changes: dict[str, Any] | bytes) -> tuple[list[bytes], Callable[[], Iterator[bytes]]]:
    lines = [each if isinstance(each, bytes) else jcs.encode(LINE | each) for each in changes]
    return lines, lambda: iter(lines)


def committed(**change: Any) -> dict[str, str]:
    return {"commitment": facts.parse(jcs.encode(LINE | change)).commitment()}


def test_names_of_staff_are_those_that_the_log_committed_to() -> None:
    given: list[dict[str, Any]] = [
        {},
        {"stream": "organisation/a"},
        {"stream": "staff/b", "field": "title"},
        {"stream": "staff/c", "value": {"first": "Gilang"}},
        {"stream": "staff/d", "version": 3},
        {"stream": "staff/e"},
    ]
    _lines, read = named(*given)
    findings = Findings()
    facts_of = NamedFacts(read, findings)
    assert facts_of.opened == 0
    for each in given[:-1]:
        line = LINE | each
        facts_of.follow(line["stream"], line["version"], {"other": 1, line["field"]: committed(**each)})
    facts_of.follow("staff/e", 2, {"name": committed(stream="staff/e")})
    facts_of.follow("staff/e", 1, {"name": committed(stream="staff/e", value="Somebody")})
    assert facts_of.opened == 5
    assert facts_of.finish(findings, []) == {"a": "Gilang Fiktif", "d": "Gilang Fiktif"}
    assert told(findings) == [("FACT_WRONG", f"the name of {STREAM}", "staff/e@1")]


def test_a_place_is_not_mistaken_for_another() -> None:
    """A field `1` of version 2 is not a field `2` of version 1, however the two are put together."""
    _lines, read = named({"field": "2", "version": 1})
    facts_of = NamedFacts(read, Findings())
    facts_of.follow(STREAM, 2, {"1": committed(field="2")})
    facts_of.follow(STREAM + "1", 1, {"2": committed(field="2")})
    assert facts_of.opened == 0
    facts_of.follow(STREAM, 1, {"2": committed(field="2")})
    assert facts_of.opened == 1


def test_a_line_that_is_no_fact_is_told_once_with_its_number() -> None:
    _lines, read = named({"stream": "staff/b"}, b"{}", {})
    findings = Findings()
    facts_of = NamedFacts(read, findings)
    for stream in (STREAM, "staff/b"):
        facts_of.follow(stream, 1, {"name": committed(stream=stream)})
    assert facts_of.finish(findings, []).keys() == {"a", "b"}
    assert told(findings) == [("FACT_MALFORMED", "line 2: a line does not hold a fact", "personal.jsonl")]


def test_data_that_were_destroyed_had_been_kept() -> None:
    _lines, read = named({}, {"class": "contact", "field": "phone"})
    findings = Findings()
    facts_of = NamedFacts(read, findings)
    facts_of.follow(STREAM, 1, {"name": committed()})
    facts_of.follow(STREAM, 1, {"phone": committed(**{"class": "contact", "field": "phone"})})
    gone = [(STREAM, "contact"), ("staff/b", "identity")]
    assert facts_of.finish(findings, gone) == {"a": "Gilang Fiktif"}
    assert told(findings) == [("DESTROYED_DATA_KEPT", f"the contact of {STREAM}", "staff/a@1")]


# -- links ------------------------------------------------------------------------------------------------------------


def a_link(certificate: str, **change: Any) -> bytes:
    stream = f"certificate/{certificate}"
    members = {"class": "provenance", "field": "provenance", "stream": stream, "subject": stream}
    return jcs.encode(LINE | members | {"value": {"kind": "TRAINING"}} | change)


Make = Callable[..., tuple[Links, Findings]]


@pytest.fixture
def links(tmp_path: Path) -> Iterator[Make]:
    """Make the links of these lines."""
    (tmp_path / "checkpoint").write_bytes(b"")
    bundle = Bundle(tmp_path)

    def make(*lines: bytes) -> tuple[Links, Findings]:
        (tmp_path / "links.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
        findings = Findings()
        return Links(bundle, findings), findings

    yield make
    bundle.close()


def test_links_are_found_again_by_their_certificate(links: Make) -> None:
    found, findings = links(a_link("b"), a_link("a"), a_link("c" * 128))
    assert found.given
    assert found.opened == 0
    assert found.streams() == ["certificate/a", "certificate/b", f"certificate/{'c' * 128}"]
    for name in ("a", "b", "c" * 128):
        link = found.of(f"certificate/{name}")
        assert link is not None
        assert link.stream == f"certificate/{name}"
    assert found.of("certificate/d") is None
    assert told(findings) == []


def test_without_a_file_there_are_no_links() -> None:
    found = Links(None, Findings())
    assert not found.given
    assert found.of("certificate/a") is None
    assert found.streams() == []


def test_lines_that_are_no_links_are_told_with_their_numbers(links: Make) -> None:
    second = a_link("a", version=2)
    long, learner = a_link("c" * 129), a_link("x", stream="learner/x")
    _found, findings = links(a_link("a"), b"{}", second, long, learner, a_link(""))
    assert told(findings) == [
        ("LINK_INVALID", "line 2 is no link of a certificate", "links.jsonl"),
        ("LINK_INVALID", "line 3 is a second link of certificate/a", "links.jsonl"),
        ("LINK_INVALID", "line 4 is no link of a certificate", "links.jsonl"),
        ("LINK_INVALID", "line 5 is no link of a certificate", "links.jsonl"),
        ("LINK_INVALID", "line 6 is no link of a certificate", "links.jsonl"),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"class": "identity"}, "the link of certificate/a is of another class"),
        ({"field": "name"}, "the link of certificate/a is of another class"),
        ({"subject": "certificate/b"}, "the link of certificate/a is of another class"),
        ({"version": "1"}, "the link of certificate/a: a line does not hold a fact"),
    ],
)
def test_a_link_of_another_form_is_told_when_it_is_asked_for(
    links: Make, change: dict[str, Any], message: str
) -> None:
    found, findings = links(a_link("a", **change))
    assert told(findings) == []
    assert found.of("certificate/a") is None
    assert told(findings) == [("LINK_INVALID", message, "links.jsonl")]


# -- findings and errors -----------------------------------------------------------------------------------------------


def test_findings_are_counted_beyond_those_that_are_kept() -> None:
    findings, rule = Findings(), Rule("OF_A_TEST", Kind.LOST, "A sentence.")
    for number in range(KEPT_PER_CODE + 2):
        findings.add(rule, "found", number, "place")
    assert findings.counts == {"OF_A_TEST": KEPT_PER_CODE + 2}
    assert list(findings) == [Finding(rule, "found", number, "place") for number in range(100)]
    assert [findings.has(kind) for kind in Kind] == [False, False, True, False]


def test_findings_of_a_kind_stand_in_log_order() -> None:
    findings = Findings()
    bad, open_ = Rule("BAD", Kind.WRONG, "Bad."), Rule("OPEN", Kind.UNKNOWN, "Open.")
    for index in (3, 0, None, 2):
        findings.add(bad, "found", index)
    findings.add(open_, "found")
    assert [each.index for each in findings.of(Kind.WRONG)] == [None, 0, 2, 3]
    assert [each.code for each in findings.of(Kind.UNKNOWN)] == ["OPEN"]
    assert findings.of(Kind.NOTE) == []


def test_a_code_has_one_meaning() -> None:
    before = dict(RULES)
    try:
        for declare, kind in zip((wrong, unknown, lost, note), Kind, strict=True):
            rule = declare(f"OF_A_TEST_{kind}", "A sentence.")
            assert rule == Rule(f"OF_A_TEST_{kind}", kind, "A sentence.")
            assert declare(f"OF_A_TEST_{kind}", "A sentence.") == rule
            with pytest.raises(ValueError, match=f"OF_A_TEST_{kind}"):
                declare(f"OF_A_TEST_{kind}", "Another sentence.")
    finally:
        RULES.clear()
        RULES.update(before)


def test_an_error_is_a_line_for_people() -> None:
    assert str(Error("A_CODE", "it is wrong", "Do this.")) == "A_CODE: it is wrong (Do this.)"
    assert str(CodeError("A_CODE", "it is wrong")) == "A_CODE: it is wrong"
    assert CodeError("A_CODE", "it is wrong").hint is None
    assert Error("A_CODE", "it is wrong", "Do this.").hint == "Do this."
    assert Error("A_CODE", "it is wrong").args == ("it is wrong",)
