"""The one family of errors of this package.

Each error has a `code`, which is stable and may be compared, a `message` for people, and perhaps a `hint`:
what the reader can do about it. A parser or a check that refuses its input raises one of these and nothing
else.
"""


class Error(Exception):
    """Base of all errors of the verifier.

    `code` is an upper-case word that never changes its meaning, `message` says what is wrong, `hint` what to
    do (or None).
    """

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class FormatError(Error):
    """Bytes or a value are not in the format that they claim."""


class SignatureError(Error):
    """A signature does not hold, or is not one that may hold here."""


class PublicKeyError(Error):
    """A public key is malformed or too weak to be accepted."""


class ProofError(Error):
    """A Merkle proof does not lead to the root."""


class CommandError(Error):
    """The entries of one command do not belong together or are not all there."""


class FactError(Error):
    """A personal fact does not open its commitment."""


class CodeError(Error):
    """A certificate's code was mistyped."""
