"""Set up the log: one event a line, and nothing in it that one would not print."""

import logging
import sys
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor

from bot.settings import LogSettings

# Their records carry addresses with tokens in them, or whole requests.
QUIET = ("httpx", "httpcore", "uvicorn.access", "rasa_sdk", "sanic", "alembic")
STANDARD = LogSettings()


def configure_logging(settings: LogSettings = STANDARD, *watches: Processor) -> None:
    """Send every event to the standard error; each of `watches` sees also those that are not written."""
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    shared = _shared()
    rendering = _rendering(settings.form)
    structlog.configure(
        processors=[*watches, _from(level), *shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
            foreign_pre_chain=shared,
        )
    )
    # What libraries say of their own insides is nobody's to read: it may quote anything.
    logging.basicConfig(level=max(level, logging.INFO), handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _shared() -> list[Processor]:
    # Locals hold what somebody typed; a traceback names the place, which is all that a mend needs.
    traceback = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        traceback,
    ]


def _rendering(form: str) -> list[Processor]:
    if form == "plain":
        # It expects a traceback as a text, and ours are values like any other.
        return [_as_value, structlog.dev.ConsoleRenderer(colors=False)]
    return [structlog.processors.JSONRenderer(sort_keys=False, ensure_ascii=False)]


def _as_value(_: Any, __: str, event: EventDict) -> EventDict:
    if "exception" in event:
        event["where"] = event.pop("exception")
    return event


def _from(least: int) -> Processor:
    levels = logging.getLevelNamesMapping()

    def keep(_: Any, method: str, event: EventDict) -> EventDict:
        if levels.get(method.upper(), logging.ERROR) < least:
            raise structlog.DropEvent
        return event

    return keep
