"""Define what passes between a channel and the assistant; no channel's own types get further."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from portal.dialogue.outcomes import ChatAddress

# Responses that a channel has said beside what is asked, which is not asked again: a page that is being
# filled in holds its ticket.
ASIDE = "utter_aside_"


class MessageKind(StrEnum):
    """Tell how the message came about."""

    TEXT = "text"
    BUTTON = "button"
    OPENED = "opened"
    SECRET = "secret"  # noqa: S105  (a masked field was submitted; the text is only its ticket)
    LOOKED = "looked"
    COMMAND = "command"
    EDITED = "edited"
    MEDIA = "media"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """Carry one message of one person into the assistant.

    `sender` is the channel's own unguessable key of the conversation. `message_id` is the channel's
    id of the message: a repeat returns the stored replies. `source` is what attempts are counted
    under (an address, a chat, a process). `text` is a button's payload for BUTTON, a ticket for SECRET.
    A LOOKED says nothing: somebody looks whether there is news. Of a COMMAND the text is the intent, the
    response or the action that the channel's command stands for, of an EDITED what an earlier message
    says now, of a MEDIA what it is (a photo, a film), of a VOICE what
    the channel fetches the recording by. With a `chat` the replies are sent there when
    they are stored; `context` is what the channel wants to know of this message then. `start` says that
    an OPENED begins anew, with the code that it was begun with, or an empty one.
    """

    channel: str
    sender: str
    text: str
    kind: MessageKind = MessageKind.TEXT
    message_id: str | None = None
    district: str | None = None
    language: str | None = None
    source: str = ""
    chat: ChatAddress | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    start: str | None = None


@dataclass(frozen=True, slots=True)
class Bearer:
    """Say who posts a ticket: the channel, its key of the conversation, and the source counted.

    `device` stays the same from one conversation to the next: a browser's own key, a chat's user.
    `successor` is the key of the conversation once somebody is signed in, where the channel changes it.
    """

    channel: str
    sender: str
    source: str = ""
    device: str = ""
    successor: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """Name a recording: the channel that has it, what it is fetched by, and who is heard.

    `speaker` is who recordings are counted under; `names` are those that may be spoken.
    """

    channel: str
    key: str
    speaker: str
    language: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SaidAloud:
    """Hold what was said; `sure` tells whether it was heard well, `code` what was spelled in it.

    `proven` tells whether hearing this language was measured well enough to act on what is sure.
    """

    text: str
    sure: bool = True
    code: str | None = None
    is_secret: bool = False
    proven: bool = True


@dataclass(frozen=True, slots=True)
class NotHeard:
    """Tell that a recording became no words; `why` ends the name of the response that says so."""

    why: str


class Listens(Protocol):
    """Turn recordings into words."""

    async def listen(self, recording: Recording) -> SaidAloud | NotHeard:
        """Return what was said."""

    def speaks(self, language: str) -> bool:
        """Tell whether answers can be given aloud in a language."""

    def wishes_aloud(self, text: str, language: str) -> bool | None:
        """Tell whether a text asks to be answered aloud, or in writing only; None for anything else."""


@dataclass(frozen=True, slots=True)
class Button:
    """Offer one answer to press."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class SecretField:
    """Name one masked field and its label."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class SecretRequest:
    """Ask for secrets through a masked way in, never in the conversation."""

    purpose: str
    ticket: str
    url: str
    fields: tuple[SecretField, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """Carry one answer out to a channel.

    `private` marks what comes from a child's records: it leaves the history with the session.
    `image` and `attachment` are web addresses, or paths of this server that begin with a slash. `image_alt`
    says in words all that the image shows; `attachment_title` says what there is to download.
    """

    text: str = ""
    buttons: tuple[Button, ...] = ()
    image: str | None = None
    image_alt: str = ""
    attachment: str | None = None
    attachment_title: str = ""
    secret: SecretRequest | None = None
    private: bool = False
    custom: dict[str, Any] = field(default_factory=dict)
