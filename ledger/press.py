"""The press: renders a certificate's paper from the log, its pinned template and the personal store.

A paper can be made again at any time and comes out the same but for its copy mark; the folder is a
convenience. Once the name on a certificate is destroyed its papers are removed and none can be made any more.
A batch takes the same orders from here and makes them elsewhere. In a server a process of its own sets the pages
(``set_elsewhere``); one command of a person at a terminal does without.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from keys import files
from ledger.domain.event import from_time
from ledger.errors import Error
from ledger.issuing.batch import Order, file_name, make
from ledger.issuing.compositors import INTERRUPTED, Compositors
from ledger.issuing.finishing import Enclosed
from ledger.issuing.paper import Paper, PaperUnit, render
from verifier.code import display

if TYPE_CHECKING:
    from ledger.documents import Documents
    from ledger.domain.event import Event
    from ledger.issuing.finishing import Finishing
    from ledger.issuing.issued import IssuedCertificates
    from ledger.issuing.token import QrTexts

_log = logging.getLogger(__name__)


class Press:
    """Renders into ``folder``."""

    def __init__(
        self,
        folder: Path,
        issued: IssuedCertificates,
        qr_texts: QrTexts,
        documents: Documents,
        finishing: Finishing,
    ) -> None:
        self._folder = folder
        self._finishing = finishing
        self._unproven: list[tuple[str, int, datetime]] = []
        self._in_batch = False
        self._set_page: Callable[..., bytes] = render
        self._lock = threading.Lock()
        # A paper that is being made when its name is destroyed is there before it is removed, or not made.
        self._printing = threading.Lock()
        self._issued = issued
        self._qr_texts = qr_texts
        self._documents = documents

    def path(self, certificate: str, copy: int) -> Path:
        """Where the paper of this copy lies, whether or not it was rendered."""
        return self._folder / f"{certificate}.{copy}.pdf"

    def url(self, certificate: str) -> str:
        """The whole text of a certificate's QR; PERSON_ERASED once the name in it is destroyed."""
        return str(self._qr_texts.of(self._issued.get(certificate)))

    def paper(
        self,
        certificate: str,
        copy: int,
        *,
        at: datetime,
        holder: str | None = None,
        code: str | None = None,
        url: str | None = None,
    ) -> bytes:
        """The PDF's bytes, sealed at ``at``; arguments and errors as for ``order``."""
        order = self.order(certificate, copy, holder=holder, code=code, url=url)
        pdf = make(order, at, self._set_page)
        if not order.is_proven:
            with self._lock:
                self._unproven.append((certificate, copy, at))
        return pdf

    def order(
        self,
        certificate: str,
        copy: int,
        *,
        form: str = "",
        holder: str | None = None,
        code: str | None = None,
        url: str | None = None,
    ) -> Order:
        """All that makes the paper of this copy; PERSON_ERASED when the holder's name is destroyed and none is given.

        ``holder``, ``code`` and ``url`` (the QR's whole text) stand in for what was destroyed.
        """
        issued = self._issued.get(certificate, holder=holder, code=code)
        printed = issued.printed
        paper = Paper(
            kind=printed["kind"],
            number=issued.number,
            holder=issued.holder,
            title_id=printed["title_id"],
            title_en=printed["title_en"],
            level=printed["level"],
            units=tuple(
                PaperUnit(unit["code"], unit["title_id"], unit["title_en"]) for unit in printed["units"]
            ),
            hours=printed["jp"],
            issuer_name=issued.issuer_name,
            issued_on=issued.issued_on,
            valid_until=issued.valid_until,
            scheme_code=printed["scheme_code"],
            url=url or str(self._qr_texts.of(issued)),
            host=urlsplit(self._qr_texts.base_url).netloc,
            code_display=display(issued.code),
            copy=copy,
            template=f"{printed['template'][:8]}@{printed['template_version']}",
        )
        enclosed = self._finishing.enclosed(certificate) if holder is None else Enclosed((), is_proven=True)
        return Order(
            name=file_name(issued.number, copy),
            paper=paper,
            template_source=self._documents.get(printed["template_hash"]),
            attachments=enclosed.attachments,
            sealer=self._finishing.sealer(issued.org, issued.issuer_name),
            form=form,
            is_proven=enclosed.is_proven,
        )

    @contextmanager
    def left_to_batch(self) -> Iterator[None]:
        """While it lasts, what is printed here is not rendered into the folder: a batch makes it."""
        self._in_batch = True
        try:
            yield
        finally:
            self._in_batch = False

    @contextmanager
    def set_elsewhere(self) -> Iterator[None]:
        """While it lasts, a process of its own sets the pages, so that this one can answer people meanwhile."""
        with Compositors() as compositors:
            self._set_page = compositors.page
            try:
                yield
            finally:
                with self._printing:
                    self._set_page = render

    def follow(self, event: Event, _index: int) -> None:
        """After a commit: print what was to be printed, remove what was erased."""
        if event.type == "print_copy.copy_printed.v1":
            if self._in_batch:
                return
            certificate, copy = event.data["certificate"], event.data["copy"]
            with self._printing:
                self._print(certificate, copy, from_time(event.recorded_at))
        elif event.type == "certificate.marked_erased.v1":
            self.remove([event.originator_id])
        elif event.type == "subject_request.data_destroyed.v1" and event.data["class"] == "identity":
            self.remove([event.data["subject"]])

    def prove(self) -> None:
        """Make the papers again that were made before enough witnesses had seen their certificates, once they have.

        What cannot be made now is left for the next time.
        """
        with self._lock:
            waiting, self._unproven = self._unproven, []
        try:
            for each in list(waiting):
                certificate, copy, at = each
                with self._printing:
                    if self.path(certificate, copy).exists():
                        if not self._finishing.is_proven(certificate):
                            continue
                        self._print(certificate, copy, at)
                waiting.remove(each)
        finally:
            with self._lock:
                self._unproven += waiting

    def remove(self, destroyed: Iterable[str]) -> None:
        """Remove the papers of every certificate among these streams, also what a crash left half written."""
        streams = set(destroyed)
        with self._printing:
            for path in self._folder.glob("*"):
                if f"certificate/{path.name.lstrip('.').partition('.')[0]}" in streams:
                    path.unlink(missing_ok=True)

    def _print(self, certificate: str, copy: int, at: datetime) -> None:
        try:
            pdf = self.paper(certificate, copy, at=at)
        except Error as error:
            if error.code == "PERSON_ERASED":
                return  # destroyed meanwhile: there is nothing to print any more
            if error.code != INTERRUPTED:
                raise
            # Not tried again by itself: a template that does not end would hold up every command after it.
            hint = "`certledger print` on the same form makes it again."
            _log.error("copy %d of %s was not made: %s %s %s", copy, certificate, error, error.hint, hint)
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.replace(self.path(certificate, copy), pdf)
