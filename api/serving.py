"""Serving: uvicorn over the application, with no access log, since a request's path holds a holder's code."""

from __future__ import annotations

import gc
import signal
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import uvicorn

from api.app import make_app
from api.terminal import say

if TYPE_CHECKING:
    from api.composition import House


UVICORN: dict[str, Any] = {
    "access_log": False,
    "log_level": "warning",
    "loop": "uvloop",
    "http": "httptools",
}


SWITCH_S = 0.0005
"""How long a thread keeps the interpreter while another waits for it; Python's own 5 ms are too long here, where
a page needs it again after every read and staff print certificates in the next thread."""


def serve_house(house: House, host: str, port: int | None) -> None:
    """Serve until interrupted."""
    base_url = house.folder.settings.base_url
    port = port or urlsplit(base_url).port or 8000
    if house.folder.settings.clock == "simulated":
        say(
            f"DEMONSTRATION: this ledger runs on a simulated clock, now {house.clock.now():%Y-%m-%d %H:%M} UTC."
        )
    sys.setswitchinterval(SWITCH_S)
    house.room.check()
    house.room.start()
    ended = house.room.succession
    if ended is not None:
        say(
            f"This ledger has lost entries and has ended: it calls nothing valid. {ended.origin} continues it."
        )
    say(f"Serving {base_url} on {host}:{port}. Stop with Ctrl-C.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # closes everything, as Ctrl-C does
    with house.press.set_elsewhere():
        app = make_app(house)
        # Modules and routes stay for ever: looking through them for garbage stops every answer for 50 ms and more.
        gc.collect()
        gc.freeze()
        uvicorn.run(app, host=host, port=port, **UVICORN)
