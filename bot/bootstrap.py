"""Put the concrete parts together; the only place that picks them."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.types import ASGIApp

from actions import all_actions
from bot.channels import browser_claims, masked, rest, webchat
from bot.channels.console import Console, Terminal
from bot.channels.districts import PortalDistricts
from bot.channels.doors import DoorSettings
from bot.channels.live_news import LiveNews
from bot.conversation.pack_files import PackFiles
from bot.conversation.project import load_project
from bot.conversation.turn import Assistant
from bot.conversation.understanding import Understanding
from bot.conversation.wording import Wording
from bot.demo import Demo, demo_sign_in_lines, seed
from bot.district_files import apply_districts
from bot.files import calendar_route
from bot.files import route as files_route
from bot.files.makers import makers
from bot.files.shelf import Shelf
from bot.files.words import PaperPacks
from bot.letter_office import LetterOffice
from bot.letter_runs import letter_press
from bot.logs import configure_logging
from bot.mail import outbox_page, stop_page
from bot.mail.office import MailOffice, open_mail
from bot.settings import Settings
from bot.upkeep import Upkeep
from bot.voicing import Voicing
from bot.watching import route as metrics_route
from bot.watching.committed import log_committed
from bot.watching.figures import Figures
from bot.watching.health import Health
from bot.watching.present import present
from bot.watching.standing import Standing
from bot.watching.watch import Watching, shared_folder
from portal.accounts.passwords import Argon2Hasher, HashingPool
from portal.core.clock import SystemClock
from portal.core.database import open_engine, reach
from portal.core.errors import PortalError, SettingsError
from portal.core.keys import load_keys
from portal.migrations import migrate
from portal.transaction import Portal
from voice.finding import VoicePlaces, find_voice
from voice.spoken import read_spoken
from web import begin, embed
from web.app import WebSettings, create_app
from web.console.page import CONSOLE_FILES, CONSOLE_PREFIX, ConsoleSite
from web.console.site import console_routes
from web.pages import Pages
from web.public.gateway import Gateway
from web.public.page import Site
from web.public.site import public_routes
from web.server import ToldServer, server_for
from web.words import LanguagePacks

if TYPE_CHECKING:
    from bot.channels.telegram import TelegramChannel


def open_portal(settings: Settings) -> Portal:
    """Open the database, bring it to this version's tables and apply the districts' options."""
    engine = open_engine(settings.database_url, connections=settings.connections)
    reach(engine)
    try:
        migrate(engine)
        keys = load_keys(settings.var, settings.secret_key)
        hashing = HashingPool(workers=settings.hashing_threads)
        portal = Portal(engine, clock=SystemClock(), keys=keys, hasher=Argon2Hasher(), hashing=hashing)
        _refuse_another_key(portal, settings)
        apply_districts(portal, settings.var / "districts")
    except PortalError:
        engine.dispose()
        raise
    return portal


def _refuse_another_key(portal: Portal, settings: Settings) -> None:
    """Refuse a key that this database was not written with: what it cannot read would be given up as lost."""
    with portal.begin(read_only=True) as tx:
        fits = tx.sealing.fits()
    if not fits:
        message = (
            "The key does not open what this database holds, and nothing was changed: set "
            "HALLPASS_SECRET_KEY to the one it was written with, or put that secret.key back into "
            f"{settings.var}, and start again."
        )
        raise SettingsError(message)


@contextlib.contextmanager
def opened_portal(settings: Settings) -> Iterator[Portal]:
    """Open the portal for one command, and let its threads and connections go afterwards."""
    portal = open_portal(settings)
    try:
        yield portal
    finally:
        portal.close()
        portal.engine.dispose()


def start(settings: Settings, *, fresh: bool = False) -> "Application":
    """Start everything but the channels; `fresh` forgets the demo first."""
    figures = Figures(CollectorRegistry())
    configure_logging(settings.logs, figures)
    if fresh:
        _forget(settings)
    portal = open_portal(settings)
    demo = seed(portal, settings.data / "demo", settings.var) if settings.demo else None
    portal.watched_by(log_committed)
    packs = PackFiles(settings.var)
    project = load_project(settings.intents, settings.data, settings.config, packs.read)
    mail = open_mail(settings, portal, Wording(project), packs.read)
    voicing = open_voice(settings)
    assistant = Assistant(
        portal,
        project,
        all_actions(portal, settings.public_url),
        Understanding.load(settings.data, settings.var / "models"),
        default_district=settings.district,
    )
    if voicing is not None:
        assistant.listen_with(voicing)
    watching = Watching(figures, portal, shared_folder(), settings.backups)
    return Application(settings, portal, assistant, demo, mail, packs, voicing, watching)


def open_voice(settings: Settings) -> Voicing | None:
    """Put hearing and speaking together, where they are switched on."""
    if not settings.voice:
        return None
    places = VoicePlaces(settings.var, settings.voice_models, settings.voice_voices, settings.voice_hub)
    found = find_voice(places)
    return Voicing(found.ears, found.mouth, read_spoken(settings.data), found.notices, found)


@dataclass(frozen=True, slots=True)
class Application:
    """Hold the running parts; a channel is opened on them."""

    settings: Settings
    portal: Portal
    assistant: Assistant
    demo: Demo | None
    mail: MailOffice
    packs: PackFiles
    voicing: Voicing | None = None
    watching: Watching | None = None

    def notices(self) -> list[str]:
        """Return what whoever starts this should know about it, a line each."""
        return [*self.mail.notices(), *(self.voicing.notices if self.voicing else ())]

    def sign_in_lines(self) -> list[str]:
        """Return how to sign in as which made-up parent; nothing outside the demo."""
        return demo_sign_in_lines(self.demo) if self.demo else []

    def web(self) -> ASGIApp:
        """Return the web application with the channels' doors and the public pages."""
        pages = Pages(LanguagePacks(self.settings.data, read=self.packs.read))
        doors = DoorSettings(
            districts=PortalDistricts(self.portal, preset=self.settings.district),
            pages=pages,
            api_key=self.settings.api_key,
            secure=self.settings.secure,
            voicing=self.voicing,
            news=(news := LiveNews(self.portal)),
        )
        if self.watching:
            self.watching.look_at(present(news, self.voicing))
        gateway = Gateway(self.portal)
        shelf = Shelf(self.portal, makers(self.settings.data, self.packs.read))
        telegram = self._telegram(shelf)
        routes = [route for channel in (rest, webchat) for route in channel.routes(self.assistant, doors)]
        ways: list[masked.Way] = [rest.KeyedWay(doors), browser_claims.CookieWay(doors)]
        ways += [telegram.masked_way(doors)] if telegram else []
        routes += masked.routes(self.assistant, doors, ways)
        routes += calendar_route.routes(self.portal, PaperPacks(self.settings.data, self.packs.read))
        routes += stop_page.routes(self.portal, pages)
        routes += files_route.routes(shelf)
        routes += metrics_route.routes(self.watching, self.settings.metrics_key) if self.watching else []
        routes += telegram.routes() if telegram else []
        if self.settings.demo and self.mail.postman is not None:
            routes += outbox_page.routes(self.portal, self.mail.letters, self.mail.postman, pages)
        # Last, for their addresses begin with the name of any district.
        link = telegram.link if telegram else begin.no_bot
        routes += begin.routes(gateway, pages, link)
        routes += embed.routes(gateway, pages, self.settings.public_url)
        routes += console_routes(self._console(gateway))
        routes += public_routes(Site(pages, gateway, self.settings.secure, self.settings.public_url, link))
        self.packs.put_away()
        health = self._health()
        return create_app(
            WebSettings(pages, health.unready, self.settings.secure, health.troubles),
            routes=routes,
            lifespan=partial(self._lifespan, gateway, news, telegram),
        )

    def _health(self) -> Health:
        standing = self.watching.standing if self.watching else Standing(self.portal)
        carried = {"inbox"} | ({"outbox"} if self.mail.postman else set())
        carried |= {"pushes"} if self.settings.telegram_token else set()
        return Health(self.portal, standing, self.assistant.parse, self.settings.var, frozenset(carried))

    def _console(self, gateway: Gateway) -> ConsoleSite:
        settings = self.settings
        words = LanguagePacks(settings.data, CONSOLE_FILES, CONSOLE_PREFIX, self.packs.read)
        return ConsoleSite(
            Pages(words),
            gateway,
            settings.secure,
            settings.public_url,
            letters=LetterOffice(letter_press(settings, self.packs.read)),
        )

    def _telegram(self, shelf: Shelf) -> "TelegramChannel | None":
        own, spoken = self.settings, self.assistant.languages
        if own.telegram_token is None:
            return None
        # Telegram's library takes 9 MB, which whoever has no bot keeps.
        from bot.channels.telegram import TelegramChannel, TelegramSettings  # noqa: PLC0415

        settings = TelegramSettings(
            own.telegram_token, own.public_url, own.telegram_api, state=own.var, languages=spoken
        )
        channel = TelegramChannel(self.assistant, self.portal, shelf, settings)
        if self.voicing is not None:
            channel.give_voice(self.voicing)
        return channel

    def server(self, host: str, port: int) -> ToldServer:
        """Return the server; it runs until a signal ends it, and answers messages that arrived first."""
        return server_for(self.web(), host=host, port=port)

    async def talk_at_terminal(self, district: str | None, terminal: Terminal | None = None) -> None:
        """Hold one conversation at the terminal."""
        settings = self.settings
        console = Console(
            self.assistant, terminal or Terminal(), district or settings.district, settings.public_url or ""
        )
        async with self.mail.working():
            await console.talk()

    def close(self) -> None:
        """Let the threads go and give the database connections back."""
        self.assistant.close()
        self.portal.close()
        self.portal.engine.dispose()

    @contextlib.asynccontextmanager
    async def _lifespan(
        self, gateway: Gateway, news: LiveNews, telegram: "TelegramChannel | None", _: Starlette
    ) -> AsyncIterator[None]:
        neighbours = self.portal.neighbours
        neighbours.open()
        workers = [
            self.voicing,
            Upkeep(self.portal, self.assistant),
            self.mail,
            self.watching,
            news,
            telegram,
        ]
        try:
            async with contextlib.AsyncExitStack() as stack:
                for worker in workers:
                    if worker is not None:
                        await stack.enter_async_context(worker.working())
                yield
        finally:
            gateway.close()
            neighbours.close()
            self.close()


def _forget(settings: Settings) -> None:
    """Delete the demo's database and sheet; only the embedded database is ours to delete."""
    database = settings.var / "hallpass.db"
    if settings.database_url != f"sqlite:///{database}":
        message = (
            "--fresh deletes the embedded database only: unset HALLPASS_DATABASE_URL, or empty it yourself."
        )
        raise SettingsError(message)
    for path in (*settings.var.glob("hallpass.db*"), *settings.var.glob("demo*.json")):
        path.unlink()
