"""The servers of `benchmarks.page`: each a process of its own, and the two that the page is held against.

    python -m benchmarks.page_beside bare|alone FILE

FILE is what the page's benchmark saw of a certificate. ``bare`` is one Starlette route that answers with the same
body and the same headers; ``alone`` is the page with its facts in memory.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from api.app import BESIDE
from api.public.routes import public_routes
from api.public.view import CertificateView
from api.serving import UVICORN

BARE, ALONE = 18_432, 18_433
"""Their loopback ports."""


@contextmanager
def server(port: int, *arguments: str) -> Iterator[int]:
    """A server process, ended at the end of the block; gives its id once it answers."""
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        while process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        else:
            raise SystemExit(f"{arguments} ended with {process.returncode}")
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def serve_bare(file: Path) -> None:
    """One route, the same headers, a body of the same size."""
    given = json.loads(file.read_bytes())
    headers, body = given["headers"], bytes.fromhex(given["body"])

    async def page(request: Any) -> Response:  # noqa: ARG001 - an endpoint's signature
        return Response(body, headers=headers, media_type=given["type"])

    uvicorn.run(Starlette(routes=[Route("/v/{code}", page)]), host="127.0.0.1", port=BARE, **UVICORN)


def serve_alone(file: Path) -> None:
    """The real routes, whose facts are in memory."""
    document = json.loads(file.read_bytes())["document"]
    view = CertificateView(
        status=document["status"],
        checked_at=datetime.fromisoformat(document["checked_at"]),
        kind=document["kind"],
        number=document["number"],
        holder=document["holder"],
        title_id=document["title"]["id"],
        title_en=document["title"]["en"],
        level=document["level"],
        units=tuple(
            (each["code"], each["title"]["id"], each["title"]["en"]) for each in document["units"] or ()
        ),
        issuer=document["issuer"],
        issued_on=date.fromisoformat(document["issued_on"]),
        valid_until=document["valid_until"] and date.fromisoformat(document["valid_until"]),
        zone="Asia/Jakarta",
        log_size=document["log"]["size"],
        witnesses=document["log"]["witnesses"],
    )
    memory = mock.Mock(by_code=lambda _code: view)
    settings = mock.Mock(
        base_url="http://localhost", report_contact=None, time_zone="Asia/Jakarta", ended=None, continues=None
    )
    settings.simulated_now = lambda: view.checked_at
    app = Starlette(routes=public_routes(memory, settings, beside=BESIDE, at_once=memory))
    uvicorn.run(app, host="127.0.0.1", port=ALONE, **UVICORN)


if __name__ == "__main__":
    {"bare": serve_bare, "alone": serve_alone}[sys.argv[1]](Path(sys.argv[2]))
