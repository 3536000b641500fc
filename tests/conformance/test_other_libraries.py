"""Digital Bazaar's libraries against ours, where node and the npm packages are installed; see README.md."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from api.composition import open_house
from tests.conformance.serving import HERE, Served
from tests.holder.shop import Shop

NOTHING_CHECKED = 77


@pytest.fixture(scope="session")  # so that what a skipped test would need is not built before
def node() -> str:
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed")
    if not (HERE / "node_modules").exists():
        pytest.skip("the npm packages are missing: npm install --prefix tests/conformance")
    return found


def run(node: str, script: str, *arguments: str, **environment: str) -> list[str]:
    done = subprocess.run(
        [node, str(HERE / script), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    lines = done.stdout.splitlines()
    if done.returncode == NOTHING_CHECKED:
        pytest.skip(lines[-1])
    assert done.returncode == 0, done.stdout + done.stderr
    return lines


def test_each_verifies_what_the_other_issued(node: str, served: Served) -> None:
    lines = run(node, "cross_check.mjs", served.base_url, NODE_EXTRA_CA_CERTS=str(served.certificate))
    assert lines[-1].endswith(" passed, 0 failed")


def test_they_verify_a_certificate(node: str, built_demo: Path, tmp_path: Path) -> None:
    with open_house(shutil.copytree(built_demo, tmp_path / "data")) as house:
        shop = Shop(house, json.loads((built_demo / "demo.json").read_bytes()))
        credential = shop.credential(shop.with_status("VALID", kind="COMPETENCE")["code"])
        organisation = json.loads(credential)["issuer"]["id"].rpartition(":")[2]
        (tmp_path / "credential.json").write_bytes(credential)
        (tmp_path / "status.json").write_bytes(shop.status_bytes(credential))
        (tmp_path / "did.json").write_bytes(shop.fetch(f"/i/{organisation}/did.json"))
        lines = run(node, "certificate_check.mjs", str(tmp_path), shop.now.isoformat())
    assert lines[-1] == "8 passed, 0 failed"
