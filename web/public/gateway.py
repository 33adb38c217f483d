"""Call the portal from pages without ever holding up the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TypeVar

import structlog

from portal.core.errors import UnavailableError
from portal.core.outcomes import reasons_in
from portal.transaction import Portal, Transaction

Answer = TypeVar("Answer")
WORKERS = 8
# More than this many waiting would be answered long after the parent has given up.
LONGEST_LINE = 128
_log = structlog.get_logger("web.pages")


class Gateway:
    """Run portal calls in threads of their own, as many at once as there are workers."""

    def __init__(self, portal: Portal, *, workers: int = WORKERS, line: int = LONGEST_LINE) -> None:
        """Take the portal; threads start with the first call."""
        self.portal = portal
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="pages")
        self._room = workers + line

    async def call(self, work: Callable[[Portal], Answer]) -> Answer:
        """Return what the work returns; raise UnavailableError when too many are waiting already."""
        if self._room <= 0:
            message = "Too many pages are waiting for the portal: try again in a moment."
            raise UnavailableError(message)
        self._room -= 1
        try:
            # What is logged there belongs to the request that asks here.
            asked = partial(copy_context().run, work, self.portal)
            answer = await asyncio.get_running_loop().run_in_executor(self._threads, asked)
        finally:
            self._room += 1
        for reason in reasons_in(answer):
            _log.info("refused", door="page", reason=reason.value)
        return answer

    async def within(self, work: Callable[[Transaction], Answer], *, read_only: bool = False) -> Answer:
        """Return what the work returns, done in one transaction."""

        def begun(portal: Portal) -> Answer:
            with portal.begin(read_only=read_only) as tx:
                return work(tx)

        return await self.call(begun)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False)
