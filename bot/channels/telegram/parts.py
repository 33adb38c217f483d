"""Turn replies into the parts that Telegram is sent: texts, pictures, papers, what is taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import urljoin

from bot.channels.telegram.settings import TelegramSettings
from bot.messages import Button, Reply

MOST_TEXT = 4096
MOST_CAPTION = 1024
ROW_LETTERS = 30
ROW_BUTTONS = 3


@dataclass(frozen=True, slots=True)
class Key:
    """Offer one button: it carries data back, or opens an address."""

    title: str
    data: str | None = None
    url: str | None = None
    app: str | None = None


Keyboard = tuple[tuple[Key, ...], ...]


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Delete what the parent typed: it may be a password."""

    message: int


@dataclass(frozen=True, slots=True)
class Say:
    """Send a text, in the place of the menu that was pressed where `instead_of` names it."""

    text: str
    keyboard: Keyboard = ()
    private: bool = False
    instead_of: int | None = None


@dataclass(frozen=True, slots=True)
class Show:
    """Send a picture; `told` says all that it shows."""

    path: str
    told: str
    keyboard: Keyboard = ()
    private: bool = True


@dataclass(frozen=True, slots=True)
class Hand:
    """Send a paper to keep."""

    path: str
    title: str
    keyboard: Keyboard = ()
    private: bool = True


Part = TakeBack | Say | Show | Hand


class Words(Protocol):
    """Say the channel's own few words."""

    def __call__(self, response: str, language: str, **values: Any) -> str:
        """Return the words of a response."""


@dataclass(frozen=True, slots=True)
class Renderer:
    """Render replies for one bot."""

    settings: TelegramSettings
    word: Words

    def parts(self, replies: Sequence[Reply], context: Mapping[str, Any], language: str) -> list[Part]:
        """Return the parts of an answer, always the same for the same replies."""
        parts: list[Part] = []
        message = context.get("message")
        if message is not None and any(reply.custom.get("removed") for reply in replies):
            parts.append(TakeBack(message))
        for reply in _merged(replies):
            parts += self._of_reply(reply, language)
        return _in_place(parts, context.get("pressed"))

    def _of_reply(self, reply: Reply, language: str) -> list[Part]:
        keyboard = _rows([Key(button.title, data=button.payload) for button in reply.buttons])
        text = reply.text
        if reply.secret is not None:
            address = urljoin(self.settings.public_url or "", reply.secret.url)
            title = self.word("utter_telegram_masked", language)
            if self.settings.is_public:
                keyboard = ((Key(title, app=address),), *keyboard)
            else:
                text = f"{text}\n{address}"
        said = [Say(piece, (), reply.private) for piece in split(text, MOST_TEXT) if piece.strip()]
        files = _files(reply)
        if said and keyboard:
            said[-1] = replace(said[-1], keyboard=keyboard)
        elif files and keyboard:
            files[-1] = replace(files[-1], keyboard=keyboard)
        return [*said, *files]


def _files(reply: Reply) -> list[Say | Show | Hand]:
    files: list[Say | Show | Hand] = []
    if reply.image:
        told = reply.image_alt
        if units(told) > MOST_CAPTION:
            # Whoever cannot see the picture reads it: nothing of the words may be lost.
            files += [Say(piece, (), reply.private) for piece in split(told, MOST_TEXT)]
            told = ""
        files.append(Show(reply.image, told))
    if reply.attachment:
        files.append(Hand(reply.attachment, reply.attachment_title))
    return files


def split(text: str, most: int) -> list[str]:
    """Cut a text into pieces of so many UTF-16 units, between paragraphs, lines, sentences or words."""
    pieces = []
    while units(text) > most:
        cut = _cut(text, most)
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text]


def units(text: str) -> int:
    """Return the length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, most: int) -> int:
    # Never in the middle of a letter that takes two units.
    place = len(text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore"))
    for mark in ("\n\n", "\n", ". ", " "):
        found = text.rfind(mark, place // 2, place)
        if found > 0:
            return found + len(mark)
    return place


def _merged(replies: Sequence[Reply]) -> list[Reply]:
    """Join texts that follow one another: a chat takes one message a second."""
    merged: list[Reply] = []
    for reply in replies:
        last = merged[-1] if merged else None
        if (
            last is not None
            and _is_plain(last)
            and last.text
            and reply.text
            and not (reply.image or reply.attachment)
        ):
            merged[-1] = replace(
                reply, text=f"{last.text}\n\n{reply.text}", private=last.private or reply.private
            )
        else:
            merged.append(reply)
    return merged


def _is_plain(reply: Reply) -> bool:
    return not (reply.buttons or reply.secret or reply.image or reply.attachment)


def _in_place(parts: list[Part], pressed: int | None) -> list[Part]:
    """Let a menu that answers a pressed menu take its place; results and notices are new messages."""
    only = parts[0] if len(parts) == 1 else None
    if pressed is None or not isinstance(only, Say) or only.private:
        return parts
    is_menu = bool(only.keyboard) and all(key.data for row in only.keyboard for key in row)
    return [replace(only, instead_of=pressed)] if is_menu else parts


def _rows(keys: Sequence[Key]) -> Keyboard:
    rows: list[tuple[Key, ...]] = []
    for key in keys:
        row = rows[-1] if rows else ()
        letters = sum(len(each.title) for each in row) + len(key.title)
        if row and len(row) < ROW_BUTTONS and letters <= ROW_LETTERS:
            rows[-1] = (*row, key)
        else:
            rows.append((key,))
    return tuple(rows)


def button_keys(buttons: Sequence[Button]) -> Keyboard:
    """Return the keyboard of some buttons."""
    return _rows([Key(button.title, data=button.payload) for button in buttons])
