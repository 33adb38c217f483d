"""Log a failure without a word of what anybody typed, and name it by an id."""

import secrets
import traceback
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog

from bot.messages import Reply
from portal.core.errors import UnavailableError

log = structlog.get_logger(__name__)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Failed:
    """Name an error that was logged."""

    error_id: str


class NotStoredError(UnavailableError):
    """A message could not be stored by a fault of ours, which sending it again would only repeat."""

    def __init__(self, apology: Sequence[Reply]) -> None:
        """Take what can be said of it to somebody who waits for the answer."""
        super().__init__("The message could not be stored: its error is in the log.")
        self.apology = apology


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
