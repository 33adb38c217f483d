"""Count and log as a running server does, on a log that the test reads."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from prometheus_client import CollectorRegistry

from bot.logs import configure_logging
from bot.settings import LogSettings
from bot.watching.committed import log_committed
from bot.watching.figures import Figures
from portal.transaction import Portal

Value = Callable[..., float | None]
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def level() -> str:
    return "debug"


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def figures(log: io.StringIO, portal: Portal, level: str) -> Iterator[Figures]:
    root = logging.getLogger()
    handlers, before = root.handlers[:], root.level
    made = Figures(CollectorRegistry())
    configure_logging(LogSettings(level), made)
    # Else the loggers of modules would write here for as long as the tests run.
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(log),  # type: ignore[arg-type]  (any stream will do)
        cache_logger_on_first_use=False,
    )
    for handler in root.handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(log)
    portal.watched_by(log_committed)
    yield made
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(before)


@pytest.fixture
def value(figures: Figures) -> Value:
    """Return how to read one series."""

    def read(name: str, **labels: str) -> float | None:
        return figures.registry.get_sample_value(f"hallpass_{name}", labels)

    return read


@pytest.fixture
def lines(figures: Figures, log: io.StringIO) -> Lines:
    """Return how to read what was logged."""
    return lambda: [json.loads(line) for line in log.getvalue().splitlines()]
