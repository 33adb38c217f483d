"""Ask Telegram how a bot stands there."""

from dataclasses import dataclass

from telegram.error import TelegramError

from bot.channels.telegram.channel import open_bot
from bot.channels.telegram.settings import TelegramSettings
from portal.core.errors import SettingsError


@dataclass(frozen=True, slots=True)
class WebhookStanding:
    """Tell what the bot is called, whether its updates come to us (brought or fetched), and how many wait."""

    username: str
    is_ours: bool
    waiting: int
    has_failed: bool


async def ask_webhook(settings: TelegramSettings) -> WebhookStanding:
    """Return how the bot stands; raise SettingsError where Telegram does not say."""
    try:
        async with open_bot(settings) as bot:
            found = await bot.get_webhook_info()
            return WebhookStanding(
                bot.username,
                is_ours=found.url == settings.webhook_url,
                waiting=found.pending_update_count,
                has_failed=found.last_error_date is not None,
            )
    except TelegramError as error:
        # Not the library's own words: they quote the token.
        message = f"Telegram does not answer ({type(error).__name__}): look at TELEGRAM_TOKEN."
        raise SettingsError(message) from None
