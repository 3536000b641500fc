"""Finding things by what must not be written down:

NIK, names, certificate codes, and the way back from a certificate.

Each table maps a keyed tag to an id. Whoever has the file but not the service keys cannot try values
against it. Rows of a command that is not settled yet carry its id; they hold already (a NIK stays claimed),
and go when the command turns out never to have happened.

Names are compared without regard to case, width and spacing (Unicode NFKC, case folding); NIKs, codes and
ids exactly.
"""

import sqlite3
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from keys.datakeys import DataKeys
from keys.erasable import ErasableDatabase
from ledger.errors import ConflictError, StoreError
from ledger.personal.database import bare, tag

_SETTLE = (
    "UPDATE OR REPLACE nik_tag SET command = '' WHERE command = ? AND command != ''",
    "UPDATE OR REPLACE subject_tag SET command = '' WHERE command = ? AND command != ''",
    "UPDATE OR REPLACE certificate_code SET command = '' WHERE command = ? AND command != ''",
    "UPDATE OR REPLACE provenance_index SET command = '' WHERE command = ? AND command != ''",
)
_DISCARD = (
    "DELETE FROM nik_tag WHERE command = ? AND command != ''",
    "DELETE FROM subject_tag WHERE command = ? AND command != ''",
    "DELETE FROM certificate_code WHERE command = ? AND command != ''",
    "DELETE FROM provenance_index WHERE command = ? AND command != ''",
)
_NIK = "SELECT subject FROM nik_tag WHERE tag = ? AND command = ''"
NAME = "name"
"""The kind of tag that a learner's name has."""

_NO_WORDS = str.maketrans(",.;", "   ")
_CODE = "SELECT DISTINCT certificate FROM certificate_code WHERE tag = ?"


class LinkLike(Protocol):
    """One step of the way back from a certificate: anything with these members."""

    @property
    def certificate(self) -> str:
        """The certificate, by id or stream."""

    @property
    def kind(self) -> str:
        """What `target` is: decision, enrolment, learner, …."""

    @property
    def target(self) -> str:
        """Its id."""


@dataclass(frozen=True, slots=True)
class SubjectTag:
    """By what a subject (id or stream) can be found: a kind of value (`name`, …) and the value."""

    subject: str
    kind: str
    value: str


def name_tags(subject: str, name: str) -> list[SubjectTag]:
    """By what a person can be found: each word of the name, so that one word or another order finds it too.

    Equal words have equal tags: whoever has the file sees which people share one, not which word it is.
    """
    return [SubjectTag(subject, NAME, word) for word in name_words(name)]


def name_words(name: str) -> list[str]:
    """The words of a name without the commas and full stops of titles, each once."""
    return list(dict.fromkeys(name.translate(_NO_WORDS).split()))


class Index:
    """The index tables of a personal store."""

    def __init__(self, database: ErasableDatabase, datakeys: DataKeys) -> None:
        self._database = database
        self._nik_key = datakeys.service("nik-index")
        self._subject_key = datakeys.service("subject-index")
        self._code_key = datakeys.service("code-lookup")
        self._provenance_key = datakeys.service("provenance-index")

    def learner_of(self, nik: str) -> str | None:
        """Return the id of the learner who has this NIK, or None; what is not settled yet gives it to nobody."""
        return self._one(_NIK, self._nik_tag(nik))

    def certificate_of(self, code: str) -> str | None:
        """Return the id of the certificate with this canonical code, or None."""
        return self._one(_CODE, self.code_tag(code))

    def certificates_of(self, kind: str, target: str) -> list[str]:
        """Return the ids of the certificates that came from this decision, enrolment, learner, …."""
        query = "SELECT DISTINCT certificate FROM provenance_index WHERE tag = ?"
        return self._all(query, self._provenance_tag(kind, target))

    def find_subjects(self, kind: str, value: str) -> list[str]:
        """Return the ids of those who were tagged with this value."""
        return self._all(
            "SELECT DISTINCT subject FROM subject_tag WHERE tag = ?", self._subject_tag(kind, value)
        )

    def release_nik(self, nik: str, subject: str) -> None:
        """Give back the NIK of a learner (merged or corrected), if it is that learner's."""
        with self._database.writing() as connection:
            row = (self._nik_tag(nik), bare(subject))
            connection.execute("DELETE FROM nik_tag WHERE tag = ? AND subject = ?", row)

    def transfer_niks(self, subject: str, to: str) -> None:
        """Give the NIKs of a merged learner to the survivor, who is the same person."""
        with self._database.writing() as connection:
            connection.execute("UPDATE nik_tag SET subject = ? WHERE subject = ?", (bare(to), bare(subject)))

    def give_nik(self, nik: str, to: str) -> None:
        """Give a NIK that is known, whoever has it, to this learner."""
        with self._database.writing() as connection:
            row = (bare(to), self._nik_tag(nik))
            connection.execute("UPDATE nik_tag SET subject = ? WHERE tag = ?", row)

    def unlink(self, certificate: str) -> None:
        """Forget the way back from a certificate, if there is one."""
        with self._database.writing() as connection:
            _unlink(connection, certificate)

    # -- for the store, inside its transactions ----------------------------------------------------------

    def claim_niks(self, connection: sqlite3.Connection, niks: Mapping[str, str], command: str) -> None:
        """Give each NIK to its learner.

        Raises ConflictError when another one has it: the decision had found it free. Decided again, the
        command is refused, or goes through when the other one never came to be.
        """
        for nik, subject in niks.items():
            row = (self._nik_tag(nik), bare(subject), command)
            connection.execute("INSERT OR IGNORE INTO nik_tag VALUES (?, ?, ?)", row)
            query = "SELECT 1 FROM nik_tag WHERE tag = ? AND subject != ?"
            if connection.execute(query, row[:2]).fetchone() is not None:
                raise ConflictError("this NIK was given to another learner at the same moment")

    def add_codes(self, connection: sqlite3.Connection, codes: Mapping[str, str], command: str) -> None:
        """Make each certificate findable by its code.

        Raises StoreError CODE_TAKEN when the code is another's.
        """
        for code, certificate in codes.items():
            row = (self.code_tag(code), bare(certificate), command)
            connection.execute("INSERT OR IGNORE INTO certificate_code VALUES (?, ?, ?)", row)
            if connection.execute(_CODE, row[:1]).fetchall() != [row[1:2]]:
                raise StoreError(
                    "CODE_TAKEN", "this code belongs to another certificate", "Draw another code."
                )

    def add_links(self, connection: sqlite3.Connection, links: Iterable[LinkLike], command: str) -> None:
        """Make certificates findable by what they came from."""
        for link in links:
            row = (self._provenance_tag(link.kind, link.target), bare(link.certificate), command)
            connection.execute("INSERT OR IGNORE INTO provenance_index VALUES (?, ?, ?)", row)

    def add_tags(self, connection: sqlite3.Connection, tags: Iterable[SubjectTag], command: str) -> None:
        """Make subjects findable."""
        for each in tags:
            row = (self._subject_tag(each.kind, each.value), bare(each.subject), command)
            connection.execute("INSERT OR IGNORE INTO subject_tag VALUES (?, ?, ?)", row)

    @staticmethod
    def settle(connection: sqlite3.Connection, command: str) -> None:
        """Make a command's rows ordinary ones."""
        for statement in _SETTLE:
            connection.execute(statement, (command,))

    @staticmethod
    def discard(connection: sqlite3.Connection, command: str) -> None:
        """Remove the rows of a command that never happened."""
        for statement in _DISCARD:
            connection.execute(statement, (command,))

    @staticmethod
    def forget(connection: sqlite3.Connection, subject: str, class_: str) -> None:
        """Remove what leads to a subject once its class is destroyed.

        With identity goes what it is found by, with provenance the way back. A certificate's code stays: it
        must still answer that the certificate cannot be verified any more.
        """
        if class_ == "identity":
            connection.execute("DELETE FROM nik_tag WHERE subject = ?", (bare(subject),))
            connection.execute("DELETE FROM subject_tag WHERE subject = ?", (bare(subject),))
        elif class_ == "provenance":
            _unlink(connection, subject)

    # -- tags --------------------------------------------------------------------------------------------

    def _nik_tag(self, nik: str) -> bytes:
        return tag(self._nik_key, nik)

    def code_tag(self, code: str) -> bytes:
        """Return what stands for a code in the tables."""
        return tag(self._code_key, code)

    def _provenance_tag(self, kind: str, target: str) -> bytes:
        return tag(self._provenance_key, kind, bare(target))

    def _subject_tag(self, kind: str, value: str) -> bytes:
        folded = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
        return tag(self._subject_key, kind, folded)

    def _one(self, query: str, key: bytes) -> str | None:
        found = self._all(query, key)
        return found[0] if found else None

    def _all(self, query: str, key: bytes) -> list[str]:
        with self._database.reading() as connection:
            return [row[0] for row in connection.execute(query, (key,)).fetchall()]


def _unlink(connection: sqlite3.Connection, certificate: str) -> None:
    connection.execute("DELETE FROM provenance_index WHERE certificate = ?", (bare(certificate),))
