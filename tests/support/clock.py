"""Stop the clock, and set it by hand."""

from datetime import UTC, datetime, timedelta

from portal.core.clock import SystemClock

START = datetime(2026, 10, 15, 14, 0, tzinfo=UTC)


class ClockAhead(SystemClock):
    """Tell what time it will be on this machine in five minutes, when leases of now are over.

    It goes on: a clock that stood still would wait for ever for a lease that somebody takes minutes later.
    """

    def now(self) -> datetime:
        return super().now() + timedelta(minutes=5)


class FakeClock:
    """Tell the time it was set to; it starts on Thursday 15 October 2026 at 14:00 UTC."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, **length: float) -> None:
        """Move on by a timedelta's arguments, such as `seconds=899.999`."""
        self._now += timedelta(**length)
