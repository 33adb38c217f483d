"""The log tells where something failed, never what somebody typed."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import QUIET, configure_logging


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def fail_with_a_secret() -> None:
    password = "CANARY-5f0e"
    if password:
        raise LookupError


@pytest.mark.case("G2")
def test_exception_is_logged_without_local_variables(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()

    try:
        fail_with_a_secret()
    except LookupError:
        structlog.get_logger("test").exception("failed")
        logging.getLogger("library").exception("failed too")

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["failed", "failed too"]
    assert "fail_with_a_secret" in str(lines[0]["exception"])
    assert "CANARY" not in str(lines)


def test_libraries_that_log_whole_addresses_are_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()

    for name in QUIET:
        logging.getLogger(name).info("GET /bot123:token/getMe")

    assert capsys.readouterr().err == ""
