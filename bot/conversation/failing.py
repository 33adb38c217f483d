"""Log a failure without a word of what anybody typed, and name it by an id."""

import secrets
import traceback
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

import structlog

log = structlog.get_logger(__name__)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Failed:
    """Name an error that was logged."""

    error_id: str


async def safely(work: Awaitable[Result]) -> Result | Failed:
    """Return what comes of the work, or the id of its failure: nothing of a turn fails further."""
    try:
        return await work
    except Exception as error:  # noqa: BLE001  (the one place where a turn may not fail further)
        error_id = secrets.token_hex(4)
        # Neither the error's text nor any local variable: both may hold what somebody typed.
        log.error("turn.failed", error_id=error_id, error=type(error).__name__, where=_places(error))  # noqa: TRY400
        return Failed(error_id)


def _places(error: Exception) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
