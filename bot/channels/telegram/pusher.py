"""Send what is to be sent to chats: each chat in order, many chats at once, until nothing waits."""

import asyncio
import contextlib
import math
import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import uuid4

import structlog
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter

from bot.channels.base import AssistantPort
from bot.channels.telegram.notices import notice_parts
from bot.channels.telegram.parts import Part, Renderer, TakeBack, in_words
from bot.channels.telegram.sending import Speaker, seconds_of
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.telegram.taking_back import NotYetError, TakingBack, owning_up, was_password
from bot.channels.telegram.updates import CHANNEL, sender_of, source_of
from bot.conversation.stored import reply_from_json
from bot.messages import IncomingMessage, MessageKind
from portal.core.calls import Topic
from portal.core.errors import UnavailableError
from portal.dialogue.outcomes import ChatAddress, Parcel, Push
from portal.transaction import Portal, Transaction

MOST_AT_ONCE = 40
# Telegram repeats the address of a button that it refuses: it opens a masked page, or a family's calendar.
ADDRESS = re.compile(r"[^\s'\"]*(?:://|%3A%2F%2F)[^\s'\"]*", re.IGNORECASE)
Result = TypeVar("Result")


class PausedError(Exception):
    """Tell that nothing more can be sent to a chat for so many seconds."""

    def __init__(self, seconds: float) -> None:
        """Take how long to leave the chat alone."""
        super().__init__(f"for {seconds} s")
        self.seconds = seconds


class Pusher:
    """Send answers and notices; whoever is killed repeats at most the part in hand."""

    def __init__(
        self, portal: Portal, assistant: AssistantPort, renderer: Renderer, speaker: Speaker
    ) -> None:
        """Take where the answers lie, who tells news, and how parts are made and sent."""
        self._portal = portal
        self._assistant = assistant
        self._renderer = renderer
        self._speaker = speaker
        self._taking_back = TakingBack(speaker, renderer.settings.pace.away)
        self._settings: TelegramSettings = renderer.settings
        self._woken = asyncio.Event()
        self._at_once = asyncio.Semaphore(MOST_AT_ONCE)
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._missed: set[str] = set()
        self._log = structlog.get_logger("bot.telegram")

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Send until the block is left; what is in hand then is sent first."""
        loop = asyncio.get_running_loop()
        self._portal.calls.listen(Topic.CHATS, lambda _: _wake(loop, self._woken))
        working = asyncio.create_task(self._work())
        try:
            yield
        finally:
            self._portal.calls.listen(Topic.CHATS, None)
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.drain(), self._settings.pace.stop)
            await self._cancel_rest()

    async def drain(self) -> None:
        """Send all that may be sent now."""
        while await self._start_sending() or self._sending:
            await asyncio.gather(*self._sending.values(), return_exceptions=True)

    async def _cancel_rest(self) -> None:
        rest = list(self._sending.values())
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _work(self) -> None:
        clock, looked = asyncio.get_running_loop(), -math.inf
        while True:
            self._woken.clear()
            try:
                # Every chat is looked at for news, so not with each answer that is to be sent.
                if clock.time() - looked >= self._settings.pace.look:
                    looked = clock.time()
                    await self._tell_news()
                await self._start_sending()
            except UnavailableError:
                self._log.warning("pusher_waits_for_the_database")
            except Exception as error:  # noqa: BLE001  (a bug met while looking must not stop all sending for good)
                self._log.error("pusher_failed", error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                # Another process may leave something too, and cannot wake this one.
                await asyncio.wait_for(self._woken.wait(), self._settings.pace.look)

    async def _start_sending(self) -> int:
        """Begin with every chat that something waits for and nobody here writes to."""
        waiting = await self._read(lambda tx: tx.pushes.waiting(self._settings.via))
        begun = [chat for chat in waiting if chat not in self._sending]
        self._missed |= set(waiting).difference(begun)
        for chat in begun:
            task = asyncio.create_task(self._send_all(chat))
            self._sending[chat] = task
            task.add_done_callback(partial(self._ended, chat))
        return len(begun)

    def _ended(self, chat: str, _: asyncio.Task[None]) -> None:
        self._sending.pop(chat, None)
        if chat in self._missed:
            # What was left meanwhile was not begun, for this chat was in hand.
            self._missed.discard(chat)
            self._woken.set()

    async def _tell_news(self) -> None:
        for news, address in await self._read(lambda tx: tx.pushes.with_news(self._settings.via)):
            message = IncomingMessage(
                channel=CHANNEL,
                sender=sender_of(self._settings, address["chat"]),
                text="",
                kind=MessageKind.LOOKED,
                # Whoever looks again before they are told, here or in another process, asks nothing new.
                message_id=f"{self._settings.bot_id}:news:{news}",
                source=source_of(address["chat"]),
                chat=ChatAddress(self._settings.via, address),
            )
            await self._assistant.take_in(message)

    async def _send_all(self, chat: str) -> None:
        async with self._at_once:
            try:
                parcel = await self._write(lambda tx: tx.pushes.take(chat, uuid4().hex))
                if parcel is not None:
                    await self._send_parcel(parcel)
            except UnavailableError:
                self._log.warning("pusher_waits_for_the_database")
            except Exception as error:  # noqa: BLE001  (a bug met in one chat must not stop the others)
                self._log.error("pusher_failed", error=type(error).__name__)

    async def _send_parcel(self, parcel: Parcel) -> None:
        try:
            for push in parcel.pushes:
                if not await self._send_push(parcel, push):
                    return
        except Forbidden:
            # Blocked, or the account is gone: it is silent until the person writes again.
            await self._write(lambda tx: tx.pushes.give_up(parcel))
            return
        except ChatMigrated as moved:
            # A group that has grown gets a new number; what waits goes there.
            address = {**parcel.address, "chat": moved.new_chat_id}
            await self._write(lambda tx: tx.pushes.move(parcel, address))
        except PausedError as paused:
            until = self._portal.clock.now() + timedelta(seconds=paused.seconds)
            await self._write(lambda tx: tx.pushes.let_go(parcel, until=until))
            return
        if not parcel.pushes:
            await self._write(lambda tx: tx.pushes.let_go(parcel))

    async def _send_push(self, parcel: Parcel, push: Push) -> bool:
        """Send what is left of one push; False when somebody else has the chat now."""
        parts = self._parts(parcel, push)
        for number in range(push.sent, len(parts)):
            part = parts[number]
            if isinstance(part, TakeBack):
                if not await self._taken_back(parcel, part, parts):
                    # Not noted as sent: whoever comes after a kill finds out for itself that it stays.
                    parts = owning_up(parts, self._assistant.word, _language(parcel))
                    continue
            else:
                await self._send_part(parcel, part)
            if number + 1 < len(parts):
                noted = partial(_noted, parcel=parcel, push=push, sent=number + 1)
                if not await self._write(noted):
                    return False
        return await self._write(lambda tx: tx.pushes.done(parcel, push))

    def _parts(self, parcel: Parcel, push: Push) -> list[Part]:
        language = _language(parcel)
        if push.notice is not None:
            return notice_parts(push.notice, self._assistant.word, language)
        replies = [reply_from_json(reply) for reply in push.replies]
        return self._renderer.parts(replies, push.context, language)

    async def _taken_back(self, parcel: Parcel, part: TakeBack, parts: Sequence[Part]) -> bool:
        chat = parcel.address["chat"]
        try:
            is_gone = await self._taking_back.take(chat, part)
        except NotYetError as later:
            raise PausedError(later.seconds) from None
        if not is_gone and self._taking_back.is_new_failure(chat, part):
            is_password = was_password(parts, self._assistant.word, _language(parcel))
            await self._write(lambda tx: tx.exposures.note(parcel.chat, is_password=is_password))
        return is_gone

    async def _send_part(self, parcel: Parcel, part: Part) -> None:
        chat = parcel.address["chat"]
        try:
            await self._speaker.send(chat, part)
        except RetryAfter as slow:
            raise PausedError(seconds_of(slow)) from None
        except BadRequest as refused:
            await self._refused(chat, part, refused)
        except NetworkError as away:
            # A time-out too: perhaps it was sent, and then it is sent twice; lost it is never.
            self._log.warning("telegram_away", error=type(away).__name__)
            raise PausedError(self._settings.pace.away) from None

    async def _refused(self, chat: int, part: Part, refused: BadRequest) -> None:
        """Send at least the words where Telegram refuses what is around them."""
        reason = ADDRESS.sub("[address]", refused.message)
        self._log.error("part_refused", kind=type(part).__name__, reason=reason)
        words = in_words(part)
        if words is not None and words != part:
            with contextlib.suppress(BadRequest):
                await self._speaker.send(chat, words)

    async def _write(self, work: Callable[[Transaction], Result]) -> Result:
        return await asyncio.to_thread(self._within, work, read_only=False)

    async def _read(self, work: Callable[[Transaction], Result]) -> Result:
        return await asyncio.to_thread(self._within, work, read_only=True)

    def _within(self, work: Callable[[Transaction], Result], *, read_only: bool) -> Result:
        with self._portal.begin(read_only=read_only) as tx:
            return work(tx)


def _noted(tx: Transaction, parcel: Parcel, push: Push, sent: int) -> bool:
    return tx.pushes.advance(parcel, push, sent)


def _language(parcel: Parcel) -> str:
    # A chat of staff has no conversation, and so the language of whoever opened it.
    return parcel.language or parcel.address.get("language") or "en"


def _wake(loop: asyncio.AbstractEventLoop, woken: asyncio.Event) -> None:
    # The commit happens in any thread, and perhaps while the loop is closing.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(woken.set)
