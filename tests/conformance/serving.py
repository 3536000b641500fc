"""The app as a process of its own, and how to call it."""

import json
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Served:
    base_url: str
    certificate: Path
    printed: str

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        request = urllib.request.Request(
            self.base_url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        trusted = ssl.create_default_context(cafile=self.certificate)
        try:
            with urllib.request.urlopen(request, context=trusted, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)


@contextmanager
def serving(certificate: Path) -> Iterator[Served]:
    """Serve until the block is left; the certificate is written to this file."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "tests.conformance",
        "--port",
        str(port),
        "--certificate",
        str(certificate),
    ]
    with subprocess.Popen(command, cwd=HERE.parents[1], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = ""
        while not printed.endswith("};\n"):
            line = process.stdout.readline()
            assert line, "the app ended before it said what it is"
            printed += line
        _wait_for(port)
        yield Served(f"https://localhost:{port}", certificate, printed)
        process.terminate()


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the app does not listen")
