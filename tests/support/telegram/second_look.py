"""Look a second time at every request: with another library's models, and with the lengths no model knows."""

import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import aiogram.methods
from pydantic import BaseModel, ValidationError

# What a form carries as JSON; anything else is the text that it looks like.
STRUCTURED = frozenset(
    {
        "allowed_updates",
        "caption_entities",
        "commands",
        "entities",
        "link_preview_options",
        "media",
        "menu_button",
        "reply_markup",
        "reply_parameters",
        "scope",
    }
)
LENGTHS = {
    "sendMessage": {"text": 4096},
    "editMessageText": {"text": 4096},
    "sendPhoto": {"caption": 1024},
    "sendDocument": {"caption": 1024},
    "sendVoice": {"caption": 1024},
    "editMessageCaption": {"caption": 1024},
    "answerCallbackQuery": {"text": 200},
    "setMyName": {"name": 64},
    "setMyDescription": {"description": 512},
    "setMyShortDescription": {"short_description": 120},
}
BUTTON_BYTES = 64
START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
START_LINK = re.compile(r"(?:t\.me/|tg://resolve\?)\S*[?&]start=(?P<payload>[^&\s\"<]*)")
TAGS = frozenset({"a", "b", "blockquote", "code", "em", "i", "pre", "s", "strong", "tg-spoiler", "u"})
COMMAND = re.compile(r"[a-z0-9_]{1,32}")


def utf16_length(text: str) -> int:
    """Return how long Telegram takes a text to be."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def faults_of(method: str, fields: Mapping[str, str], files: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a request, in words; nothing is wrong with an empty list."""
    try:
        given = {name: _decoded(name, value) for name, value in fields.items()}
    except ValueError:
        return [f"{method}: a field that should be JSON is none"]
    given |= {name: f"attach://{name}" for name in files}
    return [f"{method}: {fault}" for fault in (*_by_model(method, given), *_by_length(method, given))]


def _decoded(name: str, value: str) -> Any:
    return json.loads(value) if name in STRUCTURED and isinstance(value, str) else value


def _by_model(method: str, given: Mapping[str, Any]) -> Iterator[str]:
    model = getattr(aiogram.methods, method[0].upper() + method[1:], None)
    if model is None:
        yield "no such method"
        return
    try:
        checked = model.model_validate({k: v for k, v in given.items() if not _is_loose_file(model, k, v)})
    except ValidationError as error:
        yield from (f"{'.'.join(map(str, each['loc']))} {each['msg']}" for each in error.errors())
        return
    yield from (f"unknown field {name}" for name in _extras(checked))


def _is_loose_file(model: type[BaseModel], name: str, value: Any) -> bool:
    # A file that another field points at travels as a part of its own.
    return name not in model.model_fields and value == f"attach://{name}"


def _extras(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from (f"{path}{name}" for name in value.model_extra or {})
        for name in type(value).model_fields:
            yield from _extras(getattr(value, name), f"{path}{name}.")
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _extras(each, path)


def _by_length(method: str, given: Mapping[str, Any]) -> Iterator[str]:
    for name, longest in LENGTHS.get(method, {}).items():
        text = str(given.get(name, ""))
        if given.get("parse_mode") == "HTML":
            yield from _by_markup(text)
            text = plain(text)
        if utf16_length(text) > longest:
            yield f"{name} is {utf16_length(text)} units long, {longest} at most"
        yield from _by_start_link(text)
    yield from _by_button(given.get("reply_markup") or {})
    for command in given.get("commands") or ():
        if not COMMAND.fullmatch(command["command"]) or not 1 <= len(command["description"]) <= 256:
            yield f"/{command['command']} has a bad name or description"


def _by_button(markup: Mapping[str, Any]) -> Iterator[str]:
    for button in (button for row in markup.get("inline_keyboard", ()) for button in row):
        if len(button.get("callback_data", "").encode()) > BUTTON_BYTES:
            yield f"callback_data of {button['text']!r} has more than {BUTTON_BYTES} bytes"
        yield from _by_start_link(button.get("url", ""))


def _by_start_link(text: str) -> Iterator[str]:
    for link in START_LINK.finditer(text):
        if not START_PAYLOAD.fullmatch(link["payload"]):
            yield f"start payload {link['payload']!r} is none"


def plain(marked_up: str) -> str:
    """Return the text that a person sees of one written in Telegram's HTML."""
    reader = _Reader()
    reader.feed(marked_up)
    reader.close()
    return "".join(reader.seen)


def _by_markup(text: str) -> Iterator[str]:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    yield from reader.faults
    yield from (f"can't parse entities: <{tag}> is not closed" for tag in reader.opened)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self.opened: list[str] = []
        self.faults: list[str] = []

    def handle_data(self, data: str) -> None:
        self.seen.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append(tag)
        if tag not in TAGS:
            self.faults.append(f"can't parse entities: <{tag}> is not supported")

    def handle_endtag(self, tag: str) -> None:
        if not self.opened or self.opened.pop() != tag:
            self.faults.append(f"can't parse entities: unexpected </{tag}>")
