"""What an audit tells of the key file and status lists that were published: which key, which place, and what of each."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest

from tests.audit.auditing import audited
from tests.audit.broken import stage
from tests.audit.broken_custody import issuer_key
from tests.audit.scribe import Pen, Said, an_id
from tests.audit.test_published import bits, status_list
from tests.audit.village import BLK, LSP, ZONE, Village, s
from verifier import keyfile, published, statuslist, twoline
from verifier.authority import Authority
from verifier.bundle import Bundle
from verifier.errors import Error
from verifier.finding import Findings
from verifier.keyfile import Custodian, IssuerKey
from verifier.publickey import PublicKey
from verifier.rules.rulebook import Rulebook
from verifier.status import Statuses

pytest.importorskip("pyoxigraph")

PENS = {"lsp": Pen("status of lsp"), "blk": Pen("status of blk")}
ORGANISATIONS = {"lsp": LSP, "blk": BLK}


def a_village() -> Village:
    """Certificates of two issuers with a status key each; three of one body are revoked, at 9, 11 and 12."""
    v = stage("decided")
    for name, learner, place in (("ana t", "ana", 2), ("budi t", "budi", 3)):
        v.places = place - 1
        v.certify(name, "TRAINING", v.training_link(learner))
    for name, place in (("ana c", 9), ("budi c", 11)):
        v.places = place - 1
        v.certify(name, "COMPETENCE", v.decision_link(name.split()[0]))
    v.set_day("2031-03-24")
    for name in ("lsp", "blk"):
        issuer_key(v, f"status {name}", pen=PENS[name], purpose="status", org=name)
    v.revoke("ana c")
    return v


def enrolled(v: Village, name: str) -> int:
    """The leaf index of an issuer key's enrolment."""
    mark = an_id(name).encode()
    return next(
        i for i, entry in enumerate(v.entries) if b"issuer_key.enrolled.v1" in entry and mark in entry
    )


def a_key(v: Village, org: str, **change: Any) -> IssuerKey:
    members: dict[str, Any] = {
        "organisation": ORGANISATIONS[org],
        "issuer": org.upper(),
        "zone": ZONE,
        "purpose": "status",
        "kind": None,
        "kid": None,
        "key": PublicKey(PENS[org].jwk, "ed25519"),
        "valid_from": enrolled(v, f"status {org}"),
        "valid_to": None,
        "compromised_from": None,
    }
    return IssuerKey(**members | change)


def key_file(v: Village, *keys: IssuerKey, size: int | None = None) -> bytes:
    custodians = [
        Custodian(f"staff/{an_id(name)}", f"staff/{an_id(name)}", PublicKey(v.pens[name].jwk, "ed25519"))
        for name in ("one", "two")
    ]
    payload = keyfile.statement(
        version=1,
        origin=v.origin,
        size=len(v.entries) if size is None else size,
        issued_at=v.time,
        base_urls=["http://localhost:8000"],
        keys=list(keys) or [a_key(v, "lsp"), a_key(v, "blk")],
        custodians=custodians,
    )
    message = twoline.message(payload, keyfile.FORMAT)
    return keyfile.seal(payload, [v.pens[name].sign(message) for name in ("one", "two")])


class Compared(NamedTuple):
    """What was found, and how many lists were compared."""

    findings: Findings
    lists: int


@cache
def known(entries: tuple[bytes, ...]) -> tuple[Authority, Rulebook, Statuses]:
    """What an audit knows at the end of these entries."""
    v = Village()
    v.entries = list(entries)
    with TemporaryDirectory() as folder:
        result = audited(Path(folder), v)
    assert result.rulebook is not None
    return result.rulebook.schemes.authority, result.rulebook, result.statuses


def of(folder: Path, v: Village, files: dict[str, bytes]) -> Compared:
    """Compare these files with what the log says, as an audit does at its end."""
    folder.mkdir(exist_ok=True)
    for name, data in ({"checkpoint": b""} | files).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    findings = Findings()
    count = published.compare(Bundle(folder), *known(tuple(v.entries)), findings, v.now)
    return Compared(findings, count)


def told(result: Compared) -> list[tuple[str, str, str | None]]:
    return [(each.rule.kind.value, f"{each.code}: {each.message}", each.place) for each in result.findings]


# -- status lists -----------------------------------------------------------------------------------------------------


def lists(v: Village, lsp: bytes, blk: bytes) -> dict[str, bytes]:
    return {
        "keys": key_file(v),
        "status/1": status_list(v, lsp, pen=PENS["lsp"]),
        "status/2": status_list(v, blk, pen=PENS["blk"], organisation=BLK),
    }


def test_each_issuer_has_its_list(tmp_path: Path) -> None:
    v = a_village()
    files = lists(v, bits(9), bits())
    result = of(tmp_path / "both", v, files)
    assert (told(result), result.lists) == ([], 2)
    del files["status/1"]
    result = of(tmp_path / "second", v, files)
    assert (told(result), result.lists) == ([], 1)
    del files["status/2"]
    result = of(tmp_path / "none", v, files)
    assert (told(result), result.lists) == ([], 0)
    result = of(tmp_path / "third", v, files | {"status/0": b"not asked for", "status/3": b"nor this"})
    assert (told(result), result.lists) == ([], 0)


def test_an_issuer_of_nothing_has_an_empty_list(tmp_path: Path) -> None:
    v = stage("decided")
    issuer_key(v, "status lsp", pen=PENS["lsp"], purpose="status")
    for folder, made in (("empty", bits()), ("longer", bits() * 2)):
        files = {"keys": key_file(v, a_key(v, "lsp")), "status/1": status_list(v, made, pen=PENS["lsp"])}
        result = of(tmp_path / folder, v, files)
        assert (told(result), result.lists) == ([], 1)


@pytest.mark.parametrize(
    ("made", "where"),
    [
        (bits(), "1 places, first at 9"),
        (bits(9, 10), "1 places, first at 10"),
        (bits(0, 9), "1 places, first at 0"),
        (bits(10), "2 places, first at 9"),
        (bits(9, 131_071), "1 places, first at 131071"),
        (bits(9, 16, 17, 18, 19, 20, 21, 22, 23), "8 places, first at 16"),
        (bits(9, 25, 27, 28), "3 places, first at 25"),
        (bits(9) + bits(0), "0 places, first at its end"),
    ],
)
def test_a_list_that_differs_is_told_with_its_places(made: bytes, where: str, tmp_path: Path) -> None:
    v = a_village()
    result = of(tmp_path, v, lists(v, made, bits()))
    assert told(result) == [("wrong", f"STATUS_LIST_DIFFERS: it differs at {where}", "status/1")]
    assert result.lists == 2


def test_a_list_that_is_empty_where_the_log_ends_with_three(tmp_path: Path) -> None:
    v = a_village()
    v.revoke("budi c")
    v.places = 11
    v.certify("third c", "COMPETENCE", v.decision_link("ana"))
    v.revoke("third c")
    (found,) = [each for each in told(of(tmp_path, v, lists(v, bits(), bits()))) if each[2] == "status/1"]
    assert found == ("wrong", "STATUS_LIST_DIFFERS: it differs at 3 places, first at 9", "status/1")


def test_the_list_of_another_issuer_is_not_compared(tmp_path: Path) -> None:
    v = a_village()
    files = lists(v, bits(9), bits())
    files["status/1"] = files["status/2"]
    result = of(tmp_path, v, files)
    message = f"STATUS_LIST_DIFFERS: it is of another issuer than organisation/{LSP}"
    assert (told(result), result.lists) == ([("wrong", message, "status/1")], 1)


def test_lists_that_are_not_to_be_believed(tmp_path: Path) -> None:
    v = a_village()
    files = lists(v, bits(9), bits())
    stranger = files | {"status/2": status_list(v, bits(), pen=Pen("stranger"), organisation=BLK)}
    result = of(tmp_path / "stranger", v, stranger)
    ((kind, message, place),) = told(result)
    assert (kind, message.split(":")[0], place) == ("unknown", "STATUS_LIST_UNTRUSTED", "status/2")
    assert result.lists == 1
    later = files["status/2"].replace(b'"validUntil":"2031', b'"validUntil":"2032')
    assert later != files["status/2"]
    result = of(tmp_path / "altered", v, files | {"status/2": later})
    ((kind, message, place),) = told(result)
    assert (kind, message.split(":")[0], place) == ("unknown", "STATUS_LIST_UNTRUSTED", "status/2")
    result = of(tmp_path / "malformed", v, files | {"status/2": b"{}"})
    ((kind, message, place),) = told(result)
    assert (kind, message.split(":")[0], place) == ("wrong", "PROOFS_INVALID", "status/2")
    assert result.lists == 1


@pytest.mark.parametrize(("more", "code"), [(0, "JSON_INVALID"), (1, "BUNDLE_FILE_TOO_LARGE")])
def test_a_list_has_four_mebibytes_at_most(more: int, code: str, tmp_path: Path) -> None:
    v = a_village()
    files = lists(v, bits(9), bits()) | {"status/2": b"x" * ((4 << 20) + more)}
    ((_kind, message, place),) = told(of(tmp_path, v, files))
    assert (message.split(":")[0], place) == (code, "status/2")


def test_without_the_library_lists_are_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(_data: bytes, _keys: object) -> None:
        raise Error("EXTRA_MISSING", "a library is missing")

    monkeypatch.setattr(statuslist, "parse", parse)
    v = a_village()
    result = of(tmp_path, v, lists(v, bits(9), bits()))
    unchecked = [("lost", "STATUS_LIST_UNCHECKED: a library is missing", f"status/{n}") for n in (1, 2)]
    assert (told(result), result.lists) == (unchecked, 0)


def test_without_a_key_file_lists_are_not_compared(tmp_path: Path) -> None:
    v = a_village()
    files = lists(v, bits(9), bits())
    del files["keys"]
    result = of(tmp_path, v, files)
    assert told(result) == [("lost", "STATUS_LIST_UNCHECKED: 2 lists, no key file", None)]
    assert result.lists == 0


# -- the key file -------------------------------------------------------------------------------------------------------


def test_a_key_file_that_cannot_be_read_is_wrong_and_one_of_strangers_is_not_believed(tmp_path: Path) -> None:
    v = a_village()
    result = of(tmp_path / "a", v, lists(v, bits(9), bits()) | {"keys": b"{}\n"})
    ((kind, message, place),) = told(result)
    assert (kind, place, result.lists) == ("wrong", "keys", 0)
    assert not message.startswith("KEY_FILE_UNTRUSTED")
    v.pens["two"] = v.pens["admin"]
    result = of(tmp_path / "b", v, lists(v, bits(9), bits()))
    ((kind, message, place),) = told(result)
    assert (kind, message.split(":")[0], place) == ("unknown", "KEY_FILE_UNTRUSTED", "keys")
    assert result.lists == 0


def test_every_key_that_differs_is_told(tmp_path: Path) -> None:
    v = a_village()
    stranger = Pen("stranger")
    keys = (a_key(v, "blk", purpose="pdf"), a_key(v, "lsp", key=PublicKey(stranger.jwk, "ed25519")))
    result = of(tmp_path, v, {"keys": key_file(v, *keys)})
    at = enrolled(v, "status blk")
    blk = f"{BLK!r}, '{{}}', None, None, {at}, None, None"
    expected = {
        PENS["lsp"].thumbprint: "… is in the log alone",
        stranger.thumbprint: "… is in the file alone",
        PENS["blk"].thumbprint: f"…: ({blk.format('pdf')}) in the file, ({blk.format('status')}) in the log",
    }
    assert told(result) == [
        ("wrong", f"KEY_FILE_DIFFERS: the key {thumbprint[:12]}{expected[thumbprint]}", "keys")
        for thumbprint in sorted(expected)
    ]


def one_more(v: Village) -> None:
    issuer_key(v, "late", pen=Pen("late"))


def only_asked_for(v: Village) -> None:
    data: dict[str, Any] = {"organisation": LSP, "purpose": "pdf", "alg": "ed25519", "jwk": Pen("x").jwk}
    data |= {"thumbprint": Pen("x").thumbprint, "kid": None, "kind": None}
    v.ask("one", s("issuer_key", "x"), "issuer_key.enrolment_requested", data)


def stolen(v: Village) -> None:
    asked = v.ask("one", s("issuer_key", "status blk"), "issuer_key.compromise_requested", {"from_size": 9})
    data = {"from_size": 9, "request": asked}
    v.by("two", Said(s("issuer_key", "status blk"), "issuer_key.compromised", data))


@pytest.mark.parametrize("later", [one_more, only_asked_for, stolen])
def test_what_came_after_the_file_is_not_in_it(later: Callable[[Village], None], tmp_path: Path) -> None:
    v = a_village()
    before = key_file(v)
    size = len(v.entries)
    later(v)
    assert told(of(tmp_path / "before", v, {"keys": before})) == []
    if later is only_asked_for:
        assert told(of(tmp_path / "after", v, {"keys": key_file(v)})) == []
        return
    last = len(v.entries) - 1
    just = key_file(v, a_key(v, "lsp"), a_key(v, "blk"), size=last)
    assert told(of(tmp_path / "just", v, {"keys": just})) == []
    assert size < last
    ((kind, message, _place),) = told(of(tmp_path / "after", v, {"keys": key_file(v)}))
    assert (kind, message.split(":")[0]) == ("wrong", "KEY_FILE_DIFFERS")


def test_a_theft_stands_in_the_file_from_the_size_on_that_was_declared(tmp_path: Path) -> None:
    v = a_village()
    stolen(v)
    ended = len(v.entries) - 1
    for folder, said, agrees in (
        ("so", {"valid_to": ended, "compromised_from": 9}, True),
        ("later", {"valid_to": ended, "compromised_from": 10}, False),
        ("earlier", {"valid_to": ended - 1, "compromised_from": 9}, False),
        ("retired", {"valid_to": ended, "compromised_from": None}, False),
    ):
        made = key_file(v, a_key(v, "lsp"), a_key(v, "blk", **said))
        assert (told(of(tmp_path / folder, v, {"keys": made})) == []) == agrees
