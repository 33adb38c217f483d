"""Do what only one process at a time may, for as long as it is this one's duty."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import structlog

from portal.core.neighbours import Neighbours

Work = Callable[[], AbstractAsyncContextManager[None]]


@contextlib.asynccontextmanager
async def on_duty(neighbours: Neighbours, duty: str, work: Work) -> AsyncIterator[None]:
    """Keep the work open while this process has the duty, until the block is left."""
    if neighbours.is_alone:
        async with work():
            yield
        return
    attending = asyncio.create_task(_attend(neighbours, duty, work))
    try:
        yield
    finally:
        attending.cancel()
        await asyncio.gather(attending, return_exceptions=True)
        neighbours.give_back(duty)


async def _attend(neighbours: Neighbours, duty: str, work: Work) -> None:
    loop, told = asyncio.get_running_loop(), asyncio.Queue[bool]()

    def tell(is_ours: bool) -> None:  # noqa: FBT001  (yes or no is all that there is to tell)
        # Told by another thread, and perhaps while the loop is closing.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(told.put_nowait, is_ours)

    neighbours.ask(duty, tell)
    while True:
        if not await told.get():
            continue
        try:
            async with work():
                while await told.get():
                    pass
        except Exception as error:  # noqa: BLE001  (whatever went wrong, the duty must not lie idle with this process)
            structlog.get_logger("bot.duty").error("duty_failed", duty=duty, error=type(error).__name__)
            neighbours.give_back(duty)
            await asyncio.sleep(1)
            neighbours.ask(duty, tell)
