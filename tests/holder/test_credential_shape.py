"""A credential has these members, with these values and lengths, and no others; and its parts agree."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sealing.issuer import Facts, Issuer
from verifier import credential
from verifier.errors import FormatError

Path = tuple[str | int, ...]

UNIT = {
    "type": ["Alignment"],
    "targetType": "ext:SKKNI",
    "targetCode": "C.24LAS01.001.1",
    "targetName": "Melaksanakan Persiapan",
    "targetDescription": "Prepare",
    "targetFramework": "Kepmenaker 27/2021",
    "targetUrl": "https://skkni.kemnaker.go.id/",
}
SUBJECT = ("credentialSubject",)
ACHIEVEMENT = (*SUBJECT, "achievement")
NAME = (*SUBJECT, "identifier", 0)
STATUS = ("credentialStatus",)

# Free texts with the most characters that each may have, and what has to say the same beside it.
TEXTS: dict[Path, tuple[int, Path | None]] = {
    ("name",): (250, (*ACHIEVEMENT, "name")),
    ("issuer", "id"): (400, None),
    ("issuer", "name"): (200, None),
    (*NAME, "identityHash"): (200, None),
    (*SUBJECT, "licenseNumber"): (80, None),
    (*ACHIEVEMENT, "name"): (250, ("name",)),
    (*ACHIEVEMENT, "description"): (250, None),
    (*ACHIEVEMENT, "criteria", "narrative"): (500, None),
    (*ACHIEVEMENT, "humanCode"): (80, None),
    (*ACHIEVEMENT, "tag", 0): (80, None),
    (*ACHIEVEMENT, "alignment", 0, "targetCode"): (30, (*ACHIEVEMENT, "resultDescription", 0, "name")),
    (*ACHIEVEMENT, "alignment", 0, "targetName"): (300, None),
    (*ACHIEVEMENT, "alignment", 0, "targetDescription"): (300, None),
    (*ACHIEVEMENT, "alignment", 0, "targetFramework"): (200, None),
    (*ACHIEVEMENT, "resultDescription", 0, "name"): (30, (*ACHIEVEMENT, "alignment", 0, "targetCode")),
}
OPTIONAL = {("validUntil",), (*ACHIEVEMENT, "tag")}


@pytest.fixture(scope="module")
def full(issuer: Issuer) -> dict[str, Any]:
    """A document with every member that there may be, of two units."""
    document: dict[str, Any] = json.loads(issuer.credential(Facts()))
    del document["proof"]
    achievement = document["credentialSubject"]["achievement"]
    achievement["tag"] = ["Level II"]
    units = [{**UNIT, "targetCode": code} for code in ("C.24LAS01.001.1", "C.24LAS01.003.1")]
    with_units(document, units)
    return document


def with_units(document: dict[str, Any], units: list[dict[str, Any]]) -> None:
    subject = document["credentialSubject"]
    ids = [uuid.UUID(int=number + 2).urn for number in range(len(units))]
    subject["achievement"]["alignment"] = units
    subject["achievement"]["resultDescription"] = [
        {
            "id": place,
            "type": ["ResultDescription"],
            "name": unit["targetCode"],
            "resultType": "Result",
            "allowedValue": ["K", "BK"],
        }
        for place, unit in zip(ids, units, strict=True)
    ]
    subject["result"] = [{"type": ["Result"], "resultDescription": place, "value": "K"} for place in ids]


def altered(document: dict[str, Any], *changes: tuple[Path, Any]) -> dict[str, Any]:
    """A copy with members set, or removed for `...`."""
    made = copy.deepcopy(document)
    for path, value in changes:
        target: Any = made
        for part in path[:-1]:
            target = target[part]
        if value is ...:
            del target[path[-1]]
        else:
            target[path[-1]] = value
    return made


def refused(document: Any) -> str:
    with pytest.raises(FormatError) as caught:
        credential.check_document(document)
    return caught.value.code


def inside(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """All that is within a document, each with its path."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield (*path, name), part
        yield from inside(part, (*path, name))


def test_every_member_is_needed_but_two(full: dict[str, Any]) -> None:
    credential.check_document(full)
    seen = 0
    for path, _ in inside(full):
        if isinstance(path[-1], int):
            continue
        seen += 1
        document = altered(full, (path, ...))
        if path in OPTIONAL:
            credential.check_document(document)
        else:
            assert refused(document) in {"SHAPE_WRONG", "CREDENTIAL_CONTRADICTORY"}, path
    assert seen > 60


def test_units_and_results_are_left_out_together(full: dict[str, Any]) -> None:
    alignment, described = (*ACHIEVEMENT, "alignment"), (*ACHIEVEMENT, "resultDescription")
    paths = (alignment, described, (*SUBJECT, "result"))
    credential.check_document(altered(full, *((path, ...) for path in paths)))
    for kept in paths:
        gone = [(path, ...) for path in paths if path != kept]
        assert refused(altered(full, *gone)) == "CREDENTIAL_CONTRADICTORY"
        assert refused(altered(full, (kept, ...))) == "CREDENTIAL_CONTRADICTORY"
        assert refused(altered(full, (kept, []))) == "SHAPE_WRONG"


def test_no_object_has_another_member(full: dict[str, Any]) -> None:
    objects = [path for path, value in inside(full) if isinstance(value, dict)]
    assert len(objects) == 12
    for path in [(), *objects]:
        assert refused(altered(full, ((*path, "id2"), "x"))) == "SHAPE_WRONG"


def test_every_value_is_what_it_must_be(full: dict[str, Any]) -> None:
    """Whatever is no free text is one value, or one of a few."""
    for path, value in inside(full):
        in_first = tuple(0 if isinstance(part, int) else part for part in path)
        if isinstance(value, dict | list) or in_first in TEXTS or path == (*STATUS, "id"):
            continue
        other = f"{value}x" if isinstance(value, str) else not value
        assert refused(altered(full, (path, other))) in {"SHAPE_WRONG", "TIME_INVALID"}, path


def test_every_list_is_as_long_as_it_must_be(full: dict[str, Any]) -> None:
    for path, value in inside(full):
        if isinstance(value, list):
            others: tuple[Any, ...] = ([*value, value[-1]], [], {}, value[0])
            for other in others:
                assert refused(altered(full, (path, other))) in {"SHAPE_WRONG", "CREDENTIAL_CONTRADICTORY"}


@pytest.mark.parametrize(("path", "most", "beside"), [(path, *rest) for path, rest in TEXTS.items()])
def test_a_text_has_its_length(full: dict[str, Any], path: Path, most: int, beside: Path | None) -> None:
    for text, fits in (("x", True), ("x" * most, True), ("x" * (most + 1), False), ("", False), (5, False)):
        changes = [(each, text) for each in (path, beside) if each is not None]
        document = altered(full, *changes)
        if fits:
            credential.check_document(document)
        else:
            assert refused(document) == "SHAPE_WRONG"


def test_a_status_has_an_id_of_at_most_300_characters(full: dict[str, Any]) -> None:
    # No address that is allowed makes a longer one; the limit is seen on one that is not.
    credential.check_document(full)
    for size, why in ((300, "statusListCredential"), (301, "credentialStatus.id")):
        document = altered(full, ((*STATUS, "id"), "x" * size), ((*STATUS, "statusListCredential"), "x"))
        with pytest.raises(FormatError, match=rf"document\.(credentialStatus\.)?{why} is not"):
            credential.check_document(document)


def at(host: str, *, index: str = "77", number: str = "1") -> tuple[tuple[Path, Any], ...]:
    listed = f"{host}/status/{number}"
    return (
        (("id",), f"{host}/v/{'0' * 13}/credential.json"),
        ((*STATUS, "statusListCredential"), listed),
        ((*STATUS, "statusListIndex"), index),
        ((*STATUS, "id"), f"{listed}#{index}"),
    )


@pytest.mark.parametrize(
    "host", ["https://a", "http://a", "https://x.example:8443", "http://[::1]:80", f"https://{'a' * 250}"]
)
def test_addresses_that_are_some(full: dict[str, Any], host: str) -> None:
    credential.check_document(altered(full, *at(host)))


@pytest.mark.parametrize(
    "host",
    ["https://", "ftp://a", "httpss://a", "https://A", "https://a/b", "https://a_b", f"https://{'a' * 251}"],
)
def test_addresses_that_are_none(full: dict[str, Any], host: str) -> None:
    assert refused(altered(full, at(host)[0])) == "SHAPE_WRONG"
    assert refused(altered(full, *at(host)[1:])) == "SHAPE_WRONG"


@pytest.mark.parametrize(
    "place",
    ["v/000000000000/credential.json", "v/00000000000000/credential.json", "v/000000000000a/credential.json",
     "v/0000000000000/credentialXjson", "V/0000000000000/credential.json", "v/0000000000000/credential.json/"],
)  # fmt: skip
def test_a_credential_stands_below_its_code(full: dict[str, Any], place: str) -> None:
    assert refused(altered(full, (("id",), f"https://a/{place}"))) == "SHAPE_WRONG"


@pytest.mark.parametrize("index", ["0", "1", "10", "9", "999999999"])
def test_a_place_in_a_list(full: dict[str, Any], index: str) -> None:
    credential.check_document(altered(full, *at("https://a", index=index)))
    if index != "0":
        credential.check_document(altered(full, *at("https://a", number=index)))


@pytest.mark.parametrize("index", ["", "00", "01", "-1", "1000000000", "1.0", "٣", "x"])
def test_no_place_in_a_list(full: dict[str, Any], index: str) -> None:
    assert refused(altered(full, *at("https://a", index=index))) == "SHAPE_WRONG"
    assert refused(altered(full, *at("https://a", number=index))) == "SHAPE_WRONG"


@pytest.mark.parametrize("path", [(*ACHIEVEMENT, "id"), (*ACHIEVEMENT, "resultDescription", 0, "id")])
def test_an_id_is_a_uuid_in_one_spelling(full: dict[str, Any], path: Path) -> None:
    good = "urn:uuid:01234567-89ab-cdef-0123-456789abcdef"
    results = (*SUBJECT, "result", 0, "resultDescription")
    beside = [] if "resultDescription" not in path else [results]
    credential.check_document(altered(full, *((each, good) for each in (path, *beside))))
    for bad in (
        good.upper(), good[:-1], f"{good}0", good.replace("urn:", ""), good.replace("-89ab", "89ab"),
        good.replace("0123456", "012345"), good.replace("0123456", "01234567"), good.replace("-89ab", "-89abc"),
        good.replace("-89ab", "-89a"), f"{good[:18]}{good[23:]}", good.replace("f", "g"),
    ):  # fmt: skip
        assert refused(altered(full, *((each, bad) for each in (path, *beside)))) == "SHAPE_WRONG"
        if beside:
            assert refused(altered(full, (results, bad))) == "SHAPE_WRONG"


@pytest.mark.parametrize("kind", ["CertificateOfCompletion", "Certification", "Competency"])
def test_the_kinds_of_certificates(full: dict[str, Any], kind: str) -> None:
    credential.check_document(altered(full, ((*ACHIEVEMENT, "achievementType"), kind)))
    for other in (f"{kind}x", f"x{kind}", kind.lower(), "Degree"):
        assert refused(altered(full, ((*ACHIEVEMENT, "achievementType"), other))) == "SHAPE_WRONG"


@pytest.mark.parametrize(("count", "fits"), [(1, True), (60, True), (61, False)])
def test_a_certificate_has_at_most_sixty_units(full: dict[str, Any], count: int, fits: bool) -> None:
    document = copy.deepcopy(full)
    with_units(document, [{**UNIT, "targetCode": f"C.{number}"} for number in range(count)])
    if fits:
        credential.check_document(document)
        return
    assert refused(document) == "SHAPE_WRONG"
    for path in ((*ACHIEVEMENT, "alignment"), (*ACHIEVEMENT, "resultDescription"), (*SUBJECT, "result")):
        value = next(value for place, value in inside(document) if place == path)
        with pytest.raises(FormatError, match="a list of 1 to 60 items"):
            credential.check_document(altered(full, (path, value)))


# -- its parts agree ---------------------------------------------------------------------------------------------------

CONTRADICTIONS: dict[str, tuple[Path, Any]] = {
    "ends before it begins": (("validUntil",), "2026-03-13T01:59:59Z"),
    "another place in the list": ((*STATUS, "statusListIndex"), "78"),
    "another list": ((*STATUS, "statusListCredential"), "http://localhost:8000/status/2"),
    "another place by its name": ((*STATUS, "id"), "http://localhost:8000/status/1#78"),
    "another title": (("name",), "Dokter Gigi"),
    "one result twice": (
        (*SUBJECT, "result", 1, "resultDescription"),
        "urn:uuid:00000000-0000-0000-0000-000000000002",
    ),
    "a unit of another code": ((*ACHIEVEMENT, "alignment", 1, "targetCode"), "C.24LAS01.004.1"),
    "a result of another unit": ((*ACHIEVEMENT, "resultDescription", 1, "name"), "C.24LAS01.004.1"),
}


@pytest.mark.parametrize("change", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_each_contradiction_is_found_alone(full: dict[str, Any], change: tuple[Path, Any]) -> None:
    assert refused(altered(full, change)) == "CREDENTIAL_CONTRADICTORY"


def test_two_units_do_not_share_a_description(full: dict[str, Any]) -> None:
    first = "urn:uuid:00000000-0000-0000-0000-000000000002"
    same = (
        ((*ACHIEVEMENT, "resultDescription", 1, "id"), first),
        ((*SUBJECT, "result", 1, "resultDescription"), first),
    )
    assert refused(altered(full, *same)) == "CREDENTIAL_CONTRADICTORY"


def test_it_may_end_in_the_second_in_which_it_begins(full: dict[str, Any]) -> None:
    credential.check_document(altered(full, (("validUntil",), full["validFrom"])))


@pytest.mark.parametrize("name", ["validFrom", "validUntil"])
def test_times_are_told_by_their_names(full: dict[str, Any], name: str) -> None:
    for text in ("2026-02-30T00:00:00Z", "2026-03-13T02:00:00", "2026-03-13 02:00:00Z"):
        with pytest.raises(FormatError, match=rf"TIME_INVALID: {name} is not a time"):
            credential.check_document(altered(full, ((name,), text)))
    with pytest.raises(FormatError, match=rf"SHAPE_WRONG: the document\.{name} is not"):
        credential.check_document(altered(full, ((name,), "2" * 21)))
