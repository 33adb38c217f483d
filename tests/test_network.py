"""No test reaches anything outside this machine."""

import socket

import pytest


def test_address_outside_this_machine_is_refused() -> None:
    # The refusal warns before it raises, and here every warning is an error.
    with pytest.raises(UserWarning, match=r"tried to use socket\.socket\.connect"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
