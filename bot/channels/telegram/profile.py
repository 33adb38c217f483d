"""Tell Telegram what the bot does, in each language: its commands, its texts, its menu button."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog
from telegram import Bot, BotCommand, MenuButtonCommands
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.channels.telegram.known import KnownBot, KnownBots
from bot.channels.telegram.parts import Words
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.telegram.updates import COMMANDS

# Telegram takes languages of two letters only; every other language sees what is set for none.
TWO_LETTERS = 2
OTHERS = "en"
MENU = ("start", *COMMANDS)
# Offered only where answers can be given aloud.
ALOUD = "voice"

Texts = Mapping[str, Any]
Speaks = Callable[[str], bool]


def silent(_: str) -> bool:
    """Tell that there is a voice for no language."""
    return False


class Profile:
    """Set what a bot shows, when it has changed since it was set last; know what the bot is called."""

    def __init__(self, bot: ExtBot[Any], settings: TelegramSettings) -> None:
        """Take the bot; what Telegram was told before lies in the settings' state folder."""
        self._bot = bot
        # Without the limiter: what is set here takes no answer's turn.
        self._setter: Bot = Bot(
            settings.token,
            f"{settings.api_url}/bot",
            request=bot.request,
            get_updates_request=bot.request,
        )
        self._settings = settings
        self._known = None if settings.state is None else KnownBots(settings.state)
        before = self._known and self._known.get(settings.bot_id)
        self._now: KnownBot | None = before or None
        self._speaks: Speaks = silent
        self._log = structlog.get_logger("bot.telegram")

    def speak_with(self, speaks: Speaks) -> None:
        """Take which languages there is a voice for; without any no spoken answer is offered."""
        self._speaks = speaks

    def link(self, code: str) -> str | None:
        """Return the link that begins a chat with a code, or None while the bot's name is not known."""
        return None if self._now is None else bot_link(self._now.username, code)

    def learn(self) -> None:
        """Know what the bot is called, and leave telling Telegram about it to another process."""
        self._now = self._now or KnownBot(self._bot.username)

    async def introduce(self, word: Words) -> None:
        """Set texts and commands unless Telegram has them; what it does not take now waits for a restart.

        Telegram lets a bot change them only a few times an hour, and a server may restart more often.
        """
        before, told = self._now, ""
        if self._known is not None:
            texts = profile_texts(word, self._settings.languages, self._speaks)
            told = hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()
            if before is None or before.told != told:
                told = told if await self._is_told(texts) else ""
        self._now = KnownBot(self._bot.username, told)
        if self._known is not None and self._now != before:
            try:
                await asyncio.to_thread(self._known.put, self._settings.bot_id, self._now)
            except OSError as error:
                self._log.warning("profile_not_kept", error=type(error).__name__)

    async def _is_told(self, texts: Mapping[str, Texts]) -> bool:
        try:
            await self._tell(texts)
        except TelegramError as error:
            self._log.warning("profile_not_set", error=type(error).__name__)
            return False
        return True

    async def _tell(self, texts: Mapping[str, Texts]) -> None:
        for code, text in texts.items():
            commands = [BotCommand(name, words) for name, words in text["commands"].items()]
            await self._setter.set_my_commands(commands, language_code=code or None)
            await self._setter.set_my_short_description(text["about"], language_code=code or None)
            await self._setter.set_my_description(text["description"], language_code=code or None)
        await self._setter.set_chat_menu_button(menu_button=MenuButtonCommands())


def bot_link(username: str, code: str) -> str:
    """Return the link that begins a chat with a bot, with a code or without one."""
    return f"https://t.me/{username}?start={code}" if code else f"https://t.me/{username}"


def profile_texts(word: Words, languages: Iterable[str], speaks: Speaks = silent) -> dict[str, Texts]:
    """Return what is shown in each language, under the code that Telegram takes, "" for all others.

    The bot's name is not among them: it is the school's own, as it was chosen at @BotFather.
    """
    codes = {code: code for code in sorted(languages) if len(code) == TWO_LETTERS and code != OTHERS}
    return {code: _texts(word, language, speaks) for code, language in {"": OTHERS, **codes}.items()}


def _texts(word: Words, language: str, speaks: Speaks) -> Texts:
    menu = [name for name in MENU if name != ALOUD or speaks(language)]
    return {
        "commands": {name: word(f"utter_command_{name}", language) for name in menu},
        "about": word("utter_telegram_about", language),
        "description": word("utter_telegram_description", language),
    }
