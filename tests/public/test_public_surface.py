"""What every public answer has in common: headers, errors, limits, forms; and that nothing fails open."""

import gzip
import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.public.assets import page_script
from api.public.limit import MissLimiter, network_of
from api.public.routes import MissLimits, public_routes
from api.public.view import CertificateView, Status, Verifier
from tests.public.fixture_site import CODE_OF, CODES, VIEWS, Settings, Views, application
from verifier.code import display

GOOD = CODE_OF["VALID"]
WRONG = ("1" if GOOD[0] == "0" else "0") + GOOD[1:]
UNKNOWN = "0000000000000"
NUMBER, NAME = "LSP-CVN/2026/000417", "Siti Contohwati Rekasari"
assert UNKNOWN not in CODES


@pytest.fixture
def service() -> Views:
    return Views()


@pytest.fixture
def client(service: Views) -> TestClient:
    return TestClient(application(service, Settings()), follow_redirects=False)


def site(service: Verifier, **options: Any) -> TestClient:
    app = application(service, Settings())
    app.router.routes[:] = public_routes(service, Settings(), **options)
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    "path",
    [
        *(f"/v/{code}" for code in CODES),
        f"/v/{GOOD}.json",
        f"/v/{WRONG}",
        f"/v/{WRONG}.json",
        "/",
        "/check",
        "/x",
        "/livez",
    ],
)
def test_every_answer_keeps_itself_to_its_reader(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    has_script = 'class="status' in client.get(path).text
    assert ("script-src 'self'; connect-src 'self'" in policy) is has_script
    assert ("script-src" in policy) is has_script
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "noindex" in headers["x-robots-tag"]
    assert headers["cache-control"] == "no-store"
    assert {"Accept", "Accept-Language", "Accept-Encoding"} == set(headers["vary"].split(", "))
    assert "set-cookie" not in headers


@pytest.mark.parametrize("path", [*(f"/v/{code}" for code in CODES), "/", "/check", f"/v/{WRONG}"])
def test_a_page_is_one_small_response(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < 7500
    plain = client.get(path, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == answer.text
    assert int(plain.headers["content-length"]) < 20_000
    html = re.sub(r'<script type="module" src="/static/[0-9a-f]{24}\.js"></script>', "", answer.text)
    assert (html != answer.text) is ('class="status' in html)
    assert not re.search(r"<[^>]*(src|srcset|style|onerror)=|<script|<iframe|@import|url\(.?http", html)


def test_the_script_is_kept_for_ever_and_nothing_else_is_served_beside_it(client: TestClient) -> None:
    found = re.search(r'src="(/static/[^"]+)"', client.get(f"/v/{GOOD}").text)
    assert found
    answer = client.get(found[1])
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"^\s*(import|export|//)|https?://", answer.text, re.MULTILINE)
    for other in ("/static/page.js", "/static/token.js", "/static/..%2fpage.js", "/static/"):
        assert client.get(other).status_code == 404


def test_page_and_script_together_are_small(client: TestClient) -> None:
    sizes = {
        path: int(client.get(path).headers["content-length"]) for path in (f"/v/{code}" for code in CODES)
    }
    script = int(client.get(f"/static/{page_script()[0]}").headers["content-length"])
    assert max(sizes.values()) + script < 15_000


def test_a_refused_gzip_is_not_sent(client: TestClient) -> None:
    answer = client.get("/", headers={"accept-encoding": "gzip;q=0, br"})
    assert "content-encoding" not in answer.headers


def test_gzip_is_one_whole_member(client: TestClient) -> None:
    with client.stream("GET", f"/v/{GOOD}") as answer:
        raw = b"".join(answer.iter_raw())
    assert gzip.decompress(raw) == client.get(f"/v/{GOOD}").content


@pytest.mark.parametrize("typed", [WRONG, "ABC", "U" * 13, "a" * 5000, "%00", "٣" * 13, "<b>"])
def test_a_mistyped_code_is_told_before_any_look_up(service: Views, client: TestClient, typed: str) -> None:
    page = client.get(f"/v/{typed}?lang=en")
    assert page.status_code == 400
    assert "Please check the code, character by character" in page.text
    assert 'class="status' not in page.text
    assert "<b>" not in page.text.split("</style>")[1].replace('<b class="code">', "")
    problem = client.get(f"/v/{typed}.json")
    assert problem.status_code == 400
    assert problem.headers["content-type"] == "application/problem+json"
    document = problem.json()
    assert set(document) == {"type", "title", "status", "code", "detail"}
    assert document["code"] == ("CODE_CHECK_WRONG" if typed == WRONG else "CODE_MALFORMED")
    assert document["status"] == 400
    assert service.asked == []


@pytest.mark.parametrize("typed", [GOOD.lower(), display(GOOD), GOOD.replace("0", "O")])
def test_a_code_is_read_as_people_write_it(service: Views, client: TestClient, typed: str) -> None:
    assert client.get(f"/v/{typed}").status_code == 200
    assert service.asked == [GOOD]


def _raises(code: str) -> CertificateView:
    raise RuntimeError(f"database password for {code}")


def _hangs(code: str) -> CertificateView:
    time.sleep(0.5)
    return VIEWS["VALID"]


@pytest.mark.parametrize(
    "look_up",
    [
        _raises,
        _hangs,
        lambda _: None,
        lambda _: "VALID",
        lambda _: replace(VIEWS["VALID"], holder=None),
        lambda _: replace(VIEWS["VALID"], holder="\ud800"),
        lambda _: replace(VIEWS["VALID"], zone="Asia/Nowhere"),
        lambda _: replace(VIEWS["VALID"], units=(("only a code",),)),  # type: ignore[arg-type]
    ],
)
@pytest.mark.parametrize("suffix", ["", ".json"])
def test_what_is_not_known_is_cannot_check(look_up: Callable[[str], CertificateView], suffix: str) -> None:
    class Broken(Views):
        by_code = staticmethod(look_up)  # type: ignore[assignment]

    answer = site(Broken(), lookup_timeout_s=0.1).get(f"/v/{GOOD}{suffix}")
    assert answer.status_code == 503
    text = answer.text.split("</style>")[-1]
    assert "CANNOT_CHECK" in text
    for word in ("VALID", "NOT_FOUND", "password", "Traceback", NAME):
        assert word not in text


def test_a_fact_cannot_pass_for_another() -> None:
    class Hostile(Views):
        def by_code(self, code: str) -> CertificateView:
            assert code == GOOD
            return replace(VIEWS["VALID"], holder="a\0b\0issuer\0")

    assert site(Hostile()).get(f"/v/{GOOD}").status_code == 503


def test_what_cannot_be_told_at_once_is_asked_in_a_thread() -> None:
    seen: list[str] = []

    class Watching(Views):
        def by_code(self, code: str) -> CertificateView:
            seen.append(threading.current_thread().name)
            return super().by_code(code)

    class Busy(Watching):
        def by_code(self, code: str) -> CertificateView:
            super().by_code(code)
            raise TimeoutError

    def in_threads() -> list[bool]:
        threads = [name.startswith("public-lookup") for name in seen]
        seen.clear()
        return threads

    assert site(Watching()).get(f"/v/{GOOD}").status_code == 200
    assert in_threads() == [True]
    assert site(Watching(), at_once=Watching()).get(f"/v/{GOOD}").status_code == 200
    assert in_threads() == [False]
    assert site(Watching(), at_once=Busy()).get(f"/v/{GOOD}").status_code == 200
    *at_once, last = in_threads()
    assert not any(at_once)
    assert last
    assert site(Busy(), at_once=Busy()).get(f"/v/{GOOD}").status_code == 503


def test_who_is_busy_for_a_moment_is_asked_again() -> None:
    class BusyForAMoment(Views):
        def by_code(self, code: str) -> CertificateView:
            view = super().by_code(code)
            if len(self.asked) < 4:
                raise TimeoutError
            return view

    patient, at_once = Views(), BusyForAMoment()
    assert site(patient, at_once=at_once).get(f"/v/{GOOD}").status_code == 200
    assert at_once.asked == [GOOD] * 4
    assert patient.asked == []


def test_a_number_and_a_name_are_always_asked_in_a_thread() -> None:
    asked = Views()
    client = site(Views(), at_once=asked)
    assert client.post("/check", data={"number": NUMBER, "name": NAME}).status_code == 200
    assert asked.asked == []


def test_a_typed_code_leads_to_its_own_address(client: TestClient) -> None:
    answer = client.post("/?lang=en", data={"code": display(GOOD).lower()})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/v/{GOOD}?lang=en"
    answer = client.post("/?lang=en", data={"code": WRONG})
    assert answer.status_code == 400
    assert f'value="{WRONG}"' in answer.text
    assert client.post("/", content=b"\xff=%%").status_code == 400
    assert client.post("/", content=b"code=" + b"0" * 100_000).status_code == 413


def test_a_number_with_its_name_gives_a_status_and_nothing_else(client: TestClient) -> None:
    answer = client.post("/check?lang=en", data={"number": f" {NUMBER} ", "name": NAME})
    assert answer.status_code == 200
    assert '<h1 id="status">Valid</h1>' in answer.text
    for fact in (NAME, NUMBER, "Welder", "LSP Contoh", "2026-03-12", "12 March", GOOD):
        assert fact not in answer.text
    document = client.post(
        "/check", data={"number": NUMBER, "name": NAME}, headers={"accept": "application/json"}
    )
    assert document.json() == {"status": "VALID", "checked_at": "2026-11-23T06:05:09Z"}


@pytest.mark.parametrize("headers", [{}, {"accept": "application/json"}])
def test_a_wrong_name_and_an_unknown_number_get_the_same_answer(
    client: TestClient, headers: dict[str, str]
) -> None:
    wrong = client.post("/check?lang=en", data={"number": NUMBER, "name": "Budi"}, headers=headers)
    unknown = client.post("/check?lang=en", data={"number": "X/1", "name": "Budi"}, headers=headers)
    assert wrong.status_code == unknown.status_code == 404
    assert wrong.text.replace(NUMBER, "X/1") == unknown.text
    assert wrong.headers.keys() == unknown.headers.keys()


@pytest.mark.parametrize(
    "data", [{}, {"number": NUMBER}, {"name": NAME}, {"number": "1" * 101, "name": NAME}]
)
def test_an_incomplete_form_is_told_and_not_looked_up(
    service: Views, client: TestClient, data: dict[str, str]
) -> None:
    answer = client.post("/check?lang=en", data=data)
    assert answer.status_code == 400
    assert "Please fill in both" in answer.text
    problem = client.post("/check", data=data, headers={"accept": "application/json"}).json()
    assert problem["code"] == "VALUE_INVALID"
    assert service.asked == []


def test_a_broken_number_look_up_is_cannot_check() -> None:
    class Broken(Views):
        def by_number(self, number: str, name: str) -> Status:
            raise OSError(number, name)

    answer = site(Broken()).post("/check?lang=en", data={"number": NUMBER, "name": NAME})
    assert answer.status_code == 503
    assert '<h1 id="status">Cannot check right now</h1>' in answer.text


def _limits() -> MissLimits:
    return MissLimits(codes=MissLimiter(burst=3, refill_s=60), numbers=MissLimiter(burst=3, refill_s=60))


def test_misses_are_limited_and_hits_are_not() -> None:
    client = site(Views(), limits=_limits())
    for _ in range(20):
        assert client.get(f"/v/{GOOD}").status_code == 200
    assert [client.get(f"/v/{path}").status_code for path in (UNKNOWN, WRONG, UNKNOWN, UNKNOWN, WRONG)] == [
        *(404, 400, 404),
        *(429, 429),
    ]
    answer = client.get(f"/v/{UNKNOWN}?lang=en")
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert 'class="status' not in answer.text
    assert client.get(f"/v/{UNKNOWN}.json").json()["code"] == "RATE_LIMITED"
    assert client.get(f"/v/{GOOD}").status_code == 200


def test_names_cannot_be_guessed_once_the_misses_are_used_up() -> None:
    service = Views()
    client = site(service, limits=_limits())
    right = {"number": NUMBER, "name": NAME}
    for _ in range(10):
        assert client.post("/check", data=right).status_code == 200
    codes = [
        client.post("/check", data={"number": NUMBER, "name": str(guess)}).status_code for guess in range(5)
    ]
    assert codes == [404, 404, 404, 429, 429]
    asked = len(service.asked)
    assert client.post("/check", data=right).status_code == 429
    assert len(service.asked) == asked


def test_misses_come_back_with_time_and_each_network_has_its_own() -> None:
    now = [0.0]
    limiter = MissLimiter(burst=2, refill_s=10, clock=lambda: now[0])
    for _ in range(2):
        assert limiter.wait("a") == 0
        limiter.miss("a")
    assert limiter.wait("a") == 11
    assert limiter.wait("b") == 0
    now[0] = 10.0
    assert limiter.wait("a") == 0
    now[0] = 1e6
    limiter.miss("a")
    limiter.miss("a")
    assert limiter.wait("a") > 0


def test_the_table_of_networks_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.public.limit._MAX_NETWORKS", 10)
    limiter = MissLimiter(burst=1, refill_s=10)
    for network in range(100):
        limiter.miss(str(network))
    assert len(limiter._buckets) == 10
    assert limiter.wait("99") > 0


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.9", "192.0.2.0/24"),
        ("2001:db8:1:2::5", "2001:db8:1::/48"),
        ("testclient", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_network_is_what_one_client_commonly_holds(host: str | None, network: str) -> None:
    assert network_of(host) == network


def test_other_addresses_and_methods_get_our_own_error(client: TestClient) -> None:
    answer = client.get("/nothing/here?lang=en")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert 'class="status' not in answer.text
    assert (
        client.get("/nothing.json", headers={"accept": "application/json"}).json()["code"] == "PAGE_NOT_FOUND"
    )
    answer = client.delete(f"/v/{GOOD}")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


def test_livez_and_head(client: TestClient) -> None:
    assert client.get("/livez").text == "ok\n"
    assert client.head(f"/v/{GOOD}").status_code == 200
    assert client.get("/").status_code == 200
