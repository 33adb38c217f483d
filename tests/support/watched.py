"""Count and log as a running server does, on a log that the test reads."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from prometheus_client import CollectorRegistry

from bot.logs import configure_logging
from bot.settings import LogSettings
from bot.watching.committed import log_committed
from bot.watching.figures import Figures
from portal.transaction import Portal


@dataclass
class Watched:
    """Hold what was counted and what was written."""

    figures: Figures = field(default_factory=lambda: Figures(CollectorRegistry()))
    log: io.StringIO = field(default_factory=io.StringIO)

    @property
    def text(self) -> str:
        """Return everything that was written."""
        return self.log.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Return what was written as JSON."""
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        """Return the lines of one event."""
        return [line for line in self.lines if line["event"] == event]

    def value(self, name: str, **labels: str) -> float | None:
        """Return one series."""
        return self.figures.registry.get_sample_value(f"hallpass_{name}", labels)


@contextmanager
def watched(portal: Portal, settings: LogSettings) -> Iterator[Watched]:
    """Watch until the block is left."""
    root, made = logging.getLogger(), Watched()
    handlers, before = root.handlers[:], root.level
    configure_logging(settings, made.figures)
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(made.log),  # type: ignore[arg-type]  (any stream will do)
    )
    for handler in root.handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(made.log)
    portal.watched_by(log_committed)
    try:
        yield made
    finally:
        structlog.reset_defaults()
        root.handlers[:] = handlers
        root.setLevel(before)
