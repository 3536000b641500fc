"""Compositors: processes that set pages, each with a limit of time, for whoever has other things to do.

Setting a page is most of the work of a certificate, and drawing its QR holds the interpreter. What goes to a
compositor is what the page shows and carries, and its template; keys stay behind, and so does the seal. A template
is a program and may not end, and nothing can tell typst to stop: the system ends the process then, and the next page
begins another one. Compositors give way to every process that answers people, and end with the one that began them,
even where it is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Self

from ledger.errors import Error
from ledger.issuing.paper import Attachment, Paper, render

PAGE_LIMIT_S = 60.0
"""Processor time for one page, which takes a tenth of a second."""
INTERRUPTED = "PAGE_INTERRUPTED"
_NICE = 10


class Compositors:
    """``count`` of them, each begun when there is a page for it. Threads may share them."""

    def __init__(self, count: int = 1) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._pool = self._begun()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Finish the pages under way, leave out those that wait, and end the processes."""
        self._pool.shutdown(cancel_futures=True)

    def page(self, paper: Paper, template_source: str, *, attachments: Sequence[Attachment] = ()) -> bytes:
        """Set one page; as ``paper.render``, and Error PAGE_INTERRUPTED where its process was stopped."""
        return self.finished(self.begin(paper, template_source, attachments))

    def begin(self, paper: Paper, template_source: str, attachments: Sequence[Attachment]) -> Future[bytes]:
        """Have a page set; ``finished`` gives it."""
        page = partial(_set, PAGE_LIMIT_S, paper, template_source, attachments)
        with self._lock:
            try:
                return self._pool.submit(page)
            except BrokenProcessPool:  # by an earlier page, or from outside
                self._pool = self._begun()
                return self._pool.submit(page)

    def finished(self, page: Future[bytes]) -> bytes:
        """The page, once it is set; raises as ``page``."""
        try:
            return page.result()
        except BrokenProcessPool as error:
            raise Error(
                INTERRUPTED,
                f"a process that sets pages was stopped: from outside, or by a page that took {PAGE_LIMIT_S:.0f} s",
                "Is there enough memory? If it stops at the same certificate again, look at its template.",
            ) from error

    def _begun(self) -> ProcessPoolExecutor:
        # Started anew rather than forked: typst has threads.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._count, mp_context=context, initializer=_begin)


def _begin() -> None:
    """In each process, before its first page."""
    os.nice(_NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that began it
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _set(limit: float, paper: Paper, template_source: str, attachments: Sequence[Attachment]) -> bytes:
    signal.setitimer(signal.ITIMER_PROF, limit)  # its signal ends the whole process, which the pool notices
    try:
        return render(paper, template_source, attachments=attachments)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
