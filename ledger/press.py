"""The press: renders a certificate's paper from the log, its pinned template and the personal store.

A paper can be made again at any time and comes out the same but for its copy mark; the folder is a
convenience. Once a certificate is marked as erased its papers are removed and none can be made any more.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from keys import files
from ledger.errors import DomainError
from ledger.issuing.paper import Paper, PaperUnit, render
from verifier.code import display

if TYPE_CHECKING:
    from ledger.documents import Documents
    from ledger.domain.event import Event
    from ledger.personal.store import PersonalStore
    from ledger.projections.queries import Queries


class Press:
    """Renders into ``folder``, for the public address ``base_url``."""

    def __init__(
        self, folder: Path, base_url: str, queries: Queries, personal: PersonalStore, documents: Documents
    ) -> None:
        self._folder = folder
        self._base_url = base_url
        self._queries = queries
        self._personal = personal
        self._documents = documents

    def path(self, certificate: str, copy: int) -> Path:
        """Where the paper of this copy lies, whether or not it was rendered."""
        return self._folder / f"{certificate}.{copy}.pdf"

    def url(self, code: str) -> str:
        """The QR's whole text for a certificate with this code."""
        return f"{self._base_url}/v/{code}"

    def paper(
        self, certificate: str, copy: int, *, holder: str | None = None, code: str | None = None
    ) -> bytes:
        """The PDF's bytes; PERSON_ERASED when the holder's name is destroyed and none is given."""
        row = self._queries.certificate(certificate)
        if row is None or row.issued_on is None or row.number is None:
            raise DomainError("UNKNOWN_ID", f"there is no issued certificate {certificate}")
        subject = f"certificate/{certificate}"
        holder = holder or self._personal.value(subject, "identity", "holder")
        code = code or self._personal.value(subject, "identity", "code")
        if holder is None or code is None:
            raise DomainError(
                "PERSON_ERASED", "the name on this certificate was destroyed; it cannot be printed again"
            )
        printed = json.loads(row.prepared)
        organisation = self._queries.organisation(row.org) if row.org else None
        paper = Paper(
            kind=printed["kind"],
            number=row.number,
            holder=holder,
            title_id=printed["title_id"],
            title_en=printed["title_en"],
            level=printed["level"],
            units=tuple(
                PaperUnit(unit["code"], unit["title_id"], unit["title_en"]) for unit in printed["units"]
            ),
            hours=printed["jp"],
            issuer_name=(organisation and organisation[1]) or "",
            issued_on=date.fromisoformat(row.issued_on),
            valid_until=date.fromisoformat(row.valid_until) if row.valid_until else None,
            scheme_code=printed["scheme_code"],
            url=self.url(code),
            host=urlsplit(self._base_url).netloc,
            code_display=display(code),
            copy=copy,
            template=f"{printed['template'][:8]}@{printed['template_version']}",
        )
        return render(paper, self._documents.get(printed["template_hash"]))

    def follow(self, event: Event, _index: int) -> None:
        """After a commit: print what was to be printed, remove what was erased."""
        if event.type == "print_copy.copy_printed.v1":
            certificate, copy = event.data["certificate"], event.data["copy"]
            self.keep(certificate, copy, self.paper(certificate, copy))
        elif event.type == "certificate.marked_erased.v1":
            for path in self._folder.glob(f"{event.originator_id.partition('/')[2]}.*.pdf"):
                path.unlink()

    def keep(self, certificate: str, copy: int, pdf: bytes) -> Path:
        """Write a rendered paper into the folder."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.path(certificate, copy)
        files.replace(path, pdf)
        return path
