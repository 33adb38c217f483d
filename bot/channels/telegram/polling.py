"""Fetch updates where Telegram cannot reach this server."""

import asyncio
import contextlib
from typing import Any

import structlog
from telegram.error import Conflict, TelegramError
from telegram.ext import ExtBot

from bot.channels.telegram.intake import Intake
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.telegram.updates import ALLOWED
from portal.core.errors import UnavailableError

LONG_POLL = 20


class Poller:
    """Ask for updates one batch after the other; asking for the next acknowledges those before."""

    def __init__(self, intake: Intake, bot: ExtBot[Any], settings: TelegramSettings) -> None:
        """Take whoever stores updates and the bot that fetches them."""
        self._intake = intake
        self._bot = bot
        self._settings = settings
        self._offset: int | None = None
        self._log = structlog.get_logger("bot.telegram")

    async def work(self) -> None:
        """Fetch until cancelled; what cannot be stored is fetched again."""
        while True:
            try:
                await self.fetch()
            except Conflict:
                self._log.error(
                    "another_program_fetches", advice="stop the other one, or give it its own bot"
                )
                await asyncio.sleep(self._settings.pace.away)
            except (TelegramError, UnavailableError) as error:
                self._log.warning("fetching_failed", error=type(error).__name__)
                await asyncio.sleep(self._settings.pace.away)
            except Exception as error:  # noqa: BLE001  (a bug met by one update must not stop the bot for good)
                self._log.error("fetching_failed", error=type(error).__name__)
                await asyncio.sleep(self._settings.pace.away)

    async def fetch(self, wait: int = LONG_POLL) -> None:
        """Fetch one batch and store it, each update before it is acknowledged."""
        updates = await self._bot.get_updates(self._offset, timeout=wait, allowed_updates=ALLOWED)
        for update in updates:
            await self._intake.accept(update.to_dict())
            self._offset = update.update_id + 1

    async def acknowledge(self) -> None:
        """Tell Telegram how far was stored, so that the next start is not brought it again."""
        if self._offset is not None:
            with contextlib.suppress(TelegramError):
                await self._bot.get_updates(self._offset, timeout=0, limit=1, allowed_updates=ALLOWED)
