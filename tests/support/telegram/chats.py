"""Keep what stands in every chat, as the people in it see it, and refuse what Telegram refuses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.telegram.second_look import plain

QUERY_TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
BLOCKED = "Forbidden: bot was blocked by the user"
SAME = "Bad Request: message is not modified: specified new message content and reply markup are the same"


class RefusedByChatError(Exception):
    """Say no in Telegram's own words."""

    def __init__(self, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.description = description
        self.status = status


@dataclass(slots=True)
class Shown:
    """Hold one message as it stands; `buttons` are the rows of its inline keyboard."""

    chat: int
    number: int
    text: str = ""
    by_bot: bool = True
    buttons: list[list[dict[str, Any]]] = field(default_factory=list)
    kind: str = "text"
    file: bytes | None = None
    file_name: str = ""
    is_protected: bool = False
    is_silent: bool = False
    edits: int = 0
    is_deleted: bool = False

    @property
    def titles(self) -> list[str]:
        """Return the titles of its buttons."""
        return [button["text"] for row in self.buttons for button in row]


class Chats:
    """Hold every chat's messages in order, the people who block the bot, and the presses to be answered."""

    def __init__(self) -> None:
        self.shown: dict[tuple[int, int], Shown] = {}
        # Everything of the bot's in the order in which it came or changed.
        self.log: list[Shown] = []
        self.blocked: set[int] = set()
        self.presses: set[str] = set()
        self.answers: list[tuple[str, str]] = []

    def of(self, chat: int) -> list[Shown]:
        """Return what stands in a chat now, oldest first."""
        return [m for (where, _), m in sorted(self.shown.items()) if where == chat and not m.is_deleted]

    def check(self, method: str, fields: Mapping[str, Any]) -> None:
        """Refuse what nobody could do in this chat."""
        if method == "answerCallbackQuery" and fields.get("callback_query_id") not in self.presses:
            raise RefusedByChatError(QUERY_TOO_OLD)
        chat = str(fields.get("chat_id", ""))
        if not chat.lstrip("-").isdigit():
            return
        if int(chat) in self.blocked and method != "getChat":
            raise RefusedByChatError(BLOCKED, 403)
        if method.startswith("edit") or method == "deleteMessage":
            self._check_target(method, int(chat), fields)

    def apply(self, method: str, fields: Mapping[str, Any], file: tuple[str, bytes], number: int) -> None:
        """Let a request that was granted show."""
        if method == "answerCallbackQuery":
            self.presses.discard(str(fields["callback_query_id"]))
            self.answers.append((str(fields["callback_query_id"]), str(fields.get("text", ""))))
        elif method == "deleteMessage":
            self.shown[int(fields["chat_id"]), int(fields["message_id"])].is_deleted = True
        elif method.startswith("editMessage"):
            self._edit(method, fields)
        elif method.startswith("send") and method != "sendChatAction":
            self._send(method, fields, file, number)

    def _check_target(self, method: str, chat: int, fields: Mapping[str, Any]) -> None:
        target = self.shown.get((chat, int(fields.get("message_id", 0))))
        if target is None or target.is_deleted:
            verb = "delete" if method == "deleteMessage" else "edit"
            missing = f"Bad Request: message to {verb} not found"
            raise RefusedByChatError(missing)
        if method == "deleteMessage":
            return
        if not target.by_bot:
            words = "Bad Request: message can't be edited"
            raise RefusedByChatError(words)
        same_words = method == "editMessageReplyMarkup" or _words(fields) == target.text
        if same_words and _rows(fields) == target.buttons:
            raise RefusedByChatError(SAME)

    def _edit(self, method: str, fields: Mapping[str, Any]) -> None:
        target = self.shown[int(fields["chat_id"]), int(fields["message_id"])]
        target.edits += 1
        self.log.append(target)
        # An edit without a keyboard takes the keyboard away.
        target.buttons = _rows(fields)
        if method != "editMessageReplyMarkup":
            target.text = _words(fields)

    def _send(self, method: str, fields: Mapping[str, Any], file: tuple[str, bytes], number: int) -> None:
        chat = int(fields["chat_id"])
        self.shown[chat, number] = Shown(
            chat,
            number,
            _words(fields),
            buttons=_rows(fields),
            kind="text" if method == "sendMessage" else method.removeprefix("send").lower(),
            file=file[1],
            file_name=file[0],
            is_protected=_is_on(fields, "protect_content"),
            is_silent=_is_on(fields, "disable_notification"),
        )
        self.log.append(self.shown[chat, number])


def _words(fields: Mapping[str, Any]) -> str:
    text = str(fields.get("text", fields.get("caption", "")))
    # Telegram takes white space off both ends.
    return (plain(text) if fields.get("parse_mode") == "HTML" else text).strip()


def _rows(fields: Mapping[str, Any]) -> list[list[dict[str, Any]]]:
    markup = fields.get("reply_markup")
    decoded = json.loads(markup) if isinstance(markup, str) else markup or {}
    rows: list[list[dict[str, Any]]] = decoded.get("inline_keyboard", [])
    return rows


def _is_on(fields: Mapping[str, Any], name: str) -> bool:
    return str(fields.get(name, "")).lower() == "true"
