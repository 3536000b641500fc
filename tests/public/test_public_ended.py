"""A register that has lost its newest records: nothing is green, what is final holds, and nobody is suspected."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.public.view import Continues, Ended, Status
from tests.public.fixture_site import CODE_OF, VIEWS, Settings, Views, application

LEFT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ENDED = Ended("sertifikat.contoh.id/log2", LEFT)
FINAL = {Status.EXPIRED, Status.REVOKED, Status.REPLACED, Status.NO_LONGER_VERIFIABLE}
SUSPICIOUS = re.compile(r"fraud|forge|false|fake|palsu|tipu|curang|memalsu", re.IGNORECASE)


def site(ended: Ended | None = ENDED) -> TestClient:
    return TestClient(application(Views(), Settings(ended=ended)))


def visible(html: str) -> str:
    """What a reader sees: not the answers about a QR, which a script shows one of."""
    return re.sub(r"(?s)<template.*?</template>|<style.*?</style>|<[^>]*>", " ", html)


@pytest.mark.parametrize("name", VIEWS)
def test_only_what_is_final_is_still_told(name: str) -> None:
    client, view = site(), VIEWS[name]
    told = client.get(f"/v/{CODE_OF[name]}.json").json()
    page = client.get(f"/v/{CODE_OF[name]}?lang=en").text
    if view.status in FINAL:
        assert told["status"] == view.status
        assert f'class="status {view.status}"' in page
    else:
        assert told["status"] == "CANNOT_CHECK"
        assert 'class="status CANNOT_CHECK ended"' in page
        assert told["holder"] is None
        assert (view.holder or "?") not in page
        assert SUSPICIOUS.findall(visible(page)) == []
        assert (told["number"] is None) == (view.status in {Status.NOT_FOUND, Status.CANNOT_CHECK})
    said = view.status if view.status in {Status.VALID, Status.SUSPENDED} else None
    assert told["ended"] == {
        "successor": ENDED.successor,
        "left_until": "2026-11-20T03:00:00Z",
        "last_known_status": said,
    }
    assert told["log"] is None


@pytest.mark.parametrize("language", ["id", "en"])
def test_it_says_what_was_lost_and_whom_to_ask(language: str) -> None:
    client = site()
    words = {
        "id": ("berlaku", "ditangguhkan", "kehilangan catatan terbarunya", "20 November 2026"),
        "en": ("it was valid", "it was suspended", "has lost its newest records", "20 November 2026"),
    }[language]
    pages = {name: visible(client.get(f"/v/{CODE_OF[name]}?lang={language}").text) for name in VIEWS}
    for name, said in (("VALID", words[0]), ("SUSPENDED", words[1])):
        assert said in pages[name]
        assert str(VIEWS[name].issuer) in pages[name]
        assert str(VIEWS[name].number) in pages[name]
    for page in [*pages.values(), visible(client.get(f"/?lang={language}").text)]:
        assert words[2] in page
        assert ENDED.successor in page
    assert words[3] in pages["VALID"]
    assert words[0].removeprefix("it was ") not in pages["NOT_FOUND"].replace("masih berlaku", "")


def test_a_certificate_may_be_among_what_was_lost() -> None:
    """What is not found may be newer; a guesser is told no more than before, and waits as before."""
    client = site()
    assert client.get("/v/0000000000000.json").json()["status"] == "CANNOT_CHECK"
    answers = [
        client.post(
            "/check", data={"number": f"9{turn}", "name": "Nobody"}, headers={"accept": "application/json"}
        )
        for turn in range(25)
    ]
    assert {answer.json().get("status") for answer in answers} == {"CANNOT_CHECK", 429}
    assert answers[-1].status_code == 429


@pytest.mark.parametrize("name", ["VALID", "SUSPENDED", "EXPIRED", "REVOKED"])
def test_a_typed_number_is_answered_alike(name: str) -> None:
    view = VIEWS[name]
    typed = {"number": str(view.number), "name": str(view.holder)}
    status = Views().by_number(typed["number"], typed["name"])  # several views have one number
    wanted = status if status in FINAL else "CANNOT_CHECK"
    client = site()
    told = client.post("/check", data=typed, headers={"accept": "application/json"}).json()
    assert told["status"] == wanted
    assert told["ended"]["successor"] == ENDED.successor
    page = client.post("/check?lang=en", data=typed).text
    assert f'class="status {wanted}' in page
    assert 'class="status VALID' not in page


def test_where_nobody_can_say_which_are_left_no_time_is_told() -> None:
    client = site(Ended("next.example/log", None))
    told = client.get(f"/v/{CODE_OF['VALID']}.json").json()
    assert told["ended"]["left_until"] is None
    assert "The last record that is left" not in client.get(f"/v/{CODE_OF['VALID']}?lang=en").text


def test_pages_of_the_new_register_say_which_it_continues() -> None:
    since = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
    client = TestClient(
        application(Views(), Settings(continues=Continues("sertifikat.contoh.id/log", since)))
    )
    for path in (f"/v/{CODE_OF['VALID']}", "/", "/check", "/none"):
        for language, line in (
            (
                "en",
                "This register continues the register sertifikat.contoh.id/log, which lost records, from 1",
            ),
            ("id", "Buku catatan ini melanjutkan buku catatan sertifikat.contoh.id/log"),
        ):
            assert client.get(f"{path}?lang={language}").text.count(line) == 1
    told: dict[str, Any] = client.get(f"/v/{CODE_OF['VALID']}.json").json()
    assert (told["status"], "ended" in told) == ("VALID", False)


def test_a_register_that_goes_on_says_nothing_of_it() -> None:
    page = TestClient(application(Views(), Settings())).get(f"/v/{CODE_OF['VALID']}?lang=en").text
    assert "lost" not in visible(page)
