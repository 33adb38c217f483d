"""Turn replies into the parts that Telegram is sent: texts, pictures, papers, what is taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import urljoin

from bot.channels.telegram.settings import TelegramSettings, is_reachable
from bot.channels.telegram.splitting import split, units
from bot.conversation.listening import ALOUD
from bot.messages import Reply

MOST_TEXT = 4096
MOST_CAPTION = 1024
# A phone held upright shows about as much of the one button of a row.
MOST_TITLE = 40
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
    """Send a picture; `told` stands under it, and is sent alone where it cannot be shown."""

    path: str
    told: str
    keyboard: Keyboard = ()
    private: bool = True


@dataclass(frozen=True, slots=True)
class Hand:
    """Send a paper to keep; `told` stands under it, and `gone` is said where there is none any more."""

    path: str
    told: str
    gone: str
    keyboard: Keyboard = ()
    private: bool = True


@dataclass(frozen=True, slots=True)
class Speak:
    """Speak what the parts before it say; where there is no voice, they are enough."""

    text: str
    language: str
    private: bool = True


Part = TakeBack | Say | Show | Hand | Speak


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
        return [*_in_place(parts, context), *_spoken(replies, language)]

    def _of_reply(self, reply: Reply, language: str) -> list[Part]:
        text, keyboard = self._offered(reply, language)
        parts: list[Part] = []
        if reply.image:
            parts, text = _shown(reply.image, text, reply.image_alt), ""
        if reply.attachment:
            parts += self._handed(reply.attachment, text, reply.attachment_title, language)
        else:
            parts += _said(text, private=reply.private)
        if keyboard and not parts:
            parts.append(Say(self.word("utter_telegram_choose", language), private=reply.private))
        return _above(parts, keyboard)

    def _handed(self, path: str, text: str, title: str, language: str) -> list[Part]:
        gone = self.word("utter_telegram_file_gone", language)
        if units(text) <= MOST_CAPTION:
            return [Hand(path, text or title, gone)]
        return [*_said(text, private=True), Hand(path, title, gone)]

    def _offered(self, reply: Reply, language: str) -> tuple[str, Keyboard]:
        """Return the text of a reply and the keyboard under it."""
        text, titles = _listed(reply.text, [button.title for button in reply.buttons])
        keys = [Key(title, data=b.payload) for title, b in zip(titles, reply.buttons, strict=True)]
        keyboard = (*self._links(reply, language), *_rows(keys))
        if reply.secret is None:
            return text, keyboard
        address = urljoin(self.settings.public_url or "", reply.secret.url)
        title = self.word("utter_telegram_masked", language)
        if self.settings.is_public:
            return text, ((Key(title, app=address),), *keyboard)
        return f"{text}\n{address}".lstrip(), keyboard

    def _links(self, reply: Reply, language: str) -> Keyboard:
        """Return a button for each calendar that is handed out, where a phone can reach it."""
        addresses: Mapping[str, str] = reply.custom.get("calendars") or {}
        return tuple(
            (Key(self.word(f"utter_calendar_{kind}_title", language), url=address),)
            for kind, address in addresses.items()
            if is_reachable(address)
        )


def in_words(part: Part) -> Say | None:
    """Return the plain words of a part, for where Telegram does not take what is around them."""
    match part:
        case Say():
            return Say(part.text, private=part.private)
        case Show() if part.told:
            return Say(part.told, private=part.private)
        case Hand():
            return Say(part.gone, private=part.private)
        case _:
            return None


def _spoken(replies: Sequence[Reply], language: str) -> list[Part]:
    """Return one voice note for an answer that is to be given aloud; the choices are read out, too."""
    aloud = [reply for reply in replies if reply.custom.get(ALOUD)]
    said = [line for reply in aloud for line in (reply.text, reply.image_alt, *_titles(reply)) if line]
    if not said:
        return []
    return [Speak("\n".join(said), language, any(reply.private for reply in aloud))]


def _titles(reply: Reply) -> list[str]:
    return [button.title for button in reply.buttons]


def _said(text: str, *, private: bool) -> list[Part]:
    return [Say(piece, private=private) for piece in split(text, MOST_TEXT) if piece.strip()]


def _shown(path: str, text: str, alt: str) -> list[Part]:
    """Put all words under the picture, or as much of them after it as does not fit there."""
    told = "\n\n".join(filter(None, (text, alt)))
    if units(told) <= MOST_CAPTION:
        return [Show(path, told)]
    if units(alt) <= MOST_CAPTION:
        return [*_said(text, private=True), Show(path, alt)]
    return [*_said(text, private=True), Show(path, ""), *_said(alt, private=True)]


def _above(parts: list[Part], keyboard: Keyboard) -> list[Part]:
    """Put the keyboard under the last part."""
    last = parts[-1] if parts else None
    if keyboard and isinstance(last, Say | Show | Hand):
        return [*parts[:-1], replace(last, keyboard=keyboard)]
    return parts


def _listed(text: str, titles: list[str]) -> tuple[str, list[str]]:
    """Write what is offered out above, numbered, where a button could not show all of it."""
    if all(units(title) <= MOST_TITLE for title in titles):
        return text, titles
    lines = [f"{number}. {title}" for number, title in enumerate(titles, 1)]
    shown = [line if units(line) <= MOST_TITLE else f"{split(line, MOST_TITLE)[0]} …" for line in lines]
    return "\n".join(filter(None, (text, *lines))), shown


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
                reply,
                text=f"{last.text}\n\n{reply.text}",
                private=last.private or reply.private,
                custom={**last.custom, **reply.custom},
            )
        else:
            merged.append(reply)
    return merged


def _is_plain(reply: Reply) -> bool:
    return not (reply.buttons or reply.secret or reply.image or reply.attachment)


def _in_place(parts: list[Part], context: Mapping[str, Any]) -> list[Part]:
    """Let a menu that answers a pressed menu take its place; results and notices are new messages."""
    pressed, only = context.get("pressed"), parts[0] if len(parts) == 1 else None
    if pressed is None or not isinstance(only, Say):
        return parts
    if only.private and not context.get("protected"):
        # An edit keeps what the message was: one that may be passed on stays so, whatever it says then.
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
