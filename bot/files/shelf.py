"""Open private files by their keys, for whoever shows or sends them, while their session lives."""

import asyncio
from collections.abc import Mapping

from bot.files.making import Draw, Gather, MadeFile
from portal.core.outcomes import Reason, Refused
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
        made = await self.make(path.removeprefix(PATH)) if path.startswith(PATH) else None
        return None if isinstance(made, Refused) else made

    async def make(self, key: str) -> MadeFile | Refused:
        """Return the file of a key, or why it is not to be had."""
        if len(key) > LONGEST_KEY:
            return Refused(Reason.NOT_FOUND)
        draw = await asyncio.to_thread(self._gather, key)
        if isinstance(draw, Refused):
            return draw
        async with self._drawing:
            return await asyncio.to_thread(draw)

    def _gather(self, key: str) -> Draw | Refused:
        with self._portal.begin(read_only=True) as tx:
            opened = tx.files.open(key)
            if isinstance(opened, Refused):
                return opened
            gather = self._makers.get(opened.kind)
            return Refused(Reason.NOT_FOUND) if gather is None else gather(opened)
