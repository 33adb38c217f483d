"""Do what is asked about a chat itself: tell staff of cases there, write to nobody who blocked the bot."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.channels.telegram.settings import TelegramSettings
from bot.channels.telegram.updates import CHANNEL, Blocked, Staff, source_of
from portal.core.outcomes import Refused
from portal.dialogue.staff_chats import StaffAsking
from portal.transaction import Portal, Transaction

OFF = "off"
Result = TypeVar("Result")


class ChatDesk:
    """Change what the portal knows of chats."""

    def __init__(self, portal: Portal, settings: TelegramSettings) -> None:
        """Take where chats are kept and which bot they are of."""
        self._portal = portal
        self._settings = settings

    async def ask(self, asked: Staff) -> str | None:
        """Do what a member of staff asks for a chat; return the response to answer with, if any."""
        return await self._write(lambda tx: self._asked(tx, asked))

    async def block(self, blocked: Blocked) -> None:
        """Send nothing more to somebody who blocked the bot, until they write again."""
        await self._write(lambda tx: _blocked(tx, blocked.sender))

    def _asked(self, tx: Transaction, asked: Staff) -> str | None:
        by = source_of(asked.user_id)
        if asked.asked.lower() == OFF:
            # Whoever reads the notices may end them: it takes nothing from anybody.
            tx.staff_chats.leave(asked.chat, by=by)
            return "utter_staff_off"
        turn = f"{self._settings.bot_id}:{asked.update_id}"
        opened = tx.staff_chats.open(StaffAsking(asked.asked, asked.chat, by, turn[-32:]))
        # What opens a chat is said in it by a notice, which no crash loses.
        return "utter_staff_void" if isinstance(opened, Refused) else None

    async def _write(self, work: Callable[[Transaction], Result]) -> Result:
        return await asyncio.to_thread(self._within, work)

    def _within(self, work: Callable[[Transaction], Result]) -> Result:
        with self._portal.begin() as tx:
            return work(tx)


def _blocked(tx: Transaction, sender: str) -> None:
    conversation = tx.dialogue.find(CHANNEL, sender)
    if conversation is not None:
        tx.pushes.block(conversation.id)
