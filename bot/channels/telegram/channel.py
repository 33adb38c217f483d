"""Carry the conversation in Telegram: by webhook where this server is public, else by fetching."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import structlog
from starlette.routing import BaseRoute
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import BaseRequest, HTTPXRequest

from bot.channels.base import AssistantPort
from bot.channels.doors import DoorSettings
from bot.channels.telegram import webhook
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.masked_way import ChatWay
from bot.channels.telegram.parts import Renderer
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.profile import Profile
from bot.channels.telegram.pusher import Pusher
from bot.channels.telegram.recordings import Recordings
from bot.channels.telegram.sending import FileSource, Speaker
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.telegram.updates import ALLOWED, CHANNEL
from bot.duty import on_duty
from bot.voicing import Voicing
from portal.core.errors import SettingsError
from portal.transaction import Portal

CONNECTIONS = 64


class TelegramChannel:
    """Hold one bot: its door, its fetching or webhook, and its sending."""

    def __init__(
        self,
        assistant: AssistantPort,
        portal: Portal,
        files: FileSource,
        settings: TelegramSettings,
        request: BaseRequest | None = None,
    ) -> None:
        """Put the parts together; nothing is connected yet."""
        self._assistant = assistant
        self._portal = portal
        self._settings = settings
        self.bot = open_bot(settings, request)
        self.intake = Intake(assistant, portal, self.bot, settings)
        self._speaker = Speaker(self.bot, files, settings.pace)
        self.pusher = Pusher(portal, assistant, Renderer(settings, assistant.word), self._speaker)
        self._profile = Profile(self.bot, settings)
        self._log = structlog.get_logger("bot.telegram")

    def give_voice(self, voicing: Voicing) -> None:
        """Hear voice notes, and answer aloud whoever asks for it."""
        voicing.fetch_with(CHANNEL, Recordings(self.bot, self._settings.pace.away).fetch)
        self._speaker.speak_with(voicing)
        self._profile.speak_with(voicing.speaks)

    def link(self, code: str) -> str | None:
        """Return the link that begins a chat with a code, or None while the bot's name is not known."""
        return self._profile.link(code)

    def routes(self) -> list[BaseRoute]:
        """Return the webhook's door."""
        return webhook.routes(self.intake, self._settings)

    def masked_way(self, doors: DoorSettings) -> ChatWay:
        """Return how this bot's chats come to the masked page."""
        return ChatWay(self._assistant, self._portal, self._settings, doors)

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Answer in Telegram until the block is left; what was taken in is answered and sent first.

        Updates that come later wait at Telegram, so the webhook stays where it is.
        """
        knowing = asyncio.create_task(self._know())
        try:
            async with on_duty(self._portal.neighbours, self._settings.via, self._on_duty):
                yield
        finally:
            knowing.cancel()
            await asyncio.gather(knowing, return_exceptions=True)
            await self._assistant.settled()
            await self.intake.settled()
            await self.bot.shutdown()

    @contextlib.asynccontextmanager
    async def _on_duty(self) -> AsyncIterator[None]:
        """Fetch and send, which one process at a time does for a bot.

        Telegram lets one program fetch, and counts what a bot sends, whichever process sends it.
        """
        receiving = asyncio.create_task(self._receive())
        async with self.pusher.working():
            try:
                yield
            finally:
                receiving.cancel()
                await asyncio.gather(receiving, return_exceptions=True)
                await self._assistant.settled()
                await self.intake.settled()

    async def _know(self) -> None:
        """Learn what the bot is called where another process introduces it."""
        if not self._portal.neighbours.is_alone:
            await self._begin(self.bot.initialize)
            self._profile.learn()

    async def _receive(self) -> None:
        await self._begin(self.bot.initialize, self._set_webhook)
        # Beside the fetching, and nothing that goes wrong with it stops that.
        introducing = asyncio.create_task(self._profile.introduce(self._assistant.word))
        try:
            await self._fetch()
            await asyncio.wait({introducing})
        finally:
            introducing.cancel()
            [failed] = await asyncio.gather(introducing, return_exceptions=True)
            if isinstance(failed, Exception):
                self._log.error("profile_failed", error=type(failed).__name__)

    async def _fetch(self) -> None:
        """Fetch updates where Telegram cannot bring them."""
        if not self._settings.is_public:
            poller = Poller(self.intake, self.bot, self._settings)
            try:
                await poller.work()
            finally:
                await poller.acknowledge()

    async def _begin(self, *steps: Callable[[], Awaitable[None]]) -> None:
        """Introduce this server to Telegram, however long Telegram is away."""
        while True:
            try:
                for step in steps:
                    await step()
            except InvalidToken:
                self._log.error("telegram_token_refused", advice="set TELEGRAM_TOKEN as @BotFather shows it")
            except BadRequest as refused:
                # Its words name the address, and no secret: "bad webhook: failed to resolve host".
                advice = "HALLPASS_PUBLIC_URL must be an address that Telegram reaches"
                self._log.error("telegram_refuses_webhook", reason=refused.message, advice=advice)
            except TelegramError as error:
                self._log.warning("telegram_away", error=type(error).__name__)
            else:
                return
            await asyncio.sleep(self._settings.pace.away)

    async def _set_webhook(self) -> None:
        settings = self._settings
        if not settings.is_public:
            # A webhook of an earlier installation would keep updates from being fetched.
            await self.bot.delete_webhook()
            return
        await self.bot.set_webhook(
            settings.webhook_url,
            secret_token=settings.webhook_secret,
            allowed_updates=ALLOWED,
            max_connections=CONNECTIONS,
        )


async def ask_name(settings: TelegramSettings) -> str:
    """Return what the bot is called in Telegram; raise SettingsError where Telegram does not say."""
    try:
        async with open_bot(settings) as bot:
            return bot.username
    except TelegramError as error:
        # Not the library's own words: they quote the token.
        kind = type(error).__name__
        message = f"Telegram does not say what the bot is called ({kind}): look at TELEGRAM_TOKEN."
        raise SettingsError(message) from None


def open_bot(settings: TelegramSettings, request: BaseRequest | None = None) -> ExtBot[Any]:
    """Return the library's bot with the limits that Telegram sets."""
    pace = settings.pace
    # It tries nothing again by itself: it would hold up every chat while one has to wait, and the pusher
    # remembers the wait across restarts.
    limiter = AIORateLimiter(
        overall_max_rate=pace.burst, overall_time_period=pace.burst * pace.every, max_retries=0
    )
    return ExtBot(
        settings.token,
        base_url=f"{settings.api_url}/bot",
        base_file_url=f"{settings.api_url}/file/bot",
        request=request or HTTPXRequest(connection_pool_size=CONNECTIONS),
        get_updates_request=request or HTTPXRequest(connection_pool_size=1, read_timeout=30),
        rate_limiter=limiter,
    )
