"""No test reaches anything outside this machine."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError


def test_address_outside_this_machine_is_refused() -> None:
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
