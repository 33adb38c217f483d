"""Tell how the Telegram bot stands."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from bot.channels.telegram import TelegramSettings
from bot.settings import LOOPBACK, Settings
from portal.dialogue.outcomes import Standing
from portal.transaction import Portal

# What waits longer than Telegram itself makes a bot wait, nobody is sending.
TOO_LONG = timedelta(minutes=5)


def telegram_lines(settings: Settings, portal: Portal) -> Iterator[tuple[str, str]]:
    """Say which bot there is, how updates come, and what waits to be sent."""
    if settings.telegram_token is None:
        yield "Telegram", "none: TELEGRAM_TOKEN is not set"
        return
    bot = TelegramSettings(settings.telegram_token, settings.public_url, settings.telegram_api)
    way = "Telegram calls the public address" if bot.is_public else "updates are fetched (no public HTTPS)"
    yield "Telegram", f"bot {bot.bot_id}; {way}"
    with portal.begin(read_only=True) as tx:
        standing, now = tx.pushes.standing(bot.via), tx.now
    yield "Telegram chats", _chats(standing)
    if standing.waiting:
        is_late = standing.waiting_since is not None and now - standing.waiting_since > TOO_LONG
        late = ", for longer than five minutes: is hallpass serve running, and is the token right?"
        yield "Telegram messages", f"{standing.waiting} wait to be sent{late if is_late else ''}"


def unsafe_telegram(settings: Settings) -> Iterator[str]:
    """Say what keeps families from signing in, and where what the bot says can be read on the way."""
    if settings.telegram_token is None:
        return
    if settings.public_url is None:
        yield (
            "There is no address for the page that passwords are typed into: nobody can sign in from "
            "Telegram. Set HALLPASS_PUBLIC_URL."
        )
    address = urlsplit(settings.telegram_api)
    if address.scheme != "https" and address.hostname not in LOOPBACK:
        yield (
            f"HALLPASS_TELEGRAM_API {settings.telegram_api} is without HTTPS: the token and all that is said "
            "cross the network in the clear."
        )


def _chats(standing: Standing) -> str:
    families = standing.chats - standing.of_staff
    return f"{families} of families, {standing.of_staff} of staff; {standing.out_of_reach} out of reach"
