"""A witness's private key in a file.

    PRIVATE+KEY+<name>+<8 hex digits of the key id>+<base64(0x04 || seed)> LF

in a file that nobody else can read (mode 0600): the form of signed-note tools, with the type of cosigning
keys. A witness whose state is lost must not go on under its old key, since it would cosign a history that
contradicts one it has cosigned already; so a key and its state are made together, and neither alone is used.
"""

import os
import secrets
import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier import b64, cosignature, note
from verifier.errors import Error, FormatError
from verifier.note import VKey
from verifier.witness import encode_state, parse_state

_PREFIX = "PRIVATE+KEY+"
_SEED_SIZE = 32
_KEY_FILE_LIMIT = 1024


class WitnessKey:
    """A witness's Ed25519 key under its name."""

    def __init__(self, name: str, seed: bytes) -> None:
        """Raise FormatError VKEY_INVALID for a bad name."""
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = seed
        self.vkey = VKey(name, note.WITNESS_KEY, self._private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> "WitnessKey":
        """Return a new key."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    def to_bytes(self) -> bytes:
        """Return the key file's bytes."""
        secret = b64.encode(bytes([note.WITNESS_KEY]) + self._seed)
        return f"{_PREFIX}{self.vkey.name}+{self.vkey.key_id.hex()}+{secret}\n".encode()

    def cosign(self, text: str, at: int) -> str:
        """Return the signature line, with its LF, on a checkpoint's text at a POSIX time."""
        data = cosignature.encode(at, self._private.sign(cosignature.message(text, at)))
        return self.vkey.signature(data).line()


def parse_key(data: bytes) -> WitnessKey:
    """Read a key file. Raises FormatError WITNESS_KEY_INVALID."""
    wrong = FormatError("WITNESS_KEY_INVALID", "not the key file of a witness")
    text = data.decode("utf-8", "replace").removesuffix("\n")
    if not text.startswith(_PREFIX):
        raise wrong
    # Neither name nor id has a plus sign; base64 may.
    match text.removeprefix(_PREFIX).split("+", 2):
        case [name, key_id, encoded]:
            try:
                secret = b64.decode(encoded, 1 + _SEED_SIZE)
                key = WitnessKey(name, secret[1:])
            except FormatError:
                raise wrong from None
            if secret[0] == note.WITNESS_KEY and key.vkey.key_id.hex() == key_id:
                return key
    raise wrong


def load_or_make(path: Path, state: Path, name: str | None) -> WitnessKey:
    """Read the key, or make it and an empty state where there is neither.

    Raises Error WITNESS_KEY_MISSING, WITNESS_KEY_OPEN, WITNESS_KEY_INVALID or WITNESS_STATE_MISSING, or OSError.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return _make_key(path, state, name)
    with os.fdopen(handle, "rb") as file:
        if os.fstat(handle).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise Error(
                "WITNESS_KEY_OPEN", f"{path} is open to other users", f"Run: chmod 600 {path}"
            ) from None
        key = parse_key(file.read(_KEY_FILE_LIMIT))
    if name not in {None, key.vkey.name}:
        raise Error("WITNESS_KEY_INVALID", f"the key in {path} is that of {key.vkey.name}")
    if not state.exists():
        raise Error(
            "WITNESS_STATE_MISSING",
            f"there is a key in {path}, but not what it has cosigned in {state}",
            "Restore the state. If it is lost, retire this key and make another: it could cosign a second history.",
        )
    return key


def _make_key(path: Path, state: Path, name: str | None) -> WitnessKey:
    if name is None or (state.exists() and parse_state(state.read_bytes())):
        hint = "Name the witness with --name and a new state file, and a key is made."
        raise Error("WITNESS_KEY_MISSING", f"there is no key in {path}", hint)
    key = WitnessKey.generate(name)
    replace_file(state, encode_state({}))
    replace_file(path, key.to_bytes())
    return key


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` in the place of `path`: afterwards it is on the disk, or the old file stands."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
