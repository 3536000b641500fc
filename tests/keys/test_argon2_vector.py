"""Argon2id against the reference implementation's own value (phc-winner-argon2, src/test.c, version 19)."""

from keys.passphrase import Kdf


def test_reference_vector() -> None:
    key = Kdf(memory=65536, iterations=2, lanes=1).derive("password", b"somesalt")
    assert key.hex() == "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"
