"""Run a Bot API that nobody here wrote, with its gaps mended from outside, and keep what it was asked.

`lo_bot_api_emulator` validates requests, queues updates, and delivers them by polling or webhook. Added here:
a username, the parameters it does not know, methods it names without answering, kinds of updates it does not
queue, what stands in the chats, and a second look at every request.
"""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import lo_bot_api_emulator
from aiohttp import web
from lo_bot_api_emulator import ApiRefusal, LoBotApiEmulator, updates

from tests.support.telegram.chats import Chats, RefusedByChatError
from tests.support.telegram.heard import Heard
from tests.support.telegram.second_look import faults_of

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
USERNAME = "hallpass_test_bot"
DOWNLOAD_LIMIT = 20 * 1024 * 1024
SENDING = ("sendMessage", "sendPhoto", "sendDocument", "sendVoice", "sendAudio", "sendMediaGroup")
ADDED_TO_ALL = ("protect_content", "message_effect_id")
ADDED = {
    "sendMessage": ("link_preview_options",),
    "editMessageText": ("link_preview_options",),
    "sendPhoto": ("has_spoiler", "show_caption_above_media"),
    "sendDocument": ("thumbnail", "disable_content_type_detection"),
    "editMessageCaption": ("show_caption_above_media",),
    "sendVoice": ("caption", "caption_entities", "parse_mode", "duration"),
}
KINDS = ("edited_message", "my_chat_member", "channel_post", "poll_answer", "message_reaction")
# Methods that the emulator names without answering, with what they are answered here.
ANSWERED: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "setMyName": lambda _: True,
    "setMyDescription": lambda _: True,
    "setMyShortDescription": lambda _: True,
    "getMyName": lambda _: {"name": "Fixture"},
    "getMyDescription": lambda _: {"description": ""},
    "getMyShortDescription": lambda _: {"short_description": ""},
    "getChatMenuButton": lambda _: {"type": "default"},
    "leaveChat": lambda _: True,
}


def _mend() -> None:
    # Both are the package's own tables; adding twice changes nothing.
    updates.KINDS.update(KINDS)
    methods = lo_bot_api_emulator.CONTRACT["methods"]
    for method in {*SENDING, *ADDED}:
        common = ADDED_TO_ALL if method in SENDING else ()
        methods[method]["parameters"] = sorted(
            {*methods[method]["parameters"], *ADDED.get(method, ()), *common}
        )


_mend()


@dataclass(slots=True)
class Asked:
    """Hold one request as it was made, when, and how it was refused, if it was."""

    method: str
    fields: dict[str, Any]
    files: dict[str, Any]
    at: float = field(default_factory=time.monotonic)
    refusal: str = ""

    @property
    def chat(self) -> int:
        """Return the chat it is about, 0 for none."""
        return int(self.fields.get("chat_id", 0))


class Emulator(LoBotApiEmulator):
    """Answer as Telegram would; `faults` names every request that Telegram would not have taken."""

    def __init__(self, username: str = USERNAME) -> None:
        super().__init__(
            allow_insecure_loopback_webhooks=True, max_updates=100_000, max_assets=10_000, max_history=1
        )
        self.username = username
        self.chats = Chats()
        self.asked: list[Asked] = []
        self.faults: list[str] = []
        self.address = "http://emulator.invalid"
        # Stands for what ends HTTPS in front of a server: from public addresses to loopback ones.
        self.front: dict[str, str] = {}
        self._heard = Heard()

    @asynccontextmanager
    async def served(self, port: int = 0) -> AsyncIterator[str]:
        """Serve on loopback until the block is left; yield the address."""
        runner = web.AppRunner(self.app(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", port)
            await site.start()
            self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self.address
        finally:
            await runner.cleanup()

    def validate(self, method: str, fields: dict[str, Any], uploads: dict[str, Any]) -> Any:
        """Answer one request, or refuse it; called for every request, however it came."""
        asked = Asked(method, dict(fields), dict(uploads))
        self.asked.append(asked)
        try:
            result = self._answered(asked)
        except ApiRefusal as refusal:
            asked.refusal = refusal.description
            raise
        finally:
            self._heard.tell()
        for public, local in self.front.items():
            if method == "setWebhook" and fields.get("url", "").startswith(public):
                fields["url"] = local + fields["url"].removeprefix(public)
        return result

    async def answer(self, method: str, fields: dict[str, Any], uploads: dict[str, Any], token: str) -> Any:
        """Answer a request that came without a socket; raises what a socket would carry as an error."""
        result = self.validate(method, fields, uploads)
        match method:
            case "getUpdates":
                return await self._update_queues.poll(token, fields)
            case "setWebhook":
                return await self._update_queues.set_webhook(token, fields)
            case "deleteWebhook":
                return await self._update_queues.set_webhook(token, {**fields, "url": ""})
            case _:
                return result

    def requests_of(self, *methods: str) -> list[Asked]:
        """Return the requests of these methods that were granted."""
        return [asked for asked in self.asked if asked.method in methods and not asked.refusal]

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds, looking again at every request."""
        await self._heard.until(holds)

    def waiting(self, token: str = TOKEN) -> int:
        """Return how many updates the bot has not taken yet."""
        return int(self._update_queues.info(token)["pending_update_count"])

    def keep_file(self, name: str, content: bytes) -> str:
        """Keep what a person sends; return the id under which the bot may fetch it."""
        self.assets[name] = {"filename": name, "data": content, "size": len(content)}
        return name

    def claim(self) -> int:
        """Return the next number of a message."""
        self.next_id += 1
        return self.next_id - 1

    def _answered(self, asked: Asked) -> Any:
        method, fields = asked.method, dict(asked.fields)
        if found := faults_of(method, fields, asked.files):
            self.faults += found
            words = f"Bad Request: {found[0]}"
            raise ApiRefusal(words)
        try:
            self.chats.check(method, fields)
        except RefusedByChatError as refused:
            raise ApiRefusal(refused.description, refused.status) from None
        if method in ANSWERED:
            return ANSWERED[method](fields)
        try:
            result = super().validate(method, fields, asked.files)
        except ApiRefusal as refusal:
            self.faults.append(f"{method}: {refusal.description}")
            raise
        return self._as_told(asked, result)

    def _as_told(self, asked: Asked, result: Any) -> Any:
        if asked.method == "getMe":
            return {**result, "username": self.username}
        if asked.method == "getFile":
            self._check_size(asked.fields["file_id"])
        upload: dict[str, Any] = next(iter(asked.files.values()), {})
        named = upload.get("filename", ""), upload.get("data", b"")
        messages = [
            each for each in (result if isinstance(result, list) else [result]) if isinstance(each, dict)
        ]
        for number in [each["message_id"] for each in messages if "message_id" in each] or [0]:
            self.chats.apply(asked.method, asked.fields, named, int(number))
        for each in messages:
            if asked.chat < 0 and "chat" in each:
                each["chat"].update(type="supergroup", title="Parents")
        return result

    def _check_size(self, file_id: str) -> None:
        if self.assets[file_id]["size"] > DOWNLOAD_LIMIT:
            words = "Bad Request: file is too big"
            raise ApiRefusal(words)
