"""Read an update of Telegram's into a message of ours; Telegram's own types end here."""

from dataclasses import dataclass, replace
from typing import Any

from telegram import CallbackQuery, Chat, Message, Update, User

from bot.channels.telegram.settings import TelegramSettings
from bot.conversation.listening import TURN
from bot.messages import IncomingMessage, MessageKind
from portal.dialogue.outcomes import ChatAddress

CHANNEL = "telegram"
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
# What each command stands for; /start opens the chat.
COMMANDS = {
    "help": "ask_help",
    "cancel": "cancel",
    "language": "change_language",
    # The action and not the intent: a form for an account takes that one for a correction.
    "settings": "action_manage_preferences",
    "privacy": "utter_privacy",
    "voice": TURN,
    "logout": "sign_out",
    "human": "talk_to_person",
}
STAFF_COMMAND = "/staff"
# What is told apart of what cannot be read; anything else is "other".
MEDIA = ("voice", "audio", "video_note", "video", "photo", "sticker", "location", "contact", "document")


@dataclass(frozen=True, slots=True)
class Private:
    """Carry a message of one person, and the button press that Telegram wants acknowledged."""

    message: IncomingMessage
    chat_id: int
    callback_id: str | None = None


@dataclass(frozen=True, slots=True)
class InGroup:
    """Tell that the bot was spoken to where others read along."""

    chat_id: int
    language: str | None


@dataclass(frozen=True, slots=True)
class Staff:
    """Carry what a member of staff asks for this chat: a code lets it be told of cases, "off" ends that."""

    chat: ChatAddress
    asked: str
    user_id: int
    language: str | None
    update_id: int


@dataclass(frozen=True, slots=True)
class Blocked:
    """Tell that a person does not want to be written to any more."""

    sender: str


Read = Private | InGroup | Staff | Blocked | None


def read_update(update: Update, settings: TelegramSettings) -> Read:
    """Return what an update says, or None where it says nothing to us."""
    query = update.callback_query
    if query is not None:
        return _pressed(update.update_id, query, settings)
    if update.my_chat_member is not None:
        return _membership(update, settings)
    message = update.message or update.edited_message
    return None if message is None else _written(update, message, settings)


def sender_of(settings: TelegramSettings, chat_id: int) -> str:
    """Return the key of a private chat's conversation; two bots on one database keep apart."""
    return f"{settings.bot_id}:{chat_id}"


def source_of(user_id: int) -> str:
    """Return what attempts are counted under: the person, whichever bot is used."""
    return f"{CHANNEL}:{user_id}"


def _written(update: Update, message: Message, settings: TelegramSettings) -> Read:
    if message.from_user is None:
        return None
    # An administrator who stays anonymous in a group writes as a bot of Telegram's own.
    if update.message is not None and (asked := _asked_by_staff(message)) is not None:
        return _staff(update.update_id, message, asked, settings)
    if message.from_user.is_bot:
        return None
    if message.chat.type != Chat.PRIVATE:
        return _in_group(message, message.from_user)
    kind, text, start = _said(message, is_edit=update.message is None)
    incoming = _incoming(update.update_id, message.from_user, settings, kind=kind, text=text, start=start)
    return Private(_with(incoming, settings, message.from_user, message=message.message_id), message.chat.id)


def _pressed(update_id: int, query: CallbackQuery, settings: TelegramSettings) -> Read:
    message = query.message
    if message is None:
        return None
    if message.chat.type != Chat.PRIVATE:
        return InGroup(message.chat.id, _language(query.from_user))
    incoming = _incoming(
        update_id, query.from_user, settings, kind=MessageKind.BUTTON, text=query.data or "", start=None
    )
    # What may not be passed on stays so when it is edited.
    protected = bool(getattr(message, "has_protected_content", False))
    pressed = _with(incoming, settings, query.from_user, pressed=message.message_id, protected=protected)
    return Private(pressed, message.chat.id, query.id)


def _membership(update: Update, settings: TelegramSettings) -> Read:
    change = update.my_chat_member
    if change is None or change.chat.type != Chat.PRIVATE or change.new_chat_member.status != "kicked":
        return None
    return Blocked(sender_of(settings, change.chat.id))


def _asked_by_staff(message: Message) -> str | None:
    command, _, rest = (message.text or "").partition(" ")
    return rest.strip() if command.split("@")[0].lower() == STAFF_COMMAND else None


def _staff(update_id: int, message: Message, asked: str, settings: TelegramSettings) -> Read:
    user, chat = message.from_user, message.chat
    if user is None:
        return None
    name = chat.title or chat.full_name or ""
    address = {"chat": chat.id, "name": name, "language": _language(user)}
    return Staff(ChatAddress(settings.via, address), asked, user.id, _language(user), update_id)


def _in_group(message: Message, user: User) -> Read:
    # A bot hears commands and mentions in groups; to what people tell one another it says nothing.
    is_command = (message.text or "").startswith("/")
    return InGroup(message.chat.id, _language(user)) if is_command else None


def _said(message: Message, *, is_edit: bool) -> tuple[MessageKind, str, str | None]:
    text = message.text if message.text is not None else message.caption
    if text is None and message.voice is not None and not is_edit:
        return MessageKind.VOICE, message.voice.file_id, None
    if text is None:
        media = next((name for name in MEDIA if getattr(message, name)), "other")
        return MessageKind.MEDIA, media, None
    if is_edit:
        return MessageKind.EDITED, text, None
    command, _, rest = text.partition(" ")
    name = command[1:].split("@")[0].lower() if command.startswith("/") else ""
    if name == "start":
        return MessageKind.OPENED, "", rest.strip()
    if name in COMMANDS and not rest:
        return MessageKind.COMMAND, COMMANDS[name], None
    return MessageKind.TEXT, text, None


def _incoming(  # noqa: PLR0913  (what a message consists of)
    update_id: int,
    user: User,
    settings: TelegramSettings,
    *,
    kind: MessageKind,
    text: str,
    start: str | None,
) -> IncomingMessage:
    return IncomingMessage(
        channel=CHANNEL,
        sender=sender_of(settings, user.id),
        text=text,
        kind=kind,
        # Telegram brings an update again until it is acknowledged: the same id is the same message.
        message_id=f"{settings.bot_id}:{update_id}",
        language=_language(user),
        source=source_of(user.id),
        start=start,
    )


def _with(
    incoming: IncomingMessage, settings: TelegramSettings, user: User, **context: Any
) -> IncomingMessage:
    # In a private chat the chat's number is the person's. The name is shown on pages that join this chat.
    address = {"chat": user.id, "name": user.full_name, "username": user.username}
    chat = ChatAddress(settings.via, address)
    return replace(incoming, chat=chat, context=context)


def _language(user: User) -> str | None:
    # "pt-br", "zh-hans": the packs are named by the language alone.
    return (user.language_code or "").partition("-")[0].lower() or None
