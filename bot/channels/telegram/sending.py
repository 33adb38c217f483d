"""Send one part to a chat by the Bot API, and say what came of it."""

import contextlib
from datetime import timedelta
from typing import Any, Protocol

import structlog
from aiolimiter import AsyncLimiter
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, WebAppInfo
from telegram.constants import ChatAction
from telegram.error import BadRequest, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.channels.telegram.parts import Hand, Keyboard, Part, Say, Show, Speak, TakeBack
from bot.channels.telegram.settings import Pace
from portal.core.errors import UnavailableError
from voice.speech import Spoken, Unspoken

# A chat that nothing was sent to for so many others has its second behind it.
MOST_CHATS = 10_000
PICTURE = "chart.png"
NOTE = "answer.ogg"


class FileContent(Protocol):
    """Show a file that a path of this server names; one without a name is to be looked at."""

    @property
    def name(self) -> str:
        """Return what it is called when it is kept."""

    @property
    def content(self) -> bytes:
        """Return what is in it."""


class FileSource(Protocol):
    """Open the files that answers link to."""

    async def open(self, path: str) -> FileContent | None:
        """Return the file of a path, or None where it is no longer there."""


class Voice(Protocol):
    """Give answers aloud."""

    async def say(self, text: str, language: str) -> Spoken | Unspoken:
        """Return an answer as OGG/Opus."""


class ChatPace:
    """Keep a second between two messages of a chat, which the library's limiter does not."""

    def __init__(self, pace: Pace) -> None:
        """Wait as long as the pace says."""
        self._seconds = pace.chat
        self._limiters: dict[int, AsyncLimiter] = {}

    async def wait(self, chat: int) -> None:
        """Wait for the chat's turn."""
        if not self._seconds:
            return
        if len(self._limiters) >= MOST_CHATS:
            self._limiters.clear()
        await self._limiters.setdefault(chat, AsyncLimiter(1, self._seconds)).acquire()


class Speaker:
    """Send parts; errors of the Bot API are raised as the library names them."""

    def __init__(self, bot: ExtBot[Any], files: FileSource, pace: Pace) -> None:
        """Take the bot, the files and the pace."""
        self._bot = bot
        self._files = files
        self._pace = ChatPace(pace)
        self._voice: Voice | None = None
        self._log = structlog.get_logger("bot.telegram")

    def speak_with(self, voice: "Voice") -> None:
        """Take who speaks; without anybody, answers are in writing only."""
        self._voice = voice

    async def send(self, chat: int, part: Part) -> None:
        """Send one part."""
        match part:
            case TakeBack(message):
                await self._bot.delete_message(chat, message)
            case Say(instead_of=int() as message):
                await self._edit(chat, message, part)
            case Say():
                await self._say(chat, part)
            case Show():
                await self._show(chat, part)
            case Hand():
                await self._hand(chat, part)
            case Speak():
                await self._speak(chat, part)

    async def _say(self, chat: int, part: Say) -> None:
        await self._pace.wait(chat)
        await self._bot.send_message(
            chat,
            part.text,
            reply_markup=_markup(part.keyboard),
            protect_content=part.private,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )

    async def _edit(self, chat: int, message: int, part: Say) -> None:
        try:
            await self._bot.edit_message_text(
                part.text,
                chat,
                message,
                reply_markup=_markup(part.keyboard),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        except BadRequest as refused:
            if "not modified" not in str(refused).lower():
                # It is too old, or gone: the menu is sent anew.
                await self._say(chat, part)

    async def _show(self, chat: int, part: Show) -> None:
        file = await self._opened(part.path)
        if file is None:
            await self._say_instead(chat, part.told, part)
            return
        await self._pace.wait(chat)
        await self._bot.send_photo(
            chat,
            file.content,
            caption=part.told or None,
            filename=file.name or PICTURE,
            reply_markup=_markup(part.keyboard),
            protect_content=part.private,
        )

    async def _hand(self, chat: int, part: Hand) -> None:
        file = await self._opened(part.path)
        if file is None:
            await self._say_instead(chat, part.gone, part)
            return
        await self._pace.wait(chat)
        await self._bot.send_document(
            chat,
            file.content,
            caption=part.told or None,
            filename=file.name,
            reply_markup=_markup(part.keyboard),
            protect_content=part.private,
        )

    async def _speak(self, chat: int, part: Speak) -> None:
        if self._voice is None:
            return
        with contextlib.suppress(TelegramError):
            # It only shows that something is coming.
            await self._bot.send_chat_action(chat, ChatAction.RECORD_VOICE)
        spoken = await self._voice.say(part.text, part.language)
        if isinstance(spoken, Unspoken):
            self._log.info("not_spoken", why=spoken.why.value)
            return
        await self._pace.wait(chat)
        await self._bot.send_voice(
            chat,
            spoken.audio,
            duration=max(1, round(spoken.seconds)),
            filename=NOTE,
            protect_content=part.private,
        )

    async def _opened(self, path: str) -> FileContent | None:
        try:
            return await self._files.open(path)
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001  (a drawing that fails must not hold back what is said after it)
            self._log.error("file_failed", error=type(error).__name__)
            return None

    async def _say_instead(self, chat: int, words: str, part: Show | Hand) -> None:
        if words:
            await self._say(chat, Say(words, part.keyboard, part.private))


def _markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    if not keyboard:
        return None
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(
                    key.title,
                    callback_data=key.data,
                    url=key.url,
                    web_app=WebAppInfo(key.app) if key.app else None,
                )
                for key in row
            ]
            for row in keyboard
        ]
    )


def seconds_of(slow: RetryAfter) -> float:
    """Return how long Telegram wants to be left alone."""
    wait = slow.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
