"""Say how long a queue is, and how long its first has waited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Queue:
    """Count what waits, and the seconds since the oldest of it came; 0 where nothing waits."""

    length: int
    seconds: float


def queue_of(found: Sequence[Any], now: datetime) -> Queue:
    """Return the queue of a count and the instant of its oldest."""
    length, oldest = found
    # Instants of another machine may lie a little ahead of ours.
    return Queue(length, 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds()))
