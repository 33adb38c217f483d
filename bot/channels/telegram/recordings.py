"""Fetch voice notes from Telegram."""

import asyncio
from typing import Any

from telegram.error import BadRequest, NetworkError, TelegramError
from telegram.ext import ExtBot

from bot.voicing import too_large
from voice.speech import Why

# A line that broke may be there again: nobody has to say it twice for that.
TRIES = 3


class Recordings:
    """Fetch a voice note by the id of its file, when its turn has come."""

    def __init__(self, bot: ExtBot[Any], pause: float) -> None:
        """Take the bot, and how many seconds to wait before trying again."""
        self._bot = bot
        self._pause = pause

    async def fetch(self, file_id: str) -> bytes | Why:
        """Return the recording; one that is too large is not fetched at all."""
        for left in reversed(range(TRIES)):
            try:
                return await self._fetched(file_id)
            except NetworkError:
                await asyncio.sleep(self._pause if left else 0)
        return Why.LOST

    async def _fetched(self, file_id: str) -> bytes | Why:
        """Return the recording; raise NetworkError where Telegram was not reached."""
        try:
            file = await self._bot.get_file(file_id)
            if too_large(file.file_size):
                return Why.TOO_LARGE
            audio = bytes(await file.download_as_bytearray())
        except TelegramError as error:
            # A refusal is a NetworkError to the library, too.
            if isinstance(error, NetworkError) and not isinstance(error, BadRequest):
                raise
            # Bots may fetch 20 MB; Telegram says so itself of anything larger.
            return Why.TOO_LARGE if "too big" in str(error).lower() else Why.LOST
        return Why.TOO_LARGE if too_large(len(audio)) else audio
