"""Fetch voice notes from Telegram."""

from typing import Any

from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.voicing import too_large
from voice.speech import Why


class Recordings:
    """Fetch a voice note by the id of its file, when its turn has come."""

    def __init__(self, bot: ExtBot[Any]) -> None:
        """Take the bot."""
        self._bot = bot

    async def fetch(self, file_id: str) -> bytes | Why:
        """Return the recording; one that is too large is not fetched at all."""
        try:
            file = await self._bot.get_file(file_id)
            if too_large(file.file_size):
                return Why.TOO_LARGE
            audio = bytes(await file.download_as_bytearray())
        except TelegramError as error:
            # Bots may fetch 20 MB; Telegram says so itself of anything larger.
            return Why.TOO_LARGE if "too big" in str(error).lower() else Why.LOST
        return Why.TOO_LARGE if too_large(len(audio)) else audio
