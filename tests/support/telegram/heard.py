"""Wait for what happens, without looking at a clock."""

import asyncio
from collections.abc import Callable

from tests.support.patience import PATIENCE


class Heard:
    """Let tests look again whenever something has happened."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def tell(self) -> None:
        """Say that something has happened."""
        for each in self._waiting:
            each.get_loop().call_soon_threadsafe(_fulfil, each)
        self._waiting.clear()

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                waiting = asyncio.get_running_loop().create_future()
                self._waiting.add(waiting)
                await waiting


def _fulfil(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)
