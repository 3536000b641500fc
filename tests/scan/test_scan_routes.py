"""What the scanner is made of, over HTTP: its policy, what is kept, what is needed to install it, its size."""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.util
import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.public.assets import FOLDER, page_script
from tests.public.fixture_site import CODE_OF
from tests.scan.scan_harness import trust_json
from tests.scan.scan_site import Office

ROOT_FOLDER = Path(__file__).resolve().parents[2]
LINES = 300
OWN = sorted(path for path in FOLDER.rglob("*.js") if "zxing" not in path.parts)


@pytest.fixture(scope="module")
def office() -> Office:
    return Office()


@pytest.fixture(scope="module")
def client(office: Office) -> TestClient:
    return TestClient(office.application())


def directives(policy: str) -> dict[str, str]:
    return dict(each.strip().partition(" ")[::2] for each in policy.split(";"))


def kept_by_worker(client: TestClient) -> set[str]:
    script = client.get("/scan/sw.js").text
    return set(re.findall(r'"(/scan[^"]*)"', script)) - {"/scan", "/scan/"}


def test_only_the_scanner_may_run_webassembly_and_ask_for_the_camera(client: TestClient) -> None:
    headers = client.get("/scan").headers
    policy = directives(headers["content-security-policy"])
    assert policy == {
        "default-src": "'none'",
        "style-src": policy["style-src"],
        "img-src": "'self' data:",
        "script-src": "'self' 'wasm-unsafe-eval'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "worker-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", policy["style-src"])
    assert "camera=(self)" in headers["permissions-policy"]
    assert "microphone=()" in headers["permissions-policy"]
    for path in (
        "/",
        "/check",
        f"/v/{CODE_OF['VALID']}",
        "/scan/sw.js",
        "/scan/now",
        "/scan/app.id.webmanifest",
    ):
        other = client.get(path).headers
        assert "wasm" not in other["content-security-policy"]
        assert "camera=()" in other["permissions-policy"]


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_file_of_the_scanner_is_named_by_its_content_and_kept_for_ever(
    client: TestClient, language: str
) -> None:
    kept = kept_by_worker(client)
    assert f"/scan?lang={language}" in kept
    page = client.get(f"/scan?lang={language}").text
    named = set(re.findall(r'(?:src|href)="(/scan/[^"]+)"', page)) - {f"/scan/app.{language}.webmanifest"}
    assert named <= kept
    for path in kept - {"/scan?lang=id", "/scan?lang=en"}:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert re.fullmatch(r"/scan/[0-9a-f]{24}/[a-z0-9_./-]+", path)
        assert client.get(re.sub("/[0-9a-f]{24}/", f"/{'0' * 24}/", path)).status_code == 404
    # What a script imports is kept too.
    for script in OWN:
        for imported in re.findall(r'(?:from|import\() ?"(\.[^"]+)"', script.read_text("utf-8")):
            target = (script.parent / imported).resolve().relative_to(FOLDER.resolve())
            assert any(path.endswith(f"/{target}") for path in kept) or script.name == "page.js"


def test_files_that_are_not_the_scanners_are_not_served(client: TestClient) -> None:
    base = next(path for path in kept_by_worker(client) if path.endswith("/token.js")).removesuffix(
        "/token.js"
    )
    for name in (
        "page.js",
        "scan/sw.js",
        "zxing/README.md",
        "zxing/LICENSE.txt",
        "../scan.py",
        "..%2fscan.py",
        "",
    ):
        assert client.get(f"{base}/{name}").status_code == 404
    assert client.get("/scan/app.fr.webmanifest").status_code == 404


def test_a_change_of_any_word_or_file_is_a_new_version(client: TestClient) -> None:
    def version(of: TestClient) -> str:
        found = re.search(r'VERSION = "([0-9a-f]{24})"', of.get("/scan/sw.js").text)
        assert found
        return found[1]

    assert version(client) == version(TestClient(Office().application()))
    assert version(client) != version(TestClient(Office(root=None).application()))
    assert "{{" not in client.get("/scan/sw.js").text


def test_the_worker_may_keep_the_page_and_talk_to_this_server_only(client: TestClient) -> None:
    headers = client.get("/scan/sw.js").headers
    assert headers["service-worker-allowed"] == "/scan"
    assert headers["cache-control"] == "no-store"
    policy = directives(headers["content-security-policy"])
    assert (policy["default-src"], policy["connect-src"]) == ("'none'", "'self'")


@pytest.mark.parametrize(("language", "name"), [("id", "Pindai sertifikat"), ("en", "Scan a certificate")])
def test_the_manifest_names_what_a_device_needs(client: TestClient, language: str, name: str) -> None:
    answer = client.get(f"/scan/app.{language}.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    manifest = answer.json()
    assert (manifest["name"], manifest["lang"]) == (name, language)
    assert manifest["start_url"] == f"/scan?lang={language}"
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    for icon in manifest["icons"]:
        assert client.get(icon["src"]).headers["content-type"] == "image/png"


def test_the_time_is_the_ledgers(office: Office, client: TestClient) -> None:
    assert client.get("/scan/now").json() == {"now": "2026-11-23T06:05:09Z", "simulated": True}
    real = Office(simulated=False)
    answer = TestClient(real.application()).get("/scan/now").json()
    assert answer["simulated"] is False
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", answer["now"])
    assert office.simulated


def test_the_page_says_whom_to_believe_where_there_is_a_root_file(office: Office, client: TestClient) -> None:
    given = re.search(r'data-founders="([^"]*)"', client.get("/scan").text)
    assert given
    assert json.loads(given[1].replace("&#34;", '"')) == trust_json(office.trust)
    assert "data-founders" not in TestClient(Office(root=None).application()).get("/scan").text


def _vendored() -> dict[str, tuple[str, str, str]]:
    path = ROOT_FOLDER / "scripts" / "vendor_zxing"
    loader = importlib.machinery.SourceFileLoader("vendor_zxing", str(path))
    spec = importlib.util.spec_from_loader("vendor_zxing", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    files: dict[str, tuple[str, str, str]] = module.FILES
    return files


def test_the_reader_is_the_published_one() -> None:
    notes = (FOLDER / "zxing" / "README.md").read_text("utf-8")
    wanted = _vendored()
    for name, _, expected in wanted.values():
        digest = hashlib.sha256((FOLDER / "zxing" / name).read_bytes()).hexdigest()
        assert digest == expected, name
        assert f"`{digest}`" in notes
    here = {
        path.relative_to(FOLDER / "zxing").as_posix()
        for path in (FOLDER / "zxing").rglob("*")
        if path.is_file()
    }
    assert here == {name for name, _, _ in wanted.values()} | {"README.md"}


def test_modules_are_short_and_name_no_other_site() -> None:
    for path in OWN:
        text = path.read_text("utf-8")
        assert len(text.splitlines()) < LINES, path
        assert not re.search(r"https?://(?!\(|\[)", text.replace("^(?:https://", "")), path
        assert not re.search(
            r"\b(eval|innerHTML|outerHTML|insertAdjacentHTML|document\.write|new Function)\b", text
        ), path


def test_sizes(client: TestClient) -> None:
    """The scanner without its QR reader is light; with it, it is what one picture takes."""

    def size(path: str) -> int:
        return int(client.get(path).headers["content-length"])

    kept = kept_by_worker(client)
    reader = sum(size(path) for path in kept if "/zxing/" in path)
    shell = sum(size(path) for path in kept if "/zxing/" not in path and "lang=en" not in path)
    assert shell < 45_000
    assert reader < 450_000
    assert size(f"/static/{page_script()[0]}") < 4_000
