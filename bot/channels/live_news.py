"""Point live pages to news in their conversation, whichever process the news came from."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

from starlette.websockets import WebSocket

from bot.conversation.hearing import key_of
from portal.core.calls import Names, Topic
from portal.core.errors import UnavailableError
from portal.transaction import Portal

# The page then asks for its history, in which news are told: the same way as when it is looked at anew.
POINTER = json.dumps({"news": True})
# The conversation goes on under another token: the page connects anew, and shows that one.
GONE_ON = 4001


@dataclass(eq=False, slots=True)
class _Page:
    channel: str
    sender: str
    conversation: str
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    is_sure: bool = False


class LiveNews:
    """Know the live pages of this process by their conversation."""

    def __init__(self, portal: Portal) -> None:
        """Take the portal, which calls when there is news."""
        self._portal = portal
        self._pages: dict[str, set[_Page]] = {}
        self.connected = 0

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Hear of news until the block is left."""
        loop = asyncio.get_running_loop()

        def hear(names: Names) -> None:
            # The commit happens in any thread, and perhaps while the loop is closing.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._wake, names)

        self._portal.calls.listen(Topic.NEWS, hear)
        try:
            yield
        finally:
            self._portal.calls.listen(Topic.NEWS, None)

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Count a live page until the block is left."""
        self.connected += 1
        try:
            yield
        finally:
            self.connected -= 1

    async def point(self, websocket: WebSocket, channel: str, sender: str) -> None:
        """Tell a page whenever there is news for it, until this is cancelled or the conversation moved on."""
        conversation = await asyncio.to_thread(self._find, channel, key_of(sender))
        if conversation is None:
            # It was there when the page was answered: it has gone on since, or was forgotten.
            await websocket.close(GONE_ON)
            return
        page = _Page(channel, key_of(sender), conversation)
        self._pages.setdefault(conversation, set()).add(page)
        # Between the history that the page shows and this moment something may have come.
        page.woken.set()
        try:
            while True:
                await self._point_once(websocket, page)
        finally:
            self._forget(page)

    async def _point_once(self, websocket: WebSocket, page: _Page) -> None:
        await page.woken.wait()
        page.woken.clear()
        is_sure, page.is_sure = page.is_sure, False
        try:
            is_theirs, has_news = await asyncio.to_thread(self._look, page)
        except UnavailableError:
            return  # The page looks by itself when it is looked at.
        if not is_theirs:
            # Who holds only the old token learns nothing more of the conversation.
            await websocket.close(GONE_ON)
        elif is_sure or has_news:
            await websocket.send_text(POINTER)

    def _wake(self, names: Names) -> None:
        """Wake the pages of these conversations; without a name something was missed, and all look."""
        for name in names or list(self._pages):
            for page in self._pages.get(name, ()):
                # Another page of the conversation may have been told already; this one shows it too.
                page.is_sure = page.is_sure or bool(names)
                page.woken.set()

    def _forget(self, page: _Page) -> None:
        pages = self._pages[page.conversation]
        pages.discard(page)
        if not pages:
            del self._pages[page.conversation]

    def _find(self, channel: str, sender: str) -> str | None:
        with self._portal.begin(read_only=True) as tx:
            found = tx.dialogue.find(channel, sender)
        return None if found is None else found.id

    def _look(self, page: _Page) -> tuple[bool, bool]:
        with self._portal.begin(read_only=True) as tx:
            found = tx.dialogue.find(page.channel, page.sender)
            is_theirs = found is not None and found.id == page.conversation
            return is_theirs, is_theirs and tx.dialogue.has_news(page.conversation)
