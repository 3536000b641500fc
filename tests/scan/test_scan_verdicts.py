"""The scanner's verdicts, in a real browser, are those of the verifier's Python, for good and for bad."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ledger.issuing.token import Signing, qr_text
from tests.public.fixture_site import CODE_OF, NOW
from tests.scan.scan_harness import Run, trust_json
from tests.scan.scan_site import (
    CERTIFIED,
    KINDS,
    TOKEN_KEYS,
    Office,
    issuer_key,
    qr_of,
    sealed_keyfile,
    signer,
)
from verifier import keyfile, qr, token, withdrawn
from verifier.token import Claims

BASE = "http://localhost:8000"
VERDICTS = {"STANDS": "stands", "DOES_NOT_STAND": "does not stand", "UNKNOWN": "unknown"}


class Bench:
    """Collects questions, asks both verifiers, and compares every answer."""

    def __init__(self) -> None:
        self.office = Office(base_url=BASE)
        self.listed = self.office.withdrawn()
        self.cases: list[dict[str, Any]] = []
        self.expected: list[list[Any]] = []

    def ask(
        self,
        text: str,
        *,
        keys: bytes | None = None,
        lists: bytes | None = b"",
        now: datetime = NOW,
    ) -> str:
        keys = keys or self.office.keyfiles[0]
        listed = self.listed if lists == b"" else lists
        file = keyfile.parse(keys, self.office.trust)
        parsed = None if listed is None else withdrawn.parse(listed, file)
        answer = qr.check(text, file, parsed, now)
        self.cases.append(
            {
                "text": text,
                "keys": keys.decode(),
                "trust": trust_json(self.office.trust),
                "lists": None if listed is None else listed.decode(),
                "now": int(now.timestamp() * 1000),
            }
        )
        self.expected.append([VERDICTS[answer.verdict.name], answer.code, answer.facts.get("holder")])
        return answer.code

    def compare(self, run: Run) -> None:
        for case, expected, got in zip(self.cases, self.expected, run("judge", self.cases), strict=True):
            assert got == expected, (case["text"], case["now"])


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_every_certificate_by_list_and_without(bench: Bench, run: Run) -> None:
    seen = set()
    for name in CERTIFIED:
        url = bench.office.qr(name)
        for lists in (b"", None):
            for now in (
                NOW,
                NOW + timedelta(hours=24),
                NOW + timedelta(hours=24, seconds=1),
                NOW - timedelta(400),
            ):
                seen.add(bench.ask(url, lists=lists, now=now))
    assert seen == {"STANDS", "WITHDRAWN", "EXPIRED", "STATUS_UNKNOWN", "NOT_YET_ISSUED"}
    bench.compare(run)


def test_every_change_of_one_digit(bench: Bench, run: Run) -> None:
    url = bench.office.qr("TRAINING")
    start = url.index("#") + 1
    for at in range(start, len(url)):
        for step in (1, 4, 7):
            other = str((int(url[at]) + step) % 10)
            assert bench.ask(url[:at] + other + url[at + 1 :]) in {"FORGED", "TOKEN_INVALID", "KEY_UNKNOWN"}
    bench.compare(run)


def test_addresses_and_codes(bench: Bench, run: Run) -> None:
    url = bench.office.qr("VALID")
    code, digits = CODE_OF["VALID"], url.partition("#")[2]
    for base in (
        *("http://localhost:8001", "https://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"),
        *(
            "http://localhost:08000",
            "http://localhost:800000",
            "http://LOCALHOST:8000",
            "http://localhost:8000/",
        ),
        *(
            "https://sertifikat.contoh.id",
            "https://-contoh.id",
            "https://contoh.id.",
            "https://a",
            "https://a:0",
        ),
        *(
            "http://contoh.id",
            "https://contoh.id:443",
            "https://conto\u200bh.id",
            "https://contoh.id\n",
            "ftp://a",
        ),
        *("https://user@contoh.id", "", f"https://{'a' * 390}", "http://localhost:8000/v/x"),
    ):
        bench.ask(f"{base}/v/{code}#{digits}")
    for other in (
        *(code.lower(), code[:-1], code + "0", code[1:] + code[0], code.replace("0", "O"), "", "U" * 13),
        *(f"{code[:4]}-{code[4:]}", "0" * 13, CODE_OF["TRAINING"], code + " ", "\u0660" * 13, code + "/"),
    ):
        bench.ask(f"{BASE}/v/{other}#{digits}")
    for fragment in (
        *(
            "",
            "0",
            "00",
            f"0{digits}",
            f"{digits} ",
            f"+{digits}",
            "\uff11\uff12",
            digits + "#",
            "1" * 964,
            "9" * 964,
        ),
        *("1" * 965, "abc", "1_000", "-1", "1e5", "0x10"),
    ):
        bench.ask(f"{BASE}/v/{code}#{fragment}")
    for text in (
        f"{BASE}/v/{code}",
        "",
        "WIFI:S:x;;",
        f"{BASE}/x/{code}#{digits}",
        f"{BASE}/v/{code}?lang=id#{digits}",
    ):
        bench.ask(text)
    codes = {each[1] for each in bench.expected}
    assert codes == {
        *("HOST_UNKNOWN", "QR_URL_INVALID", "CODE_MALFORMED", "CODE_CHECK_WRONG", "FORGED", "TOKEN_INVALID"),
        *("TOKEN_TOO_LARGE", "QR_WITHOUT_TOKEN"),
    }
    bench.compare(run)


def test_keys_of_every_kind_of_trouble(bench: Bench, run: Run) -> None:
    url = bench.office.qr("VALID")
    of = TOKEN_KEYS[KINDS[1]]
    stranger = signer("stranger")
    own = issuer_key("token", of, KINDS[1])
    trouble: tuple[dict[str, Any], ...] = (
        {"keys": [own]},
        {"keys": [replace(own, compromised_from=7)]},
        {"keys": [replace(own, valid_to=9)]},
        {"keys": [issuer_key("token", stranger, KINDS[1], valid_from=9), own]},
        {"keys": [issuer_key("token", stranger, KINDS[1])]},
        {"keys": [replace(own, organisation="blk-contoh", issuer="BLK Contoh", zone="Asia/Jayapura")]},
        {"keys": [replace(own, zone="America/Anchorage")]},
        {"keys": [], "issued_at": "2026-03-13T00:00:00Z"},
        {"keys": [], "issued_at": "2026-03-14T00:00:00Z"},
        {"keys": []},
        {"base_urls": ["https://sertifikat.contoh.id", BASE]},
        {"base_urls": ["https://sertifikat.contoh.id"]},
    )
    for changes in trouble:
        bench.ask(url, keys=sealed_keyfile(BASE, **changes), lists=None)
    bench.ask(qr_of(BASE, CODE_OF["VALID"], CERTIFIED["VALID"], by=stranger))
    codes = {each[1] for each in bench.expected}
    assert codes == {"STATUS_UNKNOWN", "KEY_COMPROMISED", "FORGED", "KEY_UNKNOWN", "HOST_UNKNOWN"}
    assert {each[0] for each in bench.expected if each[1] == "KEY_UNKNOWN"} == {"unknown", "does not stand"}
    bench.compare(run)


def test_days_begin_and_end_in_the_issuers_zone(bench: Bench, run: Run) -> None:
    claims = Claims("Siti Contoh", date(2026, 11, 23), date(2026, 11, 24), "SKEMA", None)
    text = str(qr_text(BASE, CODE_OF["VALID"], claims, Signing(1, TOKEN_KEYS[KINDS[1]])))
    for zone in ("Asia/Makassar", "UTC", "Asia/Jakarta", "America/Caracas"):
        keys = sealed_keyfile(BASE, keys=[issuer_key("token", TOKEN_KEYS[KINDS[1]], KINDS[1], zone=zone)])
        for hours in range(0, 96, 3):
            for seconds in (-1, 0, 1):
                now = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(hours=hours, seconds=seconds)
                bench.ask(text, keys=keys, lists=None, now=now)
    assert {each[1] for each in bench.expected} == {"NOT_YET_ISSUED", "STATUS_UNKNOWN", "EXPIRED"}
    bench.compare(run)


def test_a_long_list_is_searched_right(run: Run) -> None:
    office = Office(base_url=BASE)
    urls = [office.qr(name) for name in CERTIFIED]
    own = [token.parse_qr(url).token for url in urls]
    some = random.Random(7)
    digests = [each.digest() for each in own[::2] if each] + [some.randbytes(8) for _ in range(20_000)]
    bench = Bench()
    for url in urls:
        bench.ask(url, lists=office.withdrawn(digests=digests))
    assert [each[1] == "WITHDRAWN" for each in bench.expected] == [
        place % 2 == 0 for place in range(len(urls))
    ]
    bench.compare(run)
