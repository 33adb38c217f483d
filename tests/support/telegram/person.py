"""Be a person with Telegram in the hand: type, press, edit, forward, send, and see what stands there."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.support.telegram.chats import Shown
from tests.support.telegram.emulator import TOKEN, Emulator

Update = dict[str, Any]
Deliver = Callable[[Update], Awaitable[object]]
BOT = {"id": 7, "is_bot": True, "first_name": "Fixture"}


@dataclass
class Person:
    """Hold one person in one chat: a private one, or a group where `group` names its (negative) id.

    `deliver` hands an update to the bot; by default the emulator does, by webhook or polling.
    """

    emulator: Emulator
    number: int
    name: str = "Ana"
    language_code: str | None = "en"
    group: int | None = None
    token: str = TOKEN
    deliver: Deliver | None = None

    @property
    def chat(self) -> int:
        """Return the id of the chat."""
        return self.group or self.number

    @property
    def sees(self) -> list[Shown]:
        """Return what stands in the chat now, oldest first."""
        return self.emulator.chats.of(self.chat)

    @property
    def hears(self) -> list[Shown]:
        """Return what the bot has written and not taken away."""
        return [shown for shown in self.sees if shown.by_bot]

    @property
    def last(self) -> Shown:
        """Return the newest message of the bot."""
        assert self.hears, f"the bot has said nothing to {self.name}"
        return self.hears[-1]

    @property
    def read(self) -> str:
        """Return all that the bot's messages say now."""
        return "\n".join(shown.text for shown in self.hears)

    async def types(self, text: str, **more: Any) -> int:
        """Write a text, or a command; return the number of the message."""
        entities = _command(text)
        return await self.sends("text", text=text, **({"entities": entities} if entities else {}), **more)

    async def forwards(self, text: str) -> int:
        """Pass on what somebody else wrote."""
        origin = {"type": "hidden_user", "sender_user_name": "Somebody", "date": int(time.time())}
        return await self.types(text, forward_origin=origin)

    async def answers_to(self, number: int, text: str) -> int:
        """Reply to a message."""
        target = {"message_id": number, "date": 1, "chat": self._chat()}
        return await self.types(text, reply_to_message=target)

    async def edits(self, number: int, text: str) -> None:
        """Change what was written before."""
        self.emulator.chats.shown[self.chat, number].text = text
        await self.hands_in("edited_message", {**self._message(number), "edit_date": 2, "text": text})

    async def presses(self, title: str, shown: Shown | None = None) -> str:
        """Press the newest button of that title, or that of one message; return the id of the press."""
        candidates = [shown] if shown else self.hears
        found = [(m, b) for m in candidates for row in m.buttons for b in row if b["text"] == title]
        assert found, f"no button {title!r} among {[m.titles for m in candidates]}"
        message, button = found[-1]
        assert "callback_data" in button, f"{title!r} opens {button}"
        return await self.presses_data(button["callback_data"], message)

    async def presses_data(self, data: str, shown: Shown | None = None) -> str:
        """Send callback data of any kind, as a changed client may."""
        press = uuid4().hex
        self.emulator.chats.presses.add(press)
        number = shown.number if shown else self.emulator.claim()
        message = {
            "message_id": number,
            "date": int(time.time()),
            "chat": self._chat(),
            "from": BOT,
            "text": "…",
            **({"has_protected_content": True} if shown and shown.is_protected else {}),
        }
        query = {"id": press, "from": self._user(), "message": message, "chat_instance": "1", "data": data}
        await self.hands_in("callback_query", query)
        return press

    async def sends_photo(self, caption: str = "", content: bytes = b"\x89PNG") -> int:
        """Send a picture with words under it."""
        file = {**self._file("photo", content), "width": 10, "height": 10}
        return await self.sends("photo", photo=[file], **({"caption": caption} if caption else {}))

    async def sends_sticker(self) -> int:
        """Send a sticker."""
        file = self._file("sticker", b"")
        shape = {"type": "regular", "width": 9, "height": 9, "is_animated": False, "is_video": False}
        return await self.sends("sticker", sticker={**file, **shape, "emoji": "🙂"})

    async def sends_voice(self, content: bytes = b"OggS", size: int | None = None) -> int:
        """Send a voice note."""
        file = {**self._file("voice", content), "duration": 2, "mime_type": "audio/ogg"}
        return await self.sends("voice", voice={**file, "file_size": size or len(content)})

    async def sends_document(self, name: str = "letter.pdf", size: int = 10, caption: str = "") -> int:
        """Send a file of that size, in bytes."""
        file = {**self._file("document", b"%PDF"), "file_name": name, "file_size": size}
        return await self.sends("document", document=file, **({"caption": caption} if caption else {}))

    async def sends_location(self) -> int:
        """Send where one is."""
        return await self.sends("location", location={"latitude": 42.27, "longitude": -71.62})

    async def sends_contact(self, *, of: int | None = None) -> int:
        """Send a contact: one's own, or somebody else's."""
        contact = {"phone_number": "+15085550100", "first_name": self.name, "user_id": of or self.number}
        return await self.sends("contact", contact=contact)

    async def brings_bot_into(self, group: int) -> None:
        """Add the bot to a group, and go on there."""
        self.group = group
        await self._changes_membership("left", "member")

    async def blocks(self) -> None:
        """Block the bot."""
        self.emulator.chats.blocked.add(self.chat)
        await self._changes_membership("member", "kicked")

    async def unblocks(self) -> None:
        """Let the bot write again."""
        self.emulator.chats.blocked.discard(self.chat)
        await self._changes_membership("kicked", "member")

    async def sends(self, kind: str, **content: Any) -> int:
        """Send a message of any content; return its number."""
        number = self.emulator.claim()
        text = content.get("text", content.get("caption", ""))
        shown = Shown(self.chat, number, text, by_bot=False, kind=kind)
        self.emulator.chats.shown[self.chat, number] = shown
        await self.hands_in("message", {**self._message(number), **content})
        return number

    async def hands_in(self, kind: str, content: dict[str, Any], update_id: int | None = None) -> None:
        """Let an update of any kind reach the bot, under a number of its own or a given one."""
        update: Update = {kind: content} if update_id is None else {"update_id": update_id, kind: content}
        if self.deliver is None:
            await self.emulator.enqueue_update(update, token=self.token)
        else:
            await self.deliver(update)

    async def _changes_membership(self, old: str, new: str) -> None:
        def member(status: str) -> dict[str, Any]:
            return {"user": BOT, "status": status, **({"until_date": 0} if status == "kicked" else {})}

        change = {"chat": self._chat(), "from": self._user(), "date": 1}
        both = {"old_chat_member": member(old), "new_chat_member": member(new)}
        await self.hands_in("my_chat_member", {**change, **both})

    def _message(self, number: int) -> dict[str, Any]:
        now = int(time.time())
        return {"message_id": number, "date": now, "chat": self._chat(), "from": self._user()}

    def _chat(self) -> dict[str, Any]:
        if self.group is not None:
            return {"id": self.group, "type": "supergroup", "title": "Parents"}
        return {"id": self.number, "type": "private", "first_name": self.name}

    def _user(self) -> dict[str, Any]:
        spoken = {"language_code": self.language_code} if self.language_code else {}
        return {"id": self.number, "is_bot": False, "first_name": self.name, **spoken}

    def _file(self, kind: str, content: bytes) -> dict[str, Any]:
        name = self.emulator.keep_file(f"{kind}-{uuid4().hex}", content)
        return {"file_id": name, "file_unique_id": f"{name}-unique"}


def _command(text: str) -> list[dict[str, Any]]:
    name = text.split(maxsplit=1)[0] if text.startswith("/") and text.strip("/ ") else ""
    return [{"type": "bot_command", "offset": 0, "length": len(name)}] if name else []
