"""The guard in tests/conftest.py: a test that would reach another machine fails instead."""

import socket

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "example.invalid"])
def test_a_connection_to_another_machine_is_an_error(host: str) -> None:
    with socket.socket() as one, pytest.raises(RuntimeError, match="this machine only"):
        one.connect((host, 443))


def test_a_connection_to_this_machine_is_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as one:
        one.connect(server.getsockname())
