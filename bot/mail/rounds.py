"""Look every little while which regular mails are due, and put them into the outbox."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog

from portal.core.errors import UnavailableError
from portal.transaction import Portal

# Nobody sees whether a mail of the morning comes half a minute later.
LOOK_SECONDS = 30.0


class Rounds:
    """Put what is due; any number of processes may do so at once, each mail is put once."""

    def __init__(self, portal: Portal, *, look: float = LOOK_SECONDS) -> None:
        """Take the portal; `look` is how many seconds lie between two looks."""
        self._portal = portal
        self._look = look
        self._log = structlog.get_logger("bot.mail")

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Put what falls due until the block is left; the lot in hand is finished first."""
        stopped = asyncio.Event()
        working = asyncio.create_task(self._work(stopped))
        try:
            yield
        finally:
            stopped.set()
            await working

    async def put_due(self, stopped: asyncio.Event | None = None) -> int:
        """Put everything that is due now, a lot at a time, and return how many fell due.

        Between two lots others get to write.
        """
        count = 0
        while not (stopped and stopped.is_set()) and (lot := await asyncio.to_thread(self._put_lot)):
            count += lot
        return count

    async def _work(self, stopped: asyncio.Event) -> None:
        while not stopped.is_set():
            try:
                count = await self.put_due(stopped)
            except UnavailableError:
                count = 0  # What cannot be put now stays due.
            except Exception as error:  # noqa: BLE001  (a bug met by one must not stop all mails for good)
                self._log.error("rounds_failed", error=type(error).__name__)
                count = 0
            if count:
                self._log.info("notifications_due", count=count)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), self._look)

    def _put_lot(self) -> int:
        with self._portal.begin() as tx:
            tx.request_rounds.tell_staff()
            return tx.notifications_due.put_due()
