"""What the certificate's page costs beside a bare Starlette route, and how long it takes while certificates are issued.

    python -m benchmarks.page [DATA] [--rounds N] [--seconds S] [--batches N]

DATA is a folder that `certledger demo --data DATA --no-serve` built; a copy of it is served (without DATA one is
built). Three measurements, each against the real server process, `certledger serve`:

- sizes: the page in every status and both languages, compressed, with the script that it loads;
- cost: in turn with a server process of one bare Starlette route that answers with the same body and the same
  headers under the same uvicorn settings, and with one of the page alone, which has its facts in memory. Ours are
  asked for all certificates in turn, as they come, so that most answers are given again within their second, and
  once more in a way in which none is, so that each is read from the three databases. What counts is the ratio of
  the processor time that the servers spend on a request;
- waits: 300 requests a second, on a schedule that waits for no answer, once with nobody at work, then while a member
  of staff issues certificates through the API of the same process and another one prints them. A wait is taken by the
  client, from the moment at which the request was due until its answer was whole, so it is more than the server's own
  time.
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import os
import shutil
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import uvloop

from api.demo import DEMO, build
from benchmarks.http_load import closed, cpu_seconds, get, opened
from benchmarks.page_beside import ALONE, BARE, server
from verifier.code import RANDOM_BITS, make

SAMPLE = Path(__file__).parent.parent / "sample" / "programme-2026.json"
OURS = 18_431
"""The loopback port of the ledger's server."""
PER_ROUND = 3000
CONNECTIONS = 8
RATE = 300
NEVER_KEPT = 200
"""A query so long that no answer to it is kept."""
_OTHERS = {"date", "server", "connection", "content-length", "content-type"}  # set by the server for both


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--batches", type=int, default=3, help="how often to measure while a batch is issued")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        if args.data:
            shutil.copytree(args.data, data)
        else:
            build(data, SAMPLE, OURS, lambda *_: None)
        demo = json.loads((data / DEMO).read_bytes())
        serve = ("-m", "api.cli", "serve", "--data", str(data), "--port", str(OURS))
        with server(OURS, *serve) as ours:
            _sizes(demo, data)
            _cost(demo, Path(name) / "bare.json", ours, args.rounds)
            _waits(demo, ours, args.seconds, args.batches)


# -- sizes ---------------------------------------------------------------------------------------------------


def _sizes(demo: dict[str, Any], data: Path) -> None:
    codes = {each["expected_status"]: each["code"] for each in demo["certificates"] if each["code"]}
    codes["NOT_FOUND"] = make(1 << (RANDOM_BITS - 1))
    print("bytes of the page as gzip, and with its one script:")
    for status, code in sorted(codes.items()):
        _print_size(status, code)
    with sqlite3.connect(data / "personal.db", isolation_level=None) as lock:
        lock.execute("BEGIN EXCLUSIVE")  # no answer can be had: given up after a time
        time.sleep(1)  # until then one that was given before still holds
        _print_size("CANNOT_CHECK", codes["VALID"])
        lock.execute("ROLLBACK")


def _print_size(status: str, code: str) -> None:
    sizes = []
    for language in ("id", "en"):
        _, page = _fetch(f"/v/{code}?lang={language}")
        plain = gzip.decompress(page)
        if f'<section class="status {status}"'.encode() not in plain:
            raise SystemExit(f"{code} is not {status}")
        script = plain.partition(b'<script type="module" src="')[2].partition(b'"')[0].decode()
        sizes.append((len(page), len(page) + len(_fetch(script)[1])))
    print(
        f"  {status:21}",
        *(f" {name} {page:6,} {both:7,}" for name, (page, both) in zip(("id", "en"), sizes, strict=True)),
    )


def _fetch(path: str) -> tuple[dict[str, str], bytes]:
    """Headers and body as a phone gets them, whatever the HTTP status."""
    request = Request(f"http://127.0.0.1:{OURS}{path}", headers={"Accept-Encoding": "gzip"})
    try:
        answer = urlopen(request)  # noqa: S310 - our own server
    except HTTPError as error:
        answer = error
    with answer:
        return {name.lower(): value for name, value in answer.headers.items()}, answer.read()


# -- cost ----------------------------------------------------------------------------------------------------


def _cost(demo: dict[str, Any], file: Path, ours: int, rounds: int) -> None:
    valid = [each["code"] for each in demo["certificates"] if each["expected_status"] == "VALID"]
    headers, body = _fetch(f"/v/{valid[0]}")
    kept = {name: value for name, value in headers.items() if name not in _OTHERS}
    document = json.loads(_fetch(f"/v/{valid[0]}.json")[1])
    given = {"headers": kept, "type": headers["content-type"], "body": body.hex(), "document": document}
    file.write_text(json.dumps(given))
    requests = [get(f"/v/{code}") for code in valid]
    anew = [get(f"/v/{code}?{'-' * NEVER_KEPT}") for code in valid]
    spent: dict[str, list[float]] = {"bare": [], "alone": [], "anew": [], "ours": []}
    wall: dict[str, list[float]] = {name: [] for name in spent}
    with (
        server(BARE, "-m", "benchmarks.page_beside", "bare", str(file)) as bare,
        server(ALONE, "-m", "benchmarks.page_beside", "alone", str(file)) as alone,
    ):
        for number in range(rounds + 1):
            for name, port, pid, asked in (
                ("bare", BARE, bare, requests),
                ("alone", ALONE, alone, requests),
                ("anew", OURS, ours, anew),
                ("ours", OURS, ours, requests),
            ):
                before = cpu_seconds(pid)
                answers = uvloop.run(closed(port, asked, PER_ROUND, CONNECTIONS))
                after = cpu_seconds(pid)
                if set(answers.statuses) != {200}:
                    raise SystemExit(f"{name}: {answers.statuses}")
                if number:  # the first round warms up
                    spent[name].append((after - before) / PER_ROUND * 1e6)
                    wall[name].append(answers.took / PER_ROUND * 1e6)
    print(
        f"cost, {rounds} rounds of {PER_ROUND} requests over {CONNECTIONS} connections, {len(valid)} certificates"
        f" in turn, {len(body):,} bytes; {_load()}:"
    )
    for what, times in (("processor", spent), ("wall clock", wall)):
        print(f"  {what}, µs a request: bare route {statistics.median(times['bare']):.0f}", end="")
        for name, words in (
            ("ours", "our page"),
            ("anew", "each read anew"),
            ("alone", "without look-up, rendered anew"),
        ):
            ratios = [least / all_ for least, all_ in zip(times["bare"], times[name], strict=True)]
            print(
                f"; {words} {statistics.median(times[name]):.0f}, ratio {statistics.median(ratios):.2f}"
                f" ({min(ratios):.2f} to {max(ratios):.2f})",
                end="",
            )
        print()


# -- waits ---------------------------------------------------------------------------------------------------


def _waits(demo: dict[str, Any], ours: int, seconds: float, batches: int) -> None:
    requests = [get(f"/v/{each['code']}") for each in demo["certificates"] if each["code"]]
    _wait(ours, requests, seconds, lambda: None)
    stop, issued = multiprocessing.Event(), multiprocessing.Value("i", 0)
    batch = multiprocessing.Process(target=_issue, args=(demo, stop, issued), daemon=True)
    batch.start()
    while not issued.value and batch.is_alive():
        time.sleep(0.1)
    for _ in range(batches):
        _wait(ours, requests, seconds, lambda: int(issued.value))
    stop.set()
    batch.join()


def _wait(ours: int, requests: list[bytes], seconds: float, issued: Callable[[], int | None]) -> None:
    begun, before = issued(), cpu_seconds(ours)
    answers = uvloop.run(opened(OURS, requests, RATE, seconds, 64))
    used, ended = (cpu_seconds(ours) - before) / answers.took, issued()
    what = (
        "nothing else"
        if begun is None or ended is None
        else f"{ended - begun} certificates issued and printed"
    )
    p50, p99, worst = (answers.percentile(share) for share in (0.5, 0.99, 1.0))
    print(
        f"waits at {RATE} requests a second for {seconds:.0f} s, {what} meanwhile; {_load()}:\n"
        f"  median {p50:.1f} ms, p99 {p99:.1f} ms, most {worst:.1f} ms; answers by HTTP status"
        f" {dict(sorted(answers.statuses.items()))}; the process that answers used {100 * used:.0f} % of a core"
    )


def _issue(demo: dict[str, Any], stop: Event, issued: Any) -> None:
    """Replace training certificates and print the new ones, one after the other, until told to stop."""
    issuer, printer = _sign_in(demo, "training_issuer"), _sign_in(demo, "print_operator")
    serials = [f"{9_000_000 + number}" for number in range(1000)]
    _post(printer, "commands/ReceiveBlanks", serials=serials)
    standing = deque(
        _post(issuer, "queries/FindCertificates", number=each["number"])["items"][0]["certificate"]
        for each in demo["certificates"]
        if (each["kind"], each["expected_status"]) == ("TRAINING", "VALID")
    )
    while not stop.is_set():
        old = standing.popleft()
        new = _post(issuer, "commands/SupersedeCertificate", certificate=old, reason="NAME_CORRECTION")
        certificate = new["result"]["certificate"]
        printed = {"copy_number": 1, "reason": "ORIGINAL", "blanko_serial": serials.pop()}
        _post(printer, "commands/PrintCopy", certificate=certificate, **printed)
        standing.append(certificate)
        issued.value += 1


def _sign_in(demo: dict[str, Any], role: str) -> str:
    """The token of the first account with this role."""
    account = next(each for each in demo["accounts"] if role in each["roles"])
    given = {"username": account["username"], "passphrase": account["passphrase"], "role": role}
    return str(_post("", "session", **given)["token"])


def _post(token: str, path: str, **body: Any) -> dict[str, Any]:
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid.uuid4()),
    }
    address = f"http://127.0.0.1:{OURS}/api/{path}"
    with urlopen(Request(address, json.dumps(body).encode(), headers)) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


if __name__ == "__main__":
    main()
