"""Tell the time through an object, so that tests can set it."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tell the current time."""

    def now(self) -> datetime:
        """Return the current instant, aware and in UTC."""


class SystemClock:
    """Tell the time of this machine."""

    def now(self) -> datetime:
        """Return the current instant, aware and in UTC."""
        return datetime.now(UTC)
