"""What holds for every address under ``/api``, before and after the routes have their say.

- A body has at most one million bytes and comes within thirty seconds; it is read whole before anything else.
- Answers are never stored, never sniffed, never framed, and load nothing.
- An error that nobody foresaw becomes a problem document; nothing of the request goes to the log.

Plain ASGI, since a framework's middleware would see the body only after it was read.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from api.public.headers import data_headers
from api.staff import problems

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 1_000_000
BODY_TIME_S = 30.0

_HEADERS = [(name, value) for name, value in data_headers("") if name not in {b"content-type", b"vary"}]
_OURS = frozenset(name for name, _ in _HEADERS)


class Guard:
    """Middleware around the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard what is under ``/api``; pass on everything else."""
        if scope["type"] != "http" or not is_staff(scope["path"]):
            await self._app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                kept = [(name, value) for name, value in message["headers"] if name.lower() not in _OURS]
                message = {**message, "headers": [*kept, *_HEADERS]}
            await send(message)

        refusal, body = await _read(scope, receive)
        if refusal is not None:
            await refusal(scope, receive, sending)
            return
        if body is None:
            return  # the client has gone
        try:
            await self._app(scope, _again(body, receive), sending)
        except Exception as error:  # noqa: BLE001 - the last resort, told by type and place
            answer = problems.unforeseen(error)
            if not started:
                await answer(scope, receive, sending)


def is_staff(path: str) -> bool:
    """Whether the address is one of the staff's API."""
    return path == "/api" or path.startswith("/api/")


async def _read(scope: Scope, receive: Receive) -> tuple[Response | None, bytes | None]:
    """The whole body, or why it is refused; neither when the client went away."""
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if not declared.isdigit() or int(declared[:20]) > BODY_LIMIT:
        return _too_large(), None
    body = b""
    try:
        async with asyncio.timeout(BODY_TIME_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None, None
                body += message.get("body", b"")
                if len(body) > BODY_LIMIT:
                    return _too_large(), None
                if not message.get("more_body", False):
                    return None, body
    except TimeoutError:
        return problems.problem(
            408, "REQUEST_TOO_SLOW", "the body did not come in time", "Send it again."
        ), None


def _too_large() -> Response:
    return problems.problem(
        413,
        "REQUEST_TOO_LARGE",
        f"the body has more than {BODY_LIMIT} bytes",
        "Divide what it says among several commands.",
    )


def _again(body: bytes, receive: Receive) -> Receive:
    """What the application receives: the body that was read, then what follows."""
    given = False

    async def receiving() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving
