"""Set up the log: one line of JSON an event, and nothing in it that one would not print."""

import logging
import sys

import structlog
from structlog.tracebacks import ExceptionDictTransformer

# Their records carry addresses with tokens in them, or whole requests.
QUIET = ("httpx", "httpcore", "uvicorn.access", "rasa_sdk", "sanic", "alembic")


def configure_logging(level: int = logging.INFO) -> None:
    """Send every event to the standard error; tracebacks carry no local variables."""
    # Locals hold what somebody typed; a traceback names the place, which is all that a mend needs.
    traceback = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        traceback,
    ]
    renderer = structlog.processors.JSONRenderer(sort_keys=False, ensure_ascii=False)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
