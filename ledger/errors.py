"""Errors of the ledger: one base, a stable code each, and a hint for the person who must act now.

The codes are those of the domain (``SOD_SELF_APPROVAL``, ``CERT_ALREADY_ISSUED`` …): they appear unchanged
in API problem documents, in the console and in command output.
"""

from __future__ import annotations

from typing import Any


class Error(Exception):
    """Base of every error the ledger raises on purpose.

    ``code`` is stable and for programs, ``message`` is a sentence for people, ``hint`` says what to do now.
    """

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        """For the way between processes: otherwise it would be made again from its text, as if that were a code."""
        return type(self).__new__, (type(self), *self.args), vars(self)


class DomainError(Error):
    """A rule of the domain refuses the command; nothing was recorded."""


class ConflictError(Error):
    """Another act was committed first; the command must be decided again on the newer history."""

    def __init__(self, message: str) -> None:
        super().__init__("CONCURRENCY_CONFLICT", message, "Load the newest state and give the command again.")


class StoreError(Error):
    """The data folder or the database cannot be used as it stands."""
