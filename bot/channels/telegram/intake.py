"""Take updates in: stored before they are acknowledged, answered in the order of their chat."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog
from telegram import Update
from telegram.constants import ChatAction
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.channels.base import AssistantPort
from bot.channels.telegram.desk import ChatDesk
from bot.channels.telegram.digits import six_digits, taken
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.telegram.updates import Blocked, InGroup, Private, Staff, read_update
from bot.messages import Reply
from portal.transaction import Portal

# Telegram shows it for five seconds.
TYPING_AGAIN = 4.5


class Intake:
    """Store what comes in, and see that it is answered."""

    def __init__(
        self, assistant: AssistantPort, portal: Portal, bot: ExtBot[Any], settings: TelegramSettings
    ) -> None:
        """Take whoever answers, where chats and their pages are kept, and the bot that acknowledges."""
        self._assistant = assistant
        self._portal = portal
        self._desk = ChatDesk(portal, settings)
        self._bot = bot
        self._settings = settings
        self._beside: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("bot.telegram")

    async def accept(self, body: dict[str, Any]) -> None:
        """Take one update in; raises UnavailableError where it cannot be stored.

        What is no update of ours is dropped with a line in the log: brought again it would be no other.
        """
        try:
            update = Update.de_json(body, self._bot)
            read = read_update(update, self._settings)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._log.warning("update_not_read", error=type(error).__name__)
            return
        match read:
            case Private():
                await self._private(read)
            case InGroup():
                self._aside(self._in_group(read))
            case Staff():
                await self._staff(read)
            case Blocked():
                await self._desk.block(read)
            case None:
                return

    async def settled(self) -> None:
        """Wait until what runs beside the answers is done."""
        while self._beside:
            await asyncio.wait(self._beside)

    async def _private(self, read: Private) -> None:
        if read.callback_id is not None:
            self._aside(self._acknowledge(read.callback_id))
        message = read.message
        if (digits := six_digits(message)) is not None:
            # Before anything understands, stores or withholds them: a page may wait for them.
            message = await asyncio.to_thread(taken, self._portal, message, digits)
        turn = await self._assistant.take_in(message)
        self._aside(self._show_typing(turn, read.chat_id))

    async def _acknowledge(self, callback_id: str) -> None:
        # The app shows a press as at work until it is answered; one that is too old shows nothing.
        await self._bot.answer_callback_query(callback_id)

    async def _show_typing(self, turn: asyncio.Task[list[Reply]], chat_id: int) -> None:
        wait = self._settings.pace.typing
        while not (await asyncio.wait({turn}, timeout=wait))[0]:
            await self._bot.send_chat_action(chat_id, ChatAction.TYPING)
            wait = TYPING_AGAIN

    async def _staff(self, read: Staff) -> None:
        response = await self._desk.ask(read)
        if response is not None:
            text = self._assistant.word(response, read.language or "en")
            self._aside(self._say(read.chat.address["chat"], text))

    async def _say(self, chat_id: int, text: str) -> None:
        await self._bot.send_message(chat_id, text)

    async def _in_group(self, read: InGroup) -> None:
        # Whoever is in the group reads along: nothing about any account is said, nor that there is one.
        text = self._assistant.word("utter_group", read.language or "en")
        await self._bot.send_message(read.chat_id, text)

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._quietly(work))
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except TelegramError as error:
            # None of it is an answer: what matters is sent by the pusher, which tries again.
            self._log.info("aside_failed", error=type(error).__name__)
