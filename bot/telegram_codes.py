"""Make the link of a letter at the command line, so that a school can try it."""

import asyncio

from bot.channels.telegram import TelegramSettings, ask_name
from bot.channels.telegram.known import KnownBots
from bot.channels.telegram.profile import bot_link
from bot.settings import Settings
from bot.staff import chosen, when
from portal.core.districts import District
from portal.core.errors import SettingsError
from portal.core.outcomes import Refused
from portal.dialogue.start_codes import MintedStartCode, NewStartCode, StartKind
from portal.transaction import Portal, Transaction


def code_lines(
    settings: Settings, portal: Portal, district: str | None, student: str | None, language: str
) -> list[str]:
    """Return the links that a new code is used by, and until when."""
    spoken = sorted(pack.parent.name for pack in settings.data.glob("*/language.yml"))
    if language not in spoken:
        message = f"There is no language pack {language!r}: choose one of {', '.join(spoken)}."
        raise SettingsError(message)
    name = bot_name(settings)
    if name is None and settings.public_url is None:
        message = "There is nothing to link to: set TELEGRAM_TOKEN, or HALLPASS_PUBLIC_URL, or both."
        raise SettingsError(message)
    with portal.begin() as tx:
        known = {found.slug: found for found in tx.districts.all()}
        found = known[chosen(district, list(known))]
        minted = _minted(tx, found, student, language)
    links = [f"{settings.public_url.rstrip('/')}/start/{minted.code}"] if settings.public_url else []
    links += [bot_link(name, minted.code)] if name else []
    return [*links, f"The code serves once, until {when(minted.expires_at, found)}."]


def _minted(tx: Transaction, district: District, student: str | None, language: str) -> MintedStartCode:
    person = None if student is None else tx.imports.find_student(district.slug, student)
    if student is not None and person is None:
        message = f"No student of {district.slug} has the number {student!r}: look into the last import."
        raise SettingsError(message)
    new = NewStartCode(district.slug, StartKind.LETTER, language, person.id if person else None)
    minted = tx.start_codes.mint(new)
    if isinstance(minted, Refused):
        message = f"The student {student!r} has no Access ID: import the students first."
        raise SettingsError(message)
    return minted


def bot_name(settings: Settings) -> str | None:
    """Return what the bot is called, as it was found at its last start, else as Telegram says now."""
    if settings.telegram_token is None:
        return None
    bot = TelegramSettings(settings.telegram_token, api_url=settings.telegram_api)
    known = KnownBots(settings.var).get(bot.bot_id)
    return known.username if known else asyncio.run(ask_name(bot))
