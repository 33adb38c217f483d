"""Keep house while the program serves: answer what a killed process left, and forget what is over."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import structlog

from bot.conversation.turn import Assistant
from bot.duty import on_duty
from portal.core.errors import UnavailableError
from portal.transaction import Portal

PURGE_SECONDS = 3600.0
# How often somebody looks for messages that were left, and how old one is that nobody has in hand any more.
RECOVER_SECONDS = 15.0
LEFT_AFTER = timedelta(seconds=20)
DUTY = "upkeep"


class Upkeep:
    """Look after conversations and tables; of many processes one does what comes again and again."""

    def __init__(
        self, portal: Portal, assistant: Assistant, *, recover_every: float = RECOVER_SECONDS
    ) -> None:
        """Take what is looked after."""
        self._portal = portal
        self._assistant = assistant
        self._recover_every = recover_every
        self._log = structlog.get_logger("bot.upkeep")

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Keep house until the block is left; what is being answered then is answered first."""
        # What a killed process left is answered beside the first messages, not before them.
        recovering = asyncio.create_task(self._assistant.recover())
        try:
            async with on_duty(self._portal.neighbours, DUTY, self._on_duty):
                yield
        finally:
            await recovering

    @contextlib.asynccontextmanager
    async def _on_duty(self) -> AsyncIterator[None]:
        stopped = asyncio.Event()
        watching = asyncio.create_task(self._watch(stopped))
        purging = asyncio.create_task(self._purge_hourly())
        try:
            yield
        finally:
            purging.cancel()
            stopped.set()
            await asyncio.gather(purging, watching, return_exceptions=True)

    async def _watch(self, stopped: asyncio.Event) -> None:
        """Answer what a process left that nobody started again, as when its machine is gone."""
        while not stopped.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), self._recover_every)
            if not stopped.is_set():
                await self._assistant.recover(LEFT_AFTER)

    async def _purge_hourly(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._portal.purge)
            except UnavailableError:
                pass  # What cannot be forgotten now is forgotten an hour later.
            except Exception as error:  # noqa: BLE001  (one row that cannot be forgotten must not keep all others for good)
                self._log.error("purge_failed", error=type(error).__name__)
            await asyncio.sleep(PURGE_SECONDS)
