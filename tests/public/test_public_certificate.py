"""`/v/<code>`: every status in both languages, as a page and as JSON."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from starlette.testclient import TestClient

from api.public.view import CertificateView, ContradictoryViewError, Status, disclosed
from tests.public.fixture_site import CODE_OF, NOW, VIEWS, Settings, Views, application

WORDS = {
    Status.VALID: ("Berlaku", "Valid"),
    Status.EXPIRED: ("Kedaluwarsa", "Expired"),
    Status.SUSPENDED: ("Ditangguhkan", "Suspended"),
    Status.REVOKED: ("Dicabut", "Revoked"),
    Status.REPLACED: ("Digantikan", "Replaced"),
    Status.NOT_FOUND: ("Tidak ditemukan", "Not found"),
    Status.NO_LONGER_VERIFIABLE: ("Tidak dapat diverifikasi lagi di sini", "No longer verifiable here"),
    Status.CANNOT_CHECK: ("Belum dapat diperiksa", "Cannot check right now"),
}
HTTP = {Status.NOT_FOUND: 404, Status.CANNOT_CHECK: 503}
NAME = "Siti Contohwati Rekasari"
MEMBERS = [
    *("status", "kind", "number", "holder", "title", "level", "units", "issuer", "issued_on", "valid_until"),
    *("checked_at", "log"),
]


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(application(Views(), Settings()))


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize(("language", "place"), [("id", 0), ("en", 1)])
def test_a_page_says_its_status_in_the_readers_language(
    client: TestClient, status: Status, language: str, place: int
) -> None:
    answer = client.get(f"/v/{CODE_OF[status]}?lang={language}")
    assert answer.status_code == HTTP.get(status, 200)
    assert f'<h1 id="status">{WORDS[status][place]}</h1>' in answer.text
    assert f'<section class="status {status}"' in answer.text
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["content-language"] == language
    others = [words[place] for other, words in WORDS.items() if other is not status]
    assert not any(f">{word}</h1>" in answer.text for word in others)


@pytest.mark.parametrize("status", Status)
def test_only_a_valid_certificate_is_green(client: TestClient, status: Status) -> None:
    page = client.get(f"/v/{CODE_OF[status]}").text
    assert ('class="status VALID"' in page) is (status is Status.VALID)
    tones = dict(re.findall(r"\.([A-Z_]+)[^{}]*\{--tone:var\(--(\w+)\)", page))
    assert [name for name, tone in tones.items() if tone == "good"] == ["VALID"]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("suffix", ["", ".json"])
def test_a_status_shows_a_name_only_where_it_may(client: TestClient, status: Status, suffix: str) -> None:
    shown = {Status.VALID, Status.EXPIRED, Status.SUSPENDED, Status.REVOKED}
    text = client.get(f"/v/{CODE_OF[status]}{suffix}?lang=en").text
    assert (NAME in text) is (status in shown)
    assert ("LSP-CVN/2026/000417" in text) is (status in shown or status is Status.REPLACED)


def test_the_json_of_a_certificate_has_the_agreed_members_and_no_others(client: TestClient) -> None:
    answer = client.get(f"/v/{CODE_OF['VALID']}", headers={"accept": "application/json"})
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert list(document) == MEMBERS
    assert document == {
        "status": "VALID",
        "kind": "COMPETENCE",
        "number": "LSP-CVN/2026/000417",
        "holder": NAME,
        "title": {
            "id": "Juru Las Pelat Proses SMAW (Fillet dan Groove)",
            "en": "Plate Welder, SMAW (Fillet and Groove)",
        },
        "level": 2,
        "units": [
            {"code": code, "title": {"id": title_id, "en": title_en}}
            for code, title_id, title_en in VIEWS["VALID"].units or ()
        ],
        "issuer": "LSP Contoh Vokasi Nusantara",
        "issued_on": "2026-03-12",
        "valid_until": "2029-03-12",
        "checked_at": "2026-11-23T06:05:09Z",
        "log": {"size": 14023, "witnesses": 2},
    }


@pytest.mark.parametrize("status", [Status.NOT_FOUND, Status.NO_LONGER_VERIFIABLE, Status.CANNOT_CHECK])
def test_json_without_a_certificate_has_null_for_every_fact(client: TestClient, status: Status) -> None:
    document = client.get(f"/v/{CODE_OF[status]}.json").json()
    assert list(document) == MEMBERS
    facts = {name: fact for name, fact in document.items() if name not in {"status", "checked_at", "log"}}
    assert set(facts.values()) == {None}
    assert (document["log"] is None) is (status is Status.CANNOT_CHECK)


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        ("application/json", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False),
        ("*/*", False),
        ("text/html;q=0.5, application/json", True),
        ("application/json;q=0", False),
        ("application/json;q=nan", False),
    ],
)
def test_accept_chooses_json(client: TestClient, accept: str, is_json: bool) -> None:
    answer = client.get(f"/v/{CODE_OF['VALID']}", headers={"accept": accept})
    assert answer.headers["content-type"].startswith("application/json" if is_json else "text/html")


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "", "id"),
        ("", "en", "en"),
        ("", "en-GB,en;q=0.9,id;q=0.8", "en"),
        ("", "id-ID,id;q=0.9,en;q=0.8", "id"),
        ("", "in-ID", "id"),
        ("", "ja, en;q=0.5", "en"),
        ("", "fr", "id"),
        ("", "en;q=0", "id"),
        ("", "en;q=x, ;;;,,", "id"),
        ("?lang=en", "id", "en"),
        ("?lang=id", "en", "id"),
        ("?lang=xx", "en", "en"),
    ],
)
def test_the_language_is_the_asked_one_then_the_browsers_then_indonesian(
    client: TestClient, query: str, header: str, language: str
) -> None:
    page = client.get(f"/v/{CODE_OF['VALID']}{query}", headers={"accept-language": header}).text
    assert f'<html lang="{language}">' in page
    assert 'href="?lang=id"' in page
    assert 'href="?lang=en"' in page


def test_times_are_in_the_certificates_zone(client: TestClient) -> None:
    page = client.get(f"/v/{CODE_OF['VALID']}?lang=id").text
    assert "23 November 2026 pukul 14.05.09 WITA" in page
    assert "12 Maret 2029<span>sampai akhir hari itu, WITA</span>" in page
    page = client.get(f"/v/{CODE_OF['VALID']}?lang=en").text
    assert "23 November 2026 at 14:05:09 WITA" in page


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("WIB", "13:05:09 WIB"), ("Asia/Jayapura", "15:05:09 WIT"), ("Europe/Paris", "07:05:09 CET")],
)
def test_each_zone_has_its_own_name(zone: str, shown: str) -> None:
    class One(Views):
        def by_code(self, _code: str) -> CertificateView:
            return replace(VIEWS["VALID"], zone=zone)

    assert shown in TestClient(application(One(), Settings())).get(f"/v/{CODE_OF['VALID']}?lang=en").text


@pytest.mark.parametrize(
    ("name", "expected"),
    [("VALID", "competent in the units listed"), ("TRAINING", "completed this training")],
)
def test_a_kind_says_what_it_means(client: TestClient, name: str, expected: str) -> None:
    assert expected in client.get(f"/v/{CODE_OF[name]}?lang=en").text


def test_witnesses_are_counted_and_their_absence_is_said(client: TestClient) -> None:
    assert "Not yet witnessed" not in client.get(f"/v/{CODE_OF['VALID']}?lang=en").text
    for name in ("UNIT_STATEMENT", "RTL"):  # None and 0
        assert "Not yet witnessed" in client.get(f"/v/{CODE_OF[name]}?lang=en").text


@pytest.mark.parametrize("name", ["SUSPENDED", "REPLACED"])
def test_the_reader_learns_whom_to_ask(client: TestClient, name: str) -> None:
    page = client.get(f"/v/{CODE_OF[name]}?lang=en").text
    assert "Ask the holder for" in page
    assert "Issuer: LSP Contoh Vokasi Nusantara." in page


def test_an_erased_certificate_is_not_put_beside_a_forgery_report(client: TestClient) -> None:
    page, _, _ = client.get(f"/v/{CODE_OF['NO_LONGER_VERIFIABLE']}?lang=en").text.partition("<template")
    assert "This is no sign of a forgery" in page
    assert "forged" not in page
    assert "forged" in client.get(f"/v/{CODE_OF['NOT_FOUND']}?lang=en").text


def test_a_simulated_clock_is_said_and_a_real_one_is_not() -> None:
    for settings, expected in ((Settings(), True), (Settings(simulated=None), False)):
        page = TestClient(application(Views(), settings)).get(f"/v/{CODE_OF['VALID']}?lang=en").text
        assert ("simulated (23 November 2026 at 14:05:09 WITA)" in page) is expected


def test_the_host_and_the_contact_come_from_the_settings() -> None:
    settings = Settings(base_url="http://localhost:8080", report_contact="+62 21 000 <lapor@contoh.id>")
    page = TestClient(application(Views(), settings)).get(f"/v/{CODE_OF['VALID']}").text
    assert '<span class="host code">localhost:8080</span>' in page
    assert "+62 21 000 &lt;lapor@contoh.id&gt;" in page


def test_names_are_escaped_isolated_and_whole(client: TestClient) -> None:
    page = client.get(f"/v/{CODE_OF['HOSTILE']}").text
    assert "<bdi>O&#39;Reka &lt;script&gt;alert(1)&lt;/script&gt;</bdi>" in page
    assert page.count("<script") == 1  # ours
    assert "<img" not in page
    assert "<bdi>محمد كونتوه</bdi>" in client.get(f"/v/{CODE_OF['RTL']}").text
    long = VIEWS["LONG"].holder or ""
    assert f'<dd class="long"><bdi>{long}</bdi>' in client.get(f"/v/{CODE_OF['LONG']}").text


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"holder": None}, "holder"),
        ({"number": ""}, "number"),
        ({"valid_until": date(2026, 11, 22)}, "last day"),
    ],
)
def test_a_valid_that_contradicts_itself_is_never_shown(change: dict[str, object], what: str) -> None:
    with pytest.raises(ContradictoryViewError, match=what):
        disclosed(replace(VIEWS["VALID"], **change))  # type: ignore[arg-type]


def test_the_last_day_is_valid_to_its_end_in_the_certificates_zone() -> None:
    last_second = datetime(2026, 11, 22, 23, 59, 59, tzinfo=timezone(timedelta(hours=8)))
    view = replace(VIEWS["VALID"], valid_until=date(2026, 11, 22), checked_at=last_second)
    assert disclosed(view) is view
    with pytest.raises(ContradictoryViewError):
        disclosed(replace(view, checked_at=last_second + timedelta(seconds=1)))


def test_a_view_is_strict_about_its_status_and_its_time() -> None:
    assert CertificateView(status="REPLACED", checked_at=NOW).status is Status.REPLACED  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="FINE"):
        CertificateView(status="FINE", checked_at=NOW)  # type: ignore[arg-type]
    with pytest.raises(ContradictoryViewError):
        CertificateView(status=Status.VALID, checked_at=datetime(2026, 11, 23))  # noqa: DTZ001, the point
    assert NOW.tzinfo is UTC
