"""Stop the clock, and set it by hand."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 10, 15, 14, 0, tzinfo=UTC)


class FakeClock:
    """Tell the time it was set to; it starts on Thursday 15 October 2026 at 14:00 UTC."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, **length: float) -> None:
        """Move on by a timedelta's arguments, such as `seconds=899.999`."""
        self._now += timedelta(**length)
