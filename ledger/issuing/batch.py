"""Many certificates at once: one file for the printer, a zip with the sealed PDF of each, and a list of the forms.

Rules. Each certificate goes three steps, in the order of the orders: its page is set; then ``record`` is asked,
which writes the copy into the log or refuses; then it is sealed and put into the files. So nothing is recorded
that cannot be set, and nothing gets into the files that is not recorded. What fails ends the batch there: what
came before it is finished, since it is recorded. The folder appears whole, in one step, or not at all.

Pages are set by several processes (``ledger.issuing.compositors``), since that is most of the work; sealing stays in
this one, so that no private key leaves it. A few orders more than there are processes are under way at any time,
and orders are taken from the caller one by one, so that a batch of any size needs the memory of a small one.

The zip stores the PDFs as they are, under the names that the orders give (``ledger.issuing.print_file`` has the
other files). It decides nothing about who may print what.
"""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from keys.errors import Error as KeysError
from ledger.errors import Error
from ledger.issuing.compositors import Compositors
from ledger.issuing.paper import Attachment, Paper, render
from ledger.issuing.print_file import PrintFile
from ledger.issuing.sealing import Sealer

ZIP_FILE = "certificates.zip"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}\.pdf")
_AHEAD = 2  # orders under way for each process


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One certificate to make: its file name, what is printed and carried, and who seals it (None: nobody).

    ``form`` is the serial of the blank form that it is printed on, empty where there is none; ``is_proven`` tells
    whether the proof that it carries is one that enough witnesses have seen.
    """

    name: str
    paper: Paper
    template_source: str
    attachments: tuple[Attachment, ...] = ()
    sealer: Sealer | None = None
    form: str = ""
    is_proven: bool = False


Record = Callable[[Order], datetime]
"""Records a copy whose page is set, and gives the moment that its seal tells. Raises Error when it may not be."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What was made in ``folder``: how many certificates, and what ended it before its time, if anything did."""

    folder: Path
    count: int
    stopped: Error | KeysError | None


def file_name(number: str, copy: int = 1) -> str:
    """A file name for a certificate: its number, in letters that every system takes."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", number).strip("-")[:100] or "certificate"
    return f"{plain}.pdf" if copy == 1 else f"{plain}-{copy}.pdf"


def make(order: Order, at: datetime, set_page: Callable[..., bytes] = render) -> bytes:
    """The PDF of one certificate, sealed at ``at``. Raises what ``set_page`` and ``Sealer.seal`` raise."""
    return _sealed(order, set_page(order.paper, order.template_source, attachments=order.attachments), at)


def make_batch(
    orders: Iterable[Order],
    out: Path,
    *,
    record: Record,
    processes: int | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Batch:
    """Make them into the new or empty folder ``out``, and close it to others.

    ``processes`` defaults to the number of cores; ``progress`` is told how many are done. Raises Error BATCH_EXISTS
    or BATCH_EMPTY, what kept the first certificate from being made (BATCH_NAME_INVALID, PAGE_INTERRUPTED, what
    ``make``, ``record`` or ``orders`` raise), or OSError: then there is no folder.
    """
    out = out.resolve()
    _require_free(out)
    making = out.with_name(f".{out.name}.making")
    shutil.rmtree(making, ignore_errors=True)  # of a batch that was killed
    making.mkdir(mode=0o700, parents=True)
    try:
        count, stopped = _write(orders, making, record, processes or os.cpu_count() or 1, progress)
        making.replace(out)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return Batch(out, count, stopped)


def _require_free(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Error(
            "BATCH_EXISTS",
            f"{out} is not an empty folder",
            "Name a new folder, so that no batch passes for another.",
        )


def _write(
    orders: Iterable[Order], folder: Path, record: Record, processes: int, progress: Callable[[int], None]
) -> tuple[int, Error | KeysError | None]:
    stopped: Error | KeysError | None = None
    print_file = PrintFile(folder)
    with zipfile.ZipFile(folder / ZIP_FILE, "x", zipfile.ZIP_STORED) as archive:
        try:
            for order, page in _rendered(_checked(orders), processes):
                at = record(order)
                archive.writestr(zipfile.ZipInfo(order.name, at.timetuple()[:6]), _sealed(order, page, at))
                print_file.add(page, form=order.form, paper=order.paper, name=order.name)
                progress(print_file.count)
        except (Error, KeysError) as error:
            if not print_file.count:
                raise
            stopped = error
    if not print_file.count:
        raise Error("BATCH_EMPTY", "there is no certificate to print", "Name the certificates to print.")
    print_file.close()
    return print_file.count, stopped


def _checked(orders: Iterable[Order]) -> Iterator[Order]:
    names: set[str] = set()
    for order in orders:
        if not _NAME.fullmatch(order.name) or order.name.lower() in names:
            raise Error(
                "BATCH_NAME_INVALID",
                f"{order.name!r} is no file name, or two certificates have it",
                "Print the two in different batches.",
            )
        names.add(order.name.lower())
        yield order


def _rendered(orders: Iterable[Order], processes: int) -> Iterator[tuple[Order, bytes]]:
    """Set the pages, a few ahead of the one that is given out; an error is raised in its order's place."""
    with Compositors(processes) as compositors:
        waiting: deque[_Job] = deque()
        for job in _jobs(orders, compositors):
            waiting.append(job)
            if len(waiting) >= _AHEAD * processes:
                yield _done(waiting.popleft(), compositors)
        while waiting:
            yield _done(waiting.popleft(), compositors)


_Job = tuple[Order, Future[bytes]] | Error | KeysError
"""An order under way, or why there is none and there are no more."""


def _jobs(orders: Iterable[Order], compositors: Compositors) -> Iterator[_Job]:
    try:
        for order in orders:
            yield order, compositors.begin(order.paper, order.template_source, order.attachments)
    except (Error, KeysError) as error:
        yield error


def _done(job: _Job, compositors: Compositors) -> tuple[Order, bytes]:
    if isinstance(job, Exception):
        raise job
    order, page = job
    try:
        return order, compositors.finished(page)
    except Error as error:
        raise Error(error.code, f"{order.paper.number}: {error.message}", error.hint) from error


def _sealed(order: Order, page: bytes, at: datetime) -> bytes:
    return page if order.sealer is None else order.sealer.seal(page, at)
