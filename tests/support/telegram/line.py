"""Put the channel on an assistant, with a server across that is not ours and a network that can fail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from starlette.types import ASGIApp

from bot.channels.base import AssistantPort
from bot.channels.telegram import FileSource, Pace, TelegramChannel, TelegramSettings
from bot.channels.telegram.webhook import SECRET_HEADER
from portal.core.outcomes import Refused
from portal.transaction import Portal
from tests.support.doors import always_ready, pages_of
from tests.support.telegram.emulator import TOKEN, Emulator
from tests.support.telegram.network import InProcess, Network
from tests.support.telegram.person import Person, Update
from web.app import WebSettings, create_app

PUBLIC = "https://hallpass.example"
# Nothing waits: what keeps Telegram's limits has tests of its own.
AT_ONCE = Pace(chat=0, every=1e-9, burst=1_000_000, look=0.01, typing=60, away=0.01, stop=5)


@dataclass(frozen=True, slots=True)
class AnyFile:
    """Stand for a file: what is in it has tests of its own, and takes long to draw."""

    name: str = "file.pdf"
    content: bytes = b"%PDF"


class LightShelf:
    """Open the files that the portal would open now, without drawing them."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    async def open(self, path: str) -> AnyFile | None:
        return await asyncio.to_thread(self._open, path.removeprefix("/files/"))

    def _open(self, key: str) -> AnyFile | None:
        with self._portal.begin(read_only=True) as tx:
            return None if isinstance(tx.files.open(key), Refused) else AnyFile()


def app_of(channel: TelegramChannel) -> ASGIApp:
    """Return the application with the channel's door in it; it works as long as the application does."""
    settings = WebSettings(pages=pages_of(), unready=always_ready)
    return create_app(settings, routes=channel.routes(), lifespan=lambda _: channel.working())


class Line:
    """Hold one bot of an assistant, the network, and the server that it asks."""

    def __init__(
        self,
        assistant: AssistantPort,
        portal: Portal,
        emulator: Emulator | None = None,
        *,
        settings: TelegramSettings | None = None,
        files: FileSource | None = None,
    ) -> None:
        self.emulator = emulator or Emulator()
        self.network = Network(InProcess(self.emulator))
        self.settings = settings or TelegramSettings(TOKEN, PUBLIC, pace=AT_ONCE)
        self.assistant = assistant
        self.channel = TelegramChannel(
            assistant, portal, files or LightShelf(portal), self.settings, self.network
        )
        self._door = httpx.ASGITransport(app_of(self.channel), raise_app_exceptions=False)

    def person(self, number: int, name: str = "Ana", language_code: str | None = "en") -> Person:
        """Return somebody whose updates are brought to the webhook at once."""
        return Person(self.emulator, number, name, language_code, deliver=self._bring)

    async def bring(self, body: object, secret: str | None = None, path: str | None = None) -> int:
        """Bring a body to the webhook, as Telegram does; return the status of the answer."""
        shown = self.settings.webhook_secret if secret is None else secret
        headers = {SECRET_HEADER.encode(): shown.encode("latin-1")}
        async with httpx.AsyncClient(transport=self._door, base_url=PUBLIC, headers=headers) as client:
            answer = await client.post(path or self.settings.webhook_path, json=body)
        return answer.status_code

    async def settled(self) -> None:
        """Wait until everything that was brought is answered, and what may be sent now is sent."""
        await self.assistant.settled()
        await self.channel.intake.settled()
        await self.channel.pusher.drain()

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Let the channel work by itself, until the block is left."""
        async with self.channel.working():
            yield

    async def _bring(self, update: Update) -> None:
        status = await self.bring({"update_id": self.emulator.claim(), **update})
        assert status == 200, f"the webhook answered {status}"
