"""Open private files by their keys, for whoever shows or sends them, while their session lives."""

import asyncio
from collections.abc import Mapping

from bot.files.making import Draw, Gather, MadeFile
from portal.core.outcomes import Refused
from portal.records.files import FileKind
from portal.transaction import Portal

PATH = "/files/"
LONGEST_KEY = 128
# What is drawn holds a processor; more at once would only make each of them later.
MOST_AT_ONCE = 2


class Shelf:
    """Make each file when it is opened; nothing lies anywhere before."""

    def __init__(self, portal: Portal, makers: Mapping[FileKind, Gather]) -> None:
        """Take the portal and who makes what."""
        self._portal = portal
        self._makers = makers
        self._drawing = asyncio.Semaphore(MOST_AT_ONCE)

    async def open(self, path: str) -> MadeFile | None:
        """Return the file that an answer links to, or None where it may not be seen now."""
        key = path.removeprefix(PATH)
        return await self.make(key) if path.startswith(PATH) else None

    async def make(self, key: str) -> MadeFile | None:
        """Return the file of a key; None alike for one that never was, is over, or may not be seen."""
        draw = await asyncio.to_thread(self._gather, key) if len(key) <= LONGEST_KEY else None
        if draw is None:
            return None
        async with self._drawing:
            return await asyncio.to_thread(draw)

    def _gather(self, key: str) -> Draw | None:
        with self._portal.begin(read_only=True) as tx:
            opened = tx.files.open(key)
            gather = None if opened is None else self._makers.get(opened.kind)
            if opened is None or gather is None:
                return None
            draw = gather(opened)
        return None if isinstance(draw, Refused) else draw
