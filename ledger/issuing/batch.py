"""Many certificates at once: one file for the printer, and a zip with the sealed PDF of each.

Rules. Pages are set by several processes, since that is most of the work; sealing stays in this one, so that no
private key leaves it. A few orders more than there are processes are under way at any time, and orders are taken
from the caller one by one, so that a batch of any size needs the memory of a small one; the print file begins a
new part after PART_SIZE certificates. Both keep the order of the orders. They appear whole or not at all.

The print file holds the pages alone, without seals and attachments: it is for a printer, no PDF/A, and nobody
answers for it. The zip stores the PDFs as they are, under the names that the orders give.

It decides nothing about who may print what, and records nothing.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import re
import tempfile
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pypdf import PdfReader, PdfWriter

from ledger.errors import Error
from ledger.issuing.paper import Attachment, Paper, render
from ledger.issuing.sealing import Sealer

PART_SIZE = 500
ZIP_FILE = "certificates.zip"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}\.pdf")
_AHEAD = 2  # orders under way for each process


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One certificate to make: its file name, what is printed and carried, and who seals it when (None: nobody)."""

    name: str
    paper: Paper
    template_source: str
    attachments: tuple[Attachment, ...] = ()
    sealer: Sealer | None = None
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """What was made: the print file's parts, the zip, and how many certificates are in each."""

    print_files: tuple[Path, ...]
    zip_file: Path
    count: int


def file_name(number: str, copy: int = 1) -> str:
    """A file name for a certificate: its number, in letters that every system takes."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", number).strip("-")[:100] or "certificate"
    return f"{plain}.pdf" if copy == 1 else f"{plain}-{copy}.pdf"


def make(order: Order) -> bytes:
    """The sealed PDF of one certificate. Raises what ``paper.render`` and ``Sealer.seal`` raise."""
    return _sealed(order, render(order.paper, order.template_source, attachments=order.attachments))


def make_batch(
    orders: Iterable[Order],
    out: Path,
    *,
    processes: int | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Batch:
    """Make all of them into the new or empty folder ``out``.

    ``processes`` defaults to the number of cores; ``progress`` is told how many are done. Raises Error
    BATCH_EXISTS, BATCH_NAME_INVALID, BATCH_EMPTY or BATCH_INTERRUPTED, what ``make`` raises, or OSError: then
    nothing is left in ``out``.
    """
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise Error(
            "BATCH_EXISTS", f"{out} is not empty", "Name a new folder, so that no batch passes for another."
        )
    with tempfile.TemporaryDirectory(prefix=".making-", dir=out) as making:
        folder = Path(making)
        count = _write(orders, folder, processes or os.cpu_count() or 1, progress)
        made = sorted(folder.iterdir())
        for path in made:
            path.rename(out / path.name)
    return Batch(tuple(out / path.name for path in made if path.name != ZIP_FILE), out / ZIP_FILE, count)


def _write(orders: Iterable[Order], folder: Path, processes: int, progress: Callable[[int], None]) -> int:
    names: set[str] = set()
    print_file = _PrintFile(folder)
    with zipfile.ZipFile(folder / ZIP_FILE, "x", zipfile.ZIP_STORED) as archive:
        for order, page in _rendered(_checked(orders, names), processes):
            member = zipfile.ZipInfo(order.name, order.sealed_at.timetuple()[:6])
            archive.writestr(member, _sealed(order, page))
            print_file.add(page)
            progress(print_file.count)
    if not print_file.count:
        raise Error("BATCH_EMPTY", "there is no certificate to print", "Name the certificates to print.")
    print_file.close()
    return print_file.count


def _checked(orders: Iterable[Order], names: set[str]) -> Iterator[Order]:
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
    """Set the pages, a few ahead of the one that is given out."""
    # Started anew rather than forked: typst has threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        waiting: deque[tuple[Order, Future[bytes | _Refusal]]] = deque()
        try:
            for order in orders:
                job = pool.submit(_render, order.paper, order.template_source, order.attachments)
                waiting.append((order, job))
                if len(waiting) >= _AHEAD * processes:
                    yield _done(*waiting.popleft())
            while waiting:
                yield _done(*waiting.popleft())
        except BrokenProcessPool as error:
            raise Error(
                "BATCH_INTERRUPTED",
                "a process that sets pages was stopped from outside",
                "Is there enough memory? Print the batch again.",
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


_Refusal = tuple[str, str, str | None]
"""An Error's code, message and hint: the error itself does not survive the way between processes."""


def _render(paper: Paper, template_source: str, attachments: tuple[Attachment, ...]) -> bytes | _Refusal:
    try:
        return render(paper, template_source, attachments=attachments)
    except Error as error:
        return error.code, error.message, error.hint


def _done(order: Order, job: Future[bytes | _Refusal]) -> tuple[Order, bytes]:
    result = job.result()
    if isinstance(result, bytes):
        return order, result
    code, message, hint = result
    raise Error(code, f"{order.name}: {message}", hint)


def _sealed(order: Order, page: bytes) -> bytes:
    return page if order.sealer is None else order.sealer.seal(page, order.sealed_at)


class _PrintFile:
    """The pages of all certificates, in parts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer = PdfWriter()
        self._parts = 0
        self.count = 0

    def add(self, pdf: bytes) -> None:
        for page in PdfReader(io.BytesIO(pdf)).pages:
            self._writer.add_page(page)
        self.count += 1
        if self.count % PART_SIZE == 0:
            self.close()

    def close(self) -> None:
        """Write the part that was begun, if one was."""
        if not len(self._writer.pages):
            return
        self._parts += 1
        self._writer.metadata = None
        self._writer.compress_identical_objects(remove_duplicates=True, remove_unreferenced=False)
        self._writer.write(self._folder / f"print-{self._parts:03}.pdf")
        self._writer = PdfWriter()
