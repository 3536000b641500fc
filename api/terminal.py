"""What commands print: plain text for people, JSON for programs, a progress bar where somebody watches."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """A line on standard output."""
    print(text)


def say_json(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(value, indent=1, ensure_ascii=False))


def complain(code: str, message: str, hint: str | None, *, as_json: bool) -> None:
    """An error: on standard error for people, on standard output for programs."""
    if as_json:
        say_json({"error": {"code": code, "message": message, "hint": hint}})
        return
    err.print(f"[bold red]{code}[/]: ", end="")
    err.print(message, markup=False)
    if hint:
        err.print(hint, markup=False)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error; silent when that is not a terminal."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def moved(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield moved
