"""Clean what arrives, and read what a pressed button means."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self
from uuid import uuid4

from bot.conversation.typed_secrets import without_access_password
from bot.conversation.understanding import Entity, Parse
from bot.messages import IncomingMessage, MessageKind
from portal.dialogue.outcomes import Arrival

MOST_CHARACTERS = 2000
MOST_SHORT = 64
# Marks that turn the reading direction or hide letters; the joiners that emoji and scripts need stay.
INVISIBLE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# What somebody typed, and may have typed a secret into.
TYPED = frozenset({MessageKind.TEXT, MessageKind.EDITED})
PAYLOAD = re.compile(r"/([A-Za-z_]\w*)(\{.*\})?", re.DOTALL)


class Flaw(StrEnum):
    """Name why a message cannot be read; the value is the response that says so."""

    EMPTY = "utter_empty"
    TOO_LONG = "utter_too_long"


@dataclass(frozen=True, slots=True)
class Incoming:
    """Hold one message as it waits in the inbox; a withheld one has left its text in memory only."""

    kind: MessageKind
    text: str = ""
    flaw: Flaw | None = None
    withheld: bool = False
    district: str | None = None
    language: str | None = None
    source: str = ""
    start: str | None = None

    @classmethod
    def of(cls, message: IncomingMessage) -> Self:
        """Clean a channel's message; nothing of one that is too long is kept."""
        flaw: Flaw | None = None
        text = "" if len(message.text) > MOST_CHARACTERS else cleaned(message.text)
        if message.kind in TYPED and not text:
            flaw = Flaw.TOO_LONG if len(message.text) > MOST_CHARACTERS else Flaw.EMPTY
        return cls(
            kind=message.kind,
            text=without_access_password(text) if message.kind in TYPED else text,
            flaw=flaw,
            district=_short(message.district),
            language=_short(message.language),
            source=key_of(message.source),
            start=None if message.start is None else _short(message.start) or "",
        )

    @classmethod
    def stored(cls, payload: Mapping[str, Any]) -> Self:
        """Return the message that was put into the inbox."""
        flaw = payload.get("flaw")
        kind = MessageKind(payload["kind"])
        return cls(**{**payload, "kind": kind, "flaw": None if flaw is None else Flaw(flaw)})

    def payload(self) -> dict[str, Any]:
        """Return what the inbox stores."""
        return {
            "kind": self.kind.value,
            "text": self.text,
            "flaw": self.flaw and self.flaw.value,
            "withheld": self.withheld,
            "district": self.district,
            "language": self.language,
            "source": self.source,
            "start": self.start,
        }

    def without_text(self) -> dict[str, Any]:
        """Return what the inbox stores while a secret is pending: no typed text."""
        if self.kind not in TYPED or self.flaw is not None:
            return self.payload()
        return {**self.payload(), "text": "", "withheld": True}


def arrival_of(message: IncomingMessage, incoming: Incoming) -> Arrival:
    """Return what the inbox takes in of a message, under its keys."""
    return Arrival(
        channel=message.channel,
        sender=key_of(message.sender),
        message_id=f"message:{key_of(message.message_id or uuid4().hex)}",
        payload=incoming.payload(),
        withheld=incoming.without_text(),
        chat=message.chat,
        context=message.context,
    )


def cleaned(text: str) -> str:
    """Return the text in NFC without control, direction and stray surrogate characters, stripped."""
    spaced = re.sub(r"\s+", " ", text)
    visible = INVISIBLE.sub("", spaced)
    kept = "".join(c for c in visible if unicodedata.category(c) not in {"Cc", "Cs"})
    return unicodedata.normalize("NFC", kept).strip()


def key_of(text: str) -> str:
    """Return a sender or message id that can be encoded, whatever a client made it of."""
    return text.encode("utf-8", "backslashreplace").decode()


def meaning_of(payload: str) -> Parse | None:
    """Read `/intent{"entity": "value"}` as our own buttons carry it; None for plain words."""
    match = PAYLOAD.fullmatch(payload)
    if match is None:
        return None
    values = json.loads(match[2]) if match[2] else {}
    entities = tuple(Entity(name, value, 0, 0) for name, value in values.items())
    return Parse("", match[1], 1.0, ((match[1], 1.0),), entities)


def _short(value: str | None) -> str | None:
    return value if value and len(value) <= MOST_SHORT and value.isprintable() else None
